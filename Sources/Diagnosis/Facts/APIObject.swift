import JSONTree
import KubernetesModel

/// An object of the Kubernetes API as it was read: fields are looked up when they are asked for, so that ten thousand
/// pods cost no more than their text.
public struct APIObject: Sendable {
    /// `Pod`, `IPPool`; from the list's kind where the item does not say.
    public let kind: String
    /// `pods`, `ippools.crd.projectcalico.org`: as ``EvidencePath/resource(_:)`` names it.
    public let resource: String
    public let namespace: String
    public let name: String
    public let node: JSONNode
    /// Seconds between reading and now.
    public let age: Int?

    public init(_ node: JSONNode, kind: String, resource: String, age: Int? = nil) {
        self.node = node
        self.kind = node.member("kind")?.string ?? kind
        self.resource = resource
        let metadata = node.member("metadata")
        namespace = metadata?.member("namespace")?.string ?? ""
        name = metadata?.member("name")?.string ?? ""
        self.age = age
    }

    /// `Pod/shop/cart-7d9`, `Node/node-7`.
    public var place: String { namespace.isEmpty ? "\(kind)/\(name)" : "\(kind)/\(namespace)/\(name)" }

    /// With the command that shows the same.
    public var source: FactSource {
        let scope = namespace.isEmpty ? "" : "-n \(namespace) "
        return FactSource(place, command: "kubectl \(scope)get \(resource) \(name) -o yaml", age: age)
    }

    public subscript(path: String...) -> JSONNode? { node.at(path) }

    /// A string, or the text of a number, at a path; nil when it is absent, null or something else.
    public func text(_ path: String...) -> String? {
        guard let found = node.at(path) else { return nil }
        return found.string ?? found.numberText
    }

    public func int(_ path: String...) -> Int64? { node.at(path)?.int }

    public func bool(_ path: String...) -> Bool? { node.at(path)?.bool }

    /// Elements of an array; none when it is absent or something else.
    public func list(_ path: String...) -> [JSONNode] { node.list(at: path) }

    /// Made of a table or a description for people, which leaves most of an object out.
    public var isPrinted: Bool { node.member("printed")?.bool ?? false }

    /// The member that says how many more endpoints there are than a printed list told.
    public static let leftOut = "leftOut"

    var isCut: Bool { (node.member(Self.leftOut)?.int ?? 0) > 0 }

    public var labels: [String: String] { strings(node.at("metadata", "labels")) }
    public var annotations: [String: String] { strings(node.at("metadata", "annotations")) }

    private func strings(_ found: JSONNode?) -> [String: String] {
        guard let found, found.kind == .object else { return [:] }
        var result: [String: String] = [:]
        for (key, value) in found.members { if let text = value.string { result[key] = text } }
        return result
    }

    /// Seconds since 1970.
    public var createdAt: Int64? { time("metadata", "creationTimestamp") }

    /// An RFC 3339 time at a path, in seconds since 1970.
    public func time(_ path: String...) -> Int64? {
        node.at(path)?.string.flatMap(Self.seconds)
    }

    /// RFC 3339, in seconds since 1970.
    static func seconds(_ text: String) -> Int64? { Timestamp(text)?.seconds }

    /// Who wrote it last and with what, from `managedFields`: `argocd-controller 2026-03-06T16:31:00Z`. For causes
    /// that people made, without blame.
    public var lastWriter: String? {
        let entries = list("metadata", "managedFields").filter { $0.member("subresource")?.string != "status" }
        let newest = entries.max { ($0.member("time")?.string ?? "") < ($1.member("time")?.string ?? "") }
        guard let manager = newest?.member("manager")?.string else { return nil }
        return newest?.member("time")?.string.map { "\(manager) \($0)" } ?? manager
    }

    /// As a typed object; nil where it does not decode (a fact of its own, never a crash).
    public func decoded<Kind: KubernetesKind>(_ type: Kind.Type = Kind.self) -> Kind? { try? Kind(decoding: node) }
}

extension FactName {
    /// Objects of one resource, by the name of ``EvidencePath/resource(_:)``.
    public static func objects(_ resource: String) -> FactName { FactName(resource) }
}

extension JSONNode {
    /// Elements of the array at a path; none when it is absent or something else.
    func list(_ path: String...) -> [JSONNode] { list(at: path) }

    func list(at path: [String]) -> [JSONNode] {
        guard let found = at(path), found.kind == .array else { return [] }
        return Array(found.elements)
    }
}
