import Addressing

@testable import IPAM

/// The same rules as `BlockAllocator`'s, done the slow way: one record for each address, and a search through all of
/// them for every question.
struct NaiveBlock {
    struct Record {
        var holder: BlockHolder?
        var restsUntil: UInt64?
        /// When it became free, counted in changes; 0 for never used.
        var freeSince = 0
        var sequence: UInt64 = 0
    }

    let range: IPPrefix
    var reserved: [IPRange]
    var records: [Record]
    var changes = 0
    var sequence: UInt64 = 0

    init(_ range: IPPrefix, reserved: [IPRange]) {
        self.range = range
        self.reserved = reserved
        records = Array(repeating: Record(), count: 1 << (range.family.bitWidth - range.length))
    }

    func address(_ index: Int) -> IPAddress {
        IPAddress(number: range.network.number + UInt128(index), family: range.family)
    }

    func index(_ address: IPAddress) -> Int { Int(address.number - range.network.number) }

    mutating func settle(_ now: UInt64) {
        // In the order the rests end; of those that end together in the order they began.
        let over = records.indices.filter { records[$0].restsUntil.map { $0 <= now } ?? false }
            .sorted { records[$0].sequence < records[$1].sequence }
        for index in over {
            changes += 1
            records[index].restsUntil = nil
            records[index].freeSince = changes
        }
    }

    mutating func allocate(_ holder: BlockHolder, now: UInt64) -> IPAddress? {
        settle(now)
        let free = records.indices.filter { index in
            records[index].holder == nil && records[index].restsUntil == nil
                && !reserved.contains { $0.contains(address(index)) }
        }
        guard let best = free.min(by: { (records[$0].freeSince, $0) < (records[$1].freeSince, $1) }) else {
            return nil
        }
        give(best, holder)
        return address(best)
    }

    mutating func give(_ index: Int, _ holder: BlockHolder) {
        sequence += 1
        records[index] = Record(holder: holder, sequence: sequence)
    }

    mutating func release(_ handle: String, now: UInt64, rest: UInt64) -> [IPAddress] {
        let held = records.indices.filter { records[$0].holder?.handle == handle }
        for index in held {
            sequence += 1
            changes += 1
            records[index].holder = nil
            records[index].sequence = sequence
            if rest == 0 { records[index].freeSince = changes } else { records[index].restsUntil = now + rest }
        }
        return held.map(address)
    }
}
