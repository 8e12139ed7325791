import JSONTree

/// Reads the spec of a CustomResourceDefinition (apiextensions, pkg/apis/apiextensions/validation).
struct CustomResourceReader {
    private let object: JSONValue
    private let spec: JSONValue
    private(set) var violations: [SchemaViolation] = []
    private(set) var warnings: [String] = []
    private var versions: [CustomResource.Version] = []
    private let root = FieldPath("spec")

    init(_ object: JSONValue) {
        self.object = object
        spec = object.member("spec") ?? .object([])
    }

    private func text(_ keys: String...) -> String { spec.at(keys)?.stringValue ?? "" }

    private func texts(_ keys: String...) -> [String] { (spec.at(keys)?.elements ?? []).compactMap(\.stringValue) }

    var resource: CustomResource {
        CustomResource(
            group: text("group"), plural: text("names", "plural"), singular: text("names", "singular"),
            kind: text("names", "kind"), listKind: text("names", "listKind"), shortNames: texts("names", "shortNames"),
            categories: texts("names", "categories"), isNamespaced: text("scope") == "Namespaced", versions: versions)
    }

    private mutating func report(
        _ path: FieldPath, _ reason: SchemaViolation.Reason, _ value: JSONValue?, _ detail: String = ""
    ) {
        violations.append(SchemaViolation(path.text, reason, value: value, detail: detail))
    }

    mutating func read() {
        let name = object.at("metadata", "name")?.stringValue ?? ""
        if name != "\(text("names", "plural")).\(text("group"))" {
            report(
                FieldPath("metadata.name"), .invalid, .string(name), "must be spec.names.plural+\".\"+spec.group")
        }
        checkGroup()
        checkScope()
        checkNames()
        readVersions()
        if spec.member("preserveUnknownFields")?.boolValue == true {
            report(
                root.field("preserveUnknownFields"), .invalid, .bool(true),
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
            )
        }
        if text("conversion", "strategy") == "Webhook" {
            warnings.append(
                "spec.conversion.strategy: conversion webhooks are not called by this server: objects are served in "
                    + "every version as they are stored")
        } else if let strategy = spec.at("conversion", "strategy"), strategy.stringValue != "None" {
            report(
                root.field("conversion").field("strategy"), .notSupported(["\"None\"", "\"Webhook\""]), strategy)
        }
    }

    // MARK: Names

    private static let labelSentence =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

    private static let dns1035Sentence =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
        + "is '[a-z]([-a-z0-9]*[a-z0-9])?')"

    private static func isDNS1035(_ text: String) -> Bool {
        StringFormat.holds("k8s-short-name", for: text) == true && text.utf8.first.map { $0 > 0x39 } ?? false
    }

    private mutating func checkGroup() {
        let group = text("group")
        let path = root.field("group")
        if group.isEmpty {
            report(path, .required, nil)
        } else if StringFormat.holds("k8s-long-name", for: group) != true {
            report(path, .invalid, .string(group), Self.labelSentence)
        } else if !group.contains(".") {
            report(path, .invalid, .string(group), "should be a domain with at least one dot")
        } else if group == "k8s.io" || group == "kubernetes.io" || group.hasSuffix(".k8s.io")
            || group.hasSuffix(".kubernetes.io"),
            (object.at("metadata", "annotations", "api-approved.kubernetes.io")?.stringValue ?? "").isEmpty
        {
            report(
                FieldPath("metadata.annotations").key("api-approved.kubernetes.io"), .required, nil,
                "protected groups must have approval annotation \"api-approved.kubernetes.io\", see "
                    + "https://github.com/kubernetes/enhancements/pull/1111")
        }
    }

    private mutating func checkScope() {
        let scope = text("scope")
        if scope.isEmpty {
            report(root.field("scope"), .required, nil)
        } else if scope != "Cluster", scope != "Namespaced" {
            report(root.field("scope"), .notSupported(["\"Cluster\"", "\"Namespaced\""]), .string(scope))
        }
    }

