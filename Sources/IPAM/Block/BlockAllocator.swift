import Addressing

/// Which addresses of one range are given out, to whom, and which rest. A value without clock, file or API: the caller
/// says what time it is.
///
/// **Order.** Addresses never given out come first, then those that have been free the longest. So an address comes
/// back as late as possible, which is what connections that others still remember need.
///
/// **Rest.** A released address rests for a time before it is free. It counts as used meanwhile: nobody can have it,
/// and arithmetic that thinks otherwise promises addresses that are not there.
///
/// **Sequence numbers.** Every change of the allocator has a number, and every allocation carries that of the change
/// that made it. A release that names an older number is late: the address belongs to somebody else by now.
///
/// Only addresses that were given out at least once take memory, so a /64 costs no more than a /26.
public struct BlockAllocator: Sendable {
    public let range: IPPrefix
    /// How many addresses; of large IPv6 ranges the first 2^62.
    public let capacity: UInt64
    /// Never given out, except to those who ask for one of them by its address.
    public private(set) var reserved: [IPRange] = []
    /// The number of the last change.
    public internal(set) var sequence: UInt64 = 0
    public internal(set) var allocatedCount = 0
    public internal(set) var restingCount = 0

    /// Below it every address is in `slots` or reserved.
    var fresh: UInt64 = 0
    var slots: [UInt64: Slot] = [:]
    /// Free again, the longest free first.
    var idle = SlotQueue()
    /// At rest, the first to be free first.
    var resting = SlotQueue()
    /// Addresses that were given out or taken back since ``takeChanges()``, in that order. That a rest is over is none
    /// of them: the clock says it.
    var changed: [UInt64] = []

    struct Slot: Hashable, Sendable {
        var state: State
        /// Of the change that made it so.
        var sequence: UInt64
    }

    enum State: Hashable, Sendable {
        case allocated(BlockHolder)
        /// Until this second of the caller's clock.
        case resting(until: UInt64)
        case idle
    }

    /// - Parameter reserved: what is never given out unasked; what lies outside `range` does not matter.
    public init(_ range: IPPrefix, reserved: [IPRange] = []) {
        self.range = range
        capacity = 1 << UInt64(min(range.family.bitWidth - range.length, 62))
        setReserved(reserved)
    }

    // MARK: Giving out

    /// The next address, nil when none is free.
    ///
    /// - Parameter now: seconds of the caller's clock, which need not be the time of day.
    public mutating func allocate(_ holder: BlockHolder, now: UInt64) -> IPAddress? {
        settle(now: now)
        guard let ordinal = nextFresh() ?? nextIdle() else { return nil }
        take(ordinal, holder)
        return address(ordinal)
    }

    /// This very address, also when it is reserved or at rest.
    public mutating func allocate(_ address: IPAddress, _ holder: BlockHolder) throws(BlockError) {
        guard let ordinal = ordinal(address) else { throw .outside(address, range) }
        if case .allocated(let other)? = slots[ordinal]?.state {
            if other.handle == holder.handle { return }
            throw .held(address, by: other)
        }
        take(ordinal, holder)
    }

    private mutating func take(_ ordinal: UInt64, _ holder: BlockHolder) {
        sequence += 1
        if case .resting? = slots[ordinal]?.state { restingCount -= 1 }
        slots[ordinal] = Slot(state: .allocated(holder), sequence: sequence)
        allocatedCount += 1
        changed.append(ordinal)
    }

    private mutating func nextFresh() -> UInt64? {
        while fresh < capacity {
            if let range = reserved.first(where: { $0.contains(address(fresh)) }) {
                guard let last = ordinal(min(range.last, self.range.last)) else {
                    fresh = capacity
                    return nil
                }
                fresh = last + 1
            } else if slots[fresh] != nil {
                fresh += 1
            } else {
                defer { fresh += 1 }
                return fresh
            }
        }
        return nil
    }

    private mutating func nextIdle() -> UInt64? {
        while let entry = idle.popFirst() {
            // An entry whose slot has changed since is no longer true.
            guard let slot = slots[entry.ordinal], slot.state == .idle, slot.sequence == entry.sequence else {
                continue
            }
            // A reserved one was asked for by its address once, and is not for others now.
            if !isReserved(address(entry.ordinal)) { return entry.ordinal }
        }
        return nil
    }

    // MARK: Taking back

    /// Everything a handle holds goes to rest. Nothing, when it holds nothing.
    ///
    /// - Parameter rest: seconds.
    public mutating func release(handle: String, now: UInt64, rest: UInt64) -> [IPAddress] {
        var released: [IPAddress] = []
        for (ordinal, slot) in slots {
            if case .allocated(let holder) = slot.state, holder.handle == handle { released.append(address(ordinal)) }
        }
        released.sort()
        for address in released { putToRest(address, now: now, rest: rest) }
        return released
    }

