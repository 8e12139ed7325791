import Addressing
import Testing

@Suite struct IPPrefixTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text, last, netmask: String
        let broadcast: String?
        let count: UInt128
        var testDescription: String { text }

        init(_ text: String, last: String, netmask: String, broadcast: String? = nil, count: UInt128) {
            (self.text, self.last, self.netmask, self.broadcast, self.count) = (text, last, netmask, broadcast, count)
        }
    }

    @Test(arguments: [
        Case("0.0.0.0/0", last: "255.255.255.255", netmask: "0.0.0.0", broadcast: "255.255.255.255", count: 1 << 32),
        Case("10.0.0.0/8", last: "10.255.255.255", netmask: "255.0.0.0", broadcast: "10.255.255.255", count: 1 << 24),
        Case("10.1.2.0/24", last: "10.1.2.255", netmask: "255.255.255.0", broadcast: "10.1.2.255", count: 256),
        Case("10.1.2.4/30", last: "10.1.2.7", netmask: "255.255.255.252", broadcast: "10.1.2.7", count: 4),
        Case("10.1.2.4/31", last: "10.1.2.5", netmask: "255.255.255.254", count: 2),
        Case("10.1.2.5/32", last: "10.1.2.5", netmask: "255.255.255.255", count: 1),
        Case("255.255.255.255/32", last: "255.255.255.255", netmask: "255.255.255.255", count: 1),
        Case("::/0", last: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", netmask: "::", count: .max),
        Case("8000::/1", last: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", netmask: "8000::", count: 1 << 127),
        Case("fd00::/64", last: "fd00::ffff:ffff:ffff:ffff", netmask: "ffff:ffff:ffff:ffff::", count: 1 << 64),
        Case("fd00::4/127", last: "fd00::5", netmask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", count: 2),
        Case("fd00::5/128", last: "fd00::5", netmask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", count: 1),
    ]) func edges(_ row: Case) throws {
        let prefix = try IPPrefix(parsing: row.text)
        #expect(prefix.description == row.text)
        #expect(prefix.first == prefix.network)
        #expect(prefix.last.description == row.last)
        #expect(prefix.netmask.description == row.netmask)
        #expect(prefix.broadcast?.description == row.broadcast)
        #expect(prefix.range.count == row.count)
        #expect(prefix.contains(prefix.first) && prefix.contains(prefix.last) && prefix.contains(prefix))
        if let before = prefix.first.advanced(by: -1) { #expect(!prefix.contains(before)) }
        if let after = prefix.last.advanced(by: 1) { #expect(!prefix.contains(after)) }
        #expect(IPPrefix(containing: prefix.last, length: prefix.length) == prefix)
    }

    @Test(arguments: [
        ("10.1.2.3/24", "host bits are set, did you mean 10.1.2.0/24?"),
        ("fd00::1/64", "host bits are set, did you mean fd00::/64?"),
        ("10.1.2.0", "the prefix length is missing (such as /24)"),
        ("fd00::", "the prefix length is missing (such as /64)"),
        ("10.1.2.0/33", "the prefix length of an IPv4 network is at most 32"),
        ("fd00::/129", "the prefix length of an IPv6 network is at most 128"),
        ("10.1.2.0/99999999999999999999", "the prefix length of an IPv4 network is at most 32"),
        ("10.1.2.0/", "the prefix length after the slash is not a number"),
        ("10.1.2.0/-1", "the prefix length after the slash is not a number"),
        ("10.1.2.0/+8", "the prefix length after the slash is not a number"),
        ("10.1.2.0/024", "the prefix length has a leading zero"),
        ("10.1.2.0/255.255.255.0", "the prefix length after the slash is not a number"),
        ("10.1.2/24", "it has fewer than four numbers"), ("/24", "it is empty"),
        ("10.1.2.0/24/24", "the prefix length after the slash is not a number"),
    ]) func othersAreRefusedWithAReason(text: String, reason: String) {
        #expect(IPPrefix(text) == nil)
        #expect(throws: AddressError(expected: "a network prefix", text: text, reason: reason)) {
            try IPPrefix(parsing: text)
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.0.0/16", true, true), ("10.1.0.0/16", "10.0.0.0/8", false, true),
        ("10.0.0.0/9", "10.128.0.0/9", false, false), ("0.0.0.0/0", "::/0", false, false),
        ("0.0.0.0/0", "1.2.3.4/32", true, true),
        ("::/0", "fd00::/8", true, true), ("fd00::/127", "fd00::2/127", false, false),
    ]) func inclusion(outer: String, inner: String, contains: Bool, overlaps: Bool) throws {
        let (outer, inner) = (try IPPrefix(parsing: outer), try IPPrefix(parsing: inner))
        #expect(outer.contains(inner) == contains)
        #expect(outer.overlaps(inner) == overlaps)
        #expect(inner.overlaps(outer) == overlaps)
    }

    @Test func sortNetworksBeforeWhatIsInThem() {
        let sorted = ["10.1.0.0/16", "::/0", "10.0.0.0/8", "10.0.0.0/9", "9.0.0.0/8"].compactMap { IPPrefix($0) }
            .sorted()
        #expect(sorted.map(\.description) == ["9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9", "10.1.0.0/16", "::/0"])
    }

    @Test func interfaceAddressesKeepTheirHostBits() throws {
        let address = try InterfaceAddress(parsing: "10.1.2.3/24")
        #expect(address.description == "10.1.2.3/24")
        #expect(address.prefix.description == "10.1.2.0/24")
        #expect(InterfaceAddress("fd00::1/128")?.prefix == IPPrefix("fd00::1/128"))
        #expect(InterfaceAddress(address: .v4(.loopback), prefixLength: 33) == nil)
        #expect(InterfaceAddress(host: .v6(.loopback)).description == "::1/128")
        #expect(
            throws: AddressError(
                expected: "an address with a prefix length", text: "10.1.2.3",
                reason: "the prefix length is missing (such as /24)")
        ) {
            try InterfaceAddress(parsing: "10.1.2.3")
        }
    }
}
