import Findings

/// What a machine must have and do.
extension PreflightReader {
    /// Options without which no pod network works, and those that many need (kernel/Kconfig names).
    private static let needed = ["VETH", "NET_NS", "NF_CONNTRACK", "NETFILTER", "INET"]
    private static let usual = [
        "BRIDGE", "VXLAN", "NF_TABLES", "NF_NAT", "IP_SET", "NETFILTER_XT_MATCH_COMMENT",
        "NETFILTER_XT_MATCH_MULTIPORT",
        "BPF_SYSCALL", "CGROUPS",
    ]

    var kernel: Preflight.Step {
        let question = PreflightQuestion(
            "The kernels have what pod networks need",
            command: "grep -E 'VETH|VXLAN|BRIDGE|NF_TABLES|IP_SET' /boot/config-$(uname -r)")
        let known = found(["INS-07", "INS-11", "BPF-01", "BPF-02", "BPF-05"])
        var missing: [String] = known.texts
        var seen = 0
        for machine in machines {
            guard let text = machine.text(.kernelConfiguration) else { continue }
            seen += 1
            var values: [Substring: Substring] = [:]
            for line in text.split(separator: "\n") where line.hasPrefix("CONFIG_") {
                let parts = line.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { values[parts[0].dropFirst(7)] = parts[1] }
            }
            func lacks(_ options: [String]) -> [String] {
                options.filter { !["y", "m"].contains(values[Substring($0)] ?? "n") }
            }
            let hard = lacks(Self.needed)
            let soft = lacks(Self.usual)
            if !hard.isEmpty {
                missing.append("\(machine.name): no network works without CONFIG_\(listed(hard, upTo: 6))")
            }
            if !soft.isEmpty {
                missing.append("\(machine.name): many networks need CONFIG_\(listed(soft, upTo: 6)), which is not set")
            }
        }
        if let failed = question.failed(missing, known, otherwise: "use a kernel of the distribution") { return failed }
        if seen == 0 {
            let reason = machines.first?.reasonMissing(.kernelConfiguration) ?? noMachine
            return question.step(.notChecked(because: reason))
        }
        return question.step(.passed("(\(WrappedText.count(seen, "machine")))"))
    }

    var forwarding: Preflight.Step {
        let codes: Set<String> = ["RTE-09", "SVC-07", "RTE-08", "RTE-06", "RTE-07"]
        let question = PreflightQuestion(
            "Packets may be forwarded", command: "sysctl net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables")
        let known = found(codes)
        // Checks ask nodes. What is to become one is asked what kubeadm asks it (its preflight check of
        // /proc/sys/net/ipv4/ip_forward).
        let name = "net.ipv4.ip_forward"
        let candidates = machines.filter { !facts.isClusterNode($0) && $0.sysctls?.int(name) != nil }
        let off = candidates.filter { $0.sysctls?.int(name) == 0 }.map {
            "\($0.name): \(name) is 0, with which kubeadm does not begin"
        }
        let fix = "sysctl -w \(name)=1\nprintf '\(name) = 1\\n' > /etc/sysctl.d/99-kubernetes.conf"
        if let failed = question.failed(known.texts + off, known, otherwise: fix) { return failed }
        if !candidates.isEmpty { return question.step(.passed("(\(name) = 1)")) }
        return step(question.text, codes, without: machines.isEmpty ? noMachine : nil, command: question.command)
    }

    var managers: Preflight.Step {
        step(
            "The system leaves the network's interfaces alone", ["RTE-02", "RTE-12", "RTE-13", "BGP-02", "RTE-10"],
            without: machines.isEmpty ? noMachine : nil,
            command: "networkctl list; systemctl is-active firewalld ufw NetworkManager")
    }

    var size: Preflight.Step {
        step(
            "Cards and tunnels are of a size", codes(.mtu), without: machines.isEmpty ? noMachine : nil,
            command: "ip -d link")
    }
}
