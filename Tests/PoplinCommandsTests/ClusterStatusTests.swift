import Addressing
import Findings
import Foundation
import IPAMKubernetes
import JSONTree
import KubernetesModel
import Testing

@testable import PoplinCommands

/// Screens of `poplin status`, from facts.
@Suite struct ClusterStatusTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private func decode<Kind: KubernetesKind>(_ kind: Kind.Type, _ text: String) throws -> Kind {
        try Kind(decoding: try JSONTree(parsing: text).root)
    }

    private func node(
        _ number: Int, ready: String = "True", network: String = "False", range: String? = nil
    ) throws -> Node {
        let cidr = range ?? "10.244.\(number).0/24"
        return try decode(
            Node.self,
            """
            {"metadata":{"name":"node-\(number)","annotations":{"poplin.dev/backend-type":"vxlan",
            "poplin.dev/backend-data":"{\\"vni\\":1,\\"port\\":8472,\\"mac\\":\\"02:00:00:00:00:0\(number)\\"}"}},
            "spec":{"podCIDRs":[\(cidr.isEmpty ? "" : "\"\(cidr)\"")]},
            "status":{"addresses":[{"type":"InternalIP","address":"192.168.101.1\(number)"}],"conditions":[
            {"type":"Ready","status":"\(ready)","reason":"KubeletNotReady",
            "message":"container runtime network not ready: cni plugin not initialized"},
            {"type":"NetworkUnavailable","status":"\(network)","reason":"PoplinIsDown","message":"the agent ended"}]}}
            """)
    }

    private func pod(
        _ name: String, on node: Int, address: String, namespace: String = "default", more: String = "",
        ready: Bool = true
    ) throws -> Pod {
        try decode(
            Pod.self,
            """
            {"metadata":{"name":"\(name)","namespace":"\(namespace)"},"spec":{"nodeName":"node-\(node)"\(more)},
            "status":{"phase":"\(ready ? "Running" : "Pending")","podIPs":[\(address.isEmpty ? "" : "{\"ip\":\"\(address)\"}")],
            "conditions":[{"type":"Ready","status":"\(ready ? "True" : "False")"}],
            "containerStatuses":[{"name":"c","ready":\(ready),"restartCount":0,
            "state":{"waiting":{"reason":"\(ready ? "" : "CrashLoopBackOff")",
            "message":"\(ready ? "" : "back-off 20s restarting failed container")"}}}]}}
            """)
    }

    private func facts() throws -> ClusterFacts {
        var facts = ClusterFacts()
        facts.server = "https://127.0.0.1:6443"
        facts.version = "v1.33.0+poplin"
        facts.daemonSets = [
            try decode(
                DaemonSet.self,
                """
                {"metadata":{"name":"poplin-agent","namespace":"poplin-system","generation":1},"spec":{},"status":{
                "desiredNumberScheduled":2,"numberReady":2,"numberAvailable":2,"updatedNumberScheduled":2,
                "observedGeneration":1}}
                """)
        ]
        facts.definitions = [("ipamblocks.poplin.dev", true), ("ippools.poplin.dev", true)]
        facts.nodes = [try node(1), try node(2)]
        facts.pods = [
            try pod("web-1", on: 1, address: "10.244.1.2"), try pod("web-2", on: 2, address: "10.244.2.2"),
            try pod(
                "agent-1", on: 1, address: "192.168.101.11", namespace: "poplin-system", more: #","hostNetwork":true"#),
        ]
        return facts
    }

    @Test func allIsWell() throws {
        let health = ClusterHealth(try facts(), now: Self.now)
        #expect(health.isHealthy)
        try expectSnapshot(health.screen(.none), "status-healthy")
        #expect(health.screen(.none).split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func everyErrorNamesItsObject() throws {
        var facts = try facts()
        facts.daemonSets = [
            try decode(
                DaemonSet.self,
                """
                {"metadata":{"name":"poplin-agent","namespace":"poplin-system","generation":2},"spec":{},"status":{
                "desiredNumberScheduled":2,"numberReady":1,"numberAvailable":1,"updatedNumberScheduled":1,
                "observedGeneration":2}}
                """)
        ]
        facts.nodes = [try node(1), try node(2, ready: "False", network: "True", range: "")]
        facts.agentPods = [
            try pod(
                "agent-2", on: 2, address: "", namespace: "poplin-system", more: #","hostNetwork":true"#, ready: false)
        ]
        facts.pods.append(try pod("web-3", on: 2, address: "", ready: false))
        facts.networkPolicies = 3
        facts.services = 1
        facts.unknown = [
            .init(resource: "customresourcedefinitions.apiextensions.k8s.io", reason: "no etcd", isRefused: false)
        ]
        facts.warnings = [
            try decode(
                Event.self,
                """
                {"metadata":{"name":"e","namespace":"default"},"type":"Warning","reason":"FailedCreatePodSandBox",
                "involvedObject":{"kind":"Pod","namespace":"default","name":"web-3"},
                "message":"plugin type=\\"poplin\\" failed (add): the agent does not answer",
                "lastTimestamp":"\(Timestamp(seconds: Self.now.seconds - 30))"}
                """)
        ]
        let health = ClusterHealth(facts, now: Self.now)
        #expect(!health.isHealthy)
        try expectSnapshot(health.screen(.none), "status-errors")
        #expect(health.screen(.none).split(separator: "\n").allSatisfy { $0.count <= 80 })
        let json = try OutputFormat.json.text(health.value)
        #expect(json.contains("\"healthy\": false"))
        #expect(health.warnings.contains { $0.message == "3 NetworkPolicies present, not enforced by this version" })
        // An hour later the event is history; the rest stands.
        let later = ClusterHealth(facts, now: Timestamp(seconds: Self.now.seconds + 3600))
        #expect(later.errors.count == health.errors.count - 1)
    }

    @Test func noAgentIsAnError() throws {
        var facts = try facts()
        facts.daemonSets = []
        let health = ClusterHealth(facts, now: Self.now)
        #expect(health.errors.map(\.object) == ["Namespace poplin-system"])
    }

    @Test func whatMayNotBeLookedAtIsNeitherGreenNorRed() throws {
        var facts = ClusterFacts()
        facts.server = "https://127.0.0.1:6443"
        facts.version = "v1.33.0"
        facts.unknown = ["daemonsets.apps", "nodes", "pods", "events"].map {
            .init(resource: $0, reason: "\($0) is forbidden: User \"jane\" cannot list resource")
        }
        let health = ClusterHealth(facts, now: Self.now)
        #expect(health.errors.isEmpty)
        #expect(!health.isHealthy)
        #expect(health.isUndetermined)
        try expectSnapshot(health.screen(.none), "status-refused")
        let json = try OutputFormat.json.text(health.value)
        #expect(json.contains("\"healthy\": null"))
        // What matters less leaves the rest as it is.
        var fewer = try self.facts()
        fewer.unknown = [.init(resource: "events", reason: "no")]
        #expect(ClusterHealth(fewer, now: Self.now).isHealthy)
    }

    @Test func theNamespaceThatWasAskedForIsNamed() throws {
        var facts = try facts()
        facts.daemonSets = []
        facts.agentNamespace = "network"
        #expect(ClusterHealth(facts, now: Self.now).errors.map(\.object) == ["Namespace network"])
    }

    @Test func poolsAreCounted() throws {
        var facts = try facts()
        facts.addressMode = "cluster-pool"
        facts.pools = [
            try decode(
                IPPool.self, #"{"metadata":{"name":"default"},"spec":{"cidrs":["10.9.0.0/28"],"ipv4BlockSize":29}}"#)
        ]
        facts.blocks = [
            try decode(
                IPAMBlock.self,
                """
                {"metadata":{"name":"b"},"spec":{"cidr":"10.9.0.0/29","pool":"default","node":"node-1"},
                "status":{"allocated":13,"resting":0,"free":3,"allocations":[]}}
                """)
        ]
        let health = ClusterHealth(facts, now: Self.now)
        #expect(health.pools.map(\.used) == [13])
        #expect(health.warnings.map(\.message).contains("13 of 16 addresses are in use"))
        // Of another mode a pool is only an object, and whoever made it is told.
        facts.addressMode = "kubernetes"
        #expect(
            ClusterHealth(facts, now: Self.now).warnings.map(\.message) == [
                "1 IPPool present, not used: ipam.mode is kubernetes (poplin.json of ConfigMap poplin-config)"
            ])
    }

    @Test func aPoolThatIsOddlyWrittenIsSaid() throws {
        var facts = try facts()
        facts.addressMode = "cluster-pool"
        facts.pools = [try decode(IPPool.self, #"{"metadata":{"name":"p"},"spec":{"cidrs":["10.9.3.4/16"]}}"#)]
        facts.unreadablePools = ["q": "IPPool q: spec.reservations[0]: no address"]
        let health = ClusterHealth(facts, now: Self.now)
        #expect(health.errors.map(\.message) == ["IPPool q: spec.reservations[0]: no address"])
        #expect(
            health.warnings.map(\.message).contains(
                "IPPool p: spec.cidrs[0] 10.9.3.4/16 has host bits: 10.9.0.0/16 is used, and should be written there"))
    }

    @Test func aPoolOverServicesOrNodesIsAnError() throws {
        var facts = try facts()
        facts.addressMode = "cluster-pool"
        facts.serviceRanges = [try IPPrefix(parsing: "10.96.0.0/16")]
        facts.pools = try ["10.96.4.0/24", "192.168.101.0/24", "10.9.0.0/24"].enumerated().map { index, range in
            try decode(IPPool.self, #"{"metadata":{"name":"p\#(index)"},"spec":{"cidrs":["\#(range)"]}}"#)
        }
        #expect(
            ClusterHealth(facts, now: Self.now).errors.map(\.message) == [
                "IPPool p0: spec.cidrs[0]: the pool 10.96.4.0/24 overlaps the service range 10.96.0.0/16 of ConfigMap "
                    + "poplin-config: poplin.json: serviceCIDRs[0]",
                "Node node-1: status.addresses: the node address 192.168.101.11/32 overlaps the pool 192.168.101.0/24 "
                    + "of IPPool p1: spec.cidrs[0]",
            ])
    }

    @Test func whatAgentsSayIsSaidOnceForAllOfThem() throws {
        var facts = try facts()
        func node(_ number: Int, _ problem: String) throws -> Node {
            try decode(
                Node.self,
                """
                {"metadata":{"name":"node-\(number)"},"spec":{"podCIDRs":["10.244.\(number).0/24"]},"status":{"conditions":[
                {"type":"Ready","status":"True"},{"type":"NetworkUnavailable","status":"False"},
                {"type":"PodNetworkProblem","status":"\(problem.isEmpty ? "False" : "True")","message":"\(problem)"}]}}
                """)
        }
        facts.configurationErrors = ["poplin.json:1:2: no"]
        facts.nodes = try [
            node(1, "a, here on node node-1"), node(2, "b"), node(3, ""), node(4, "a, here on node node-4"),
            node(5, "a, here"), node(6, "a, here"), node(7, "poplin.json:1:2: no"),
        ]
        #expect(
            ClusterHealth(facts, now: Self.now).errors == [
                .init(object: "ConfigMap poplin-system/poplin-config", message: "poplin.json:1:2: no"),
                .init(object: "Nodes node-1, node-4, node-5 and 1 more", message: "a, here"),
                .init(object: "Node node-2", message: "b"),
            ])
    }

    @Test func theConfigurationIsJudgedWithObjectAndField() throws {
        var facts = try facts()
        facts.configurationErrors = ["net-conf.json:1:48: Backend.Type \"vxlann\" is not known"]
        facts.podNetworks = try [IPPrefix(parsing: "10.96.0.0/12")]
        facts.serviceAddresses = try ["10.128.0.1", "10.96.0.1", "10.96.0.10"].map {
            (ObjectKey(namespace: "default", name: "s\($0.count)"), try IPAddress(parsing: $0))
        }
        #expect(
            ClusterHealth(facts, now: Self.now).errors.map { "\($0.object): \($0.message)" } == [
                "ConfigMap poplin-system/poplin-config: net-conf.json:1:48: Backend.Type \"vxlann\" is not known",
                "ConfigMap poplin-system/poplin-config: net-conf.json: Network: 10.96.0.0/12 holds 10.96.0.1 of Service "
                    + "default/s9: spec.clusterIP: pods and services need ranges that lie apart",
            ])
    }

    @Test func whatHasNoEffectIsAWarning() throws {
        var facts = try facts()
        let before = ClusterHealth(facts, now: Self.now).errors
        facts.configurationWarnings = ["net-conf.json:1:41: SubnetLen has no effect"]
        let health = ClusterHealth(facts, now: Self.now)
        #expect(health.errors == before)
        #expect(
            health.warnings.contains(
                .init(
                    object: "ConfigMap poplin-system/poplin-config",
                    message: "net-conf.json:1:41: SubnetLen has no effect")))
    }

    @Test func aServerThatDoesNotAnswerIsNoAnswer() async throws {
        let recorder = try Recorder()
        let status = await onOwnThread { recorder.run("status", "--server", "https://127.0.0.1:1", "--token", "x") }
        #expect(status == .undetermined)
        #expect(recorder.output.isEmpty)
        #expect(recorder.errors.contains("127.0.0.1:1"))
    }

    @Test(arguments: [
        ["conntest", "--test", "("], ["conntest", "--probe-timeout", "soon"], ["conntest", "--concurrency", "0"],
        ["conntest", "probe", "tcp,here,80"], ["status", "--wait-duration", "soon"],
    ])
    func commandLinesThatMakeNoSense(arguments: [String]) throws {
        let recorder = try Recorder()
        let console = recorder.console()
        #expect(PoplinCommand.invoke(arguments, on: console) == .usage)
    }

    @Test func filtersOfTests() throws {
        let wanted = try TestFilter("/tcp/")
        let turned = try TestFilter("!icmp")
        #expect(wanted.wants("pod-to-pod-same-node/tcp/ipv4"))
        #expect(!wanted.wants("pod-to-pod-same-node/tcp-bulk/ipv4"))
        #expect(!turned.wants("pod-to-own-host/icmp/ipv6"))
        #expect(turned.wants("pod-to-own-host/udp/ipv6"))
    }
}
