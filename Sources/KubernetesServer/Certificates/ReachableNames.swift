import NIOCore
import NIOPosix

/// What the server is reached by: the names and addresses of its certificate.
enum ReachableNames {
    /// What every server of a cluster is called, and the address of its service.
    static let always = [
        "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local", "127.0.0.1", "::1", "10.96.0.1",
    ]

    static func of(_ places: [HTTPServer.Place], _ advertised: AdvertisedURL?, _ more: [String]) -> [String] {
        var names = always
        for place in places where !place.isWildcard { names.append(place.host) }
        if places.contains(where: \.isWildcard) {
            // Every address of the machine is an address of the server.
            for device in (try? System.enumerateDevices()) ?? [] {
                // A scoped address (fe80::1%eth0) means nothing elsewhere.
                if let address = device.address?.ipAddress, !address.contains("%") { names.append(address) }
            }
        }
        if let advertised { names.append(advertised.host) }
        names += more
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

/// The URL that kubeconfigs of a server name: `https://HOST[:PORT]`, nothing behind it but a slash.
struct AdvertisedURL: Hashable, Sendable {
    let text: String
    /// Without brackets.
    let host: String
    /// 443 where none is written.
    let port: Int

    var address: String { HTTPServer.Listener.address(host: host, port: port).description }

    init(_ text: String) throws(APIServerFailure) {
        func refused(_ reason: String) -> APIServerFailure {
            .advertised("cannot advertise \(text.debugDescription): \(reason); such as https://10.0.0.1:6443")
        }
        guard text.hasPrefix("https://") else { throw refused("it does not begin with https://") }
        var rest = text.dropFirst("https://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains(where: { "/?#@ ".contains($0) }) else {
            throw refused("it is more than a host and a port")
        }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = String(rest[..<end])
            rest = rest[end...]
        }
        guard !host.isEmpty else { throw refused("it names no host") }
        if rest.isEmpty {
            port = 443
        } else {
            guard rest.first == ":", let number = UInt16(rest.dropFirst()), number > 0 else {
                throw refused("its port is none")
            }
            port = Int(number)
        }
        self.text = text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
