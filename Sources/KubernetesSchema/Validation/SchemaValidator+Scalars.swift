import JSONTree

// Strings and numbers, and the logic of anyOf and its kin.

extension SchemaValidator {
    mutating func validateString(_ text: String, _ schema: Schema, _ path: FieldPath) {
        if let format = schema.format, schema.kind == .string, StringFormat.holds(format, for: text) == false {
            report(path, .typeInvalid, .string(text), "\(path) in body must be of type \(format): \(Self.quoted(text))")
        }
        guard schema.hasConstraints else { return }
        let constraints = schema.constraints
        let length = text.unicodeScalars.count
        if let limit = constraints.maxLength, length > limit { report(path, .tooLong(limit), .string(text), "") }
        if let limit = constraints.minLength, length < limit {
            report(path, .invalid, .string(text), "\(path) in body should be at least \(limit) chars long")
        }
        if let pattern = constraints.pattern, let compiled = PatternCache.pattern(pattern), !compiled.matches(text) {
            report(path, .invalid, .string(text), "\(path) in body should match '\(pattern)'")
        }
    }

    static func quoted(_ text: String) -> String { JSONValue.string(text).text }

    mutating func validateNumber(_ value: JSONValue, _ schema: Schema, _ path: FieldPath) {
        guard let number = Self.number(value) else { return }
        if let range = Self.range(of: schema), value.intValue.map({ !range.contains($0) }) ?? true,
            schema.kind == .integer
        {
            report(
                path, .invalid, value,
                "Checked value must be of type integer with format \(schema.format ?? "int64") in \(path)")
        }
        guard schema.hasConstraints else { return }
        let constraints = schema.constraints
        if let bound = constraints.maximum, bound.isExclusive ? number >= bound.value : number > bound.value {
            let words = bound.isExclusive ? "less than" : "less than or equal to"
            report(path, .invalid, value, "\(path) in body should be \(words) \(Self.text(bound.value))")
        }
        if let bound = constraints.minimum, bound.isExclusive ? number <= bound.value : number < bound.value {
            let words = bound.isExclusive ? "greater than" : "greater than or equal to"
            report(path, .invalid, value, "\(path) in body should be \(words) \(Self.text(bound.value))")
        }
        if let step = constraints.multipleOf, step > 0, (number / step).rounded() != number / step {
            report(path, .invalid, value, "\(path) in body should be a multiple of \(Self.text(step))")
        }
    }

    private static func range(of schema: Schema) -> ClosedRange<Int64>? {
        switch schema.format {
        case "int32": Int64(Int32.min)...Int64(Int32.max)
        case "int64": Int64.min...Int64.max
        default: nil
        }
    }

    /// As Go prints a float64 with %v, for the sizes that schemas have.
    static func text(_ number: Double) -> String {
        Int64(exactly: number).map { abs($0) < 1_000_000 ? String($0) : exponential(number) } ?? "\(number)"
    }

    /// Go prints a million and more as 1e+06.
    private static func exponential(_ number: Double) -> String {
        var digits = String(Int64(number.magnitude))
        let exponent = digits.count - 1
        while digits.last == "0" { digits.removeLast() }
        guard exponent < 21 else { return "\(number)" }
        if digits.count > 1 { digits.insert(".", at: digits.index(after: digits.startIndex)) }
        return (number < 0 ? "-" : "") + digits + "e+" + (exponent < 10 ? "0" : "") + String(exponent)
    }

    // MARK: Logic

    mutating func validateLogic(_ value: JSONValue, _ constraints: Schema.Constraints, _ path: FieldPath) {
        let name = Self.quoted(path.text)
        if !constraints.anyOf.isEmpty {
            let branches = constraints.anyOf.map { $0.violations(of: value, at: path) }
            if !branches.contains(where: \.isEmpty) {
                report(path, .invalid, .string(""), "\(name) must validate at least one schema (anyOf)")
                append(branches.min { $0.count < $1.count } ?? [])
            }
        }
        if !constraints.oneOf.isEmpty {
            let branches = constraints.oneOf.map { $0.violations(of: value, at: path) }
            let valid = branches.count { $0.isEmpty }
            if valid == 0 {
                report(
                    path, .invalid, .string(""),
                    "\(name) must validate one and only one schema (oneOf). Found none valid")
                append(branches.min { $0.count < $1.count } ?? [])
            } else if valid > 1 {
                report(
                    path, .invalid, .string(""),
                    "\(name) must validate one and only one schema (oneOf). Found \(valid) valid alternatives")
            }
        }
        if !constraints.allOf.isEmpty {
            let failed = constraints.allOf.map { $0.violations(of: value, at: path) }.filter { !$0.isEmpty }
            if let first = failed.first {
                report(path, .invalid, .string(""), "\(name) must validate all the schemas (allOf)")
                append(failed.dropFirst().reduce(first, +))
            }
        }
        if let not = constraints.not, not.violations(of: value, at: path).isEmpty {
            report(path, .invalid, .string(""), "\(name) must not validate the schema (not)")
        }
    }
}
