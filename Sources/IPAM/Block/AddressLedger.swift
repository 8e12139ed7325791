import Addressing
import JSONTree

/// Every address a node has given out, in all its ranges. Pure: what it says is made durable by its owner.
///
/// A handle has at most one address of each family, and asking again gives the same ones.
public struct AddressLedger: Sendable {
    public private(set) var blocks: [IPPrefix: BlockAllocator] = [:]
    /// What each range belongs to; empty for a node's own ranges.
    public private(set) var pools: [IPPrefix: String] = [:]
    /// Kept beside the blocks, so that a release looks nowhere else.
    private var holdings: [String: [IPAddress]] = [:]
    /// Whether ranges came, went or changed their pool since ``takeChanges()``.
    private(set) var isReshaped = true

    public init() {}

    public var ranges: [IPPrefix] { blocks.keys.sorted() }

    /// Adds a range; one that is there keeps its allocations and gets the reservations.
    public mutating func add(_ range: IPPrefix, pool: String = "", reserved: [IPRange] = []) {
        if blocks[range] == nil {
            blocks[range] = BlockAllocator(range, reserved: reserved)
            isReshaped = true
        } else {
            blocks[range]?.setReserved(reserved)
        }
        if pools.updateValue(pool, forKey: range) != pool { isReshaped = true }
    }

    mutating func add(_ block: BlockAllocator, pool: String) {
        blocks[block.range] = block
        pools[block.range] = pool
        isReshaped = true
        for allocation in block.allocations {
            holdings[allocation.holder.handle, default: []].append(allocation.address)
        }
    }

    /// Takes a range away that nobody uses; false when somebody does.
    @discardableResult
    public mutating func remove(_ range: IPPrefix) -> Bool {
        guard let block = blocks[range] else { return true }
        guard block.isUnused else { return false }
        blocks[range] = nil
        pools[range] = nil
        isReshaped = true
        return true
    }

    // MARK: Giving out

    public func addresses(of handle: String) -> [IPAddress] { (holdings[handle] ?? []).sorted() }

    /// One address out of the first of these ranges that has one free; nil when none has.
    public mutating func allocate(
        _ holder: BlockHolder, from ranges: [IPPrefix], now: UInt64
    ) -> IPAddress? {
        for range in ranges {
            guard let address = blocks[range]?.allocate(holder, now: now) else { continue }
            holdings[holder.handle, default: []].append(address)
            return address
        }
        return nil
    }

    /// This very address, out of the range it is in.
    public mutating func allocate(_ address: IPAddress, _ holder: BlockHolder) throws(BlockError) {
        if holdings[holder.handle]?.contains(address) == true { return }
        // The longest range: a single address may be a block of its own inside a larger one's span.
        guard let range = range(of: address) else {
            throw .outside(address, ranges.first ?? IPPrefix(containing: address, length: 0))
        }
        try blocks[range]?.allocate(address, holder)
        holdings[holder.handle, default: []].append(address)
    }

    public func range(of address: IPAddress) -> IPPrefix? {
        blocks.keys.filter { $0.contains(address) }.max { $0.length < $1.length }
    }

    // MARK: Taking back

    /// - Parameter rest: seconds the addresses rest.
    public mutating func release(handle: String, now: UInt64, rest: UInt64) -> [IPAddress] {
        guard let addresses = holdings.removeValue(forKey: handle) else { return [] }
        for range in Set(addresses.compactMap({ range(of: $0) })) {
            // A single address is somebody's own, and may be asked for on another node at once.
            let isSingle = range.length == range.family.bitWidth
            _ = blocks[range]?.release(handle: handle, now: now, rest: isSingle ? 0 : rest)
        }
        return addresses.sorted()
    }

    /// Undoes an allocation that could not be made durable.
    public mutating func undo(handle: String) {
        guard let addresses = holdings.removeValue(forKey: handle) else { return }
        for range in Set(addresses.compactMap({ range(of: $0) })) { blocks[range]?.undo(handle: handle) }
    }

    public mutating func settle(now: UInt64) {
        for range in blocks.keys { blocks[range]?.settle(now: now) }
    }

    public mutating func restartRest(now: UInt64, rest: UInt64) {
        isReshaped = true
        for range in blocks.keys { blocks[range]?.restartRest(now: now, rest: rest) }
    }

    public var handles: [String] { holdings.keys.sorted() }

    // MARK: Changes

    /// What changed since this was asked last, one value for each address, to be put behind what was written then. Nil:
    /// more changed than addresses, and everything is to be written.
    public mutating func takeChanges() -> [JSONValue]? {
        var changes: [JSONValue] = []
        for range in blocks.keys {
            guard blocks[range]?.changed.isEmpty == false else { continue }
            for value in blocks[range]?.takeChanges() ?? [] {
                changes.append(value.settingMember("range", to: .string(range.description)))
            }
        }
        defer { isReshaped = false }
        return isReshaped ? nil : changes
    }

    /// Does what was written of changes after the ledger was.
    mutating func restore(_ changes: [JSONNode]) throws(BlockFormatError) {
        for change in changes {
            guard let range = change.member("range")?.string.flatMap({ IPPrefix($0) }), blocks[range] != nil else {
                throw BlockFormatError("range", change, "is not one of the ledger's")
            }
            try blocks[range]?.restore(change)
        }
        holdings = [:]
        for range in ranges {
            blocks[range]?.recount()
            for allocation in blocks[range]?.allocations ?? [] {
                holdings[allocation.holder.handle, default: []].append(allocation.address)
            }
        }
    }
}
