import JSONTree

/// A path into an object as printer columns and selectable fields use it, the simple part of Kubernetes' JSONPath:
/// `.spec.cidr`, `.spec.ports[0].port`, `.items[*].name`, `['a.b']`, `.conditions[?(@.type=="Ready")].status`.
public struct JSONPath: Hashable, Sendable {
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    indirect enum Step: Hashable, Sendable {
        case member(String)
        /// From the end if negative.
        case element(Int)
        case every
        /// Elements whose member at the path compares so with the text or number.
        case filter([Step], Comparison, Literal)
    }

    enum Comparison: String, Hashable, Sendable {
        case equal = "=="
        case unequal = "!="
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
    }

    enum Literal: Hashable, Sendable {
        case text(String)
        case number(Double)
        case bool(Bool)
    }

    let steps: [Step]
    public let text: String

    public init(_ text: String) throws(SyntaxError) {
        self.text = text
        var reader = Reader(text)
        steps = try reader.steps(untilFilterEnd: false)
    }

    /// The keys from the root if there is nothing but members; nil otherwise.
    public var keys: [String]? {
        var keys: [String] = []
        for step in steps {
            guard case .member(let key) = step else { return nil }
            keys.append(key)
        }
        return keys
    }

    public func values(in object: JSONValue) -> [JSONValue] { Self.values(steps[...], in: object) }

    public func first(in object: JSONValue) -> JSONValue? { values(in: object).first }

    private static func values(_ steps: ArraySlice<Step>, in value: JSONValue) -> [JSONValue] {
        guard let step = steps.first else { return [value] }
        let rest = steps.dropFirst()
        switch step {
        case .member(let key): return value.member(key).map { values(rest, in: $0) } ?? []
        case .element(let index):
            let elements = value.elements
            let place = index < 0 ? elements.count + index : index
            return elements.indices.contains(place) ? values(rest, in: elements[place]) : []
        case .every:
            let all = value.kind == .object ? value.members.map(\.value) : value.elements
            return all.flatMap { values(rest, in: $0) }
        case .filter(let path, let comparison, let literal):
            return value.elements.filter { element in
                values(path[...], in: element).contains { holds(comparison, $0, literal) }
            }.flatMap { values(rest, in: $0) }
        }
    }

    private static func holds(_ comparison: Comparison, _ value: JSONValue, _ literal: Literal) -> Bool {
        func compare<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch comparison {
            case .equal: left == right
            case .unequal: left != right
            case .atMost: left <= right
            case .atLeast: left >= right
            case .below: left < right
            case .above: left > right
            }
        }
        switch literal {
        case .text(let text): return value.stringValue.map { compare($0, text) } ?? false
        case .number(let number): return SchemaValidator.number(value).map { compare($0, number) } ?? false
        case .bool(let wanted):
            guard let value = value.boolValue else { return false }
            return comparison == .equal ? value == wanted : comparison == .unequal && value != wanted
        }
    }

    /// A value as a cell shows it: strings bare, everything else as JSON.
    public static func text(_ value: JSONValue) -> String { value.stringValue ?? value.text }
}

extension JSONPath {
    private struct Reader {
        private let bytes: [UInt8]
        private let text: String
        private var index = 0

        init(_ text: String) {
            self.text = text
            bytes = Array(text.utf8)
        }

        private func wrong(_ why: String) -> SyntaxError {
            SyntaxError(description: "\(why) at character \(index + 1) of \(JSONValue.string(text).text)")
        }

        private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        private mutating func take(_ literal: StaticString) -> Bool {
            let wanted = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
            guard bytes[index...].starts(with: wanted) else { return false }
            index += wanted.count
            return true
        }

        mutating func steps(untilFilterEnd isInside: Bool) throws(SyntaxError) -> [Step] {
            var steps: [Step] = []
            while let byte = peek {
                switch byte {
                case UInt8(ascii: "."):
                    index += 1
                    if take("*") {
                        steps.append(.every)
                    } else if peek != UInt8(ascii: "[") {
                        let name = name()
                        if name.isEmpty, !(steps.isEmpty && peek == nil) { throw wrong("a field name is expected") }
                        if !name.isEmpty { steps.append(.member(name)) }
                    }
                case UInt8(ascii: "["): steps.append(try bracket(isInside))
                default:
                    if isInside { return steps }
                    throw wrong("a dot or a bracket is expected")
                }
            }
            return steps
        }

        /// Up to the next character that means something; a backslash takes the next one as it is.
        private mutating func name() -> String {
            var name: [UInt8] = []
            while let byte = peek {
                switch byte {
                case UInt8(ascii: "\\") where index + 1 < bytes.count:
                    index += 1
                    name.append(bytes[index])
                case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: "="),
                    UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: " "):
                    return String(decoding: name, as: UTF8.self)
                default: name.append(byte)
                }
                index += 1
            }
            return String(decoding: name, as: UTF8.self)
        }

        private mutating func bracket(_ isInside: Bool) throws(SyntaxError) -> Step {
            index += 1
            let step: Step
            if take("*") {
                step = .every
            } else if take("?(@") {
                // One filter deep is what columns use; a filter inside a filter would nest without bound.
                if isInside { throw wrong("a filter inside a filter is not supported") }
                let path = try steps(untilFilterEnd: true)
                skipBlanks()
                guard let comparison = comparison() else { throw wrong("a comparison is expected") }
                skipBlanks()
                let literal = try literal()
                skipBlanks()
                guard take(")") else { throw wrong("the filter is not closed") }
                step = .filter(path, comparison, literal)
            } else if peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") {
                step = .member(try quoted())
            } else {
                let isNegative = take("-")
                guard let number = integer() else { throw wrong("a position is expected") }
                step = .element(isNegative ? -number : number)
            }
            guard take("]") else { throw wrong("] is expected") }
            return step
        }

        private mutating func skipBlanks() { while peek == UInt8(ascii: " ") { index += 1 } }

        private mutating func comparison() -> Comparison? {
            if take("==") { return .equal }
            if take("!=") { return .unequal }
            if take("<=") { return .atMost }
            if take(">=") { return .atLeast }
            if take("<") { return .below }
            return take(">") ? .above : nil
        }

        private mutating func literal() throws(SyntaxError) -> Literal {
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            if peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") { return .text(try quoted()) }
            let start = index
            while let byte = peek, byte != UInt8(ascii: ")"), byte != UInt8(ascii: " ") { index += 1 }
            guard let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
                throw wrong("a string, a number or a boolean is expected")
            }
            return .number(number)
        }

        private mutating func quoted() throws(SyntaxError) -> String {
            let quote = bytes[index]
            index += 1
            var content: [UInt8] = []
            while let byte = peek, byte != quote {
                if byte == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
                content.append(bytes[index])
                index += 1
            }
            guard peek == quote else { throw wrong("the string is not closed") }
            index += 1
            return String(decoding: content, as: UTF8.self)
        }

        private mutating func integer() -> Int? {
            var value: Int?
            while let byte = peek, (0x30...0x39).contains(byte), (value ?? 0) < 1_000_000 {
                value = (value ?? 0) * 10 + Int(byte - 0x30)
                index += 1
            }
            return value
        }
    }
}
