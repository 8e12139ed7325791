import JSONTree

/// What a write did to an object, field by field (structured-merge-diff, typed/compare.go).
struct FieldComparison: Equatable {
    var removed = FieldSet()
    var modified = FieldSet()
    var added = FieldSet()

    var isSame: Bool { removed.isEmpty && modified.isEmpty && added.isEmpty }

    var touched: FieldSet { modified.union(added) }

    init(from before: JSONValue, to after: JSONValue, schema: Schema?) {
        var path: [PathElement] = []
        walk(before, after, schema, &path)
    }

    mutating func ignore(_ fields: FieldSet) {
        removed = removed.subtractingTrees(fields)
        modified = modified.subtractingTrees(fields)
        added = added.subtractingTrees(fields)
    }

    /// Go's structs show up in the encoded form of an empty object even where JSON leaves them out, so that they are
    /// never "added". Of our built-in kinds these are the members of struct type, not of pointer type.
    private static let structMembers: Set<String> = [
        "metadata", "spec", "status", "template", "strategy", "updateStrategy", "loadBalancer", "daemonEndpoints",
        "kubeletEndpoint", "nodeInfo", "jobTemplate",
    ]

    /// Whether the member is there even when nothing of it is written.
    private static func isAlwaysThere(_ property: Schema.Property?) -> Bool {
        guard let property else { return false }
        let isStruct = property.schema.definitionName != nil && structMembers.contains(property.name)
        let isBuiltInList =
            property.isRequired && property.schema.kind == .array
            && property.schema.items?.definitionName != nil
        return isStruct || isBuiltInList
    }

    private mutating func walk(
        _ before: JSONValue?, _ after: JSONValue?, _ schema: Schema?, _ path: inout [PathElement]
    ) {
        guard let present = after ?? before else { return }
        // A value that changed its kind is a leaf that changed.
        if let before, let after, before.kind != after.kind {
            if before.isNull { return walk(nil, after, schema, &path) }
            if after.isNull, before.kind == .object || before.kind == .array {
                return walk(before, nil, schema, &path)
            }
            for old in FieldSet(of: before, schema: schema).paths { removed.insert(path + old) }
            for new in FieldSet(of: after, schema: schema).paths { added.insert(path + new) }
            modified.insert(path)
            return
        }
        let shape = FieldShape(schema, present)
        var isLeaf = false
        switch shape {
        case .leaf: isLeaf = true
        case .map(let schema):
            let (old, new) = (MemberTable(before), MemberTable(after))
            isLeaf = old.isEmpty && new.isEmpty
            if !isLeaf { walkMembers(old, new, schema, &path) }
        case .set, .keyedList:
            let (old, new) = (before.map { shape.items(of: $0) } ?? [], after.map { shape.items(of: $0) } ?? [])
            isLeaf = old.isEmpty && new.isEmpty
            if !isLeaf { walkItems(old, new, shape.itemSchema, &path) }
        }
        switch (before, after) {
        case (nil, _): added.insert(path)
        case (_, nil): removed.insert(path)
        case (let before?, let after?): if isLeaf, !before.isEquivalent(to: after) { modified.insert(path) }
        }
    }

    private mutating func walkMembers(
        _ old: MemberTable, _ new: MemberTable, _ schema: Schema?, _ path: inout [PathElement]
    ) {
        func absent(_ name: String, instead value: JSONValue) -> JSONValue? {
            guard Self.isAlwaysThere(schema?.property(name)) else { return nil }
            switch value.kind {
            case .object: return .object([])
            case .array: return .array([])
            default: return nil
            }
        }
        for member in new.members {
            path.append(.field(member.key))
            walk(
                old[member.key] ?? absent(member.key, instead: member.value), member.value, schema?.child(member.key),
                &path)
            path.removeLast()
        }
        for member in old.members where new[member.key] == nil {
            path.append(.field(member.key))
            walk(
                member.value, absent(member.key, instead: member.value), schema?.child(member.key), &path)
            path.removeLast()
        }
    }

    private mutating func walkItems(
        _ old: [ListItem], _ new: [ListItem], _ schema: Schema?, _ path: inout [PathElement]
    ) {
        // Of duplicates the first speaks for all.
        let oldByElement = Dictionary(old.map { ($0.element, $0.value) }) { first, _ in first }
        let newByElement = Dictionary(new.map { ($0.element, $0.value) }) { first, _ in first }
        var seen: Set<PathElement> = []
        for element in new.map(\.element) + old.map(\.element) where seen.insert(element).inserted {
            path.append(element)
            walk(oldByElement[element], newByElement[element], schema, &path)
            path.removeLast()
        }
    }
}
