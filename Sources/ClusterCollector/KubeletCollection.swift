import Diagnosis
import KubernetesClient

/// What kubelets answer through the API server: their configuration, and how much CPU their pods were kept from.
struct KubeletCollection: Sendable {
    let run: CollectionRun

    /// One piece for each question to a kubelet.
    func work(
        _ nodes: [String], pods: [String: [(namespace: String, pod: String)]]
    ) -> [@Sendable () async -> Void] {
        for node in nodes { run.plan(EvidencePath.kubelet(node, "configz")) }
        for node in pods.keys { run.plan(EvidencePath.kubelet(node, "metrics-cadvisor")) }
        let configurations: [@Sendable () async -> Void] = nodes.map { node in { await readConfiguration(of: node) } }
        return configurations
            + pods.sorted { $0.key < $1.key }.map { node, pods in { await readThrottling(node, pods) } }
    }

    private func path(_ node: String, _ rest: String) -> String { "/api/v1/nodes/\(node)/proxy/\(rest)" }

    private func readConfiguration(of node: String) async {
        let place = EvidencePath.kubelet(node, "configz")
        do throws(Refusal) {
            let answer = try await run.ask(path(node, "configz"), limit: 1 << 20, attempts: 1)
            run.add(
                answer.body, at: place,
                FactSource(
                    "\(node): kubelet configuration",
                    command: "kubectl get --raw /api/v1/nodes/\(node)/proxy/configz", age: 0))
        } catch {
            if error.isForbidden { run.noteAccess("get", "nodes/proxy", isAllowed: false) }
            run.addMissing(place, error.saying("get", "nodes/proxy of \(node)"))
        }
    }

    /// Only the lines of scheduling and of the pods asked for: the whole is megabytes.
    private func readThrottling(_ node: String, _ pods: [(namespace: String, pod: String)]) async {
        let place = EvidencePath.kubelet(node, "metrics-cadvisor")
        do throws(Refusal) {
            let answer = try await run.ask(
                path(node, "metrics/cadvisor"), limit: 64 << 20, accept: "text/plain", attempts: 1)
            let names = pods.map { "pod=\"\($0.pod)\"" }
            let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\n").filter { line in
                line.hasPrefix("container_cpu_cfs_") && names.contains { line.contains($0) }
            }
            run.add(
                Array(lines.joined(separator: "\n").utf8), at: place,
                FactSource(
                    "\(node): cAdvisor of \(pods.map(\.pod).joined(separator: ", "))",
                    command: "kubectl get --raw /api/v1/nodes/\(node)/proxy/metrics/cadvisor | grep container_cpu_cfs",
                    age: 0))
        } catch {
            if error.isForbidden { run.noteAccess("get", "nodes/proxy", isAllowed: false) }
            run.addMissing(place, error.saying("get", "nodes/proxy of \(node)"))
        }
    }
}

/// Metrics that programs of the network export, through the API server's proxy to their pods.
struct MetricsCollection: Sendable {
    let run: CollectionRun

    /// One piece for each endpoint.
    func work(_ endpoints: [Subjects.Endpoint]) -> [@Sendable () async -> Void] {
        for endpoint in endpoints {
            run.plan(EvidencePath.metrics(endpoint.namespace, endpoint.pod, port: endpoint.port))
        }
        return endpoints.map { endpoint in { await read(endpoint) } }
    }

    private func read(_ endpoint: Subjects.Endpoint) async {
        let place = EvidencePath.metrics(endpoint.namespace, endpoint.pod, port: endpoint.port)
        let path =
            "/api/v1/namespaces/\(endpoint.namespace)/pods/\(endpoint.pod):\(endpoint.port)/proxy\(endpoint.path)"
        do throws(Refusal) {
            let answer = try await run.ask(path, limit: 16 << 20, accept: "text/plain", attempts: 1)
            let lines = answer.body.split(separator: 0x0A).filter { $0.first != UInt8(ascii: "#") }
            run.add(
                Array(lines.joined(separator: [0x0A])), at: place,
                FactSource(
                    "\(endpoint.namespace)/\(endpoint.pod) metrics", command: "kubectl get --raw \(path)", age: 0))
        } catch {
            if error.isForbidden { run.noteAccess("get", "pods/proxy", isAllowed: false) }
            run.addMissing(place, error.saying("get", "pods/proxy of \(endpoint.namespace)/\(endpoint.pod)"))
        }
    }
}
