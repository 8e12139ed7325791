import Addressing
import JSONTree

/// Lines of what a person hands in that are no complaint any more, or never were one: that a machine has no network yet,
/// before the same journal tells that it has; and that nobody answers a ping who never does.
struct OverMessages: Sendable {
    private let lines: Set<Substring>

    /// kubelet and the runtime, of a node whose network is not there yet.
    private static let waiting = [
        "NetworkReady=false", "cni plugin not initialized", "no network config found", "network is not ready",
        "cni config uninitialized",
    ]
    /// Of one whose network has come: pods get sandboxes, and the node says that it is ready.
    private static let working = ["just became ready", "returns sandbox id", "returns sandbox container"]

    init(_ document: EvidenceTree.Document, _ facts: FactBase) {
        var over: Set<Substring> = []
        if Self.working.contains(where: document.holds) {
            let all = document.lines
            let last = all.lastIndex { line in Self.working.contains { line.contains($0) } } ?? 0
            over.formUnion(all[..<last].filter { line in Self.waiting.contains { line.contains($0) } })
        }
        if document.holds(Self.tornDown) {
            // What one attempt to take a pod's network down complained of, before another one did it.
            let gone = Set(
                document.lines.filter { $0.contains(Self.tornDown) && $0.contains("successfully") }
                    .compactMap(Self.sandbox))
            over.formUnion(
                document.lines.filter { line in
                    Self.failedToTearDown.contains { line.contains($0) }
                        && line.split { !$0.isHexDigit }.contains { gone.contains($0) }
                })
        }
        if document.holds("packets transmitted") {
            let silent = Self.virtualAddresses(facts)
            var isVirtual = false
            for line in document.lines {
                if line.hasPrefix("PING ") {
                    let words = line.split(whereSeparator: { !($0.isHexDigit || $0 == "." || $0 == ":") })
                    isVirtual = words.contains { word in IPAddress(String(word)).map(silent.contains) ?? false }
                } else if isVirtual, line.contains("packets transmitted") {
                    over.insert(line)
                }
            }
        }
        lines = over
    }

    private static let tornDown = "TearDown network for sandbox"
    private static let failedToTearDown = ["failed to destroy network for sandbox", "StopPodSandbox for"]

    /// The sandbox that a line names behind its mark, without the quotes of logs in logs.
    private static func sandbox(_ line: Substring) -> Substring? {
        guard let mark = line.firstRange(of: tornDown) else { return nil }
        let rest = line[mark.upperBound...].drop { !$0.isHexDigit }
        let name = rest.prefix { $0.isHexDigit }
        return name.count < 4 ? nil : name
    }

    func contains(_ line: String) -> Bool { lines.contains(line[...]) }

    /// Addresses of Services: only their ports are translated, so that ICMP finds nobody (ING-09).
    private static func virtualAddresses(_ facts: FactBase) -> Set<IPAddress> {
        facts.derived.value("addresses of Services that answer no ping") {
            var found: Set<IPAddress> = []
            for service in facts.objects("services") {
                var texts = service.list("spec", "clusterIPs").compactMap(\.string)
                texts += [service.text("spec", "clusterIP")].compactMap { $0 }
                texts += service.list("spec", "externalIPs").compactMap(\.string)
                texts += service.list("status", "loadBalancer", "ingress").compactMap { $0.member("ip")?.string }
                found.formUnion(texts.compactMap { IPAddress($0) })
            }
            return found
        }
    }
}
