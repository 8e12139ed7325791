import Addressing
import JSONTree
import Testing

@testable import IPAM

@Suite struct BlockAllocatorTests {
    private func prefix(_ text: String) throws -> IPPrefix { try IPPrefix(parsing: text) }
    private func address(_ text: String) throws -> IPAddress { try IPAddress(parsing: text) }

    /// A generator that gives the same numbers in every run.
    private struct Dice {
        var state: UInt64

        mutating func roll(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    /// Two thousand random steps against the naive model, with the allocator written out and read back in between.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func doesWhatTheNaiveModelDoes(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let range = try prefix(seed.isMultiple(of: 2) ? "10.1.2.0/28" : "fd00::40/124")
        let reserved = [IPRange(first: range.first, last: range.first)].compactMap { $0 }
        var block = BlockAllocator(range, reserved: reserved)
        var naive = NaiveBlock(range, reserved: reserved)
        var now: UInt64 = 1000
        for step in 0..<2000 {
            let handle = "n/c\(dice.roll(24))/eth0"
            switch dice.roll(10) {
            case 0..<4:
                let mine = block.allocate(BlockHolder(handle), now: now)
                let theirs = naive.allocate(BlockHolder(handle), now: now)
                #expect(mine == theirs, "step \(step)")
            case 4..<7:
                // Rests of one length: the queue of rests is in the order they began.
                let mine = block.release(handle: handle, now: now, rest: 30)
                let theirs = naive.release(handle, now: now, rest: 30)
                #expect(mine == theirs, "step \(step)")
            case 7:
                let index = dice.roll(16)
                let wanted = naive.address(index)
                do throws(BlockError) {
                    try block.allocate(wanted, BlockHolder(handle))
                    if naive.records[index].holder == nil { naive.give(index, BlockHolder(handle)) }
                    #expect(naive.records[index].holder?.handle == handle)
                } catch {
                    #expect(naive.records[index].holder != nil)
                }
            case 8:
                now += UInt64(dice.roll(20))
                block.settle(now: now)
                naive.settle(now)
            default:
                let tree = try block.value.tree()
                block = try BlockAllocator(decoding: tree.root, reserved: reserved)
            }
            let held = naive.records.filter { $0.holder != nil }.count
            #expect(block.allocatedCount == held)
            #expect(block.restingCount == naive.records.filter { $0.restsUntil != nil }.count)
            #expect(Set(block.allocations.map(\.address)).count == held)
            let free = naive.records.indices.filter {
                naive.records[$0].holder == nil && naive.records[$0].restsUntil == nil && $0 != 0
            }
            #expect(block.freeCount == UInt64(free.count))
        }
    }

    @Test func neverUsedComesBeforeReleasedAndTheLongestFreeFirst() throws {
        var block = BlockAllocator(try prefix("10.0.0.0/30"))
        for name in ["a", "b", "c"] { _ = block.allocate(BlockHolder(name), now: 0) }
        _ = block.release(handle: "b", now: 0, rest: 0)
        _ = block.release(handle: "a", now: 0, rest: 0)
        #expect(block.allocate(BlockHolder("d"), now: 0) == (try address("10.0.0.3")))
        #expect(block.allocate(BlockHolder("e"), now: 0) == (try address("10.0.0.1")))
        #expect(block.allocate(BlockHolder("f"), now: 0) == (try address("10.0.0.0")))
        #expect(block.allocate(BlockHolder("g"), now: 0) == nil)
    }

    @Test func whatRestsCountsAsUsedUntilItsTimeIsOver() throws {
        var block = BlockAllocator(try prefix("10.0.0.0/31"))
        _ = block.allocate(BlockHolder("a"), now: 100)
        _ = block.allocate(BlockHolder("b"), now: 100)
        _ = block.release(handle: "a", now: 100, rest: 150)
        #expect(block.freeCount == 0)
        #expect(!block.isUnused)
        #expect(block.allocate(BlockHolder("c"), now: 249) == nil)
        #expect(block.nextRested == 250)
        #expect(block.allocate(BlockHolder("c"), now: 250) == (try address("10.0.0.0")))
    }

    @Test func aLateReleaseIsRefused() throws {
        var block = BlockAllocator(try prefix("10.0.0.0/32"))
        let only = try address("10.0.0.0")
        _ = block.allocate(BlockHolder("old"), now: 0)
        let sequence = try #require(block.allocations.first?.sequence)
        _ = block.release(handle: "old", now: 0, rest: 0)
        #expect(block.allocate(BlockHolder("new"), now: 0) == only)
        do throws(BlockError) {
            try block.release(only, sequence: sequence, now: 0, rest: 0)
            Issue.record("the address belongs to somebody else")
        } catch {
            #expect(error == .late(only, sequence: sequence, current: 3))
        }
        #expect(block.holder(of: only)?.handle == "new")
    }

    @Test func reservationsMayComeAndGo() throws {
        var block = BlockAllocator(try prefix("10.0.0.0/30"))
        #expect(block.allocate(BlockHolder("a"), now: 0) == (try address("10.0.0.0")))
        block.setReserved([try IPRange(parsing: "10.0.0.0-10.0.0.2")])
        #expect(block.reservedCount == 2)
        #expect(block.allocate(BlockHolder("b"), now: 0) == (try address("10.0.0.3")))
        #expect(block.allocate(BlockHolder("c"), now: 0) == nil)
        try block.allocate(address("10.0.0.1"), BlockHolder("asked"))
        block.setReserved([])
        #expect(block.allocate(BlockHolder("c"), now: 0) == (try address("10.0.0.2")))
    }

