import Addressing
import Fabric
import Findings
import IPAMKubernetes
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import Netlink

/// Keeps this node's part of the fabric as the cluster wants it: nodes in, kernel and our own Node object out. Whatever
/// happens (our own node changes, somebody takes a route away, half a minute passes) ends in the same pass from what is
/// known to what is there. Only that some other nodes changed, which is what happens most, is followed by doing what
/// changed and nothing else (``follow(_:)``), as long as everything was as it should be.
actor FabricKeeper {
    /// Why a pass is made.
    enum Reason: Hashable, Sendable {
        /// Another Node object changed, came or went.
        case node(String)
        /// Something else that is known changed, such as our own Node: the kernel is as it was left.
        case nodes
        /// The kernel may have changed, or nobody has looked for a while.
        case kernel
    }

    private var configuration: FabricConfiguration
    let nodeName: String
    let nodes: Informer<Node>
    let client: ClusterClient
    let supply: AddressSupply
    private let conflist: ConflistFile
    private let record: NodeRecord
    let readiness: AgentReadiness
    let metrics: AgentMetrics
    private let mtu: Mutable<Int>
    private let nodeAddresses: Mutable<[IPAddress]>
    let logger: Logger
    let trigger: @Sendable (Reason) -> Void

    private var driver: FabricDriver
    private var masquerade = MasqueradeKeeper()
    /// The plan that the kernel was left in; nil when that is not known.
    private var settled: FabricPlanner?
    private var hasSettled = false
    /// Ranges that nodes' addresses must lie apart from; nil while something lies where it must not, or something else
    /// about the nodes as a whole is wrong.
    private var claims: [AddressConflicts.Claim]?
    private var interfaceMAC: MACAddress?
    private var announced: BackendAnnouncement?
    private var lastLocal: FabricNode?
    /// Nodes of the checkpoint, until the API server has told.
    private var remembered: [FabricNode]
    /// What has been logged, by what it is about.
    private var told: [String: Set<String>] = [:]
    private var watch: KernelWatch?
    private var connectionWatch: ConnectionWatch?
    /// What cannot be read in annotations of nodes.
    private var problems: [String] = []
    var trouble = NodeMarks.Trouble()

    init(
        _ configuration: FabricConfiguration, nodeName: String, nodes: Informer<Node>, client: ClusterClient,
        supply: AddressSupply, conflist: ConflistFile, checkpoint: NodeCheckpoint, readiness: AgentReadiness,
        metrics: AgentMetrics, mtu: Mutable<Int>, nodeAddresses: Mutable<[IPAddress]>, logger: Logger,
        trigger: @escaping @Sendable (Reason) -> Void
    ) throws(NetlinkError) {
        self.nodeAddresses = nodeAddresses
        self.configuration = configuration
        self.nodeName = nodeName
        self.nodes = nodes
        self.client = client
        self.supply = supply
        self.conflist = conflist
        self.readiness = readiness
        self.metrics = metrics
        self.mtu = mtu
        self.logger = logger
        self.trigger = trigger
        driver = try FabricDriver()
        let reading = checkpoint.read()
        remembered = reading.nodes
        record = NodeRecord(checkpoint, written: reading.nodes, logger: logger)
        if let problem = reading.problem { logger.warning("\(problem)") }
    }

    /// Works to another configuration from the next pass on.
    func follow(_ configuration: FabricConfiguration) {
        self.configuration = configuration
        trigger(.kernel)
    }

    // MARK: One pass

    func pass(_ reasons: PassReasons.Taken) async {
        await look(reasons)
        await markProblem()
    }

    private func look(_ reasons: PassReasons.Taken) async {
        if let names = reasons.onlyNodes, follow(names) { return }
        let reason = reasons.looksAtKernel ? Reason.kernel : .nodes
        let known = known()
        readiness.set(.api, nodes.hasSynced ? .ready : .waiting("no list of nodes yet"))
        guard var local = known.first(where: { $0.name == nodeName }) ?? lastLocal else {
            return wait(
                nodes.hasSynced
                    ? "Node \(nodeName) does not exist" : "no list of nodes yet, and no checkpoint knows \(nodeName)")
        }
        do {
            local = try await supplied(local)
            let pools = await supply.pools()
            let start = Clock.monotonic()
            let outcome = try converge(local, known, pools, reason)
            metrics.count { counts in
                counts.convergenceTimes.add(Double(Clock.monotonic() - start) / 1e9)
                if outcome { counts.convergences += 1 } else { counts.failedConvergences += 1 }
            }
            lastLocal = local
        } catch let obstacle as Obstacle {
            return wait(obstacle.reason)
        } catch {
            settled = nil
            return wait("\(error)")
        }
        if masquerade.tracking != nil { local.podConnections = readiness.connections }
        let isAnnounced = await announce(local)
        remember(known)
        writeConflist()
        // The Node that was just written comes back as an event, and then it is looked at again.
        if isAnnounced { await mark() }
    }

    /// Nodes as the API server tells them, or as they were known last.
    private func known() -> [FabricNode] {
        problems = []
        guard nodes.hasSynced else { return remembered }
        var known: [FabricNode] = []
        var problems: [String] = []
        nodes.read { store in
            store.forEach { _, node in known.append(FabricNode(node, problems: &problems)) }
        }
        self.problems = problems
        tell(problems.map { Finding(.warning, code: "AGT-03", $0) }, of: "nodes")
        remembered = []
        return known
    }

    private struct Obstacle: Error {
        var reason: String
    }

    private func wait(_ reason: String) {
        if readiness.set(.fabric, .waiting(reason)) { logger.warning("waiting: \(reason)") }
    }

    /// The node with the ranges it really uses and what it announces.
    private func supplied(_ node: FabricNode) async throws -> FabricNode {
        var local = node
        local.podCIDRs = node.podCIDRs.filter { configuration.families.contains($0.family) }
        local.podCIDRs = try await supply.update(local.podCIDRs)
        if local.podCIDRs.isEmpty {
            readiness.set(.addresses, .waiting(supply.emptiness(nodeName)))
        } else {
            readiness.set(.addresses, .ready)
        }
        if interfaceMAC == nil {
            interfaceMAC = try driver.observe(tunnel: configuration.backend.vxlan?.interfaceName).state.tunnel?.mac
        }
        let announcement = BackendAnnouncement(
            configuration, previous: announced ?? local.backend, interfaceMAC: interfaceMAC,
            tunnelAddresses: await supply.source.tunnelAddresses(), entropy: .random(in: .min ... .max))
        announced = announcement
        local.backend = announcement
        return local
    }

    /// Whether everything is as it should be.
    private func converge(
        _ local: FabricNode, _ known: [FabricNode], _ pools: [IPPool], _ reason: Reason
    ) throws -> Bool {
        guard let underlay = try driver.underlay(holding: local.addresses, named: configuration.underlayInterface)
        else {
            let addresses = local.addresses.map(\.description).joined(separator: ", ")
            throw Obstacle(
                reason: configuration.underlayInterface.map {
                    "there is no interface \($0), which ConfigMap poplin-config: poplin.json: underlay.interface names"
                }
                    ?? (addresses.isEmpty
                        ? "Node \(local.name): status.addresses has no InternalIP"
                        : "no interface here has an address of Node \(local.name): status.addresses: \(addresses)"))
        }
        let others = known.filter { $0.name != local.name }
        let planner = FabricPlanner(
            local: local, remotes: others, configuration: configuration, underlay: underlay)
        let plan = planner.plan
        let report =
            if let settled, reason == .nodes {
                try driver.change(from: settled.plan.state, to: plan.state)
            } else {
                try driver.converge(to: plan.state)
            }
        settled = report.isSettled ? planner : nil
        if report.isSettled { hasSettled = true }
        let family = FabricPlan.underlayFamily(local, configuration) ?? .v4
        mtu.value = MTU.pods(
            configuration.backend, underlayMTU: underlay.mtu, underlayFamily: family, wanted: configuration.mtu)
        let masquerading = masquerade.apply(
            configuration, nodes: others + [local], tunnel: plan.state.tunnel, looks: reason == .kernel)
        for note in masquerading.notes { logger.notice("masquerading: \(note)") }
        follow(masquerade.tracking)
        let standing = AddressConflicts.claims(
            configuration, underlay: underlay, nodes: [], pools: pools.map { ($0.metadata.name, $0.cidrs) })
        let conflicts = AddressConflicts.findings(standing + AddressConflicts.claims(of: others + [local]))
        claims = conflicts.isEmpty && problems.isEmpty && masquerading.problems.isEmpty ? standing : nil
        tell(plan.findings + report.findings + masquerading.problems + conflicts, of: "fabric")
        metrics.count { counts in
            counts.fabricObjects = plan.state.count
            counts.nodesRefused = plan.refused.count
            counts.nodesRouted = planner.routedCount
        }
        nodeAddresses.value = local.addresses
        watch(plan.state.tunnel?.name, underlay.interface)
        let problem = (report.findings + masquerading.problems + plan.findings + conflicts)
            .first { $0.severity == .error }
        if let problem {
            // What never worked keeps pods away; what breaks later is repaired, and said.
            readiness.set(.fabric, hasSettled ? .impaired(problem.message) : .waiting(problem.message))
        } else if readiness.set(.fabric, .ready) {
            logger.notice(
                "fabric is as it should be",
                metadata: [
                    "objects": "\(plan.state.count)", "underlay": "\(underlay.interface)", "mtu": "\(mtu.value)",
                ])
        }
        return report.isSettled
    }

    /// Each finding once, until it has been away.
    private func tell(_ findings: [Finding], of subject: String) {
        let before = told[subject] ?? []
        for finding in findings where !before.contains(finding.message) {
            let metadata: Logger.Metadata = finding.next.map { ["next": "\($0)"] } ?? [:]
            let text = finding.code.isEmpty ? finding.message : "\(finding.code): \(finding.message)"
            logger.log(level: finding.severity == .error ? .error : .warning, "\(text)", metadata: metadata)
        }
        told[subject] = Set(findings.map(\.message))
    }

    /// Listens to the kernel about these interfaces.
    private func watch(_ tunnel: String?, _ underlay: String) {
        let names = Set([tunnel, underlay].compactMap { $0 })
        if watch?.names == names { return }
        watch?.stop()
        let trigger = trigger
        watch = KernelWatch(names, removals: driver.removals) {
            trigger(.kernel)
        } onFailure: { [logger] reason in
            logger.warning("cannot listen to the kernel; looking every half minute", metadata: ["reason": "\(reason)"])
        }
    }

    /// Says whether connections between pods are tracked, and looks out for whoever needs them while they are not.
    private func follow(_ tracking: MasqueradeKeeper.Tracking?) {
        guard let tracking else { return }
        metrics.count { $0.tracksPodToPod = tracking != .off }
        switch tracking {
        case .off:
            if readiness.set(.connections, .ready) { logger.notice("connections between pods are not tracked") }
            if connectionWatch != nil { return }
            let trigger = trigger
            connectionWatch = ConnectionWatch {
                trigger(.kernel)
            } onFailure: { [logger] reason in
                logger.warning(
                    "cannot hear of other packet filters; looking every half minute",
                    metadata: ["reason": "\(reason)"])
            }
        case .on(let reason):
            if readiness.set(.connections, .impaired(reason)) {
                logger.notice("connections between pods are tracked", metadata: ["reason": "\(reason)"])
            }
            connectionWatch?.stop()
            connectionWatch = nil
        }
    }

    func stop() {
        watch?.stop()
        watch = nil
        connectionWatch?.stop()
        connectionWatch = nil
        record.finish()
    }

    // MARK: Other nodes that changed

    /// Does what changed with some other nodes, in the plan and in the kernel, and nothing else: what it costs does not
    /// depend on how many others there are.
    ///
    /// - Returns: false when more than that has to be looked at. Nothing is lost then: a whole pass does it, too.
    private func follow(_ names: Set<String>) -> Bool {
        guard nodes.hasSynced, let claims, var planner = settled, let local = lastLocal, !names.contains(nodeName)
        else {
            return false
        }
        var changed: [String: FabricNode?] = [:]
        var problems: [String] = []
        for name in names {
            let node = nodes[ObjectKey(namespace: "", name: name)].map { FabricNode($0, problems: &problems) }
            let before = planner.remotes[name]
            if node == before { continue }
            if MasqueradeKeeper.concerns(before, node, configuration) { return false }
            if let node, node.addresses != before?.addresses,
                !AddressConflicts.findings(claims + AddressConflicts.claims(of: [node])).isEmpty
            {
                return false
            }
            changed.updateValue(node, forKey: name)
        }
        guard problems.isEmpty else { return false }
        if changed.isEmpty { return true }
        // Held in one place only, so that it is changed where it is.
        settled = nil
        let start = Clock.monotonic()
        do throws(NetlinkError) {
            guard let delta = planner.change(changed), try driver.change(by: delta).isSettled else { return false }
        } catch {
            return false
        }
        metrics.count { counts in
            counts.convergenceTimes.add(Double(Clock.monotonic() - start) / 1e9)
            counts.convergences += 1
            counts.fabricObjects = planner.plan.state.count
            counts.nodesRouted = planner.routedCount
        }
        var nodes = planner.remotes
        nodes[nodeName] = local
        record.keep(nodes)
        settled = planner
        return true
    }

    private func writeConflist() {
        if let obstacle = readiness.obstacle {
            readiness.set(.conflist, .waiting("not written yet: \(obstacle)"))
            return
        }
        do {
            if try conflist.ensure() { logger.notice("network written", metadata: ["file": "\(conflist.path)"]) }
            let rivals = try conflist.rivals()
            readiness.set(
                .conflist,
                rivals.first.map { .impaired("a runtime takes \(conflist.directory)/\($0) before it") } ?? .ready)
        } catch {
            readiness.set(.conflist, .waiting("cannot write \(conflist.path): \(error)"))
        }
    }

    /// Keeps the nodes for an agent that starts while the API server is away.
    private func remember(_ known: [FabricNode]) {
        guard nodes.hasSynced else { return }
        record.keep(Dictionary(known.map { ($0.name, $0) }) { first, _ in first })
        // An agent that says that it is ready can be started again.
        if !record.isThere { record.finish() }
    }
}
