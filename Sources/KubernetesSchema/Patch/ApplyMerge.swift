import JSONTree

/// The two changes server-side apply makes to an object: it lays a configuration over it, and it takes fields out.
enum ApplyMerge {
    /// `live` with everything `configuration` states. Atomic lists and maps are replaced whole; of set and map-like
    /// lists the configuration decides the order of its own elements, and elements it does not name keep their place
    /// among them (structured-merge-diff, typed/merge.go).
    static func merge(_ live: JSONValue?, _ configuration: JSONValue, _ schema: Schema?) -> JSONValue {
        guard let live else { return configuration }
        switch FieldShape(schema, configuration) {
        case .leaf: return configuration
        case .map(let schema):
            guard live.kind == .object else { return configuration }
            var table = MemberTable(live)
            for member in MemberTable(configuration).members {
                table[member.key] = merge(table[member.key], member.value, schema?.child(member.key))
            }
            return table.value
        case .set, .keyedList:
            guard live.kind == .array else { return configuration }
            let shape = FieldShape(schema, configuration)
            return .array(merged(shape.items(of: live), shape.items(of: configuration), shape.itemSchema))
        }
    }

    private static func merged(_ live: [ListItem], _ wanted: [ListItem], _ schema: Schema?) -> [JSONValue] {
        let liveByElement = Dictionary(live.map { ($0.element, $0.value) }) { first, _ in first }
        let isWanted = Set(wanted.map(\.element))
        var result: [JSONValue] = []
        // Wanted elements come in the wanted order. Before each one that the object has already, everything that stands
        // before it in the object and that nobody asked for.
        var done: Set<PathElement> = []
        var next = 0
        func keepUnwanted(before element: PathElement?) {
            guard let end = element.map({ element in live.firstIndex { $0.element == element } }) ?? live.count,
                end > next
            else { return }
            result += live[next..<end].filter { !isWanted.contains($0.element) }.map(\.value)
            next = end
        }
        for item in wanted where done.insert(item.element).inserted {
            if liveByElement[item.element] != nil { keepUnwanted(before: item.element) }
            result.append(merge(liveByElement[item.element], item.value, schema))
        }
        keepUnwanted(before: nil)
        return result
    }

    /// The object without the fields of the set: elements and members that are in it go whole, of the others what is
    /// below them. What was emptied by that goes too.
    static func remove(_ fields: FieldSet, from value: JSONValue, _ schema: Schema?) -> JSONValue? {
        if fields.isEmpty { return value }
        let shape = FieldShape(schema, value)
        switch shape {
        case .leaf: return value
        case .map(let schema):
            var table = MemberTable(value)
            for (element, branch) in fields.branches {
                guard case .field(let name) = element, let member = table[name] else { continue }
                table[name] =
                    branch.isMember ? .none : remove(branch.below, from: member, schema?.child(name))
            }
            return table.isEmpty && !value.members.isEmpty ? JSONValue?.none : table.value
        case .set, .keyedList:
            let items = shape.items(of: value)
            let kept = items.compactMap { item -> JSONValue? in
                guard let branch = fields[item.element] else { return item.value }
                return branch.isMember ? .none : remove(branch.below, from: item.value, shape.itemSchema)
            }
            return kept.isEmpty && !items.isEmpty ? JSONValue?.none : .array(kept)
        }
    }
}
