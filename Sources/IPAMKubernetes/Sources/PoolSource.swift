import Addressing
import IPAM
import JSONTree
import KubernetesClient
import KubernetesModel

/// Addresses out of the cluster's pools: mode `cluster-pool`.
///
/// A node owns whole blocks. Claiming one is creating an `IPAMBlock` whose name is computed from its range: the API
/// lets one node do that. Inside its blocks a node needs nobody, so pods start while the API is away, and giving out
/// an address costs no request. What is used is published in the block's status, for people and for `poplin ipam`.
///
/// A block that nobody has used for a while is given back, except a node's last one of a family. Reserved addresses
/// are given out only to who asks for them, as a block of a single address, so that such an address can follow its pod
/// from node to node.
public actor PoolSource: AddressSource {
    public struct Settings: Sendable {
        public var node: String
        /// Of the Node object: blocks go with it when the node is removed from the cluster.
        public var nodeUID: String
        public var nodeLabels: [String: String]
        /// Seconds an address rests after its release.
        public var cooldown: Int
        /// Blocks of one family.
        public var mostBlocks: Int
        /// Families pods have; nil: those the pools have.
        public var families: Set<IPFamily>?

        public init(
            node: String, nodeUID: String = "", nodeLabels: [String: String] = [:], cooldown: Int = 150,
            mostBlocks: Int = 20, families: Set<IPFamily>? = nil
        ) {
            self.families = families
            self.node = node
            self.nodeUID = nodeUID
            self.nodeLabels = nodeLabels
            self.cooldown = cooldown
            self.mostBlocks = mostBlocks
        }
    }

    var settings: Settings
    var book: AddressBook
    let client: ClusterClient
    var pools: [IPPool] = []
    /// Pools that cannot be read, or overlap an older one, services or nodes, by name, and what is wrong.
    var refused: [String: String] = [:]
    /// Claims under way: who also needs a block waits for the one that comes.
    var claims: [IPFamily: Task<Void, any Error>] = [:]
    /// Labels of namespaces as they were last seen.
    private var namespaces: [String: [String: String]] = [:]
    /// Blocks that are being given back: out of the record, and not yet out of the API.
    var leaving: Set<IPPrefix> = []
    /// The look under way.
    var looking: Task<Result<Maintenance, KubernetesFailure>, Never>?
    /// Blocks found unused at the last look.
    var unused: Set<IPPrefix> = []
    /// What was published of each block, to publish only what changed.
    var published: [IPPrefix: String] = [:]
    let onRelease: @Sendable ([IPAddress]) async -> Void
    let onRangesChanged: @Sendable ([IPPrefix]) async -> Void
    /// Pools that lie where they must not, by name, with what is wrong: who knows services and nodes says it.
    public typealias Judge = @Sendable ([IPPool]) -> [String: String]
    let judge: Judge

    /// - Parameters:
    ///   - directory: where the record is kept; made when it is missing.
    ///   - onRelease: told of released addresses before `release` returns: the kernel forgets their connections.
    ///   - onRangesChanged: told of the node's ranges before a pod gets an address out of a new one, and before a
    ///     range is given back: the node announces them.
    ///   - judge: asked at every look; a pool it names gives out nothing new.
    public init(
        _ client: ClusterClient, settings: Settings, directory: String,
        judge: @escaping Judge = { _ in [:] },
        onRelease: @escaping @Sendable ([IPAddress]) async -> Void = { _ in },
        onRangesChanged: @escaping @Sendable ([IPPrefix]) async -> Void = { _ in }
    ) throws(AddressSourceError) {
        self.init(
            client, settings: settings,
            book: try AddressBook(directory: directory, rest: UInt64(clamping: settings.cooldown)), judge: judge,
            onRelease: onRelease, onRangesChanged: onRangesChanged)
    }

    init(
        _ client: ClusterClient, settings: Settings, book: AddressBook, judge: @escaping Judge = { _ in [:] },
        onRelease: @escaping @Sendable ([IPAddress]) async -> Void = { _ in },
        onRangesChanged: @escaping @Sendable ([IPPrefix]) async -> Void = { _ in }
    ) {
        self.client = client
        self.settings = settings
        self.book = book
        self.judge = judge
        self.onRelease = onRelease
        self.onRangesChanged = onRangesChanged
    }

    /// The node's labels decide which pools it may use.
    public func setNodeLabels(_ labels: [String: String]) { settings.nodeLabels = labels }

    /// The pools as they were last seen.
    public func knownPools() -> [IPPool] { pools }

    /// Takes other limits while pods run; what rests already rests as long as it was told.
    public func adjust(cooldown: Int, mostBlocks: Int) {
        settings.cooldown = cooldown
        settings.mostBlocks = mostBlocks
    }

    var rest: UInt64 { UInt64(clamping: settings.cooldown) }

    // MARK: Giving out

    public func allocate(_ request: AddressRequest) async throws(AddressSourceError) -> [InterfaceAddress] {
        do throws(AddressSourceError) {
            return try await give(request)
        } catch {
            // The pool, its new range or the node's label may have been made a moment ago.
            guard [.noRange, .unavailable, .exhausted].contains(error.reason), await hasSomethingNew() else {
                throw error
            }
            return try await give(request)
        }
    }

    /// Looks at the API; whether pools, what is wrong with them, or the node's labels are others than before.
    private func hasSomethingNew() async -> Bool {
        let (before, labels, barred) = (pools, settings.nodeLabels, refused)
        guard (try? await refresh()) != nil else { return false }
        return before != pools || labels != settings.nodeLabels || barred != refused
    }

    private func give(_ request: AddressRequest) async throws(AddressSourceError) -> [InterfaceAddress] {
        let handle = request.handle.description
        let isNew = book.ledger.addresses(of: handle).isEmpty
        do throws(AddressSourceError) {
            for address in request.staticAddresses { try await take(address, request) }
            let candidates: [IPPool]
            do throws(AddressSourceError) {
                candidates = try await self.candidates(for: request)
            } catch {
                // Who has addresses keeps them, whatever has become of their pool.
                if isNew { throw error }
                return book.ledger.interfaceAddresses(of: request.handle)
            }
            let families =
                request.families?.sorted()
                ?? IPFamily.allCases.filter { family in
                    candidates.contains { !$0.cidrs(family).isEmpty }
                }
            for family in families { try await take(family, candidates, request) }
            return book.ledger.interfaceAddresses(of: request.handle)
        } catch {
            // Half of what was asked for is nothing.
            if isNew { book.release { ledger, _ in ledger.undo(handle: handle) } }
            throw error
        }
    }

    private static func families(of pools: [IPPool]) -> [IPFamily] {
        IPFamily.allCases.filter { family in pools.contains { !$0.cidrs(family).isEmpty } }
    }

    /// Looks at the API (``refresh()``) and makes sure that the node has a block of each family, so that it has ranges
    /// to announce before the first pod comes.
    ///
    /// - Returns: what the look found.
    @discardableResult
    public func prepare() async throws(AddressSourceError) -> Maintenance {
        let report = try await reachingAPI { () async throws(KubernetesFailure) in try await self.refresh() }
        let labels = settings.nodeLabels
        let candidates = usablePools.filter { $0.assignment == .automatic && $0.nodeSelector.matches(labels) }
        for family in settings.families?.sorted() ?? Self.families(of: candidates) {
            let has = book.ledger.ranges.contains { $0.family == family && $0.length < family.bitWidth }
            if !has { try await claim(family, candidates) }
        }
        return report
    }

    /// Pools that give out something new.
    private var usablePools: [IPPool] { pools.filter { !$0.isDisabled && refused[$0.metadata.name] == nil } }

    /// Pools the request may use, in the order of their names.
    private func candidates(for request: AddressRequest) async throws(AddressSourceError) -> [IPPool] {
        if pools.isEmpty {
            try await reachingAPI { () async throws(KubernetesFailure) in _ = try await self.refresh() }
        }
        let all = pools
        if !request.pools.isEmpty {
            return try request.pools.map { name throws(AddressSourceError) in
                if let problem = refused[name] { throw Self.unusable(problem) }
                guard let pool = all.first(where: { $0.metadata.name == name }) else {
                    throw AddressSourceError(
                        .noRange, "annotation \(AddressRequest.poolsAnnotation): there is no IPPool \(name)",
                        next: "pools there are: \(all.map(\.metadata.name).joined(separator: ", "))")
                }
                return pool
            }
        }
        let labels = settings.nodeLabels
        let automatic = usablePools.filter { $0.assignment == .automatic && $0.nodeSelector.matches(labels) }
        let namespace = await namespaceLabels(request, automatic)
        let chosen = automatic.filter { $0.namespaceSelector.matches(namespace) }
        if chosen.isEmpty {
            if let problem = refused.sorted(by: { $0.key < $1.key }).first?.value { throw Self.unusable(problem) }
            throw AddressSourceError(
                .noRange,
                "none of \(all.count) IPPools (\(all.map(\.metadata.name).joined(separator: ", "))) selects node "
                    + "\(settings.node)" + (request.pod.map { " and namespace \($0.namespace)" } ?? ""),
                next:
                    "compare spec.disabled, spec.assignment, spec.nodeSelector and spec.namespaceSelector of the pools")
        }
        return chosen
    }

    private static func unusable(_ problem: String) -> AddressSourceError {
        AddressSourceError(
            .noRange, problem,
            next:
                "the pool gives out nothing until that is put right: kubectl edit ippools, or delete it and make another"
        )
    }

    /// Labels of the pod's namespace, asked for only where a pool selects by them and nobody has said them.
    private func namespaceLabels(_ request: AddressRequest, _ pools: [IPPool]) async -> [String: String] {
        guard request.namespaceLabels.isEmpty, let pod = request.pod,
            pools.contains(where: { !$0.namespaceSelector.isEverything })
        else { return request.namespaceLabels }
        let key = ObjectKey(namespace: "", name: pod.namespace)
        // Without the API the labels of the last pod of that namespace have to do.
        if let found = try? await client.get(Namespace.self, key) { namespaces[pod.namespace] = found.metadata.labels }
        return namespaces[pod.namespace] ?? [:]
    }

    private func take(
        _ family: IPFamily, _ candidates: [IPPool], _ request: AddressRequest
    ) async throws(AddressSourceError) {
        let handle = request.handle.description
        for _ in 0..<Self.attempts {
            if book.ledger.addresses(of: handle).contains(where: { $0.family == family }) { return }
            let names = Set(candidates.map(\.metadata.name))
            let ledger = book.ledger
            let ranges = ledger.ranges.filter {
                // Single addresses are their owners'.
                $0.family == family && names.contains(ledger.pools[$0] ?? "") && $0.length < family.bitWidth
            }
            let holder = request.holder
            let got = try book.change({ ledger, now in ledger.allocate(holder, from: ranges, now: now) }) { ledger in
                ledger.undo(handle: handle)
            }
            if got != nil { return }
            try await claim(family, candidates)
        }
        throw exhausted(family, candidates)
    }

    private static let attempts = 64

    /// A very address that a pod asks for.
    private func take(_ address: IPAddress, _ request: AddressRequest) async throws(AddressSourceError) {
        if pools.isEmpty {
            try await reachingAPI { () async throws(KubernetesFailure) in _ = try await self.refresh() }
        }
        let holder = request.holder
        if let range = book.ledger.range(of: address), let problem = refused[book.ledger.pools[range] ?? ""],
            !book.ledger.addresses(of: holder.handle).contains(address)
        {
            throw Self.unusable(problem)
        }
        if book.ledger.range(of: address) == nil {
            guard let pool = usablePools.first(where: { $0.contains(address) }),
                let block = pool.block(around: address)
            else {
                if let pool = pools.first(where: { $0.contains(address) }), let problem = refused[pool.metadata.name] {
                    throw Self.unusable(problem)
                }
                throw AddressSourceError(
                    .unavailable,
                    "annotation \(AddressRequest.staticAddressesAnnotation): \(address) is in no enabled IPPool",
                    next: "pools there are: "
                        + pools.map { "\($0.metadata.name) (\($0.cidrs.map(\.description).joined(separator: ", ")))" }
                        .joined(separator: "; "))
            }
            let isReserved = pool.reservations.contains { $0.contains(address) }
            let range = isReserved ? IPPrefix(containing: address, length: address.family.bitWidth) : block
            if let owner = try await create(range, of: pool) {
                throw AddressSourceError(
                    .unavailable,
                    "annotation \(AddressRequest.staticAddressesAnnotation): \(address) is in block \(range) of node "
                        + "\(owner)",
                    next: isReserved
                        ? "it comes free when the pod on that node is gone"
                        : "add it to spec.reservations of IPPool \(pool.metadata.name), so that it can follow its pod")
            }
        }
        let result: Result<Void, BlockError> = try book.change({ ledger, _ in
            do throws(BlockError) { return .success(try ledger.allocate(address, holder)) } catch {
                return .failure(error)
            }
        }) { ledger in ledger.undo(handle: holder.handle) }
        if case .failure(let error) = result {
            throw AddressSourceError(
                .unavailable, "annotation \(AddressRequest.staticAddressesAnnotation): \(error)")
        }
    }

    func exhausted(_ family: IPFamily, _ candidates: [IPPool]) -> AddressSourceError {
        let names = candidates.map(\.metadata.name)
        if names.isEmpty {
            return AddressSourceError(
                .noRange,
                pools.isEmpty
                    ? "there is no IPPool, and node \(settings.node) has no block of \(family) addresses"
                    : "none of \(pools.count) IPPools (\(pools.map(\.metadata.name).joined(separator: ", "))) is for "
                        + "node \(settings.node) without being asked for",
                next: "make one: kubectl explain ippools.spec")
        }
        let mine = book.ledger.usages.filter { $0.range.family == family && names.contains($0.pool) }
        let given = mine.reduce(0) { $0 + $1.allocated }
        let resting = mine.reduce(0) { $0 + $1.cooling }
        return AddressSourceError(
            .exhausted,
            "no free \(family) address: \(mine.count) block\(mine.count == 1 ? "" : "s") of node \(settings.node) in "
                + "\(names.joined(separator: ", ")) \(mine.count == 1 ? "has" : "have") \(given) given out and "
                + "\(resting) at rest, "
                + "and there is no block left to claim",
            next: "poplin ipam show --show-blocks; add a range to spec.cidrs of an IPPool")
    }

    // MARK: Taking back

    @discardableResult
    public func release(_ handle: AddressHandle) async throws(AddressSourceError) -> [IPAddress] {
        await release([handle.description])
    }

    @discardableResult
    public func release(allBut valid: Set<AddressHandle>) async throws(AddressSourceError) -> [IPAddress] {
        let keep = Set(valid.map(\.description) + [tunnelHandle.description])
        return await release(book.ledger.handles.filter { !keep.contains($0) })
    }

    private func release(_ handles: [String]) async -> [IPAddress] {
        if handles.isEmpty { return [] }
        let rest = rest
        let released = book.release { ledger, now in
            handles.flatMap { ledger.release(handle: $0, now: now, rest: rest) }
        }
        if released.isEmpty { return [] }
        await onRelease(released)
        let singles = book.ledger.ranges.filter { range in
            range.length == range.family.bitWidth && released.contains(range.network)
        }
        // Another node may be waiting for a reserved address. Without the API it is given back at the next look.
        for range in singles { try? await giveBack(range) }
        return released.sorted()
    }

    public func addresses(of handle: AddressHandle) async -> [InterfaceAddress] {
        book.ledger.interfaceAddresses(of: handle)
    }

    public func allocations() async -> [AddressAllocation] {
        book.ledger.addressAllocations.filter { $0.handle != tunnelHandle }
    }

    public func ranges() async -> [IPPrefix] { book.ledger.ranges }

    public func usage() async -> [AddressUsage] { book.ledger.usages }

    // MARK: The node's own addresses

    var tunnelHandle: AddressHandle {
        AddressHandle(network: "poplin", containerID: settings.node, interface: "tunnel")
    }

    /// One of each family, out of the node's first block; kept for as long as the record is.
    public func tunnelAddresses() async -> [IPAddress] { book.ledger.addresses(of: tunnelHandle.description) }

    func ensureTunnelAddresses() throws(AddressSourceError) {
        let handle = tunnelHandle.description
        for family in IPFamily.allCases
        where !book.ledger.addresses(of: handle).contains(where: { $0.family == family }) {
            let ranges = book.ledger.ranges.filter { $0.family == family && $0.length < family.bitWidth }
            if ranges.isEmpty { continue }
            try book.change({ ledger, now in
                _ = ledger.allocate(BlockHolder(handle), from: ranges, now: now)
            }) { ledger in ledger.undo(handle: handle) }
        }
    }

    /// Runs what needs the API, and says that it did not answer in this room's words.
    func reachingAPI<Result>(
        _ body: () async throws(KubernetesFailure) -> Result
    ) async throws(AddressSourceError) -> Result {
        do throws(KubernetesFailure) {
            return try await body()
        } catch {
            throw AddressSourceError(
                .unreachable, "this node needs a block of a pool, and the API server did not help: \(error)",
                next: "addresses of blocks the node has are given out without it")
        }
    }
}
