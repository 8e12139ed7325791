import JSONTree
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing

/// The runner against a server in memory that keeps one Lease and its versions.
@Suite struct LeaderElectionTests {
    private final class Lease: Sendable {
        private let state = Mutex<(spec: JSONValue?, labels: JSONValue, version: Int)>((nil, ["keep": "me"], 0))

        var transport: ScriptedTransport { ScriptedTransport { self.answer($0) } }

        var spec: JSONValue? { state.withLock { $0.spec } }

        private func object(_ state: (spec: JSONValue?, labels: JSONValue, version: Int)) -> KubernetesResponse {
            let text: JSONValue = [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": [
                    "name": "l", "namespace": "a", "resourceVersion": .string(String(state.version)),
                    "labels": state.labels,
                ],
                "spec": state.spec ?? .null,
            ]
            return ScriptedTransport.json(200, text.text)
        }

        private func answer(_ request: KubernetesRequest) -> KubernetesResponse {
            state.withLock { state in
                let body = try? JSONTree(parsing: request.body ?? Array("{}".utf8)).root
                switch request.method {
                case .get:
                    return state.spec == nil
                        ? ScriptedTransport.json(404, #"{"reason":"NotFound","code":404}"#) : object(state)
                case .post:
                    if state.spec != nil {
                        return ScriptedTransport.json(409, #"{"reason":"AlreadyExists","code":409}"#)
                    }
                    state.spec = body?.member("spec").map { .node($0) }
                default:
                    let version = body?.member("metadata")?.member("resourceVersion")?.string
                    guard version == String(state.version), var spec = state.spec else {
                        return ScriptedTransport.json(409, #"{"reason":"Conflict","code":409}"#)
                    }
                    if let changes = body?.member("spec") {
                        for (key, value) in changes.members {
                            spec = value.isNull ? spec.removingMember(key) : spec.settingMember(key, to: .node(value))
                        }
                    }
                    state.spec = spec
                }
                state.version += 1
                return object(state)
            }
        }
    }

    /// No lease runs out while a busy machine looks elsewhere: whoever leads gives it back.
    private func election(_ lease: Lease, _ name: String) -> LeaderElection {
        LeaderElection(
            ClusterClient(lease.transport), namespace: "a", name: "l", identity: name, leaseDuration: .seconds(600),
            renewDeadline: .seconds(400), retryPeriod: .milliseconds(50))
    }

    /// What the bodies saw.
    private final class Terms: Sendable {
        private let state = Mutex<(tokens: [FencingToken], leading: Int, most: Int)>(([], 0, 0))
        var tokens: [FencingToken] { state.withLock { $0.tokens } }
        var most: Int { state.withLock { $0.most } }

        func begin(_ token: FencingToken) {
            state.withLock {
                $0.tokens.append(token)
                $0.leading += 1
                $0.most = max($0.most, $0.leading)
            }
        }

        func end() { state.withLock { $0.leading -= 1 } }
    }

    @Test func oneAfterTheOther() async {
        let lease = Lease()
        let terms = Terms()
        await withTaskGroup(of: Void.self) { group in
            for name in ["a", "b", "c"] {
                let election = election(lease, name)
                group.addTask {
                    await election.run { leadership in
                        terms.begin(leadership.token)
                        #expect(leadership.isValid)
                        let isVerified = try? await leadership.verify()
                        #expect(isVerified == true)
                        terms.end()
                    }
                }
            }
        }
        #expect(terms.most == 1)
        #expect(terms.tokens.map(\.transitions) == [0, 1, 2], "each leader's token is above the one before")
        #expect(lease.spec?.member("holderIdentity") == nil, "given back")
    }

    @Test func cancelledItGivesTheLeaseBackAndTheBodyIsCancelledFirst() async {
        let lease = Lease()
        let (started, signal) = AsyncStream<Leadership>.makeStream()
        let terms = Terms()
        let election = election(lease, "a")
        let task = Task {
            await election.run { leadership in
                signal.yield(leadership)
                try? await Task.sleep(for: .seconds(3600))
                terms.begin(leadership.token)
            }
        }
        var leadership: Leadership?
        for await started in started {
            leadership = started
            break
        }
        task.cancel()
        await task.value
        #expect(terms.tokens.count == 1, "the body came to its end")
        #expect(leadership?.isValid == false)
        #expect(lease.spec?.member("holderIdentity") == nil)
        #expect(lease.spec?.member("leaseTransitions") == 0)
    }
}
