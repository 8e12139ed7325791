import Addressing
import CNI
import Foundation
import JSONTree
import LinuxHost
import Netlink
import SystemCalls
import Testing

@testable import CNIPlugins

/// Settings read from a configuration, with `eth0.5` as the interface: a name with a dot in it.
private func settings(_ members: String, arguments: String = "") throws(CNIError) -> TuningSettings {
    let text = #"{"cniVersion":"1.1.0","name":"net","type":"tuning"\#(members.isEmpty ? "" : "," + members)}"#
    let configuration = try PluginConfiguration(
        parsing: Array(text.utf8), for: .add, supporting: CNIVersion.allCases)
    let request = CNIRequest(
        .add, containerID: "c1", networkNamespace: "/nothing", interfaceName: "eth0.5", arguments: arguments)
    return try TuningSettings(configuration, request)
}

@Suite struct TuningSettingsTests {
    @Test func nothingChangesNothing() throws {
        let none = try settings("")
        #expect(!none.changesLink)
        #expect(none.sysctls.isEmpty)
        #expect(try !settings(#""mtu":0,"promisc":false,"mac":"","sysctl":null"#).changesLink)
    }

    @Test func everyKeyIsRead() throws {
        let all = try settings(
            #""mac":"02:00:00:00:00:01","mtu":1400,"promisc":true,"allmulti":false,"txQLen":7,"sysctl":{"net.core.somaxconn":"500"}"#
        )
        #expect(all.mac?.value == MACAddress("02:00:00:00:00:01"))
        #expect(all.mtu?.value == 1400)
        #expect(all.isPromiscuous)
        #expect(all.isAllMulticast == false)
        #expect(all.transmitQueueLength == 7)
        #expect(all.sysctls.map(\.name.path) == ["/proc/sys/net/core/somaxconn"])
    }

