/// RE2's syntax (github.com/google/re2/wiki/Syntax) to a tree. What RE2 does not have (look-around, back references,
/// possessive repetition) is refused, as Go refuses it.
struct PatternParser {
    indirect enum Tree {
        case empty
        case scalar(ScalarSet)
        case assert(Pattern.Assertion)
        case sequence([Tree])
        case alternatives([Tree])
        case repeated(Tree, min: Int, max: Int?)
    }

    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
    }

    private typealias Failure = Pattern.SyntaxError

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var flags = Flags()
    private var names: Set<String> = []

    /// Go allows 1000; ours is what a server thread's stack holds with room to spare.
    private static let depthLimit = 200
    private static let repeatLimit = 1000

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(Pattern.SyntaxError) -> Tree {
        let tree = try alternatives()
        if index < scalars.count { throw Failure(code: .unexpectedParenthesis, piece: whole) }
        return tree
    }

    private var whole: String { piece(from: 0, to: scalars.count) }

    private func piece(from start: Int, to end: Int? = nil) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<min(end ?? index, scalars.count)])
        return String(text)
    }

    private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func peek(_ offset: Int) -> Unicode.Scalar? {
        index + offset < scalars.count ? scalars[index + offset] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        index += 1
        return true
    }

    private mutating func alternatives() throws(Pattern.SyntaxError) -> Tree {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(Pattern.SyntaxError) -> Tree {
        var parts: [Tree] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            if scalar == "\\", peek(1) == "Q" {
                let start = index
                index += 2
                parts += quoted()
                if let last = parts.popLast() { parts.append(try repeated(last, from: start)) }
                continue
            }
            let start = index
            guard let atom = try atom() else { continue }
            parts.append(try repeated(atom, from: start))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    /// `\Q...\E`: as it stands, up to the end if there is no `\E`.
    private mutating func quoted() -> [Tree] {
        var parts: [Tree] = []
        while let scalar = peek {
            if scalar == "\\", peek(1) == "E" {
                index += 2
                break
            }
            parts.append(literal(scalar))
            index += 1
        }
        return parts
    }

    private func literal(_ scalar: Unicode.Scalar) -> Tree {
        .scalar(flags.ignoresCase ? ScalarSet(scalar).foldingCase() : ScalarSet(scalar))
    }

    private func folded(_ set: ScalarSet) -> Tree { .scalar(flags.ignoresCase ? set.foldingCase() : set) }

    // MARK: Repetition

    private mutating func repeated(_ atom: Tree, from start: Int) throws(Pattern.SyntaxError) -> Tree {
        guard let (low, high) = try bounds() else { return atom }
        _ = take("?")
        let end = index
        // Only one repetition may follow an atom.
        if try bounds() != nil { throw Failure(code: .invalidRepeatOperator, piece: piece(from: end - 1)) }
        if low > Self.repeatLimit || (high ?? 0) > Self.repeatLimit || (high.map { $0 < low } ?? false) {
            throw Failure(code: .invalidRepeatSize, piece: piece(from: start, to: end))
        }
        return .repeated(atom, min: low, max: high)
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`; nil (and nothing read) if none of them stands here.
    private mutating func bounds() throws(Pattern.SyntaxError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = index
        guard take("{"), let low = number() else {
            index = start
            return nil
        }
        if take("}") { return (low, low) }
        guard take(",") else {
            index = start
            return nil
        }
        if take("}") { return (low, nil) }
        guard let high = number(), take("}") else {
            index = start
            return nil
        }
        return (low, high)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = peek, ("0"..."9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 48), 1_000_000)
            index += 1
        }
        return value
    }

    // MARK: Atoms

    /// nil for what only changes flags.
    private mutating func atom() throws(Pattern.SyntaxError) -> Tree? {
        let start = index
        let scalar = scalars[index]
        index += 1
        switch scalar {
        case "(": return try group(from: start)
        case "[": return folded(try characterClass(from: start))
        case ".": return .scalar(flags.dotMatchesNewline ? .all : .noLineBreak)
        case "^": return .assert(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assert(flags.isMultiline ? .lineEnd : .textEnd)
        case "*", "+", "?": throw Failure(code: .missingRepeatArgument, piece: piece(from: start))
        case "{":
            index = start
            let isRepeat = try bounds() != nil
            if isRepeat { throw Failure(code: .missingRepeatArgument, piece: piece(from: start)) }
            index = start + 1
            return literal(scalar)
        case "\\": return try escape(from: start)
        default: return literal(scalar)
        }
    }

    private mutating func group(from start: Int) throws(Pattern.SyntaxError) -> Tree? {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.depthLimit { throw Failure(code: .nestingDepth, piece: whole) }
        let outer = flags
        if take("?") {
            if peek == "P" || (peek == "<" && peek(1) != "=" && peek(1) != "!") {
                try groupName(from: start)
            } else if try flagChanges(from: start) {
                return nil
            }
        }
        let inside = try alternatives()
        guard take(")") else { throw Failure(code: .missingParenthesis, piece: whole) }
        flags = outer
        return inside
    }

    private mutating func groupName(from start: Int) throws(Pattern.SyntaxError) {
        _ = take("P")
        guard take("<") else { throw Failure(code: .invalidGroup, piece: piece(from: start, to: index + 1)) }
        let first = index
        while let scalar = peek, ScalarSet.word.contains(scalar) { index += 1 }
        let name = piece(from: first)
        guard take(">"), !name.isEmpty, names.insert(name).inserted else {
            throw Failure(code: .invalidNamedCapture, piece: piece(from: start, to: index + 1))
        }
    }

    /// `(?i)`, `(?i-s:`...; true if the group ends here and only changes flags for what follows.
    private mutating func flagChanges(from start: Int) throws(Pattern.SyntaxError) -> Bool {
        var value = true
        var isAny = false
        while let scalar = peek {
            index += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiline = value
            case "s": flags.dotMatchesNewline = value
            case "U": break
            case "-" where value:
                value = false
                isAny = false
                continue
            case ":" where value || isAny: return false
            case ")" where isAny: return true
            default: throw Failure(code: .invalidGroup, piece: piece(from: start))
            }
            isAny = true
        }
        throw Failure(code: .missingParenthesis, piece: whole)
    }

    private mutating func escape(from start: Int) throws(Pattern.SyntaxError) -> Tree {
        guard let scalar = peek else { throw Failure(code: .trailingBackslash, piece: "") }
        switch scalar {
        case "A", "z", "b", "B":
            index += 1
            switch scalar {
            case "A": return .assert(.textStart)
            case "z": return .assert(.textEnd)
            case "b": return .assert(.wordBoundary)
            default: return .assert(.noWordBoundary)
            }
        default:
            if let set = try classEscape(from: start) { return folded(set) }
            return literal(try scalarEscape(from: start))
        }
    }

    /// `\d`, `\W`, `\pL`, `\P{Greek}`; nil if something else follows the backslash.
    private mutating func classEscape(from start: Int) throws(Pattern.SyntaxError) -> ScalarSet? {
        guard let scalar = peek else { return nil }
        let set: ScalarSet
        switch scalar {
        case "d", "D": set = .digit
        case "s", "S": set = .space
        case "w", "W": set = .word
        case "p", "P":
            index += 1
            return try category(isNegated: scalar == "P", from: start)
        default: return nil
        }
        index += 1
        return ("A"..."Z").contains(scalar) ? set.negated() : set
    }

    /// General categories. Scripts are in Go's tables and not in ours: they are refused, and the message shows which.
    private mutating func category(isNegated: Bool, from start: Int) throws(Pattern.SyntaxError) -> ScalarSet {
        var isNegated = isNegated
        var name = ""
        if take("{") {
            if take("^") { isNegated.toggle() }
            let first = index
            while let scalar = peek, scalar != "}" { index += 1 }
            name = piece(from: first)
            guard take("}") else { throw Failure(code: .invalidCharacterRange, piece: piece(from: start)) }
        } else if peek != nil {
            index += 1
            name = piece(from: index - 1)
        }
        if name == "Any" { return isNegated ? ScalarSet() : .all }
        guard ScalarSet.isKnown(category: name) else {
            throw Failure(code: .invalidCharacterRange, piece: piece(from: start))
        }
        var set = ScalarSet()
        set.insert(ScalarSet.Category(name: name, isNegated: isNegated))
        return set
    }

    /// An escape that stands for one scalar.
    private mutating func scalarEscape(from start: Int) throws(Pattern.SyntaxError) -> Unicode.Scalar {
        guard let scalar = peek else { throw Failure(code: .trailingBackslash, piece: "") }
        index += 1
        switch scalar {
        case "a": return "\u{7}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return try hexadecimal(from: start)
        case "0"..."7":
            // A single digit from 1 to 7 would be a back reference, which RE2 has not.
            if scalar != "0", !(peek.map { ("0"..."7").contains($0) } ?? false) { break }
            var value = scalar.value - 48
            var digits = 1
            while digits < 3, let digit = peek, ("0"..."7").contains(digit) {
                value = value * 8 + digit.value - 48
                index += 1
                digits += 1
            }
            return Unicode.Scalar(value) ?? "\0"
        default:
            if scalar.isASCII, !ScalarSet.word.contains(scalar) || scalar == "_" { return scalar }
        }
        throw Failure(code: .invalidEscape, piece: piece(from: start))
    }

    private mutating func hexadecimal(from start: Int) throws(Pattern.SyntaxError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var digits = 0
        let isBraced = take("{")
        while isBraced ? peek != "}" : digits < 2 {
            guard let digit = peek.flatMap({ Character($0).hexDigitValue }), value <= 0x10FFFF else { break }
            value = value * 16 + UInt32(digit)
            digits += 1
            index += 1
        }
        let isClosed = isBraced ? take("}") && digits > 0 : digits == 2
        guard isClosed, let scalar = Unicode.Scalar(value) else {
            throw Failure(code: .invalidEscape, piece: piece(from: start))
        }
        return scalar
    }

    // MARK: Classes

    private mutating func characterClass(from start: Int) throws(Pattern.SyntaxError) -> ScalarSet {
        var set = ScalarSet()
        let isNegated = take("^")
        var isFirst = true
        while true {
            guard let scalar = peek else { throw Failure(code: .missingBracket, piece: piece(from: start)) }
            if scalar == "]", !isFirst { break }
            isFirst = false
            if scalar == "[", peek(1) == ":", let named = try posixClass() {
                set.formUnion(named)
                continue
            }
            let itemStart = index
            if scalar == "\\" {
                index += 1
                if let escaped = try classEscape(from: itemStart) {
                    set.formUnion(escaped)
                    continue
                }
                index = itemStart
            }
            let low = try classScalar()
            if peek == "-", let after = peek(1), after != "]" {
                index += 1
                let high = try classScalar()
                guard low <= high else { throw Failure(code: .invalidCharacterRange, piece: piece(from: itemStart)) }
                set.insert(low.value...high.value)
            } else {
                set.insert(low.value...low.value)
            }
        }
        index += 1
        return isNegated ? set.negated() : set
    }

    private mutating func classScalar() throws(Pattern.SyntaxError) -> Unicode.Scalar {
        let start = index
        guard let scalar = peek else { throw Failure(code: .missingBracket, piece: piece(from: start)) }
        index += 1
        return scalar == "\\" ? try scalarEscape(from: start) : scalar
    }

    /// `[:alpha:]` or `[:^alpha:]` inside brackets; nil if it is not closed, when it is a plain bracket.
    private mutating func posixClass() throws(Pattern.SyntaxError) -> ScalarSet? {
        var end = index + 2
        while end + 1 < scalars.count, !(scalars[end] == ":" && scalars[end + 1] == "]") { end += 1 }
        guard end + 1 < scalars.count else { return nil }
        var name = piece(from: index + 2, to: end)
        let isNegated = name.hasPrefix("^")
        if isNegated { name.removeFirst() }
        guard let set = ScalarSet.posix(name) else {
            throw Failure(code: .invalidCharacterRange, piece: piece(from: index, to: end + 2))
        }
        index = end + 2
        return isNegated ? set.negated() : set
    }
}
