import Findings

/// Why there is no connection to be made from what is configured: one finding, with the file, the line and what to do.
public struct KubeconfigError: Error, Sendable, Equatable, CustomStringConvertible {
    public var finding: Finding
    /// Nothing is configured at all, as opposed to wrongly.
    public var isAbsence: Bool

    init(_ message: String, at place: Finding.Place? = nil, because reasons: [String] = [], next: String? = nil) {
        finding = Finding(.error, code: "kubeconfig", message, at: place, because: reasons, next: next)
        isAbsence = false
    }

    static func absence(_ message: String, because reasons: [String], next: String) -> KubeconfigError {
        var error = KubeconfigError(message, because: reasons, next: next)
        error.isAbsence = true
        return error
    }

    public var description: String { finding.rendered() }
}
