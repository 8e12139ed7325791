import Addressing
import JSONTree

/// Azure's plugins by what they say, narrowed by NodeNetworkConfigs, the subnet and the plugin's own state.
struct AzureAddressCheck: Check {
    let name = "Azure"
    let codes = ["AZR-01", "AZR-02", "AZR-03", "AZR-04"]
    let needs: [FactName] = [.objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        NetworkProviders(facts).runs(.azure) || !facts.objects("nodenetworkconfigs.acn.azure.com").isEmpty
            || facts.objects("nodes").contains { $0.text("spec", "providerID")?.hasPrefix("azure://") ?? false }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        Self.failures(facts).sorted { $0.key < $1.key }.map { code, failures in finding(code, failures, facts) }
    }

    /// Pods that wait, by the cause that their events name.
    private static func failures(_ facts: FactBase) -> [String: [SandboxFailures.Failure]] {
        facts.derived.value("failures by Azure's plugins") {
            var byCode: [String: [SandboxFailures.Failure]] = [:]
            for failure in SandboxFailures(facts, pods: facts.pods).all {
                // A message that means another cause first, as a service of the node that does not answer, is no word
                // about addresses.
                guard let code = LogReader.causes(of: failure.message).first?.code, code.hasPrefix("AZR-") else {
                    continue
                }
                byCode[code, default: []].append(failure)
            }
            return byCode
        }
    }

    /// Whether this check tells a cause: what pods wait for is told by it alone.
    func tells(_ code: String, _ facts: FactBase) -> Bool {
        facts.has(.objects("pods")) && applies(to: facts) && Self.failures(facts)[code] != nil
    }

    private func finding(_ code: String, _ failures: [SandboxFailures.Failure], _ facts: FactBase) -> Diagnosis {
        let nodes = Set(failures.map(\.pod.node)).sorted()
        var because: [String] = []
        var evidence = failures.evidence
        var fix: Diagnosis.Fix?
        let titles = [
            "AZR-01": "the plugin on \(listed(nodes)) has no free address in its own books",
            "AZR-02": "the address service of \(listed(nodes)) has none to give and waits for more",
            "AZR-03": "the plugin's store on \(listed(nodes)) is locked",
            "AZR-04": "there is no address pool of the family that pods on \(listed(nodes)) ask for",
        ]
        switch code {
        case "AZR-01":
            for node in nodes {
                if let state = state(of: node, facts) {
                    because.append(
                        "azure-vnet-ipam.json of \(node) has \(state.used) of \(state.total) addresses in use"
                            + (state.live.map { ", and \($0) pods with addresses run there" } ?? ""))
                    evidence.append(.init("InUse: \(state.used) of \(state.total)", from: state.source))
                }
            }
            because.append("after a crash or a reboot the file keeps addresses of pods that are gone")
            fix = .init(
                [
                    "kubectl drain \(nodes.first ?? "NODE") --ignore-daemonsets --delete-emptydir-data",
                    "az vmss reimage for that instance, or delete the node and let its pool make another",
                ], undo: "none: the node starts with a clean file", risk: "pods of the node move", seconds: 600)
        case "AZR-02":
            for config in facts.objects("nodenetworkconfigs.acn.azure.com") where nodes.contains(config.name) {
                let wanted = config.int("spec", "requestedIPCount") ?? 0
                let given = config.int("status", "assignedIPCount") ?? 0
                if wanted > given {
                    because.append("\(config.name) asked for \(wanted) addresses and has \(given)")
                    evidence.append(
                        .init("requestedIPCount: \(wanted), assignedIPCount: \(given)", from: config.source))
                }
            }
            for subnet in AzureSubnet.all(facts) where subnet.free <= 0 {
                because.append("subnet \(subnet.name) (\(subnet.text)) has no free address")
                evidence.append(.init("\(subnet.used) ipConfigurations in \(subnet.text)", from: subnet.source))
            }
            if because.isEmpty { because.append("the control plane has not granted what the node asked for") }
            fix = .init(
                [
                    "az network vnet subnet create -n pods2 ...",
                    "az aks nodepool add --pod-subnet-id <the new subnet> ...",
                ],
                undo: "az aks nodepool delete", risk: "pods move when the old pool is drained")
        case "AZR-03":
            because.append("a call of the plugin ended without unlocking; every other call waits and gives up")
            fix = .init(
                [
                    "on \(nodes.first ?? "NODE"): pgrep -a azure-vnet   # none may run",
                    "on \(nodes.first ?? "NODE"): rm /var/run/azure-vnet.json.lock",
                ], undo: "none is needed: the next call makes its own lock", risk: "only while no call runs", seconds: 5
            )
        default:
            because.append("the pod or its Service asks for both families, and the node has addresses of one")
            for config in facts.objects("nodenetworkconfigs.acn.azure.com") where nodes.contains(config.name) {
                let spaces = config.list("status", "networkContainers").compactMap {
                    $0.member("subnetAddressSpace")?.string
                }
                if !spaces.isEmpty {
                    because.append("\(config.name) has \(listed(spaces))")
                    evidence.append(.init("subnetAddressSpace: \(listed(spaces))", from: config.source))
                }
            }
        }
        return .of(
            code, titles[code] ?? code, .certain, at: nodes.map { "Node/\($0)" }, evidence: evidence, because: because,
            explains: failures.symptoms, fix: fix)
    }

    /// Of the plugin's own file: addresses in use, and all.
    private func state(
        of node: String, _ facts: FactBase
    ) -> (used: Int, total: Int, live: Int?, source: FactSource)? {
        guard let machine = facts.machines.first(where: { $0.name == node }),
            let document = machine.file("/var/run/azure-vnet-ipam.json"),
            let spaces = (try? JSONTree(parsing: document.bytes).root)?.at("IPAM", "AddressSpaces")
        else { return nil }
        var used = 0
        var total = 0
        for space in spaces.members {
            guard let pools = space.value.member("Pools") else { continue }
            for pool in pools.members {
                guard let addresses = pool.value.member("Addresses") else { continue }
                for address in addresses.members {
                    total += 1
                    if address.value.member("InUse")?.bool ?? false { used += 1 }
                }
            }
        }
        let live = facts.pods.count {
            $0.node == node && !$0.isFinished && !$0.isOnHostNetwork && !$0.addresses.isEmpty
        }
        return (used, total, live, document.source)
    }
}
