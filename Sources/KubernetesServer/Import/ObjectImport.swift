import Foundation
import JSONTree
import KubernetesModel
import KubernetesSchema

/// Puts objects that somebody else has into the store as they are: manifests, and what was exported from a real cluster,
/// with its uids, times, statuses and managed fields. Nothing is admitted or judged beyond what the server needs to
/// serve the objects, because a cluster that is looked at later must not be improved on the way in.
///
/// Definitions of custom resources come first. A kind that nobody defines gets a definition that allows everything,
/// and that is said. Importing the same again changes nothing; importing newer states updates.
public struct ObjectImport: Sendable {
    public struct Count: Hashable, Sendable {
        public var created: Int
        public var updated: Int
        public var unchanged: Int
        public var refused: Int

        public init(created: Int = 0, updated: Int = 0, unchanged: Int = 0, refused: Int = 0) {
            self.created = created
            self.updated = updated
            self.unchanged = unchanged
            self.refused = refused
        }
    }

    /// Something to be told about one object.
    public struct Remark: Sendable {
        public let isError: Bool
        public let message: String
        public let manifest: Manifest?
    }

    public private(set) var counts: [String: Count] = [:]
    public private(set) var remarks: [Remark] = []

    /// The mark of definitions that were made up.
    public static let madeUpAnnotation = "poplin.dev/imported-without-definition"

    private let store: ObjectStore
    private let registry = ResourceRegistry()
    private let now: Int64

    /// Objects of one transaction.
    private static let batchSize = 500

    /// - Parameter now: seconds since 1970, for objects without a time of creation.
    public init(into store: ObjectStore, now: Int64) {
        self.store = store
        self.now = now
    }

    public mutating func run(_ manifests: [Manifest]) async throws(StoreFailure) {
        try await load()
        let definitions = manifests.filter { Self.isDefinition($0.gvk) }
        try await put(definitions.map { ($0, definition(of: $0)) })
        try await load()
        let rest = manifests.filter { !Self.isDefinition($0.gvk) }
        try await define(unknownKinds(of: rest))
        try await put(missingNamespaces(of: rest))
        let namespaces = rest.filter { $0.gvk == GroupVersionKind(version: "v1", kind: "Namespace") }
        let others = rest.filter { $0.gvk != GroupVersionKind(version: "v1", kind: "Namespace") }
        try await put((namespaces + others).map { ($0, JSONValue.node($0.node)) })
    }

    private static func isDefinition(_ kind: GroupVersionKind) -> Bool {
        kind.group == "apiextensions.k8s.io" && kind.kind == "CustomResourceDefinition"
    }

    private func load() async throws(StoreFailure) {
        let page = try await store.list(ListQuery(ResourceRegistry.definitions))
        registry.load(page.objects.compactMap { try? JSONTree(parsing: $0.bytes).root })
    }

    // MARK: Definitions

    /// A definition is established here whatever it was elsewhere: this server is to serve it.
    private func definition(of manifest: Manifest) -> JSONValue {
        let defaulted = CustomResourceDefinition.defaulted(.node(manifest.node))
        let time = Timestamp(seconds: now).description
        let status = CustomResourceDefinition.status(of: defaulted, besides: [], time: time)
        return defaulted.settingMember("status", to: status)
    }

    private func served(_ kind: GroupVersionKind) -> ServedResource? {
        registry.catalogue.resources.first { $0.kind == kind }
    }

    private func unknownKinds(of manifests: [Manifest]) -> [(kind: GroupVersionKind, objects: [Manifest])] {
        let unknown = manifests.filter { served($0.gvk) == nil }
        return Dictionary(grouping: unknown, by: \.gvk).map { ($0.key, $0.value) }
            .sorted { $0.kind.description < $1.kind.description }
    }

