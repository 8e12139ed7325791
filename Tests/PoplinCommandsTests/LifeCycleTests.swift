import CNIRuntime
import Foundation
import JSONTree
import LinuxHost
import Testing

@testable import PoplinCommands

/// The commands with plugins that only say what a plugin would.
@Suite struct LifeCycleTests {
    private func prepared(failing: [String] = []) throws -> Recorder {
        let recorder = try Recorder()
        try recorder.writePlugin("one")
        try recorder.writePlugin("two", failing: failing)
        try recorder.write(
            "net.d/10-pods.conflist",
            #"{"cniVersion":"1.1.0","name":"pods","plugins":[{"type":"one","capabilities":{"mac":true}},{"type":"two"}]}"#
        )
        return recorder
    }

    @Test func addCheckDelete() throws {
        let recorder = try prepared()
        #expect(recorder.run("cni", "add", "pods", "/proc/self/ns/net", "--container-id", "web-0") == .healthy)
        try expectSnapshot(recorder.text(.output), "add")
        #expect(try recorder.calls() == ["ADD one web-0 eth0", "ADD two web-0 eth0"])

        #expect(recorder.run("cni", "add", "pods", "/proc/self/ns/net", "--container-id", "web-0") == .findings)
        #expect(recorder.errors.contains("is attached to pods already"))
        #expect(try recorder.calls() == [])

        #expect(recorder.run("cni", "check", "pods", "--container-id", "web-0") == .healthy)
        #expect(try recorder.calls() == ["CHECK one web-0 eth0", "CHECK two web-0 eth0"])
        #expect(recorder.run("cni", "del", "pods", "--container-id", "web-0") == .healthy)
        #expect(try recorder.calls() == ["DEL two web-0 eth0", "DEL one web-0 eth0"])
        #expect(recorder.run("cni", "del", "pods", "--container-id", "web-0") == .healthy)
        #expect(recorder.errors.contains("note: nothing is kept of an ADD"))
    }

    @Test func jsonOfAddIsWhatARuntimeGets() throws {
        let recorder = try prepared()
        #expect(recorder.run("cni", "add", "pods", "/proc/self/ns/net", "--ifname", "net1", "-o", "json") == .healthy)
        let root = try JSONTree(parsing: recorder.output).root
        #expect(root["cniVersion"]?.string == "1.1.0")
        #expect(root["ips"]?[0]?["address"]?.string == "10.1.0.2/24")
        #expect(root["interfaces"]?[1]?["name"]?.string == "net1")
    }

    @Test func aFailedAddIsUndoneAndTold() throws {
        let recorder = try prepared(failing: ["ADD"])
        #expect(recorder.run("cni", "add", "pods", "/proc/self/ns/net", "--container-id", "web-0") == .findings)
        try expectSnapshot(recorder.text(.error), "add-failed")
        #expect(recorder.output.isEmpty)
        #expect(try recorder.calls().suffix(2) == ["DEL two web-0 eth0", "DEL one web-0 eth0"])
    }

    @Test func deleteNeedsNoFileOfTheNetwork() throws {
        let recorder = try prepared()
        #expect(recorder.run("cni", "add", "pods", "/proc/self/ns/net", "--container-id", "web-0") == .healthy)
        try FileManager.default.removeItem(atPath: "\(recorder.directory)/net.d/10-pods.conflist")
        _ = try recorder.calls()
        #expect(recorder.run("cni", "del", "pods", "--container-id", "web-0") == .healthy)
        #expect(try recorder.calls() == ["DEL two web-0 eth0", "DEL one web-0 eth0"])
        #expect(recorder.run("cni", "del", "pods", "--container-id", "web-0") == .undetermined)
    }

    @Test func garbageIsWhatIsNotValid() throws {
        let recorder = try prepared()
        for name in ["a", "b", "c"] {
            let namespace = name == "c" ? "/nowhere/netns" : "/proc/self/ns/net"
            #expect(recorder.run("cni", "add", "pods", namespace, "--container-id", name) == .healthy)
        }
        _ = try recorder.calls()
        try recorder.write("valid.json", #"[{"containerID": "a", "ifname": "eth0"}]"#)
        #expect(
            recorder.run("cni", "gc", "pods", "--valid-from", "\(recorder.directory)/valid.json", "--valid", "c/eth0")
                == .healthy)
        #expect(try recorder.calls() == ["DEL two b eth0", "DEL one b eth0", "GC one  ", "GC two  "])
        #expect(recorder.run("cni", "gc", "pods", "--valid-existing") == .healthy)
        #expect(try recorder.calls().first == "DEL two c eth0")
        #expect(recorder.run("cni", "gc", "pods", "--none-valid") == .healthy)
        #expect(try recorder.calls().first == "DEL two a eth0")
    }

