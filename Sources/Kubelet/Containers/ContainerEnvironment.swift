import Addressing
import KubernetesModel

/// The environment of a container. Pure: what the API has is handed in.
///
/// In kubelet's order (kubernetes/pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables): the services, then `envFrom`,
/// then `env`, of which each may use what stands before it as `$(NAME)`.
struct ContainerEnvironment: Sendable {
    /// A Secret or ConfigMap by name; nil when there is none.
    var configMap: @Sendable (String) -> [String: String]?
    var secret: @Sendable (String) -> [String: String]?
    /// Services of the pod's namespace, and the API server's.
    var services: [String: String]
    var fields: DownwardFields

    /// It cannot be made, and so the container cannot be started: `CreateContainerConfigError`.
    struct Missing: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    func entries(for part: ContainerPart) throws(Missing) -> [(name: String, value: String)] {
        var values = services
        var order: [String] = services.keys.sorted()
        func set(_ name: String, _ value: String) {
            if values[name] == nil { order.append(name) }
            values[name] = value
        }
        for source in part.environmentSources {
            let kind = source.isSecret ? "secret" : "configmap"
            guard let data = source.isSecret ? secret(source.name) : configMap(source.name) else {
                if source.isOptional { continue }
                throw Missing(description: "\(kind) \"\(source.name)\" not found")
            }
            for (key, value) in data.sorted(by: { $0.key < $1.key }) { set(source.prefix + key, value) }
        }
        for entry in part.environment {
            guard let value = try value(of: entry.value, part, values) else { continue }
            set(entry.name, value)
        }
        return order.map { ($0, values[$0] ?? "") }
    }

    private func value(
        of value: ContainerPart.EnvironmentEntry.Value, _ part: ContainerPart, _ known: [String: String]
    ) throws(Missing) -> String? {
        switch value {
        case .text(let text): return Self.expand(text, known)
        case .field(let path):
            guard let text = fields.text(path) else {
                throw Missing(description: "failed to get field \"\(path)\": it is not one of the downward API")
            }
            return text
        case .resource(let container, let name, let divisor):
            return fields.resource(container.isEmpty ? part.name : container, name, divisor)
        case .configMap(let name, let key, let isOptional):
            guard let data = configMap(name) else {
                if isOptional { return nil }
                throw Missing(description: "configmap \"\(name)\" not found")
            }
            guard let text = data[key] else {
                if isOptional { return nil }
                throw Missing(
                    description: "couldn't find key \(key) in ConfigMap \(fields.pod.metadata.namespace)/\(name)")
            }
            return text
        case .secret(let name, let key, let isOptional):
            guard let data = secret(name) else {
                if isOptional { return nil }
                throw Missing(description: "secret \"\(name)\" not found")
            }
            guard let text = data[key] else {
                if isOptional { return nil }
                throw Missing(
                    description: "couldn't find key \(key) in Secret \(fields.pod.metadata.namespace)/\(name)")
            }
            return text
        }
    }

    /// Replaces `$(NAME)` by its value; `$$` is a dollar, and a name that is not known stays as it is written
    /// (kubernetes/third_party/forked/golang/expansion).
    static func expand(_ text: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                result += values[name] ?? "$(\(name))"
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    /// The variables a service is known by (kubernetes/pkg/kubelet/envvars).
    static func variables(of service: Service) -> [String: String] {
        guard let address = service.clusterIPs.first, let first = service.ports.first else { return [:] }
        let name = service.metadata.name.uppercased().replacing("-", with: "_")
        let host = "\(address)"
        var values = ["\(name)_SERVICE_HOST": host, "\(name)_SERVICE_PORT": "\(first.port)"]
        for port in service.ports where !port.name.isEmpty {
            values["\(name)_SERVICE_PORT_\(port.name.uppercased().replacing("-", with: "_"))"] = "\(port.port)"
        }
        let written = host.contains(":") ? "[\(host)]" : host
        for (index, port) in service.ports.enumerated() {
            let transport = port.transport.rawValue
            let lower = transport.lowercased()
            if index == 0 { values["\(name)_PORT"] = "\(lower)://\(written):\(port.port)" }
            let prefix = "\(name)_PORT_\(port.port)_\(transport)"
            values[prefix] = "\(lower)://\(written):\(port.port)"
            values["\(prefix)_PROTO"] = lower
            values["\(prefix)_PORT"] = "\(port.port)"
            values["\(prefix)_ADDR"] = host
        }
        return values
    }
}

/// What the downward API tells a container of its pod. Pure.
struct DownwardFields: Sendable {
    var pod: PodSpec
    var nodeName: String
    var podIPs: [String]
    var hostIPs: [String]
    /// Of the node, where a container has no limit of its own.
    var capacity: [String: String] = [:]

