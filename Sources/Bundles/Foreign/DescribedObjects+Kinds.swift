import JSONTree

/// Kinds other than pods and nodes, as far as `kubectl describe` tells them.
extension DescribedObjects {
    /// Whether the block was of such a kind.
    mutating func readOther(_ name: String, _ fields: [String: Field], _ lines: [Substring]) -> Bool {
        if let version = fields["API Version"]?.value, let kind = fields["Kind"]?.value {
            readCustom(name, version, kind, fields)
        } else if fields["TargetPort"] != nil || fields["Session Affinity"] != nil, fields["Type"] != nil {
            readService(name, fields, lines)
        } else if fields["Desired Number of Nodes Scheduled"] != nil {
            readDaemonSet(name, fields)
        } else if fields["StrategyType"] != nil, let replicas = fields["Replicas"]?.value {
            readDeployment(name, replicas, fields)
        } else if fields["Rules"] != nil, fields["Default backend"] != nil || fields["Ingress Class"] != nil {
            readIngress(name, fields)
        } else if fields["AddressType"] != nil, fields["Endpoints"] != nil {
            readSlice(name, fields)
        } else if let subsets = fields["Subsets"] {
            readEndpoints(name, subsets, fields)
        } else if fields["Pods Status"] ?? fields["Pods Statuses"] != nil {
            readPodOwner(name, fields)
        } else if let spec = fields["Spec"], spec.lines.contains(where: { $0.hasPrefix("  Policy Types:") }) {
            readPolicy(name, fields, spec.lines)
        } else if lines.contains("Data"), lines.contains("====") {
            readConfigMap(name, fields, lines)
        } else if let controller = fields["Controller"]?.value, fields["Namespace"] == nil {
            readIngressClass(name, controller, fields)
        } else if fields["Namespace"] == nil, let phase = fields["Status"]?.value, Self.phases.contains(phase) {
            readNamespace(name, phase, fields)
        } else {
            return false
        }
        return true
    }

    static func namespace(_ fields: [String: Field]) -> String { fields["Namespace"]?.value ?? "default" }

    static func metadata(_ name: String, _ namespace: String, _ fields: [String: Field]) -> JSONValue {
        var members = [JSONMember("name", .string(name))]
        if !namespace.isEmpty { members.append(JSONMember("namespace", .string(namespace))) }
        members.append(JSONMember("labels", .object(pairs(fields["Labels"], "="))))
        members.append(JSONMember("annotations", .object(pairs(fields["Annotations"], ":"))))
        return .object(members)
    }

