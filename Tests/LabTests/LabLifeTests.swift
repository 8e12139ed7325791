import Foundation
import JSONTree
import LinuxHost
import SystemCalls
import Testing

extension Labs {
    @Suite("Labs come up, live through faults and go without a trace") struct LabLifeTests {
        @Test("two labs side by side have the same addresses and nothing to do with each other")
        func sideBySide() throws {
            let before = try HostCensus.take()
            let first = TestLab("one")
            let second = TestLab("two")
            try first.must("up", "--nodes", "1")
            try second.must("up", "--nodes", "1", "--backend", "host-gw")
            #expect(try first.kubectl("get", "nodes", "-o", "name") == "node/node-1\n")
            try first.kubectl("create", "configmap", "mark", "--from-literal=of=one")
            #expect(try second.kubectl("get", "configmap", "mark", "--ignore-not-found") == "")
            #expect(try first.must("shell", "node-1", after: ["hostname"]) == "node-1\n")
            let status = try first.lab("shell", "node-1", after: ["sh", "-c", "exit 7"]).status
            #expect(status == .exited(7))
            // What is asked of something that is not there is a mistake in the words.
            #expect(try first.lab("shell", "node-9", after: ["true"]).status == .exited(2))
            #expect(try first.lab("node", "reboot", "node-9").status == .exited(2))
            #expect(try first.lab("node", "add", "node-1").status == .exited(2))
            #expect(try first.lab("node", "add", "--rack", "9").status == .exited(2))

            #expect(try first.must("down").hasSuffix("\n0 leftovers\n"))
            // The other one does not notice.
            try second.must("status")
            #expect(try second.must("down").hasSuffix("\n0 leftovers\n"))
            #expect(try HostCensus.take() == before)
        }

        @Test("pods keep talking while everything else is killed, and every part comes back")
        func faults() throws {
            let lab = TestLab("faults")
            try lab.must("up", "--nodes", "2")
            try apply(lab)
            let address = try lab.kubectl("get", "pod", "echo", "-o", "jsonpath={.status.podIP}")
            // One echo request each 50 ms from now on; what arrives is in the pod's log.
            try lab.kubectl("apply", "-f", "-", input: pod("pinger", "node-1", ["ping", "-i", "0.05", address]))
            try lab.kubectl("wait", "--for=condition=Ready", "pod/pinger", "--timeout=60s")
            try lab.kubectl(
                "apply", "-f", "-",
                input: pod(
                    "stream", "node-1", image: "poplin-workload",
                    ["client", "tcp://\(address):7", "--interval", "5ms", "--timeout", "60s", "--report", "200ms"]))
            try lab.kubectl("wait", "--for=condition=Ready", "pod/stream", "--timeout=60s")
            try lab.wait(for: "the first answers") { try answers(lab).count > 3 && stream(lab).answered > 10 }

            try kill(lab, "supervisor")
            try lab.must("up")
            let adopted = try lab.processes()
            for name in ["apiserver", "controllers"] {
                try kill(lab, name)
                try lab.wait(for: "another \(name)") { try lab.processes()[name].map { $0 != adopted[name] } ?? false }
            }
            for words in [["lab", "kubelet"], ["agent", "--config-dir"]] {
                let running = Set(try lab.processes(running: words))
                try #require(running.count == 2, "\(words): \(running)")
                for process in running { #expect(Foundation.kill(process, SIGKILL) == 0) }
                try lab.wait(for: "\(words) to come back") {
                    try lab.processes(running: words).filter { !running.contains($0) }.count == 2
                }
            }
            try lab.must("up")
            let said = try stream(lab)
            try lab.wait(for: "more of the stream") { try stream(lab).answered > said.answered + 20 }
            let sum = try stream(lab)
            #expect(sum.lost == 0 && sum.breaks == 0, "\(sum)")
            let count = try answers(lab).count
            try lab.wait(for: "more answers") { try answers(lab).count > count + 20 }
            let numbers = try answers(lab)
            #expect(
                numbers == Array(1...numbers.count),
                "lost: \(Set(1...(numbers.last ?? 1)).subtracting(numbers).sorted())")
            #expect(
                try lab.kubectl("get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}")
                    == "0 0 0")
            #expect(try lab.must("down").hasSuffix("\n0 leftovers\n"))
        }

