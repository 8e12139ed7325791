import JSONTree

extension ServerSideApply {
    static func merge(_ request: Request, _ live: JSONValue?, _ schema: Schema?) throws(Failure) -> Outcome {
        let configuration = stated(by: request)
        let apiVersion = configuration.member("apiVersion")?.stringValue ?? ""
        let owner = FieldOwner(
            manager: request.manager, operation: .apply, apiVersion: apiVersion, subresource: request.subresource)
        let stored = ManagedFields(of: live)
        var managed = stored
        let bare = live?.removing(at: ["metadata", "managedFields"])
        if let bare, managed.isEmpty { managed = .claimed(by: ManagedFields.beforeFirstApply, bare, request, schema) }

        let former = managed[owner]
        let wanted = FieldSet(of: configuration, schema: schema)
            .subtractingTrees(request.ignoring).subtracting(.serverOwned)
        managed.set(wanted, time: former?.time, of: owner)

        var object = ApplyMerge.merge(bare ?? .object([]), configuration, schema)
        if let former {
            // Laid over once more: a map that pruning emptied is there again if the configuration states it as empty.
            let pruned = prune(object, formerly: former.fields, managed, schema)
            object = ApplyMerge.merge(pruned, configuration, schema)
        }

        let comparison = ManagedFields.comparison(
            from: bare, to: object, schema: schema, ignoring: request.ignoring)
        let touched = comparison.touched
        if !request.isForced {
            let conflicts = conflicts(about: touched, in: managed, with: owner)
            guard conflicts.isEmpty else { throw .conflicts(conflicts) }
        }
        managed.yield(touched.union(comparison.removed), to: owner)

        object = syncedAnnotation(of: object, with: configuration, request.manager)
        let isSame = bare.map { $0.isEquivalent(to: object) } ?? false
        let ownsSame = former.map { $0.fields == wanted && $0.owner.apiVersion == apiVersion } ?? wanted.isEmpty
        if isSame, ownsSame, let live, stored == managed || wanted.isEmpty && stored.isEmpty {
            return Outcome(object: live, isChanged: false)
        }
        if !isSame || !ownsSame { managed.set(wanted, time: request.time, of: owner) }
        return Outcome(object: managed.written(to: object), isChanged: true)
    }

    /// The configuration without nulls the encoder of a typed client leaves (`creationTimestamp`) and without what
    /// this request does not reach.
    private static func stated(by request: Request) -> JSONValue {
        var configuration = request.configuration.removing(at: ["metadata", "managedFields"])
        if configuration.at("metadata", "creationTimestamp")?.isNull == true {
            configuration = configuration.removing(at: ["metadata", "creationTimestamp"])
        }
        return configuration
    }

    private static func conflicts(
        about touched: FieldSet, in managed: ManagedFields, with owner: FieldOwner
    ) -> [Conflict] {
        managed.entries.filter { !ManagedFields.isSame($0.owner, owner) }
            .sorted { ($0.owner.manager, $0.owner.apiVersion) < ($1.owner.manager, $1.owner.apiVersion) }
            .flatMap { entry in
                entry.fields.intersection(touched).paths.map {
                    Conflict(owner: entry.owner, field: $0.map(\.description).joined())
                }
            }
    }

    /// Takes out what the manager applied before and no longer states, as far as nobody else owns it. What nobody owns
    /// and this manager never applied stays, unless it is part of a list element that goes.
    private static func prune(
        _ merged: JSONValue, formerly: FieldSet, _ managed: ManagedFields, _ schema: Schema?
    ) -> JSONValue {
        func without(_ fields: FieldSet) -> JSONValue {
            ApplyMerge.remove(fields, from: merged, schema) ?? .object([])
        }
        let former = formerly.withNamedFields(schema)
        let all = FieldSet(of: merged, schema: schema).withNamedFields(schema)
        let owned = managed.entries.reduce(FieldSet()) { $0.union($1.fields) }.withNamedFields(schema)
        var pruned = without(former)
        pruned = without(
            all.subtracting(FieldSet(of: pruned, schema: schema).withNamedFields(schema)).subtracting(owned))
        let gone = all.subtracting(FieldSet(of: pruned, schema: schema).withNamedFields(schema))
        return without(gone.intersection(former))
    }

    /// Keeps the annotation of client-side apply in step, so that a person may go back to it.
    private static func syncedAnnotation(
        of object: JSONValue, with configuration: JSONValue, _ manager: String
    ) -> JSONValue {
        guard manager == kubectl, object.at("metadata", "annotations", lastApplied) != nil else { return object }
        var applied = configuration
        if applied.at("metadata", "annotations") == nil {
            applied = applied.setting(at: ["metadata", "annotations"], to: .object([]))
        }
        applied = applied.removing(at: ["metadata", "annotations", lastApplied])
        return object.setting(
            at: ["metadata", "annotations", lastApplied], to: .string(applied.text(sortedKeys: true) + "\n"))
    }
}

extension ManagedFields {
    /// Entries of an object that had none: everything it has belongs to `manager`.
    fileprivate static func claimed(
        by manager: String, _ object: JSONValue, _ request: ServerSideApply.Request, _ schema: Schema?
    ) -> ManagedFields {
        let apiVersion = object.member("apiVersion")?.stringValue ?? ""
        let comparison = comparison(from: nil, to: object, schema: schema, ignoring: FieldSet())
        var managed = ManagedFields()
        managed.set(
            comparison.touched, time: request.time,
            of: FieldOwner(manager: manager, operation: .update, apiVersion: apiVersion))
        return managed
    }

    /// Nobody but `owner` keeps the fields.
    fileprivate mutating func yield(_ fields: FieldSet, to owner: FieldOwner) {
        for index in entries.indices where !Self.isSame(entries[index].owner, owner) {
            entries[index].fields = entries[index].fields.subtracting(fields)
        }
        entries.removeAll { $0.fields.isEmpty }
    }
}
