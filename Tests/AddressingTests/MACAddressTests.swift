import Addressing
import Testing

@Suite struct MACAddressTests {
    @Test(arguments: ["02:00:0a:01:02:0f", "02-00-0A-01-02-0F", "0200.0a01.020f"]) func formsOfGo(text: String) throws {
        let address = try MACAddress(parsing: text)
        #expect(address.description == "02:00:0a:01:02:0f")
        #expect(address.bytes == [0x02, 0, 0x0A, 0x01, 0x02, 0x0F])
        #expect(MACAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("02:00:0a:01:02", "six pairs of hexadecimal digits with colons between them are expected"),
        ("02:00:0a:01:02:0f:01", "six pairs of hexadecimal digits with colons between them are expected"),
        ("02:00-0a:01:02:0f", "its separators differ or are in the wrong places"),
        ("02:00:0a:01:02:0g", "only hexadecimal digits belong in it"),
        ("02 00:0a:01:02:0f", "six pairs of hexadecimal digits with colons between them are expected"),
        ("0200.0a01:020f", "its separators differ or are in the wrong places"),
        ("02:00:0a:01:02::f", "only hexadecimal digits belong in it"),
    ]) func othersAreRefusedWithAReason(text: String, reason: String) {
        #expect(MACAddress(text) == nil)
        #expect(throws: AddressError(expected: "a MAC address", text: text, reason: reason)) {
            try MACAddress(parsing: text)
        }
    }

    @Test func bitsOfTheFirstByte() {
        #expect(MACAddress("02:00:00:00:00:01")?.isLocal == true)
        #expect(MACAddress("00:00:00:00:00:01")?.isLocal == false)
        #expect(MACAddress("01:00:5e:00:00:01")?.isMulticast == true)
        #expect(MACAddress.broadcast.isMulticast)
        #expect(MACAddress(rawValue: 0).isZero)
        #expect(MACAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test(arguments: [0, .max, 0x0123_4567_89AB_CDEF] as [UInt64]) func generatedOnesAreLocalAndUnicast(entropy: UInt64)
    {
        let address = MACAddress.locallyAdministered(entropy: entropy)
        #expect(address.isLocal && !address.isMulticast)
    }
}
