import Addressing
import Fabric
import IPAMKubernetes
import Synchronization

/// Where the node's addresses come from, and how it learns its ranges.
struct AddressSupply: Sendable {
    let source: any AddressSource
    /// Whether the node chose its ranges itself, so that others must be told.
    let announcesRanges: Bool
    /// Mode `kubernetes`: takes what the Node object says.
    let setRanges: @Sendable ([IPPrefix]) async throws(AddressSourceError) -> Void
    /// Mode `cluster-pool`: told when the node has other ranges than before.
    let signal: RangeSignal?
    /// Mode `cluster-pool`: asked which pools lie where they must not.
    let judge: PoolJudge?
    /// Takes other limits (`ipam` in poplin.json) while pods run.
    let adjust: @Sendable (FabricConfiguration.AddressManagement) async -> Void
    /// Mode `cluster-pool`: the pools as they were last seen.
    let pools: @Sendable () async -> [IPPool]
    /// Mode `cluster-pool`: looks at the pools, publishes, gives back, and claims a first block.
    let maintain: @Sendable () async throws(AddressSourceError) -> PoolSource.Maintenance

    init(
        source: any AddressSource, announcesRanges: Bool, signal: RangeSignal? = nil, judge: PoolJudge? = nil,
        adjust: @escaping @Sendable (FabricConfiguration.AddressManagement) async -> Void = { _ in },
        setRanges: @escaping @Sendable ([IPPrefix]) async throws(AddressSourceError) -> Void = { _ in },
        pools: @escaping @Sendable () async -> [IPPool] = { [] },
        maintain: @escaping @Sendable () async throws(AddressSourceError) -> PoolSource.Maintenance = { .init() }
    ) {
        self.source = source
        self.announcesRanges = announcesRanges
        self.signal = signal
        self.judge = judge
        self.adjust = adjust
        self.setRanges = setRanges
        self.pools = pools
        self.maintain = maintain
    }

    /// Takes the ranges of the Node object where they count, and answers those that are in use.
    func update(_ ranges: [IPPrefix]) async throws -> [IPPrefix] {
        if announcesRanges { return await source.ranges() }
        // A Node that is just being made again has none for a moment; what was there stays until there is something.
        if !ranges.isEmpty { try await setRanges(ranges) }
        return await source.ranges()
    }

    func emptiness(_ node: String) -> String {
        announcesRanges
            ? "no pool has a block for Node \(node): see kubectl get ippools"
            : "Node \(node) has no spec.podCIDRs: the controller manager assigns them with --allocate-node-cidrs"
    }
}

/// Carries the word that the node's ranges changed from the source, which is made first, to whoever acts on it.
final class RangeSignal: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    func onChange(_ body: @escaping @Sendable () -> Void) { action.withLock { $0 = body } }

    func tell() { action.withLock { $0 }?() }
}
