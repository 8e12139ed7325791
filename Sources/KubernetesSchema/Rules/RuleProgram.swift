import Synchronization

/// A rule of `x-kubernetes-validations` that was read.
struct RuleProgram: Sendable {
    let expression: RuleExpression
    /// Such a rule compares with what was there before and says nothing about what is new.
    let usesOldSelf: Bool
    /// Functions and words that are CEL's, or may be, and that this server cannot compute. A rule with any is not evaluated.
    let unknown: [String]

    init(_ text: String) throws(RuleError) {
        expression = try RuleParser.expression(text)
        let variables = expression.freeVariables
        usesOldSelf = variables.contains("oldSelf")
        var unknown = Self.unknownFunctions(in: expression)
        unknown.formUnion(variables.intersection(Self.words))
        self.unknown = unknown.sorted()
        // What an unknown function does with its arguments is not known either: it may be a macro with variables.
        guard unknown.isEmpty else { return }
        if let stranger = variables.subtracting(["self", "oldSelf"]).min() {
            throw RuleError("undeclared reference to '\(stranger)' (in container '')")
        }
    }

    /// Names that mean something to a real API server: of types, and those that functions are called by.
    private static let words: Set<String> = [
        "int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "optional", "format",
        "math", "sets", "base64", "strings", "cel", "ip", "lists", "google", "semver", "url", "quantity",
    ]

    private static func unknownFunctions(in expression: RuleExpression) -> Set<String> {
        var unknown: Set<String> = []
        switch expression {
        case .call(let name, _)
        where !RuleFunctions.functions.contains(name) && !RuleFunctions.operators.contains(name):
            unknown.insert("\(name)()")
        case .method(_, let name, _) where !RuleFunctions.methods.contains(name): unknown.insert(".\(name)()")
        // Parts of a time elsewhere on Earth need tables of its zones.
        case .method(_, let name, let arguments) where name.hasPrefix("get") && !arguments.isEmpty:
            unknown.insert(".\(name)() with a time zone")
        default: break
        }
        return expression.parts.reduce(into: unknown) { $0.formUnion(unknownFunctions(in: $1)) }
    }

    /// What the rule says of a value; `oldSelf` is nil where there was none.
    func value(_ itself: RuleValue, oldSelf: RuleValue?) throws(RuleError) -> RuleValue {
        var variables = ["self": itself]
        variables["oldSelf"] = oldSelf
        var evaluation = RuleEvaluation(variables)
        return try evaluation.value(of: expression)
    }
}

/// Rules by their text: each is read once, not once for each object.
enum RuleCache {
    private static let known = Mutex<[String: Result<RuleProgram, RuleError>]>([:])

    /// Rules come from CustomResourceDefinitions, which change; past this many the cache begins anew.
    private static let limit = 4096

    static func program(_ text: String) throws(RuleError) -> RuleProgram {
        if let result = known.withLock({ $0[text] }) { return try result.get() }
        let result: Result<RuleProgram, RuleError>
        do throws(RuleError) {
            result = .success(try RuleProgram(text))
        } catch {
            result = .failure(error)
        }
        known.withLock { known in
            if known.count >= limit { known = [:] }
            known[text] = result
        }
        return try result.get()
    }
}
