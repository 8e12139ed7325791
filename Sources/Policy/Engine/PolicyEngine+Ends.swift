import Addressing

// Pods, nodes and the classes they belong to.

extension PolicyEngine {
    mutating func update(_ pod: ClusterPod) {
        let old = cluster.update(pod)
        if old == pod { return }
        let (id, isNew) = podIDs.insert(pod.id)
        if isNew {
            pods.append(
                PodEntry(classID: -1, nodeID: -1, isOnHostNetwork: false, v4: 0, v6: 0, hasV4: false, hasV6: false))
        }
        if let old { disown(old, id) }
        let oldClass = old == nil ? -1 : pods[Int(id)].classID
        var entry = PodEntry(
            classID: -1, nodeID: pod.node.isEmpty ? -1 : internNode(pod.node), isOnHostNetwork: pod.isOnHostNetwork,
            v4: 0, v6: 0, hasV4: false, hasV6: false)
        for address in pod.addresses {
            switch address {
            case .v4(let address) where !entry.hasV4:
                entry.v4 = address.rawValue
                entry.hasV4 = true
            case .v6(let address) where !entry.hasV6:
                entry.v6 = address.number
                entry.hasV6 = true
            default: break
            }
        }
        if pod.isPolicyEndpoint {
            entry.classID = retainClass(
                ClassKey(
                    subject: .pods, namespace: pod.id.namespace, own: pod.labels, serviceAccount: pod.serviceAccount,
                    ports: pod.ports.filter { $0.name != nil }.sorted()))
            for address in pod.addresses { owners[address, default: []].append(.pod(id)) }
        }
        pods[Int(id)] = entry
        if oldClass >= 0 { releaseClass(oldClass) }
        journal?.pods.insert(id)
    }

    mutating func removePod(_ name: PodName) {
        guard let old = cluster.removePod(name), let id = podIDs.remove(name) else { return }
        disown(old, id)
        let classID = pods[Int(id)].classID
        pods[Int(id)] = PodEntry(
            classID: -1, nodeID: -1, isOnHostNetwork: false, v4: 0, v6: 0, hasV4: false, hasV6: false)
        if classID >= 0 { releaseClass(classID) }
        journal?.pods.insert(id)
    }

    private mutating func disown(_ pod: ClusterPod, _ id: Int32) {
        guard pod.isPolicyEndpoint else { return }
        for address in pod.addresses { disown(address, .pod(id)) }
    }

    private mutating func disown(_ address: IPAddress, _ owner: EndOwner) {
        guard var list = owners[address] else { return }
        if let index = list.firstIndex(of: owner) { list.remove(at: index) }
        owners[address] = list.isEmpty ? nil : list
    }

    /// The node's number; a node that is only named by a pod has no labels and no addresses.
    mutating func internNode(_ name: String) -> Int32 {
        if let id = nodeIDs[name] { return id }
        let id = Int32(nodes.count)
        nodeIDs[name] = id
        nodes.append(NodeEntry(name: name, classID: -1))
        refreshNode(name)
        return id
    }

    mutating func refreshNode(_ name: String) {
        guard let id = nodeIDs[name] else {
            _ = internNode(name)
            return
        }
        let node = cluster.nodes[name] ?? ClusterNode(name: name)
        for address in nodes[Int(id)].addresses { disown(address, .node(id)) }
        for address in node.addresses { owners[address, default: []].append(.node(id)) }
        nodes[Int(id)].addresses = node.addresses
        let old = nodes[Int(id)].classID
        nodes[Int(id)].classID = retainClass(
            ClassKey(subject: .nodes, namespace: name, own: node.labels, serviceAccount: "", ports: []))
        if old >= 0 { releaseClass(old) }
    }

    /// Whose address it is. Two pods with one address are a fault of the cluster; the first by name counts, so that
    /// the answer does not depend on the order of events.
    func owner(of address: IPAddress) -> EndOwner? {
        guard let list = owners[address], let first = list.first else { return nil }
        if list.count == 1 { return first }
        return list.min { left, right in
            switch (left, right) {
            case (.pod(let left), .pod(let right)): podIDs.names[Int(left)] < podIDs.names[Int(right)]
            case (.pod, .node): true
            case (.node, .pod): false
            case (.node(let left), .node(let right)): nodes[Int(left)].name < nodes[Int(right)].name
            }
        }
    }

    // MARK: Classes

    private mutating func retainClass(_ key: ClassKey) -> Int32 {
        if let id = classIDs[key] {
            classes[Int(id)].count += 1
            return id
        }
        let view = view(of: key)
        var new = EndClass(
            key: key, view: view, namespaceID: key.subject == .pods ? namespaceID(key.namespace) : -1,
            pairs: key.own.map { pairID($0.key, $0.value) }.sorted(),
            ports: key.ports.map {
                EndClass.NamedPort(name: portNameID($0.name ?? ""), transport: $0.transport.number, number: $0.number)
            },
            count: 1)
        let id: Int32
        if let free = freeClasses.popLast() {
            id = free
        } else {
            id = Int32(classes.count)
            classes.append(new)
        }
        for bucket in buckets(of: new) { classesByBucket[bucket, default: []].append(id) }
        new.matching = candidates(for: new).filter { selectors[Int($0)].key.expression.matches(view) }.sorted()
        classes[Int(id)] = new
        classIDs[key] = id
        for selector in new.matching { enter(id, selector) }
        for port in new.ports {
            countPort(port, 1)
            classesByPort[port.name, default: []].insert(id)
        }
        dirtyClasses.insert(id)
        journal?.classes.insert(id)
        return id
    }

