import Addressing
import JSONTree
import LinuxHost
import Testing

@testable import Lab

@Suite("What a supervisor leaves for the next one")
struct LabStateTests {
    @Test("a state that is written is read back the same")
    func roundTrip() throws {
        var spec = LabSpecification(name: "wide", nodeCount: 4, racks: 2, isDualStack: true, mtu: 9000)
        spec.nodes[2].isPartitioned = true
        spec.nodes.removeFirst()
        let state = LabState(
            specification: spec, program: "/usr/local/bin/poplin", port: 40123,
            processes: [
                "fabric": BackgroundProcess(identifier: 4711, startTime: .max),
                "node/node-2": BackgroundProcess(identifier: 4712, startTime: 7),
            ])
        let read = try LabState(state.value.serialized())
        #expect(read == state)
    }

    @Test(
        "a file that is damaged or of another version says so",
        arguments: [
            ("", "unexpected"), ("{}", "version is missing"),
            ("{\"version\":2}", "it has version 2; this program writes version 1"),
            ("{\"version\":1,\"name\":\"x\"}", "racks is missing"),
        ])
    func unreadable(_ text: String, _ reason: String) {
        let found: String?
        do throws(LabState.Unreadable) {
            _ = try LabState(Array(text.utf8))
            found = nil
        } catch {
            found = error.reason
        }
        if text.isEmpty { #expect(found != nil) } else { #expect(found?.contains(reason) == true, "\(found ?? "")") }
    }
}

@Suite("When something that ended is started again")
struct RestartPolicyTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("at once, then after longer and longer, at most five seconds")
    func backOff() {
        var policy = RestartPolicy()
        var now = 100 * Self.second
        var waits: [UInt64] = []
        for _ in 0..<8 {
            policy.started(now)
            now += 1000
            policy.ended(now)
            waits.append(policy.wait(now) / 1_000_000)
            now += policy.wait(now)
            let isDue = policy.isDue(now)
            #expect(isDue)
        }
        #expect(waits == [0, 200, 400, 800, 1600, 3200, 5000, 5000])
    }

    @Test("ten seconds of life make it new")
    func proven() {
        var policy = RestartPolicy()
        for second in 0..<5 {
            policy.started(UInt64(second) * Self.second)
            policy.ended(UInt64(second) * Self.second + 1)
        }
        policy.started(100 * Self.second)
        policy.ended(110 * Self.second)
        #expect(policy.wait(110 * Self.second) == 0)
    }
}

@Suite("The agent's manifests in a lab")
struct LabManifestsTests {
    @Test("the network configuration names networks, families and backend")
    func configuration() throws {
        let spec = LabSpecification(racks: 2, isDualStack: true)
        let root = try JSONTree(parsing: LabManifests.netConf(spec)).root
        #expect(root.member("Network")?.string == "10.244.0.0/16")
        #expect(root.member("IPv6Network")?.string == "fd00:10:244::/56")
        #expect(root.member("EnableIPv6")?.bool == true)
        #expect(root.at("Backend", "Type")?.string == "vxlan")
        #expect(root.at("Backend", "DirectRouting")?.bool == true)
        let flat = try JSONTree(parsing: LabManifests.netConf(LabSpecification(backend: .hostGateway))).root
        #expect(flat.at("Backend", "Type")?.string == "host-gw")
        #expect(flat.at("Backend", "DirectRouting") == nil)
    }

    @Test("images called poplin, wherever from, become the lab's own program; others stay")
    func images() throws {
        let workload = try JSONTree(
            parsing: """
                {"spec":{"template":{"spec":{"initContainers":[{"name":"a","image":"registry.example/x/poplin:1.2"}],
                "containers":[{"name":"b","image":"poplin"},{"name":"c","image":"poplin-extra:1"}]}}}}
                """
        ).root
        let changed = LabManifests.withImages(JSONValue(workload))
        let spec = changed.at(["spec", "template", "spec"])
        let images = ["initContainers", "containers"].flatMap { list in
            (spec?.member(list)?.elements ?? []).map { $0.member("image")?.stringValue ?? "" }
        }
        #expect(images == ["poplin:lab", "poplin:lab", "poplin-extra:1"])
    }
}
