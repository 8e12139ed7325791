import Findings
import JSONTree
import KubernetesModel
import YAMLTree

/// Objects as files have them, and everything that is wrong with the files. Reading never stops at a mistake: what is
/// valid is used.
public struct ManifestReading: Sendable {
    /// In the order of files and documents; lists are taken apart.
    public private(set) var manifests: [Manifest] = []
    public private(set) var findings: [Finding] = []

    public init() {}

    public var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// One file: YAML with any number of documents, JSON, or what `kubectl cluster-info dump` prints.
    ///
    /// - Parameter file: for places, as the user named it.
    public mutating func read(_ source: [UInt8], file: String) {
        if DumpStream.isDump(source) {
            for part in DumpStream.parts(of: source) { readJSON(source, part, file: file) }
        } else if Self.beginsLikeJSON(source) {
            readJSONValues(source, file: file)
        } else {
            readYAML(source, file: file)
        }
    }

    mutating func add(_ finding: Finding) { findings.append(finding) }

    // MARK: Notations

    private static func beginsLikeJSON(_ source: [UInt8]) -> Bool {
        source.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } == UInt8(ascii: "{")
    }

    private mutating func readYAML(_ source: [UInt8], file: String) {
        let reading = YAMLReading(source)
        for problem in reading.problems {
            let place = Finding.Place(
                file: file, position: problem.position, rendered: problem.renderedPlace(named: file))
            findings.append(
                Finding(
                    problem.isFatal ? .error : .warning, problem.reason, at: place,
                    next: problem.isFatal
                        ? "correct the document; the others of the file were read" : "keep one of the two"))
        }
        for tree in reading.documents { take(tree.root, file: file) }
    }

    /// One JSON object, or several behind each other. What is no JSON may still be YAML's flow style.
    private mutating func readJSONValues(_ source: [UInt8], file: String) {
        if let tree = try? JSONTree(parsing: source) {
            take(tree.root, file: file)
            return
        }
        let parts = DumpStream.objects(in: source, 0..<source.count)
        // Cut by braces, which means something only when the first cut is whole.
        if parts.count > 1, let first = parts.first, (try? JSONTree(parsing: Array(source[first]))) != nil {
            for part in parts { readJSON(source, part, file: file) }
            return
        }
        let yaml = YAMLReading(source)
        if yaml.problems.isEmpty {
            for tree in yaml.documents { take(tree.root, file: file) }
        } else {
            readJSON(source, 0..<source.count, file: file)
        }
    }

    /// A part of a file, in which places stay those of the file: what stands before it is blanked out.
    private mutating func readJSON(_ source: [UInt8], _ part: Range<Int>, file: String) {
        var text = source[..<part.lowerBound].map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        text += source[part]
        do {
            take(try JSONTree(parsing: text).root, file: file)
        } catch {
            findings.append(
                Finding(.error, error.reason, at: Finding.Place(file: file, error), next: "correct the JSON"))
        }
    }

    // MARK: Objects

    private mutating func take(_ node: JSONNode, file: String) {
        if node.isNull { return }
        if let items = Self.items(of: node) {
            for item in items { take(item, file: file) }
            return
        }
        do {
            manifests.append(try Manifest(node, file: file))
        } catch {
            findings.append(Self.finding(error, node, file: file))
        }
    }

    /// The items of a `List` or of a `PodList`, which give their kind to items without one (as servers print them).
    private static func items(of node: JSONNode) -> [JSONNode]? {
        guard node.kind == .object, let kind = node.member("kind")?.string, kind.hasSuffix("List"),
            let items = node.member("items"), items.kind == .array || items.isNull
        else { return nil }
        let itemKind = String(kind.dropLast(4))
        let apiVersion = node.member("apiVersion")?.string ?? ""
        return items.elements.map { item in
            guard !itemKind.isEmpty, item.kind == .object, item.member("kind") == nil else { return item }
            return Self.naming(item, apiVersion: apiVersion, kind: itemKind)
        }
    }

    /// The item with the kind its list implies. It loses its places: they were those of a server's answer.
    private static func naming(_ item: JSONNode, apiVersion: String, kind: String) -> JSONNode {
        var members = [JSONMember("kind", .string(kind)), JSONMember("apiVersion", .string(apiVersion))]
        members += JSONValue(item).members.filter { $0.key != "kind" && $0.key != "apiVersion" }
        return (try? JSONValue.object(members).tree().root) ?? item
    }

    private static func finding(_ error: FieldError, _ node: JSONNode, file: String) -> Finding {
        let next =
            switch error.path {
            case "kind", "apiVersion": "a Kubernetes object begins with apiVersion and kind"
            default: "give the object a name"
            }
        let message: String =
            switch error.kind {
            case .required: "this object has no \(error.path)"
            default: error.description
            }
        return Finding(.error, message, at: Finding.Place(file: file, node: error.node ?? node), next: next)
    }
}
