import Addressing
import Testing

@Suite struct IPv4AddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("10.1.2.3", 0x0A01_0203), ("127.0.0.1", 0x7F00_0001), ("192.168.100.200", 0xC0A8_64C8),
            ("255.255.255.255", 0xFFFF_FFFF),
        ] as [(String, UInt32)]) func isReadAndWritten(text: String, number: UInt32) throws
    {
        let address = try IPv4Address(parsing: text)
        #expect(address.rawValue == number)
        #expect(address.description == text)
        #expect(IPv4Address(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        ("", "it is empty"), ("1.2.3", "it has fewer than four numbers"),
        ("1.2.3.4.5", "it has more than four numbers"),
        ("1.2.3.256", "a number in it is larger than 255"), ("1.2.3.04", "a number in it has a leading zero"),
        ("1.2.3.", "a number is missing after the last dot"), (".1.2.3", "a number is missing before a dot"),
        ("1..2.3", "a number is missing before a dot"), ("1.2.3.4 ", "only digits and dots belong in it"),
        ("0x1.2.3.4", "only digits and dots belong in it"), ("1.2.3.-4", "only digits and dots belong in it"),
        ("1.2.3.4/24", "it has a prefix length, but a single address belongs here"),
        ("١.2.3.4", "only digits and dots belong in it"),
        ("99999999999999999999.1.1.1", "a number in it is larger than 255"),
    ]) func othersAreRefusedWithAReason(text: String, reason: String) {
        #expect(IPv4Address(text) == nil)
        #expect(throws: AddressError(expected: "an IPv4 address", text: text, reason: reason)) {
            try IPv4Address(parsing: text)
        }
    }

    @Test(arguments: [[], [1], [1, 2, 3], [1, 2, 3, 4, 5]] as [[UInt8]]) func onlyFourBytesAreAnAddress(bytes: [UInt8])
    {
        #expect(IPv4Address(bytes: bytes) == nil)
    }

    @Test func kinds() {
        #expect(IPv4Address(127, 255, 0, 1).isLoopback)
        #expect(!IPv4Address(128, 0, 0, 1).isLoopback)
        #expect(IPv4Address(169, 254, 1, 1).isLinkLocal)
        #expect(!IPv4Address(169, 253, 1, 1).isLinkLocal)
        #expect(IPv4Address(224, 0, 0, 1).isMulticast)
        #expect(IPv4Address(239, 255, 255, 255).isMulticast)
        #expect(!IPv4Address(240, 0, 0, 0).isMulticast)
        #expect(IPv4Address.unspecified.isUnspecified)
        #expect(IPv4Address(10, 0, 0, 2) < IPv4Address(10, 0, 0, 10))
    }
}
