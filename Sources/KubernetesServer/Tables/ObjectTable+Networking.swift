import JSONTree
import KubernetesModel

extension ObjectTable {
    /// Services and what belongs to them, policies, ingresses.
    static let networking: [GroupResource: ObjectTable] = [
        GroupResource(resource: "services"): services,
        GroupResource(resource: "endpoints"): ObjectTable([
            .name, Column("Endpoints", "Addresses and ports that are ready."), .age,
        ]) { object, now in [object.nameCell, .string(endpoints(object)), object.ageCell(now)] },
        GroupResource(group: "discovery.k8s.io", resource: "endpointslices"): ObjectTable([
            .name, Column("AddressType", "IPv4, IPv6 or FQDN."), Column("Ports", "Ports of every endpoint."),
            Column("Endpoints", "Addresses of the endpoints."), .age,
        ]) { slice, now in
            let ports = slice.list("ports").map { $0.member("port")?.int.map(String.init) ?? "*" }
            let addresses = slice.list("endpoints").flatMap { $0.list("addresses").compactMap(\.string) }
            return [
                slice.nameCell, slice.textCell("addressType", otherwise: ""),
                .string(abbreviated(ports, otherwise: "<unset>")),
                .string(abbreviated(addresses, otherwise: "<unset>")),
                slice.ageCell(now),
            ]
        },
        GroupResource(group: "networking.k8s.io", resource: "networkpolicies"): ObjectTable([
            .name, Column("Pod-Selector", "Which pods of its namespace it isolates."), .age,
        ]) { object, now in [object.nameCell, object.selectorCell("spec", "podSelector"), object.ageCell(now)] },
        GroupResource(group: "networking.k8s.io", resource: "ingresses"): ingresses,
        GroupResource(group: "networking.k8s.io", resource: "ingressclasses"): ObjectTable([
            .name, Column("Controller", "Who serves ingresses of this class."),
            Column("Parameters", "An object with more about it."), .age,
        ]) { object, now in
            let parameters = object.at("spec", "parameters").map { parameters in
                let kind = parameters.text("kind") ?? ""
                let group = parameters.text("apiGroup").map { ".\($0)" } ?? ""
                return "\(kind)\(group)/\(parameters.text("name") ?? "")"
            }
            return [
                object.nameCell, object.textCell("spec", "controller", otherwise: ""), .string(parameters ?? noneText),
                object.ageCell(now),
            ]
        },
        GroupResource(group: "networking.k8s.io", resource: "ipaddresses"): ObjectTable([
            .name, Column("ParentRef", "What has the address."), .age,
        ]) { object, now in
            let parent = object.at("spec", "parentRef")
            let pieces = ["resource", "namespace", "name"].compactMap { parent?.text($0) }.filter { !$0.isEmpty }
            return [object.nameCell, .string(pieces.joined(separator: "/")), object.ageCell(now)]
        },
        GroupResource(group: "networking.k8s.io", resource: "servicecidrs"): ObjectTable([
            .name, Column("CIDRs", "Where addresses of services come from."), .age,
        ]) { object, now in
            let ranges = object.list("spec", "cidrs").compactMap(\.string)
            return [object.nameCell, .string(ranges.joined(separator: ",")), object.ageCell(now)]
        },
    ]

    private static let services = ObjectTable([
        .name, Column("Type", "How it can be reached."), Column("Cluster-IP", "Its address inside the cluster."),
        Column("External-IP", "Its addresses for others."),
        Column("Port(s)", "Ports, with the node ports behind a colon."),
        .age, .wide("Selector", "Which pods stand behind it."),
    ]) { service, now in
        let type = service.text("spec", "type") ?? "ClusterIP"
        let address = service.text("spec", "clusterIP") ?? ""
        let ports = service.list("spec", "ports").map { port in
            let node = port.number("nodePort")
            return "\(port.number("port"))\(node > 0 ? ":\(node)" : "")/\(port.text("protocol") ?? "TCP")"
        }
        return [
            service.nameCell, .string(type), .string(address.isEmpty ? noneText : address),
            .string(externalAddresses(of: service, type)),
            .string(ports.isEmpty ? noneText : ports.joined(separator: ",")),
            service.ageCell(now), service.labelsCell("spec", "selector"),
        ]
    }

    private static func externalAddresses(of service: JSONNode, _ type: String) -> String {
        if type == "ExternalName" { return service.text("spec", "externalName") ?? "" }
        var addresses = service.list("spec", "externalIPs").compactMap(\.string)
        guard type == "LoadBalancer" else { return addresses.isEmpty ? noneText : addresses.joined(separator: ",") }
        let balancers = service.list("status", "loadBalancer", "ingress").compactMap {
            $0.text("ip") ?? $0.text("hostname")
        }
        addresses = balancers + addresses
        return addresses.isEmpty ? "<pending>" : addresses.joined(separator: ",")
    }

    private static func endpoints(_ object: JSONNode) -> String {
        abbreviated(
            object.list("subsets").flatMap { subset -> [String] in
                let addresses = subset.list("addresses").compactMap { $0.text("ip") }
                let ports = subset.list("ports").map { $0.number("port") }
                if ports.isEmpty { return addresses }
                return ports.flatMap { port in
                    addresses.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" }
                }
            })
    }

    private static let ingresses = ObjectTable([
        .name, Column("Class", "Who is to serve it."), Column("Hosts", "Names it answers for."),
        Column("Address", "Where it is served."), Column("Ports", "80, and 443 with TLS."), .age,
    ]) { ingress, now in
        let hosts = ingress.list("spec", "rules").compactMap { $0.text("host") }.filter { !$0.isEmpty }
        let addresses = ingress.list("status", "loadBalancer", "ingress").compactMap {
            $0.text("ip") ?? $0.text("hostname")
        }
        return [
            ingress.nameCell, ingress.textCell("spec", "ingressClassName"),
            .string(abbreviated(hosts, otherwise: "*")), .string(addresses.joined(separator: ",")),
            .string(ingress.list("spec", "tls").isEmpty ? "80" : "80, 443"), ingress.ageCell(now),
        ]
    }
}
