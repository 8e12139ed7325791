import Addressing
import Testing

@Suite struct IPRangeTests {
    @Test(
        arguments: [
            ("10.0.0.1", 1, "10.0.0.2"), ("10.0.0.255", 1, "10.0.1.0"), ("10.0.1.0", -1, "10.0.0.255"),
            ("255.255.255.255", 1, nil), ("0.0.0.0", -1, nil), ("0.0.0.0", 4_294_967_295, "255.255.255.255"),
            ("0.0.0.0", 4_294_967_296, nil), ("::", -1, nil), ("::", .max, "::7fff:ffff:ffff:ffff"),
            ("::ffff:ffff", 1, "::1:0:0"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, nil), ("::ffff:ffff:ffff:ffff", 1, "0:0:0:1::"),
            ("::8000:0:0:0", .min, "::"), ("10.0.0.1", 0, "10.0.0.1"),
        ] as [(String, Int, String?)]) func steppingStopsAtTheEnds(start: String, offset: Int, end: String?) throws
    {
        #expect(try IPAddress(parsing: start).advanced(by: offset)?.description == end)
    }

    @Test(
        arguments: [
            ("10.0.0.1-10.0.0.1", 1), ("10.0.0.1-10.0.0.10", 10), ("0.0.0.0-255.255.255.255", 1 << 32),
            ("::-::ffff", 65536),
            ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .max), ("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .max),
        ] as [(String, UInt128)]) func counts(text: String, count: UInt128) throws
    {
        let range = try IPRange(parsing: text)
        #expect(range.count == count)
        #expect(range.description == text)
    }

    @Test(arguments: [
        ("10.0.0.1", "the dash between its two ends is missing"),
        ("10.0.0.1-::1", "its ends are of different families"),
        ("10.0.0.9-10.0.0.1", "it runs backwards, did you mean 10.0.0.1-10.0.0.9?"), ("10.0.0.1-", "it is empty"),
        ("10.0.0.1-9", "it has fewer than four numbers"),
    ]) func othersAreRefusedWithAReason(text: String, reason: String) {
        #expect(IPRange(text) == nil)
        #expect(throws: AddressError(expected: "an address range", text: text, reason: reason)) {
            try IPRange(parsing: text)
        }
    }

    @Test(arguments: [
        ("10.0.0.0-10.0.0.9", "10.0.0.3-10.0.0.5", ["10.0.0.0-10.0.0.2", "10.0.0.6-10.0.0.9"]),
        ("10.0.0.0-10.0.0.9", "10.0.0.0-10.0.0.5", ["10.0.0.6-10.0.0.9"]),
        ("10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.20", ["10.0.0.0-10.0.0.4"]),
        ("10.0.0.0-10.0.0.9", "9.0.0.0-11.0.0.0", []),
        ("10.0.0.0-10.0.0.9", "10.0.0.10-10.0.0.11", ["10.0.0.0-10.0.0.9"]),
        ("0.0.0.0-255.255.255.255", "0.0.0.0-255.255.255.254", ["255.255.255.255-255.255.255.255"]),
        ("10.0.0.0-10.0.0.9", "::-::1", ["10.0.0.0-10.0.0.9"]),
    ]) func subtraction(whole: String, part: String, rest: [String]) throws {
        let (whole, part) = (try IPRange(parsing: whole), try IPRange(parsing: part))
        #expect(whole.subtracting(part).map(\.description) == rest)
        #expect(whole.overlaps(part) == (rest != [whole.description]))
        #expect(whole.overlaps(part) == part.overlaps(whole))
    }

    @Test func onlyOrderedEndsOfOneFamilyAreARange() {
        #expect(IPRange(first: .v4(.loopback), last: .v4(.unspecified)) == nil)
        #expect(IPRange(first: .v4(.loopback), last: .v6(.loopback)) == nil)
        #expect(IPRange("10.0.0.1-10.0.0.9")?.contains(.v6(.loopback)) == false)
        #expect(IPRange(first: .v4(.unspecified), last: .v4(.broadcast)) == IPRange(IPPrefix("0.0.0.0/0")!))
    }

    @Test func v4SortsBeforeV6AndNumbersDecide() {
        #expect(IPAddress("255.255.255.255")! < IPAddress("::")!)
        #expect(IPAddress("10.0.0.9")! < IPAddress("10.0.0.10")!)
        #expect(IPAddress(number: 1 << 40 | 5, family: .v4) == IPAddress("0.0.0.5"))
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
        #expect(IPAddress(bytes: IPAddress("fd00::1")!.bytes) == IPAddress("fd00::1"))
    }
}
