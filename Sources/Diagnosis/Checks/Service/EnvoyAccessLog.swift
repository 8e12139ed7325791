import Addressing

/// A line of a proxy's access log (Envoy's text form as Istio, Contour and Cilium write it): what became of a request.
struct EnvoyAccessLine: Sendable {
    /// `UO`, `UC`, `UF,URX`, ...
    var flags: Set<String>
    var status: Int
    /// The endpoint it was sent to; nil where it came to none.
    var upstream: IPAddress?
    /// `outbound|9090||cart.shop.svc.cluster.local`.
    var cluster: EnvoyCluster
    /// Seconds since 1970.
    var time: Int64?

    /// Nil for a line of another form. The cluster's name is a word of its own; the endpoint stands in quotes before it;
    /// the response's flags come after the status.
    init?(_ line: Substring) {
        guard line.contains("|"), line.first == "[" else { return nil }
        var words: [Substring] = []
        for word in line.split(separator: " ") { words.append(word) }
        guard let place = words.lastIndex(where: { EnvoyCluster(String($0)) != nil }),
            let cluster = EnvoyCluster(String(words[place]))
        else { return nil }
        self.cluster = cluster
        // `"GET /path HTTP/1.1" 503 UC ...`: the request ends with a quote.
        guard let request = words.firstIndex(where: { $0.hasPrefix("HTTP/") && $0.hasSuffix("\"") }) ?? nil,
            request + 2 < words.count, let status = Int(words[request + 1])
        else { return nil }
        self.status = status
        flags = Set(words[request + 2].split(separator: ",").map(String.init))
        if place > 0 {
            let text = words[place - 1].filter { $0 != "\"" }
            upstream = text.lastIndex(of: ":").flatMap {
                IPAddress(String(text[..<$0].filter { $0 != "[" && $0 != "]" }))
            }
        }
        let stamp = words[0].filter { $0 != "[" && $0 != "]" }
        time = APIObject.seconds(String(stamp))
    }
}

/// The name a mesh gives to a Service's port among its proxies' destinations.
struct EnvoyCluster: Sendable, Hashable {
    var direction: String
    var port: Int
    /// `cart.shop.svc.cluster.local`.
    var host: String

    /// `outbound|9090|v1|cart.shop.svc.cluster.local`; nil for others.
    init?(_ text: String) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "outbound" || parts[0] == "inbound", let port = Int(parts[1]) else {
            return nil
        }
        direction = parts[0]
        self.port = port
        host = parts[3]
    }

    /// `namespace/name` of the Service; nil for hosts of the world.
    var service: String? {
        let parts = host.split(separator: ".").map(String.init)
        guard parts.count >= 3, parts[2] == "svc" else { return nil }
        return "\(parts[1])/\(parts[0])"
    }
}

extension FactBase {
    /// Whether any proxy's access log was read.
    var hasProxyRequests: Bool {
        evidence.documents(under: EvidencePath.logs).contains { $0.document.holds("outbound|") }
    }

    /// Requests that a proxy of some pod logged, with the line.
    func proxyRequests() -> [(pod: String, request: EnvoyAccessLine, line: String, source: FactSource)] {
        evidence.documents(under: EvidencePath.logs).flatMap { path, document in
            let parts = path.split(separator: "/")
            guard parts.count == 3, document.holds("outbound|") else {
                return [(pod: String, request: EnvoyAccessLine, line: String, source: FactSource)]()
            }
            return document.lines.suffix(2000).compactMap { line in
                EnvoyAccessLine(line).map { ("\(parts[0])/\(parts[1])", $0, String(line), document.source) }
            }
        }
    }
}