    private mutating func define(
        _ unknown: [(kind: GroupVersionKind, objects: [Manifest])]
    ) async throws(StoreFailure) {
        var made: [String: JSONValue] = [:]
        for (kind, objects) in unknown {
            // Without a dot it is a group of Kubernetes itself (or the core): no definition can add a kind to it.
            guard kind.group.contains(".") else { continue }
            let plural = Self.plural(of: kind.kind)
            let name = "\(plural).\(kind.group)"
            let isNamespaced = objects.contains { !$0.namespace.isEmpty }
            made[name] = adding(kind.version, to: made[name] ?? Self.open(kind, plural, isNamespaced: isNamespaced))
            remark(
                "no definition of \(kind) is known: \(objects.count) object\(objects.count == 1 ? "" : "s") imported "
                    + "without a schema, as \(name)", nil, isError: false)
        }
        for (name, definition) in made.sorted(by: { $0.key < $1.key }) {
            let time = Timestamp(seconds: now).description
            let status = CustomResourceDefinition.status(of: definition, besides: [], time: time)
            let value = definition.settingMember("status", to: status)
            guard let tree = try? value.tree(), let manifest = try? Manifest(tree.root) else { continue }
            try await put([(manifest, value)])
            _ = name
        }
        try await load()
    }

    private static func open(_ kind: GroupVersionKind, _ plural: String, isNamespaced: Bool) -> JSONValue {
        var annotations: [JSONMember] = [JSONMember(madeUpAnnotation, "true")]
        if kind.group.hasSuffix("k8s.io") || kind.group.hasSuffix("kubernetes.io") {
            annotations.append(JSONMember("api-approved.kubernetes.io", "unapproved, imported"))
        }
        return [
            "kind": "CustomResourceDefinition", "apiVersion": "apiextensions.k8s.io/v1",
            "metadata": ["name": .string("\(plural).\(kind.group)"), "annotations": .object(annotations)],
            "spec": [
                "group": .string(kind.group), "scope": isNamespaced ? "Namespaced" : "Cluster",
                "names": [
                    "plural": .string(plural), "singular": .string(kind.kind.lowercased()),
                    "kind": .string(kind.kind), "listKind": .string("\(kind.kind)List"),
                ], "versions": [], "conversion": ["strategy": "None"],
            ],
        ]
    }

    private func adding(_ version: String, to definition: JSONValue) -> JSONValue {
        let versions = definition.at("spec", "versions")?.elements ?? []
        let added: JSONValue = [
            "name": .string(version), "served": true, "storage": .bool(versions.isEmpty),
            "schema": ["openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
        ]
        return definition.setting(at: ["spec", "versions"], to: .array(versions + [added]))
    }

    /// English, as far as names of kinds need it (apimachinery's UnsafeGuessKindToResource).
    static func plural(of kind: String) -> String {
        let singular = kind.lowercased()
        if singular.hasSuffix("endpoints") { return singular }
        if singular.hasSuffix("s") || singular.hasSuffix("x") || singular.hasSuffix("ch") { return singular + "es" }
        if singular.hasSuffix("y"), let before = singular.dropLast().last, !"aeiou".contains(before) {
            return singular.dropLast() + "ies"
        }
        return singular + "s"
    }

    // MARK: Namespaces

    private mutating func missingNamespaces(
        of manifests: [Manifest]
    ) async throws(StoreFailure) -> [(Manifest, JSONValue)] {
        let given = Set(manifests.filter { $0.gvk.group.isEmpty && $0.gvk.kind == "Namespace" }.map(\.name))
        var wanted: Set<String> = []
        for manifest in manifests {
            guard let resource = served(manifest.gvk), resource.isNamespaced else { continue }
            wanted.insert(manifest.namespace.isEmpty ? "default" : manifest.namespace)
        }
        var made: [(Manifest, JSONValue)] = []
        for name in wanted.subtracting(given).sorted() {
            if try await store.object(StoreKey("namespaces", name: name)) != nil { continue }
            let kind = GroupVersionKind(version: "v1", kind: "Namespace")
            let bare: JSONValue = ["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": .string(name)]]
            let value = Admission.defaulted(bare, kind, operation: .create)
            guard let tree = try? value.tree(), let manifest = try? Manifest(tree.root) else { continue }
            made.append((manifest, value))
        }
        return made
    }

    // MARK: Objects

    private mutating func remark(_ message: String, _ manifest: Manifest?, isError: Bool) {
        remarks.append(Remark(isError: isError, message: message, manifest: manifest))
    }

    private enum Outcome: Sendable { case created, updated, unchanged }

    private struct Entry: Sendable {
        let kind: String
        let key: StoreKey
        let value: JSONValue
    }

