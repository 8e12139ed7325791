import JSONTree
import KubernetesModel

/// What the collector knows of an object: who it is, whose it is, and what holds it.
struct OwnedObject: Sendable, Equatable {
    var resource: GroupVersionResource
    var key: ObjectKey
    var uid: String
    var version: String
    var owners: [OwnerReference]
    var finalizers: [String]
    var isTerminating: Bool

    static let foreground = "foregroundDeletion"
    static let orphan = "orphan"

    /// On its way out, and waits for what it owns.
    var waitsForDependents: Bool { isTerminating && finalizers.contains(Self.foreground) }
}

/// Who owns whom (Kubernetes, pkg/controller/garbagecollector). Pure: facts in, decisions out.
struct OwnerGraph: Sendable {
    private(set) var objects: [String: OwnedObject] = [:]
    private var dependents: [String: Set<String>] = [:]
    /// Uids that were asked for and are not there.
    private(set) var absent: Set<String> = []

    enum Decision: Sendable, Equatable {
        /// The object goes; its dependents first, or after it.
        case delete(OwnedObject, isForeground: Bool)
        /// These owners no longer stand in the object.
        case disown(OwnedObject, [OwnerReference])
        case release(OwnedObject, finalizer: String)
        /// Whether this owner is there has to be asked: nobody has seen it.
        case ask(OwnerReference, namespace: String)
    }

    /// - Returns: uids that have to be looked at because of it.
    mutating func set(_ object: OwnedObject) -> Set<String> {
        let old = objects.updateValue(object, forKey: object.uid)
        absent.remove(object.uid)
        for owner in old?.owners ?? [] { unlink(object.uid, from: owner.uid) }
        for owner in object.owners { dependents[owner.uid, default: []].insert(object.uid) }
        var touched: Set<String> = [object.uid]
        // Who waits for this one may wait no longer; who is to go with it may have to go now.
        touched.formUnion((old?.owners ?? []).map(\.uid) + object.owners.map(\.uid))
        if object.isTerminating, old?.isTerminating != true || old?.finalizers != object.finalizers {
            touched.formUnion(dependents[object.uid] ?? [])
        }
        return touched
    }

    mutating func remove(_ uid: String) -> Set<String> {
        guard let old = objects.removeValue(forKey: uid) else { return [] }
        for owner in old.owners { unlink(uid, from: owner.uid) }
        // It was there and is gone: its dependents need not ask.
        if let left = dependents[uid], !left.isEmpty { absent.insert(uid) }
        return (dependents[uid] ?? []).union(old.owners.map(\.uid))
    }

    private mutating func unlink(_ uid: String, from owner: String) {
        dependents[owner]?.remove(uid)
        if dependents[owner]?.isEmpty == true {
            dependents[owner] = nil
            absent.remove(owner)
        }
    }

    /// The answer to ``Decision/ask(_:namespace:)``: no such object.
    mutating func learn(absent uid: String) -> Set<String> {
        guard let waiting = dependents[uid] else { return [] }
        absent.insert(uid)
        return waiting
    }

    func dependents(of uid: String) -> [OwnedObject] {
        (dependents[uid] ?? []).sorted().compactMap { objects[$0] }
    }

    /// What is to be done about one object now.
    func decisions(about uid: String) -> [Decision] {
        guard let object = objects[uid] else { return [] }
        if object.isTerminating { return holding(object) }
        guard !object.owners.isEmpty else { return [] }
        var solid: [OwnerReference] = []
        var gone: [OwnerReference] = []
        var waiting: [OwnerReference] = []
        for owner in object.owners {
            if let there = objects[owner.uid] {
                // An owner in another namespace is none.
                if !there.key.namespace.isEmpty, there.key.namespace != object.key.namespace {
                    gone.append(owner)
                } else if there.waitsForDependents {
                    waiting.append(owner)
                } else {
                    solid.append(owner)
                }
            } else if absent.contains(owner.uid) {
                gone.append(owner)
            } else {
                return [.ask(owner, namespace: object.key.namespace)]
            }
        }
        if !solid.isEmpty {
            return gone.isEmpty && waiting.isEmpty ? [] : [.disown(object, gone + waiting)]
        }
        let hasDependents = !(dependents[uid] ?? []).isEmpty
        return [.delete(object, isForeground: !waiting.isEmpty && hasDependents)]
    }

    /// Of an object on its way out: what its finalizers wait for.
    private func holding(_ object: OwnedObject) -> [Decision] {
        let mine = dependents(of: object.uid)
        if object.finalizers.contains(OwnedObject.orphan) {
            if mine.isEmpty { return [.release(object, finalizer: OwnedObject.orphan)] }
            return mine.map { dependent in
                .disown(dependent, dependent.owners.filter { $0.uid == object.uid })
            }
        }
        guard object.finalizers.contains(OwnedObject.foreground) else { return [] }
        let blocking = mine.filter { dependent in
            dependent.owners.contains { $0.uid == object.uid && $0.blocksOwnerDeletion }
        }
        return blocking.isEmpty ? [.release(object, finalizer: OwnedObject.foreground)] : []
    }
}
