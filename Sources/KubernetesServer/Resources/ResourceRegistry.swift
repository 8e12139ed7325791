import JSONTree
import KubernetesModel
import KubernetesSchema
import Synchronization

/// Everything that is served at the moment: the built-in collections, and those of the definitions in the store.
public final class ResourceRegistry: Sendable {
    /// An immutable picture; a request is answered from one of them.
    public struct Catalogue: Sendable {
        fileprivate(set) var resources: [ServedResource]
        private var index: [GroupVersionResource: Int]

        init(_ resources: [ServedResource]) {
            self.resources = resources
            index = Dictionary(resources.enumerated().map { ($1.gvr, $0) }) { first, _ in first }
        }

        public subscript(_ gvr: GroupVersionResource) -> ServedResource? { index[gvr].map { resources[$0] } }

        public func resources(group: String, version: String) -> [ServedResource] {
            resources.filter { $0.gvr.group == group && $0.gvr.version == version }
        }

        /// Groups in the order of a real server: built in first, then by name; versions by priority.
        public var groups: [(name: String, versions: [String])] {
            var order: [String] = []
            var versions: [String: [String]] = [:]
            for resource in resources where !resource.gvr.group.isEmpty {
                let group = resource.gvr.group
                if versions[group] == nil { order.append(group) }
                if !(versions[group] ?? []).contains(resource.gvr.version) {
                    versions[group, default: []].append(resource.gvr.version)
                }
            }
            return order.map { ($0, (versions[$0] ?? []).sorted(by: Self.precedes)) }
        }

        /// `v2` before `v1` before `v1beta1` before `v1alpha1`, and all of them before other names.
        static func precedes(_ left: String, _ right: String) -> Bool {
            let (left, right) = (rank(left), rank(right))
            return left.numbers == right.numbers
                ? left.text < right.text : right.numbers.lexicographicallyPrecedes(left.numbers)
        }

        private static func rank(_ version: String) -> (numbers: [Int], text: String) {
            guard version.hasPrefix("v") else { return ([0, 0, 0], version) }
            let rest = version.dropFirst()
            let digits = rest.prefix { $0.isNumber }
            guard let major = Int(digits) else { return ([0, 0, 0], version) }
            let tail = rest.dropFirst(digits.count)
            if tail.isEmpty { return ([3, major, 0], "") }
            for (word, level) in [("beta", 2), ("alpha", 1)] where tail.hasPrefix(word) {
                if let minor = Int(tail.dropFirst(word.count)) { return ([level, major, minor], "") }
            }
            return ([0, 0, 0], version)
        }

        /// The collections that hold objects, each once.
        var collections: [ServedResource] {
            var seen: Set<String> = []
            return resources.filter { $0.verbs.contains("list") && seen.insert($0.collection).inserted }
        }

        /// The collections that hold objects in namespaces, each once.
        var namespacedCollections: [ServedResource] { collections.filter(\.isNamespaced) }

        /// The resource that the store knows by this name.
        func collection(_ name: String) -> ServedResource? { resources.first { $0.collection == name } }
    }

    private let catalogueBox = Mutex(Catalogue(BuiltinResources.all))

    public init() {}

    public var catalogue: Catalogue { catalogueBox.withLock { $0 } }

    static let definitions = "customresourcedefinitions.apiextensions.k8s.io"

    /// Takes the definitions as they are in the store now.
    func load(_ definitions: [JSONNode]) {
        var resources = BuiltinResources.all
        let taken = Set(resources.map(\.gvr))
        for node in definitions.sorted(by: { Self.name($0) < Self.name($1) }) {
            let definition = CustomResourceDefinition(.node(node))
            // One that is judged wrong, or whose names are taken, serves nothing.
            guard definition.violations.isEmpty, CustomResourceDefinition.isEstablished(.node(node)) else { continue }
            let custom = definition.resource
            for version in custom.versions where version.isServed {
                let resource = ServedResource(custom, version)
                if !taken.contains(resource.gvr) { resources.append(resource) }
            }
        }
        let catalogue = Catalogue(resources)
        catalogueBox.withLock { $0 = catalogue }
    }

    private static func name(_ node: JSONNode) -> String { node.at("metadata", "name")?.string ?? "" }
}