    @Test func aRangeOfSixtyFourBitsCostsWhatIsUsedOfIt() throws {
        var block = BlockAllocator(
            try prefix("fd00:1:2:3::/64"), reserved: [try IPRange(parsing: "fd00:1:2:3::-fd00:1:2:3::")])
        #expect(block.allocate(BlockHolder("a"), now: 0) == (try address("fd00:1:2:3::1")))
        #expect(block.slots.count == 1)
        #expect(block.capacity == 1 << 62)
    }

    @Test func anUndoneAllocationIsTheNextAgain() throws {
        var block = BlockAllocator(try prefix("10.0.0.0/29"))
        _ = block.allocate(BlockHolder("a"), now: 0)
        let first = block.allocate(BlockHolder("b"), now: 0)
        block.undo(handle: "b")
        for _ in 0..<6 { _ = block.allocate(BlockHolder("x"), now: 0) }
        #expect(block.allocate(BlockHolder("c"), now: 0) == first)
    }

    @Test(arguments: [
        #"{"range":"10.0.0.0/24"}"#, #"{"range":"10.0.0.1/24","sequence":1}"#,
        #"{"range":"10.0.0.0/24","sequence":1,"allocated":[{"address":"10.0.1.1","handle":"a","sequence":1}]}"#,
        #"{"range":"10.0.0.0/24","sequence":1,"allocated":[{"address":"10.0.0.1","sequence":1}]}"#,
        #"{"range":"10.0.0.0/24","sequence":2,"allocated":[{"address":"10.0.0.1","handle":"a","sequence":1}],"idle":[{"address":"10.0.0.1","sequence":2}]}"#,
    ])
    func aDamagedRecordIsNamed(text: String) throws {
        let root = try JSONTree(parsing: text).root
        let error = #expect(throws: BlockFormatError.self) { try BlockAllocator(decoding: root) }
        #expect(error?.description.contains("(") == true)
    }
}

@Suite struct AddressLedgerTests {
    @Test func survivesItsOwnText() throws {
        var ledger = AddressLedger()
        ledger.add(try IPPrefix(parsing: "10.1.0.0/26"), pool: "default")
        ledger.add(try IPPrefix(parsing: "fd00::/122"), pool: "default")
        let holder = BlockHolder("net/c1/eth0", namespace: "shop", name: "web-1", uid: "u")
        for range in ledger.ranges { _ = ledger.allocate(holder, from: [range], now: 5) }
        let text = ledger.value(boot: "b1", edition: 7).text
        let reading = try AddressLedger.read(try JSONTree(parsing: text).root)
        let read = reading.ledger
        #expect(reading.boot == "b1" && reading.edition == 7)
        #expect(read.addresses(of: "net/c1/eth0") == ledger.addresses(of: "net/c1/eth0"))
        #expect(read.addresses(of: "net/c1/eth0").map(\.description) == ["10.1.0.0", "fd00::"])
        #expect(read.value(boot: "b1", edition: 7).text == text)
    }

    /// Whatever is done: the ledger as it was written, with the changes since behind it, is the ledger as it is.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func changesBehindALedgerMakeItWhatItIs(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        var ledger = AddressLedger()
        let ranges = [try IPPrefix(parsing: "10.1.0.0/28"), try IPPrefix(parsing: "fd00::/124")]
        for range in ranges { ledger.add(range) }
        let first = ledger.takeChanges()
        #expect(first == nil)
        let written = ledger.value(boot: "b", edition: 1).text
        var lines: [String] = []
        for time in 0..<200 as Range<UInt64> {
            let handle = "net/c\(random.next() % 12)/eth0"
            switch random.next() % 5 {
            case 0, 1: for range in ranges { _ = ledger.allocate(BlockHolder(handle), from: [range], now: time) }
            case 2: _ = ledger.release(handle: handle, now: time, rest: random.next() % 2 * 20)
            case 3: ledger.undo(handle: handle)
            default: ledger.settle(now: time)
            }
            let taken = ledger.takeChanges()
            let changes = try #require(taken)
            if !changes.isEmpty { lines.append(JSONValue.array(changes).text) }
        }
        var reading = try AddressLedger.read(try JSONTree(parsing: written).root)
        var changes: [JSONNode] = []
        for line in lines { changes += Array(try JSONTree(parsing: line).root.elements) }
        try reading.restore(changes)
        var restored = reading.ledger
        // That a rest is over is not written: the clock says it again.
        restored.settle(now: 200)
        ledger.settle(now: 200)
        #expect(restored.handles == ledger.handles)
        for range in ranges {
            let (one, other) = (try #require(restored.blocks[range]), try #require(ledger.blocks[range]))
            #expect(one.allocations == other.allocations)
            #expect(one.restingAddresses.map(\.address) == other.restingAddresses.map(\.address))
            #expect(one.allocatedCount == other.allocatedCount && one.restingCount == other.restingCount)
            #expect(one.freeCount == other.freeCount)
        }
        ledger.add(try IPPrefix(parsing: "10.2.0.0/28"))
        let last = ledger.takeChanges()
        #expect(last == nil)
    }

    @Test func aRangeInUseStays() throws {
        var ledger = AddressLedger()
        let range = try IPPrefix(parsing: "10.1.0.0/26")
        ledger.add(range)
        _ = ledger.allocate(BlockHolder("a"), from: [range], now: 0)
        let whileGivenOut = ledger.remove(range)
        let released = ledger.release(handle: "a", now: 0, rest: 10)
        let whileResting = ledger.remove(range)
        ledger.settle(now: 10)
        let whenFree = ledger.remove(range)
        #expect([whileGivenOut, whileResting, whenFree] == [false, false, true])
        #expect(released.map(\.description) == ["10.1.0.0"])
        #expect(ledger.release(handle: "a", now: 0, rest: 10) == [])
    }
}
