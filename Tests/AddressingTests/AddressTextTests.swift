import Addressing
import Testing

@Suite struct AddressTextTests {
    @Test(arguments: ["0.0.0.0", "10.1.2.3", "255.255.255.255", "192.168.0.1"]) func ipv4(text: String) {
        #expect(IPv4Address(text)?.description == text)
    }

    @Test(arguments: ["::", "::1", "fe80::1", "2001:db8::1:0:0:1", "::ffff:10.0.0.1"]) func ipv6(text: String) {
        #expect(IPv6Address(text)?.description == text)
    }

    @Test func errorsSayWhatWasMeant() {
        #expect(throws: AddressError.self) { try IPPrefix(parsing: "10.1.2.3/24") }
        do { _ = try IPPrefix(parsing: "10.1.2.3/24") } catch {
            #expect(
                error.description
                    == "\"10.1.2.3/24\" is not a network prefix: host bits are set, did you mean 10.1.2.0/24?")
        }
    }
}
