import Addressing
import Testing

@testable import IPAM

private func range(
    _ subnet: String, _ start: String? = nil, _ end: String? = nil, _ gateway: String? = nil
) throws(RangeError) -> AddressRange {
    guard let prefix = IPPrefix(subnet) else { fatalError("not a prefix: \(subnet)") }
    return try AddressRange(
        subnet: prefix, rangeStart: start.map(ip), rangeEnd: end.map(ip), gateway: gateway.map(ip))
}

@Suite("Address ranges") struct AddressRangeTests {
    struct Good: Sendable {
        let subnet: String
        var start: String?
        var end: String?
        var gateway: String?
        let first: String
        let last: String
        let router: String
        let capacity: UInt128
    }

    @Test(
        "What is not configured is filled in as the reference does",
        arguments: [
            Good(subnet: "10.1.2.0/24", first: "10.1.2.1", last: "10.1.2.254", router: "10.1.2.1", capacity: 253),
            Good(subnet: "10.1.2.0/30", first: "10.1.2.1", last: "10.1.2.2", router: "10.1.2.1", capacity: 1),
            Good(
                subnet: "fd00::/64", first: "fd00::1", last: "fd00::ffff:ffff:ffff:ffff", router: "fd00::1",
                capacity: UInt128(1) << 64 - 2),
            Good(subnet: "fd00::/126", first: "fd00::1", last: "fd00::3", router: "fd00::1", capacity: 2),
            Good(
                subnet: "10.1.2.0/24", start: "10.1.2.10", end: "10.1.2.20", gateway: "10.1.2.15",
                first: "10.1.2.10", last: "10.1.2.20", router: "10.1.2.15", capacity: 10),
            // The ends may be the network and the broadcast address; those are passed over.
            Good(
                subnet: "10.1.2.0/29", start: "10.1.2.0", end: "10.1.2.7",
                first: "10.1.2.0", last: "10.1.2.7", router: "10.1.2.1", capacity: 5),
            // A gateway elsewhere, as an IPv6 router's link-local address is.
            Good(
                subnet: "fd00::/120", gateway: "fe80::1", first: "fd00::1", last: "fd00::ff", router: "fe80::1",
                capacity: 255),
        ])
    func defaults(_ good: Good) throws {
        let range = try range(good.subnet, good.start, good.end, good.gateway)
        #expect(range.addresses == IPRange(first: IPAddress(good.first)!, last: IPAddress(good.last)!))
        #expect(range.gateway == IPAddress(good.router)!)
        #expect(range.capacity == good.capacity)
    }

    struct Bad: Sendable {
        let subnet: String
        var start: String?
        var end: String?
        var gateway: String?
        let key: RangeError.Key
        let reason: String
    }

