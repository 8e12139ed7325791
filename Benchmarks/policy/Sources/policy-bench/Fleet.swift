import Addressing
import JSONTree
import KubernetesModel
import Policy

/// A made-up cluster: namespaces with pods of several workloads and policies in the mix that people write.
struct Fleet {
    var cluster = Cluster()
    /// NetworkPolicy manifests as JSON.
    var manifests: [String] = []

    /// - Parameter replicas: pods of one workload; all of them have the same labels.
    init(namespaces: Int, workloads: Int, replicas: Int, policies: Int, nodes: Int) {
        for index in 0..<nodes {
            cluster.update(
                ClusterNode(name: "node-\(index)", addresses: [Self.address(0xC0A8_0000 + UInt32(index) + 1)]))
        }
        var number: UInt32 = 0x0A00_0000
        for space in 0..<namespaces {
            let name = "ns-\(space)"
            cluster.update(
                ClusterNamespace(
                    name: name, labels: ["team": "team-\(space % 40)", "env": space % 3 == 0 ? "prod" : "dev"]))
            for workload in 0..<workloads {
                for replica in 0..<replicas {
                    number += 1
                    cluster.update(Self.pod(name, workload, replica, number, node: Int(number) % nodes))
                }
            }
            for policy in 0..<policies { manifests.append(Self.policy(name, policy, workloads)) }
        }
    }

    static func address(_ number: UInt32) -> IPAddress { .v4(IPv4Address(rawValue: number)) }

    static func pod(_ namespace: String, _ workload: Int, _ replica: Int, _ number: UInt32, node: Int) -> ClusterPod {
        ClusterPod(
            id: PodName(namespace: namespace, name: "w\(workload)-\(replica)"),
            labels: ["app": "app-\(workload)", "tier": workload % 2 == 0 ? "front" : "back"],
            addresses: [address(number)], node: "node-\(node)",
            ports: [ContainerPort(name: "http", number: 8080), ContainerPort(name: "metrics", number: 9090)])
    }

    /// The policies of a namespace: deny all, then one opening after another.
    static func policy(_ namespace: String, _ index: Int, _ workloads: Int) -> String {
        let app = "app-\(index % workloads)"
        let other = "app-\((index + 1) % workloads)"
        let spec =
            switch index % 6 {
            case 0: #"{"podSelector":{},"policyTypes":["Ingress","Egress"]}"#
            case 1:
                #"{"podSelector":{"matchLabels":{"app":"\#(app)"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"\#(other)"}}}],"ports":[{"port":"http"},{"port":443}]}]}"#
            case 2:
                #"{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ns-0"}},"podSelector":{"matchLabels":{"app":"app-0"}}}],"ports":[{"port":53,"protocol":"UDP"},{"port":53}]}]}"#
            case 3:
                #"{"podSelector":{"matchLabels":{"app":"\#(app)"}},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"team":"team-1"}},"podSelector":{"matchLabels":{"tier":"front"}}}],"ports":[{"port":"metrics"}]}]}"#
            case 4:
                #"{"podSelector":{"matchLabels":{"app":"\#(app)"}},"policyTypes":["Egress"],"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.0.0.0/8","192.168.0.0/16"]}}],"ports":[{"port":443}]}]}"#
            default:
                #"{"podSelector":{},"ingress":[{"from":[{"podSelector":{"matchLabels":{"tier":"front"}}}],"ports":[{"port":8000,"endPort":8999}]}],"egress":[{"to":[{"podSelector":{}}]}]}"#
            }
        return
            #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p\#(index)","namespace":"\#(namespace)"},"spec":\#(spec)}"#
    }

    static func parse(_ manifests: [String]) throws -> [Policy] {
        var input = PolicyInput()
        let gvk = GroupVersionKind(apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy")
        for text in manifests { input.read(PolicyDocument(gvk: gvk, node: try JSONTree(parsing: text).root)) }
        return input.parsed.policies
    }
}
