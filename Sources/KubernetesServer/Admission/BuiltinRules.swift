import JSONTree
import KubernetesModel
import KubernetesSchema

/// What built-in kinds must fulfil beyond their types, told in the words of kube-apiserver.
struct BuiltinRules {
    private(set) var errors: [FieldError] = []

    static func violations(
        of object: JSONValue, _ kind: GroupVersionKind, _ schema: Schema, old: JSONValue?
    ) -> [FieldError] {
        var rules = BuiltinRules()
        // Go's structs have no required fields: what must be there is among the rules. Enumerations are in the tables.
        rules.errors = schema.violations(of: object.removingMember("metadata").removingMember("status")).compactMap {
            guard case .notSupported(let values) = $0.reason else { return nil }
            return FieldError(SchemaViolation($0.path, .notSupported(values.sorted()), value: $0.badValue))
        }
        rules.check(object, kind, old: old)
        return rules.errors
    }

    private mutating func check(_ object: JSONValue, _ kind: GroupVersionKind, old: JSONValue?) {
        switch (kind.group, kind.kind) {
        case ("", "Pod"): checkPod(object, old: old)
        case ("", "Service"): checkService(object, old: old)
        case ("", "ConfigMap"), ("", "Secret"): checkData(object, old: old)
        case ("networking.k8s.io", "NetworkPolicy"): checkNetworkPolicy(object)
        case ("discovery.k8s.io", "EndpointSlice"): checkEndpointSlice(object, old: old)
        case ("coordination.k8s.io", "Lease"):
            if let seconds = object.at("spec", "leaseDurationSeconds")?.intValue, seconds <= 0 {
                add(.invalid, "spec.leaseDurationSeconds", .int(seconds), "must be greater than 0")
            }
        case ("apps", _), ("batch", "Job"), ("", "ReplicationController"): checkWorkload(object, kind, old: old)
        case ("rbac.authorization.k8s.io", _): checkRoles(object, kind, old: old)
        case ("apiextensions.k8s.io", "CustomResourceDefinition"):
            errors += CustomResourceDefinition(object).violations.map { FieldError($0) }
            if let old { errors += CustomResourceDefinition.changes(from: old, to: object).map { FieldError($0) } }
        default: break
        }
    }

    // MARK: Words shared by the kinds

    mutating func add(_ kind: FieldError.Kind, _ path: String, _ value: JSONValue? = nil, _ detail: String = "") {
        errors.append(FieldError(kind, at: path, value: value, detail))
    }

    mutating func add(_ more: [FieldError]) { errors += more }

    mutating func checkName(_ name: String, _ rule: NameRule, _ path: String) {
        for problem in rule.problems(in: name) { add(.invalid, path, .string(name), problem) }
    }

    static let portRange = "must be between 1 and 65535, inclusive"

    mutating func checkPort(_ number: Int64, _ path: String) {
        if !(1...65535).contains(number) { add(.invalid, path, .int(number), Self.portRange) }
    }

    /// A port by number or by name.
    mutating func checkPort(_ value: JSONValue, _ path: String) {
        if let number = value.intValue {
            checkPort(number, path)
        } else {
            checkName(value.stringValue ?? "", .portName, path)
        }
    }

    mutating func checkProtocol(_ value: JSONValue?, _ path: String) {
        guard let value, !["TCP", "UDP", "SCTP"].contains(value.stringValue) else { return }
        add(.notSupported(["SCTP", "TCP", "UDP"]), path, value)
    }

    /// A label selector as it stands in an object.
    mutating func checkSelector(_ value: JSONValue?, _ path: String) {
        guard let value, let tree = try? value.tree() else { return }
        errors += LabelSelector.problems(in: tree.root).map { $0.inside(path) }
    }

    mutating func checkLabels(_ value: JSONValue?, _ path: String) {
        for member in value?.members ?? [] {
            for problem in NameRule.qualifiedName.problems(in: member.key) {
                add(.invalid, path, .string(member.key), problem)
            }
            for problem in NameRule.labelValue.problems(in: member.value.stringValue ?? "") {
                add(.invalid, path, member.value, problem)
            }
        }
    }