        @Test("a node is cut off and connected again, removed and added again")
        func nodes() throws {
            let lab = TestLab("nodes")
            try lab.must("up", "--nodes", "2")
            try apply(lab)
            try lab.kubectl("apply", "-f", "-", input: pod("near", "node-1", ["sleep", "3600"]))
            try lab.kubectl("wait", "--for=condition=Ready", "pod/near", "--timeout=60s")
            let address = try lab.kubectl("get", "pod", "echo", "-o", "jsonpath={.status.podIP}")
            func ping(_ address: String) throws -> Bool {
                try lab.lab("exec", "near", after: ["ping", "-c", "1", "-W", "1", address]).status.isSuccess
            }
            try lab.wait(for: "an answer") { try ping(address) }
            try lab.must("node", "partition", "node-2")
            try lab.wait(for: "silence") { try !ping(address) }
            try lab.must("node", "heal", "node-2")
            try lab.wait(for: "an answer again") { try ping(address) }

            func range(of node: String) throws -> String {
                try lab.kubectl("get", "node", node, "-o", "jsonpath={.spec.podCIDR}", "--ignore-not-found")
            }
            let before = try range(of: "node-2")
            try lab.must("node", "remove", "node-2")
            // Another node gets a range meanwhile, so that the old one comes back with one it never had.
            try lab.must("node", "add", "node-3")
            try lab.wait(for: "the new node's range") { try !range(of: "node-3").isEmpty }
            try lab.must("node", "add", "node-2")
            try lab.must("up")
            try lab.wait(for: "the node's range") { try !range(of: "node-2").isEmpty }
            #expect(try range(of: "node-2") != before)
            try lab.kubectl("delete", "pod", "echo", "--ignore-not-found", "--wait=false")
            try lab.kubectl("apply", "-f", "-", input: pod("echo-2", "node-2", ["sleep", "3600"]))
            try lab.kubectl("wait", "--for=condition=Ready", "pod/echo-2", "--timeout=60s")
            let next = try lab.kubectl("get", "pod", "echo-2", "-o", "jsonpath={.status.podIP}")
            try lab.wait(for: "an answer of the new node's pod") { try ping(next) }

            func container() throws -> String {
                try lab.kubectl(
                    "get", "pod", "echo-2", "-o",
                    "jsonpath={.status.containerStatuses[?(@.ready==true)].containerID}")
            }
            let first = try container()
            #expect(!first.isEmpty)
            try lab.must("node", "reboot", "node-2")
            try lab.wait(for: "the pod to be started again") { try !["", first].contains(container()) }
            let again = try lab.kubectl("get", "pod", "echo-2", "-o", "jsonpath={.status.podIP}")
            try lab.wait(for: "an answer of the rebooted node's pod") { try ping(again) }
            #expect(try lab.must("down").hasSuffix("\n0 leftovers\n"))
        }

        // MARK: Parts

        private func pod(_ name: String, _ node: String, image: String = "host", _ words: [String]) -> String {
            TestPod(name, on: node, image: image, words: words).text
        }

        private func apply(_ lab: TestLab) throws {
            try lab.kubectl("apply", "-f", "-", input: pod("echo", "node-2", image: "poplin-workload", ["echo"]))
            try lab.kubectl("wait", "--for=condition=Ready", "pod/echo", "--timeout=60s")
        }

        /// The numbers of the echo requests that were answered, in order.
        private func answers(_ lab: TestLab) throws -> [Int] {
            try lab.kubectl("logs", "pinger").split(separator: "\n").compactMap { line in
                guard let start = line.range(of: "icmp_seq=")?.upperBound else { return nil }
                return Int(line[start...].prefix { $0.isNumber })
            }
        }

        /// What the stream of messages over TCP has come to.
        private func stream(_ lab: TestLab) throws -> (answered: Int, lost: Int, breaks: Int) {
            let words = try lab.kubectl("logs", "stream", "--tail=1").split(separator: " ").map(String.init)
            func number(_ key: String) -> Int {
                words.firstIndex(of: key).flatMap { Int(words[min($0 + 1, words.count - 1)]) } ?? 0
            }
            return (number("answered"), number("lost"), number("breaks"))
        }

        private func kill(_ lab: TestLab, _ name: String) throws {
            let process = try #require(try lab.processes()[name], "\(name) is not running")
            #expect(Foundation.kill(process, SIGKILL) == 0)
        }
    }
}