    private mutating func checkNames() {
        let path = root.field("names")
        for name in ["plural", "singular"] {
            let value = text("names", name)
            if value.isEmpty {
                if name == "plural" { report(path.field(name), .required, nil) }
            } else if !Self.isDNS1035(value) {
                report(path.field(name), .invalid, .string(value), Self.dns1035Sentence)
            }
        }
        for name in ["kind", "listKind"] {
            let value = text("names", name)
            if value.isEmpty {
                report(path.field(name), .required, nil)
            } else if !Self.isDNS1035(value.lowercased()) {
                report(
                    path.field(name), .invalid, .string(value),
                    "may have mixed case, but should otherwise match: " + Self.dns1035Sentence)
            }
        }
        let kind = text("names", "kind")
        if !kind.isEmpty, kind == text("names", "listKind") {
            report(path.field("listKind"), .invalid, .string(kind), "kind and listKind may not be the same")
        }
        for (list, names) in [
            ("shortNames", texts("names", "shortNames")), ("categories", texts("names", "categories")),
        ] {
            for (index, name) in names.enumerated() where !Self.isDNS1035(name) {
                report(path.field(list).element(index), .invalid, .string(name), Self.dns1035Sentence)
            }
        }
    }

    // MARK: Versions

    private mutating func readVersions() {
        let path = root.field("versions")
        let given = spec.member("versions")?.elements ?? []
        if given.isEmpty { report(path, .required, nil, "must have at least one version") }
        var names: Set<String> = []
        var isUnique = true
        for (index, version) in given.enumerated() {
            let name = version.member("name")?.stringValue ?? ""
            if !names.insert(name).inserted { isUnique = false }
            if !Self.isDNS1035(name) {
                report(path.element(index).field("name"), .invalid, .string(name), Self.dns1035Sentence)
            }
            versions.append(readVersion(version, name, path.element(index)))
        }
        if !isUnique { report(path, .invalid, .array(given), "must contain unique version names") }
        if !given.isEmpty, versions.count(where: \.isStorage) != 1 {
            report(path, .invalid, .array(given), "must have exactly one version marked as storage version")
        }
    }

    private mutating func readVersion(
        _ version: JSONValue, _ name: String, _ path: FieldPath
    ) -> CustomResource.Version {
        var schema = Schema.any
        let schemaPath = path.field("schema").field("openAPIV3Schema")
        if let given = version.at("schema", "openAPIV3Schema"), given.kind == .object {
            var reader = StructuralSchema()
            schema = reader.root(given, at: schemaPath)
            violations += reader.violations
            var rules = RuleCheck()
            rules.visit(schema, schemaPath)
            violations += rules.violations
            warnings += rules.warnings
            for format in reader.uncheckedFormats.sorted() {
                warnings.append("\(schemaPath): format \"\(format)\" is stored and not checked by this server")
            }
        } else {
            report(schemaPath, .required, nil, "schemas are required")
        }
        let subresources = version.member("subresources")
        return CustomResource.Version(
            name: name, isServed: version.member("served")?.boolValue ?? false,
            isStorage: version.member("storage")?.boolValue ?? false,
            deprecationWarning: deprecation(of: version, name), schema: schema,
            hasStatus: subresources?.member("status").map { !$0.isNull } ?? false,
            scale: subresources?.member("scale").flatMap { scale($0, path.field("subresources").field("scale")) },
            columns: columns(of: version, path.field("additionalPrinterColumns")),
            selectableFields: selectableFields(of: version, path.field("selectableFields")))
    }

    private func deprecation(of version: JSONValue, _ name: String) -> String? {
        guard version.member("deprecated")?.boolValue == true else { return nil }
        return version.member("deprecationWarning")?.stringValue
            ?? "\(text("group"))/\(name) \(text("names", "kind")) is deprecated"
    }

