import Addressing
import IPAM

/// Addresses out of the node's own ranges, `Node.spec.podCIDRs`: mode `kubernetes`. It needs no API at all once it
/// knows the ranges, and it remembers those.
///
/// The first address of a range is the node's own inside the overlay, and the last one of an IPv4 range stays unused,
/// as people expect of a network.
public actor NodeCIDRSource: AddressSource {
    private var book: AddressBook
    /// Seconds.
    private var cooldown: UInt64
    /// What new addresses come from, in the order of the node.
    private var current: [IPPrefix] = []
    private let onRelease: @Sendable ([IPAddress]) async -> Void

    /// - Parameters:
    ///   - directory: where the record is kept; made when it is missing.
    ///   - cooldown: seconds an address rests after its release.
    ///   - onRelease: told of released addresses before `release` returns: the kernel forgets their connections.
    public init(
        directory: String, cooldown: Int = 150,
        onRelease: @escaping @Sendable ([IPAddress]) async -> Void = { _ in }
    ) throws(AddressSourceError) {
        self.init(
            try AddressBook(directory: directory, rest: UInt64(clamping: cooldown)), cooldown: cooldown,
            onRelease: onRelease)
    }

    init(
        _ book: AddressBook, cooldown: Int, onRelease: @escaping @Sendable ([IPAddress]) async -> Void = { _ in }
    ) {
        var book = book
        book.reserve(Self.reserved)
        self.book = book
        self.cooldown = UInt64(clamping: cooldown)
        self.onRelease = onRelease
        current = book.ledger.ranges
    }

    /// Takes another rest while pods run; what rests already rests as long as it was told.
    public func adjust(cooldown: Int) { self.cooldown = UInt64(clamping: cooldown) }

    /// What the node has now. Pods keep addresses of ranges that are gone until they go; new ones come from these.
    public func setRanges(_ ranges: [IPPrefix]) throws(AddressSourceError) {
        if ranges == current && Set(book.ledger.ranges) == Set(ranges) { return }
        current = ranges
        try book.change({ ledger, now in
            for range in ranges { ledger.add(range, reserved: Self.reserved(range)) }
            ledger.settle(now: now)
            for range in ledger.ranges where !ranges.contains(range) { ledger.remove(range) }
        }) { _ in }
    }

    private static func reserved(_ range: IPPrefix) -> [IPRange] {
        var ends = [range.network]
        if let broadcast = range.broadcast { ends.append(broadcast) }
        return ends.compactMap { IPRange(first: $0, last: $0) }
    }

    public func allocate(_ request: AddressRequest) async throws(AddressSourceError) -> [InterfaceAddress] {
        guard !current.isEmpty else {
            throw AddressSourceError(
                .noRange, "this node has no pod range: Node.spec.podCIDRs is empty",
                next: "start the controller manager with --allocate-node-cidrs and --cluster-cidr, "
                    + "or set ipam.mode to cluster-pool in poplin.json")
        }
        let families = request.families.map { $0.sorted() } ?? Set(current.map(\.family)).sorted()
        let ranges = current
        let cooldown = cooldown
        let isNew = book.ledger.addresses(of: request.handle.description).isEmpty
        let handle = request.handle.description
        return try book.change(
            { ledger, now throws(AddressSourceError) in
                do throws(AddressSourceError) {
                    for address in request.staticAddresses {
                        do throws(BlockError) {
                            try ledger.allocate(address, request.holder)
                        } catch {
                            throw AddressSourceError(.unavailable, Self.text(error, ranges))
                        }
                    }
                    for family in families
                    where !ledger.addresses(of: handle).contains(where: { $0.family == family }) {
                        let candidates = ranges.filter { $0.family == family }
                        if ledger.allocate(request.holder, from: candidates, now: now) == nil {
                            throw Self.exhausted(family, candidates, ledger, now: now, cooldown: cooldown)
                        }
                    }
                } catch {
                    if isNew { ledger.undo(handle: handle) }
                    throw error
                }
                return ledger.interfaceAddresses(of: request.handle)
            },
            orElse: { ledger in if isNew { ledger.undo(handle: handle) } })
    }

    private static func text(_ error: BlockError, _ ranges: [IPPrefix]) -> String {
        if case .outside(let address, _) = error {
            return "the address \(address) that the pod asks for is in none of this node's ranges "
                + "(\(ranges.map(\.description).joined(separator: ", ")))"
        }
        return "the address that the pod asks for cannot be had: \(error)"
    }

    static func exhausted(
        _ family: IPFamily, _ ranges: [IPPrefix], _ ledger: AddressLedger, now: UInt64, cooldown: UInt64
    ) -> AddressSourceError {
        guard !ranges.isEmpty else {
            return AddressSourceError(
                .noRange, "this node has no \(family) pod range in Node.spec.podCIDRs",
                next: "give the controller manager a --cluster-cidr of both families, or disable \(family)")
        }
        let blocks = ranges.compactMap { ledger.blocks[$0] }
        let given = blocks.reduce(0) { $0 + $1.allocatedCount }
        let resting = blocks.reduce(0) { $0 + $1.restingCount }
        var text =
            "no free \(family) address in \(ranges.map(\.description).joined(separator: ", ")): "
            + "\(given) given out, \(resting) at rest after their release"
        if let next = blocks.compactMap(\.nextRested).min() {
            text += ", the next is free in \(next - min(now, next)) s"
        }
        return AddressSourceError(
            .exhausted, text,
            next: resting > 0
                ? "wait, or lower ipam.cooldownSeconds (\(cooldown) s)"
                : "poplin ipam show; fewer pods on this node, or a larger --node-cidr-mask-size range")
    }

    @discardableResult
    public func release(_ handle: AddressHandle) async throws(AddressSourceError) -> [IPAddress] {
        let cooldown = cooldown
        let released = book.release { ledger, now in
            ledger.release(handle: handle.description, now: now, rest: cooldown)
        }
        if !released.isEmpty { await onRelease(released) }
        return released
    }

    @discardableResult
    public func release(allBut valid: Set<AddressHandle>) async throws(AddressSourceError) -> [IPAddress] {
        let cooldown = cooldown
        let keep = Set(valid.map(\.description))
        let gone = book.ledger.handles.filter { !keep.contains($0) }
        if gone.isEmpty { return [] }
        let released = book.release { ledger, now in
            gone.flatMap { ledger.release(handle: $0, now: now, rest: cooldown) }
        }
        if !released.isEmpty { await onRelease(released) }
        return released.sorted()
    }

    public func addresses(of handle: AddressHandle) async -> [InterfaceAddress] {
        book.ledger.interfaceAddresses(of: handle)
    }

    public func allocations() async -> [AddressAllocation] { book.ledger.addressAllocations }

    public func ranges() async -> [IPPrefix] { current }

    public func tunnelAddresses() async -> [IPAddress] {
        IPFamily.allCases.compactMap { family in current.first { $0.family == family }?.network }
    }

    public func usage() async -> [AddressUsage] { book.ledger.usages }
}
