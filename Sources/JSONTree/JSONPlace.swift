/// A place in a text that a person wrote, ready to be shown. For readers of other notations, whose mistakes are to look
/// like those of JSON.
public struct JSONPlace: Hashable, Sendable {
    public let position: JSONPosition
    private let excerpt: JSONExcerpt

    /// - Parameter span: the bytes pointed at; only those of the first line get carets, and always at least one does.
    public init(_ span: Range<Int>, in source: [UInt8]) {
        position = JSONPosition(offset: span.lowerBound, in: source)
        excerpt = JSONExcerpt(of: span, in: source)
    }

    /// Arrow, source line and carets; the sentence above it is the caller's.
    public func rendered(named name: String) -> String { excerpt.rendered(name: name, position: position) }
}
