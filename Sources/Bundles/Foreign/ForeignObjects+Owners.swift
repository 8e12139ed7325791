import Diagnosis

// Whose a file is, by what its path names.

extension ForeignObjects {
    /// Answers that were taken inside a pod: of `pods/NAMESPACE/POD`, `pods/NAMESPACE_POD` and of a folder that has exactly a pod's name, when
    /// that pod has a network of its own. An agent's folder tells of its machine.
    func namespace(inFolder folder: String) -> PodPlace? {
        let parts = folder.split(separator: "/").map(String.init)
        func place(_ namespace: String, _ pod: String, above: Int) -> PodPlace? {
            let known = pods[pod].flatMap { $0.namespace == namespace ? $0 : nil }
            if known?.isOnHost ?? false { return nil }
            return PodPlace(
                namespace: namespace, pod: pod, node: known?.node, above: parts[..<above].joined(separator: "/"))
        }
        for index in parts.indices where parts[index] == "pods" && index + 1 < parts.count {
            // `pods/NAMESPACE_POD`, as the kubelet names its folders.
            let names = parts[index + 1].split(separator: "_").map(String.init)
            if names.count > 1, pods[names[1]]?.namespace == names[0] {
                return place(names[0], names[1], above: index)
            }
            if index + 2 < parts.count { return place(parts[index + 1], parts[index + 2], above: index) }
        }
        guard let last = parts.last else { return nil }
        // `exec-POD-ip_route.txt`, `pod-POD`, `netns-POD`.
        let isMarked = ["exec-", "kubectl-exec-", "pod-", "netns-"].contains(where: last.hasPrefix)
        let name = pods[last] != nil ? last : isMarked ? pod(in: last)?.name ?? last : last
        if let known = pods[name], isOnHost(name, known) == false {
            return place(known.namespace, name, above: parts.count - 1)
        }
        // Somebody typed into it, and no list tells of it.
        guard last.hasPrefix("exec-"), pods[name] == nil,
            let asked = mentioned.keys.filter({ last.hasPrefix("exec-\($0)-") }).max(by: { $0.count < $1.count }),
            pods[asked] == nil, let namespace = mentioned[asked],
            NetworkComponent.named(pod: asked, container: "") == nil
        else { return nil }
        return place(namespace, asked, above: parts.count - 1)
    }

    /// A table does not say it: a pod has the address of its node or one of its own. Agents live on the machine's network.
    private func isOnHost(_ name: String, _ pod: Pod) -> Bool? {
        if let known = pod.isOnHost { return known }
        guard let address = pod.address else { return nil }
        if NetworkComponent.named(pod: name, container: "") != nil { return nil }
        return hostAddresses.contains(address)
    }

    var onlyNode: String? { nodes.count == 1 ? nodes[0] : nil }

    /// The node a folder is named after: by its name, by `agent_NAME`, by one of its pods, or as part of a longer name.
    func node(named folder: String) -> String? {
        let known = Set(nodes)
        for part in folder.split(separator: "/").reversed() {
            let plain = part.hasPrefix("agent_") ? part.dropFirst(6) : part
            if known.contains(String(plain)) { return String(plain) }
            if let pod = pod(in: String(part)), let node = pods[pod.name]?.node { return node }
            let inside = nodes.filter { Self.contains(part, word: $0) }.max { $0.count < $1.count }
            if let inside { return inside }
        }
        return nil
    }

    /// The node of a host's name, whether one of them has a domain or not.
    func node(short name: String) -> String? {
        if nodes.contains(name) { return name }
        let short = name.prefix { $0 != "." }
        let fitting = nodes.filter { $0.prefix { $0 != "." } == short }
        return fitting.count == 1 ? fitting[0] : nil
    }

    /// Whole words only: `node-1` is not in `node-12`.
    private static func contains(_ text: Substring, word: String) -> Bool {
        guard let range = text.firstRange(of: word) else { return false }
        func isBorder(_ character: Character?) -> Bool {
            character.map { !$0.isLetter && !$0.isNumber } ?? true
        }
        let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
        let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
        return isBorder(before) && isBorder(after)
    }

    /// The longest name of a pod that a name holds, between hyphens, and what stands behind it.
    private func pod(in name: String) -> (name: String, rest: String)? {
        var best: (name: String, rest: String)?
        for piece in name.split(whereSeparator: { "_ :@~".contains($0) }) {
            let parts = piece.split(separator: "-", omittingEmptySubsequences: false)
            for start in parts.indices {
                for end in (start..<parts.count).reversed() where end - start < 12 {
                    var candidate = parts[start...end].joined(separator: "-")
                    if pods[candidate] == nil {
                        for suffix in [".log", ".txt", ".previous.log", ".prom", ".metrics"]
                        where candidate.hasSuffix(suffix) {
                            candidate = String(candidate.dropLast(suffix.count))
                            break
                        }
                    }
                    if pods[candidate] != nil, candidate.count > best?.name.count ?? 0,
                        let range = name.firstRange(of: candidate)
                    {
                        best = (candidate, String(name[range.upperBound...]))
                    }
                }
            }
        }
        return best
    }

    /// Whose log a path names: `namespaces/NS/pods/POD/CONTAINER/CONTAINER/logs/previous.log`,
    /// `logs-POD-CONTAINER-20260306-025310-prev.log`, `NS_POD_CONTAINER.log`, `POD.log`.
    func container(
        ofLog path: String
    ) -> (namespace: String, pod: String, container: String, isPrevious: Bool)? {
        let parts = path.split(separator: "/").map(String.init)
        guard let file = parts.last else { return nil }
        let isPrevious = file.contains("previous") || file.contains("-prev") || file.contains("_prev")
        for (index, part) in parts.enumerated().reversed() {
            guard let found = pod(in: part), let pod = pods[found.name] else { continue }
            let rest = ([found.rest] + parts[(index + 1)...]).joined(separator: "/")
            let words = rest.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
            let named = pod.containers.filter { container in
                words.contains { $0 == container } || rest.contains("-\(container)-") || rest.contains("-\(container).")
                    || rest.contains("_\(container).") || rest.contains("_\(container)-")
                    || rest.contains("/\(container).") || rest.hasSuffix("-\(container)")
            }.max { $0.count < $1.count }
            // All containers of the pod in one: the last is the one it is there for.
            guard let container = named ?? pod.containers.last else { return nil }
            return (pod.namespace, found.name, container, isPrevious)
        }
        // `agent_NODE/logs/agent/antrea-agent.log`: a container of a pod of that node.
        let container = String(file.prefix { $0 != "." })
        guard let node = node(named: parts.dropLast().joined(separator: "/")) else { return nil }
        let owners = pods.filter { $0.value.node == node && $0.value.containers.contains(container) }
        guard owners.count == 1, let owner = owners.first else { return nil }
        return (owner.value.namespace, owner.key, container, isPrevious)
    }
}
