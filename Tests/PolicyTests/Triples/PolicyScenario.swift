import Addressing
import Foundation
import JSONTree
import KubernetesModel

@testable import Policy

/// One line of a file of policy triples: a cluster, policies as users write them, and flows with what must happen.
struct PolicyScenario {
    var id: String
    var cluster: Cluster
    var policies: [JSONNode]
    var flows: [JSONNode]
    var root: JSONNode

    init(_ line: Data) throws {
        root = try JSONTree(parsing: Array(line)).root
        id = root.member("id")?.string ?? "?"
        cluster = Cluster()
        let described = root.member("cluster")
        for node in described?.member("namespaces")?.elements.map({ $0 }) ?? [] {
            cluster.update(ClusterNamespace(name: node.text("name"), labels: node.texts("labels")))
        }
        for node in described?.member("nodes")?.elements.map({ $0 }) ?? [] {
            cluster.update(
                ClusterNode(name: node.text("name"), labels: node.texts("labels"), addresses: node.addresses("ips")))
        }
        for node in described?.member("pods")?.elements.map({ $0 }) ?? [] {
            let ports = node.member("ports")?.elements.map { port in
                ContainerPort(
                    name: port.member("name")?.string, number: UInt16(port.member("port")?.int ?? 0),
                    transport: TransportProtocol(name: port.text("protocol")) ?? .tcp)
            }
            cluster.update(
                ClusterPod(
                    id: PodName(namespace: node.text("namespace"), name: node.text("name")),
                    labels: node.texts("labels"), addresses: node.addresses("ips"), node: node.text("node"),
                    isOnHostNetwork: node.member("hostNetwork")?.bool ?? false, ports: ports ?? []))
        }
        policies = root.member("policies")?.elements.map { $0 } ?? []
        flows = root.member("flows")?.elements.map { $0 } ?? []
    }

    /// Policies read by the product's parsers.
    func parsed() -> ParsedPolicies {
        var input = PolicyInput()
        for node in policies {
            input.read(
                PolicyDocument(
                    gvk: GroupVersionKind(apiVersion: node.text("apiVersion"), kind: node.text("kind")), node: node))
        }
        return input.parsed
    }

    var engine: PolicyEngine { PolicyEngine(cluster: cluster, policies: PolicySet(parsed().policies)) }

    /// The scenarios of a gzipped file, one line each.
    static func load(_ file: URL) throws -> [PolicyScenario] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        process.arguments = ["-dc", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try data.split(separator: UInt8(ascii: "\n")).map { try PolicyScenario(Data($0)) }
    }

    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let random = repository.appendingPathComponent("Tests/Fixtures/policy/npv1-random.jsonl.gz")
    /// Third-party data, which is not ours to publish: beside the repository, where it is there at all.
    static let cyclonus: URL? = {
        let place = "shared/reference/policy-triples/npv1-cyclonus-cases.jsonl.gz"
        let named = ProcessInfo.processInfo.environment["POPLIN_POLICY_TRIPLES"].map {
            URL(fileURLWithPath: $0).appendingPathComponent("npv1-cyclonus-cases.jsonl.gz")
        }
        return [named, repository.deletingLastPathComponent().appendingPathComponent(place)].compactMap { $0 }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()
}

extension JSONNode {
    func text(_ key: String) -> String { member(key)?.string ?? "" }

    func texts(_ key: String) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in member(key)?.members.map({ $0 }) ?? [] { result[key] = value.string ?? "" }
        return result
    }

    func strings(_ key: String) -> [String] { member(key)?.elements.compactMap(\.string) ?? [] }

    func addresses(_ key: String) -> [IPAddress] { strings(key).compactMap { IPAddress($0) } }
}
