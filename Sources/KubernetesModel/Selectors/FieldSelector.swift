/// `metadata.name=x,status.phase!=Running`: fields compared with texts. Which fields can be selected is known by the
/// kind's owner; a field without a value compares as the empty text.
public struct FieldSelector: Hashable, Sendable, CustomStringConvertible {
    public struct Requirement: Hashable, Sendable {
        public var field: String
        public var value: String
        public var isEqual: Bool

        public init(_ field: String, _ value: String, isEqual: Bool = true) {
            self.field = field
            self.value = value
            self.isEqual = isEqual
        }
    }

    public var requirements: [Requirement]

    public init(_ requirements: [Requirement] = []) { self.requirements = requirements }

    public static let everything = FieldSelector()

    public var isEverything: Bool { requirements.isEmpty }

    /// - Parameter query: already without percent encoding. A backslash takes `,`, `=` and itself literally.
    public init(query: String) throws(SelectorSyntaxError) {
        requirements = []
        for term in Self.terms(of: query) where !term.isEmpty {
            guard let (field, sign, value) = Self.split(term), let value = Self.unescaped(value) else {
                throw SelectorSyntaxError("invalid selector: '\(query)'; can't understand '\(term)'")
            }
            requirements.append(Requirement(field, value, isEqual: sign != "!="))
        }
    }

    public func matches(_ value: (_ field: String) -> String?) -> Bool {
        requirements.allSatisfy { ((value($0.field) ?? "") == $0.value) == $0.isEqual }
    }

    /// The value the field must have, when the selector says so: a list of one name needs no search.
    public func required(_ field: String) -> String? {
        requirements.first { $0.field == field && $0.isEqual }?.value
    }

    public var description: String {
        requirements.map { "\($0.field)\($0.isEqual ? "=" : "!=")\(Self.escaped($0.value))" }.joined(separator: ",")
    }

    private static func terms(of query: String) -> [String] {
        var terms = [""]
        var isEscaped = false
        for character in query.unicodeScalars {
            if character == "," && !isEscaped {
                terms.append("")
            } else {
                terms[terms.count - 1].unicodeScalars.append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return terms
    }

    /// At the first sign; `!=` and `==` before `=`.
    private static func split(_ term: String) -> (String, String, String)? {
        let scalars = Array(term.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let second = index + 1 < scalars.count ? scalars[index + 1] : nil
            let sign: String
            switch (scalar, second) {
            case ("!", "="): sign = "!="
            case ("=", "="): sign = "=="
            case ("=", _): sign = "="
            default: continue
            }
            func text(_ part: ArraySlice<Unicode.Scalar>) -> String {
                var text = ""
                text.unicodeScalars.append(contentsOf: part)
                return text
            }
            return (text(scalars[..<index]), sign, text(scalars[(index + sign.count)...]))
        }
        return nil
    }

    private static func unescaped(_ text: String) -> String? {
        var result = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                guard scalar == "\\" || scalar == "," || scalar == "=" else { return nil }
                result.unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "," || scalar == "=" {
                return nil
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return isEscaped ? nil : result
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "," || scalar == "=" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