    /// configuration < CNI_ARGS < runtimeConfig < args.cni
    @Test(arguments: [
        (#""mac":"02:00:00:00:00:01""#, "", "02:00:00:00:00:01"),
        (#""mac":"02:00:00:00:00:01""#, "MAC=02:00:00:00:00:02", "02:00:00:00:00:02"),
        (
            #""mac":"02:00:00:00:00:01","runtimeConfig":{"mac":"02:00:00:00:00:03"}"#, "MAC=02:00:00:00:00:02",
            "02:00:00:00:00:03"
        ),
        (
            #""runtimeConfig":{"mac":"02:00:00:00:00:03"},"args":{"cni":{"mac":"02:00:00:00:00:04"}}"#,
            "IgnoreUnknown=1;K8S_POD_NAME=x", "02:00:00:00:00:04"
        ),
    ])
    func theLaterPlaceWins(members: String, arguments: String, mac: String) throws {
        #expect(try settings(members, arguments: arguments).mac?.value == MACAddress(mac))
    }

    @Test func conventionArgumentsOverrideEveryKey() throws {
        let all = try settings(
            #"""
            "mtu":1400,"promisc":true,"allmulti":true,"txQLen":7,"sysctl":{"net.core.somaxconn":"1","net.ipv4.ip_forward":"0"},
            "args":{"cni":{"mtu":1300,"promisc":false,"allmulti":false,"txQLen":8,"sysctl":{"net/core/somaxconn":"2","net.ipv4.tcp_ecn":"1"}}}
            """#)
        #expect(all.mtu?.value == 1300)
        #expect(!all.isPromiscuous)
        #expect(all.isAllMulticast == false)
        #expect(all.transmitQueueLength == 8)
        #expect(
            all.sysctls.map { "\($0.name)=\($0.value)" } == [
                "net.core.somaxconn=2", "net.ipv4.ip_forward=0", "net.ipv4.tcp_ecn=1",
            ])
    }

    @Test(arguments: [
        ("net.ipv4.conf.IFNAME.forwarding", "/proc/sys/net/ipv4/conf/eth0.5/forwarding"),
        ("net/ipv4/conf/IFNAME/forwarding", "/proc/sys/net/ipv4/conf/eth0.5/forwarding"),
        ("net.ipv6.conf.all.forwarding", "/proc/sys/net/ipv6/conf/all/forwarding"),
    ])
    func placeholderStandsForTheInterface(key: String, path: String) {
        #expect(TuningSettings.name(of: key, interface: "eth0.5")?.path == path)
    }

    @Test(arguments: [
        "kernel.hostname", "net", "vm.swappiness", "net.../../kernel/x", "net/../kernel/hostname", "netx.y", "",
    ])
    func onlySettingsOfTheNetworkAreTaken(key: String) {
        #expect(TuningSettings.name(of: key, interface: "eth0") == nil)
    }

    @Test(arguments: [
        (
            #""sysctl":{"net.core.somaxconn":"1","net.core.somaxconn":"1"}"#,
            "sysctl.\"net.core.somaxconn\": stands twice; duplicate sysctl keys are not allowed"
        ),
        (
            #""sysctl":{"net.core.somaxconn":"1","net/core/somaxconn":"2"}"#,
            "is the same setting as \"net.core.somaxconn\", with another value"
        ),
        (#""sysctl":{"net.core.somaxconn":500}"#, "must be a string, not a number"),
        (#""sysctl":{"kernel.hostname":"x"}"#, "\"kernel.hostname\" is not the name of a setting below net"),
        (#""sysctl":{"net.core.somaxconn":"1\n2"}"#, "holds a line break or a zero byte"),
        (#""sysctl":["net.core.somaxconn"]"#, "sysctl: must be an object, not an array"),
        (#""mtu":-1"#, "mtu: must be from 0 to 2147483647, not -1"),
        (#""mtu":"1400""#, "mtu: must be a whole number, not a string"),
        (#""mac":"01:00:00:00:00:00""#, "mac: 01:00:00:00:00:00 is a group address, which no interface can have"),
        (#""mac":"00:00:00:00:00:00""#, "mac: 00:00:00:00:00:00 is no address, which no interface can have"),
        (#""mac":"nonsense""#, "mac: "),
        (#""args":{"cni":{"promisc":"yes"}}"#, "args.cni.promisc: must be true or false, not a string"),
    ])
    func whatIsWrongIsToldWithItsPlace(members: String, message: String) throws {
        let error = #expect(throws: CNIError.self) { _ = try settings(members) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.details.contains("^") == true, "\(error?.details ?? "")")
    }

    @Test func sameSettingTwiceWithTheSameValueIsFine() throws {
        let both = try settings(
            #""sysctl":{"net.ipv4.ip_local_port_range":"1 2","net/ipv4/ip_local_port_range":"1\t2"}"#)
        #expect(both.sysctls.count == 1)
    }

    @Test(arguments: [
        ("MAC=zz", "CNI_ARGS: MAC: "), ("X=1", "CNI_ARGS: unknown args"),
        ("MAC=01:00:00:00:00:00", "is a group address"),
    ])
    func wrongArgumentsAreOfTheEnvironment(arguments: String, message: String) {
        let error = #expect(throws: CNIError.self) { _ = try settings("", arguments: arguments) }
        #expect(error?.code == .invalidEnvironment)
        #expect(error?.message.contains(message) == true)
    }

    @Test(arguments: [
        ("32768\t60999", "32768 60999", true), ("1", "1", true), ("16", "0x10", true), ("1", "2", false),
        ("1 2", "1", false), ("cubic", "reno", false), ("", "", true),
    ])
    func valuesAreComparedAsTheKernelShowsThem(found: String, wanted: String, same: Bool) {
        #expect(Tuning.matches(found, wanted) == same)
    }
}

@Suite struct SysctlAllowListTests {
    /// Each expectation is what Go's regexp.MatchString answers.
    @Test(arguments: [
        ("^net.ipv4.conf.IFNAME.[a-z_]*$", "net.ipv4.conf.IFNAME.arp_filter", true),
        ("^net.ipv4.conf.IFNAME.[a-z_]*$", "net.ipv4.conf.eth0.arp_filter", false),
        ("somaxconn", "net.core.somaxconn", true),
        (#"^net\.core\.somaxconn$"#, "netXcore.somaxconn", false),
        (#"^net\.ipv4\.conf\.eth\d+\.forwarding$"#, "net.ipv4.conf.eth12.forwarding", true),
        (#"^net\.ipv4\.conf\.eth\d+\.forwarding$"#, "net.ipv4.conf.ethd.forwarding", false),
        (#"^net\.(?:core|ipv4)\.\w+?$"#, "net.core.somaxconn", true),
        (#"^net\.[a-z0-9\-_\.]+$"#, "net.ipv4.a-b", true),
        (#"^net[[:punct:]]core"#, "net.core.x", true),
        (#"^net/ipv4/.{3,9}?$"#, "net/ipv4/ip_forwar", true),
        (#"[^]a]$"#, "b", true),
        (#"[^]a]$"#, "]", false),
    ])
    func linesMatchAsInTheReference(line: String, key: String, matches: Bool) throws {
        let list = SysctlAllowList(path: "/x", lines: [line])
        let setting = TuningSettings.Setting(name: try #require(SysctlName("net.core.x")), key: key, value: "1")
        if matches {
            try list.check([setting])
        } else {
            let error = #expect(throws: CNIError.self) { try list.check([setting]) }
            #expect(error?.message == "sysctl \(key) is not allowed on this machine")
            #expect(error?.details == "/x allows only: \(line)")
        }
    }

    @Test(arguments: [#"(?i)net"#, #"\bnet"#, #"\pL"#, #"[\D]"#, "[a", "(a", "näh", #"a\"#, "[[.a.]]"])
    func whatCannotBeTranslatedExactlyIsRefused(line: String) {
        #expect(throws: CNIError.self) { try SysctlAllowList(path: "/x", lines: [line]).validate() }
    }

    @Test func fileIsReadLineByLine() throws {
        let directory = TemporaryDirectory()
        #expect(try SysctlAllowList.read(directory("allowlist.conf")) == nil)
        try AtomicFile.write(directory("allowlist.conf"), "  ^net.a$ \r\n\n\t^net.b$\n".utf8)
        #expect(try SysctlAllowList.read(directory("allowlist.conf"))?.lines == ["^net.a$", "^net.b$"])
    }
}

@Suite struct TuningBackupTests {
    let directory = TemporaryDirectory()
    let attachment = CNIAttachment(containerID: "c_1", interfaceName: "eth_0")

    func backup(index: Int32 = 4, network: String = "net", mtu: Int? = 1500) -> TuningBackup {
        var backup = TuningBackup()
        backup.mac = MACAddress("02:00:00:00:00:01")
        backup.mtu = mtu
        backup.isPromiscuous = false
        backup.isAllMulticast = true
        backup.transmitQueueLength = 1000
        backup.origin = TuningBackup.Origin(network: network, attachment: attachment, link: InterfaceIndex(index))
        return backup
    }

    @Test func comesBackAsItWas() throws {
        try backup().write(directory("deep/er"), attachment)
        #expect(try FileSystem.list(directory("deep/er")) == ["c_1_eth_0.json"])
        #expect(try FileSystem.status(directory("deep/er/c_1_eth_0.json")).mode & 0o777 == 0o600)
        #expect(try TuningBackup.read(directory("deep/er"), attachment) == backup())
        #expect(try TuningBackup.remove(directory("deep/er"), attachment))
        #expect(try !TuningBackup.remove(directory("deep/er"), attachment))
        #expect(try !TuningBackup.remove(directory("nothing"), attachment))
        #expect(try TuningBackup.read(directory("nothing"), attachment) == nil)
    }

    /// A file as release 1.9.1 of the reference writes it.
    @Test func referenceFilesAreUnderstood() throws {
        let text = "{\n \"mac\": \"0a:58:0a:01:00:05\",\n \"promisc\": false,\n \"mtu\": 1500,\n \"txQLen\": 0\n}"
        let backup = try #require(TuningBackup(parsing: Array(text.utf8)))
        #expect(backup.mac == MACAddress("0a:58:0a:01:00:05"))
        #expect(backup.isPromiscuous == false)
        #expect(backup.mtu == 1500)
        #expect(backup.isAllMulticast == nil)
        #expect(backup.transmitQueueLength == 0)
        #expect(backup.origin == nil)
    }

    @Test(arguments: ["", "{", "[]", #"{"mtu":"x"}"#, #"{"mac":"x"}"#]) func tornFilesAreNone(text: String) {
        #expect(TuningBackup(parsing: Array(text.utf8)) == nil)
    }

    @Test func anOlderBackupOfTheSameInterfaceKnowsBetter() {
        let tuned = backup(mtu: 1400)
        #expect(tuned.preferring(backup(mtu: 1500)).mtu == 1500)
        #expect(tuned.preferring(backup(index: 5, mtu: 1500)).mtu == 1400)
        #expect(tuned.preferring(backup(network: "other", mtu: 1500)).mtu == 1400)
    }

    @Test func staleAreOnlyThoseOfThisNetworkWithoutAnAttachment() throws {
        for (container, network) in [("gone", "net"), ("there", "net"), ("gone2", "other")] {
            var one = backup(network: network)
            let attachment = CNIAttachment(containerID: container, interfaceName: "eth0")
            one.origin?.attachment = attachment
            try one.write(directory.path, attachment)
        }
        // The reference's, somebody's, and what a kill left before the rename.
        try AtomicFile.write(directory("c9_eth0.json"), #"{"mtu":1500}"#.utf8)
        try AtomicFile.write(directory("README"), "x".utf8)
        try FileSystem.rename(directory("gone_eth0.json"), to: directory(".gone_eth0.json.new"))
        let valid = [CNIAttachment(containerID: "there", interfaceName: "eth0")]
        #expect(
            try TuningBackup.stale(in: directory.path, network: "net", valid: valid) == [
                directory(".gone_eth0.json.new")
            ])
        #expect(try TuningBackup.stale(in: directory.path, network: "net", valid: []).count == 2)
        #expect(try TuningBackup.stale(in: directory("nothing"), network: "net", valid: []) == [])
    }
}

/// A directory of the test's own, removed with it.
final class TemporaryDirectory {
    let path = NSTemporaryDirectory() + "pt-" + UUID().uuidString
    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func callAsFunction(_ name: String) -> String { path + "/" + name }
}