    private mutating func put(_ objects: [(Manifest, JSONValue)]) async throws(StoreFailure) {
        var entries: [Entry] = []
        for (manifest, value) in objects {
            if let entry = entry(manifest, value) {
                entries.append(entry)
            } else {
                counts[manifest.gvk.qualifiedKind, default: Count()].refused += 1
            }
        }
        for start in stride(from: 0, to: entries.count, by: Self.batchSize) {
            let batch = Array(entries[start..<min(start + Self.batchSize, entries.count)])
            let now = now
            let outcomes: [Outcome]
            do throws(WriteFailure<Never>) {
                outcomes = try await store.write { (transaction) throws(Never) in
                    batch.map { Self.put($0, now: now, transaction) }
                }
            } catch {
                guard case .store(let failure) = error else { continue }
                throw failure
            }
            for (entry, outcome) in zip(batch, outcomes) {
                switch outcome {
                case .created: counts[entry.kind, default: Count()].created += 1
                case .updated: counts[entry.kind, default: Count()].updated += 1
                case .unchanged: counts[entry.kind, default: Count()].unchanged += 1
                }
            }
        }
    }

    /// nil for what cannot be kept, which is told.
    private mutating func entry(_ manifest: Manifest, _ value: JSONValue) -> Entry? {
        if manifest.name.isEmpty {
            remark("\(manifest.gvk) has only a generateName: give it a name", manifest, isError: true)
            return nil
        }
        guard let resource = served(manifest.gvk) else {
            remark(
                "\(manifest.gvk) is no kind this server has, and none that a definition can add", manifest,
                isError: true)
            return nil
        }
        if !resource.verbs.contains("list") {
            remark("\(manifest.gvk) is a question to the server, no object to be kept", manifest, isError: true)
            return nil
        }
        if !NameRule.pathSegment.allows(manifest.name) || !NameRule.pathSegment.allows(manifest.namespace) {
            remark("the name \(manifest.namespace)/\(manifest.name) cannot stand in a path", manifest, isError: true)
            return nil
        }
        if resource.admission.origin == .builtin,
            let mistake = resource.admission.schema.decodingMistake(in: value, kind: manifest.gvk.kind)
        {
            remark(
                "\(manifest.gvk.kind) \(manifest.name): \(mistake.path): \(mistake.description)", manifest,
                isError: true)
            return nil
        }
        var object = value
        var namespace = ""
        if resource.isNamespaced {
            namespace = manifest.namespace.isEmpty ? "default" : manifest.namespace
            object = object.setting(at: ["metadata", "namespace"], to: .string(namespace))
        }
        // What never was in a server is filled up as a server would have done; the rest stays as it was.
        if object.at("metadata", "uid") == nil, resource.admission.origin != .unknown {
            let status = object.member("status")
            object = resource.admission.defaulted(object, operation: .create)
            if let status { object = object.settingMember("status", to: status) }
        }
        object = object.removing(at: ["metadata", "resourceVersion"])
        object = ObjectPreparation(resource: resource, now: now).arranged(object)
        return Entry(
            kind: manifest.gvk.qualifiedKind,
            key: StoreKey(resource.collection, namespace: namespace, name: manifest.name),
            value: resource.stored(object))
    }

    private static func put(_ entry: Entry, now: Int64, _ transaction: WriteTransaction) -> Outcome {
        let stored = transaction.object(entry.key)
        let old = stored.flatMap { try? JSONTree(parsing: $0.bytes) }.map { JSONValue.node($0.root) }
        var value = entry.value
        let uid =
            value.at("metadata", "uid")?.stringValue ?? stored?.uid ?? UUID().uuidString.lowercased()
        value = value.setting(at: ["metadata", "uid"], to: .string(uid))
        if value.at("metadata", "creationTimestamp")?.stringValue == nil {
            let created = old?.at("metadata", "creationTimestamp") ?? .string(Timestamp(seconds: now).description)
            value = value.setting(at: ["metadata", "creationTimestamp"], to: created)
        }
        if let old, old.removing(at: ["metadata", "resourceVersion"]).isEquivalent(to: value) { return .unchanged }
        transaction.put(entry.key, uid: uid, value.serialized())
        return stored == nil ? .created : .updated
    }
}