    private mutating func scale(_ value: JSONValue, _ path: FieldPath) -> CustomResource.Scale? {
        if value.isNull { return nil }
        func keys(_ name: String, under prefix: String, isRequired: Bool = true) -> [String]? {
            let text = value.member(name)?.stringValue ?? ""
            if text.isEmpty {
                if isRequired { report(path.field(name), .required, nil) }
                return nil
            }
            guard let keys = (try? JSONPath(text))?.keys, keys.count > 1, keys[0] == prefix else {
                report(
                    path.field(name), .invalid, .string(text), "should be a json path under .\(prefix)")
                return nil
            }
            return keys
        }
        let spec = keys("specReplicasPath", under: "spec")
        let status = keys("statusReplicasPath", under: "status")
        let prefix = value.member("labelSelectorPath")?.stringValue?.hasPrefix(".spec") == true ? "spec" : "status"
        let selector = keys("labelSelectorPath", under: prefix, isRequired: false)
        guard let spec, let status else { return nil }
        return CustomResource.Scale(
            specReplicasPath: spec, statusReplicasPath: status, labelSelectorPath: selector)
    }

    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]

    private mutating func columns(of version: JSONValue, _ path: FieldPath) -> [CustomResource.Column] {
        var columns: [CustomResource.Column] = []
        for (index, column) in (version.member("additionalPrinterColumns")?.elements ?? []).enumerated() {
            let path = path.element(index)
            let name = column.member("name")?.stringValue ?? ""
            let type = column.member("type")?.stringValue ?? ""
            if name.isEmpty { report(path.field("name"), .required, nil) }
            if type.isEmpty {
                report(
                    path.field("type"), .required, nil, "must be one of " + Self.columnTypes.joined(separator: ","))
            } else if !Self.columnTypes.contains(type) {
                report(
                    path.field("type"), .invalid, .string(type),
                    "must be one of " + Self.columnTypes.joined(separator: ","))
            }
            guard let jsonPath = jsonPath(column, path.field("jsonPath")) else { continue }
            columns.append(
                CustomResource.Column(
                    name: name, type: type, format: column.member("format")?.stringValue ?? "",
                    description: column.member("description")?.stringValue ?? "",
                    priority: Int(clamping: column.member("priority")?.intValue ?? 0), path: jsonPath))
        }
        if columns.isEmpty, (try? JSONPath(".metadata.creationTimestamp")) != nil { return Self.age }
        return columns
    }

    /// What a resource without columns of its own shows beside the name.
    private static let age: [CustomResource.Column] =
        (try? JSONPath(".metadata.creationTimestamp")).map {
            [
                CustomResource.Column(
                    name: "Age", type: "date", format: "",
                    description: "When the object was stored first, by the server's clock.", priority: 0, path: $0)
            ]
        } ?? []

    private mutating func jsonPath(_ value: JSONValue, _ path: FieldPath) -> JSONPath? {
        let text = value.member("jsonPath")?.stringValue ?? ""
        if text.isEmpty {
            report(path, .required, nil)
            return nil
        }
        do throws(JSONPath.SyntaxError) {
            return try JSONPath(text)
        } catch {
            report(path, .invalid, .string(text), "must be a simple json path: \(error)")
            return nil
        }
    }

    private mutating func selectableFields(of version: JSONValue, _ path: FieldPath) -> [CustomResource.SelectableField]
    {
        var fields: [CustomResource.SelectableField] = []
        for (index, field) in (version.member("selectableFields")?.elements ?? []).enumerated() {
            let place = path.element(index).field("jsonPath")
            guard let jsonPath = jsonPath(field, place) else { continue }
            guard let keys = jsonPath.keys, keys.first != "metadata" else {
                report(
                    place, .invalid, .string(jsonPath.text),
                    "is an invalid path: must be a plain field below spec or status")
                continue
            }
            fields.append(CustomResource.SelectableField(name: keys.joined(separator: "."), path: jsonPath))
        }
        return fields
    }
}
