import IPAMKubernetes
import JSONTree
import KubernetesClient
import KubernetesModel
import Logging
import Netlink

/// Tells people, on the object itself, that this version does not act on it: policies and services are not silently
/// ignored. One agent does it for the cluster, the one that holds a lease, so that there is one event for each object
/// and not one from every node.
struct UnenforcedObjects: Sendable {
    static let reason = "NotEnforced"
    static let leaseName = "poplin-agent-warnings"

    let client: ClusterClient
    let metrics: AgentMetrics
    let logger: Logger
    let nodeName: String
    let namespace: String
    /// What is wrong with pools.
    let complaints: Mutable<[PoolReading.Complaint]?>

    /// What is kept of an object.
    struct Subject: Hashable, Sendable {
        var uid: String
        /// Whether something of it is for us to do.
        var isConcerned: Bool
    }

    /// Until the task is cancelled.
    func run() async {
        let election = LeaderElection(
            client, namespace: namespace, name: Self.leaseName, identity: nodeName)
        while !Task.isCancelled {
            await election.run { _ in await lead() }
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private func lead() async {
        // Core events: what `kubectl describe` shows on every server.
        let recorder = EventRecorder(client, controller: "poplin.dev/agent", instance: nodeName, api: .core)
        let told = await alreadyTold()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            group.addTask {
                await PoolWarnings(client: client, complaints: complaints) { recorder.record($0) }.run()
            }
            group.addTask {
                await watch(
                    "NetworkPolicy",
                    GroupVersionResource(
                        group: "networking.k8s.io", version: "v1", resource: "networkpolicies"), told, recorder,
                    note: "Poplin does not enforce network policies in this version: traffic is as if this object"
                        + " were not there"
                ) { _ in true }
            }
            if !Self.hasServiceProxy() {
                group.addTask {
                    await watch(
                        "Service", GroupVersionResource(version: "v1", resource: "services"), told, recorder,
                        note: "Poplin does not serve cluster addresses in this version, and no kube-proxy was seen on"
                            + " node \(nodeName): pods reach this service only by its pods' addresses",
                        Self.hasClusterAddress)
                }
            }
        }
    }

    private func watch(
        _ kind: String, _ resource: GroupVersionResource, _ told: Set<String>, _ recorder: EventRecorder,
        note: String, _ isConcerned: @escaping @Sendable (JSONNode) -> Bool
    ) async {
        let informer = Informer(
            InformerScope(resource),
            projection: Projection { (node) throws(FieldError) in
                Subject(uid: try ObjectMeta(of: node).uid, isConcerned: isConcerned(node))
            }, over: client.transport)
        let events = informer.subscribe()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await informer.run() }
            group.addTask {
                var told = told
                for await event in events {
                    guard case .added(let key, let subject) = event, subject.isConcerned,
                        told.insert(subject.uid).inserted
                    else { continue }
                    let apiVersion = resource.group.isEmpty ? resource.version : "\(resource.group)/\(resource.version)"
                    recorder.record(
                        EventNote(
                            .warning,
                            regarding: ObjectReference(
                                apiVersion: apiVersion, kind: kind, namespace: key.namespace, name: key.name,
                                uid: subject.uid), reason: Self.reason, action: "Ignored", note: note))
                    metrics.count { $0.eventsOfUnenforced += 1 }
                    logger.warning("not enforced", metadata: ["kind": "\(kind)", "object": "\(key)"])
                }
            }
        }
    }

    /// Objects that have their event: of an agent that led before.
    private func alreadyTold() async -> Set<String> {
        let events = client.collection(
            GroupVersionResource(version: "v1", resource: "events"), namespace: "")
        do throws(KubernetesFailure) {
            let list = try await events.all(ListOptions(fieldSelector: "reason=\(Self.reason)"))
            return Set(list.items.compactMap { $0.at("involvedObject", "uid")?.string })
        } catch {
            return []
        }
    }

    /// A service of its own address. The API server's own is everybody's and known to work without it.
    static func hasClusterAddress(_ service: JSONNode) -> Bool {
        let isAPI =
            service.at("metadata", "namespace")?.string == "default"
            && service.at("metadata", "name")?.string == "kubernetes"
        let address = service.at("spec", "clusterIP")?.string ?? ""
        return !isAPI && !address.isEmpty && address != "None"
    }

    /// Whether a proxy has left its marks in this node's kernel: kube-proxy in any of its modes.
    static func hasServiceProxy() -> Bool {
        do throws(NetlinkError) {
            var links = try RouteSocket()
            if try links.link(named: "kube-ipvs0") != nil { return true }
            var tables = try NFTables.Socket()
            if try tables.tables().contains(where: { $0.name == "kube-proxy" }) { return true }
            return try tables.chains().contains { $0.chain.name == "KUBE-SERVICES" }
        } catch {
            return false
        }
    }
}