    @Test(arguments: ["{}", "[1]", "[{}]", "[", #"[{"containerID": "a"}]"#]) func aListOfValidOnesMustBeOne(
        text: String
    ) throws {
        let recorder = try prepared()
        try recorder.write("valid.json", text)
        #expect(recorder.run("cni", "gc", "pods", "--valid-from", "\(recorder.directory)/valid.json") == .usage)
        #expect(recorder.errors.contains("valid.json:1:"))
        #expect(try recorder.calls() == [])
    }

    @Test func statusVersionAndList() throws {
        let recorder = try prepared(failing: ["STATUS"])
        try recorder.write("net.d/20-broken.conflist", #"{"name": "broken", "plugins": []}"#)
        #expect(recorder.run("cni", "list") == .findings)
        try expectSnapshot(recorder.text(.output), "list")
        try expectSnapshot(recorder.text(.error), "list-errors")
        #expect(recorder.run("cni", "status", "pods") == .findings)
        #expect(recorder.errors.contains("error[CNI-103]: STATUS of two: two minds\n  |  a\n  |  b\n"))
        #expect(recorder.run("cni", "version", "pods") == .healthy)
        #expect(recorder.output.contains("0.4.0 1.0.0 1.1.0"))
        #expect(recorder.run("cni", "list", "-o", "json") == .findings)
        #expect(try JSONTree(parsing: recorder.output).root["items"]?[1]?["usable"]?.bool == false)
    }

    @Test func anInterruptedTrialStillDeletes() throws {
        let recorder = try prepared()
        let list = try ConfigurationDirectory.load(file: "\(recorder.directory)/net.d/10-pods.conflist")
        let runtime = NetworkRuntime(
            executor: PluginExecutor(directories: ["\(recorder.directory)/bin"]),
            cache: ResultCache("\(recorder.directory)/cache"))
        let attachment = RuntimeAttachment(
            containerID: "x", networkNamespace: "/proc/self/ns/net", interfaceName: "eth0")
        var asked = 0
        var trial = Trial(list: list, attachment: attachment)
        trial.run(runtime) {
            asked += 1
            return asked > 1
        }
        #expect(trial.verbs == "ADD and DEL")
        #expect(try recorder.calls() == ["ADD one x eth0", "ADD two x eth0", "DEL two x eth0", "DEL one x eth0"])

        var whole = Trial(list: list, attachment: attachment)
        whole.run(runtime) { false }
        #expect(whole.succeeded && whole.verbs == "ADD, CHECK and DEL")

        var none = Trial(list: list, attachment: attachment)
        none.run(runtime) { true }
        #expect(none.verbs == "DEL")
    }
}

/// With a namespace made for it.
@Suite(.enabled(if: geteuid() == 0, "needs root")) struct TryTests {
    private func trials() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []).filter {
            $0.hasPrefix("poplin-try-")
        }
    }

    @Test func leavesNothing() throws {
        let recorder = try Recorder()
        try recorder.writePlugin("one")
        try recorder.writePlugin("two", failing: ["CHECK"])
        try recorder.write("net.d/1.conflist", #"{"cniVersion":"1.1.0","name":"good","plugins":[{"type":"one"}]}"#)
        try recorder.write(
            "net.d/2.conflist", #"{"cniVersion":"1.1.0","name":"bad","plugins":[{"type":"one"},{"type":"two"}]}"#)
        let before = trials()
        #expect(recorder.run("cni", "try", "good") == .healthy)
        try expectSnapshot(recorder.text(.output), "try")
        #expect(recorder.run("cni", "try", "bad") == .findings)
        #expect(recorder.errors.contains("error[CNI-103]: CHECK of two: two minds"))
        #expect(try recorder.calls().suffix(2).allSatisfy { $0.hasPrefix("DEL") })
        #expect(Set(trials()).subtracting(before).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(recorder.directory)/cache/results").isEmpty)
    }

    @Test func aMadeNamespaceGoesWithItsLastAttachment() throws {
        let recorder = try Recorder()
        try recorder.writePlugin("one")
        try recorder.write("net.d/1.conflist", #"{"cniVersion":"1.1.0","name":"good","plugins":[{"type":"one"}]}"#)
        let name = "pt-cli-\(getpid())"
        let exists = { FileManager.default.fileExists(atPath: "/run/netns/\(name)") }
        #expect(recorder.run("cni", "add", "good", name, "--make-netns") == .healthy)
        #expect(exists())
        #expect(recorder.run("cni", "add", "good", name, "--make-netns", "--ifname", "net1") == .findings)
        #expect(exists())
        #expect(recorder.run("cni", "add", "good", name, "--ifname", "net1") == .healthy)
        #expect(recorder.run("cni", "del", "good", name) == .healthy)
        #expect(exists())
        #expect(recorder.run("cni", "del", "good", name, "--ifname", "net1") == .healthy)
        #expect(!exists())
    }
}