    private mutating func releaseClass(_ id: Int32) {
        classes[Int(id)].count -= 1
        guard classes[Int(id)].count == 0 else { return }
        let old = classes[Int(id)]
        for selector in old.matching { leave(id, selector) }
        unfile(id, old)
        for port in old.ports {
            countPort(port, -1)
            classesByPort[port.name]?.remove(id)
        }
        classIDs[old.key] = nil
        releaseRuleSet(old.ruleSetKey)
        classes[Int(id)].ruleSet = .empty
        classes[Int(id)].ruleSetKey = []
        classes[Int(id)].matching = []
        classes[Int(id)].policies = []
        freeClasses.append(id)
        dirtyClasses.remove(id)
        journal?.classes.insert(id)
    }

    private mutating func unfile(_ id: Int32, _ old: EndClass) {
        for bucket in buckets(of: old) {
            guard let index = classesByBucket[bucket]?.firstIndex(of: id) else { continue }
            classesByBucket[bucket]?.remove(at: index)
            if classesByBucket[bucket]?.isEmpty ?? false { classesByBucket[bucket] = nil }
        }
    }

    private func view(of key: ClassKey) -> LabelView {
        if key.subject == .nodes { return LabelView(own: key.own) }
        let account = ServiceAccountName(namespace: key.namespace, name: key.serviceAccount)
        var accountLabels = cluster.serviceAccounts[account]?.labels ?? [:]
        accountLabels[LabelKey.serviceAccountName.name] = key.serviceAccount
        return LabelView(
            own: key.own, namespace: cluster.labels(ofNamespace: key.namespace), serviceAccount: accountLabels)
    }

    /// Judges the class again after the labels around it changed.
    private mutating func refreshClass(_ id: Int32) {
        let old = classes[Int(id)]
        let view = view(of: old.key)
        if view == old.view { return }
        unfile(id, old)
        classes[Int(id)].view = view
        let new = classes[Int(id)]
        for bucket in buckets(of: new) { classesByBucket[bucket, default: []].append(id) }
        let matching = candidates(for: new).filter { selectors[Int($0)].key.expression.matches(view) }.sorted()
        classes[Int(id)].matching = matching
        let before = Set(old.matching)
        let after = Set(matching)
        for selector in old.matching where !after.contains(selector) { leave(id, selector) }
        for selector in matching where !before.contains(selector) { enter(id, selector) }
    }

    mutating func refreshNamespace(_ name: String) {
        for id in classesByBucket[Bucket(kind: .pods, namespace: namespaceID(name))] ?? [] { refreshClass(id) }
        if cluster.networkSets.keys.contains(where: { $0.namespace == name }) { refreshNetworkSets() }
    }

    mutating func refreshServiceAccount(_ account: ServiceAccountName) {
        for id in classesByBucket[Bucket(kind: .pods, namespace: namespaceID(account.namespace))] ?? []
        where classes[Int(id)].key.serviceAccount == account.name {
            refreshClass(id)
        }
    }

    private mutating func countPort(_ port: EndClass.NamedPort, _ change: Int) {
        let key = UInt32(port.transport) << 16 | UInt32(port.number)
        let count = (namedPorts[port.name]?[key] ?? 0) + change
        namedPorts[port.name, default: [:]][key] = count == 0 ? nil : count
        journal?.portNames.insert(port.name)
    }

    // MARK: Numbers

    mutating func namespaceID(_ name: String) -> Int32 {
        if let id = namespaceIDs[name] { return id }
        let id = Int32(namespaceIDs.count)
        namespaceIDs[name] = id
        return id
    }

    mutating func pairID(_ key: String, _ value: String) -> Int32 {
        let pair = LabelPair(key: key, value: value)
        if let id = pairIDs[pair] { return id }
        let id = Int32(pairIDs.count)
        pairIDs[pair] = id
        return id
    }

    mutating func portNameID(_ name: String) -> Int32 {
        if let id = portNameIDs[name] { return id }
        let id = Int32(portNames.count)
        portNameIDs[name] = id
        portNames.append(name)
        return id
    }

    /// Where a class is filed.
    private mutating func buckets(of one: EndClass) -> [Bucket] {
        guard one.key.subject == .pods else { return [Bucket(kind: .nodes)] }
        var result = [Bucket(kind: .pods), Bucket(kind: .pods, namespace: one.namespaceID)]
        for pair in one.pairs {
            result.append(Bucket(kind: .pods, pair: pair))
            result.append(Bucket(kind: .pods, namespace: one.namespaceID, pair: pair))
        }
        for (key, value) in one.view.namespace ?? [:] where key != LabelKey.namespaceName.name {
            result.append(Bucket(kind: .namespaceLabel, pair: pairID(key, value)))
        }
        return result
    }
}
