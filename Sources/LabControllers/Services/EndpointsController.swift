import Addressing
import JSONTree
import KubernetesModel

/// Writes down where the pods of a service are: EndpointSlices of each address family, and Endpoints for those who still
/// read them (Kubernetes, pkg/controller/endpointslice and pkg/controller/endpoint).
///
/// The service `kubernetes` is the API server's own affair, as is every service without selector.
enum EndpointsController {
    static let manager = "endpointslice-controller.k8s.io"
    static let managerLabel = "endpointslice.kubernetes.io/managed-by"
    static let headlessLabel = "service.kubernetes.io/headless"
    /// Endpoints in one slice.
    static let sliceLimit = 100

    static func plan(_ key: ObjectKey, _ view: ClusterView, _ context: PlanContext) -> Plan {
        guard let record = view.services[key] else {
            // Slices of a service that is gone go with their owner; Endpoints name none.
            let left = view.endpoints[key].flatMap { LegacyEndpoints.isOurs($0) ? $0 : nil }
            return Plan(left.map { [.delete(Endpoints.resource, key, uid: $0.meta.uid)] } ?? [])
        }
        if record.meta.isTerminating { return Plan() }
        let service = record.service
        guard service.type != .externalName, let selector = service.selector, !selector.isEmpty else { return Plan() }
        let pods = view.pods.inNamespace(key.namespace).filter { record.selects($0) && !$0.isFinished }
        var changes: [Change] = []
        let slices = view.slices.inNamespace(key.namespace).filter {
            $0.meta.labels[EndpointSlice.serviceLabel] == key.name && $0.meta.labels[managerLabel] == manager
                && !$0.meta.isTerminating
        }
        var suffix = NameSuffix(seed: context.seed)
        for family in families(of: service, pods) {
            let wanted = SliceContents.of(service, pods, family, view)
            let mine = slices.filter { $0.node.member("addressType")?.string == family.description }
            changes += reconcile(record, mine, wanted, family, &suffix)
        }
        let kept = Set(families(of: service, pods).map(\.description))
        for slice in slices where !kept.contains(slice.node.member("addressType")?.string ?? "") {
            changes.append(.delete(EndpointSlice.resource, slice.meta.key, uid: slice.meta.uid))
        }
        changes += LegacyEndpoints.changes(record, pods, view)
        return Plan(changes)
    }

    private static func families(of service: Service, _ pods: [PodRecord]) -> [IPFamily] {
        let named = IPFamily.allCases.filter { service.ipFamilies.contains($0.description) }
        return named.isEmpty ? [service.clusterIPs.first?.family ?? .v4] : named
    }

    // MARK: Slices

    /// A slice that holds what is wanted stays; the others are filled anew, and what is too many goes.
    private static func reconcile(
        _ record: ServiceRecord, _ slices: [PlainRecord], _ wanted: [SliceContents], _ family: IPFamily,
        _ suffix: inout NameSuffix
    ) -> [Change] {
        var free = slices
        var open: [SliceContents] = []
        for contents in wanted {
            if let index = free.firstIndex(where: { contents.isSame(as: $0) }) {
                free.remove(at: index)
            } else {
                open.append(contents)
            }
        }
        var changes: [Change] = []
        for contents in open {
            if free.isEmpty {
                changes.append(
                    .create(
                        EndpointSlice.resource,
                        contents.slice(of: record, family, named: "\(record.meta.name)-\(suffix.next())")))
            } else {
                // The one with the same ports changes least.
                let index = free.firstIndex { contents.hasSamePorts(as: $0) } ?? 0
                let slice = free.remove(at: index)
                changes.append(
                    .patch(
                        EndpointSlice.resource, slice.meta.key,
                        Change.Patch([
                            "metadata": ["resourceVersion": .string(slice.meta.resourceVersion)],
                            "endpoints": .array(contents.endpoints), "ports": .array(contents.ports),
                        ])))
            }
        }
        return changes + free.map { .delete(EndpointSlice.resource, $0.meta.key, uid: $0.meta.uid) }
    }

    /// The number behind a service's port in one pod; nil when the pod has no port of that name.
    static func number(of port: Service.Port, in pod: PodRecord) -> Int? {
        switch port.targetPort {
        case .int(let number): Int(number)
        case .string(let name): pod.facts.port(named: name, port.transport).map { Int($0) }
        }
    }

    /// Labels of a service's endpoints that are the service's.
    static func inherited(_ record: ServiceRecord) -> [String: String] {
        var labels = record.meta.labels
        if record.service.isHeadless { labels[headlessLabel] = "" }
        return labels
    }