    /// nil for a path that is no field of the downward API.
    func text(_ path: String) -> String? {
        if let key = Self.key(of: path, in: "metadata.annotations") { return pod.metadata.annotations[key] ?? "" }
        if let key = Self.key(of: path, in: "metadata.labels") { return pod.metadata.labels[key] ?? "" }
        switch path {
        case "metadata.name": return pod.metadata.name
        case "metadata.namespace": return pod.metadata.namespace
        case "metadata.uid": return pod.uid
        case "metadata.labels": return Self.map(pod.metadata.labels)
        case "metadata.annotations": return Self.map(pod.metadata.annotations)
        case "spec.nodeName": return nodeName
        case "spec.serviceAccountName": return pod.serviceAccountName
        case "status.podIP": return podIPs.first ?? ""
        case "status.podIPs": return podIPs.joined(separator: ",")
        case "status.hostIP": return hostIPs.first ?? ""
        case "status.hostIPs": return hostIPs.joined(separator: ",")
        default: return nil
        }
    }

    private static func key(of path: String, in field: String) -> String? {
        guard path.hasPrefix("\(field)['"), path.hasSuffix("']") else { return nil }
        return String(path.dropFirst(field.count + 2).dropLast(2))
    }

    /// `key="value"` lines, sorted, values quoted as Go quotes (kubernetes/pkg/fieldpath).
    private static func map(_ map: [String: String]) -> String {
        map.sorted { $0.key < $1.key }.map { key, value in
            var quoted = ""
            for character in value {
                switch character {
                case "\"": quoted += "\\\""
                case "\\": quoted += "\\\\"
                case "\n": quoted += "\\n"
                case "\t": quoted += "\\t"
                case "\r": quoted += "\\r"
                default: quoted.append(character)
                }
            }
            return "\(key)=\"\(quoted)\""
        }.joined(separator: "\n")
    }

    /// `limits.cpu` divided, rounded up.
    func resource(_ container: String, _ name: String, _ divisor: String) -> String {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let part = pod.container(named: container) else { return "0" }
        let written = parts[0] == "limits" ? part.limits[parts[1]] ?? capacity[parts[1]] : part.requests[parts[1]]
        let value = Quantity(written ?? "0")?.milli ?? 0
        let unit = Quantity(divisor)?.milli ?? 0
        let step = unit == 0 ? 1000 : unit
        return "\((value + step - 1) / step)"
    }
}

/// A quantity (kubernetes/apimachinery/pkg/api/resource), in thousandths.
struct Quantity: Hashable, Sendable {
    var milli: Int

    private static let units: [(suffix: String, milli: Int)] = [
        ("Ki", 1024_000), ("Mi", 1_048_576_000), ("Gi", 1_073_741_824_000), ("Ti", 1_099_511_627_776_000),
        ("k", 1_000_000), ("M", 1_000_000_000), ("G", 1_000_000_000_000), ("T", 1_000_000_000_000_000), ("m", 1),
    ]

    /// nil for what is no quantity, or is beyond what fits.
    init?(_ text: String) {
        var number = text[...]
        var unit = 1000
        if let found = Self.units.first(where: { text.hasSuffix($0.suffix) }) {
            number = number.dropLast(found.suffix.count)
            unit = found.milli
        }
        guard let value = Double(number), value.isFinite, abs(value) * Double(unit) < 9e18 else { return nil }
        milli = Int((value * Double(unit)).rounded(.up))
    }
}
