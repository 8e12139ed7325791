import JSONTree
import KubernetesModel
import Synchronization

/// The roles and bindings of the store, kept at hand: decides without reading the database.
///
/// Grants are taken away as soon as the watch brings the change. Before a request is refused the policy is made sure
/// to be as new as the store, so that what was just allowed is allowed.
public final class AccessControl: WriteReview, Sendable {
    private static let collections = ["clusterroles", "clusterrolebindings", "roles", "rolebindings"].map {
        "\($0).\(RBACPolicy.group)"
    }

    private struct State {
        var policy = RBACPolicy()
        var revision: Revision = 0
    }

    private let store: ObjectStore
    private let state = Mutex(State())

    public init(store: ObjectStore) { self.store = store }

    /// The policy as it was last seen.
    public var policy: RBACPolicy { state.withLock { $0.policy } }

    /// Reads every role and binding.
    public func load() async throws(StoreFailure) {
        var roles: [RBACRole] = []
        var bindings: [RBACBinding] = []
        var revision = Revision.max
        for collection in Self.collections {
            let page = try await store.list(ListQuery(collection))
            revision = min(revision, page.revision)
            for object in page.objects {
                guard let tree = try? JSONTree(parsing: object.bytes) else { continue }
                if collection.contains("bindings") {
                    bindings.append(RBACBinding(tree.root))
                } else {
                    roles.append(RBACRole(tree.root))
                }
            }
        }
        let policy = RBACPolicy(roles: roles, bindings: bindings)
        // A slower load that began earlier does not put an older policy in place.
        state.withLock { state in
            if revision >= state.revision { state = State(policy: policy, revision: revision) }
        }
    }

    /// Writes the rules of aggregated roles into them, where clients look for them. A controller manager does that in a
    /// real cluster (clusterrole-aggregation-controller).
    public func writeAggregates() async throws(StoreFailure) {
        let collection = Self.collections[0]
        let aggregated = policy.aggregated
        do throws(WriteFailure<Never>) {
            try await store.write { (transaction) throws(Never) in
                for (name, rules) in aggregated {
                    guard let stored = transaction.object(StoreKey(collection, name: name)),
                        let root = try? JSONTree(parsing: stored.bytes).root, RBACRole(root).rules != rules
                    else { continue }
                    let object = JSONValue.node(root).settingMember("rules", to: .array(rules.map(\.value)))
                    transaction.put(stored.key, uid: stored.uid, object.serialized())
                }
            }
        } catch {
            if case .store(let failure) = error { throw failure }
        }
    }

    /// Follows changes until the task is cancelled or the store is closed.
    public func follow() async {
        await withTaskGroup(of: Void.self) { group in
            for collection in Self.collections {
                group.addTask { await self.follow(collection) }
            }
        }
    }

    private func follow(_ collection: String) async {
        while !Task.isCancelled {
            do throws(StoreFailure) {
                let start = store.revision
                try await load()
                try await writeAggregates()
                for try await batch in try await store.watch(WatchQuery(collection, after: start))
                where !batch.events.isEmpty {
                    try await load()
                    try await writeAggregates()
                }
                return
            } catch {
                if case .closed = error { return }
                // Expired: begin anew. Anything else may pass; a wait keeps a broken disk from being hammered.
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    public func decide(_ user: UserInfo, _ wanted: AccessAttributes) async -> RBACPolicy.Decision {
        var reason = ""
        if let node = NodeAuthorizer.node(of: user) {
            switch await NodeAuthorizer(store: store, policy: policy).opinion(node, wanted) {
            case .allowed(let reason): return RBACPolicy.Decision(isAllowed: true, reason: reason)
            case .none(let why): reason = why
            }
        }
        var decision = policy.decide(user, wanted)
        if !decision.isAllowed, state.withLock({ $0.revision }) < store.revision {
            try? await load()
            decision = policy.decide(user, wanted)
        }
        if !decision.isAllowed, decision.reason.isEmpty { decision.reason = reason }
        return decision
    }

    public func refusal(
        by user: UserInfo, _ resource: GroupResource, namespace: String, name: String, before: JSONValue?,
        after: JSONValue?
    ) -> Status? {
        NodeRestriction.refusal(by: user, resource, namespace: namespace, name: name, before: before, after: after)
            ?? policy.refusal(by: user, resource, namespace: namespace, name: name, before: before, after: after)
    }
}