    @Test(
        "What is impossible is refused by key",
        arguments: [
            Bad(subnet: "10.1.2.0/31", key: .subnet, reason: "too small"),
            Bad(subnet: "10.1.2.0/32", key: .subnet, reason: "too small"),
            Bad(subnet: "fd00::/127", key: .subnet, reason: "too small"),
            Bad(subnet: "fd00::/128", key: .subnet, reason: "at most /126"),
            Bad(subnet: "10.1.2.0/24", start: "10.1.3.1", key: .rangeStart, reason: "10.1.2.0 to 10.1.2.255"),
            Bad(subnet: "10.1.2.0/24", end: "fd00::1", key: .rangeEnd, reason: "not in the network"),
            Bad(subnet: "10.1.2.0/24", start: "10.1.2.9", end: "10.1.2.8", key: .rangeStart, reason: "backwards"),
            Bad(subnet: "10.1.2.0/24", start: "10.1.2.255", key: .rangeStart, reason: "backwards"),
            Bad(subnet: "10.1.2.0/24", end: "10.1.2.0", key: .rangeEnd, reason: "backwards"),
            Bad(subnet: "10.1.2.0/24", end: "10.1.2.1", key: .rangeEnd, reason: "no address to hand out"),
            Bad(subnet: "10.1.2.0/24", gateway: "10.1.2.255", key: .gateway, reason: "broadcast"),
            Bad(subnet: "10.1.2.0/24", gateway: "10.1.2.0", key: .gateway, reason: "network address"),
            Bad(subnet: "10.1.2.0/24", gateway: "fd00::1", key: .gateway, reason: "IPv6"),
            Bad(subnet: "10.1.2.0/24", gateway: "224.0.0.1", key: .gateway, reason: "multicast"),
            Bad(subnet: "10.1.2.0/24", gateway: "127.0.0.1", key: .gateway, reason: "loopback"),
            Bad(subnet: "fd00::/64", gateway: "::", key: .gateway, reason: "unspecified"),
        ])
    func refusals(_ bad: Bad) {
        let error = #expect(throws: RangeError.self) {
            try range(bad.subnet, bad.start, bad.end, bad.gateway)
        }
        #expect(error?.key == bad.key)
        #expect(error?.reason.contains(bad.reason) == true, "\(error?.reason ?? "none")")
    }

    @Test("A set is of one family and its ranges do not overlap") func sets() throws {
        #expect(throws: RangeError.self) { try RangeSet([]) }
        #expect(throws: RangeError.self) { try RangeSet([range("10.1.0.0/24"), range("fd00::/64")]) }
        let error = #expect(throws: RangeError.self) {
            try RangeSet([range("10.1.0.0/24", nil, "10.1.0.99"), range("10.1.0.0/24", "10.1.0.99")])
        }
        #expect(error?.reason.contains("10.1.0.1-10.1.0.99 of 10.1.0.0/24") == true)
        #expect(error?.range == 1)
        _ = try RangeSet([range("10.1.0.0/24", nil, "10.1.0.99"), range("10.1.0.0/24", "10.1.0.100")])
    }

    @Test("Two sets share no address; before 0.3.0 there is one of each family") func allSets() throws {
        let low = try RangeSet([range("10.1.0.0/24")])
        let high = try RangeSet([range("10.2.0.0/24"), range("10.1.0.0/16", "10.1.0.200", "10.1.1.0")])
        let error = #expect(throws: RangeError.self) { try RangeSet.check([low, high]) }
        #expect(error?.set == 1)
        #expect(error?.range == 1)
        let other = try RangeSet([range("10.2.0.0/24")])
        let six = try RangeSet([range("fd00::/64")])
        try RangeSet.check([low, other, six])
        try RangeSet.check([low, six], onlyOnePerFamily: "0.2.0")
        #expect(throws: RangeError.self) { try RangeSet.check([low, six, other], onlyOnePerFamily: "0.2.0") }
        #expect(throws: RangeError.self) { try RangeSet.check([]) }
    }

    @Test("A round goes once through everything, from behind the cursor") func rounds() throws {
        let set = try RangeSet([range("10.1.0.0/29"), range("10.2.0.0/29"), range("10.3.0.0/29")])
        func text(_ cursor: String?) -> [String] {
            set.round(after: cursor.map { IPAddress($0)! }).map(\.description)
        }
        #expect(text(nil) == ["10.1.0.1-10.1.0.6", "10.2.0.1-10.2.0.6", "10.3.0.1-10.3.0.6"])
        #expect(text("10.9.0.1") == text(nil))
        #expect(
            text("10.2.0.3")
                == ["10.2.0.4-10.2.0.6", "10.3.0.1-10.3.0.6", "10.1.0.1-10.1.0.6", "10.2.0.1-10.2.0.3"])
        #expect(text("10.3.0.6") == ["10.1.0.1-10.1.0.6", "10.2.0.1-10.2.0.6", "10.3.0.1-10.3.0.6"])
    }
}

@Suite("Bitmaps of used addresses") struct UsedBitsTests {
    @Test("Agree with a set of numbers on random operations") func model() {
        var generator = Seeded(seed: 7)
        var bits = UsedBits()
        var model: Set<Int> = []
        for _ in 0..<3_000 {
            let base = Int.random(in: 0..<4, using: &generator) * 8_000
            let offset = base + Int.random(in: 0..<200, using: &generator)
            let isUsed = Bool.random(using: &generator)
            bits[offset] = isUsed
            if isUsed { model.insert(offset) } else { model.remove(offset) }
            let low = base + Int.random(in: 0..<200, using: &generator)
            let high = low + Int.random(in: 0..<200, using: &generator)
            #expect(bits.firstFree(in: low...high) == (low...high).first { !model.contains($0) })
            #expect(bits.count(in: low...high) == (low...high).count { model.contains($0) })
        }
        #expect(UsedBits(bytes: bits.bytes) == bits)
        #expect(UsedBits(bytes: Array(bits.bytes.prefix(5))).count(in: 40...32_767) == 0)
        #expect(bits.count(in: 0...32_767) == model.count)
    }

    @Test("Blocks meet without gap", arguments: ["10.0.127.250", "fd00::7ffa", "255.255.255.250"])
    func blocks(_ text: String) {
        let first = IPAddress(text)!
        let last = first.advanced(by: 11) ?? first.advanced(by: 5)!
        var seen: [IPAddress] = []
        IPRange(first: first, last: last)!.forEachBlock { block, span in
            seen += span.map { block.address(at: $0) }
            #expect(seen.allSatisfy { AddressBlock(containing: $0).address(at: AddressBlock.offset(of: $0)) == $0 })
            return true
        }
        #expect(seen.first == first && seen.last == last)
        #expect(UInt128(seen.count) == IPRange(first: first, last: last)!.count)
    }
}

/// Repeats itself: SplitMix64.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
