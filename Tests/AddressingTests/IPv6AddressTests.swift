import Addressing
import Testing

@Suite struct IPv6AddressTests {
    /// Text as given, and as RFC 5952 writes it; the section is the one that decides.
    @Test(arguments: [
        ("2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"),  // 4.1, 4.2.1
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8::0:1", "2001:db8::1"),  // 4.2.1: as short as possible
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  // 4.2.2: not for one group
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  // 4.2.3: the longest run
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  // 4.2.3: the first of equals
        ("2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:ABCD", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:abcd"),  // 4.3
        ("::FFFF:192.0.2.1", "::ffff:192.0.2.1"),  // 5
        ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:0:1", "::1"), ("1:0:0:0:0:0:0:0", "1::"), ("::", "::"), ("1::", "1::"),
        ("::1.2.3.4", "::102:304"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("0:0:1::", "0:0:1::"),
        ("fe80::", "fe80::"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ]) func isWrittenCanonically(text: String, canonical: String) throws {
        let address = try IPv6Address(parsing: text)
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
        #expect(IPv6Address(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        ("", "it is empty"), (":", "it begins with a single colon"), (":1::", "it begins with a single colon"),
        (":::", "it has three colons in a row"), ("1:::2", "it has three colons in a row"),
        ("1::2::3", "it has more than one ::"),
        ("1:2:3:4:5:6:7", "it has fewer than eight groups and no ::"),
        ("1:2:3:4:5:6:7:8:9", "it has more than eight groups"),
        ("1:2:3:4:5:6:7:8::", "it has :: although all eight groups are there"),
        ("1:2:3:4::5:6:7:8", "it has :: although all eight groups are there"),
        ("::1:2:3:4:5:6:7:8", "it has :: although all eight groups are there"),
        ("12345::", "a group in it has more than four digits"),
        ("g::", "only hexadecimal digits and colons belong in it"),
        ("1:", "it ends with a single colon"), ("1:2:3:4:5:6:7:", "it ends with a single colon"),
        ("fe80::1%eth0", "it has a zone (%), which belongs to one machine only"),
        ("fe80::1/64", "it has a prefix length, but a single address belongs here"),
        ("::1.2.3", "the IPv4 address at its end is malformed"),
        ("::1.2.3.4:1", "the IPv4 address at its end is malformed"),
        ("::ff.2.3.4", "the IPv4 address at its end is malformed"),
        ("1:2:3:4:5:6:7:1.2.3.4", "there is no room for the IPv4 address at its end"),
        ("::1 ", "only hexadecimal digits and colons belong in it"),
        ("0000:0000:0000:0000:0000:0000:255.255.255.2555", "it is longer than any IPv6 address"),
    ]) func othersAreRefusedWithAReason(text: String, reason: String) {
        #expect(IPv6Address(text) == nil)
        #expect(throws: AddressError(expected: "an IPv6 address", text: text, reason: reason)) {
            try IPv6Address(parsing: text)
        }
    }

    /// 2000 addresses with many zeros: writing and reading again changes nothing.
    @Test func writingAndReadingAreInverse() {
        var generator = SeededGenerator(state: 5952)
        for _ in 0..<2000 {
            var number: UInt128 = 0
            for _ in 0..<8 {
                let group =
                    Bool.random(using: &generator) ? 0 : UInt128(generator.next() & 0xFFFF >> (generator.next() & 15))
                number = number << 16 | group
            }
            let address = IPv6Address(number: number)
            let text = address.description
            #expect(IPv6Address(text) == address, "\(text)")
            #expect(text.utf8.count <= 39)
        }
    }

    @Test func kinds() throws {
        #expect(IPv6Address.loopback.isLoopback && IPv6Address.unspecified.isUnspecified)
        #expect(IPv6Address("fe80::1")?.isLinkLocal == true && IPv6Address("febf::1")?.isLinkLocal == true)
        #expect(IPv6Address("fec0::1")?.isLinkLocal == false)
        #expect(IPv6Address("ff02::1")?.isMulticast == true && IPv6Address("fe02::1")?.isMulticast == false)
        #expect(IPv6Address("fd00::1")?.isUniqueLocal == true && IPv6Address("fe00::1")?.isUniqueLocal == false)
        #expect(IPv6Address("::ffff:10.0.0.1")?.ipv4Mapped == IPv4Address(10, 0, 0, 1))
        #expect(IPv6Address("::10.0.0.1")?.isIPv4Mapped == false)
        #expect(IPAddress("::ffff:10.0.0.1")?.unmapped == IPAddress("10.0.0.1"))
        #expect(IPv6Address(bytes: [UInt8](repeating: 0, count: 15)) == nil)
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
