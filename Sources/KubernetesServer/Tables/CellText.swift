import JSONTree
import KubernetesModel

// What the cells of tables are made of. An object here is as it is stored, so anything may be missing.

/// Stands in a cell that has nothing to show.
let noneText = "<none>"

extension JSONNode {
    func text(_ path: String...) -> String? { at(path)?.string }
    func number(_ path: String...) -> Int64 { at(path)?.int ?? 0 }
    func list(_ path: String...) -> [JSONNode] { at(path).map { Array($0.elements) } ?? [] }

    var nameCell: JSONValue { .string(text("metadata", "name") ?? "") }
    var createdCell: JSONValue { .string(text("metadata", "creationTimestamp") ?? "") }

    func ageCell(_ now: Timestamp) -> JSONValue { elapsedCell(now, "metadata", "creationTimestamp") }

    /// How long ago a moment was.
    func elapsedCell(_ now: Timestamp, _ path: String...) -> JSONValue {
        .string(ElapsedTime.text(since: moment(path), now: now))
    }

    func moment(_ path: [String]) -> Timestamp? {
        guard let text = at(path)?.string else { return nil }
        return Timestamp(text) ?? MicroTime(text)?.timestamp
    }

    /// A number as it stands; 0 where there is none.
    func numberCell(_ path: String...) -> JSONValue { .int(at(path)?.int ?? 0) }

    /// A text, or `<none>`.
    func textCell(_ path: String..., otherwise: String = noneText) -> JSONValue {
        guard let text = at(path)?.string, !text.isEmpty else { return .string(otherwise) }
        return .string(text)
    }

    /// `a=1,b=2` in the order of the keys, or `<none>`.
    func labelsCell(_ path: String...) -> JSONValue {
        let labels = at(path).map { $0.members.map { "\($0.key)=\($0.value.string ?? "")" } } ?? []
        return .string(labels.isEmpty ? noneText : labels.sorted().joined(separator: ","))
    }

    /// A label selector as `kubectl` writes it, or `<none>` for one that selects everything.
    func selectorCell(_ path: String...) -> JSONValue {
        guard let node = at(path) else { return .string(noneText) }
        guard let selector = try? LabelSelector(node) else { return .string("<error>") }
        let text = selector.description
        return .string(text.isEmpty ? noneText : text)
    }

    /// Names and images of a pod template's containers.
    func containerCells(_ path: String...) -> [JSONValue] {
        let containers = at(path)?.member("containers").map { Array($0.elements) } ?? []
        return ["name", "image"].map { key in
            .string(containers.map { $0.text(key) ?? "" }.joined(separator: ","))
        }
    }

    /// The condition of this type.
    func condition(_ type: String) -> JSONNode? {
        list("status", "conditions").first { $0.text("type") == type }
    }
}

/// At most three, and how many more there are.
func abbreviated(_ texts: [String], otherwise: String = noneText) -> String {
    if texts.isEmpty { return otherwise }
    let shown = texts.prefix(3).joined(separator: ",")
    return texts.count > 3 ? "\(shown) + \(texts.count - 3) more..." : shown
}
