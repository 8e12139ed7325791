import Addressing

extension BlockAllocator {
    /// One address that is given out.
    public struct Allocation: Hashable, Sendable {
        public var address: IPAddress
        public var holder: BlockHolder
        public var sequence: UInt64
    }

    /// Everything that is given out, by address.
    public var allocations: [Allocation] {
        var found: [Allocation] = []
        for (ordinal, slot) in slots {
            guard case .allocated(let holder) = slot.state else { continue }
            found.append(Allocation(address: address(ordinal), holder: holder, sequence: slot.sequence))
        }
        return found.sorted { $0.address < $1.address }
    }

    public func holder(of address: IPAddress) -> BlockHolder? {
        guard let ordinal = ordinal(address), case .allocated(let holder)? = slots[ordinal]?.state else { return nil }
        return holder
    }

    /// Addresses at rest, with the second their rest ends.
    public var restingAddresses: [(address: IPAddress, until: UInt64)] {
        slots.compactMap { ordinal, slot in
            if case .resting(let until) = slot.state { (address(ordinal), until) } else { nil }
        }.sorted { $0.address < $1.address }
    }

    /// When the next address at rest is free.
    public var nextRested: UInt64? { restingAddresses.map(\.until).min() }

    /// Reserved addresses that nobody has.
    public var reservedCount: UInt64 {
        var merged: [IPRange] = []
        for part in reserved {
            guard let range = IPRange(first: max(part.first, range.first), last: min(part.last, range.last)) else {
                continue
            }
            if let last = merged.last, range.first <= last.last {
                if range.last > last.last, let joined = IPRange(first: last.first, last: range.last) {
                    merged[merged.count - 1] = joined
                }
            } else {
                merged.append(range)
            }
        }
        let all = merged.reduce(0) { $0 &+ UInt64(clamping: $1.count) }
        let used = slots.reduce(0) { count, slot in
            slot.value.state != .idle && isReserved(address(slot.key)) ? count + 1 : count
        }
        return min(all, capacity) - UInt64(used)
    }

    public var freeCount: UInt64 {
        let used = UInt64(allocatedCount + restingCount) + reservedCount
        return capacity > used ? capacity - used : 0
    }

    /// Nobody has an address of it and none is at rest, so it can be given back.
    public var isUnused: Bool { allocatedCount == 0 && restingCount == 0 }

    func ordinal(_ address: IPAddress) -> UInt64? {
        guard range.contains(address) else { return nil }
        let ordinal = address.number - range.network.number
        return ordinal < UInt128(capacity) ? UInt64(ordinal) : nil
    }

    func address(_ ordinal: UInt64) -> IPAddress {
        IPAddress(number: range.network.number + UInt128(ordinal), family: range.family)
    }
}

/// First in, first out, without moving what is left.
struct SlotQueue: Sendable {
    struct Entry: Hashable, Sendable {
        var ordinal: UInt64
        /// The slot's when the entry was made: an entry whose slot has changed since is passed over.
        var sequence: UInt64
    }

    private var entries: [Entry] = []
    private var head = 0
    /// In front of `entries`, the last one first.
    private var front: [Entry] = []

    init(_ entries: [Entry] = []) { self.entries = entries }

    var first: Entry? { front.last ?? (head < entries.count ? entries[head] : nil) }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func prepend(_ entry: Entry) { front.append(entry) }

    mutating func popFirst() -> Entry? {
        if let entry = front.popLast() { return entry }
        guard head < entries.count else { return nil }
        defer {
            head += 1
            if head > 64, head * 2 > entries.count {
                entries.removeFirst(head)
                head = 0
            }
        }
        return entries[head]
    }
}
