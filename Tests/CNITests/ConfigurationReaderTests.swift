import Addressing
import JSONTree
import Testing

@testable import CNI

@Suite struct ConfigurationReaderTests {
    static let source = """
        {
          "bridge": "cni0", "isGateway": true, "mtu": 1500, "big": 18446744073709551615, "fraction": 1.5,
          "exponent": 1e3, "none": null, "list": ["a", "b"], "mixed": ["a", 1],
          "ipam": {"subnet": "10.1.2.3/24", "gateway": "", "addresses": [{"address": "10.1.2.3/24"}, 7]},
          "mac": "02:00:00:00:00:01", "policy": "isolated"
        }
        """

    private func reader() throws -> ConfigurationReader {
        try ConfigurationReader(JSONTree(parsing: Self.source).root)
    }

    @Test func whatIsThere() throws {
        let reader = try reader()
        #expect(try reader.string("BRIDGE") == "cni0")
        #expect(try reader.bool("isgateway", default: false))
        #expect(try reader.integer("mtu", default: 0, in: 0...65535) == 1500)
        #expect(try reader.unsigned("big") == .max)
        #expect(try reader.strings("list") == ["a", "b"])
        #expect(try reader.mac("mac")?.isLocal == true)
        #expect(try reader.object("ipam")?.interfaceAddress("subnet")?.prefixLength == 24)
    }

    @Test func whatIsNotThere() throws {
        let reader = try reader()
        for key in ["none", "nothing"] {
            #expect(try reader.string(key) == nil)
            #expect(try reader.string(key, default: "d") == "d")
            #expect(try reader.bool(key, default: true))
            #expect(try reader.integer(key) == nil)
            #expect(try reader.object(key) == nil)
            #expect(try reader.array(key).isEmpty)
        }
        #expect(try reader.object("ipam")?.address("gateway") == nil)
    }

    enum Policy: String, CaseIterable { case open, closed }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let message: String
        let place: String
        let read: @Sendable (ConfigurationReader) throws -> Void
        var testDescription: String { message }
    }

    @Test(arguments: [
        Wrong(message: "bridge: must be true or false, not a string", place: "line 2, column 13") {
            _ = try $0.bool("bridge")
        },
        Wrong(message: "bridge: must be a whole number, not a string", place: "line 2, column 13") {
            _ = try $0.integer("bridge")
        },
        Wrong(message: "bridge: must be an object, not a string", place: "line 2, column 13") {
            _ = try $0.object("bridge")
        },
        Wrong(message: "bridge: must be an array, not a string", place: "line 2, column 13") {
            _ = try $0.strings("bridge")
        },
        Wrong(message: "mtu: must be a string, not a number", place: "line 2, column 47") { _ = try $0.string("mtu") },
        Wrong(message: "mtu: must be from 0 to 100, not 1500", place: "line 2, column 47") {
            _ = try $0.integer("mtu", in: 0...100)
        },
        Wrong(message: "mtu: must be 2000 or more, not 1500", place: "line 2") {
            _ = try $0.integer("mtu", in: 2000...Int.max)
        },
        Wrong(message: "big: must be a whole number that fits 64 bits, not 18446744073709551615", place: "line 2") {
            _ = try $0.integer("big")
        },
        Wrong(message: "fraction: must be a whole number that fits 64 bits, not 1.5", place: "line 2") {
            _ = try $0.integer("fraction")
        },
        Wrong(message: "exponent: must be a whole number that fits 64 bits, not 1e3", place: "line 3") {
            _ = try $0.integer("exponent")
        },
        Wrong(message: "mixed[1]: must be a string, not a number", place: "line 3") { _ = try $0.strings("mixed") },
        Wrong(message: "ipam.addresses[1]: must be an object, not a number", place: "line 4") {
            _ = try $0.object("ipam")?.objects("addresses")
        },
        Wrong(message: "ipam.nothing: is required", place: "line 4, column 11") {
            if let ipam = try $0.object("ipam") { throw ipam.missing("nothing") }
        },
        Wrong(message: #"policy: must be one of "open", "closed", not "isolated""#, place: "line 5") {
            _ = try $0.choice("policy", as: Policy.self)
        },
    ]) func wrongTypes(_ wrong: Wrong) throws {
        let reader = try reader()
        let error = #expect(throws: CNIError.self) { try wrong.read(reader) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message == wrong.message)
        #expect(error?.details.hasPrefix(wrong.place) == true, "\(error?.details ?? "")")
        #expect(error?.details.contains("^") == true)
    }

    @Test func hostBitsSayWhatWasMeant() throws {
        let ipam = try #require(try reader().object("ipam"))
        let error = #expect(throws: CNIError.self) { try ipam.prefix("subnet") }
        #expect(error?.message.hasPrefix("ipam.subnet: ") == true)
        #expect(error?.message.contains("10.1.2.0/24") == true, "\(error?.message ?? "")")
    }
}