    /// The host name that a pod has in the domain of this service.
    static func hostname(of pod: PodRecord, in service: ServiceRecord) -> String? {
        let spec = pod.facts.spec
        return !spec.hostname.isEmpty && spec.subdomain == service.meta.name ? spec.hostname : nil
    }

    static func target(_ pod: PodRecord) -> JSONValue {
        [
            "kind": "Pod", "namespace": .string(pod.meta.namespace), "name": .string(pod.meta.name),
            "uid": .string(pod.meta.uid),
        ]
    }
}

/// What one slice is to hold.
struct SliceContents {
    var endpoints: [JSONValue]
    var ports: [JSONValue]

    /// Pods whose ports have the same numbers, together, in the order of their names, so many to a slice. A service that
    /// selects nobody still has a slice that says so.
    static func of(_ service: Service, _ pods: [PodRecord], _ family: IPFamily, _ view: ClusterView) -> [SliceContents]
    {
        var groups: [[Int?]: [JSONValue]] = [:]
        for pod in pods {
            guard let address = pod.facts.status.podIPs.first(where: { $0.family == family }) else { continue }
            let numbers = service.ports.map { EndpointsController.number(of: $0, in: pod) }
            groups[numbers, default: []].append(endpoint(pod, address, service, view))
        }
        if groups.isEmpty { return [SliceContents(endpoints: [], ports: [])] }
        let sorted = groups.sorted { left, right in
            left.key.map { $0 ?? 0 }.lexicographicallyPrecedes(right.key.map { $0 ?? 0 })
        }
        return sorted.flatMap { numbers, endpoints -> [SliceContents] in
            let ports = zip(service.ports, numbers).compactMap { port, number in number.map { value(port, $0) } }
            return stride(from: 0, to: endpoints.count, by: EndpointsController.sliceLimit).map { start in
                let end = min(start + EndpointsController.sliceLimit, endpoints.count)
                return SliceContents(endpoints: Array(endpoints[start..<end]), ports: ports)
            }
        }
    }

    private static func value(_ port: Service.Port, _ number: Int) -> JSONValue {
        var members = [
            JSONMember("name", .string(port.name)), JSONMember("port", .int(Int64(number))),
            JSONMember("protocol", .string(port.transport.rawValue)),
        ]
        if !port.appProtocol.isEmpty { members.append(JSONMember("appProtocol", .string(port.appProtocol))) }
        return .object(members)
    }

    private static func endpoint(
        _ pod: PodRecord, _ address: IPAddress, _ service: Service, _ view: ClusterView
    ) -> JSONValue {
        let isServing = pod.isReady
        let isReady = service.publishesNotReadyAddresses || (isServing && !pod.isTerminating)
        var members = [
            JSONMember("addresses", [.string(address.description)]),
            JSONMember(
                "conditions",
                [
                    "ready": .bool(isReady), "serving": .bool(isServing),
                    "terminating": .bool(pod.isTerminating),
                ]), JSONMember("targetRef", EndpointsController.target(pod)),
        ]
        let spec = pod.facts.spec
        if !spec.hostname.isEmpty, spec.subdomain == service.metadata.name {
            members.append(JSONMember("hostname", .string(spec.hostname)))
        }
        if !pod.nodeName.isEmpty { members.append(JSONMember("nodeName", .string(pod.nodeName))) }
        let zone = view.nodes[ObjectKey(name: pod.nodeName)]?.meta.labels["topology.kubernetes.io/zone"]
        if let zone { members.append(JSONMember("zone", .string(zone))) }
        return .object(members)
    }

    func isSame(as slice: PlainRecord) -> Bool {
        let there = slice.node.member("endpoints").map { JSONValue($0).elements } ?? []
        return JSONValue.array(there).isEquivalent(to: .array(endpoints)) && hasSamePorts(as: slice)
    }

    func hasSamePorts(as slice: PlainRecord) -> Bool {
        let there = slice.node.member("ports").map { JSONValue($0).elements } ?? []
        return JSONValue.array(there).isEquivalent(to: .array(ports))
    }

    func slice(of record: ServiceRecord, _ family: IPFamily, named name: String) -> JSONValue {
        let labels = EndpointsController.inherited(record).merging([
            EndpointSlice.serviceLabel: record.meta.name, EndpointsController.managerLabel: EndpointsController.manager,
        ]) { $1 }
        return [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": [
                "name": .string(name), "generateName": .string("\(record.meta.name)-"),
                "namespace": .string(record.meta.namespace),
                "labels": .object(labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }),
                "ownerReferences": [record.meta.asController(Service.gvk)],
            ], "addressType": .string(family.description), "endpoints": .array(endpoints), "ports": .array(ports),
        ]
    }
}
