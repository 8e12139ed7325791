/// Links of pods that a token bucket holds back, as `tc -s qdisc` prints them, where a pod's annotation asks for that rate.
struct ShapedLinkCheck: Check {
    let name = "shaped links"
    let codes = ["PRF-02"]
    let needs: [FactName] = [.objects("pods")]

    static let part = NodeEvidence.Part("exec/tc-qdisc.txt")
    private static let keys = ["kubernetes.io/egress-bandwidth", "kubernetes.io/ingress-bandwidth"]
    /// Bits per second above which nobody calls a pod slow.
    private static let slow = 10_000_000.0

    func applies(to facts: FactBase) -> Bool { facts.machines.contains { $0[Self.part] != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.machines.compactMap { machine in
            guard let document = machine[Self.part] else { return nil }
            let buckets = Bucket.all(document.text).filter { $0.isHolding && $0.rate <= Self.slow }
            for pod in facts.pods(on: machine.name) {
                for key in Self.keys {
                    guard let value = pod.annotations[key], let rate = ChainCheck.bits(value),
                        let bucket = buckets.first(where: { abs($0.rate - rate) <= rate * 0.05 })
                    else { continue }
                    return .machine(
                        "PRF-02", "\(pod.namespace)/\(pod.name) is held to \(value) bit/s by its own annotation",
                        .certain, at: [pod.place, machine.place],
                        evidence: [
                            .init("\(key): \(value)", from: pod.source),
                            .init(bucket.line, marking: "tbf", from: document.source),
                        ],
                        because: [
                            "the plugin bandwidth shapes the pod's link to \(value), and the bucket holds packets back: nothing faster passes, whatever the network could do"
                        ], explains: [], fix: ChainCheck.unshaping(key))
                }
            }
            return nil
        }
    }

    /// `qdisc tbf 1: dev veth8a1f root refcnt 2 rate 10Mbit burst 256Mb lat 25ms`, and below it what it dropped and held.
    struct Bucket {
        let line: String
        /// Bits per second.
        let rate: Double
        var isHolding = false

        static func all(_ text: String) -> [Bucket] {
            var found: [Bucket] = []
            for line in text.split(whereSeparator: \.isNewline) {
                let words = line.split(separator: " ")
                if words.first == "qdisc" {
                    guard words.count > 4, words[1] == "tbf", let place = words.firstIndex(of: "rate"),
                        place + 1 < words.count, let rate = bits(words[place + 1])
                    else { continue }
                    found.append(Bucket(line: String(line), rate: rate))
                } else if !found.isEmpty, let place = words.firstIndex(of: "overlimits"), place + 1 < words.count {
                    found[found.count - 1].isHolding = (Double(words[place + 1]) ?? 0) > 0
                }
            }
            return found
        }

        /// `10Mbit`, `512Kbit`, `1Gbit`, `900bit`.
        static func bits(_ word: some StringProtocol) -> Double? {
            for (suffix, factor) in [("Gbit", 1e9), ("Mbit", 1e6), ("Kbit", 1e3), ("bit", 1.0)]
            where word.hasSuffix(suffix) {
                return Double(word.dropLast(suffix.count)).map { $0 * factor }
            }
            return nil
        }
    }
}
