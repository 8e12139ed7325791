import Addressing
import JSONTree

/// A line in which a pod's program says that an address did not answer it.
struct FailedConnection: Sendable, Hashable {
    /// `shop/cart-7d9`.
    let pod: String
    let address: IPAddress
    let port: UInt16
    /// Nothing came back at all; else it was refused or told that there is no way.
    let isSilence: Bool
    let line: String
    let source: FactSource

    /// Of the end of one log so many lines are read.
    private static let lines = 400
    private static let silences = ["timeout", "timed out", "TIMEDOUT", "deadline"]
    private static let refusals = ["refused", "REFUSED", "no route to host", "unreachable", "EHOSTUNREACH"]
    private static let failures = silences + refusals

    /// Of all pods whose logs came; one for each pod, address, port and way of failing is enough.
    static func all(_ facts: FactBase) -> [FailedConnection] {
        facts.derived.value("failed connections") { reading(facts) }
    }

    private static func reading(_ facts: FactBase) -> [FailedConnection] {
        var found: [FailedConnection] = []
        let names = ServiceNames(facts)
        for (path, document) in facts.evidence.documents(under: EvidencePath.logs) {
            let parts = path.split(separator: "/")
            // Most logs have no such line, which bytes tell in a fraction of the time that lines do.
            guard parts.count >= 3, failures.contains(where: document.holds) else { continue }
            let pod = "\(parts[0])/\(parts[1])"
            for line in document.lines.suffix(lines) {
                let isSilence = silences.contains { line.contains($0) }
                guard isSilence || refusals.contains(where: { line.contains($0) }),
                    let target = target(of: line) ?? names.target(of: line, from: parts[0])
                else { continue }
                found.append(
                    .init(
                        pod: pod, address: target.address, port: target.port, isSilence: isSilence, line: String(line),
                        source: document.source))
            }
        }
        return found
    }

    /// The last `10.4.2.9:5432` of a line: what a program asked stands behind where it asked from.
    static func target(of line: some StringProtocol) -> (address: IPAddress, port: UInt16)? {
        var found: (IPAddress, UInt16)?
        for word in line.split(whereSeparator: { !($0.isHexDigit || $0 == "." || $0 == ":" || $0 == "[" || $0 == "]") })
        {
            var text = word
            while text.last == ":" || text.last == "." { text = text.dropLast() }
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
            else { continue }
            var host = String(text[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = String(host.dropFirst().dropLast())
            } else if host.contains(":") || !host.contains(".") {
                continue
            }
            if let address = IPAddress(host) { found = (address, port) }
        }
        return found.map { (address: $0.0, port: $0.1) }
    }
}

extension FactBase {
    /// Whether an address is of a pod, a Service, a node, or of a range that any of them may have.
    func isOfCluster(_ address: IPAddress) -> Bool {
        let known = derived.value("ranges of the cluster") { () -> [IPPrefix] in
            let ranges = ClusterRanges(self, NetworkProviders(self))
            return (ranges.of(.pods) + ranges.of(.services) + ranges.of(.node)).map(\.prefix)
        }
        if known.contains(where: { $0.contains(address) }) || address.isLoopback { return true }
        return pods.contains { $0.addresses.contains(address) }
    }
}

/// Services by the names that programs call them: `ledger`, `ledger.shop`, `ledger.shop.svc.cluster.local`.
struct ServiceNames: Sendable {
    /// By `name.namespace`, the first cluster address and the first port.
    private let known: [String: (address: IPAddress, port: UInt16)]

    init(_ facts: FactBase) {
        var known: [String: (address: IPAddress, port: UInt16)] = [:]
        for service in facts.objects("services") {
            guard let address = ServiceMap.addresses(of: service).first,
                let port = service.list("spec", "ports").first?.member("port")?.int.flatMap({ UInt16(exactly: $0) })
            else { continue }
            known["\(service.name).\(service.namespace)"] = (address, port)
        }
        self.known = known
    }

    /// The Service of a URL in a line (`Get "http://ledger.shop/balance": context deadline exceeded`), as a program of a
    /// namespace writes it. Without a port it is the Service's first.
    func target(of line: some StringProtocol, from namespace: Substring) -> (address: IPAddress, port: UInt16)? {
        guard let mark = String(line).firstRange(of: "://") else { return nil }
        let rest = String(line)[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || "-.:".contains($0) }
        let parts = rest.split(separator: ":", maxSplits: 1)
        let labels = (parts.first ?? "").split(separator: ".")
        guard let name = labels.first, labels.count <= 2 || labels[2] == "svc" else { return nil }
        let key = "\(name).\(labels.count > 1 ? labels[1] : namespace)"
        return known[key].map { ($0.address, parts.count > 1 ? UInt16(parts[1]) ?? $0.port : $0.port) }
    }
}
