import CLinux
import LinuxHost
import SystemCalls

/// What people ask for while the lab runs.
extension LabSupervisor {
    func restartCount(_ name: String) -> Int { restarts[name]?.failures ?? 0 }

    func addNode(named name: String?, rack: Int?) throws(LabFailure) -> LabNode {
        var wanted = state.specification
        if let name, wanted.node(named: name) != nil { throw .usage("node \(name) is there already") }
        if let rack, !(0..<wanted.racks).contains(rack) {
            throw .usage("--rack \(rack + 1) is not there: the racks of this lab are 1 to \(wanted.racks)")
        }
        let node = wanted.add(named: name, rack: rack)
        let wrong = wanted.findings()
        if !wrong.isEmpty { throw LabFailure(wrong, isUsage: true) }
        state.specification = wanted
        try state.write(directory)
        try rewriteHosts()
        return node
    }

    func removeNode(_ name: String) throws(LabFailure) {
        let node = try node(named: name)
        guard state.specification.nodes.count > 1 else {
            throw LabFailure("\(name) is the lab's last node", next: "poplin lab down --name \(directory.name)")
        }
        try end(node)
        state.specification.nodes.removeAll { $0.name == name }
        restarts[Self.process(of: name)] = nil
        try state.write(directory)
        let path = directory.node(name)
        try doing("remove \(path)") { () throws(SystemCallError) in try FileTree.remove(path) }
        if let group = try directory.controlGroup() {
            try doing("remove the node's control group") { () throws(SystemCallError) in
                try ControlGroup(path: "\(group.path)/machines/\(name)").remove()
            }
        }
        try rewriteHosts()
    }

    /// As somebody pressing the button: every process of the node ends at once, and the machine starts anew.
    func rebootNode(_ name: String) throws(LabFailure) {
        try end(node(named: name))
        restarts[Self.process(of: name)] = RestartPolicy()
    }

    func setPartition(_ name: String, _ isPartitioned: Bool) throws(LabFailure) {
        var node = try node(named: name)
        node.isPartitioned = isPartitioned
        if let index = state.specification.nodes.firstIndex(where: { $0.name == name }) {
            state.specification.nodes[index] = node
        }
        try state.write(directory)
        if isPartitioned {
            try doUnderlay { underlay, fabric throws(LabFailure) in
                try underlay.plug(false, underlay.attachment(of: node), in: fabric)
            }
        } else {
            try plug(Self.process(of: name), fresh: false)
        }
    }

    private func node(named name: String) throws(LabFailure) -> LabNode {
        guard let node = state.specification.node(named: name) else {
            throw .usage(
                "there is no node \(name) in lab \(directory.name)",
                next: "its nodes: \(state.specification.nodes.map(\.name).joined(separator: ", "))")
        }
        return node
    }

    private func end(_ node: LabNode) throws(LabFailure) {
        if let process = state.processes.removeValue(forKey: Self.process(of: node.name)) {
            process.signal(SIGKILL)
            guard process.waitForEnd(limit: .seconds(10)) else { throw LabFailure("\(node.name) does not end") }
        }
        if let group = try directory.controlGroup() {
            let isEmpty = try doing("end every process of \(node.name)") { () throws(SystemCallError) in
                try ControlGroup(path: "\(group.path)/machines/\(node.name)").killAll()
            }
            guard isEmpty else { throw LabFailure("processes of \(node.name) do not end") }
        }
        try doUnderlay { underlay, fabric throws(LabFailure) in
            try underlay.detach(underlay.attachment(of: node), from: fabric)
        }
    }

    /// Every node's /etc/hosts, seen through its first process.
    private func rewriteHosts() throws(LabFailure) {
        for node in state.specification.nodes {
            guard let process = state.processes[Self.process(of: node.name)] else { continue }
            let text = NodeFiles.hosts(state.specification, for: node.name)
            try doing("write /etc/hosts of \(node.name)") { () throws(SystemCallError) in
                let file = try FileDescriptor.open(
                    "/proc/\(process.identifier)/root/etc/hosts", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
                try file.writeAll(text.utf8)
            }
        }
    }
}
