import JSONTree

/// Which label sets are meant: requirements that all have to hold. No requirements select everything.
///
/// (A selector that is *absent* selects nothing; whether it is there is for the owner of the field to know.)
public struct LabelSelector: Hashable, Sendable {
    public enum Operator: String, Hashable, Sendable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
        /// Only in query strings and node affinity; both sides are whole numbers.
        case greaterThan = "Gt"
        case lessThan = "Lt"
    }

    public struct Requirement: Hashable, Sendable {
        public var key: String
        public var `operator`: Operator
        public var values: [String]

        public init(_ key: String, _ operator: Operator, _ values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }
    }

    public var requirements: [Requirement]

    public init(_ requirements: [Requirement] = []) { self.requirements = requirements }

    /// Labels that have to be there with exactly these values.
    public init(matching labels: [String: String]) {
        requirements = labels.sorted { $0.key < $1.key }.map { Requirement($0.key, .in, [$0.value]) }
    }

    public static let everything = LabelSelector()

    public var isEverything: Bool { requirements.isEmpty }
}

// MARK: - Matching

extension LabelSelector {
    public func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }
}

extension LabelSelector.Requirement {
    /// An absent key satisfies NotIn. A key that has to have the empty value has to be there.
    public func matches(_ labels: [String: String]) -> Bool {
        let value = labels[key]
        switch `operator` {
        case .in: return value.map { values.contains($0) } ?? false
        case .notIn: return value.map { !values.contains($0) } ?? true
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        case .greaterThan, .lessThan:
            guard let left = value.flatMap({ Int64($0) }), let right = values.first.flatMap({ Int64($0) }) else {
                return false
            }
            return `operator` == .greaterThan ? left > right : left < right
        }
    }
}

// MARK: - From an object

extension LabelSelector {
    /// A `LabelSelector` of the API: `matchLabels` and `matchExpressions`.
    ///
    /// - Throws: the first of the errors a server would report.
    public init(_ node: JSONNode) throws(FieldError) {
        let (selector, errors) = try Self.decode(node)
        if let first = errors.first { throw first }
        self = selector
    }

    /// Everything a server would say about the selector; empty for one that is right.
    public static func problems(in node: JSONNode) -> [FieldError] {
        do {
            return try decode(node).errors
        } catch {
            return [error]
        }
    }

    private static func decode(_ node: JSONNode) throws(FieldError) -> (LabelSelector, errors: [FieldError]) {
        let fields = try FieldReader(node)
        var selector = LabelSelector()
        var errors: [FieldError] = []
        if let labels = try fields.object("matchLabels") {
            for (key, value) in try fields.stringMap("matchLabels").sorted(by: { $0.key < $1.key }) {
                for problem in NameRule.qualifiedName.problems(in: key) {
                    errors.append(
                        FieldError(
                            .invalid, at: labels.node.path, value: .string(key), problem,
                            node: labels.node.member(key)?.keyNode))
                }
                for problem in NameRule.labelValue.problems(in: value) {
                    errors.append(
                        FieldError(
                            .invalid, at: labels.node.path, value: .string(value), problem,
                            node: labels.node.member(key)))
                }
                selector.requirements.append(Requirement(key, .in, [value]))
            }
        }
        for expression in try fields.objects("matchExpressions") {
            let (requirement, problems) = try decodeExpression(expression)
            errors += problems
            if let requirement { selector.requirements.append(requirement) }
        }
        return (selector, errors)
    }

    private static func decodeExpression(
        _ fields: FieldReader
    ) throws(FieldError) -> (Requirement?, [FieldError]) {
        let key = try fields.string("key") ?? ""
        let name = try fields.string("operator") ?? ""
        let values = try fields.strings("values")
        var errors: [FieldError] = []
        let path = fields.node.path
        let `operator` = Operator(rawValue: name)
        switch `operator` {
        case .in, .notIn:
            if values.isEmpty {
                errors.append(
                    FieldError(
                        .required, at: path + ".values", "must be specified when `operator` is 'In' or 'NotIn'",
                        node: fields.node))
            }
        case .exists, .doesNotExist:
            if !values.isEmpty {
                errors.append(
                    FieldError(
                        .forbidden, at: path + ".values",
                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
                        node: fields.node.member("values")))
            }
        case .greaterThan, .lessThan, nil:
            errors.append(
                FieldError(
                    .invalid, at: path + ".operator", value: .string(name), "not a valid selector operator",
                    node: fields.node.member("operator") ?? fields.node))
        }
        for problem in NameRule.qualifiedName.problems(in: key) {
            errors.append(
                FieldError(
                    .invalid, at: path + ".key", value: .string(key), problem,
                    node: fields.node.member("key") ?? fields.node))
        }
        for (index, value) in values.enumerated() {
            for problem in NameRule.labelValue.problems(in: value) {
                errors.append(
                    FieldError(
                        .invalid, at: path + ".values[\(index)]", value: .string(value), problem,
                        node: fields.node.member("values")?[index]))
            }
        }
        return (`operator`.map { Requirement(key, $0, values) }, errors)
    }
}

// MARK: - As text

extension LabelSelector: CustomStringConvertible {
    /// As kubectl writes it: `app=web,tier in (back,front),!legacy`; empty for everything.
    public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    public var description: String {
        switch `operator` {
        case .in where values.count == 1: "\(key)=\(values[0])"
        case .in: "\(key) in (\(values.sorted().joined(separator: ",")))"
        case .notIn where values.count == 1: "\(key)!=\(values[0])"
        case .notIn: "\(key) notin (\(values.sorted().joined(separator: ",")))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .greaterThan: "\(key)>\(values.first ?? "")"
        case .lessThan: "\(key)<\(values.first ?? "")"
        }
    }
}
