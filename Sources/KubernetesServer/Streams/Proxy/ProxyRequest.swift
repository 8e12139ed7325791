import KubernetesModel

/// `nodes/NAME/proxy/…`, `pods/NAME/proxy/…` and `services/NAME/proxy/…` taken apart. Pure.
struct ProxyRequest: Hashable, Sendable {
    enum Subject: String, Hashable, Sendable {
        case nodes, pods, services
    }

    /// `[SCHEME:]NAME[:PORT]`, as the name in the path may be written (k8s.io/apimachinery/pkg/util/net/port_split.go).
    struct Name: Hashable, Sendable {
        /// Empty, `http` or `https`.
        var scheme = ""
        var name: String
        /// A number, or the name of a service's port; empty for the first there is.
        var port = ""

        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            switch parts.count {
            case 1: name = parts[0]
            case 2: (name, port) = (parts[0], parts[1])
            case 3: (scheme, name, port) = (parts[0], parts[1], parts[2])
            default: return nil
            }
            guard !name.isEmpty, ["", "http", "https"].contains(scheme) else { return nil }
        }

        /// The port as a number; nil for a name or none.
        var number: Int? { UInt16(port).map(Int.init) }
    }

    var subject: Subject
    /// Empty for nodes.
    var namespace: String
    /// As it stands in the path.
    var text: String
    /// Behind `/proxy`, percent-encoded as it came; empty when nothing is there, not even a slash.
    var path: String

    /// Nil when the path is none of a proxy.
    init?(_ request: ServerRequest) {
        let parts = request.segments
        guard parts.count >= 5, parts[0] == "api", parts[1] == "v1" else { return nil }
        let proxyIndex: Int
        if parts[2] == "nodes", parts[4] == "proxy" {
            (subject, namespace, text, proxyIndex) = (.nodes, "", parts[3], 4)
        } else if parts.count >= 7, parts[2] == "namespaces", let subject = Subject(rawValue: parts[4]),
            subject != .nodes, parts[6] == "proxy"
        {
            (self.subject, namespace, text, proxyIndex) = (subject, parts[3], parts[5], 6)
        } else {
            return nil
        }
        path = Self.rest(of: request.path, after: proxyIndex + 1)
    }

    /// What is left of a path behind so many of its parts.
    private static func rest(of path: String, after count: Int) -> String {
        var rest = path[...]
        for _ in 0..<count {
            rest = rest.drop { $0 == "/" }
            rest = rest.drop { $0 != "/" }
        }
        return String(rest)
    }

    /// The path to ask for, with the query of the request.
    func target(_ query: QueryParameters) -> String {
        let text = query.parameters
            .map { "\(PercentText.encoded($0.name))=\(PercentText.encoded($0.value))" }.joined(separator: "&")
        return text.isEmpty ? path : "\(path)?\(text)"
    }
}

/// Where a proxied request goes, by what the objects say. Pure, with the refusals of a real server
/// (kubernetes/pkg/registry/core/{node,pod,service}).
enum ProxyLocation {
    struct Place: Hashable, Sendable {
        var host: String
        var port: Int
        var isTLS: Bool
    }

    /// The port that a pod's containers name first, or 80.
    static func place(of pod: Pod, _ name: ProxyRequest.Name) throws(Status) -> Place {
        let port: Int
        if name.port.isEmpty {
            port = Int(pod.spec.containers.lazy.compactMap(\.ports.first).first?.containerPort ?? 80)
        } else {
            guard let number = name.number, number > 0 else { throw invalid("pod", name.port) }
            port = number
        }
        guard let address = pod.status.podIPs.first else { throw .badRequest("address not allowed") }
        return Place(host: "\(address)", port: port, isTLS: name.scheme == "https")
    }

    /// The name of the port of a service that the request means; empty for its only, unnamed one.
    static func portName(of service: Service, _ name: ProxyRequest.Name) throws(Status) -> String {
        if name.port.isEmpty {
            return service.ports.count == 1 ? service.ports[0].name : ""
        }
        guard let number = name.number else { return name.port }
        guard let port = service.ports.first(where: { Int($0.port) == number }) else {
            throw .serviceUnavailable("no service port \(number) found for service \(GoText.quoted(name.name))")
        }
        return port.name
    }

    /// Every ready address behind a port of a service.
    static func places(
        _ endpoints: Endpoints?, _ slices: [EndpointSlice], port: String, _ name: ProxyRequest.Name
    ) -> [Place] {
        let isTLS = name.scheme == "https"
        var places: [Place] = []
        for subset in endpoints?.subsets ?? [] {
            guard let number = subset.ports.first(where: { $0.name == port })?.port else { continue }
            places += subset.addresses.map { Place(host: "\($0.ip)", port: Int(number), isTLS: isTLS) }
        }
        if !places.isEmpty { return places }
        for slice in slices where slice.serviceName == name.name {
            guard let number = slice.ports.first(where: { $0.name == port })?.port else { continue }
            for endpoint in slice.endpoints where endpoint.isReady {
                places += endpoint.ips.map { Place(host: "\($0)", port: Int(number), isTLS: isTLS) }
            }
        }
        return places
    }

    static func invalid(_ what: String, _ text: String) -> Status {
        .badRequest("invalid \(what) request \(GoText.quoted(text))")
    }
}
