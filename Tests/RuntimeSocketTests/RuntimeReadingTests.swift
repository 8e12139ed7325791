import Diagnosis
import Foundation
import JSONTree
import Testing

@testable import RuntimeSocket

@Suite("The runtime's socket") struct RuntimeReadingTests {
    /// A pod of the pod network, one of the host's, one that has ended.
    private static func answer(_ path: String, _ message: [UInt8]) -> FakeRuntime.Reply {
        switch path {
        case "/runtime.v1.RuntimeService/Version":
            return .message(
                Proto.text(1, "0.1.0") + Proto.text(2, "containerd") + Proto.text(3, "v1.7.22") + Proto.text(4, "v1"))
        case "/runtime.v1.RuntimeService/Status":
            let ready = Proto.message(1, Proto.text(1, "RuntimeReady"), Proto.varint(2, 1))
            let network = Proto.message(
                1, Proto.text(1, "NetworkReady"), Proto.text(3, "NetworkPluginNotReady"),
                Proto.text(4, "Network plugin returns error: cni plugin not initialized"))
            return .message(
                Proto.message(1, ready, network) + Proto.entry(2, "lastCNILoadStatus", "\"OK\"")
                    + Proto.entry(
                        2, "config",
                        #"{"cni":{"binDir":"/opt/cni/bin"},"registry":{"configs":{"r":{"auth":{"password":"secret"}}}}}"#
                    ))
        case "/runtime.v1.RuntimeService/ListPodSandbox":
            func item(_ id: String, _ pod: String, _ state: UInt64) -> [UInt8] {
                Proto.message(
                    1, Proto.text(1, id),
                    Proto.message(2, Proto.text(1, pod), Proto.text(2, "uid-1"), Proto.text(3, "shop")),
                    Proto.varint(3, state), Proto.varint(4, 1_772_765_000_000_000_000), Proto.entry(5, "app", "web"))
            }
            return .message(item("aa11", "web-0", 0) + item("bb22", "node-agent", 0) + item("cc33", "job-1", 1))
        case "/runtime.v1.RuntimeService/PodSandboxStatus":
            let id = MessageFields(message[...])?.text(1) ?? ""
            func status(_ network: String, _ mode: UInt64, _ namespace: String) -> FakeRuntime.Reply {
                let info =
                    #"{"pid":812,"runtimeSpec":{"linux":{"namespaces":[{"type":"pid"},{"type":"network"\#(namespace)}]}}}"#
                return .message(
                    Proto.message(
                        1, Proto.text(1, id),
                        Proto.message(5, Proto.text(1, network), Proto.message(2, Proto.text(1, "fd00::4"))),
                        Proto.message(6, Proto.message(1, Proto.message(2, Proto.varint(1, mode)))))
                        + Proto.entry(2, "info", info))
            }
            switch id {
            case "aa11": return status("10.1.0.4", 0, #","path":"/var/run/netns/cni-a""#)
            case "bb22": return status("", 2, "")
            default: return .refusal(status: 5, "an error occurred: not%20found")
            }
        default: return .refusal(status: 12, "unknown method")
        }
    }

    @Test func sandboxesAndConditionsAsCrictlShowsThem() throws {
        let runtime = try FakeRuntime(Self.answer)
        defer { runtime.stop() }
        let evidence = RuntimeReading(.init(node: "n", limit: 60_000, socket: runtime.path)).evidence()
        let machine = try #require(FactBase(reading: evidence).machines.first)
        let sandboxes = try #require(machine.runtimeSandboxes)
        #expect(sandboxes.map(\.pod) == ["web-0", "node-agent", "job-1"])
        #expect(sandboxes.map(\.isReady) == [true, true, false])
        #expect(sandboxes[0].addresses == ["10.1.0.4", "fd00::4"])
        #expect(sandboxes[0].networkNamespace == "/run/netns/cni-a")
        #expect(sandboxes[0].createdAt == 1_772_765_000)
        #expect(sandboxes[0].labels == ["app": "web"])
        #expect(sandboxes[1].networkNamespace == nil)
        #expect(machine.runtimeComplaints.map(\.type) == ["NetworkReady"])
        #expect(
            machine.runtimeComplaints.first?.message
                == "NetworkPluginNotReady: Network plugin returns error: cni plugin not initialized")
        let information = try #require(machine.json(.runtime))
        #expect(information.member("runtimeName")?.string == "containerd")
        #expect(information.at("config", "cni", "binDir")?.string == "/opt/cni/bin")
        #expect(machine.text(.runtime)?.contains("secret") == false)
    }

    @Test func anOlderRuntimeIsAskedInItsOwnVersion() throws {
        let runtime = try FakeRuntime { path, message in
            path.contains("v1alpha2")
                ? Self.answer(path.replacing("v1alpha2", with: "v1"), message)
                : .refusal(status: 12, "unknown service runtime.v1.RuntimeService")
        }
        defer { runtime.stop() }
        let evidence = RuntimeReading(.init(node: "n", limit: 60_000, socket: runtime.path)).evidence()
        #expect(FactBase(reading: evidence).machines.first?.runtimeSandboxes?.count == 3)
    }

    /// The limit is one that a busy machine keeps for what is answered (a third of it was not enough beside a build), and
    /// it passes on a thread of its own, because other tests need those of the tasks.
    @Test func whatIsNotSaidInTimeIsMissingAndTheRestStands() async throws {
        let runtime = try FakeRuntime { path, message in
            path.hasSuffix("/ListPodSandbox") ? .silence : Self.answer(path, message)
        }
        defer { runtime.stop() }
        let path = runtime.path
        let evidence = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: RuntimeReading(.init(node: "n", limit: 60_000, socket: path)).evidence())
            }
        }
        let machine = try #require(FactBase(reading: evidence).machines.first)
        #expect(machine.runtimeComplaints.count == 1)
        #expect(machine.runtimeSandboxes == nil)
        #expect(machine.reasonMissing(.sandboxes)?.contains("did not answer ListPodSandbox in time") == true)
    }

    @Test func aSocketNobodyListensOnSaysSo() throws {
        let evidence = RuntimeReading(.init(node: "n", socket: "/nonexistent/runtime.sock")).evidence()
        #expect(evidence.documents.isEmpty)
        #expect(evidence.reasonMissing("nodes/n/crictl-pods.json")?.contains("/nonexistent/runtime.sock") == true)
    }

    @Test(arguments: [
        (
            "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/crio/crio.sock --pod-infra\"",
            "--container-runtime-endpoint=", "/run/crio/crio.sock"
        ),
        ("a: b\ncontainerRuntimeEndpoint: \"unix:///run/x.sock\"\n", "containerRuntimeEndpoint:", "/run/x.sock"),
        ("# runtime-endpoint: unix:///a\nruntime-endpoint: /run/b.sock", "runtime-endpoint:", "/run/b.sock"),
        ("containerRuntimeEndpoint: \"\"", "containerRuntimeEndpoint:", nil),
        ("containerRuntimeEndpoint: npipe:////./pipe/x", "containerRuntimeEndpoint:", nil),
    ])
    func theSocketIsTheOneThatKubeletUses(_ text: String, _ word: String, _ path: String?) {
        #expect(RuntimeEndpoint.named(after: word, in: text) == path)
    }

    @Test func damagedMessagesAreNone() {
        #expect(MessageFields([0x0A, 0x05, 0x01][...]) == nil)
        #expect(MessageFields([0x80][...]) == nil)
        #expect(MessageFields([0x0B][...]) == nil)
        #expect(RuntimeAnswers.sandboxes([0x0A, 0x7F]) == nil)
    }
}
