import Findings
import SystemCalls

/// Why something about a lab could not be done, as it is told to a person.
public struct LabFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public var findings: [Finding]
    /// The request itself makes no sense, as opposed to: it could not be done.
    public var isUsage: Bool

    public init(_ findings: [Finding], isUsage: Bool = false) {
        self.findings = findings
        self.isUsage = isUsage
    }

    public init(_ message: String, because reasons: [String] = [], next: String? = nil) {
        self.init([Finding(code: "lab", message, because: reasons, next: next)])
    }

    public static func usage(_ message: String, next: String? = nil) -> LabFailure {
        LabFailure([Finding(code: "usage", message, next: next)], isUsage: true)
    }

    public var description: String { findings.map(\.message).joined(separator: "; ") }
}

/// Runs system calls of one purpose; what they throw says the purpose as well.
func doing<Result: ~Copyable, Problem: Error>(
    _ purpose: @autoclosure () -> String, _ body: () throws(Problem) -> Result
) throws(LabFailure) -> Result {
    do throws(Problem) {
        return try body()
    } catch {
        throw LabFailure("cannot \(purpose()): \(error)")
    }
}
