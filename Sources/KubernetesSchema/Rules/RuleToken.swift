/// Why a rule in CEL cannot be read or has no value.
struct RuleError: Error, Hashable, Sendable, CustomStringConvertible {
    let message: String
    /// Where it stands in the rule, in Unicode scalars from 0; nil when it came up while the rule was evaluated.
    let place: Int?

    init(_ message: String, at place: Int? = nil) {
        self.message = message
        self.place = place
    }

    var description: String { place.map { "\(message), at character \($0 + 1)" } ?? message }

    /// cel-go's words for operands of the wrong types.
    static func noOverload(_ function: String) -> RuleError { RuleError("no such overload: \(function)") }
}

/// One word of a rule (cel-spec, doc/langdef.md, "Syntax").
struct RuleToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case identifier(String)
        case int(Int64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        /// Operators and brackets.
        case symbol(String)
        case end
    }

    let kind: Kind
    /// In Unicode scalars from 0.
    let place: Int
}

/// Cuts the text of a rule into words.
struct RuleScanner {
    private let text: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    static func tokens(_ text: String) throws(RuleError) -> [RuleToken] {
        var scanner = RuleScanner(text)
        var tokens: [RuleToken] = []
        while true {
            let token = try scanner.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        position + distance < text.count ? text[position + distance] : nil
    }

    private mutating func skipBlanks() {
        while let scalar = peek() {
            if scalar == "/", peek(1) == "/" {
                while let next = peek(), next != "\n" { position += 1 }
            } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == "\u{0C}" {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func next() throws(RuleError) -> RuleToken {
        skipBlanks()
        let start = position
        guard let scalar = peek() else { return RuleToken(kind: .end, place: start) }
        if let string = try string() { return RuleToken(kind: .string(string), place: start) }
        if Self.isDigit(scalar) || (scalar == "." && peek(1).map(Self.isDigit) == true) {
            return RuleToken(kind: try number(), place: start)
        }
        if Self.isLetter(scalar) {
            while let next = peek(), Self.isLetter(next) || Self.isDigit(next) { position += 1 }
            return RuleToken(kind: .identifier(written(from: start)), place: start)
        }
        for symbol in ["==", "!=", "<=", ">=", "&&", "||"] where symbol.unicodeScalars.first == scalar {
            if peek(1) == symbol.unicodeScalars.last {
                position += 2
                return RuleToken(kind: .symbol(symbol), place: start)
            }
        }
        guard "<>!+-*/%?:.,()[]{}".unicodeScalars.contains(scalar) else {
            throw RuleError("Syntax error: token recognition error at: '\(scalar)'", at: start)
        }
        position += 1
        return RuleToken(kind: .symbol(String(scalar)), place: start)
    }

    private func written(from start: Int) -> String {
        var string = ""
        string.unicodeScalars.append(contentsOf: text[start..<position])
        return string
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    // MARK: Numbers

    private mutating func number() throws(RuleError) -> RuleToken.Kind {
        let start = position
        if peek() == "0", peek(1) == "x" || peek(1) == "X" {
            position += 2
            while let scalar = peek(), scalar.properties.isASCIIHexDigit { position += 1 }
            let digits = String(written(from: start).dropFirst(2))
            return try whole(digits, radix: 16, start)
        }
        while let scalar = peek(), Self.isDigit(scalar) { position += 1 }
        var isWhole = true
        if peek() == ".", peek(1).map(Self.isDigit) == true {
            isWhole = false
            position += 1
            while let scalar = peek(), Self.isDigit(scalar) { position += 1 }
        }
        if peek() == "e" || peek() == "E" {
            let sign = peek(1) == "+" || peek(1) == "-" ? 2 : 1
            if peek(sign).map(Self.isDigit) == true {
                isWhole = false
                position += sign
                while let scalar = peek(), Self.isDigit(scalar) { position += 1 }
            }
        }
        if isWhole { return try whole(written(from: start), radix: 10, start) }
        guard let value = Double(written(from: start)) else { throw RuleError("invalid double literal", at: start) }
        return .double(value)
    }

    private mutating func whole(_ digits: String, radix: Int, _ start: Int) throws(RuleError) -> RuleToken.Kind {
        if peek() == "u" || peek() == "U" {
            position += 1
            guard let value = UInt64(digits, radix: radix) else { throw RuleError("invalid uint literal", at: start) }
            return .uint(value)
        }
        if let value = Int64(digits, radix: radix) { return .int(value) }
        // The smallest number is this one with a minus before it.
        if UInt64(digits, radix: radix) == 1 << 63 { return .uint(1 << 63) }
        throw RuleError("invalid int literal", at: start)
    }

    // MARK: Strings

    /// Nil when there is none here.
    private mutating func string() throws(RuleError) -> String? {
        let start = position
        var isRaw = false
        if let prefix = peek(), "rRbB".unicodeScalars.contains(prefix), peek(1) == "\"" || peek(1) == "'" {
            if prefix == "b" || prefix == "B" {
                throw RuleError("bytes are not supported by this server", at: start)
            }
            isRaw = true
            position += 1
        }
        guard let quote = peek(), quote == "\"" || quote == "'" else { return nil }
        let isTriple = peek(1) == quote && peek(2) == quote
        position += isTriple ? 3 : 1
        var string = ""
        while let scalar = peek() {
            if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                position += isTriple ? 3 : 1
                return string
            }
            if scalar == "\n", !isTriple { break }
            if scalar == "\\", !isRaw {
                string.unicodeScalars.append(try escape())
            } else {
                string.unicodeScalars.append(scalar)
                position += 1
            }
        }
        throw RuleError("Syntax error: a string without its end", at: start)
    }

    private mutating func escape() throws(RuleError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = peek() else { throw RuleError("Syntax error: a string without its end", at: start) }
        position += 1
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}", "\\": "\\",
            "?": "?", "\"": "\"", "'": "'", "`": "`",
        ]
        if let scalar = plain[letter] { return scalar }
        let lengths: [Unicode.Scalar: Int] = ["x": 2, "X": 2, "u": 4, "U": 8]
        var digits = ""
        var radix = 16
        if let length = lengths[letter] {
            digits = scalars(length)
        } else if ("0"..."3").contains(letter) {
            radix = 8
            digits = String(letter) + scalars(2)
        }
        guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value) else {
            throw RuleError("Syntax error: invalid escape in a string", at: start)
        }
        return scalar
    }

    private mutating func scalars(_ count: Int) -> String {
        let start = position
        position = min(text.count, position + count)
        return written(from: start)
    }
}
