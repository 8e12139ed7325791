/// Writes documents the way Go's encoder does without its HTML escaping: what runtimes read most often is what they
/// would have written themselves.
struct JSONWriter {
    private(set) var output: [UInt8] = []
    /// Blanks for each level; nil writes everything on one line without blanks.
    private let indent: Int?
    private let sortedKeys: Bool
    private var depth = 0

    init(indent: Int?, sortedKeys: Bool) {
        self.indent = indent
        self.sortedKeys = sortedKeys
        output.reserveCapacity(512)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .int(let value): output += String(value).utf8
        case .number(let text): output += text.utf8
        case .string(var text): text.withUTF8 { writeString($0) }
        case .array(let elements):
            writeContainer(ASCII.openBracket, elements, ASCII.closeBracket) { writer, element in writer.write(element) }
        case .object(let members):
            writeContainer(ASCII.openBrace, sorted(members) { Array($0.key.utf8) }, ASCII.closeBrace) {
                writer, member in
                var key = member.key
                key.withUTF8 { writer.writeString($0) }
                writer.writeColon()
                writer.write(member.value)
            }
        case .node(let node): write(node)
        }
    }

    private mutating func write(_ node: JSONNode) {
        switch node.kind {
        case .null, .bool, .number: output += node.rawBytes
        case .string: writeString(of: node, at: node.index)
        case .array:
            writeContainer(ASCII.openBracket, node.elements, ASCII.closeBracket) { writer, element in
                writer.write(element)
            }
        case .object:
            let keys = sorted(Array(JSONMemberIndices(of: node))) { Array(node.bytes(of: $0)) }
            writeContainer(ASCII.openBrace, keys, ASCII.closeBrace) { writer, key in
                writer.writeString(of: node, at: key)
                writer.writeColon()
                writer.write(JSONNode(document: node.document, index: key + 1))
            }
        }
    }

    /// Stable, by the bytes of the key; duplicates keep their order, so that the last one still wins.
    private func sorted<Member>(_ members: [Member], by key: (Member) -> [UInt8]) -> [Member] {
        guard sortedKeys else { return members }
        return members.enumerated().map { (key: key($0.element), offset: $0.offset, member: $0.element) }
            .sorted { $0.key == $1.key ? $0.offset < $1.offset : $0.key.lexicographicallyPrecedes($1.key) }
            .map(\.member)
    }

    private mutating func writeContainer<Elements: Sequence>(
        _ open: UInt8, _ elements: Elements, _ close: UInt8, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        output.append(open)
        depth += 1
        var isEmpty = true
        for element in elements {
            if !isEmpty { output.append(ASCII.comma) }
            isEmpty = false
            breakLine()
            body(&self, element)
        }
        depth -= 1
        if !isEmpty { breakLine() }
        output.append(close)
    }

    private mutating func breakLine() {
        guard let indent else { return }
        output.append(ASCII.newline)
        output.append(contentsOf: repeatElement(ASCII.space, count: indent * depth))
    }

    private mutating func writeColon() {
        output.append(ASCII.colon)
        if indent != nil { output.append(ASCII.space) }
    }

    /// A string of a document as it stands there, escapes included, unless its bytes are no UTF-8.
    private mutating func writeString(of node: JSONNode, at index: Int) {
        let entry = node.document.tape[index]
        if entry.traits.contains(.malformed) {
            node.bytes(of: index).withUnsafeBufferPointer { writeString($0) }
        } else {
            output += node.document.source[Int(entry.start)..<Int(entry.end)]
        }
    }

    /// - Parameter text: well-formed UTF-8.
    private mutating func writeString(_ text: UnsafeBufferPointer<UInt8>) {
        output.append(ASCII.quote)
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case ASCII.quote, ASCII.backslash: output += [ASCII.backslash, byte]
            case ASCII.newline: output += "\\n".utf8
            case ASCII.carriageReturn: output += "\\r".utf8
            case ASCII.tab: output += "\\t".utf8
            case 0x08: output += "\\b".utf8
            case 0x0C: output += "\\f".utf8
            case 0..<0x20:
                output += "\\u00".utf8
                output += [ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte & 0xF)]
            case 0xE2 where index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8:
                // U+2028 and U+2029 end a line in JavaScript; Go escapes them always.
                output += "\\u202".utf8
                output.append(ASCII.hexDigit(text[index + 2] & 0xF))
                index += 2
            default: output.append(byte)
            }
            index += 1
        }
        output.append(ASCII.quote)
    }
}

extension JSONValue {
    /// The document as UTF-8.
    ///
    /// - Parameters:
    ///   - indent: blanks for each level (Poplin prints 4); nil writes one line without blanks.
    ///   - sortedKeys: members by the bytes of their keys, also inside nodes.
    public func serialized(indent: Int? = nil, sortedKeys: Bool = false) -> [UInt8] {
        var writer = JSONWriter(indent: indent, sortedKeys: sortedKeys)
        writer.write(self)
        return writer.output
    }

    /// The document on one line.
    public var text: String { String(decoding: serialized(), as: UTF8.self) }
}

extension JSONNode: CustomStringConvertible {
    /// The value on one line.
    public var description: String { JSONValue(self).text }
}

extension JSONValue: CustomStringConvertible {
    public var description: String { text }
}
