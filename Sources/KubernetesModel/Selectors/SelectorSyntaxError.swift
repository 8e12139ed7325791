/// A selector in a query string (or after kubectl's `-l`) that cannot be read; in a server's words.
public struct SelectorSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }

    public var description: String { reason }
}
