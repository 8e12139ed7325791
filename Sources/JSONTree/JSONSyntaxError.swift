/// What is wrong with a document, and where.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public let position: JSONPosition
    /// A clause without capital or full stop: "a comma before ] belongs to no element".
    public let reason: String
    let excerpt: JSONExcerpt

    init(_ reason: String, at offset: Int, in source: [UInt8]) {
        self.reason = reason
        position = JSONPosition(offset: offset, in: source)
        excerpt = JSONExcerpt(of: offset..<offset + 1, in: source)
    }

    public var description: String { "\(position): \(reason)" }

    /// The line in question with a caret below it, as ``JSONNode/caret(_:)`` shows a value.
    public var caret: String { "\(description)\n    \(excerpt.text)\n    \(excerpt.carets)" }

    /// The error as compilers show it: sentence, place, source line, caret. Ends without a newline.
    public func rendered(named name: String) -> String {
        """
        error: \(reason)
        \(renderedPlace(named: name))
        """
    }

    /// ``rendered(named:)`` without its first line, for callers that have a sentence (and a code) of their own.
    public func renderedPlace(named name: String) -> String {
        excerpt.rendered(name: name, position: position)
    }
}

extension JSONExcerpt {
    func rendered(name: String, position: JSONPosition) -> String {
        let number = String(position.line)
        let gutter = String(repeating: " ", count: number.utf8.count)
        return """
            \(gutter)--> \(name):\(position.line):\(position.column)
            \(gutter) |
            \(number) | \(text)
            \(gutter) | \(carets)
            """
    }
}
