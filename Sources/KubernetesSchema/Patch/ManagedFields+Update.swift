import JSONTree

extension ManagedFields {
    /// The object of a create or an update (PUT, or any patch but apply) with its managed fields brought up to date.
    ///
    /// The writer owns what it changed, and nobody else owns it any longer. `after` is the object as it will be
    /// stored, defaults filled in. What the request itself says in `managedFields` counts, so that clients can edit
    /// it; `[{}]` clears the list, and of an object without entries none are kept from then on.
    ///
    /// - Parameters:
    ///   - before: the stored object; nil for a create.
    ///   - time: RFC 3339 with seconds.
    ///   - ignoring: fields this write does not reach, see ``FieldSet/resetFields(subresource:hasStatus:)``.
    public static func updated(
        from before: JSONValue?, to after: JSONValue, owner: FieldOwner, time: String, schema: Schema?,
        ignoring: FieldSet = FieldSet()
    ) -> JSONValue {
        var managed = stated(by: after, over: before, isSubresource: !owner.subresource.isEmpty)
        if before != nil, managed.isEmpty { return managed.written(to: after) }
        managed.update(from: before, to: after, owner: owner, time: time, schema: schema, ignoring: ignoring)
        return managed.written(to: after)
    }

    /// The entries to go on from: those of the request when it has readable ones, otherwise the stored ones.
    private static func stated(by after: JSONValue, over before: JSONValue?, isSubresource: Bool) -> ManagedFields {
        let stored = ManagedFields(of: before)
        guard !isSubresource, let list = after.at("metadata", "managedFields"), list.kind == .array else {
            return stored
        }
        let elements = list.elements
        if elements.count == 1, elements[0].kind == .object, elements[0].members.isEmpty { return ManagedFields() }
        guard let stated = try? ManagedFields(list), !stated.isEmpty else { return stored }
        return stated
    }

    /// The comparison of two versions of an object as far as managers can own what it finds.
    static func comparison(
        from before: JSONValue?, to after: JSONValue, schema: Schema?, ignoring: FieldSet
    ) -> FieldComparison {
        let bare = { (object: JSONValue) in object.removing(at: ["metadata", "managedFields"]) }
        var comparison = FieldComparison(
            from: before.map(bare) ?? .object([JSONMember("metadata", .object([]))]), to: bare(after), schema: schema)
        comparison.ignore(ignoring)
        comparison.ignoreServerOwned()
        return comparison
    }

    mutating func update(
        from before: JSONValue?, to after: JSONValue, owner: FieldOwner, time: String, schema: Schema?,
        ignoring: FieldSet
    ) {
        let comparison = Self.comparison(from: before, to: after, schema: schema, ignoring: ignoring)
        if !comparison.isSame {
            let gone = comparison.touched.union(comparison.removed)
            let former = self[owner]
            let kept = former?.fields.subtracting(gone) ?? FieldSet()
            for index in entries.indices { entries[index].fields = entries[index].fields.subtracting(gone) }
            entries.removeAll { $0.fields.isEmpty }
            // Who only takes away keeps the time of the last field set.
            let isOwning = !comparison.touched.isEmpty
            set(kept.union(comparison.touched), time: isOwning ? time : former?.time, of: owner)
        }
        mergeOldUpdates()
    }

    /// Keeps at most ten Update entries: the oldest are put together under one name, version by version.
    private mutating func mergeOldUpdates() {
        var updates = entries.filter { $0.owner.operation == .update }
        guard updates.count > Self.updateLimit else { return }
        updates.sort { left, right in
            left.time == right.time
                ? left.owner.manager.precedesByBytes(right.owner.manager)
                : (left.time ?? "").precedesByBytes(right.time ?? "")
        }
        var excess = updates.count - Self.updateLimit
        var firstOfVersion: [String: FieldOwner] = [:]
        for entry in updates where excess > 0 {
            let version = entry.owner.apiVersion
            guard let first = firstOfVersion[version] else {
                firstOfVersion[version] = entry.owner
                continue
            }
            let bucket = FieldOwner(manager: Self.ancientChanges, operation: .update, apiVersion: version)
            let start = self[bucket]?.fields ?? self[first]?.fields ?? FieldSet()
            if self[bucket] == nil { set(FieldSet(), time: nil, of: first) }
            set(FieldSet(), time: nil, of: entry.owner)
            set(start.union(entry.fields), time: entry.time, of: bucket)
            excess -= 1
        }
    }
}

extension FieldComparison {
    /// Drops what the server fills in itself. The metadata as a whole counts as such, its other members do not.
    mutating func ignoreServerOwned() {
        removed = removed.subtracting(.serverOwned)
        modified = modified.subtracting(.serverOwned)
        added = added.subtracting(.serverOwned)
    }
}
