import JSONTree
import KubernetesModel
import YAMLTree

/// A list of objects that ends in the middle, because a disk was full or a copy was cut off. `kubectl` prints the kind of a
/// list behind its items, so that not even that is left of it.
///
/// What stands before the cut is true of the objects that are there, and says nothing of those that are not: of the kind in
/// which the list ends more may have followed, and a check that counts them would be wrong.
struct CutList {
    /// Objects of a kind of which more may have followed.
    struct Begun {
        var resource: String
        var objects: [JSONValue]
    }

    /// Objects of kinds that were over before the cut.
    private(set) var whole: [JSONValue] = []
    /// By resource.
    private(set) var begun: [Begun] = []

    /// How many objects stand before the cut.
    var count: Int { whole.count + begun.reduce(0) { $0 + $1.objects.count } }

    /// Nil for what is no list, or is whole, or has nothing before the cut.
    init?(_ source: [UInt8]) {
        guard let first = source.first(where: { !Self.isSpace($0) }),
            let cut = first == UInt8(ascii: "{") ? Self.json(source) : Self.yaml(source)
        else { return nil }
        let objects = cut.items.compactMap { Item($0, in: cut.root) }
        if objects.isEmpty { return nil }
        var runs: [GroupVersionKind] = []
        for object in objects where runs.last != object.gvk { runs.append(object.gvk) }
        // kubectl prints one kind after the other. Where kinds are mixed any of them may go on behind the cut.
        let isSorted = Set(runs).count == runs.count
        let last = cut.nextKind ?? runs.last?.kind
        for object in objects {
            if cut.isWhole || (isSorted && object.gvk.kind != last) {
                whole.append(object.value)
                continue
            }
            let resource = ObjectFiles.resource(object.gvk)
            if let index = begun.firstIndex(where: { $0.resource == resource }) {
                begun[index].objects.append(object.value)
            } else {
                begun.append(Begun(resource: resource, objects: [object.value]))
            }
        }
    }

    /// Of events the newest matter, and no list of them is ever whole.
    static func isOpen(_ resource: String) -> Bool { resource == "events" || resource == "events.events.k8s.io" }

    /// As a file of its own.
    static func list(_ objects: [JSONValue]) -> [UInt8] {
        let value: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
        return value.serialized()
    }

    // MARK: What is left

    private struct Rest {
        var root: JSONNode
        var items: [JSONNode]
        /// Of the object in which the text ends, where that much is there.
        var nextKind: String?
        /// The text ends behind the last object.
        var isWhole = false
    }

    private struct Item {
        var gvk: GroupVersionKind
        var value: JSONValue

        /// Items of a `PodList` do not say that they are Pods.
        init?(_ node: JSONNode, in list: JSONNode) {
            guard node.kind == .object, node.at("metadata", "name")?.string != nil else { return nil }
            if let kind = node.member("kind")?.string, let version = node.member("apiVersion")?.string {
                (gvk, value) = (GroupVersionKind(apiVersion: version, kind: kind), JSONValue(node))
                return
            }
            guard let kind = list.member("kind")?.string, kind.hasSuffix("List"), kind != "List",
                let version = list.member("apiVersion")?.string
            else { return nil }
            gvk = GroupVersionKind(apiVersion: version, kind: String(kind.dropLast(4)))
            let type = [JSONMember("apiVersion", .string(version)), JSONMember("kind", .string(gvk.kind))]
            value = .object(type + JSONValue(node).members.filter { $0.key != "kind" && $0.key != "apiVersion" })
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// Up to the last element that is closed of an array that is a member of the document.
    private static func json(_ source: [UInt8]) -> Rest? {
        var open: [UInt8] = []
        var isText = false
        var isEscaped = false
        var end = 0
        for (index, byte) in source.enumerated() {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // In ASCII the closing brackets stand two behind the opening ones.
                guard open.popLast() == byte - 2 else { return nil }
                if open.count == 2, open[1] == UInt8(ascii: "[") { end = index + 1 }
            default: break
            }
        }
        guard !open.isEmpty, end > 0,
            let root = try? JSONTree(parsing: source[..<end] + Array("]}".utf8)).root,
            let items = root.member("items"), items.kind == .array
        else { return nil }
        let rest = source[end...].drop { isSpace($0) }
        let next = String(decoding: rest.prefix(4096), as: UTF8.self).firstMatch(of: /"kind"\s*:\s*"(\w+)"/)
        return Rest(
            root: root, items: Array(items.elements), nextKind: next.map { String($0.1) },
            isWhole: rest.first == UInt8(ascii: "]"))
    }

    /// Up to the last item: whether that one is whole nobody can tell.
    private static func yaml(_ source: [UInt8]) -> Rest? {
        let lines = source.split(separator: 0x0A, omittingEmptySubsequences: false)
        func begins(_ line: ArraySlice<UInt8>, _ text: String) -> Bool { line.starts(with: text.utf8) }
        guard let list = lines.firstIndex(where: { begins($0, "items:") }),
            let first = lines[(list + 1)...].first(where: { !$0.isEmpty })
        else { return nil }
        let indent = first.prefix { $0 == 0x20 }.count
        let dash = String(repeating: " ", count: indent) + "- "
        guard let last = lines.lastIndex(where: { begins($0, dash) }), last > list + 1,
            // Of a list whose kind stands at its end, or that can be read, nothing is missing.
            !lines[list...].contains(where: { begins($0, "kind:") })
                && !(lines[..<list].contains { begins($0, "kind:") } && isReadable(source)),
            let root = try? JSONTree(yaml: Array(lines[..<last].joined(separator: [0x0A]))).root,
            let items = root.member("items"), items.kind == .array
        else { return nil }
        let rest = lines[last...].prefix(64).joined(separator: [0x0A])
        let next = String(decoding: Array(rest), as: UTF8.self).firstMatch(of: /(?:^|\n)[- ]*kind: (\w+)/)
        return Rest(root: root, items: Array(items.elements), nextKind: next.map { String($0.1) })
    }

    private static func isReadable(_ source: [UInt8]) -> Bool {
        !YAMLReading(source).problems.contains(where: \.isFatal)
    }
}
