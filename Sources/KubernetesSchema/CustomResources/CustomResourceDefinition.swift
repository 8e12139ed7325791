import JSONTree

/// A CustomResourceDefinition read and judged: the resource it makes the server serve, or what is wrong with it.
public struct CustomResourceDefinition: Sendable {
    /// The resource; usable when there are no violations.
    public let resource: CustomResource
    public let violations: [SchemaViolation]
    /// What is stored and will not be done, for `Warning` headers.
    public let warnings: [String]

    /// - Parameter object: a whole CustomResourceDefinition with ``defaulted(_:)`` applied, of version v1.
    public init(_ object: JSONValue) {
        var reader = CustomResourceReader(object)
        reader.read()
        resource = reader.resource
        violations = reader.violations
        warnings = reader.warnings
    }

    /// The definition with the names and the conversion that the server fills in.
    public static func defaulted(_ object: JSONValue) -> JSONValue {
        guard var spec = object.member("spec"), spec.kind == .object else { return object }
        if var names = spec.member("names"), let kind = names.member("kind")?.stringValue {
            if (names.member("singular")?.stringValue ?? "").isEmpty {
                names = names.settingMember("singular", to: .string(kind.lowercased()))
            }
            if (names.member("listKind")?.stringValue ?? "").isEmpty {
                names = names.settingMember("listKind", to: .string(kind + "List"))
            }
            spec = spec.settingMember("names", to: names)
        }
        if spec.member("conversion") == nil {
            spec = spec.settingMember("conversion", to: ["strategy": "None"])
        }
        return object.settingMember("spec", to: spec)
    }

    /// What may not change once the definition is established.
    public static func changes(from old: JSONValue, to new: JSONValue) -> [SchemaViolation] {
        let isEstablished = old.at("status", "conditions")?.elements.contains {
            $0.member("type")?.stringValue == "Established" && $0.member("status")?.stringValue == "True"
        }
        guard isEstablished == true else { return [] }
        return [["spec", "group"], ["spec", "scope"], ["spec", "names", "plural"], ["spec", "names", "kind"]]
            .compactMap { path in
                let value = new.at(path)
                if old.at(path)?.stringValue == value?.stringValue { return nil }
                return SchemaViolation(
                    path.joined(separator: "."), .invalid, value: value ?? .string(""), detail: "field is immutable")
            }
    }
}

// MARK: - Status

extension CustomResourceDefinition {
    /// The names of another established definition of the same group, to find conflicts with.
    public struct TakenNames: Hashable, Sendable {
        public let plural: String
        public let singular: String
        public let kind: String
        public let listKind: String
        public let shortNames: [String]

        public init(_ resource: CustomResource) {
            plural = resource.plural
            singular = resource.singular
            kind = resource.kind
            listKind = resource.listKind
            shortNames = resource.shortNames
        }
    }

    /// The status a server gives the definition: names accepted if nobody else of the group has them, then
    /// established, and every storage version there ever was.
    ///
    /// - Parameters:
    ///   - others: the other established definitions of the group.
    ///   - time: RFC 3339, when conditions changed.
    public static func status(
        of object: JSONValue, besides others: [TakenNames], time: String
    ) -> JSONValue {
        let definition = CustomResourceDefinition(object)
        let resource = definition.resource
        let conflict = conflict(of: resource, with: others)
        let old = object.member("status") ?? .object([])
        let wasEstablished = condition("Established", of: old)?.member("status")?.stringValue == "True"
        let accepted = conflict == nil
        var conditions = [
            condition(
                "NamesAccepted", accepted ? "True" : "False", accepted ? "NoConflicts" : conflict?.reason ?? "",
                accepted ? "no conflicts found" : conflict?.message ?? "", old, time),
            accepted || wasEstablished
                ? condition(
                    "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", old, time)
                : condition("Established", "False", "NotAccepted", "not all names are accepted", old, time),
        ]
        // Conditions of other managers stay (NonStructuralSchema, KubernetesAPIApprovalPolicyConformant...).
        conditions += (old.member("conditions")?.elements ?? []).filter {
            let type = $0.member("type")?.stringValue
            return type != "NamesAccepted" && type != "Established"
        }
        var stored = (old.member("storedVersions")?.elements ?? []).compactMap(\.stringValue)
        if !stored.contains(resource.storageVersion) { stored.append(resource.storageVersion) }
        let names = accepted ? object.at("spec", "names") ?? .object([]) : old.member("acceptedNames")
        return [
            "conditions": .array(conditions), "acceptedNames": names ?? ["plural": "", "kind": ""],
            "storedVersions": .array(stored.map { .string($0) }),
        ]
    }

    /// What the status is right after creation, before names are looked at.
    public static func initialStatus(of object: JSONValue) -> JSONValue {
        let stored = CustomResourceDefinition(object).resource.storageVersion
        return [
            "conditions": nil, "acceptedNames": ["plural": "", "kind": ""], "storedVersions": [.string(stored)],
        ]
    }

    public static func isEstablished(_ object: JSONValue) -> Bool {
        condition("Established", of: object.member("status") ?? .null)?.member("status")?.stringValue == "True"
    }

    private static func condition(_ type: String, of status: JSONValue) -> JSONValue? {
        status.member("conditions")?.elements.first { $0.member("type")?.stringValue == type }
    }

    private static func condition(
        _ type: String, _ status: String, _ reason: String, _ message: String, _ old: JSONValue, _ time: String
    ) -> JSONValue {
        let before = condition(type, of: old)
        let since = before?.member("status")?.stringValue == status ? before?.member("lastTransitionTime") : nil
        return [
            "type": .string(type), "status": .string(status), "lastTransitionTime": since ?? .string(time),
            "reason": .string(reason), "message": .string(message),
        ]
    }

    private static func conflict(
        of resource: CustomResource, with others: [TakenNames]
    ) -> (reason: String, message: String)? {
        for other in others {
            let names = [other.plural, other.singular] + other.shortNames
            if names.contains(resource.plural) {
                return ("PluralConflict", "\"\(resource.plural)\" is already in use")
            }
            if names.contains(resource.singular) {
                return ("SingularConflict", "\"\(resource.singular)\" is already in use")
            }
            if let taken = resource.shortNames.first(where: names.contains) {
                return ("ShortNamesConflict", "\"\(taken)\" is already in use")
            }
            let kinds = [other.kind, other.listKind]
            if kinds.contains(resource.kind) { return ("KindConflict", "\"\(resource.kind)\" is already in use") }
            if kinds.contains(resource.listKind) {
                return ("ListKindConflict", "\"\(resource.listKind)\" is already in use")
            }
        }
        return nil
    }
}

extension CustomResourceDefinition {
    /// Formats of strings that a real server checks and this one stores only; sorted.
    public static var uncheckedFormats: [String] { StringFormat.unchecked.sorted() }
}