    mutating func checkUnchanged(_ new: JSONValue?, _ old: JSONValue?, _ path: String) {
        let isSame =
            switch (new, old) {
            case (let new?, let old?): new.isEquivalent(to: old)
            case (nil, nil): true
            default: false
            }
        if !isSame { add(.invalid, path, new ?? .null, "field is immutable") }
    }

    // MARK: Small kinds

    private static let keyPattern = Array("-._".utf8)

    private mutating func checkData(_ object: JSONValue, old: JSONValue?) {
        for field in ["data", "binaryData"] {
            for member in object.member(field)?.members ?? [] {
                let isValid =
                    !member.key.isEmpty && member.key.utf8.count <= 253 && member.key != "." && member.key != ".."
                    && member.key.utf8.allSatisfy { byte in
                        Self.keyPattern.contains(byte) || byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter
                            || (0x30...0x39).contains(byte)
                    }
                if isValid { continue }
                add(
                    .invalid, "\(field)[\(member.key)]", .string(member.key),
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                        + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
            }
        }
        guard let old else { return }
        if old.member("immutable")?.boolValue == true {
            if object.member("immutable")?.boolValue != true {
                add(.forbidden, "immutable", nil, "field is immutable when `immutable` is set")
            }
            for field in ["data", "binaryData"]
            where !(object.member(field) ?? .null).isEquivalent(to: old.member(field) ?? .null) {
                add(.forbidden, field, nil, "field is immutable when `immutable` is set")
            }
        }
        if let type = old.member("type"), !type.isEquivalent(to: object.member("type") ?? .null) {
            add(.invalid, "type", object.member("type"), "field is immutable")
        }
    }

    private mutating func checkRoles(_ object: JSONValue, _ kind: GroupVersionKind, old: JSONValue?) {
        for (index, rule) in (object.member("rules")?.elements ?? []).enumerated() {
            let path = "rules[\(index)]"
            func isEmpty(_ field: String) -> Bool { (rule.member(field)?.elements ?? []).isEmpty }
            if isEmpty("verbs") {
                add(.required, "\(path).verbs", nil, "verbs must contain at least one value")
            }
            if !isEmpty("nonResourceURLs") {
                if kind.kind == "Role" {
                    add(
                        .invalid, "\(path).nonResourceURLs", rule.member("nonResourceURLs"),
                        "namespaced rules cannot apply to non-resource URLs")
                }
                if !isEmpty("apiGroups") || !isEmpty("resources") || !isEmpty("resourceNames") {
                    add(
                        .invalid, "\(path).nonResourceURLs", rule.member("nonResourceURLs"),
                        "rules cannot apply to both regular resources and non-resource URLs")
                }
                continue
            }
            if isEmpty("apiGroups") {
                add(.required, "\(path).apiGroups", nil, "resource rules must supply at least one api group")
            }
            if isEmpty("resources") {
                add(.required, "\(path).resources", nil, "resource rules must supply at least one resource")
            }
        }
        guard kind.kind.hasSuffix("Binding") else { return }
        if (object.at("roleRef", "name")?.stringValue ?? "").isEmpty { add(.required, "roleRef.name") }
        let kinds = kind.kind == "RoleBinding" ? ["ClusterRole", "Role"] : ["ClusterRole"]
        if let role = object.at("roleRef", "kind"), !kinds.contains(role.stringValue ?? "") {
            add(.notSupported(kinds), "roleRef.kind", role)
        }
        for (index, subject) in (object.member("subjects")?.elements ?? []).enumerated() {
            let path = "subjects[\(index)]"
            if (subject.member("name")?.stringValue ?? "").isEmpty { add(.required, "\(path).name") }
            let subjectKind = subject.member("kind")?.stringValue ?? ""
            if !["ServiceAccount", "User", "Group"].contains(subjectKind) {
                add(.notSupported(["Group", "ServiceAccount", "User"]), "\(path).kind", .string(subjectKind))
            } else if subjectKind == "ServiceAccount", (subject.member("namespace")?.stringValue ?? "").isEmpty {
                add(.required, "\(path).namespace")
            }
        }
        if let old, let role = object.member("roleRef"), !role.isEquivalent(to: old.member("roleRef") ?? .null) {
            add(.invalid, "roleRef", role, "cannot change roleRef")
        }
    }
}
