import JSONTree

/// Where Services lead to, as `kubectl describe` tells it.
extension DescribedObjects {
    /// `http  80  TCP` below a head and a line of dashes; nil in place of a port's name that is not set.
    private static func ports(_ lines: [Substring]) -> [(name: String, number: Int64, transport: String)] {
        lines.compactMap { line in
            let words = columns(line)
            guard words.count == 3, let number = Int64(words[1]) else { return nil }
            return (words[0] == "<unset>" ? "" : words[0], number, words[2])
        }
    }

    /// Endpoints stand two blanks in with a hyphen, what belongs to them four, their conditions six.
    mutating func readSlice(_ name: String, _ fields: [String: Field]) {
        let namespace = Self.namespace(fields)
        var ends: [[JSONMember]] = []
        for line in fields["Endpoints"]?.lines ?? [] {
            let text = Self.trimmed(line.drop { $0 == " " || $0 == "-" })
            guard let colon = text.firstIndex(of: ":") else { continue }
            let value = Self.trimmed(text[text.index(after: colon)...])
            let key = text[..<colon]
            if key == "Addresses" {
                let addresses = value.split(separator: ",").map { JSONValue.string(Self.trimmed($0)) }
                ends.append([JSONMember("addresses", .array(addresses))])
            }
            guard !ends.isEmpty, !value.isEmpty, value != "<unset>", value != "<none>" else { continue }
            let last = ends.count - 1
            switch key {
            case "Ready": ends[last].append(JSONMember("conditions", ["ready": .bool(value == "true")]))
            case "NodeName": ends[last].append(JSONMember("nodeName", .string(value)))
            case "Zone": ends[last].append(JSONMember("zone", .string(value)))
            case "TargetRef":
                let parts = value.split(separator: "/").map(String.init)
                guard parts.count == 2 else { continue }
                ends[last].append(
                    JSONMember(
                        "targetRef",
                        ["kind": .string(parts[0]), "name": .string(parts[1]), "namespace": .string(namespace)]))
            default: continue
            }
        }
        let ports = Self.ports(fields["Ports"]?.lines ?? []).map { port -> JSONValue in
            ["name": .string(port.name), "port": .int(port.number), "protocol": .string(port.transport)]
        }
        let value: JSONValue = [
            "metadata": Self.metadata(name, namespace, fields),
            "addressType": .string(fields["AddressType"]?.value ?? "IPv4"),
            "endpoints": .array(ends.map { .object($0) }), "ports": .array(ports),
        ]
        append(
            PrintedObject(
                apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace: namespace, name: name,
                value: value))
        readEvents(fields["Events"], namespace, "EndpointSlice", name)
    }

    mutating func readEndpoints(_ name: String, _ subsets: Field, _ fields: [String: Field]) {
        let namespace = Self.namespace(fields)
        func addresses(_ title: String) -> [String] {
            subsets.lines.flatMap { line -> [String] in
                let text = Self.trimmed(line)
                guard text.hasPrefix(title + ":") else { return [] }
                return text.dropFirst(title.count + 1).split(separator: ",").map { Self.trimmed($0) }
                    .filter { $0 != "<none>" && !$0.isEmpty }
            }
        }
        append(
            .slice(
                of: name, namespace, addresses: addresses("Addresses"), ports: Self.ports(subsets.lines),
                notReady: addresses("NotReadyAddresses")))
        readEvents(fields["Events"], namespace, "Endpoints", name)
    }

    mutating func readIngressClass(_ name: String, _ controller: String, _ fields: [String: Field]) {
        let value: JSONValue = [
            "metadata": Self.metadata(name, "", fields), "spec": ["controller": .string(controller)],
        ]
        append(PrintedObject(apiVersion: "networking.k8s.io/v1", kind: "IngressClass", name: name, value: value))
    }

    static let phases: Set<String> = ["Active", "Terminating"]

    /// Its labels are what selectors of policies ask for.
    mutating func readNamespace(_ name: String, _ phase: String, _ fields: [String: Field]) {
        let value: JSONValue = [
            "metadata": Self.metadata(name, "", fields), "status": ["phase": .string(phase)],
        ]
        append(PrintedObject(apiVersion: "v1", kind: "Namespace", name: name, value: value))
    }
}
