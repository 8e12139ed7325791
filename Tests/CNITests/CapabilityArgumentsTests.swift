import Addressing
import JSONTree
import Testing

@testable import CNI

@Suite struct CapabilityArgumentsTests {
    private func arguments(_ source: String) throws -> CapabilityArguments {
        CapabilityArguments(try ConfigurationReader(JSONTree(parsing: source).root))
    }

    @Test func nothing() throws {
        let none = CapabilityArguments(nil)
        #expect(try none.portMappings().isEmpty)
        #expect(try none.bandwidth() == nil)
        #expect(try none.ips().isEmpty)
        #expect(try none.mac() == nil)
        #expect(try none.ipRanges() == nil)
        #expect(try none.dns() == nil)
    }

    @Test func portMappings() throws {
        let mappings = try arguments(
            """
            {"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"TCP"},
            {"hostPort":53,"containerPort":53,"protocol":"udp","hostIP":"::1"},
            {"hostPort":9,"containerPort":9,"protocol":"sctp","hostIP":""}]}
            """
        ).portMappings()
        #expect(
            mappings.map(\.description) == ["8080/tcp -> 80", "[::1]:53/udp -> 53", "9/sctp -> 9"])
        #expect(mappings.map(\.transport.number) == [6, 17, 132])
    }

    @Test(arguments: [
        (#"{"hostPort":0,"containerPort":80}"#, "portMappings[0].hostPort: must be from 1 to 65535, not 0"),
        (
            #"{"hostPort":80,"containerPort":65536}"#,
            "portMappings[0].containerPort: must be from 1 to 65535, not 65536"
        ),
        (#"{"containerPort":80}"#, "portMappings[0].hostPort: is required"),
        (#"{"hostPort":80}"#, "portMappings[0].containerPort: is required"),
        (
            #"{"hostPort":80,"containerPort":80,"protocol":"icmp"}"#,
            #"portMappings[0].protocol: must be tcp, udp or sctp, not "icmp""#
        ),
        (
            #"{"hostPort":80,"containerPort":"80"}"#,
            "portMappings[0].containerPort: must be a whole number, not a string"
        ),
    ]) func badMappings(_ entry: String, _ message: String) throws {
        let arguments = try arguments("{\"portMappings\":[\(entry)]}")
        let error = #expect(throws: CNIError.self) { try arguments.portMappings() }
        #expect(error?.message == message)
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func bandwidth() throws {
        let limits = try arguments(#"{"bandwidth":{"ingressRate":1000000,"ingressBurst":4294967295,"egressRate":5}}"#)
            .bandwidth()
        #expect(limits == BandwidthLimits(ingressRate: 1_000_000, ingressBurst: 4_294_967_295, egressRate: 5))
    }

    @Test func addresses() throws {
        let ips = try arguments(#"{"ips":["10.0.0.1/8","fd00::1"]}"#).ips()
        #expect(ips.map(\.prefixLength) == [8, nil])
        #expect(ips.map(\.interfaceAddress.description) == ["10.0.0.1/8", "fd00::1/128"])
        #expect(ips.allSatisfy { $0.node != nil })
        let bad = try arguments(#"{"ips":["10.0.0.1/8","nonsense"]}"#)
        let error = #expect(throws: CNIError.self) { try bad.ips() }
        #expect(error?.message.hasPrefix("ips[1]: ") == true)
    }

    @Test func onlyWhatIsAskedForIsRead() throws {
        let arguments = try arguments(
            #"{"portMappings":7,"mac":"02:00:00:00:00:01","dns":{"servers":["1.1.1.1"],"searches":["a"]}}"#)
        #expect(try arguments.mac()?.description == "02:00:00:00:00:01")
        #expect(try arguments.dns()?.nameservers == ["1.1.1.1"])
        #expect(throws: CNIError.self) { try arguments.portMappings() }
    }
}
