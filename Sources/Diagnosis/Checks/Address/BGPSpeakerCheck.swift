import Findings
import JSONTree

/// BGP of speakers that keep no state in the API (MetalLB, FRR, kube-router, GoBGP): the last word of their logs about a
/// peer (BGP-01, BGP-03).
struct BGPSpeakerCheck: Check {
    let name = "BGP speakers"
    let codes = ["BGP-01", "BGP-03"]
    let needs: [FactName] = [.objects("pods")]

    private static let images = ["metallb/speaker", "frrouting", "/frr", "kube-router", "gobgp"]
    /// Lines of the end of a log.
    private static let end = 200

    func applies(to facts: FactBase) -> Bool { !speakers(facts).isEmpty }

    /// Logs of containers that speak BGP.
    private func speakers(_ facts: FactBase) -> [(pod: PodView, document: EvidenceTree.Document)] {
        var speaking: [String: PodView] = [:]
        // Cilium's agent speaks only where it is told to.
        let isTold = ["ciliumbgpclusterconfigs", "ciliumbgpnodeconfigs", "ciliumbgppeeringpolicies"].contains {
            !facts.objects("\($0).cilium.io").isEmpty
        }
        // A cluster has thousands of pods and few images.
        var known: [String: Bool] = [:]
        func speaks(_ image: String) -> Bool {
            if let answer = known[image] { return answer }
            let answer = Self.images.contains { image.contains($0) } || (isTold && image.contains("cilium/cilium"))
            known[image] = answer
            return answer
        }
        for pod in facts.pods
        where pod.containers.contains(where: { speaks($0.member("image")?.string ?? "") }) { speaking[pod.id] = pod }
        if speaking.isEmpty { return [] }
        return facts.evidence.documents(under: EvidencePath.logs).compactMap { path, document in
            let parts = path.split(separator: "/")
            guard parts.count == 3, !path.hasSuffix(".previous.log"), let pod = speaking["\(parts[0])/\(parts[1])"]
            else {
                return nil
            }
            return (pod, document)
        }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var found: [String: (lines: [Diagnosis.Evidence], places: Set<String>)] = [:]
        for (pod, document) in speakers(facts) {
            guard let (code, line) = Self.lastWord(document.text) else { continue }
            found[code, default: ([], [])].lines.append(.init(line, from: document.source))
            found[code]?.places.insert("Node/\(pod.node)")
        }
        return found.sorted { $0.key < $1.key }.map { code, sign in
            .of(
                code,
                code == "BGP-03"
                    ? "A BGP peer refuses the speaker of \(listed(sign.places.sorted()))"
                    : "The speaker of \(listed(sign.places.sorted())) does not reach its BGP peer",
                .certain, at: sign.places.sorted(), evidence: Array(sign.lines.prefix(2)),
                because: [
                    code == "BGP-03"
                        ? "the peer answers and closes the session with a NOTIFICATION: the two do not agree on AS, password or router id"
                        : "nothing answers on the peer's TCP port 179",
                    "it is the last that the speaker says of the session",
                ])
        }
    }

    /// What the log says of its session last: nil where that is that it is up, or nothing.
    static func lastWord(_ text: String) -> (code: String, line: String)? {
        var last: (String, String)?
        for line in text.split(whereSeparator: \.isNewline).suffix(end) {
            let lower = line.lowercased()
            guard lower.contains("bgp") || lower.contains("peer") || lower.contains(":179") else { continue }
            if ["sessionup", "session established", "peer up", "state changed to up", "in vrf default up"].contains(
                where: { lower.contains($0) })
            {
                last = nil
                continue
            }
            guard
                ["error", "fail", "notification", "bad peer", "refused", "timeout"].contains(where: {
                    lower.contains($0)
                })
            else { continue }
            let said = LogReader.causes(of: String(line)).first
            if let said, said.confidence == .certain, ["BGP-01", "BGP-03"].contains(said.code) {
                last = (said.code, String(line))
            }
        }
        return last
    }
}
