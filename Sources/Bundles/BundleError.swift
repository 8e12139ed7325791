/// Why a bundle could not be read or written at all. What can be read of a damaged one is read.
public struct BundleError: Error, Sendable, Hashable, CustomStringConvertible {
    public var path: String
    /// `it is neither a folder nor a tar archive`.
    public var reason: String

    public init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "\(path): \(reason)" }
}
