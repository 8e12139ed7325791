import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import Synchronization
import SystemCalls

/// Keeps the Node object and its lease: registers the node, says whether its network is ready, and that it lives.
struct NodeKeeper: Sendable {
    let context: KubeletContext
    /// Told once when the network becomes ready.
    let onReady: @Sendable () async -> Void

    /// Of the lease (kubelet's nodeLeaseDurationSeconds).
    static let leaseSeconds = 40
    private static let renewal = Duration.seconds(10)
    /// How often STATUS is asked: while the network is not ready, and afterwards.
    private static let patience = (waiting: Duration.milliseconds(500), ready: Duration.seconds(10))

    private var report: NodeReport {
        let configuration = context.configuration
        return NodeReport(
            name: configuration.nodeName, addresses: context.hostIPs, port: configuration.listenPort,
            version: configuration.version, labels: configuration.labels, capacity: NodeCapacity.allocatable,
            machineID: NodeCapacity.text("/etc/machine-id"),
            bootID: NodeCapacity.text("/proc/sys/kernel/random/boot_id"),
            kernel: NodeCapacity.kernel, systemName: NodeCapacity.systemName,
            architecture: NodeCapacity.architecture,
            networkObjection: context.networkObjection.withLock { $0 })
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keepStatus() }
            group.addTask { await keepLease() }
        }
    }

    private var now: Timestamp { Timestamp(seconds: Int64(Clock.now() / 1_000_000_000)) }

    // MARK: - Status

    private func keepStatus() async {
        await look()
        await register()
        var written: String?
        var wasReady = false
        var conditions: [Condition] = []
        var lastWrite = ContinuousClock.now
        while !Task.isCancelled {
            let report = report
            let summary = report.networkObjection ?? "ready"
            if report.isReady != wasReady {
                wasReady = report.isReady
                if wasReady { await onReady() }
            }
            if summary != written || ContinuousClock.now - lastWrite > .seconds(60) {
                if await write(report, &conditions) {
                    if written != summary {
                        context.logger.info("node status", metadata: ["network": "\(summary)"])
                    }
                    written = summary
                    lastWrite = .now
                }
            }
            try? await Task.sleep(for: report.isReady ? Self.patience.ready : Self.patience.waiting)
            await look()
        }
    }

    private func look() async {
        let network = context.network
        let objection = await context.blocking { network.objection() }
        context.networkObjection.withLock { $0 = objection }
    }

    private func register() async {
        var backoff = Backoff(base: .milliseconds(200), limit: .seconds(5))
        var random = SplitMix64(seed: .random(in: .min ... .max))
        let nodes = context.client.collection(of: Node.self)
        while !Task.isCancelled {
            do throws(KubernetesFailure) {
                if let found = try await nodes.find(context.configuration.nodeName) {
                    var labels: [JSONMember] = []
                    let present = found.at("metadata", "labels")
                    for (key, value) in report.allLabels where present?.member(key)?.string != value {
                        labels.append(JSONMember(key, .string(value)))
                    }
                    if !labels.isEmpty {
                        _ = try await nodes.patch(
                            context.configuration.nodeName, .merge(["metadata": ["labels": .object(labels)]]))
                    }
                } else {
                    _ = try await nodes.create(report.object(now: now))
                }
                return
            } catch {
                context.logger.info("the node is not registered yet: \(error.sentence)")
                try? await Task.sleep(for: backoff.failed(askedToWait: nil, random: &random))
            }
        }
    }

    /// Conditions are merged by their type, so that those of others stay; everything else is replaced.
    private func write(_ report: NodeReport, _ conditions: inout [Condition]) async -> Bool {
        let nodes = context.client.collection(of: Node.self)
        do throws(KubernetesFailure) {
            if conditions.isEmpty {
                let node = try ClusterClient.decode(Node.self, try await nodes.get(report.name))
                conditions = node.conditions.filter {
                    ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].contains($0.type)
                }
            }
            let status = report.status(before: conditions, now: now)
            let own = status["conditions"] ?? []
            _ = try await nodes.patch(
                report.name, .merge(["status": status.removing("conditions")]), subresource: "status")
            _ = try await nodes.patch(
                report.name, .strategic(["status": ["conditions": own]]), subresource: "status")
            if let tree = try? (["conditions": own] as JSONValue).tree(), let fields = try? FieldReader(tree.root) {
                conditions = (try? fields.objects("conditions", Condition.init(reading:))) ?? []
            }
        } catch {
            context.logger.info("the node's status could not be written: \(error.sentence)")
            if error.status?.isNotFound == true { await register() }
            return false
        }
        await setTaint(report)
        return true
    }

    /// The node is tainted while it is not ready.
    private func setTaint(_ report: NodeReport) async {
        let isReady = report.isReady
        do throws(KubernetesFailure) {
            _ = try await context.client.collection(of: Node.self).update(report.name) {
                node throws(KubernetesFailure) in
                let taints = node.at("spec", "taints")?.elements.map { $0 } ?? []
                let isTainted = taints.contains { $0.member("key")?.string == NodeReport.notReadyTaint }
                guard isTainted == isReady else { return nil }
                let others = taints.filter { $0.member("key")?.string != NodeReport.notReadyTaint }.map {
                    JSONValue($0)
                }
                return JSONValue(node).setting(
                    at: ["spec", "taints"], to: .array(isReady ? others : others + [NodeReport.taint]))
            }
        } catch {
            context.logger.info("the node's taint could not be changed: \(error.sentence)")
        }
    }

    // MARK: - Lease

    private func keepLease() async {
        let name = context.configuration.nodeName
        let leases = context.client.collection(of: Lease.self, namespace: "kube-node-lease")
        while !Task.isCancelled {
            let time = "\(MicroTime(microseconds: Int64(Clock.now() / 1000)))"
            let spec: JSONValue = [
                "holderIdentity": .string(name), "leaseDurationSeconds": .int(Int64(Self.leaseSeconds)),
                "renewTime": .string(time),
            ]
            do throws(KubernetesFailure) {
                do throws(KubernetesFailure) {
                    _ = try await leases.patch(name, .merge(["spec": spec]))
                } catch {
                    guard error.status?.isNotFound == true else { throw error }
                    _ = try await leases.create([
                        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                        "metadata": ["name": .string(name), "namespace": "kube-node-lease"], "spec": spec,
                    ])
                }
                try? await Task.sleep(for: Self.renewal)
            } catch {
                context.logger.info("the node's lease could not be renewed: \(error.sentence)")
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
