/// A regular expression as Go's `regexp` (RE2) reads it: what `pattern` in a CustomResourceDefinition is.
///
/// Swift's own `Regex` has another syntax (look-around, back references), other meanings (graphemes, Unicode digits,
/// `$` before a last line break) and can take exponential time on a pattern somebody sent. This matcher walks all
/// alternatives at once (Thompson), so that its time is the product of pattern and text, whatever the pattern is.
/// It answers whether a text matches, which is all that validation asks.
public struct Pattern: Sendable {
    /// What is wrong with a pattern, in the words of Go's parser.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        public enum Code: String, Sendable {
            case invalidCharacterRange = "invalid character class range"
            case invalidEscape = "invalid escape sequence"
            case invalidNamedCapture = "invalid named capture"
            case invalidGroup = "invalid or unsupported Perl syntax"
            case invalidRepeatOperator = "invalid nested repetition operator"
            case invalidRepeatSize = "invalid repeat count"
            case missingBracket = "missing closing ]"
            case missingParenthesis = "missing closing )"
            case unexpectedParenthesis = "unexpected )"
            case missingRepeatArgument = "missing argument to repetition operator"
            case trailingBackslash = "trailing backslash at end of expression"
            case nestingDepth = "expression nests too deeply"
            case tooLarge = "expression too large"
        }

        public let code: Code
        /// The piece of the pattern that is wrong.
        public let piece: String

        public var description: String { "error parsing regexp: \(code.rawValue): `\(piece)`" }
    }

    let program: [Instruction]

    public init(_ text: String) throws(SyntaxError) {
        var parser = PatternParser(text)
        let tree = try parser.parse()
        var compiler = PatternCompiler()
        try compiler.compile(tree, of: text)
        program = compiler.finished
    }

    enum Instruction: Sendable {
        case scalar(ScalarSet)
        /// Both ways are tried.
        case split(Int, Int)
        case jump(Int)
        case assert(Assertion)
        case match
    }

    enum Assertion: Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    /// Whether the pattern is found anywhere in the text.
    public func matches(_ text: String) -> Bool {
        var current = ThreadList(count: program.count)
        var next = ThreadList(count: program.count)
        var before: Unicode.Scalar?
        var iterator = text.unicodeScalars.makeIterator()
        var here = iterator.next()
        while true {
            // The pattern may begin anywhere.
            if follow(0, between: before, and: here, into: &current) { return true }
            guard let scalar = here else { return false }
            let after = iterator.next()
            next.removeAll()
            for index in 0..<current.count {
                guard case .scalar(let set) = program[current.places[index]], set.contains(scalar) else { continue }
                if follow(current.places[index] + 1, between: scalar, and: after, into: &next) { return true }
            }
            swap(&current, &next)
            before = scalar
            here = after
        }
    }

    /// Adds the places reachable without reading a scalar; answers whether the end of the pattern is among them.
    private func follow(
        _ start: Int, between before: Unicode.Scalar?, and after: Unicode.Scalar?, into list: inout ThreadList
    ) -> Bool {
        var waiting = [start]
        while let place = waiting.popLast() {
            guard list.visit(place) else { continue }
            switch program[place] {
            case .scalar: list.append(place)
            case .jump(let target): waiting.append(target)
            case .split(let left, let right): waiting += [right, left]
            case .assert(let assertion):
                if Self.holds(assertion, before, after) { waiting.append(place + 1) }
            case .match: return true
            }
        }
        return false
    }

    private static func holds(_ assertion: Assertion, _ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
        switch assertion {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == "\n"
        case .lineEnd: after == nil || after == "\n"
        case .wordBoundary: isWord(before) != isWord(after)
        case .noWordBoundary: isWord(before) == isWord(after)
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { ScalarSet.word.contains($0) } ?? false
    }

    /// The places alive at one point of the text, each once.
    private struct ThreadList {
        var places: [Int]
        private(set) var count = 0
        private var seen: [UInt32]
        private var round: UInt32 = 1

        init(count: Int) {
            places = Array(repeating: 0, count: count)
            seen = Array(repeating: 0, count: count)
        }

        mutating func visit(_ place: Int) -> Bool {
            if seen[place] == round { return false }
            seen[place] = round
            return true
        }

        mutating func append(_ place: Int) {
            places[count] = place
            count += 1
        }

        mutating func removeAll() {
            count = 0
            round &+= 1
            if round == 0 {
                round = 1
                seen = Array(repeating: 0, count: seen.count)
            }
        }
    }
}
