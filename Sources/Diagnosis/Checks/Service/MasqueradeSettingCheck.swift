import Addressing
import JSONTree

/// A network that is told not to translate what leaves the cluster, though only its own tunnels know the pods' range
/// (RTE-14): by its settings and by a program that nobody outside answers. Where a machine's rules came,
/// ``MasqueradeCheck`` computes it.
struct MasqueradeSettingCheck: Check {
    let name = "masquerade settings"
    let codes = ["RTE-14"]
    let needs: [FactName] = [.objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        !facts.clusterMachines.contains { $0.packetFilter != nil && $0.routes != nil }
            && !Self.settings(facts).isEmpty && !FailedConnection.all(facts).isEmpty
    }

    private struct Setting {
        var text: String
        var place: String
        var source: FactSource
        var fix: String
        var undo: String
        /// Pods that it is about; nil for all of them.
        var range: IPPrefix?
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let settings = Self.settings(facts)
        // Programs repeat themselves: each address is looked for once.
        var strangers: [IPAddress: Bool] = [:]
        func isOutside(_ address: IPAddress) -> Bool {
            if let known = strangers[address] { return known }
            let isOutside = !MasqueradeCheck.isPrivate(address) && !facts.isOfCluster(address)
            strangers[address] = isOutside
            return isOutside
        }
        let pods = Dictionary(
            facts.pods.filter { !$0.isFinished && !$0.isOnHostNetwork }.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first })
        for failure in FailedConnection.all(facts)
        where failure.isSilence && failure.address.family == .v4 && isOutside(failure.address) {
            guard let pod = pods[failure.pod], let own = pod.addresses.first(where: { $0.family == .v4 }),
                MasqueradeCheck.isPrivate(own),
                let setting = settings.first(where: { $0.range?.contains(own) ?? true })
            else { continue }
            return [
                .of(
                    "RTE-14", "pods send to the world with their own addresses", .likely, at: [setting.place],
                    evidence: [
                        .init(setting.text, from: setting.source), .init(failure.line, from: failure.source),
                    ],
                    because: [
                        "\(setting.text): what \(pod.id) sends leaves as \(own), which is private and known to this cluster's tunnels only",
                        "\(failure.address):\(failure.port) is outside of it, and its answer finds no way back",
                    ], explains: pod.symptoms,
                    fix: .init(
                        [setting.fix], undo: setting.undo,
                        risk: "connections of pods to the world begin to work; others are not touched", seconds: 30),
                    prevent: "test one address outside after each change of the CNI's ranges",
                    needs: ["a pod's request to an address outside, after that: poplin doctor --probe"])
            ]
        }
        return []
    }

    private static func settings(_ facts: FactBase) -> [Setting] {
        calico(facts) + cilium(facts) + flannel(facts) + antrea(facts)
    }

    private static func calico(_ facts: FactBase) -> [Setting] {
        // With peers outside, the network may well know the pods' range.
        guard facts.objects("bgppeers.crd.projectcalico.org", "bgppeers.projectcalico.org").isEmpty else { return [] }
        return facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org").compactMap { pool in
            let encapsulates = [pool.text("spec", "ipipMode"), pool.text("spec", "vxlanMode")].contains {
                ($0 ?? "Never") != "Never"
            }
            guard pool.bool("spec", "natOutgoing") != true, pool.bool("spec", "disabled") != true, encapsulates,
                let range = pool.text("spec", "cidr").flatMap({ IPPrefix($0) })
            else { return nil }
            let patch = "kubectl patch ippools.crd.projectcalico.org \(pool.name) --type merge -p "
            return Setting(
                text: "natOutgoing of \(pool.name) is off", place: pool.place, source: pool.source,
                fix: patch + "'{\"spec\":{\"natOutgoing\":true}}'",
                undo: patch + "'{\"spec\":{\"natOutgoing\":false}}'", range: range)
        }
    }

    private static func cilium(_ facts: FactBase) -> [Setting] {
        func setting(_ key: String) -> String? { NetworkProviders.ciliumSetting(key, facts) }
        guard setting("enable-ipv4-masquerade") == "false",
            setting("routing-mode") != "native", setting("tunnel") != "disabled",
            setting("enable-bgp-control-plane") != "true"
        else { return [] }
        let object = facts.objects("configmaps").first { $0.name == "cilium-config" }
        let place = object?.place ?? "ConfigMap/kube-system/cilium-config"
        let command = "kubectl -n \(object?.namespace ?? "kube-system") edit configmap cilium-config"
        return [
            Setting(
                text: "enable-ipv4-masquerade: false", place: place, source: object?.source ?? FactSource(place),
                fix: command + "   # enable-ipv4-masquerade: \"true\", then restart the agents one by one",
                undo: command)
        ]
    }

    private static func flannel(_ facts: FactBase) -> [Setting] {
        guard let agent = NetworkProviders(facts).agent(.flannel) else { return [] }
        let containers = agent.list("spec", "template", "spec", "containers")
        guard
            let daemon = containers.first(where: {
                $0.member("name")?.string == "kube-flannel"
                    || $0.member("command")?.elements.contains { $0.string?.hasSuffix("flanneld") ?? false } ?? false
            })
        else { return [] }
        let words = ["command", "args"].flatMap { key in
            (daemon.member(key).map { Array($0.elements) } ?? []).compactMap(\.string)
        }
        guard words.contains(where: { $0.contains("kube-subnet-mgr") }),
            !words.contains(where: { $0.contains("ip-masq") && !$0.hasSuffix("=false") })
        else { return [] }
        return [
            Setting(
                text: "flanneld runs without --ip-masq", place: agent.place, source: agent.source,
                fix:
                    "kubectl -n \(agent.namespace) edit daemonset \(agent.name)   # --ip-masq among its arguments",
                undo: "kubectl -n \(agent.namespace) rollout undo daemonset/\(agent.name)")
        ]
    }

    private static func antrea(_ facts: FactBase) -> [Setting] {
        facts.objects("configmaps").compactMap { map in
            guard let text = map.text("data", "antrea-agent.conf"), !text.contains("noEncap"),
                let line = text.split(separator: "\n").first(where: { line in
                    line.filter { $0 != " " } == "noSNAT:true"
                })
            else { return nil }
            let command = "kubectl -n \(map.namespace) edit configmap \(map.name)"
            return Setting(
                text: String(line), place: map.place, source: map.source,
                fix: command + "   # noSNAT: false, then restart antrea-agent one by one", undo: command)
        }
    }
}
