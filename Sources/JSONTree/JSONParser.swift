/// One pass over the bytes that checks the grammar and writes the tape. No recursion: nesting cannot exhaust a stack.
struct JSONParser {
    private let source: [UInt8]
    private var position = 0
    private(set) var tape: [JSONEntry] = []
    /// Tape indices of the containers that are open.
    private var open: [Int] = []

    init(_ source: [UInt8]) {
        self.source = source
    }

    mutating func parse() throws(JSONSyntaxError) {
        try checkBeginning()
        tape.reserveCapacity(source.count / 8 + 4)
        skipWhitespace()
        if position == source.count { throw failure("the document is empty") }
        try parseValue(as: [])
        while let container = open.last {
            try parseNext(in: container)
        }
        skipWhitespace()
        if position < source.count { throw failure("the document has ended, but there is more text") }
    }

    /// Byte order marks are worth a sentence of their own: they are invisible in an editor.
    private func checkBeginning() throws(JSONSyntaxError) {
        if source.count > Int32.max { throw failure("the document is larger than 2 GiB", at: 0) }
        if source.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw failure("the document begins with a byte order mark (EF BB BF): save it as UTF-8 without BOM", at: 0)
        }
        if source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF]) {
            throw failure("the document is in UTF-16: save it as UTF-8", at: 0)
        }
    }

    /// Goes on inside an open container, whose last entry (if any) is complete.
    private mutating func parseNext(in container: Int) throws(JSONSyntaxError) {
        let isObject = tape[container].kind == .object
        let isFirst = tape.count == container + 1
        let close = isObject ? ASCII.closeBrace : ASCII.closeBracket
        skipWhitespace()
        guard position < source.count else { throw unclosed(container) }
        if source[position] == close {
            position += 1
            tape[container].end = UInt32(truncatingIfNeeded: position)
            tape[container].next = UInt32(truncatingIfNeeded: tape.count)
            open.removeLast()
            return
        }
        if !isFirst {
            guard source[position] == ASCII.comma else { throw unexpectedAfterElement(isObject: isObject) }
            let comma = position
            position += 1
            skipWhitespace()
            guard position < source.count else { throw unclosed(container) }
            if source[position] == close {
                throw failure(
                    isObject
                        ? "trailing comma: no member follows it before }"
                        : "trailing comma: no element follows it before ]", at: comma)
            }
        }
        guard isObject else { return try parseValue(as: []) }

        guard source[position] == ASCII.quote else { throw unexpectedKey() }
        try parseString(as: [])
        skipWhitespace()
        guard position < source.count else { throw unclosed(container) }
        guard source[position] == ASCII.colon else { throw failure("a colon is expected after the key") }
        position += 1
        skipWhitespace()
        try parseValue(as: .member)
    }

    /// A scalar completely; of a container the opening bracket.
    private mutating func parseValue(as traits: JSONEntry.Traits) throws(JSONSyntaxError) {
        guard position < source.count else { throw failure("the document ends where a value is expected") }
        switch source[position] {
        case ASCII.openBrace: try openContainer(.object, traits)
        case ASCII.openBracket: try openContainer(.array, traits)
        case ASCII.quote: try parseString(as: traits)
        case ASCII.minus, ASCII.zero...ASCII.nine: try parseNumber(as: traits)
        case UInt8(ascii: "t"): try parseWord("true", .bool, traits)
        case UInt8(ascii: "f"): try parseWord("false", .bool, traits)
        case UInt8(ascii: "n"): try parseWord("null", .null, traits)
        default: throw unexpectedValue()
        }
    }

    private mutating func openContainer(
        _ kind: JSONNode.Kind, _ traits: JSONEntry.Traits
    ) throws(JSONSyntaxError) {
        if open.count == JSONTree.depthLimit {
            throw failure("more than \(JSONTree.depthLimit) arrays and objects inside each other")
        }
        open.append(tape.count)
        append(kind, traits, from: position, to: position + 1)
        position += 1
    }

    private mutating func parseWord(
        _ word: StaticString, _ kind: JSONNode.Kind, _ traits: JSONEntry.Traits
    ) throws(JSONSyntaxError) {
        let end = position + word.utf8CodeUnitCount
        guard end <= source.count, source[position..<end].elementsEqual(word.description.utf8),
            end == source.count || !isWordByte(source[end])
        else { throw unexpectedValue() }
        append(kind, traits, from: position, to: end)
        position = end
    }

    private mutating func append(_ kind: JSONNode.Kind, _ traits: JSONEntry.Traits, from start: Int, to end: Int) {
        tape.append(
            JSONEntry(
                kind: kind, traits: traits, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end), next: UInt32(truncatingIfNeeded: tape.count + 1)))
    }

    private mutating func skipWhitespace() {
        while position < source.count, ASCII.isWhitespace(source[position]) { position += 1 }
    }
}

// MARK: - Numbers and strings

