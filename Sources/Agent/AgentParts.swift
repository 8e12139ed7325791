import Addressing
import Fabric
import Findings
import IPAMKubernetes
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import Netlink
import Synchronization

/// What runs in an agent, put together.
final class AgentParts: Sendable {
    private let configuration: AgentConfiguration
    private let client: ClusterClient
    private let supply: AddressSupply
    private let readiness = AgentReadiness()
    private let metrics = AgentMetrics()
    private let nodes: Informer<Node>
    /// Mode `cluster-pool`: so that a pool that changes is looked at at once.
    private let pools: Informer<IPPool>?
    private let pods: WatchedPods
    private let endpoints: PodEndpoints
    private let keeper: FabricKeeper
    private let reasons: PassReasons
    /// As it is in force.
    private let fabric: Mutable<FabricConfiguration>
    private let trigger: @Sendable (FabricKeeper.Reason) -> Void
    private let timers = Mutable<Task<Void, any Error>?>(nil)
    /// What is wrong with pools, as it was last seen; nil until somebody has looked.
    private let complaints = Mutable<[PoolReading.Complaint]?>(nil)
    private let servers = Mutable<(socket: AgentSocketServer, health: HealthServer)?>(nil)

    init(
        _ configuration: AgentConfiguration, _ fabric: FabricConfiguration, _ client: ClusterClient,
        _ supply: AddressSupply
    ) throws {
        self.configuration = configuration
        self.client = client
        self.supply = supply
        self.fabric = Mutable(fabric)
        readiness.set(.configuration, .ready)
        let logger = configuration.logger
        let metrics = metrics
        nodes = Informer(
            InformerScope(Node.resource), projection: Projection(Node.self), over: client.transport
        ) { fault in
            metrics.count { $0.apiFailures += 1 }
            logger.warning("nodes: \(fault)")
        }
        supply.judge?.ask { [nodes, running = self.fabric] in
            var known: [FabricNode] = []
            nodes.read { store in store.forEach { _, node in known.append(FabricNode(node)) } }
            return (running.value.serviceCIDRs, known)
        }
        pods = WatchedPods(node: configuration.nodeName, over: client.transport)
        pools =
            supply.announcesRanges
            ? Informer(InformerScope(IPPool.resource), projection: Projection(IPPool.self), over: client.transport)
            : nil
        let reasons = PassReasons()
        self.reasons = reasons
        let trigger: @Sendable (FabricKeeper.Reason) -> Void = { reasons.add($0) }
        self.trigger = trigger
        let mtu = Mutable(0)
        let nodeAddresses = Mutable<[IPAddress]>([])
        endpoints = PodEndpoints(
            source: supply.source, readiness: readiness, metrics: metrics, mtu: mtu, nodeAddresses: nodeAddresses,
            wishes: pods,
            links: LinkRemoval(onFailure: { error in
                logger.warning("links of pods that went stay for now", metadata: ["reason": "\(error)"])
            }), logger: logger)
        let pod = configuration.podName.isEmpty ? "" : "\(configuration.podNamespace)/\(configuration.podName)"
        let conflist = ConflistFile(
            directory: configuration.networkDirectory, network: configuration.networkName,
            socketPath: configuration.socketPath, nodeName: configuration.nodeName, agentPod: pod)
        keeper = try FabricKeeper(
            fabric, nodeName: configuration.nodeName, nodes: nodes, client: client, supply: supply,
            conflist: conflist, checkpoint: NodeCheckpoint(directory: configuration.stateDirectory),
            readiness: readiness, metrics: metrics, mtu: mtu, nodeAddresses: nodeAddresses, logger: logger,
            trigger: trigger)
    }

    /// Opens the two sockets. The plugin hears from the first moment why it has to wait.
    ///
    /// - Returns: the port for health and metrics.
    func open(version: String) async throws -> Int {
        let health = try await HealthServer.start(
            host: configuration.healthHost, port: configuration.healthPort
        ) { [self] path, query in await answer(path, query, version: version) }
        do {
            let socket = try await AgentSocketServer.start(at: configuration.socketPath) { [endpoints] message in
                endpoints.take(message)
            }
            servers.value = (socket, health)
            return health.port
        } catch {
            await health.stop()
            throw error
        }
    }

