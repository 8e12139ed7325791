import JSONTree
import KubernetesModel

/// What `kubectl describe pods` and `kubectl describe nodes` print: one object after the other, each begins with its
/// name at the start of a line.
struct DescribedObjects {
    private(set) var objects: [PrintedObject] = []
    private let now: Int64

    init(_ text: String, now: Int64) {
        self.now = now
        var block: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("Name:") {
                read(block)
                block = []
            }
            block.append(line)
        }
        read(block)
    }

    /// A field of the first level with everything that is indented below it.
    struct Field {
        var value: String
        var lines: [Substring] = []
    }

    private mutating func read(_ lines: [Substring]) {
        var fields: [String: Field] = [:]
        var current: String?
        for line in lines {
            // Everything behind the events is theirs: a message of several lines begins anew at the margin.
            if current != "Events", let first = line.first, !first.isWhitespace, let colon = line.firstIndex(of: ":") {
                let name = String(line[..<colon])
                fields[name] = Field(value: Self.trimmed(line[line.index(after: colon)...]))
                current = name
            } else if let current {
                fields[current]?.lines.append(line)
            }
        }
        guard let name = fields["Name"]?.value, !name.isEmpty else { return }
        if readOther(name, fields, lines) { return }
        if fields["Namespace"] != nil, fields["Containers"] != nil || fields["Status"] != nil {
            readPod(name, fields)
        } else if fields["Conditions"] != nil, fields["Addresses"] != nil || fields["System Info"] != nil {
            readNode(name, fields)
        } else if fields["Namespace"] != nil {
            // Of what it is nobody knows; what happened to it is known by its name.
            readEvents(fields["Events"], fields["Namespace"]?.value ?? "", fields["Kind"]?.value ?? "", name)
        }
    }

    mutating func append(_ object: PrintedObject) { objects.append(object) }

    static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// The value of the field's own line and the lines below, each `KEY=VALUE` or `KEY: VALUE`.
    static func pairs(_ field: Field?, _ separator: Character) -> [JSONMember] {
        guard let field else { return [] }
        return ([field.value[...]] + field.lines).compactMap { line in
            let text = trimmed(line)
            guard text != "<none>", let at = text.firstIndex(of: separator) else { return nil }
            return JSONMember(String(text[..<at]), .string(trimmed(text[text.index(after: at)...])))
        }
    }

    // MARK: Pods

    private mutating func readPod(_ name: String, _ fields: [String: Field]) {
        let namespace = fields["Namespace"]?.value ?? "default"
        let node = fields["Node"].flatMap { field -> String? in
            let name = String(field.value.prefix { $0 != "/" })
            return name.isEmpty || name == "<none>" ? nil : name
        }
        let containers = Self.containers(fields["Containers"])
        let initial = Self.containers(fields["Init Containers"])
        let isReady = fields["Conditions"]?.lines.contains { line in
            let words = line.split(separator: " ")
            return words.count >= 2 && words[0] == "Ready" && words[1] == "True"
        }
        var metadata = [JSONMember("name", .string(name)), JSONMember("namespace", .string(namespace))]
        metadata.append(JSONMember("labels", .object(Self.pairs(fields["Labels"], "="))))
        metadata.append(JSONMember("annotations", .object(Self.pairs(fields["Annotations"], ":"))))
        if let owner = fields["Controlled By"]?.value.split(separator: "/").map(String.init), owner.count == 2 {
            metadata.append(
                JSONMember(
                    "ownerReferences",
                    [["kind": .string(owner[0]), "name": .string(owner[1]), "controller": true]]))
        }
        var spec = [JSONMember("containers", .array(containers.map(\.spec)))]
        if !initial.isEmpty { spec.append(JSONMember("initContainers", .array(initial.map(\.spec)))) }
        if let node { spec.append(JSONMember("nodeName", .string(node))) }
        var status = [
            JSONMember("phase", .string(fields["Status"].map { String($0.value.prefix { $0 != " " }) } ?? "")),
            JSONMember("containerStatuses", .array(containers.map(\.status))),
        ]
        if let isReady {
            status.append(JSONMember("conditions", [["type": "Ready", "status": .string(isReady ? "True" : "False")]]))
        }
        if !initial.isEmpty { status.append(JSONMember("initContainerStatuses", .array(initial.map(\.status)))) }
        if let address = fields["IP"]?.value, !address.isEmpty, address != "<none>" {
            status.append(JSONMember("podIP", .string(address)))
        }
        let value: JSONValue = [
            "printed": true, "metadata": .object(metadata), "spec": .object(spec), "status": .object(status),
        ]
        objects.append(
            PrintedObject(
                apiVersion: "v1", kind: "Pod", namespace: namespace, name: name, value: value, node: node,
                containers: (initial + containers).map(\.name), address: fields["IP"]?.value,
                hostAddresses: fields["Node"]?.value.split(separator: "/").dropFirst().map(String.init) ?? []))
        readEvents(fields["Events"], namespace, "Pod", name)
    }

    private struct Container {
        var name: String
        var image = ""
        var ports: [JSONValue] = []
        var state: [JSONMember] = []
        var last: [JSONMember] = []
        var isReady = false
        var restarts: Int64 = 0

        var spec: JSONValue { ["name": .string(name), "image": .string(image), "ports": .array(ports)] }
        var status: JSONValue {
            [
                "name": .string(name), "ready": .bool(isReady), "restartCount": .int(restarts),
                "state": .object(state), "lastState": .object(last),
            ]
        }
    }

    /// Containers stand two blanks in, their fields four, what belongs to a state six.
    private static func containers(_ field: Field?) -> [Container] {
        var found: [Container] = []
        var stateName: String?
        var isLast = false
        var details: [JSONMember] = []
        func close() {
            guard let name = stateName, !found.isEmpty else { return }
            let member = JSONMember(name.lowercased(), .object(details))
            if isLast { found[found.count - 1].last = [member] } else { found[found.count - 1].state = [member] }
            stateName = nil
            details = []
        }
        for line in field?.lines ?? [] {
            let indent = line.prefix { $0 == " " }.count
            let text = trimmed(line)
            guard let colon = text.firstIndex(of: ":") else { continue }
            let key = String(text[..<colon])
            let value = trimmed(text[text.index(after: colon)...])
            switch indent {
            case 2 where value.isEmpty:
                close()
                found.append(Container(name: key))
            case 4 where !found.isEmpty:
                close()
                switch key {
                case "Image": found[found.count - 1].image = value
                case "Port", "Ports": found[found.count - 1].ports = ports(value)
                case "State", "Last State":
                    stateName = value
                    isLast = key == "Last State"
                case "Ready": found[found.count - 1].isReady = value.lowercased() == "true"
                case "Restart Count": found[found.count - 1].restarts = Int64(value) ?? 0
                default: break
                }
            case 6 where stateName != nil:
                switch key {
                case "Reason", "Message": details.append(JSONMember(key.lowercased(), .string(value)))
                case "Exit Code", "ExitCode": details.append(JSONMember("exitCode", .int(Int64(value) ?? 0)))
                default: break
                }
            default: break
            }
        }
        close()
        return found
    }

    /// `53/UDP, 53/TCP`; newer ones tell the name as well: `8080/TCP (http)`.
    private static func ports(_ text: String) -> [JSONValue] {
        text.split(separator: ",").compactMap { one in
            let words = one.split(separator: " ")
            let parts = (words.first ?? "").split(separator: "/")
            guard parts.count == 2, let number = Int64(parts[0]) else { return nil }
            var members = [
                JSONMember("containerPort", .int(number)), JSONMember("protocol", .string(String(parts[1]))),
            ]
            if words.count == 2 { members.append(JSONMember("name", .string(words[1].filter { !"()".contains($0) }))) }
            return .object(members)
        }
    }

    // MARK: Nodes

    private mutating func readNode(_ name: String, _ fields: [String: Field]) {
        let conditions = (fields["Conditions"]?.lines ?? []).compactMap { line -> JSONValue? in
            let columns = Self.columns(line)
            guard columns.count >= 2, ["True", "False", "Unknown"].contains(columns[1]) else { return nil }
            var members = [JSONMember("type", .string(columns[0])), JSONMember("status", .string(columns[1]))]
            if columns.count >= 6 {
                members.append(JSONMember("reason", .string(columns[4])))
                members.append(JSONMember("message", .string(columns[5])))
            }
            return .object(members)
        }
        let addresses = (fields["Addresses"]?.lines ?? []).compactMap { line -> JSONValue? in
            let text = Self.trimmed(line)
            guard let colon = text.firstIndex(of: ":") else { return nil }
            return [
                "type": .string(String(text[..<colon])),
                "address": .string(Self.trimmed(text[text.index(after: colon)...])),
            ]
        }
        let names = [
            "Kernel Version": "kernelVersion", "OS Image": "osImage", "Kubelet Version": "kubeletVersion",
            "Container Runtime Version": "containerRuntimeVersion", "Architecture": "architecture",
        ]
        let info = (fields["System Info"]?.lines ?? []).compactMap { line -> JSONMember? in
            let text = Self.trimmed(line)
            guard let colon = text.firstIndex(of: ":"), let key = names[String(text[..<colon])] else { return nil }
            return JSONMember(key, .string(Self.trimmed(text[text.index(after: colon)...])))
        }
        let taints = ([fields["Taints"]?.value[...] ?? ""] + (fields["Taints"]?.lines ?? [])).compactMap {
            line -> JSONValue? in
            let text = Self.trimmed(line)
            guard text != "<none>", let colon = text.lastIndex(of: ":") else { return nil }
            let key = text[..<colon].split(separator: "=", maxSplits: 1).map(String.init)
            guard let first = key.first else { return nil }
            var members = [
                JSONMember("key", .string(first)),
                JSONMember("effect", .string(String(text[text.index(after: colon)...]))),
            ]
            if key.count == 2 { members.append(JSONMember("value", .string(key[1]))) }
            return .object(members)
        }
        var spec = [JSONMember("taints", .array(taints))]
        if fields["Unschedulable"]?.value == "true" { spec.append(JSONMember("unschedulable", true)) }
        if let range = fields["PodCIDR"]?.value, !range.isEmpty {
            spec.append(JSONMember("podCIDR", .string(range)))
            let ranges = fields["PodCIDRs"]?.value.split(separator: ",").map { JSONValue.string(String($0)) }
            spec.append(JSONMember("podCIDRs", .array(ranges ?? [.string(range)])))
        }
        let value: JSONValue = [
            "metadata": [
                "name": .string(name), "labels": .object(Self.pairs(fields["Labels"], "=")),
                "annotations": .object(Self.pairs(fields["Annotations"], ":")),
            ],
            "spec": .object(spec),
            "status": [
                "conditions": .array(conditions), "addresses": .array(addresses), "nodeInfo": .object(info),
            ],
        ]
        objects.append(PrintedObject(apiVersion: "v1", kind: "Node", name: name, value: value))
        readEvents(fields["Events"], "default", "Node", name)
    }

    // MARK: Events

    /// `Warning  FailedMount  20s (x40 over 15m)  kubelet  message`: columns are two blanks or more apart.
    mutating func readEvents(_ field: Field?, _ namespace: String, _ kind: String, _ name: String) {
        var rows: [String] = []
        for line in field?.lines ?? [] {
            if line.first?.isWhitespace ?? true || rows.isEmpty {
                rows.append(String(line))
            } else {
                rows[rows.count - 1] += " " + line
            }
        }
        for (number, row) in rows.enumerated() {
            let columns = Self.columns(row[...])
            guard columns.count >= 5, columns[0] == "Warning" || columns[0] == "Normal" else { continue }
            objects.append(
                PrintedTable.event(
                    namespace: namespace, kind: kind, name: name, reason: columns[1],
                    message: columns[4...].joined(separator: "  "), type: columns[0], age: EventAge(columns[2]),
                    now: now, number: number))
        }
    }

    static func columns(_ line: Substring) -> [String] {
        var columns: [String] = []
        var current = ""
        var blanks = 2
        for character in line {
            if character == " " || character == "\t" {
                blanks += 1
                continue
            }
            if blanks >= 2, !current.isEmpty {
                columns.append(current)
                current = ""
            } else if blanks == 1, !current.isEmpty {
                current.append(" ")
            }
            blanks = 0
            current.append(character)
        }
        if !current.isEmpty { columns.append(current) }
        return columns
    }
}