extension JSONParser {
    private mutating func parseNumber(as traits: JSONEntry.Traits) throws(JSONSyntaxError) {
        let start = position
        if source[position] == ASCII.minus { position += 1 }
        let digits = position
        skipDigits()
        if position == digits { throw failure("a digit is expected after the minus sign") }
        if source[digits] == ASCII.zero && position - digits > 1 {
            throw failure("a number must not have leading zeros", at: start)
        }
        if position < source.count, source[position] == ASCII.dot {
            position += 1
            let fraction = position
            skipDigits()
            if position == fraction { throw failure("a digit is expected after the decimal point") }
        }
        if position < source.count, source[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < source.count, source[position] == ASCII.plus || source[position] == ASCII.minus {
                position += 1
            }
            let exponent = position
            skipDigits()
            if position == exponent { throw failure("a digit is expected in the exponent") }
        }
        if position < source.count, isWordByte(source[position]) {
            throw failure("a number ends here, but a letter follows it: text belongs in double quotes")
        }
        append(.number, traits, from: start, to: position)
    }

    private mutating func skipDigits() {
        while position < source.count, ASCII.isDigit(source[position]) { position += 1 }
    }

    private mutating func parseString(as given: JSONEntry.Traits) throws(JSONSyntaxError) {
        let start = position
        var traits = given
        position += 1
        while position < source.count {
            let byte = source[position]
            if byte == ASCII.quote {
                position += 1
                append(.string, traits, from: start, to: position)
                return
            }
            if byte == ASCII.backslash {
                traits.insert(.encoded)
                try skipEscape()
            } else if byte < 0x20 {
                throw controlCharacter(byte, in: start)
            } else if byte < 0x80 {
                position += 1
            } else {
                let length = UTF8Sequence.length(in: source, at: position)
                if length == 0 { traits.formUnion([.encoded, .malformed]) }
                position += max(1, length)
            }
        }
        throw failure("the string that begins here is never closed", at: start)
    }

    private mutating func skipEscape() throws(JSONSyntaxError) {
        let start = position
        guard position + 1 < source.count else { throw failure("the document ends inside a string") }
        switch source[position + 1] {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let digits = source[(position + 2)...].prefix(4)
            guard digits.count == 4, digits.allSatisfy({ ASCII.hexValue($0) != nil }) else {
                throw failure("\\u needs four hexadecimal digits", at: start)
            }
            position += 6
        default:
            throw failure("unknown escape: only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX exist", at: start)
        }
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte)
            || (ASCII.lowercased(byte) >= UInt8(ascii: "a") && ASCII.lowercased(byte) <= UInt8(ascii: "z"))
            || byte == UInt8(ascii: "_")
    }
}

// MARK: - Saying what is wrong

extension JSONParser {
    private func failure(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason, at: offset ?? position, in: source)
    }

    private func unclosed(_ container: Int) -> JSONSyntaxError {
        let start = JSONPosition(offset: Int(tape[container].start), in: source)
        let bracket = tape[container].kind == .object ? "{" : "["
        return failure("the document ends, but the \(bracket) of \(start) is still open")
    }

    private func unexpectedAfterElement(isObject: Bool) -> JSONSyntaxError {
        switch source[position] {
        case ASCII.closeBrace: failure("} does not close the array that is open here: ] is expected")
        case ASCII.closeBracket: failure("] does not close the object that is open here: } is expected")
        case UInt8(ascii: "/"), UInt8(ascii: "#"): failure("JSON has no comments")
        case ASCII.colon where !isObject: failure("a colon has no meaning in an array")
        default: failure("a comma or \(isObject ? "}" : "]") is expected here")
        }
    }

    private func unexpectedKey() -> JSONSyntaxError {
        switch source[position] {
        case UInt8(ascii: "'"): failure("keys stand in double quotes, not in single ones")
        case UInt8(ascii: "/"), UInt8(ascii: "#"): failure("JSON has no comments")
        case ASCII.comma: failure("a member is missing before the comma")
        case let byte where isWordByte(byte): failure("keys stand in double quotes")
        default: failure("a key in double quotes or } is expected here")
        }
    }

    private func unexpectedValue() -> JSONSyntaxError {
        let byte = source[position]
        switch byte {
        case UInt8(ascii: "'"): return failure("strings stand in double quotes, not in single ones")
        case UInt8(ascii: "/"), UInt8(ascii: "#"): return failure("JSON has no comments")
        case ASCII.comma: return failure("a value is missing before the comma")
        case ASCII.closeBrace, ASCII.closeBracket: return failure("a value is missing before the closing bracket")
        case ASCII.plus: return failure("a number must not begin with a plus sign")
        case ASCII.dot: return failure("a number must not begin with a decimal point")
        case _ where isWordByte(byte):
            let word = String(decoding: source[position...].prefix(40).prefix(while: isWordByte), as: UTF8.self)
            for known in ["true", "false", "null"] where word.lowercased() == known {
                return failure("\(word) is written \(known)")
            }
            return failure("\(word) is no JSON value: text belongs in double quotes")
        default: return failure("a value is expected here")
        }
    }

    private func controlCharacter(_ byte: UInt8, in start: Int) -> JSONSyntaxError {
        switch byte {
        case ASCII.newline, ASCII.carriageReturn:
            failure(
                "the string that begins here is not closed on its line (a line break in a string is written \\n)",
                at: start)
        case ASCII.tab: failure("a tab in a string is written \\t")
        default:
            failure("a control character in a string is written \\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
        }
    }
}
