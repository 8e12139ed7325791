import CNI
import Foundation
import JSONTree
import SystemCalls
import Testing

@testable import CNIPlugins

/// Calls an address manager as a runtime does, in process, with a data directory of its own.
final class AddressManagerCall {
    let directory = NSTemporaryDirectory() + "pt-address-\(UUID().uuidString)"
    let plugin: any Plugin.Type

    init(_ plugin: any Plugin.Type) { self.plugin = plugin }
    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// - Parameters:
    ///   - ipam: the members of the `ipam` object.
    ///   - more: further members of the configuration.
    func run(
        _ command: String, _ ipam: String, more: String = "", container: String = "one", arguments: String? = nil,
        version: String = "1.1.0"
    ) -> PluginRunner.Outcome {
        var environment = CNIEnvironment()
        environment.command = command
        environment.containerID = container
        environment.networkNamespace = "/run/netns/nowhere"
        environment.interfaceName = "eth0"
        environment.arguments = arguments
        environment.path = "/opt/cni/bin"
        var host = HostPaths()
        host.addressReservations = directory
        let text = """
            {"cniVersion": "\(version)", "name": "net", "type": "bridge", \(more)
              "ipam": {"type": "\(plugin.name)"\(ipam.isEmpty ? "" : ", ")\(ipam)}}
            """
        return PluginRunner.run(plugin, environment: environment, host: host) { () throws(SystemCallError) in
            Array(text.utf8)
        }
    }

    func result(
        _ ipam: String, more: String = "", container: String = "one", arguments: String? = nil,
        version: String = "1.1.0"
    ) throws -> JSONValue {
        let outcome = run("ADD", ipam, more: more, container: container, arguments: arguments, version: version)
        try #require(outcome.exitCode == 0, "\(outcome.outputText)")
        return JSONValue(try JSONTree(parsing: outcome.output).root)
    }

    /// The error that is answered.
    func failure(
        _ command: String, _ ipam: String, more: String = "", container: String = "one", arguments: String? = nil,
        version: String = "1.1.0"
    ) throws -> CNIError {
        let outcome = run(
            command, ipam, more: more, container: container, arguments: arguments, version: version)
        try #require(outcome.exitCode != 0, "\(outcome.outputText)")
        return try #require(CNIError(decoding: try JSONTree(parsing: outcome.output).root))
    }

    var reservations: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory + "/net")) ?? [])
            .filter { $0 != "lock" && !$0.hasPrefix("last_") }.sorted()
    }
}

private func json(_ text: String) throws -> JSONValue { JSONValue(try JSONTree(parsing: text).root) }

@Suite("host-local") struct HostLocalTests {
    let call = AddressManagerCall(HostLocal.self)

    @Test("Ranges of the runtime come first, then the flat keys, then the list") func order() throws {
        let result = try call.result(
            #""subnet": "10.2.0.0/24", "rangeStart": "10.2.0.9", "ranges": [[{"subnet": "fd00::/64"}]]"#,
            more: #""runtimeConfig": {"ipRanges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.254"}]]},"#)
        #expect(
            try result
                == json(
                    """
                    {"cniVersion": "1.1.0", "ips": [
                      {"address": "10.1.0.1/24", "gateway": "10.1.0.254"},
                      {"address": "10.2.0.9/24", "gateway": "10.2.0.1"},
                      {"address": "fd00::2/64", "gateway": "fd00::1"}]}
                    """))
    }

    @Test("Routes with every key and the resolver's file go into the result") func routesAndNames() throws {
        try FileManager.default.createDirectory(atPath: call.directory, withIntermediateDirectories: true)
        let file = call.directory + "/resolv.conf"
        try Data("# c\nnameserver 9.9.9.9\nsearch a b\ndomain d\noptions ndots:2 rotate\nsearch c\n".utf8)
            .write(to: URL(fileURLWithPath: file))
        let result = try call.result(
            """
            "subnet": "10.1.0.0/24", "resolvConf": "\(file)", "routes": [{"dst": "0.0.0.0/0"},
              {"dst": "10.0.0.0/8", "gw": "10.1.0.7", "mtu": 1400, "advmss": 1300, "priority": 5, "table": 7,
               "scope": 0}]
            """)
        let root = try JSONTree(parsing: result.serialized()).root
        #expect(root["dns"]?["nameservers"]?.elements.map(\.string) == ["9.9.9.9"])
        #expect(root["dns"]?["search"]?.elements.map(\.string) == ["a", "b", "c"])
        #expect(root["dns"]?["domain"]?.string == "d")
        #expect(root["dns"]?["options"]?.elements.map(\.string) == ["ndots:2", "rotate"])
        let route = try #require(root["routes"]?.elements.map { $0 }.last)
        #expect(["mtu", "advmss", "priority", "table", "scope"].map { route[$0]?.int } == [1400, 1300, 5, 7, 0])
    }