    /// One address goes to rest, if it is still of the allocation that `sequence` names.
    public mutating func release(
        _ address: IPAddress, sequence wanted: UInt64, now: UInt64, rest: UInt64
    ) throws(BlockError) {
        guard let ordinal = ordinal(address) else { throw .outside(address, range) }
        guard let slot = slots[ordinal], case .allocated = slot.state else { throw .notHeld(address) }
        guard slot.sequence == wanted else { throw .late(address, sequence: wanted, current: slot.sequence) }
        putToRest(address, now: now, rest: rest)
    }

    private mutating func putToRest(_ address: IPAddress, now: UInt64, rest: UInt64) {
        guard let ordinal = ordinal(address) else { return }
        sequence += 1
        allocatedCount -= 1
        changed.append(ordinal)
        if rest == 0 {
            slots[ordinal] = Slot(state: .idle, sequence: sequence)
            idle.append(.init(ordinal: ordinal, sequence: sequence))
        } else {
            slots[ordinal] = Slot(state: .resting(until: now + rest), sequence: sequence)
            restingCount += 1
            resting.append(.init(ordinal: ordinal, sequence: sequence))
        }
    }

    /// An allocation that never became one: the address is the next to be given out again, without rest.
    public mutating func undo(handle: String) {
        let mine = slots.filter { slot in
            if case .allocated(let holder) = slot.value.state { holder.handle == handle } else { false }
        }
        for ordinal in mine.keys.sorted(by: >) {
            sequence += 1
            allocatedCount -= 1
            changed.append(ordinal)
            slots[ordinal] = Slot(state: .idle, sequence: sequence)
            idle.prepend(.init(ordinal: ordinal, sequence: sequence))
        }
    }

    /// Ends the rest of addresses whose time is over.
    public mutating func settle(now: UInt64) {
        while let entry = resting.first {
            guard let slot = slots[entry.ordinal], slot.sequence == entry.sequence,
                case .resting(let until) = slot.state
            else {
                _ = resting.popFirst()
                continue
            }
            if until > now { return }
            _ = resting.popFirst()
            restingCount -= 1
            slots[entry.ordinal]?.state = .idle
            idle.append(entry)
        }
    }

    /// Everything at rest begins its rest anew: after a restart the caller's clock is another one.
    public mutating func restartRest(now: UInt64, rest: UInt64) {
        for (ordinal, slot) in slots {
            if case .resting = slot.state { slots[ordinal]?.state = .resting(until: now + rest) }
        }
    }

    // MARK: Reservations

    /// From now on these are not given out unasked. Whoever has one of them keeps it.
    public mutating func setReserved(_ ranges: [IPRange]) {
        let inside = ranges.filter { $0.overlaps(range.range) }.sorted()
        if inside == reserved { return }
        reserved = inside
        // What was passed over may be free now, and the other way round.
        fresh = 0
        let free = slots.filter { $0.value.state == .idle && !isReserved(address($0.key)) }
        idle = SlotQueue(
            free.map { SlotQueue.Entry(ordinal: $0.key, sequence: $0.value.sequence) }
                .sorted { $0.sequence < $1.sequence })
    }

    public func isReserved(_ address: IPAddress) -> Bool { reserved.contains { $0.contains(address) } }
}

/// Who has an address.
public struct BlockHolder: Hashable, Sendable {
    /// What it is released by, such as `network/container/interface`.
    public var handle: String
    /// The pod, for people: namespace and name.
    public var namespace: String
    public var name: String
    public var uid: String

    public init(_ handle: String, namespace: String = "", name: String = "", uid: String = "") {
        self.handle = handle
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

public enum BlockError: Error, Hashable, Sendable, CustomStringConvertible {
    case outside(IPAddress, IPPrefix)
    case held(IPAddress, by: BlockHolder)
    case notHeld(IPAddress)
    /// The release is of an allocation that is over: the address was given out again since.
    case late(IPAddress, sequence: UInt64, current: UInt64)

    public var description: String {
        switch self {
        case .outside(let address, let range): "\(address) is not in \(range)"
        case .held(let address, let holder):
            "\(address) belongs to "
                + (holder.name.isEmpty ? holder.handle : "pod \(holder.namespace)/\(holder.name) (\(holder.handle))")
        case .notHeld(let address): "\(address) is not given out"
        case .late(let address, let sequence, let current):
            "\(address) was given out again since (allocation \(sequence) is over, it is \(current) now)"
        }
    }
}
