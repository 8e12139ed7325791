import JSONTree
import KubernetesClient
import KubernetesModel

@testable import LabControllers

/// A server in memory, of which only what the controllers lean on is there: versions, uids, generations, optimistic
/// writes, graceful deletion of pods, dependents that go with their owner. Every write leaves an event for each resource,
/// which somebody delivers when he likes.
struct SimulatedServer {
    struct Event {
        var resource: Watched
        var key: ObjectKey
        /// Nil: gone.
        var object: JSONValue?
    }

    private(set) var objects: [Watched: [ObjectKey: JSONValue]] = [:]
    private(set) var events: [Watched: [Event]] = [:]
    private(set) var version = 100
    private var lastUID = 0
    /// Seconds; grows with every write, so that ages differ.
    var time: Int64 = 1_800_000_000

    enum Refusal: Error { case conflict, notFound, exists }

    var isDelivered: Bool { events.values.allSatisfy(\.isEmpty) }

    mutating func deliver(_ resource: Watched) -> Event? {
        guard let list = events[resource], !list.isEmpty else { return nil }
        return events[resource]?.removeFirst()
    }

    static func watched(_ resource: GroupVersionResource) -> Watched? {
        Watched.allCases.first { $0.resource == resource }
    }

    static func key(_ object: JSONValue) -> ObjectKey {
        ObjectKey(
            namespace: object.at("metadata", "namespace")?.stringValue ?? "",
            name: object.at("metadata", "name")?.stringValue ?? "")
    }

    private mutating func store(_ resource: Watched, _ object: JSONValue) -> JSONValue {
        version += 1
        let object = object.setting(at: ["metadata", "resourceVersion"], to: .string(String(version)))
        objects[resource, default: [:]][Self.key(object)] = object
        events[resource, default: []].append(Event(resource: resource, key: Self.key(object), object: object))
        return object
    }

    @discardableResult
    mutating func create(_ resource: Watched, _ object: JSONValue) throws(Refusal) -> JSONValue {
        guard objects[resource]?[Self.key(object)] == nil else { throw .exists }
        lastUID += 1
        time += 1
        var object = object.setting(at: ["metadata", "uid"], to: .string("uid-\(lastUID)"))
            .setting(at: ["metadata", "generation"], to: 1)
            .setting(at: ["metadata", "creationTimestamp"], to: .string(Timestamp(seconds: time).description))
        if resource == .pods { object = object.setting(at: ["status", "phase"], to: "Pending") }
        return store(resource, object)
    }

    @discardableResult
    mutating func patch(
        _ resource: Watched, _ key: ObjectKey, _ patch: Change.Patch
    ) throws(Refusal) -> JSONValue {
        guard let old = objects[resource]?[key] else { throw .notFound }
        if let wanted = patch.body.at("metadata", "resourceVersion")?.stringValue,
            wanted != old.at("metadata", "resourceVersion")?.stringValue
        {
            throw .conflict
        }
        var new = Self.merge(patch.body, into: old, mergesConditions: patch.form == .strategic)
        let isSpecChanged = !(new.member("spec") ?? .null).isEquivalent(to: old.member("spec") ?? .null)
        if isSpecChanged {
            new = new.setting(
                at: ["metadata", "generation"], to: .int((old.at("metadata", "generation")?.intValue ?? 0) + 1))
        }
        if new.isEquivalent(to: old) { return old }
        return store(resource, new)
    }

    mutating func delete(_ resource: Watched, _ key: ObjectKey, uid: String? = nil, grace: Int? = nil) throws(Refusal) {
        guard let old = objects[resource]?[key] else { throw .notFound }
        let own = old.at("metadata", "uid")?.stringValue ?? ""
        if let uid, uid != own { throw .conflict }
        let isBound = !(old.at("spec", "nodeName")?.stringValue ?? "").isEmpty
        if resource == .pods, isBound, grace != 0 {
            if old.at("metadata", "deletionTimestamp") == nil {
                _ = store(
                    resource,
                    old.setting(
                        at: ["metadata", "deletionTimestamp"], to: .string(Timestamp(seconds: time + 30).description)))
            }
            return
        }
        version += 1
        objects[resource]?[key] = nil
        events[resource, default: []].append(Event(resource: resource, key: key, object: nil))
        for dependents in Watched.allCases {
            for (other, object) in objects[dependents] ?? [:] {
                let owners = object.at("metadata", "ownerReferences")?.elements ?? []
                if owners.contains(where: { $0.member("uid")?.stringValue == own }) {
                    try delete(dependents, other)
                }
            }
        }
    }

