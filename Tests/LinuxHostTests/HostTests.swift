import Foundation
import SystemCalls
import Testing

@testable import LinuxHost

@Suite struct SysctlTests {
    /// Separators as sysctl(8) reads them: the first one decides.
    @Test(arguments: [
        ("net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward"),
        ("net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_forward"),
        ("net.ipv4.conf.eth0/100.forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding"),
        ("net/ipv4/conf/eth0.100/forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding"),
    ])
    func spellings(text: String, path: String) throws {
        let name = try #require(SysctlName(text))
        #expect(name.path == path)
        #expect(SysctlName(name.description) == name)
    }

    @Test(arguments: ["", ".", "..", "net..ipv4", "net/../kernel/x", "net/./x", "/net/ipv4", "net.ipv4.", "a/b\0c"])
    func namesThatWalkOutOrMeanNothingAreRefused(text: String) {
        #expect(SysctlName(text) == nil)
        #expect(throws: SystemCallError("open", .ENOENT, on: text)) { _ = try Sysctl.read(text) }
    }

    @Test func interfaceNamesAreTakenAsTheyAre() {
        #expect(
            Sysctl.interface("eth0.100", "ipv6", "disable_ipv6")?.path
                == "/proc/sys/net/ipv6/conf/eth0.100/disable_ipv6")
        #expect(Sysctl.interface("../..", "ipv6", "x") == nil)
    }

    @Test func readsAndNormalises() throws {
        #expect(try Sysctl.read("kernel.ostype") == "Linux")
        #expect(Sysctl.normalized("32768\t60999") == "32768 60999")
        #expect(try Sysctl.change("kernel.ostype", to: " Linux") == .none)
        #expect(throws: SystemCallError("open", .ENOENT, on: "/proc/sys/net/nothing")) {
            _ = try Sysctl.read("net.nothing")
        }
    }
}

@Suite struct EnvironmentTests {
    @Test func behavesAsAListOfPairs() {
        var environment = Environment(entries: ["A=1", "AB=2", "A=3", "E="])
        #expect(environment["A"] == "1")
        #expect(environment["AB"] == "2")
        #expect(environment["E"] == "")
        #expect(environment["X"] == nil)
        environment["A"] = "x=y"
        #expect(environment.entries == ["A=x=y", "AB=2", "E="])
        environment["AB"] = nil
        environment["Z"] = "26"
        #expect(environment.entries == ["A=x=y", "E=", "Z=26"])
        #expect(environment.dictionary == ["A": "x=y", "E": "", "Z": "26"])
        #expect(environment.setting("Z", to: nil)["Z"] == nil)
    }

    @Test func thisProcess() {
        #expect(Environment.value(of: "PATH") == ProcessInfo.processInfo.environment["PATH"])
        #expect(Environment.current()["PATH"] == ProcessInfo.processInfo.environment["PATH"])
        #expect(Environment.value(of: "POPLIN_NO_SUCH_VARIABLE") == nil)
    }
}

@Suite struct ClockAndEntropyTests {
    @Test func clocksAgree() throws {
        let earlier = Clock.monotonic()
        #expect(Clock.monotonic() >= earlier)
        #expect(abs(Double(Clock.now()) / 1e9 - Date().timeIntervalSince1970) < 60)
        #expect(Clock.bootTime() < Clock.now())
        #expect(UUID(uuidString: try Clock.bootIdentifier()) != nil)
    }

    @Test(arguments: [
        (Duration.zero, UInt64(0)), (.milliseconds(1), 1_000_000), (.seconds(-1), 0),
        (.seconds(Int64.max), UInt64.max / 2),
    ])
    func durations(duration: Duration, nanoseconds: UInt64) {
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test func randomBytesAreNotAlwaysTheSame() throws {
        #expect(try Entropy.bytes(0) == [])
        #expect(try Entropy.bytes(1000).count == 1000)
        #expect(try Entropy.number() != Entropy.number())
    }
}