    private func answer(_ path: String, _ query: String, version: String) async -> HealthServer.Answer? {
        switch path {
        case "/healthz", "/livez": return .init(status: 200, text: "ok")
        case "/readyz":
            let isVerbose = query.split(separator: "&").contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
            return .init(
                status: readiness.isReady ? 200 : 503, text: readiness.report(isVerbose: isVerbose))
        case "/metrics":
            let page = metrics.page(
                version: version, node: configuration.nodeName, isReady: readiness.isReady,
                usage: await supply.source.usage(),
                endpoints: Set(await supply.source.allocations().map(\.handle)).count)
            return .init(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", text: page)
        default: return nil
        }
    }

    /// Until the task is cancelled; then the sockets go, and everything in the kernel stays.
    func runUntilCancelled() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [nodes] in await nodes.run() }
            group.addTask { [pods] in await pods.informer.run() }
            group.addTask { [supply, metrics, configuration] in
                await PodCensus.run(supply.source, metrics, configuration.logger)
            }
            if let pools {
                group.addTask { await pools.run() }
                group.addTask { [self] in await maintainRanges(pools) }
            }
            group.addTask { [self] in await followNodes() }
            group.addTask { [self] in await followConfiguration() }
            group.addTask { [self] in await lookNowAndThen() }
            group.addTask { [self] in
                for await _ in reasons.signals { await keeper.pass(reasons.take()) }
            }
            if !configuration.podNamespace.isEmpty {
                group.addTask { [self] in
                    await UnenforcedObjects(
                        client: client, metrics: metrics, logger: configuration.logger,
                        nodeName: configuration.nodeName, namespace: configuration.podNamespace,
                        complaints: complaints
                    ).run()
                }
            }
            await group.waitForAll()
        }
        await keeper.stop()
        if let (socket, health) = servers.value {
            await socket.stop()
            await health.stop()
        }
    }

    /// A node that only says that it is alive changes nothing here.
    private func followNodes() async {
        for await event in nodes.subscribe() {
            switch event {
            case .updated(let key, let before, let after):
                if key.name == configuration.nodeName {
                    trigger(.nodes)
                } else if FabricNode(before) != FabricNode(after) {
                    trigger(.node(key.name))
                }
            case .added(let key, _), .deleted(let key, _):
                if nodes.hasSynced { trigger(key.name == configuration.nodeName ? .nodes : .node(key.name)) }
            case .synced: trigger(.kernel)
            }
        }
    }

    /// Mode `cluster-pool`: the node's blocks, when a pool changes and every few seconds; often until there is a first.
    private func maintainRanges(_ pools: Informer<IPPool>) async {
        supply.signal?.onChange { [trigger] in trigger(.nodes) }
        var log = RepeatedLines(configuration.logger)
        let (looks, input) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = Task { [trigger] in
            for await _ in pools.subscribe() {
                input.yield()
                // A new range may lie over one of nodes or services.
                trigger(.nodes)
            }
        }
        // Before nodes are known nobody can say which pools lie over them.
        let arrivals = Task { [nodes] in
            for await event in nodes.subscribe() {
                if case .synced = event { input.yield() }
            }
        }
        defer {
            changes.cancel()
            arrivals.cancel()
        }
        input.yield()
        for await _ in looks {
            var pause = Duration.seconds(10)
            do throws(AddressSourceError) {
                let report = try await supply.maintain()
                log.tell(Self.lines(of: report, node: configuration.nodeName))
                complaints.value = report.complaints
            } catch {
                log.tell([.init(.warning, "address pools: \(error)")])
                pause = .seconds(1)
            }
            // Whatever wakes it first.
            let next = pause
            let timer = Task {
                try await Task.sleep(for: next)
                input.yield()
            }
            timers.value?.cancel()
            timers.value = timer
        }
    }

    /// What a look at the pools found, for the log.
    static func lines(of report: PoolSource.Maintenance, node: String) -> [RepeatedLines.Line] {
        report.contested.map { range, other in
            .init(
                .error,
                "block \(range) is used by this node and belongs to node \(other): addresses may be given out twice; "
                    + "delete the pods of one of the two nodes in that block (poplin ipam check --show-problem-ips)")
        }
            // What lies where it must not the fabric says, with its code.
            + report.complaints.filter { $0.consequence != .misplaced }.map { .init(.warning, $0.message) }
            + report.givenBack.map { .init(.info, "block \($0) given back: no pod of node \(node) uses it") }
    }

    /// Reads the configuration again every few seconds: a ConfigMap that was changed comes as other files.
    private func followConfiguration() async {
        var running = fabric.value
        var log = RepeatedLines(configuration.logger)
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(5)) } catch { return }
            do throws(AgentFault) {
                let reading = try configuration.readFabric()
                let change = ConfigurationChange(from: running, to: reading.configuration)
                if change.effective != running {
                    running = change.effective
                    fabric.value = running
                    await supply.adjust(running.ipam)
                    await keeper.follow(running)
                    configuration.logger.notice(
                        "configuration changed", metadata: ["keys": "\(change.taken.joined(separator: ", "))"])
                }
                if readiness.set(.configuration, change.obstacle.map { .waiting($0) } ?? .ready) { trigger(.nodes) }
                log.tell(
                    (reading.warnings.map(\.sentence) + [change.obstacle].compactMap { $0 })
                        .map { .init(.warning, "configuration: \($0)") })
            } catch {
                let reason = error.findings.first?.sentence ?? "\(error)"
                if readiness.set(.configuration, .waiting(reason)) { trigger(.nodes) }
                log.tell([.init(.error, "the changed configuration is not taken, the one before stays: \(reason)")])
            }
        }
    }

    private func lookNowAndThen() async {
        trigger(.kernel)
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(30)) } catch { return }
            trigger(.kernel)
        }
    }
}

/// Why the next pass is made. Any number of reasons make one pass, which looks as far as the strongest asks for.
final class PassReasons: Sendable {
    let signals: AsyncStream<Void>
    private let input: AsyncStream<Void>.Continuation
    private let reasons = Mutex<Set<FabricKeeper.Reason>>([])

    /// All reasons that came.
    struct Taken: Sendable {
        fileprivate let reasons: Set<FabricKeeper.Reason>

        var looksAtKernel: Bool { reasons.contains(.kernel) }

        /// Other nodes that changed, when nothing else happened.
        var onlyNodes: Set<String>? {
            var names: Set<String> = []
            for reason in reasons {
                guard case .node(let name) = reason else { return nil }
                names.insert(name)
            }
            return names.isEmpty ? nil : names
        }
    }

    init() { (signals, input) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func add(_ reason: FabricKeeper.Reason) {
        reasons.withLock { _ = $0.insert(reason) }
        input.yield()
    }

    func take() -> Taken {
        reasons.withLock { reasons in
            defer { reasons = [] }
            return Taken(reasons: reasons)
        }
    }
}