    /// RFC 7386; with conditions merged by their type as a strategic patch does.
    private static func merge(_ patch: JSONValue, into target: JSONValue, mergesConditions: Bool) -> JSONValue {
        guard patch.kind == .object else { return patch }
        var result: JSONValue = target.kind == .object ? target : .object([])
        for member in patch.members {
            if member.value.isNull {
                result = result.removingMember(member.key)
            } else if mergesConditions, member.key == "conditions" {
                var conditions = result.member("conditions")?.elements ?? []
                for condition in member.value.elements {
                    let type = condition.member("type")?.stringValue
                    if let index = conditions.firstIndex(where: { $0.member("type")?.stringValue == type }) {
                        conditions[index] = merge(condition, into: conditions[index], mergesConditions: false)
                    } else {
                        conditions.append(condition)
                    }
                }
                result = result.settingMember("conditions", to: .array(conditions))
            } else {
                let inner = merge(
                    member.value, into: result.member(member.key) ?? .null, mergesConditions: mergesConditions)
                result = result.settingMember(member.key, to: inner)
            }
        }
        return result
    }

    /// One change of a plan, with what has to be seen of it.
    mutating func carryOut(_ change: Change, now: Duration) throws(Refusal) -> AwaitedSight? {
        func seen(_ resource: Watched, _ object: JSONValue) -> AwaitedSight {
            AwaitedSight(
                resource: resource, key: Self.key(object), uid: object.at("metadata", "uid")?.stringValue ?? "",
                sight: .version(ResourceVersion(object.at("metadata", "resourceVersion")?.stringValue ?? "")),
                until: now + .seconds(1_000_000))
        }
        switch change {
        case .create(let resource, let object):
            guard let resource = Self.watched(resource) else { return nil }
            return seen(resource, try create(resource, object))
        case .patch(let resource, let key, let patch):
            guard let resource = Self.watched(resource) else { return nil }
            return seen(resource, try self.patch(resource, key, patch))
        case .delete(let resource, let key, let uid, let grace):
            guard let resource = Self.watched(resource) else { return nil }
            do throws(Refusal) { try delete(resource, key, uid: uid, grace: grace) } catch { return nil }
            return AwaitedSight(
                resource: resource, key: key, uid: uid, sight: .going, until: now + .seconds(1_000_000))
        case .bind(let key, let uid, let node):
            guard let pod = objects[.pods]?[key], pod.at("metadata", "uid")?.stringValue == uid else {
                throw .notFound
            }
            if pod.at("metadata", "deletionTimestamp") != nil { throw .conflict }
            _ = store(.pods, pod.setting(at: ["spec", "nodeName"], to: .string(node)))
            return AwaitedSight(resource: .pods, key: key, uid: uid, sight: .bound, until: now + .seconds(1_000_000))
        case .note: return nil
        }
    }

    // MARK: Kubelets

    /// What kubelets would do next: pods that have a node run and are ready, those that are deleted go.
    mutating func actAsKubelet(on key: ObjectKey) {
        guard let pod = objects[.pods]?[key], let node = pod.at("spec", "nodeName")?.stringValue, !node.isEmpty,
            objects[.nodes]?[ObjectKey(name: node)] != nil
        else { return }
        if pod.at("metadata", "deletionTimestamp") != nil {
            try? delete(.pods, key, grace: 0)
        } else if pod.at("status", "phase")?.stringValue == "Pending" {
            let address = "10.0.\(version / 250 % 250).\(version % 250)"
            _ = try? patch(
                .pods, key,
                Change.Patch(
                    .strategic, subresource: "status",
                    [
                        "status": [
                            "phase": "Running", "podIP": .string(address), "podIPs": [["ip": .string(address)]],
                            "conditions": [
                                [
                                    "type": "Ready", "status": "True",
                                    "lastTransitionTime": .string(Timestamp(seconds: time).description),
                                ]
                            ],
                        ]
                    ]))
        }
    }

    var podsForKubelets: [ObjectKey] {
        (objects[.pods] ?? [:]).filter { _, pod in
            !(pod.at("spec", "nodeName")?.stringValue ?? "").isEmpty
                && (pod.at("metadata", "deletionTimestamp") != nil
                    || pod.at("status", "phase")?.stringValue == "Pending")
        }.keys.sorted()
    }
}
