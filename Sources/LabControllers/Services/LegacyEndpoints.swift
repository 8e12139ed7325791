import Addressing
import JSONTree
import KubernetesModel

/// The Endpoints object of a service: one address family, ready and not ready apart, no pod that is ending.
enum LegacyEndpoints {
    private static let managerLabel = "endpoints.kubernetes.io/managed-by"
    private static let manager = "endpoint-controller"

    static func isOurs(_ endpoints: PlainRecord) -> Bool { endpoints.meta.labels[managerLabel] == manager }

    static func changes(_ record: ServiceRecord, _ pods: [PodRecord], _ view: ClusterView) -> [Change] {
        let wanted = subsets(record, pods)
        guard let present = view.endpoints[record.meta.key] else {
            var labels = EndpointsController.inherited(record)
            labels[managerLabel] = manager
            return [
                .create(
                    Endpoints.resource,
                    [
                        "apiVersion": "v1", "kind": "Endpoints",
                        "metadata": [
                            "name": .string(record.meta.name), "namespace": .string(record.meta.namespace),
                            "labels": .object(
                                labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }),
                        ], "subsets": .array(wanted),
                    ])
            ]
        }
        let there = present.node.member("subsets").map { JSONValue($0).elements } ?? []
        if JSONValue.array(there).isEquivalent(to: .array(wanted)) { return [] }
        return [
            .patch(
                Endpoints.resource, present.meta.key,
                Change.Patch(["subsets": wanted.isEmpty ? .null : .array(wanted)]))
        ]
    }

    private static func subsets(_ record: ServiceRecord, _ pods: [PodRecord]) -> [JSONValue] {
        let service = record.service
        let family =
            service.ipFamilies.first.flatMap { name in IPFamily.allCases.first { $0.description == name } }
            ?? service.clusterIPs.first?.family ?? .v4
        var groups: [[Int?]: (ready: [JSONValue], notReady: [JSONValue])] = [:]
        for pod in pods where !pod.isTerminating || service.publishesNotReadyAddresses {
            guard let address = pod.facts.status.podIPs.first(where: { $0.family == family }) else { continue }
            let numbers = service.ports.map { EndpointsController.number(of: $0, in: pod) }
            if !service.ports.isEmpty, numbers.allSatisfy({ $0 == nil }) { continue }
            var members = [JSONMember("ip", .string(address.description))]
            if let hostname = EndpointsController.hostname(of: pod, in: record) {
                members.append(JSONMember("hostname", .string(hostname)))
            }
            if !pod.nodeName.isEmpty { members.append(JSONMember("nodeName", .string(pod.nodeName))) }
            members.append(JSONMember("targetRef", EndpointsController.target(pod)))
            if pod.isReady || service.publishesNotReadyAddresses {
                groups[numbers, default: ([], [])].ready.append(.object(members))
            } else {
                groups[numbers, default: ([], [])].notReady.append(.object(members))
            }
        }
        let sorted = groups.sorted { left, right in
            left.key.map { $0 ?? 0 }.lexicographicallyPrecedes(right.key.map { $0 ?? 0 })
        }
        return sorted.map { numbers, addresses in
            var members: [JSONMember] = []
            if !addresses.ready.isEmpty { members.append(JSONMember("addresses", .array(addresses.ready))) }
            if !addresses.notReady.isEmpty {
                members.append(JSONMember("notReadyAddresses", .array(addresses.notReady)))
            }
            let ports = zip(service.ports, numbers).compactMap { port, number -> JSONValue? in
                guard let number else { return nil }
                var fields: [JSONMember] = port.name.isEmpty ? [] : [JSONMember("name", .string(port.name))]
                fields.append(JSONMember("port", .int(Int64(number))))
                fields.append(JSONMember("protocol", .string(port.transport.rawValue)))
                if !port.appProtocol.isEmpty { fields.append(JSONMember("appProtocol", .string(port.appProtocol))) }
                return .object(fields)
            }
            if !ports.isEmpty { members.append(JSONMember("ports", .array(ports))) }
            return .object(members)
        }
    }
}
