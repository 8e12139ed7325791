import JSONTree

/// What keeps pods, as `kubectl describe` tells it.
extension DescribedObjects {
    private static func count(_ fields: [String: Field], _ title: String) -> JSONValue {
        .int(Int64((fields[title]?.value ?? "").prefix { $0.isNumber }) ?? 0)
    }

    private static func template(_ fields: [String: Field], _ selector: [JSONMember]) -> JSONValue {
        var names: [(name: String, image: String, isInit: Bool)] = []
        var isInit = false
        for line in fields["Pod Template"]?.lines ?? [] {
            let indent = line.prefix { $0 == " " }.count
            let text = trimmed(line)
            if indent == 2 { isInit = text.hasPrefix("Init Containers") }
            if indent == 3, text.hasSuffix(":") { names.append((String(text.dropLast()), "", isInit)) }
            if indent > 3, text.hasPrefix("Image:"), !names.isEmpty {
                names[names.count - 1].image = trimmed(text.dropFirst(6))
            }
        }
        func containers(_ isInit: Bool) -> JSONValue {
            .array(
                names.filter { $0.isInit == isInit }.map { ["name": .string($0.name), "image": .string($0.image)] })
        }
        return [
            "metadata": ["labels": .object(selector)],
            "spec": ["containers": containers(false), "initContainers": containers(true)],
        ]
    }

    mutating func readDaemonSet(_ name: String, _ fields: [String: Field]) {
        let namespace = Self.namespace(fields)
        let selector = Self.selector(fields["Selector"]?.value)
        let value: JSONValue = [
            "metadata": Self.metadata(name, namespace, fields),
            "spec": ["selector": ["matchLabels": .object(selector)], "template": Self.template(fields, selector)],
            "status": [
                "desiredNumberScheduled": Self.count(fields, "Desired Number of Nodes Scheduled"),
                "currentNumberScheduled": Self.count(fields, "Current Number of Nodes Scheduled"),
                "updatedNumberScheduled": Self.count(fields, "Number of Nodes Scheduled with Up-to-date Pods"),
                "numberAvailable": Self.count(fields, "Number of Nodes Scheduled with Available Pods"),
                "numberReady": Self.count(fields, "Number of Nodes Scheduled with Available Pods"),
                "numberMisscheduled": Self.count(fields, "Number of Nodes Misscheduled"),
            ],
        ]
        append(PrintedObject(apiVersion: "apps/v1", kind: "DaemonSet", namespace: namespace, name: name, value: value))
        readEvents(fields["Events"], namespace, "DaemonSet", name)
    }

    /// `2 desired | 2 updated | 2 total | 2 available | 0 unavailable`.
    mutating func readDeployment(_ name: String, _ replicas: String, _ fields: [String: Field]) {
        let namespace = Self.namespace(fields)
        let selector = Self.selector(fields["Selector"]?.value)
        func count(_ word: String) -> JSONValue {
            for part in replicas.split(separator: "|") {
                let words = part.split(separator: " ")
                if words.count == 2, words[1] == word { return .int(Int64(words[0]) ?? 0) }
            }
            return .int(0)
        }
        let value: JSONValue = [
            "metadata": Self.metadata(name, namespace, fields),
            "spec": [
                "replicas": count("desired"), "selector": ["matchLabels": .object(selector)],
                "template": Self.template(fields, selector),
            ],
            "status": [
                "replicas": count("total"), "updatedReplicas": count("updated"), "readyReplicas": count("available"),
                "availableReplicas": count("available"), "unavailableReplicas": count("unavailable"),
            ],
        ]
        append(PrintedObject(apiVersion: "apps/v1", kind: "Deployment", namespace: namespace, name: name, value: value))
        readEvents(fields["Events"], namespace, "Deployment", name)
    }

    /// StatefulSets, ReplicaSets and Jobs; of the last only what happened to them is of interest.
    mutating func readPodOwner(_ name: String, _ fields: [String: Field]) {
        let namespace = Self.namespace(fields)
        if fields["Pods Statuses"] != nil { return readEvents(fields["Events"], namespace, "Job", name) }
        // `3 desired | 3 total` of a StatefulSet, `3 current / 3 desired` of a ReplicaSet.
        let kind = fields["Update Strategy"] == nil ? "ReplicaSet" : "StatefulSet"
        let selector = Self.selector(fields["Selector"]?.value)
        let counts = (fields["Replicas"]?.value ?? "").split { "|/".contains($0) }.map { $0.split(separator: " ") }
        func count(_ word: String) -> JSONValue {
            .int(counts.first { $0.count == 2 && $0[1] == word }.flatMap { Int64($0[0]) } ?? 0)
        }
        let value: JSONValue = [
            "printed": true, "metadata": Self.metadata(name, namespace, fields),
            "spec": [
                "replicas": count("desired"), "selector": ["matchLabels": .object(selector)],
                "template": Self.template(fields, selector),
            ],
            "status": ["replicas": count(kind == "ReplicaSet" ? "current" : "total")],
        ]
        append(PrintedObject(apiVersion: "apps/v1", kind: kind, namespace: namespace, name: name, value: value))
        readEvents(fields["Events"], namespace, kind, name)
    }
}
