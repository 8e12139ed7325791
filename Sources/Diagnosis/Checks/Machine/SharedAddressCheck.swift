import Addressing
import JSONTree

/// An address that two machines have at once on a card that answers for it: a virtual one whose former holder did not let
/// go (ING-08). Other machines of the wire send now to the one and now to the other.
struct SharedAddressCheck: Check {
    let name = "virtual addresses"
    let codes = ["ING-08"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.count { $0.addresses != nil } > 1 }

    private struct Holder {
        var machine: NodeEvidence
        var entry: NetworkAddress
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var holders: [IPAddress: [Holder]] = [:]
        for machine in facts.clusterMachines {
            for entry in machine.addresses ?? [] where isOfTheWire(entry, machine) {
                holders[entry.address.address, default: []].append(Holder(machine: machine, entry: entry))
            }
        }
        let nodes = Set(facts.objects("nodes").flatMap { facts.internalAddresses($0.name) })
        return holders.sorted { $0.key < $1.key }.compactMap { address, all in
            // A node's own address that another machine has as well is another matter, and a single holder is none.
            guard all.count > 1, !nodes.contains(address) else { return nil }
            return finding(address, all, facts)
        }
    }

    /// Of one address alone (/32 and /128), beside another of the machine on the same card: what a program put there to
    /// announce it by ARP. Loopback and dummy devices answer nobody, whether all have it or one.
    private func isOfTheWire(_ entry: NetworkAddress, _ machine: NodeEvidence) -> Bool {
        guard entry.address.prefixLength == entry.address.address.family.bitWidth, !entry.address.address.isLinkLocal,
            !NodeEvidence.isPodInterface(entry.device), let link = machine.link(entry.device), link.isUp,
            link.kind == nil || ["vlan", "bond", "bridge", "team"].contains(link.kind ?? "")
        else { return false }
        return (machine.addresses ?? []).contains { other in
            other.device == entry.device && other.address.address.family == entry.address.address.family
                && other.address.prefixLength < entry.address.prefixLength
                && other.address.prefix.contains(entry.address.address)
        }
    }

    private func finding(_ address: IPAddress, _ all: [Holder], _ facts: FactBase) -> Diagnosis {
        let names = all.map(\.machine.name).sorted()
        let lease = facts.objects("leases.coordination.k8s.io").first { lease in
            lease.name.hasPrefix("plndr-") && names.contains(lease.text("spec", "holderIdentity") ?? "")
        }
        let owner = lease?.text("spec", "holderIdentity")
        let wrong = owner.map { owner in names.filter { $0 != owner } } ?? Array(names.dropFirst())
        var evidence = all.prefix(2).map { holder in
            holder.machine.quote(
                "\(address) dev \(holder.entry.device)", .addresses, "ip addr show \(holder.entry.device)",
                telling: "\(address)")
        }
        if let lease, let owner {
            evidence.append(.init("holderIdentity: \(owner)", marking: owner, from: lease.source))
        }
        return .of(
            "ING-08", "\(listed(names)) have \(address) at the same time", .certain, at: names.map { "Node/\($0)" },
            evidence: evidence,
            because: [
                "each of them answers ARP for the address; who asks takes the answer that comes first, and connections end when that changes",
                owner.map { "\($0) holds the lease; \(listed(wrong)) did not let the address go" }
                    ?? "one machine is to have it, which a lease or an election decides",
            ],
            fix: .init(
                wrong.map { machine in
                    let device = all.first { $0.machine.name == machine }?.entry.device ?? "DEVICE"
                    return
                        "ip addr del \(address)/\(address.family.bitWidth) dev \(device)   # on \(machine), and restart its announcer"
                },
                undo: "ip addr add it again", risk: "connections that come by the wrong machine end", seconds: 10),
            prevent: "an announcer that takes the address away when it loses the lease; watch its version")
    }
}
