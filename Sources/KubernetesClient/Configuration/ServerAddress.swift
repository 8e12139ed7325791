/// The address of an API server or a proxy, taken apart: `https://host:port/prefix`.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    public var scheme: Scheme
    /// A name or an address; an IPv6 address without its brackets.
    public var host: String
    public var port: Int
    /// What every path begins with, without a slash at its end; empty for none (`/k8s/clusters/c-1` of a Rancher).
    public var prefix: String

    public enum Scheme: String, Sendable {
        case http, https, socks5

        var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            case .socks5: 1080
            }
        }
    }

    /// What is wrong with the text: a clause for a sentence.
    public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    public init(scheme: Scheme = .https, host: String, port: Int, prefix: String = "") {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.prefix = prefix
    }

    /// A server of a kubeconfig, `--server`, or a proxy. Without a scheme it is `http`, as kubectl has it.
    public init(_ text: String, schemes: Set<Scheme> = [.http, .https]) throws(Mistake) {
        var rest = text[...]
        var scheme = Scheme.http
        if let range = text.firstRange(of: "://") {
            let name = text[..<range.lowerBound].lowercased()
            let known = Scheme(rawValue: name == "socks5h" ? "socks5" : name)
            guard let known, schemes.contains(known) else {
                let list = schemes.map(\.rawValue).sorted().joined(separator: ", ")
                throw Mistake(description: "the scheme \"\(name)\" is not known here (\(list))")
            }
            scheme = known
            rest = text[range.upperBound...]
        }
        if let end = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            throw Mistake(description: "an address has no \(rest[end] == "?" ? "query" : "fragment")")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        var prefix = rest[slash...]
        while prefix.last == "/" { prefix = prefix.dropLast() }
        if authority.contains("@") { throw Mistake(description: "user and password do not belong into the address") }
        if !text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            throw Mistake(description: "an address has no blanks or characters outside ASCII")
        }

        var port = scheme.defaultPort
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { throw Mistake(description: "the ] is missing") }
            host = String(authority[authority.index(after: authority.startIndex)..<close])
            authority = authority[authority.index(after: close)...]
            if !authority.isEmpty, authority.first != ":" {
                throw Mistake(description: "after ] only a port can follow")
            }
        } else {
            let colon = authority.firstIndex(of: ":") ?? authority.endIndex
            host = String(authority[..<colon])
            authority = authority[colon...]
            if authority.count(where: { $0 == ":" }) > 1 {
                throw Mistake(description: "an IPv6 address belongs in brackets: [\(rest[..<slash])]")
            }
        }
        if authority.first == ":" {
            guard let number = Int(authority.dropFirst()), (1...65535).contains(number) else {
                throw Mistake(description: "\"\(authority.dropFirst())\" is no port (1 to 65535)")
            }
            port = number
        }
        if host.isEmpty { throw Mistake(description: "the host is missing") }
        self.scheme = scheme
        self.port = port
        self.prefix = String(prefix)
    }

    /// The host as it stands in a URL.
    public var urlHost: String { host.contains(":") ? "[\(host)]" : host }

    /// `host:port`, as it stands in a `Host` field.
    public var authority: String { port == scheme.defaultPort ? urlHost : "\(urlHost):\(port)" }

    public var description: String { "\(scheme.rawValue)://\(urlHost):\(port)\(prefix)" }
}
