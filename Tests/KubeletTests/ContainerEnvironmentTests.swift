import JSONTree
import KubernetesModel
import Testing

@testable import Kubelet

@Suite("The environment, names and files of a container")
struct ContainerEnvironmentTests {
    @Test(
        "$(NAME) is replaced as Kubernetes does it",
        arguments: [
            ("a $(B) c", "a 1 c"), ("$(NO)", "$(NO)"), ("$$(B)", "$(B)"), ("$B $", "$B $"), ("$(B", "$(B"),
            ("$(B)$(B)", "11"),
        ])
    func expansion(text: String, expected: String) {
        let result = ContainerEnvironment.expand(text, ["B": "1"])
        #expect(result == expected)
    }

    private func environment(_ pod: PodSpec) -> ContainerEnvironment {
        ContainerEnvironment(
            configMap: { $0 == "map" ? ["KEY": "value", "OTHER": "o"] : nil },
            secret: { $0 == "pin" ? ["code": "1234"] : nil }, services: ["DB_SERVICE_HOST": "10.96.0.9"],
            fields: DownwardFields(
                pod: pod, nodeName: "node-1", podIPs: ["10.244.1.5", "fd00::5"], hostIPs: ["192.168.101.11"]))
    }

    @Test("services, then envFrom, then env, each seeing what stands before it")
    func order() throws {
        let pod = try PodFixture.pod(
            """
            {"containers":[{"name":"a","envFrom":[{"prefix":"P_","configMapRef":{"name":"map"}}],"env":[
             {"name":"DB","value":"$(DB_SERVICE_HOST):$(P_KEY)"},
             {"name":"CODE","valueFrom":{"secretKeyRef":{"name":"pin","key":"code"}}},
             {"name":"IPS","valueFrom":{"fieldRef":{"fieldPath":"status.podIPs"}}},
             {"name":"APP","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}},
             {"name":"CPU","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}},
             {"name":"MEM","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"1Mi"}}},
             {"name":"P_OTHER","value":"mine"}],
             "resources":{"limits":{"cpu":"1500m","memory":"64Mi"}}}]}
            """, metadata: #""labels":{"app":"web"}"#)
        let entries = try environment(pod).entries(for: pod.containers[0])
        let values = Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(values["DB"] == "10.96.0.9:value")
        #expect(values["CODE"] == "1234")
        #expect(values["IPS"] == "10.244.1.5,fd00::5")
        #expect(values["APP"] == "web")
        #expect(values["CPU"] == "2")
        #expect(values["MEM"] == "64")
        #expect(values["P_OTHER"] == "mine")
    }

    @Test("what is missing is named, unless it is optional")
    func missing() throws {
        let pod = try PodFixture.pod(
            #"{"containers":[{"name":"a","env":[{"name":"X","valueFrom":{"configMapKeyRef":{"name":"no","key":"k"}}}]},"#
                + #"{"name":"b","env":[{"name":"X","valueFrom":{"configMapKeyRef":{"name":"no","key":"k","#
                + #""optional":true}}}]}]}"#)
        let environment = environment(pod)
        #expect(throws: ContainerEnvironment.Missing(description: "configmap \"no\" not found")) {
            try environment.entries(for: pod.containers[0])
        }
        let names = try environment.entries(for: pod.containers[1]).map(\.name)
        #expect(!names.contains("X"))
    }

    @Test("a service is known by its host and ports")
    func services() throws {
        let text = """
            {"metadata":{"name":"my-db"},"spec":{"clusterIP":"10.96.0.9","ports":[
             {"name":"sql","port":5432,"protocol":"TCP"},{"name":"dns","port":53,"protocol":"UDP"}]}}
            """
        let service = try Service(decoding: try JSONTree(parsing: text).root)
        let values = ContainerEnvironment.variables(of: service)
        #expect(values["MY_DB_SERVICE_HOST"] == "10.96.0.9")
        #expect(values["MY_DB_SERVICE_PORT"] == "5432")
        #expect(values["MY_DB_SERVICE_PORT_DNS"] == "53")
        #expect(values["MY_DB_PORT"] == "tcp://10.96.0.9:5432")
        #expect(values["MY_DB_PORT_53_UDP_PROTO"] == "udp")
        #expect(values["MY_DB_PORT_5432_TCP_ADDR"] == "10.96.0.9")
    }

    @Test("/etc/resolv.conf follows dnsPolicy and dnsConfig")
    func resolver() throws {
        let node = ResolverFile(parsing: "# node\nnameserver 9.9.9.9\nsearch corp.example\noptions timeout:2\n")
        func text(_ spec: String) throws -> String {
            ResolverFile(
                for: try PodFixture.pod(spec), node: node, servers: ["10.96.0.10"], domain: "cluster.local"
            ).text
        }
        let cluster = try text("{}")
        #expect(
            cluster == """
                search shop.svc.cluster.local svc.cluster.local cluster.local corp.example
                nameserver 10.96.0.10
                options ndots:5

                """)
        let onHost = try text(#"{"hostNetwork":true}"#)
        #expect(onHost == "search corp.example\nnameserver 9.9.9.9\noptions timeout:2\n")
        let none = try text(
            #"{"dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1"],"options":[{"name":"ndots","value":"1"}]}}"#)
        #expect(none == "nameserver 1.1.1.1\noptions ndots:1\n")
        let withHost = try text(#"{"hostNetwork":true,"dnsPolicy":"ClusterFirstWithHostNet"}"#)
        #expect(withHost == cluster)
    }

    @Test("/etc/hosts has the pod, its full name and its aliases")
    func hosts() throws {
        let pod = try PodFixture.pod(
            #"{"hostname":"w0","subdomain":"web","hostAliases":[{"ip":"10.1.1.1","hostnames":["db","db2"]}]}"#)
        let text = HostsFile.text(for: pod, addresses: ["10.244.1.5"], domain: "cluster.local", node: "")
        #expect(text.contains("10.244.1.5\tw0.web.shop.svc.cluster.local\tw0\n"))
        #expect(text.hasSuffix("10.1.1.1\tdb\tdb2\n"))
    }

    @Test(
        "quantities in thousandths",
        arguments: [
            ("1", 1000), ("500m", 500), ("2k", 2_000_000), ("1Ki", 1_024_000), ("10M", 10_000_000_000), ("1.5", 1500),
        ])
    func quantities(text: String, milli: Int) {
        #expect(Quantity(text)?.milli == milli)
    }

    @Test("capabilities: drops before adds, ALL means all")
    func capabilities() {
        #expect(CapabilitySet.effective(adding: [], dropping: []) == CapabilitySet.standard)
        #expect(CapabilitySet.effective(adding: ["NET_ADMIN"], dropping: ["ALL"]) == [12])
        #expect(CapabilitySet.effective(adding: ["ALL"], dropping: []).count == CapabilitySet.names.count)
        #expect(CapabilitySet.number("CAP_BPF") == 39)
    }
}
