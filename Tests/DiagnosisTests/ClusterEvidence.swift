import JSONTree
import Testing

@testable import Diagnosis

/// A cluster in a few lines: objects by resource, and documents by path.
struct ClusterEvidence {
    private(set) var tree: EvidenceTree
    private var objects: [String: [String]] = [:]

    /// 2026-03-06T12:00:00Z, which the times in the tests are meant against.
    static let now: Int64 = 1_772_798_400

    init() { tree = EvidenceTree(collectedAt: Self.now) }

    /// An object as JSON; `{` and `}` around it may be left out.
    @discardableResult
    mutating func add(_ resource: String, _ json: String) -> Self {
        objects[resource, default: []].append(json)
        return self
    }

    mutating func addNone(_ resources: String...) { for resource in resources { objects[resource, default: []] += [] } }

    mutating func add(_ text: String, at path: String) {
        tree.add(text, at: path, from: FactSource(path, age: 3))
    }

    mutating func miss(_ path: String, because reason: String) { tree.addMissing(path, because: reason) }

    /// - Parameter state: members of `status` after the address.
    mutating func addPod(
        _ name: String, in namespace: String = "shop", labels: [String: String] = [:], ip: String = "10.244.1.5",
        node: String = "node-1", ports: String = "[]", ready: Bool = true, hostNetwork: Bool = false,
        container: String = "", state: String = ""
    ) {
        let labelText = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
            .joined(separator: ",")
        let address = ip.isEmpty ? "" : "\"podIP\":\"\(ip)\",\"podIPs\":[{\"ip\":\"\(ip)\"}],"
        add(
            "pods",
            """
            {"metadata":{"name":"\(name)","namespace":"\(namespace)","labels":{\(labelText)},
             "creationTimestamp":"2026-03-06T10:00:00Z"},
             "spec":{"nodeName":"\(node)","hostNetwork":\(hostNetwork),
              "containers":[{"name":"main","ports":\(ports)\(container.isEmpty ? "" : ",\(container)")}]},
             "status":{"phase":"\(ip.isEmpty ? "Pending" : "Running")",\(address)
              "conditions":[{"type":"Ready","status":"\(ready ? "True" : "False")",
                "lastTransitionTime":"2026-03-06T10:00:30Z"}]\(state.isEmpty ? "" : ",\(state)")}}
            """)
    }

    mutating func addService(
        _ name: String, in namespace: String = "shop", ip: String = "10.96.0.20", selector: [String: String],
        ports: String = "[{\"port\":80,\"targetPort\":8080}]", labels: String = "{}", more: String = ""
    ) {
        let labelText = selector.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
            .joined(separator: ",")
        add(
            "services",
            """
            {"metadata":{"name":"\(name)","namespace":"\(namespace)","labels":\(labels)},
             "spec":{"clusterIP":"\(ip)","clusterIPs":["\(ip)"],"selector":{\(labelText)},"ports":\(ports)\(more)}}
            """)
    }

    mutating func addSlice(
        of service: String, in namespace: String = "shop", endpoints: [(ip: String, pod: String, ready: Bool)],
        ports: String = "[{\"port\":8080}]", stamp: String = "2026-03-06T10:00:31Z"
    ) {
        let items = endpoints.map { endpoint in
            """
            {"addresses":["\(endpoint.ip)"],"conditions":{"ready":\(endpoint.ready)},"nodeName":"node-1",
             "targetRef":{"kind":"Pod","name":"\(endpoint.pod)","namespace":"\(namespace)"}}
            """
        }
        add(
            "endpointslices.discovery.k8s.io",
            """
            {"metadata":{"name":"\(service)-abcde","namespace":"\(namespace)","creationTimestamp":"2026-03-01T10:00:00Z",
              "labels":{"kubernetes.io/service-name":"\(service)"},
              "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"\(stamp)"}},
             "addressType":"IPv4","endpoints":[\(items.joined(separator: ","))],"ports":\(ports)}
            """)
    }

    var facts: FactBase {
        var tree = tree
        for (resource, items) in objects {
            let path = EvidencePath.resource(resource)
            tree.add(
                "{\"kind\":\"List\",\"items\":[\(items.joined(separator: ",\n"))]}", at: path,
                from: FactSource(path, command: "kubectl get \(resource) -A -o json", age: 3))
        }
        return FactBase(reading: tree)
    }

    /// Everything that one check says; empty when it does not apply. A missing need fails the test.
    func findings(of check: some Check, _ location: SourceLocation = #_sourceLocation) -> [Diagnosis] {
        let facts = facts
        if !check.applies(to: facts) { return [] }
        for need in check.needs {
            let reason = facts.reasonMissing(need)
            #expect(reason == nil, sourceLocation: location)
        }
        let found = check.findings(facts)
        for finding in found {
            #expect(check.codes.contains(finding.code), sourceLocation: location)
            #expect(!finding.evidence.isEmpty && !finding.because.isEmpty, sourceLocation: location)
            #expect(finding.confidence == .certain || !finding.needs.isEmpty, sourceLocation: location)
        }
        return found
    }
}
