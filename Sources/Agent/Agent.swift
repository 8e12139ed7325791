import AgentProtocol
import CLinux
import Fabric
import Findings
import IPAMKubernetes
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging

/// The agent of one node: gives pods their addresses, keeps the way to other nodes, and tells runtime and cluster when
/// the node is ready.
///
/// What it does is read off and put into the kernel, the Node object and two files; it has no state that it could not
/// find again. Killed at any point and started again, it goes on; while it is away, pods that run are as they were.
public struct Agent: Sendable {
    public let configuration: AgentConfiguration
    /// Who writes, and what a request may take.
    private let client: ClusterClient
    private let version: String
    private var logger: Logger { configuration.logger }

    /// - Parameter version: of this program, for metrics.
    public init(_ configuration: AgentConfiguration, client: ClusterClient, version: String) {
        self.configuration = configuration
        self.client = client
        self.version = version
    }

    /// Runs until the task is cancelled.
    ///
    /// - Throws: what keeps it from running at all. Everything else is logged, shown by `/readyz` and tried again.
    public func run() async throws(AgentFault) {
        if let objection = AgentConfiguration.objection(user: geteuid()) { throw AgentFault(objection) }
        let lock = try NodeLock.take(
            directory: configuration.runDirectory,
            pod: configuration.podName.isEmpty ? "" : "\(configuration.podNamespace)/\(configuration.podName)")
        let (fabric, warnings) = try configuration.readFabric()
        for finding in warnings {
            logger.warning("\(finding.message)", metadata: finding.next.map { ["next": "\($0)"] } ?? [:])
        }
        let (parts, port) = try await start(fabric)
        logger.notice(
            "agent started",
            metadata: [
                "node": "\(configuration.nodeName)", "backend": "\(fabric.backend.name)",
                "ipam": "\(fabric.ipam.mode.rawValue)", "socket": "\(configuration.socketPath)",
                "health": "\(configuration.healthHost):\(port)", "version": "\(version)",
            ])
        await parts.runUntilCancelled()
        // The lock is held until here.
        _ = consume lock
    }

    private func start(_ fabric: FabricConfiguration) async throws(AgentFault) -> (AgentParts, port: Int) {
        do {
            let supply = try supply(fabric)
            let parts = try AgentParts(configuration, fabric, client, supply)
            return (parts, try await parts.open(version: version))
        } catch let fault as AgentFault {
            throw fault
        } catch {
            let isTaken = "\(error)".contains("EADDRINUSE")
            throw AgentFault(
                Finding(
                    code: "AGT-05", "the agent cannot start: \(error)",
                    next: isTaken
                        ? "see who has the port with `ss -ltnp sport = :\(configuration.healthPort)`, or name another with "
                            + "--health-port" : nil))
        }
    }

    private func supply(_ fabric: FabricConfiguration) throws -> AddressSupply {
        let flusher = ConnectionFlusher(logger)
        let directory = "\(configuration.stateDirectory)/ipam"
        switch fabric.ipam.mode {
        case .kubernetes:
            let source = try NodeCIDRSource(directory: directory, cooldown: fabric.ipam.cooldown) { addresses in
                await flusher.forget(addresses)
            }
            return AddressSupply(source: source, announcesRanges: false) { limits in
                await source.adjust(cooldown: limits.cooldown)
            } setRanges: { ranges throws(AddressSourceError) in
                try await source.setRanges(ranges)
            }
        case .clusterPool:
            let ranges = RangeSignal()
            let judge = PoolJudge()
            let source = try PoolSource(
                client,
                settings: .init(
                    node: configuration.nodeName, cooldown: fabric.ipam.cooldown,
                    mostBlocks: fabric.ipam.mostBlocksPerNode, families: Set(fabric.families)),
                directory: directory, judge: { judge.verdicts(on: $0) }
            ) { addresses in
                await flusher.forget(addresses)
            } onRangesChanged: { _ in
                ranges.tell()
            }
            return AddressSupply(source: source, announcesRanges: true, signal: ranges, judge: judge) { limits in
                await source.adjust(cooldown: limits.cooldown, mostBlocks: limits.mostBlocksPerNode)
            } pools: {
                await source.knownPools()
            } maintain: {
                () async throws(AddressSourceError) in
                try await source.prepare()
            }
        }
    }
}
