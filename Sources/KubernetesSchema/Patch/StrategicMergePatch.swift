import JSONTree

/// Strategic merge patch: a merge patch in which lists with a merge key are merged element by element, steered by
/// directives in the patch (apimachinery/pkg/util/strategicpatch; design-proposals strategic-merge-patch.md).
///
/// Directives: `$patch` (`replace`, `delete`, in elements of lists also `merge`), `$deleteFromPrimitiveList/FIELD`,
/// `$setElementOrder/FIELD`, `$retainKeys`.
public enum StrategicMergePatch {
    /// The object after the patch. The schema says which lists merge and by what; without one every list is replaced,
    /// as in a merge patch. A custom resource cannot be patched this way: a server answers 415 before it gets here.
    public static func apply(
        _ patch: JSONValue, to object: JSONValue, schema: Schema?
    ) throws(PatchFailure) -> JSONValue {
        guard patch.kind == .object else {
            throw PatchFailure(.malformed, "a strategic merge patch is an object, this is \(patch.kind)")
        }
        return try mergeMap(object, patch, schema, "")
    }

    enum Directive {
        static let patch = "$patch"
        static let retainKeys = "$retainKeys"
        static let delete = "$deleteFromPrimitiveList/"
        static let order = "$setElementOrder/"
    }

    // MARK: - Objects

    private static func mergeMap(
        _ object: JSONValue?, _ patch: JSONValue, _ schema: Schema?, _ path: String
    ) throws(PatchFailure) -> JSONValue {
        var orders = MemberTable(patch)
        if let directive = orders[Directive.patch] {
            orders.remove(Directive.patch)
            switch directive.stringValue {
            case "replace": return orders.value
            case "delete": return .object([])
            case "merge": break
            default: throw PatchFailure(.malformed, "\(path): unknown patch type found: \(directive.text())")
            }
        }
        var table = MemberTable(object)
        try retainKeys(&table, &orders, path)
        let order = orders
        for key in order.keys {
            guard let value = order[key] else { continue }
            if let field = suffix(of: key, after: Directive.delete) {
                try delete(value, from: &table, field, path)
            } else if suffix(of: key, after: Directive.order) == nil {
                try merge(value, into: &table, key, schema, path, order[Directive.order + key])
            }
        }
        // An order also counts for a list the patch does not otherwise name.
        for key in order.keys {
            guard let field = suffix(of: key, after: Directive.order), order[field] == nil,
                let list = table[field], list.kind == .array, let wanted = order[key]
            else { continue }
            let mergeKey = schema?.child(field)?.patchMergeKey
            table[field] = .array(
                try ordered(list.elements, by: wanted, before: list.elements, mergeKey, "\(path).\(field)"))
        }
        return table.value
    }

    private static func suffix(of key: String, after prefix: String) -> String? {
        key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : nil
    }

    private static func retainKeys(
        _ table: inout MemberTable, _ patch: inout MemberTable, _ path: String
    ) throws(PatchFailure) {
        guard let list = patch[Directive.retainKeys] else { return }
        patch.remove(Directive.retainKeys)
        let wanted = Set(list.elements.compactMap(\.stringValue))
        let isComplete = patch.members.allSatisfy { member in
            member.key.hasPrefix("$") || member.value.isNull || wanted.contains(member.key)
        }
        guard list.kind == .array, isComplete else {
            throw PatchFailure(.malformed, "\(path): invalid patch format of retainKeys")
        }
        for key in table.keys where !wanted.contains(key) { table.remove(key) }
    }

    private static func delete(
        _ values: JSONValue, from table: inout MemberTable, _ field: String, _ path: String
    ) throws(PatchFailure) {
        guard values.kind == .array else {
            throw PatchFailure(.malformed, "\(path).\(field): invalid patch format of primitive list")
        }
        guard let list = table[field], list.kind == .array else { return }
        let gone = Set(values.elements.map { Scalar($0) })
        table[field] = .array(list.elements.filter { !gone.contains(Scalar($0)) })
    }

    private static func merge(
        _ value: JSONValue, into table: inout MemberTable, _ key: String, _ schema: Schema?, _ path: String,
        _ order: JSONValue?
    ) throws(PatchFailure) {
        let child = schema?.child(key)
        let path = "\(path).\(key)"
        guard !value.isNull else {
            table.remove(key)
            return
        }
        guard let present = table[key], present.kind == value.kind else {
            table[key] = withoutDirectives(value)
            return
        }
        switch value.kind {
        case .object where child?.patchStrategy.contains(.replace) == true: table[key] = withoutDirectives(value)
        case .object: table[key] = try mergeMap(present, value, child, path)
        case .array where child?.isMerged == true:
            table[key] = .array(try mergeList(present.elements, value.elements, child, path, order))
        default: table[key] = value
        }
    }

