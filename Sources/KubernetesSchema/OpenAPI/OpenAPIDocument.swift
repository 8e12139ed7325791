import JSONTree

/// The OpenAPI v3 document of one group and version: what `kubectl explain` prints, and where `kubectl apply` looks up
/// which patches and query parameters a resource takes. Parameters and answers are told as far as clients read them.
public struct OpenAPIDocument: Sendable {
    public let value: JSONValue

    /// - Parameter resources: all of one group and version.
    public init(of resources: [OpenAPIResource]) {
        var writer = OpenAPIWriter()
        var paths: [JSONMember] = []
        for resource in resources.sorted(by: { $0.resource < $1.resource }) {
            paths += writer.paths(of: resource)
        }
        value = [
            "openapi": "3.0.0",
            "info": ["title": "Poplin's embedded Kubernetes API", "version": "v1"],
            "paths": .object(paths),
            "components": ["schemas": .object(writer.components())],
        ]
    }

    /// The document on one line.
    public var bytes: [UInt8] { value.serialized() }
}

private struct OpenAPIWriter {
    private var schemas: [String: JSONValue] = [:]
    private var waiting: [String] = []

    // MARK: Paths

    mutating func paths(of resource: OpenAPIResource) -> [JSONMember] {
        let root = "/\(resource.documentPath)/" + (resource.isNamespaced ? "namespaces/{namespace}/" : "")
        let name = component(of: resource)
        var paths: [JSONMember] = []
        let collection = operations(
            [("get", "list"), ("post", "create"), ("delete", "deletecollection")], resource.verbs, resource, name)
        let item = operations(
            [("get", "get"), ("put", "update"), ("patch", "patch"), ("delete", "delete")], resource.verbs, resource,
            name)
        if !collection.isEmpty { paths.append(JSONMember(root + resource.resource, .object(collection))) }
        if resource.isNamespaced, resource.verbs.contains("list") {
            let everywhere = operations([("get", "list")], resource.verbs, resource, name)
            paths.append(JSONMember("/\(resource.documentPath)/\(resource.resource)", .object(everywhere)))
        }
        if !item.isEmpty { paths.append(JSONMember("\(root)\(resource.resource)/{name}", .object(item))) }
        for subresource in resource.subresources {
            let operations = operations(
                [("get", "get"), ("post", "create"), ("put", "update"), ("patch", "patch")], subresource.verbs,
                resource, name)
            if !operations.isEmpty {
                let path = "\(root)\(resource.resource)/{name}/\(subresource.name)"
                paths.append(JSONMember(path, .object(operations)))
            }
        }
        return paths
    }

    private func operations(
        _ methods: [(method: String, verb: String)], _ verbs: Set<String>, _ resource: OpenAPIResource, _ name: String
    ) -> [JSONMember] {
        methods.filter { verbs.contains($0.verb) }.map { method, verb in
            JSONMember(method, operation(verb, resource, name))
        }
    }

    private static let actions = [
        "list": "list", "create": "post", "deletecollection": "deletecollection", "get": "get", "update": "put",
        "patch": "patch", "delete": "delete",
    ]

    private func operation(_ verb: String, _ resource: OpenAPIResource, _ name: String) -> JSONValue {
        let reference: JSONValue = ["$ref": .string("#/components/schemas/\(name)")]
        var members: [JSONMember] = [
            JSONMember("operationId", .string("\(verb)\(resource.kind)")),
            JSONMember("parameters", .array(Self.parameters(of: verb).map(Self.parameter))),
        ]
        switch verb {
        case "create", "update":
            members.append(
                JSONMember("requestBody", ["content": ["*/*": ["schema": reference]], "required": true]))
        case "patch":
            let types =
                ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"]
                + (resource.isBuiltin ? ["application/strategic-merge-patch+json"] : [])
            let content = types.map { JSONMember($0, ["schema": ["type": "object"]]) }
            members.append(JSONMember("requestBody", ["content": .object(content), "required": true]))
        default: break
        }
        members.append(
            JSONMember(
                "responses",
                ["200": ["description": "OK", "content": ["application/json": ["schema": reference]]]]))
        members.append(JSONMember("x-kubernetes-action", .string(Self.actions[verb] ?? verb)))
        members.append(JSONMember("x-kubernetes-group-version-kind", Self.kind(of: resource)))
        return .object(members)
    }

    private static func kind(of resource: OpenAPIResource) -> JSONValue {
        [
            "group": .string(resource.group), "version": .string(resource.version), "kind": .string(resource.kind),
        ]
    }

    private static func parameters(of verb: String) -> [String] {
        switch verb {
        case "list":
            [
                "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
                "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",
            ]
        case "create", "update": ["dryRun", "fieldManager", "fieldValidation"]
        case "patch": ["dryRun", "fieldManager", "fieldValidation", "force"]
        case "delete", "deletecollection": ["dryRun", "gracePeriodSeconds", "propagationPolicy"]
        default: []
        }
    }

