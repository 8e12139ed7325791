import Foundation
import Synchronization
import Testing

@testable import KubernetesServer

@Suite(
    "Streams, judged by kubectl", .serialized, .enabled(if: Kubectl.path != nil, "kubectl is not installed"),
    .timeLimit(.minutes(3)))
struct KubectlStreamTests {
    @Test("exec: both outputs, standard input, the exit status")
    func exec() async throws {
        try await StreamRig.with { rig in
            let both = try await Kubectl.run(rig, ["exec", "p", "--", "sh", "-c", "echo out; echo err >&2"])
            #expect(both.code == 0, "\(both.error)")
            #expect(both.output == "out\n")
            #expect(both.error.hasSuffix("err\n"))
            let seven = try await Kubectl.run(rig, ["exec", "p", "--", "sh", "-c", "exit 7"])
            #expect(seven.code == 7)
            #expect(seven.error.contains("command terminated with exit code 7"))
            let big = (0..<300_000).map { UInt8(truncatingIfNeeded: 97 + $0 % 26) }
            let cat = try await Kubectl.run(rig, ["exec", "-i", "p", "-c", "c", "--", "cat"], input: big)
            #expect(cat.output.utf8.elementsEqual(big), "\(cat.output.utf8.count) of \(big.count) bytes, \(cat.error)")
            let requests = rig.kubelet.seen.requests.withLock { $0 }
            #expect(
                requests.first
                    == "GET /exec/default/p/c?output=1&error=1&command=sh&command=-c&command=echo out; echo err >&2")
            #expect(requests.last == "GET /exec/default/p/c?input=1&output=1&error=1&command=cat")
        }
    }

    @Test("cp there and back")
    func copy() async throws {
        try await StreamRig.with { rig in
            let directory = rig.store.directory
            let content = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try content.write(to: URL(fileURLWithPath: "\(directory)/from"))
            let there = try await Kubectl.run(rig, ["cp", "\(directory)/from", "default/p:\(directory)/there"])
            #expect(there.code == 0, "\(there.error)")
            let back = try await Kubectl.run(rig, ["cp", "default/p:\(directory)/there", "\(directory)/back"])
            #expect(back.code == 0, "\(back.error)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: "\(directory)/back")) == content)
        }
    }

    @Test("logs, followed too")
    func logs() async throws {
        try await StreamRig.with { rig in
            let now = try await Kubectl.run(rig, ["logs", "p", "--tail=2"])
            #expect(now.output == "one\ntwo\n", "\(now.error)")
            let followed = try await Kubectl.run(rig, ["logs", "-f", "p"])
            #expect(followed.output == "one\ntwo\nthree\n", "\(followed.error)")
            #expect(rig.kubelet.seen.requests.withLock { $0 }.first == "GET /containerLogs/default/p/c?tailLines=2")
        }
    }

    @Test("What a real server says: no such pod, no such container, several containers, no node, no kubelet")
    func refusals() async throws {
        try await StreamRig.with { rig in
            try await rig.put(
                "pods", "default", "two",
                #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"two","namespace":"default"},"spec":{"containers":[{"name":"a"},{"name":"b"}]},"status":{"phase":"Running"}}"#
            )
            let container = try await Kubectl.run(rig, ["exec", "p", "-c", "nope", "--", "ls"])
            #expect(
                container.error.contains("container nope is not valid for pod p")
                    || container.error.contains("container not found"), "\(container.error)")
            let unscheduled = try await Kubectl.run(rig, ["exec", "two", "-c", "a", "--", "ls"])
            #expect(unscheduled.error.contains("pod two does not have a host assigned"), "\(unscheduled.error)")
        }
        try await StreamRig.with(kubeletPort: 1) { rig in
            let unreachable = try await Kubectl.run(rig, ["logs", "p"])
            #expect(unreachable.error.contains("error dialing backend: dial tcp 127.0.0.1:1"), "\(unreachable.error)")
        }
    }
}