    /// What a patch adds where nothing was: no nulls, no directives, no elements that only delete.
    private static func withoutDirectives(_ value: JSONValue) -> JSONValue {
        switch value.kind {
        case .object:
            var table = MemberTable(value)
            for member in table.members {
                let isDirective =
                    [Directive.patch, Directive.retainKeys].contains(member.key)
                    || member.key.hasPrefix(Directive.delete) || member.key.hasPrefix(Directive.order)
                if isDirective || member.value.isNull {
                    table.remove(member.key)
                } else {
                    table[member.key] = withoutDirectives(member.value)
                }
            }
            return table.value
        case .array:
            return .array(
                value.elements.compactMap { element in
                    guard let directive = element.member(Directive.patch)?.stringValue else {
                        return withoutDirectives(element)
                    }
                    let says = element.members.count > 1
                    return directive == "delete" || !says ? JSONValue?.none : withoutDirectives(element)
                })
        default: return value
        }
    }

    // MARK: - Lists

    private static func mergeList(
        _ before: [JSONValue], _ patch: [JSONValue], _ schema: Schema?, _ path: String, _ order: JSONValue?
    ) throws(PatchFailure) -> [JSONValue] {
        guard let mergeKey = schema?.patchMergeKey, (before + patch).contains(where: { $0.kind == .object }) else {
            var seen: Set<Scalar> = []
            let merged = (before + patch).filter { seen.insert(Scalar($0)).inserted }
            return try ordered(merged, by: order ?? .array(patch), before: before, nil, path)
        }
        func key(of element: JSONValue) throws(PatchFailure) -> Scalar {
            guard let value = element.member(mergeKey) else {
                throw PatchFailure(
                    .unprocessable, "\(path): map: \(element.text()) does not contain declared merge key: \(mergeKey)")
            }
            return Scalar(value)
        }
        var elements = before
        var ordinary: [JSONValue] = []
        for element in patch {
            switch element.member(Directive.patch)?.stringValue {
            case nil where element.member(Directive.patch) == nil: ordinary.append(element)
            case "merge": ordinary.append(element)
            case "replace":
                return patch.filter { $0.member(Directive.patch) == nil }.map { withoutDirectives($0) }
            case "delete":
                let gone = try key(of: element)
                elements.removeAll { $0.member(mergeKey).map { Scalar($0) } == gone }
            default: throw PatchFailure(.malformed, "\(path): unknown patch type found in a list element")
            }
        }
        var places: [Scalar: Int] = [:]
        for (index, element) in elements.enumerated() {
            if let value = element.member(mergeKey) { places[Scalar(value)] = places[Scalar(value)] ?? index }
        }
        for element in ordinary {
            let wanted = try key(of: element)
            if let place = places[wanted] {
                elements[place] = try mergeMap(
                    elements[place], element, schema?.items, "\(path)[\(wanted.value.text())]")
            } else {
                places[wanted] = elements.count
                elements.append(withoutDirectives(element))
            }
        }
        return try ordered(elements, by: order ?? .array(ordinary), before: before, mergeKey, path)
    }

    /// The elements the patch names in the order it names them; the others in the order they had, each before the first
    /// named one that it stood before. A named element that is new goes before those it cannot be compared with.
    private static func ordered(
        _ elements: [JSONValue], by wanted: JSONValue, before: [JSONValue], _ mergeKey: String?, _ path: String
    ) throws(PatchFailure) -> [JSONValue] {
        guard wanted.kind == .array else {
            throw PatchFailure(.malformed, "\(path): invalid patch format of setElementOrder list")
        }
        func name(_ element: JSONValue) -> Scalar {
            Scalar(mergeKey.flatMap { element.member($0) } ?? element)
        }
        func ranks(_ list: [JSONValue]) -> [Scalar: Int] {
            Dictionary(list.enumerated().map { (name($0.element), $0.offset) }) { first, _ in first }
        }
        let (wantedRank, formerRank) = (ranks(wanted.elements), ranks(before))
        let named = elements.enumerated().filter { wantedRank[name($0.element)] != nil }
            .sorted { left, right in
                let ranks = (wantedRank[name(left.element)] ?? 0, wantedRank[name(right.element)] ?? 0)
                return ranks.0 == ranks.1 ? left.offset < right.offset : ranks.0 < ranks.1
            }
            .map(\.element)
        let others = elements.filter { wantedRank[name($0)] == nil }
        var result: [JSONValue] = []
        result.reserveCapacity(elements.count)
        var next = 0
        for other in others {
            while next < named.count {
                if let there = formerRank[name(other)], let here = formerRank[name(named[next])], there < here { break }
                result.append(named[next])
                next += 1
            }
            result.append(other)
        }
        return result + named[next...]
    }
}
