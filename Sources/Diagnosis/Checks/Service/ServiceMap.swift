import Addressing
import JSONTree
import KubernetesModel

/// Services with the pods they select and the endpoints their slices name, joined once.
struct ServiceMap: Sendable {
    struct Port: Sendable {
        var name: String
        var number: Int64
        var transport: String
        /// A number or a container port's name.
        var target: String
        var targetNumber: Int64?

        init(_ node: JSONNode) {
            name = node.member("name")?.string ?? ""
            number = node.member("port")?.int ?? 0
            transport = node.member("protocol")?.string ?? "TCP"
            let wanted = node.member("targetPort")
            target = wanted?.string ?? wanted?.numberText ?? "\(number)"
            targetNumber = Int64(target)
        }
    }

    struct Endpoint: Sendable {
        var addresses: [IPAddress]
        /// Absent means true (discovery.k8s.io/v1 EndpointConditions).
        var isReady: Bool
        var isTerminating: Bool
        var node: String?
        /// `namespace/name` of the pod it stands for.
        var pod: String?
        var slice: APIObject
    }

    struct Entry: Sendable {
        var object: APIObject
        var selector: [String: String]
        var ports: [Port]
        var addresses: [IPAddress]
        var endpoints: [Endpoint] = []
        /// Numbers that the slices give for each port, by the port's name; a named targetPort that no pod has is in
        /// none.
        var slicePorts: [String: Set<Int64>] = [:]
        var slices: [APIObject] = []
        /// Pods its selector matches, without those that are finished.
        var pods: [PodView] = []

        var id: String { "\(object.namespace)/\(object.name)" }
        var symptom: String { "service \(id)" }
        var isHeadless: Bool { object.text("spec", "clusterIP") == "None" }
        var readyEndpoints: [Endpoint] { endpoints.filter(\.isReady) }
        /// There are more endpoints than are known: of what is not among them nothing can be said.
        var isCut: Bool { slices.contains(where: \.isCut) }
    }

    let entries: [Entry]
    let pods: [PodView]
    /// Whether slices were read at all: without them nothing can be said of endpoints.
    let hasSlices: Bool

    init(_ facts: FactBase) { self = facts.derived.value("service map") { Self(reading: facts) } }

    private init(reading facts: FactBase) {
        pods = facts.pods
        hasSlices = facts.has(.objects("endpointslices.discovery.k8s.io"))
        let byNamespace = Dictionary(grouping: pods.filter { !$0.isFinished }, by: \.namespace)
        var slices: [String: [APIObject]] = [:]
        for slice in facts.objects("endpointslices.discovery.k8s.io") {
            guard let service = slice.labels["kubernetes.io/service-name"] else { continue }
            slices["\(slice.namespace)/\(service)", default: []].append(slice)
        }
        entries = facts.objects("services").map { object in
            var entry = Entry(
                object: object, selector: Self.strings(object["spec", "selector"]),
                ports: object.list("spec", "ports").map { Port($0) }, addresses: Self.addresses(of: object))
            for slice in slices[entry.id] ?? [] {
                entry.slices.append(slice)
                for port in slice.list("ports") {
                    if let number = port.member("port")?.int {
                        entry.slicePorts[port.member("name")?.string ?? "", default: []].insert(number)
                    }
                }
                entry.endpoints += slice.list("endpoints").map { Self.endpoint($0, slice) }
            }
            if !entry.selector.isEmpty {
                entry.pods = (byNamespace[object.namespace] ?? []).filter { $0.matches(entry.selector) }
            } else if object.isPrinted {
                // A table tells no selector: behind it are the pods whose addresses its endpoints have.
                let ends = Set(entry.endpoints.flatMap(\.addresses))
                entry.pods = (byNamespace[object.namespace] ?? []).filter {
                    !$0.isOnHostNetwork && !ends.isDisjoint(with: $0.addresses)
                }
            }
            return entry
        }
    }

    static func addresses(of service: APIObject) -> [IPAddress] {
        var texts = service.list("spec", "clusterIPs").compactMap(\.string)
        if texts.isEmpty, let only = service.text("spec", "clusterIP") { texts = [only] }
        return texts.compactMap { IPAddress($0) }
    }

    private static func endpoint(_ node: JSONNode, _ slice: APIObject) -> Endpoint {
        let target = node.member("targetRef")
        var pod: String?
        if target?.member("kind")?.string == "Pod", let name = target?.member("name")?.string {
            pod = "\(target?.member("namespace")?.string ?? slice.namespace)/\(name)"
        }
        return Endpoint(
            addresses: (node.member("addresses").map { Array($0.elements) } ?? []).compactMap {
                $0.string.flatMap { IPAddress($0) }
            },
            isReady: node.at("conditions", "ready")?.bool ?? true,
            isTerminating: node.at("conditions", "terminating")?.bool ?? false,
            node: node.member("nodeName")?.string, pod: pod, slice: slice)
    }

    static func strings(_ node: JSONNode?) -> [String: String] {
        guard let node, node.kind == .object else { return [:] }
        var result: [String: String] = [:]
        for (key, value) in node.members { if let text = value.string { result[key] = text } }
        return result
    }

    /// The cluster's DNS: by the label every distribution keeps, or by the names of the two that do not.
    var dnsServices: [Entry] {
        entries.filter { entry in
            entry.object.labels["k8s-app"] == "kube-dns"
                && entry.ports.contains { $0.number == 53 && !entry.isHeadless }
                || entry.id == "kube-system/kube-dns" || entry.id == "openshift-dns/dns-default"
        }
    }
}

extension PodView {
    func matches(_ selector: [String: String]) -> Bool { selector.allSatisfy { labels[$0.key] == $0.value } }
}

extension [String: String] {
    /// `app=web,tier=front`, as kubectl takes it.
    var selectorText: String { sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }
}
