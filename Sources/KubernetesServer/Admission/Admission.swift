import JSONTree
import KubernetesModel
import KubernetesSchema

/// What happens to an object between its bytes and the store, apart from metadata: it is read by its schema, defaults
/// are filled in, and it is judged. Pure: what needs other objects (cluster addresses, node ports, quotas) is not here.
///
/// The order of a write: ``decoded(_:)``, ``defaulted(_:operation:old:)``, the registry's own work (metadata,
/// addresses), ``violations(of:operation:old:)``.
public struct Admission: Sendable {
    public enum Operation: Hashable, Sendable {
        case create, update
    }

    /// Where the schema comes from decides how strictly it is read.
    public enum Origin: Hashable, Sendable {
        /// A struct of Kubernetes: wrong types are a bad request, not an invalid object.
        case builtin
        case custom
        /// Imported without a definition: anything is taken.
        case unknown
    }

    public let kind: GroupVersionKind
    public let schema: Schema
    public let origin: Origin

    public init(kind: GroupVersionKind, schema: Schema, origin: Origin) {
        self.kind = kind
        self.schema = schema
        self.origin = origin
    }

    /// A built-in kind; nil if there is no such kind.
    public init?(builtin kind: GroupVersionKind) {
        guard let schema = BuiltinSchemas.schema(group: kind.group, version: kind.version, kind: kind.kind) else {
            return nil
        }
        self.init(kind: kind, schema: schema, origin: .builtin)
    }

    /// A kind that nothing is known about.
    public init(unknown kind: GroupVersionKind) { self.init(kind: kind, schema: .any, origin: .unknown) }

    /// The object without unknown fields, which are told in `unknown` (the caller warns or refuses by
    /// `fieldValidation`).
    ///
    /// Throws for a built-in kind what Go's decoder would say; the answer is 400, see ``badRequest(_:)``.
    public func decoded(_ object: JSONValue) throws(DecodingMistake) -> Pruned {
        switch origin {
        case .builtin:
            if let mistake = schema.decodingMistake(in: object, kind: kind.kind) { throw mistake }
            return schema.pruned(object, isCanonical: true)
        case .custom:
            return schema.pruned(schema.droppingNulls(object))
        case .unknown: return schema.pruned(object)
        }
    }

    /// The message of the 400 that answers a body the decoder does not take.
    public func badRequest(_ reason: String) -> String {
        "\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(reason)"
    }

    /// The message of the 400 for `fieldValidation=Strict`.
    public func strictRefusal(_ pruned: Pruned) -> String {
        badRequest("strict decoding error: " + pruned.messages.joined(separator: ", "))
    }

    /// The object with everything filled in that a real server fills in without looking at other objects.
    public func defaulted(_ object: JSONValue, operation: Operation, old: JSONValue? = nil) -> JSONValue {
        switch origin {
        case .builtin: BuiltinDefaults.applied(to: schema.defaulted(object), kind, operation: operation, old: old)
        case .custom: schema.defaulted(object)
        case .unknown: object
        }
    }

    /// Everything that is wrong with the object below its metadata, as field errors in the words of Kubernetes.
    public func violations(
        of object: JSONValue, operation: Operation, old: JSONValue? = nil
    ) -> [FieldError] {
        switch origin {
        case .builtin: BuiltinRules.violations(of: object, kind, schema, old: old)
        case .custom: customViolations(of: object, old: old)
        case .unknown: []
        }
    }

    private func customViolations(of object: JSONValue, old: JSONValue?) -> [FieldError] {
        let violations = schema.violations(of: object)
        if violations.contains(where: \.preventsRules), schema.hasRules {
            return violations.map { FieldError($0) } + [
                FieldError(
                    .invalid, at: "<nil>",
                    "some validation rules were not checked because the object was invalid; correct the existing errors "
                        + "to complete validation")
            ]
        }
        return (violations + schema.ruleViolations(of: object, old: old)).map { FieldError($0) }
    }
}

extension FieldError {
    /// A violation of a schema as the server reports it.
    public init(_ violation: SchemaViolation) {
        let kind: Kind
        var detail = violation.detail
        switch violation.reason {
        case .required: kind = .required
        case .invalid: kind = .invalid
        case .typeInvalid: kind = .typeInvalid
        case .notSupported(let values):
            kind = .notSupported(values)
            detail = "supported values: " + values.joined(separator: ", ")
        case .duplicate: kind = .duplicate
        case .tooLong(let limit): kind = .tooLong(limit)
        case .tooMany(let limit, _): kind = .tooMany(limit)
        case .forbidden: kind = .forbidden
        }
        self.init(kind, at: violation.path.isEmpty ? "<nil>" : violation.path, value: violation.badValue, detail)
    }
}

// MARK: - One call each

extension Admission {
    /// The object with a built-in kind's defaults; as it is for a kind that is not built in.
    public static func defaulted(
        _ object: JSONValue, _ kind: GroupVersionKind, operation: Operation, old: JSONValue? = nil
    ) -> JSONValue {
        Admission(builtin: kind)?.defaulted(object, operation: operation, old: old) ?? object
    }

    /// What is wrong with an object of a built-in kind.
    public static func violations(
        of object: JSONValue, _ kind: GroupVersionKind, operation: Operation, old: JSONValue? = nil
    ) -> [FieldError] {
        Admission(builtin: kind)?.violations(of: object, operation: operation, old: old) ?? []
    }

    /// Sentences for `Warning` headers about an object that was taken: what is stored and will not be done.
    public func warnings(about object: JSONValue) -> [String] {
        guard kind.group == "apiextensions.k8s.io", kind.kind == "CustomResourceDefinition" else { return [] }
        return CustomResourceDefinition(object).warnings
    }
}