    private static func parameter(_ name: String) -> JSONValue {
        let type =
            switch name {
            case "allowWatchBookmarks", "sendInitialEvents", "watch", "force": "boolean"
            case "limit", "timeoutSeconds", "gracePeriodSeconds": "integer"
            default: "string"
            }
        return ["name": .string(name), "in": "query", "schema": ["type": .string(type), "uniqueItems": true]]
    }

    // MARK: Components

    /// The component of a resource's schema, written down with everything it refers to.
    private mutating func component(of resource: OpenAPIResource) -> String {
        let definition =
            resource.schema.definitionName
            ?? (resource.isBuiltin
                ? BuiltinSchemas.definitionName(group: resource.group, version: resource.version, kind: resource.kind)
                : nil)
        if let definition {
            let name = BuiltinSchemas.library.qualifiedName(of: definition)
            note(definition)
            writeWaiting()
            addKind(of: resource, to: name)
            return name
        }
        let domain = resource.group.split(separator: ".").reversed().joined(separator: ".")
        let name = "\(domain).\(resource.version).\(resource.kind)"
        if schemas[name] == nil {
            schemas[name] = customRoot(resource.schema)
            writeWaiting()
        }
        addKind(of: resource, to: name)
        return name
    }

    private mutating func addKind(of resource: OpenAPIResource, to name: String) {
        let key = "x-kubernetes-group-version-kind"
        guard let schema = schemas[name] else { return }
        var kinds = schema.member(key)?.elements ?? []
        let kind = Self.kind(of: resource)
        if !kinds.contains(kind) { kinds.append(kind) }
        schemas[name] = schema.settingMember(key, to: .array(kinds))
    }

    /// A custom resource's schema with the members every object has, which its definition leaves out.
    private mutating func customRoot(_ schema: Schema) -> JSONValue {
        let meta = BuiltinSchemas.library.definition(named: "Pod")
        var written = inline(schema)
        var properties: [JSONMember] = ["apiVersion", "kind", "metadata"].compactMap { name in
            meta.property(name).map { JSONMember(name, self.schema(of: $0.schema)) }
        }
        properties += (written.member("properties")?.members ?? []).filter { member in
            !properties.contains { $0.key == member.key }
        }
        written = written.settingMember("type", to: "object")
        return written.settingMember("properties", to: .object(properties))
    }

    private mutating func note(_ definition: String) {
        if schemas[BuiltinSchemas.library.qualifiedName(of: definition)] == nil { waiting.append(definition) }
    }

    private mutating func writeWaiting() {
        while let definition = waiting.popLast() {
            let name = BuiltinSchemas.library.qualifiedName(of: definition)
            guard schemas[name] == nil else { continue }
            schemas[name] = .object([])
            schemas[name] = inline(BuiltinSchemas.library.definition(named: definition))
        }
    }

