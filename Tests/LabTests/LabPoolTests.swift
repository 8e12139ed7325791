import Foundation
import JSONTree
import LinuxHost
import Testing

extension Labs {
    @Suite("Pods get their addresses out of pools") struct LabPoolTests {
        @Test("nodes claim blocks, pools are chosen by node and namespace, addresses rest, and what is left is seen")
        func pools() throws {
            let lab = TestLab("pools")
            try lab.must("up", "--nodes", "2", "--ipam", "cluster-pool")
            try lab.kubectl("label", "node", "node-1", "rack=1")
            try lab.kubectl("label", "node", "node-2", "rack=2")
            // The lab's own pool is for everybody else.
            try lab.kubectl(
                "patch", "ippool", "default", "--type", "merge", "-p",
                #"{"spec":{"namespaceSelector":{"matchExpressions":[{"key":"team","operator":"DoesNotExist"}]}}}"#)
            try lab.kubectl("apply", "-f", "-", input: Self.blue)

            // Agents that start now have seen all of it before they give anything out.
            let agents = Set(try lab.processes(running: ["agent", "--config-dir"]))
            try #require(agents.count == 2)
            for process in agents { #expect(Foundation.kill(process, SIGKILL) == 0) }
            try lab.wait(for: "two other agents") {
                try lab.processes(running: ["agent", "--config-dir"]).filter { !agents.contains($0) }.count == 2
            }

            // Five pods and four addresses in a block: the node grows by another block.
            var pods = (1...5).map { TestPod("blue-\($0)", on: "node-1", image: "poplin-workload", words: ["echo"]) }
            pods.append(TestPod("far", on: "node-2", image: "host", words: ["sleep", "3600"]))
            for index in pods.indices { pods[index].namespace = "blue" }
            var fixed = TestPod("fixed", on: "node-2", image: "poplin-workload", words: ["pause"])
            fixed.annotations["poplin.dev/ip-addresses"] = "10.244.200.7"
            try lab.kubectl("apply", "-f", "-", input: (pods + [fixed]).map(\.text).joined())
            try lab.kubectl("wait", "--for=condition=Ready", "pod", "--all", "-A", "--timeout=60s")
            func address(_ pod: String, _ namespace: String = "blue") throws -> String {
                try lab.kubectl("get", "pod", pod, "-n", namespace, "-o", "jsonpath={.status.podIP}")
            }
            let blue = try (1...5).map { try address("blue-\($0)") }
            #expect(Set(blue).count == 5)
            #expect(blue.allSatisfy { $0.hasPrefix("10.61.1.") }, "\(blue)")
            #expect(try address("far").hasPrefix("10.61.2."))
            #expect(try address("fixed", "default") == "10.244.200.7")
            func ping(_ address: String) throws -> Bool {
                try lab.lab("exec", "blue/far", after: ["ping", "-c", "1", "-W", "1", address]).status.isSuccess
            }
            for address in blue + ["10.244.200.7"] {
                try lab.wait(for: "an answer of \(address)") { try ping(address) }
            }

            // Each node publishes what it gave out; blocks and counts are the same each time, for their places are
            // computed from the names of the nodes.
            var screen = ""
            try lab.wait(for: "what was given out to be published") {
                screen = try lab.poplin("ipam", "show", "--show-blocks").text
                return screen.contains("Pool blue-1  | 10.61.1.0/28      |    16 |  5 (31%)")
                    && screen.contains("| 65536 |   3 (0%)")
            }
            #expect(screen == Self.screen, "\(screen)")
            let check = try lab.poplin("ipam", "check")
            #expect(check.status.isSuccess)
            #expect(check.text == Self.inOrder)
            #expect(try lab.poplin("status").text.contains("  blue-1   10.61.1.0/28   5 of 16 (31 %)    2\n"))

            // A released address is forgotten by the kernel and rests.
            func connections() throws -> String {
                try lab.must("shell", "node-2", after: ["cat", "/proc/net/nf_conntrack"])
            }
            // Between pods nothing is tracked while nobody needs it; what comes from the node always is.
            try lab.must("shell", "node-2", after: ["ping", "-c", "1", "-W", "1", "10.244.200.7"])
            #expect(try connections().contains("10.244.200.7"))
            try lab.kubectl("delete", "pod", "fixed")
            try lab.wait(for: "the kernel to forget it") { try !connections().contains("10.244.200.7") }
            try lab.wait(for: "the address to rest") {
                try lab.poplin("ipam", "show", "-o", "json").text.contains(#""resting": 1"#)
            }

            // A block of a node that is not there is found and given back; those of a node that is there are not.
            try lab.kubectl("apply", "-f", "-", input: Self.orphan)
            let problems = try lab.poplin("ipam", "check", "--show-problem-ips")
            #expect(problems.status == .exited(1))
            #expect(problems.errors.contains("IPAMBlock 10-244-7-0-26: spec.node ghost is not in the cluster"))
            #expect(try lab.poplin("ipam", "release", "--node", "node-1").status == .exited(1))
            #expect(try lab.poplin("ipam", "release", "--node", "ghost").text == "10.244.7.0/26 removed\n")
            #expect(try lab.poplin("ipam", "check").text.hasSuffix("No problems found.\n"))

            // A pool over another one's addresses gives out nothing, and is named.
            try lab.kubectl("apply", "-f", "-", input: Self.overlapping)
            let status = try lab.poplin("status", "-o", "json").text
            #expect(
                status.contains("IPPool later: spec.cidrs[0] 10.61.1.0/29 overlaps 10.61.1.0/28 of IPPool blue-1"),
                "\(status)")
            #expect(try lab.must("down").hasSuffix("\n0 leftovers\n"))
        }

        private static let blue = """
            {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"blue","labels":{"team":"blue"}}}
            {"apiVersion":"poplin.dev/v1alpha1","kind":"IPPool","metadata":{"name":"blue-1"},"spec":{
            "cidrs":["10.61.1.0/28"],"ipv4BlockSize":30,"nodeSelector":{"matchLabels":{"rack":"1"}},
            "namespaceSelector":{"matchLabels":{"team":"blue"}}}}
            {"apiVersion":"poplin.dev/v1alpha1","kind":"IPPool","metadata":{"name":"blue-2"},"spec":{
            "cidrs":["10.61.2.0/28"],"ipv4BlockSize":30,"nodeSelector":{"matchLabels":{"rack":"2"}},
            "namespaceSelector":{"matchLabels":{"team":"blue"}}}}

            """

        private static let orphan = """
            {"apiVersion":"poplin.dev/v1alpha1","kind":"IPAMBlock","metadata":{"name":"10-244-7-0-26"},
            "spec":{"cidr":"10.244.7.0/26","pool":"default","node":"ghost"}}
            """

        private static let overlapping = """
            {"apiVersion":"poplin.dev/v1alpha1","kind":"IPPool","metadata":{"name":"later"},"spec":{
            "cidrs":["10.61.1.0/29"],"ipv4BlockSize":30,"nodeSelector":{"matchLabels":{"rack":"none"}}}}
            """

        private static let screen = """
            +--------------+-------------------+-------+----------+------+-------+
            |   GROUPING   |       CIDR        | TOTAL |  IN USE  | HELD | FREE  |
            +--------------+-------------------+-------+----------+------+-------+
            | Pool blue-1  | 10.61.1.0/28      |    16 |  5 (31%) |    0 |    11 |
            |   node-1     | 10.61.1.0/30      |     4 |  1 (25%) |    0 |     3 |
            |   node-1     | 10.61.1.12/30     |     4 | 4 (100%) |    0 |     0 |
            | Pool blue-2  | 10.61.2.0/28      |    16 |   1 (6%) |    0 |    15 |
            |   node-2     | 10.61.2.8/30      |     4 |  1 (25%) |    0 |     3 |
            | Pool default | 10.244.0.0/16     | 65536 |   3 (0%) |    0 | 65533 |
            |   node-1     | 10.244.112.192/26 |    64 |   1 (2%) |    0 |    63 |
            |   node-2     | 10.244.200.0/26   |    64 |   1 (2%) |    0 |    63 |
            |   node-2     | 10.244.221.128/26 |    64 |   1 (2%) |    0 |    63 |
            +--------------+-------------------+-------+----------+------+-------+

            """

        private static let inOrder = """
            Looked at 3 pools, 6 blocks, 2 nodes and 7 pods with addresses of their own.
              addresses given out that no pod has: 0
              addresses that two pods have: 0
              addresses of pods that no block knows of: 0
              blocks of nodes that are not in the cluster: 0
              blocks outside of their pool or over another block: 0
              things wrong with pools themselves: 0
            No problems found.

            """
    }
}

extension Labs {
    @Suite("Both families in one lab") struct LabFamilyTests {
        @Test("every way through the network is tried over IPv4 and IPv6, and a terminal is one inside a pod")
        func dualStack() throws {
            let lab = TestLab("both")
            try lab.must("up", "--nodes", "2", "--dual-stack")
            let report = try lab.poplin("conntest", "-o", "json")
            #expect(report.status.isSuccess, "\(report.text)\(report.errors)")
            let root = try JSONTree(parsing: report.text).root
            let tests = try #require(root.member("tests")).elements.map { test in
                (name: test.member("name")?.string ?? "", isPassed: test.member("passed")?.bool ?? false)
            }
            let failed = tests.filter { !$0.isPassed }.map(\.name)
            #expect(failed.isEmpty, "\(failed)")
            for family in ["ipv4", "ipv6"] {
                for scenario in [
                    "pod-to-pod-same-node", "pod-to-pod-other-node", "pod-to-other-host", "host-to-own-pod",
                    "pod-to-host-port",
                ] {
                    #expect(
                        tests.contains { $0.name.hasPrefix(scenario) && $0.name.hasSuffix(family) },
                        "\(scenario) \(family)"
                    )
                }
            }
            let pod = TestPod("shell", on: "node-1", image: "host", words: ["sleep", "3600"])
            try lab.kubectl("apply", "-f", "-", input: pod.text)
            try lab.kubectl("wait", "--for=condition=Ready", "pod/shell", "--timeout=60s")
            #expect(try lab.must("exec", "-t", "shell", after: ["tty"]).hasPrefix("/dev/pts/"))
            #expect(try lab.lab("exec", "shell", after: ["tty"]).text == "not a tty\n")
            #expect(try lab.must("down").hasSuffix("\n0 leftovers\n"))
        }
    }
}