    @Test(
        "Addresses that are asked for, by every way",
        arguments: [
            ("", "IP=10.1.0.77"), ("", "IP=10.1.0.77/24;IgnoreUnknown=1;K8S_POD_NAME=p"),
            (#""args": {"cni": {"ips": ["10.1.0.77"]}},"#, nil),
            (#""runtimeConfig": {"ips": ["10.1.0.77/16"]},"#, nil),
            (#""RuntimeConfig": {"IPs": ["10.1.0.77"]},"#, "IP=10.1.0.77"),
        ])
    func requests(_ more: String, _ arguments: String?) throws {
        let result = try call.result(#""subnet": "10.1.0.0/24""#, more: more, arguments: arguments)
        let root = try JSONTree(parsing: result.serialized()).root
        #expect(root["ips"]?.elements.map { $0["address"]?.string } == ["10.1.0.77/24"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let ipam: String
        var more = ""
        var arguments: String?
        var version = "1.0.0"
        var code = CNIError.Code.invalidConfiguration
        let message: String
        var detail = ""
        var testDescription: String { message }
    }

    @Test(
        "What is wrong is told by path and leaves nothing",
        arguments: [
            Refusal(ipam: "", message: "ipam.ranges: no ranges are given"),
            Refusal(
                ipam: #""subnet": "10.1.0.5/24""#, message: "ipam.subnet: \"10.1.0.5/24\" is not a network prefix",
                detail: "^"),
            Refusal(ipam: #""subnet": "10.1.0.5/24""#, message: "did you mean 10.1.0.0/24?"),
            Refusal(ipam: #""subnet": 7"#, message: "ipam.subnet: must be a string, not a number"),
            Refusal(ipam: #""ranges": [{"subnet": "10.1.0.0/24"}]"#, message: "ipam.ranges[0]: must be an array"),
            Refusal(ipam: #""ranges": [[]]"#, message: "ipam.ranges[0]: the range set is empty"),
            Refusal(ipam: #""ranges": [[{"gateway": "10.1.0.1"}]]"#, message: "ipam.ranges[0][0].subnet: is required"),
            Refusal(
                ipam: #""ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "fd00::/64"}]]"#,
                message: "ipam.ranges[0][1].subnet: one range set supplies one address"),
            Refusal(
                ipam: #""ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.1.0.0/16"}]]"#,
                message: "ipam.ranges[1][0].subnet: the range 10.1.0.1-10.1.0.254 of 10.1.0.0/24 of set 0 and"),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24", "gateway": "10.1.0.255""#,
                message: "ipam.gateway: 10.1.0.255 cannot be a gateway of 10.1.0.0/24: it is the broadcast address"),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24", "rangeEnd": "10.2.0.9""#,
                message: "ipam.rangeEnd: 10.2.0.9 is not in the network 10.1.0.0/24"),
            Refusal(
                ipam: #""ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]]"#, version: "0.2.0",
                message: "a result of CNI version 0.2.0 holds one IPv4 address"),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24""#, more: #""runtimeConfig": {"ips": ["10.1.0.1"]},"#,
                message: "runtimeConfig.ips[0]: the requested address 10.1.0.1 is never handed out: it is the gateway"),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24""#, arguments: "IP=10.2.0.1", code: .invalidEnvironment,
                message: "CNI_ARGS: IP: the requested 10.2.0.1 is in no range"),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24""#, arguments: "IP=10.1.0.x", code: .invalidEnvironment,
                message: "CNI_ARGS: IP: \"10.1.0.x\""),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24", "resolvConf": "/nowhere/resolv.conf""#,
                message: "ipam.resolvConf: there is no file /nowhere/resolv.conf"),
            Refusal(
                ipam: #""subnet": "10.1.0.0/24", "dataDir": "/proc/nowhere""#, code: .inputOutput,
                message: "the address reservations: mkdir /proc/nowhere"),
            Refusal(ipam: #""subnet": "10.1.0.0/24", "routes": [{"gw": "10.1.0.1"}]"#, message: "ipam.routes[0].dst"),
        ])
    func refusals(_ refusal: Refusal) throws {
        let error = try call.failure(
            "ADD", refusal.ipam, more: refusal.more, arguments: refusal.arguments, version: refusal.version)
        #expect(error.code == refusal.code)
        #expect(error.message.contains(refusal.message), "\(error)")
        #expect(refusal.detail.isEmpty || error.details.contains(refusal.detail), "\(error)")
        #expect(call.reservations.isEmpty)
    }

    @Test("Taken by another, taken by itself: who, and one code for both") func taken() throws {
        let subnet = #""subnet": "10.1.0.0/24""#
        _ = try call.result(subnet)
        let again = try call.failure("ADD", subnet)
        #expect(again.code == .alreadyTaken)
        let other = try call.failure("ADD", subnet, container: "two", arguments: "IP=10.1.0.2")
        #expect(other.code == .alreadyTaken)
        #expect(other.message == "the requested address 10.1.0.2 is taken by one eth0")
        #expect(call.reservations == ["10.1.0.2"])
    }

    @Test("Defect 9: an exhausted pool has its own code, and STATUS does not say that all is well")
    func exhaustion() throws {
        let subnet = #""subnet": "10.1.0.0/30""#
        #expect(call.run("STATUS", subnet).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: call.directory))
        _ = try call.result(subnet)
        let error = try call.failure("ADD", subnet, container: "two")
        #expect(error.code == .addressesExhausted)
        #expect(error.message.hasPrefix("no address is left in 10.1.0.1-10.1.0.2 of 10.1.0.0/30: 1 of 1"))
        #expect(error.details.contains("one eth0"))
        let status = try call.failure("STATUS", subnet, container: "")
        #expect(status.code == .notAvailable)
        #expect(status.details == error.details || status.details.contains("one eth0"))
        #expect(call.run("DEL", subnet).exitCode == 0)
        #expect(call.run("STATUS", subnet).exitCode == 0)
        #expect(call.reservations.isEmpty)
    }

    @Test("DEL releases though the ranges are wrong by now, any number of times, without anything there")
    func delete() throws {
        #expect(call.run("DEL", #""subnet": "10.1.0.0/24""#).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: call.directory))
        _ = try call.result(#""subnet": "10.1.0.0/24""#)
        #expect(call.run("DEL", #""subnet": "nonsense""#, arguments: "BAD").exitCode == 0)
        #expect(call.run("DEL", "").exitCode == 0)
        #expect(call.reservations.isEmpty)
    }

    @Test("CHECK compares the reservation with the result") func check() throws {
        let subnet = #""subnet": "10.1.0.0/24""#
        func previous(_ address: String) -> String { #""prevResult": {"ips": [{"address": "\#(address)"}]},"# }
        #expect(try call.failure("CHECK", subnet).code == .checkFailed)
        _ = try call.result(subnet)
        #expect(call.run("CHECK", subnet).exitCode == 0)
        #expect(call.run("CHECK", subnet, more: previous("10.1.0.2/24")).exitCode == 0)
        for address in ["10.1.0.3/24", "10.9.0.1/24"] {
            #expect(try call.failure("CHECK", subnet, more: previous(address)).code == .checkFailed)
        }
        #expect(try call.failure("CHECK", subnet, more: previous("10.1.0.2/24"), container: "two").code == .checkFailed)
    }

    @Test("Defect 10: GC gives back what is not listed; without a list nothing") func garbage() throws {
        let subnet = #""subnet": "10.1.0.0/24""#
        for container in ["one", "two", "three"] { _ = try call.result(subnet, container: container) }
        #expect(call.run("GC", subnet).exitCode == 0)
        #expect(call.reservations.count == 3)
        let list = #""cni.dev/valid-attachments": [{"containerID": "two", "ifname": "eth0"}],"#
        #expect(call.run("GC", subnet, more: list).exitCode == 0)
        #expect(call.reservations == ["10.1.0.3"])
        #expect(call.run("GC", subnet, more: #""cni.dev/valid-attachments": [],"#).exitCode == 0)
        #expect(call.reservations.isEmpty)
    }
}

@Suite("static") struct StaticTests {
    let call = AddressManagerCall(Static.self)
    let address = #""addresses": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}]"#

    private func addresses(_ result: JSONValue) throws -> [String?] {
        let root = try JSONTree(parsing: result.serialized()).root
        return root["ips"]?.elements.map { ip in
            [ip["address"]?.string, ip["gateway"]?.string].compactMap { $0 }.joined(separator: " ")
        } ?? []
    }

    @Test("Addresses, routes and name servers of the configuration") func configured() throws {
        let result = try call.result(
            address + #", "routes": [{"dst": "0.0.0.0/0"}], "dns": {"nameservers": ["9.9.9.9"]}"#)
        #expect(
            try result
                == json(
                    """
                    {"cniVersion": "1.1.0",
                     "ips": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}], "routes": [{"dst": "0.0.0.0/0"}],
                     "dns": {"nameservers": ["9.9.9.9"]}}
                    """))
    }

    @Test("What the runtime brings is added or takes the place, by its way") func runtime() throws {
        #expect(
            try addresses(
                call.result(
                    address, arguments: "IP=10.2.0.5/24, fd00::5/64;GATEWAY=10.2.0.1,fd00::1;IgnoreUnknown=true;X=y"))
                == ["10.1.0.5/24 10.1.0.1", "10.2.0.5/24 10.2.0.1", "fd00::5/64 fd00::1"])
        let convention = #""args": {"cni": {"ips": ["10.3.0.5/24"]}},"#
        #expect(try addresses(call.result(address, more: convention)) == ["10.3.0.5/24"])
        let both = convention + #""runtimeConfig": {"ips": ["10.4.0.5/24", "fd00::4/64"]},"#
        #expect(try addresses(call.result(address, more: both)) == ["10.4.0.5/24", "fd00::4/64"])
        #expect(try addresses(call.result("", more: both)) == ["10.4.0.5/24", "fd00::4/64"])
    }

    @Test(
        "What is wrong is told by path",
        arguments: [
            ("", "", "", "ipam.addresses: no address is given", 7),
            (#""addresses": [{"address": "10.1.0.5"}]"#, "", "", "ipam.addresses[0].address:", 7),
            (#""addresses": [{"gateway": "10.1.0.1"}]"#, "", "", "ipam.addresses[0].address: is required", 7),
            (
                #""addresses": [{"address": "10.1.0.5/24", "gateway": "fd00::1"}]"#, "", "",
                "ipam.addresses[0].gateway: fd00::1 is IPv6", 7
            ),
            ("", #""runtimeConfig": {"ips": ["10.1.0.5"]},"#, "", "runtimeConfig.ips[0]: the length of the prefix", 7),
            ("", "", "IP=10.1.0.5", "CNI_ARGS: IP:", 4),
            ("", "", "IP=10.1.0.5/24;GATEWAY=10.1.0", "CNI_ARGS: GATEWAY:", 4),
            ("", "", "IP=10.1.0.5/24;WHAT=now", "CNI_ARGS: unknown args", 4),
        ])
    func refusals(_ ipam: String, _ more: String, _ arguments: String, _ message: String, _ code: Int) throws {
        let error = try call.failure("ADD", ipam, more: more, arguments: arguments)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.code.rawValue == code)
    }

    @Test("Before 0.3.0 there is room for one address of each family") func oldVersion() throws {
        let two = #""addresses": [{"address": "10.1.0.5/24"}, {"address": "10.1.0.6/24"}]"#
        #expect(try call.failure("ADD", two, version: "0.2.0").code == .invalidConfiguration)
        let dual = #""addresses": [{"address": "10.1.0.5/24"}, {"address": "fd00::6/64"}]"#
        _ = try call.result(dual, version: "0.2.0")
    }

    @Test("CHECK compares address and gateway; DEL, GC and STATUS have nothing to do") func verbs() throws {
        func previous(_ gateway: String) -> String {
            #""prevResult": {"ips": [{"address": "10.1.0.5/24", "gateway": "\#(gateway)"}]},"#
        }
        #expect(call.run("CHECK", address, more: previous("10.1.0.1")).exitCode == 0)
        #expect(try call.failure("CHECK", address, more: previous("10.1.0.2")).code == .checkFailed)
        #expect(try call.failure("CHECK", address, more: #""prevResult": {"ips": []},"#).code == .checkFailed)
        #expect(try call.failure("CHECK", address).code == .unusablePreviousResult)
        for verb in ["DEL", "STATUS", "GC"] { #expect(call.run(verb, "").exitCode == 0) }
        #expect(try call.failure("STATUS", #""addresses": [{"address": "x"}]"#).code == .invalidConfiguration)
    }
}