    /// `app=web,tier=front`.
    static func selector(_ text: String?) -> [JSONMember] {
        (text ?? "").split(separator: ",").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map { trimmed($0) }
            return parts.count == 2 ? JSONMember(parts[0], .string(parts[1])) : nil
        }
    }

    // MARK: Services

    /// `Port:  http  80/TCP`, with the lines about the same port that follow it.
    private struct Port {
        var name: String
        var number: Int64
        var transport: String
        var target: String?
        var nodePort: Int64?
        var endpoints: [(address: String, port: Int64)] = []
        /// How many more there are than are told.
        var leftOut: Int64 = 0

        init?(_ columns: [String]) {
            let parts = columns.last?.split(separator: "/").map(String.init) ?? []
            guard parts.count == 2, let number = Int64(parts[0]) else { return nil }
            name = columns.count > 1 && columns[0] != "<unset>" ? columns[0] : ""
            self.number = number
            transport = parts[1]
        }
    }

    private mutating func readService(_ name: String, _ fields: [String: Field], _ lines: [Substring]) {
        let namespace = Self.namespace(fields)
        var ports: [Port] = []
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), line.first.map({ !$0.isWhitespace }) ?? false else { continue }
            let value = line[line.index(after: colon)...]
            switch line[..<colon] {
            case "Port": if let port = Port(Self.columns(value)) { ports.append(port) }
            case _ where ports.isEmpty: continue
            case "TargetPort":
                ports[ports.count - 1].target = Self.trimmed(value).split(separator: "/").first.map(String.init)
            case "NodePort":
                let last = Self.columns(value).last ?? ""
                ports[ports.count - 1].nodePort = Int64(last.prefix { $0 != "/" })
            case "Endpoints":
                ports[ports.count - 1].leftOut = PrintedTable.leftOut(value)
                ports[ports.count - 1].endpoints = Self.trimmed(value).split(separator: ",").compactMap { one in
                    let text = one.prefix { $0 != " " }
                    guard let colon = text.lastIndex(of: ":"), let port = Int64(text[text.index(after: colon)...])
                    else {
                        return nil
                    }
                    return (text[..<colon].filter { $0 != "[" && $0 != "]" }, port)
                }
            default: continue
            }
        }
        let address = fields["IP"]?.value ?? ""
        var spec = [
            JSONMember("type", .string(fields["Type"]?.value ?? "ClusterIP")),
            JSONMember("clusterIP", .string(address)),
            JSONMember("clusterIPs", [.string(address)]),
            JSONMember("selector", .object(Self.selector(fields["Selector"]?.value))),
        ]
        for (title, member) in [
            ("External Traffic Policy", "externalTrafficPolicy"), ("Internal Traffic Policy", "internalTrafficPolicy"),
            ("External Name", "externalName"), ("Session Affinity", "sessionAffinity"),
        ] {
            if let text = fields[title]?.value, !text.isEmpty { spec.append(JSONMember(member, .string(text))) }
        }
        spec.append(JSONMember("ports", .array(ports.map(Self.port))))
        let balanced = fields["LoadBalancer Ingress"]?.value.split(separator: ",") ?? []
        let value: JSONValue = [
            "metadata": Self.metadata(name, namespace, fields), "spec": .object(spec),
            "status": [
                "loadBalancer": [
                    "ingress": .array(balanced.map { ["ip": .string(Self.trimmed($0.prefix { $0 != "(" }))] })
                ]
            ],
        ]
        append(PrintedObject(apiVersion: "v1", kind: "Service", namespace: namespace, name: name, value: value))
        if fields["Type"]?.value != "ExternalName" {
            append(
                PrintedObject.slice(
                    of: name, namespace, addresses: ports.flatMap { $0.endpoints.map(\.address) },
                    ports: ports.compactMap { port in
                        port.endpoints.first.map { (port.name, $0.port, port.transport) }
                    }, leftOut: ports.map(\.leftOut).max() ?? 0))
        }
        readEvents(fields["Events"], namespace, "Service", name)
    }

    private static func port(_ port: Port) -> JSONValue {
        var members = [
            JSONMember("port", .int(port.number)), JSONMember("protocol", .string(port.transport)),
        ]
        if !port.name.isEmpty { members.append(JSONMember("name", .string(port.name))) }
        if let target = port.target {
            members.append(JSONMember("targetPort", Int64(target).map { .int($0) } ?? .string(target)))
        }
        if let number = port.nodePort { members.append(JSONMember("nodePort", .int(number))) }
        return .object(members)
    }

    // MARK: Policies, Ingresses, ConfigMaps

    private mutating func readPolicy(_ name: String, _ fields: [String: Field], _ lines: [Substring]) {
        guard let spec = DescribedPolicy.spec(lines) else { return }
        let namespace = Self.namespace(fields)
        let value: JSONValue = ["metadata": Self.metadata(name, namespace, fields), "spec": spec]
        append(
            PrintedObject(
                apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: namespace, name: name,
                value: value))
    }

    private mutating func readIngress(_ name: String, _ fields: [String: Field]) {
        let namespace = Self.namespace(fields)
        var rules: [(host: String, paths: [JSONValue])] = []
        for line in fields["Rules"]?.lines ?? [] {
            let words = line.split(separator: " ").map(String.init)
            let indent = line.prefix { $0 == " " }.count
            guard let first = words.first, first != "Host", !first.hasPrefix("----") else { continue }
            if indent == 2 {
                rules.append((first == "*" ? "" : first, []))
            } else if words.count >= 2, !rules.isEmpty {
                let backend = words[1].split(separator: ":").map(String.init)
                guard backend.count == 2 else { continue }
                let port: JSONValue =
                    Int64(backend[1]).map { ["number": .int($0)] } ?? ["name": .string(backend[1])]
                rules[rules.count - 1].paths.append([
                    "path": .string(first), "pathType": "Prefix",
                    "backend": ["service": ["name": .string(backend[0]), "port": port]],
                ])
            }
        }
        let ends = (fields["Address"]?.value ?? "").split(separator: ",").map { address -> JSONValue in
            let text = Self.trimmed(address)
            return text.contains { $0.isLetter } && !text.contains(":")
                ? ["hostname": .string(text)] : ["ip": .string(text)]
        }
        let tls = (fields["TLS"]?.lines ?? []).compactMap { line -> JSONValue? in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 3, words[1] == "terminates" else { return nil }
            return [
                "secretName": .string(words[0]),
                "hosts": .array(words[2].split(separator: ",").map { .string(String($0)) }),
            ]
        }
        var spec = [
            JSONMember(
                "rules",
                .array(rules.map { ["host": .string($0.host), "http": ["paths": .array($0.paths)]] })),
            JSONMember("tls", .array(tls)),
        ]
        if let known = fields["Ingress Class"]?.value, known != "<none>" {
            spec.append(JSONMember("ingressClassName", .string(known)))
        }
        let value: JSONValue = [
            "metadata": Self.metadata(name, namespace, fields), "spec": .object(spec),
            "status": ["loadBalancer": ["ingress": .array(ends)]],
        ]
        append(
            PrintedObject(
                apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: namespace, name: name, value: value))
        readEvents(fields["Events"], namespace, "Ingress", name)
    }

    /// A key, a line of hyphens, its text, an empty line.
    private mutating func readConfigMap(_ name: String, _ fields: [String: Field], _ lines: [Substring]) {
        let namespace = Self.namespace(fields)
        var data: [JSONMember] = []
        guard let start = lines.firstIndex(of: "====") else { return }
        var index = start + 1
        while index + 1 < lines.count, lines[index] != "BinaryData" {
            guard lines[index].hasSuffix(":"), lines[index + 1] == "----" else {
                index += 1
                continue
            }
            let key = String(lines[index].dropLast())
            index += 2
            var text: [Substring] = []
            while index < lines.count, lines[index] != "BinaryData", !lines[index].hasPrefix("Events:"),
                !(lines[index].hasSuffix(":") && index + 1 < lines.count && lines[index + 1] == "----")
            {
                text.append(lines[index])
                index += 1
            }
            while text.last?.isEmpty ?? false { text.removeLast() }
            data.append(JSONMember(key, .string(text.joined(separator: "\n") + "\n")))
        }
        let value: JSONValue = ["metadata": Self.metadata(name, namespace, fields), "data": .object(data)]
        append(PrintedObject(apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: name, value: value))
    }

    // MARK: Kinds that kubectl does not know

    private mutating func readCustom(_ name: String, _ version: String, _ kind: String, _ fields: [String: Field]) {
        let namespace = fields["Namespace"]?.value ?? ""
        var members = [JSONMember("apiVersion", .string(version)), JSONMember("kind", .string(kind))]
        members.append(JSONMember("metadata", Self.metadata(name, namespace, fields)))
        for title in ["Spec", "Status", "Data", "Webhooks", "Rules"] {
            guard let lines = fields[title]?.lines.filter({ !Self.trimmed($0).isEmpty }), !lines.isEmpty else {
                continue
            }
            members.append(
                JSONMember(title.lowercased(), DescribedTree.value(of: lines[...], named: title.lowercased())))
        }
        append(
            PrintedObject(apiVersion: version, kind: kind, namespace: namespace, name: name, value: .object(members)))
        readEvents(fields["Events"], namespace, kind, name)
    }
}