    mutating func components() -> [JSONMember] {
        for (name, value) in Self.scalars where scalarsUsed.contains(name) { schemas[name] = value }
        return schemas.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value) }
    }

    private var scalarsUsed: Set<String> = []

    private static let quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"
    private static let intOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    private static let time = "io.k8s.apimachinery.pkg.apis.meta.v1.Time"
    private static let microTime = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"

    /// Types of their own in Kubernetes' documents, so that `kubectl explain` names them.
    private static let scalars: [String: JSONValue] = [
        quantity: [
            "description": "A number with a unit, such as 500m, 1.5 or 2Gi.",
            "oneOf": [["type": "string"], ["type": "number"]],
        ],
        intOrString: [
            "description": "A number, or a text such as a port's name or 25%.", "format": "int-or-string",
            "oneOf": [["type": "integer"], ["type": "string"]],
        ],
        time: ["description": "A time, RFC 3339.", "type": "string", "format": "date-time"],
        microTime: [
            "description": "A time with microseconds, RFC 3339.", "type": "string", "format": "date-time",
        ],
    ]

    // MARK: Schemas

    /// What stands where a value of this schema may be.
    private mutating func schema(of schema: Schema) -> JSONValue {
        guard let definition = schema.definitionName else {
            guard let scalar = Self.scalarName(of: schema), !schema.hasConstraints else { return inline(schema) }
            scalarsUsed.insert(scalar)
            return reference(to: scalar, schema)
        }
        note(definition)
        return reference(to: BuiltinSchemas.library.qualifiedName(of: definition), schema)
    }

    private static func scalarName(of schema: Schema) -> String? {
        switch (schema.kind, schema.format) {
        case (.string, "quantity"): quantity
        case (.string, "date-time-micro"): microTime
        case (.intOrString, "int-or-string"): intOrString
        default: nil
        }
    }

    private func reference(to name: String, _ schema: Schema) -> JSONValue {
        let target: JSONValue = ["$ref": .string("#/components/schemas/\(name)")]
        var members: [JSONMember] = []
        if let description = schema.ownDescription { members.append(JSONMember("description", .string(description))) }
        if let value = schema.ownDefault { members.append(JSONMember("default", value)) }
        addPatchWords(of: schema, to: &members)
        if members.isEmpty { return target }
        return .object([JSONMember("allOf", [target])] + members)
    }

    private func addPatchWords(of schema: Schema, to members: inout [JSONMember]) {
        if let key = schema.patchMergeKey { members.append(JSONMember("x-kubernetes-patch-merge-key", .string(key))) }
        if let strategy = schema.patchStrategy.text {
            members.append(JSONMember("x-kubernetes-patch-strategy", .string(strategy)))
        }
    }

    private mutating func inline(_ schema: Schema) -> JSONValue {
        var members: [JSONMember] = []
        func add(_ key: String, _ value: JSONValue?) {
            if let value { members.append(JSONMember(key, value)) }
        }
        add("description", schema.description.map { .string($0) })
        switch schema.kind {
        case .any: break
        case .intOrString: add("x-kubernetes-int-or-string", true)
        default: add("type", .string(schema.kind.rawValue))
        }
        let format = schema.format == "date-time-micro" ? "date-time" : schema.format
        add("format", format == "quantity" || format == "int-or-string" ? nil : format.map { .string($0) })
        if schema.isNullable { add("nullable", true) }
        add("default", schema.defaultValue)
        if !schema.properties.isEmpty {
            add(
                "properties",
                .object(schema.properties.map { JSONMember($0.name, self.schema(of: $0.schema)) }))
        }
        let required = schema.required + schema.constraints.required
        if !required.isEmpty { add("required", .array(required.map { .string($0) })) }
        add("additionalProperties", schema.additionalProperties.map { self.schema(of: $0) })
        add("items", schema.items.map { self.schema(of: $0) })
        if schema.hasConstraints { addConstraints(schema.constraints, to: &members) }
        addKubernetesWords(of: schema, to: &members)
        return .object(members)
    }

    private func addKubernetesWords(of schema: Schema, to members: inout [JSONMember]) {
        switch schema.statedListType {
        case .atomic: members.append(JSONMember("x-kubernetes-list-type", "atomic"))
        case .set: members.append(JSONMember("x-kubernetes-list-type", "set"))
        case .map(let keys):
            members.append(JSONMember("x-kubernetes-list-map-keys", .array(keys.map { .string($0) })))
            members.append(JSONMember("x-kubernetes-list-type", "map"))
        case nil: break
        }
        if let mapType = schema.statedMapType {
            members.append(JSONMember("x-kubernetes-map-type", .string(mapType.rawValue)))
        }
        if schema.definitionName == nil { addPatchWords(of: schema, to: &members) }
        if schema.preservesUnknownFields, schema.kind != .any || schema.isEmbeddedResource {
            members.append(JSONMember("x-kubernetes-preserve-unknown-fields", true))
        }
        if schema.isEmbeddedResource { members.append(JSONMember("x-kubernetes-embedded-resource", true)) }
    }

    private mutating func addConstraints(_ constraints: Schema.Constraints, to members: inout [JSONMember]) {
        func add(_ key: String, _ value: JSONValue?) {
            if let value { members.append(JSONMember(key, value)) }
        }
        func number(_ value: Double?) -> JSONValue? {
            value.map { number in Int64(exactly: number).map { .int($0) } ?? .number("\(number)") }
        }
        func count(_ value: Int?) -> JSONValue? { value.map { .int(Int64($0)) } }
        if !constraints.enumeration.isEmpty { add("enum", .array(constraints.enumeration)) }
        add("minimum", number(constraints.minimum?.value))
        if constraints.minimum?.isExclusive == true { add("exclusiveMinimum", true) }
        add("maximum", number(constraints.maximum?.value))
        if constraints.maximum?.isExclusive == true { add("exclusiveMaximum", true) }
        add("multipleOf", number(constraints.multipleOf))
        add("minLength", count(constraints.minLength))
        add("maxLength", count(constraints.maxLength))
        add("pattern", constraints.pattern.map { .string($0) })
        add("minItems", count(constraints.minItems))
        add("maxItems", count(constraints.maxItems))
        add("minProperties", count(constraints.minProperties))
        add("maxProperties", count(constraints.maxProperties))
        for (key, branches) in [
            ("allOf", constraints.allOf), ("anyOf", constraints.anyOf), ("oneOf", constraints.oneOf),
        ] where !branches.isEmpty {
            add(key, .array(branches.map { inline($0) }))
        }
        if let not = constraints.not { add("not", inline(not)) }
        if !constraints.rules.isEmpty {
            add("x-kubernetes-validations", .array(constraints.rules.map(\.value)))
        }
    }
}
