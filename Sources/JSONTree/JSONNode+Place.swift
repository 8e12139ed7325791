// Where a node stands: for messages that name the field, the line and the column.

extension JSONNode {
    /// Line and column of the value's first character.
    public var position: JSONPosition {
        let place = place
        return JSONPosition(offset: place.span.lowerBound, in: place.source)
    }

    /// The bytes that a person wrote for this value, and where they lie in which text.
    private var place: (span: Range<Int>, source: [UInt8]) {
        guard let origin = document.origin else {
            return (Int(entry.start)..<Int(entry.end), document.source)
        }
        return (Int(origin.spans[index].lowerBound)..<Int(origin.spans[index].upperBound), origin.source)
    }

    /// The way from the root, such as `plugins[0].ipam.subnet`; empty for the root itself. Found by descending, so
    /// it costs nothing until somebody asks.
    public var path: String {
        var path = ""
        var here = JSONNode(document: document, index: 0)
        while here.index != index {
            guard let (step, child) = here.step(towards: index) else { return path }
            if case .key(let key) = step {
                if !path.isEmpty { path += "." }
                path += Self.quotedIfNeeded(key)
            } else if case .position(let position) = step {
                path += "[\(position)]"
            }
            here = child
        }
        return path
    }

    private enum Step {
        case key(String)
        case position(Int)
    }

    /// The child of this container that holds `target`. A key belongs to its value.
    private func step(towards target: Int) -> (Step, JSONNode)? {
        for (position, element) in elements.enumerated() where target < Int(element.entry.next) {
            return (.position(position), element)
        }
        for key in JSONMemberIndices(of: self) {
            let value = JSONNode(document: document, index: key + 1)
            if target < Int(value.entry.next) {
                return (.key(text(of: key)), target == key ? JSONNode(document: document, index: key) : value)
            }
        }
        return nil
    }

    /// A key that would be mistaken for path syntax stands in quotes.
    private static func quotedIfNeeded(_ key: String) -> String {
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy {
                $0 > ASCII.space && $0 != 0x7F && $0 != ASCII.dot && $0 != ASCII.openBracket && $0 != ASCII.closeBracket
                    && $0 != ASCII.quote
            }
        return isPlain ? key : JSONValue.string(key).text
    }

    private var excerpt: JSONExcerpt {
        let place = place
        return JSONExcerpt(of: place.span, in: place.source)
    }

    /// `line 3, column 14: message`, the source line, and carets below the value.
    public func caret(_ message: String) -> String {
        let excerpt = excerpt
        return "\(position): \(message)\n    \(excerpt.text)\n    \(excerpt.carets)"
    }

    /// Place, source line and carets as compilers show them; the sentence above it is the caller's.
    public func renderedPlace(named name: String) -> String { excerpt.rendered(name: name, position: position) }
}