/// The indented fields that kubectl prints of kinds it does not know: names in words with capitals, lists without any
/// mark between their items.
enum DescribedTree {
    /// Lists of one item look like objects; these are always lists.
    private static let lists: Set<String> = [
        "conditions", "solvers", "rules", "webhooks", "ingress", "egress", "endpoints", "subsets", "parentRefs",
        "parents", "hostnames", "listeners", "tls", "subjects", "addresses", "http", "servers", "route",
    ]

    static func value(of lines: ArraySlice<Substring>, named name: String) -> JSONValue {
        guard let first = lines.first else { return .null }
        let indent = depth(first)
        var items: [[JSONMember]] = [[]]
        var scalars: [JSONValue] = []
        var index = lines.startIndex
        while index < lines.endIndex {
            let line = lines[index]
            index += 1
            guard depth(line) == indent else { continue }
            let text = line.drop { $0 == " " }
            var end = index
            while end < lines.endIndex, depth(lines[end]) > indent { end += 1 }
            guard let colon = text.firstRange(of: ":"),
                colon.upperBound == text.endIndex || text[colon.upperBound] == " "
            else {
                scalars.append(scalar(text))
                continue
            }
            let key = member(text[..<colon.lowerBound])
            let rest = text[colon.upperBound...].drop { $0 == " " }
            let value = rest.isEmpty && end > index ? value(of: lines[index..<end], named: key) : scalar(rest)
            index = end
            if items[items.count - 1].contains(where: { $0.key == key }) { items.append([]) }
            items[items.count - 1].append(JSONMember(key, value))
        }
        if items == [[]], !scalars.isEmpty { return .array(scalars) }
        return items.count > 1 || lists.contains(name) ? .array(items.map { .object($0) }) : .object(items[0])
    }

    private static func depth(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }

    /// `Last Transition Time` is `lastTransitionTime`, `API Version` is `apiVersion`.
    private static func member(_ title: Substring) -> String {
        let words = title.split(separator: " ")
        guard let first = words.first else { return "" }
        let isAcronym = first.count > 1 && first.allSatisfy { $0.isUppercase || $0.isNumber }
        let start = isAcronym ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
        return start + words.dropFirst().joined()
    }

    private static func scalar(_ text: Substring) -> JSONValue {
        switch text {
        case "<nil>", "<none>", "": .null
        case "true", "false": .bool(text == "true")
        default: Int64(text).map { .int($0) } ?? .string(String(text))
        }
    }
}
