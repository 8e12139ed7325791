import JSONTree
import KubernetesModel

/// Clocks of nodes that are away from the API server's: tokens and certificates are judged by the date, and are renewed
/// by it.
///
/// A kubelet writes its own time into the Lease of its node, and the API server notes by its own clock when that was
/// written: the difference is the node's. Machines that were looked into say their time themselves.
struct ClockCheck: Check {
    let name = "clocks"
    let codes = ["API-01"]
    let needs: [FactName] = [.objects("nodes"), .objects("leases.coordination.k8s.io")]

    /// Seconds of no importance: servers forgive a minute in a token's dates.
    private static let tolerance: Int64 = 120
    /// Seconds that reading a whole machine may take.
    private static let reading: Int64 = 60

    func applies(to facts: FactBase) -> Bool { CollectionRecord(facts.evidence)?.clock != nil }

    private struct Sign {
        var node: String
        /// Seconds; negative where the node is behind.
        var ahead: Int64
        var evidence: Diagnosis.Evidence
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("API-01"), let now = facts.now, let record = CollectionRecord(facts.evidence),
            let server = record.clock
        else { return [] }
        var looked: Set<String> = []
        var signs: [Sign] = []
        func judge(_ node: String, _ ahead: Int64, slack: Int64, _ evidence: Diagnosis.Evidence) {
            guard looked.insert(node).inserted else { return }
            if ahead > Self.tolerance || ahead < -Self.tolerance - slack {
                signs.append(Sign(node: node, ahead: ahead, evidence: evidence))
            }
        }
        for lease in facts.objects("leases.coordination.k8s.io") where lease.namespace == "kube-node-lease" {
            guard facts.object("nodes", "", lease.name) != nil, let renewed = lease.time("spec", "renewTime"),
                let written = Self.written(lease), written > now - 60, written <= now + Int64(record.seconds) + 60
            else { continue }
            judge(
                lease.name, renewed - written, slack: 0,
                .init(
                    "renewTime \(lease.text("spec", "renewTime") ?? ""), written when the API server's clock was \(Timestamp(seconds: written))",
                    marking: lease.text("spec", "renewTime") ?? "", from: lease.source))
        }
        for machine in facts.machines {
            guard let clock = MachineClock(machine[.clock]), facts.object("nodes", "", machine.name) != nil else {
                continue
            }
            let ahead = clock.wall - clock.seen - server.seconds
            judge(
                machine.name, ahead, slack: Self.reading + server.within,
                .init(
                    "\(Timestamp(seconds: clock.wall)), when the API server's clock was \(Timestamp(seconds: clock.seen + server.seconds))",
                    from: machine.source(.clock, command: "date -u")))
        }
        return findings(signs, of: looked.count, cause, facts)
    }

    /// By the API server's clock (metav1.ManagedFieldsEntry).
    private static func written(_ lease: APIObject) -> Int64? {
        lease.list("metadata", "managedFields").compactMap {
            $0.member("time")?.string.flatMap(APIObject.seconds)
        }.max()
    }

    private func findings(_ signs: [Sign], of looked: Int, _ cause: Cause, _ facts: FactBase) -> [Diagnosis] {
        guard let first = signs.max(by: { $0.ahead.magnitude < $1.ahead.magnitude }) else { return [] }
        // All of them, and all by the same: then it is the one clock they are compared with.
        let least = signs.map(\.ahead).min() ?? 0
        let most = signs.map(\.ahead).max() ?? 0
        if looked > 1, signs.count == looked, most - least <= Self.reading {
            return [server(signs, first, cause)]
        }
        let names = signs.map(\.node).sorted()
        let symptoms = names.flatMap { facts.symptoms(.node, .sandbox, .ready, .restarts, on: $0) }
        var finding = Diagnosis(
            cause.code,
            signs.count == 1
                ? "The clock of \(first.node) is \(ClockOffset.words(first.ahead)) the API server's"
                : "The clocks of \(signs.count) nodes are away from the API server's", .likely,
            at: names.map { "Node/\($0)" })
        finding.evidence = signs.prefix(4).map(\.evidence)
        finding.because = [
            first.ahead > 0
                ? "On a node that is ahead certificates have expired before their time, and new tokens are of the past."
                : "On a node that is behind new certificates are not valid yet, and tokens are renewed after they have expired: the API server answers 401."
        ]
        finding.explains = Set(symptoms.map(\.id))
        finding.fix = Diagnosis.Fix(
            [
                "on \(first.node): timedatectl   # whether anything sets its clock",
                "on \(first.node): timedatectl set-ntp true && chronyc makestep",
            ], undo: "timedatectl set-ntp false", risk: "its clock jumps: timers and logs of the node jump with it",
            seconds: 10)
        finding.prevent = "a time service on every node, and an alert on its offset"
        finding.deadEnds = ["new tokens or certificates: they are judged by the same clock"]
        finding.needs = [
            "on \(first.node): journalctl -u kubelet | grep -E 'not yet valid|has expired|Unauthorized'"
        ]
        return [finding]
    }

    private func server(_ signs: [Sign], _ first: Sign, _ cause: Cause) -> Diagnosis {
        var finding = Diagnosis(
            cause.code,
            "The API server's clock is \(ClockOffset.words(-first.ahead)) those of all \(signs.count) nodes", .likely,
            at: ["API server"])
        finding.evidence = signs.prefix(3).map(\.evidence)
        finding.because = [
            "The API server judges tokens by its own clock, and the nodes judge its certificate by theirs: one clock is wrong where many agree."
        ]
        finding.fix = Diagnosis.Fix(
            ["on the machine of the API server: timedatectl set-ntp true && chronyc makestep"],
            undo: "timedatectl set-ntp false", risk: "its clock jumps: leases and tokens are judged anew", seconds: 10)
        finding.prevent = "a time service on the control plane's machines, and an alert on its offset"
        finding.needs = ["on the machine of the API server: timedatectl; chronyc tracking"]
        return finding
    }
}
