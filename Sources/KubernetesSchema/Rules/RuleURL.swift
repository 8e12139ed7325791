/// What `url()` makes of a text: an absolute URL, or an absolute path (Go's net/url, ParseRequestURI; RFC 3986).
struct RuleURL: Hashable, Sendable {
    var scheme = ""
    /// With its port, an IPv6 address in brackets.
    var host = ""
    var escapedPath = ""
    var query: [String: [String]] = [:]

    /// Nil for what is no such URL.
    init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        var rest = Substring(text)
        if let colon = rest.firstIndex(of: ":"), let first = rest.first, first.isASCII, first.isLetter {
            let name = rest[..<colon]
            let isScheme = name.utf8.allSatisfy { byte in
                Self.isLetterOrDigit(byte) || [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
            }
            if isScheme {
                scheme = name.lowercased()
                rest = rest[rest.index(after: colon)...]
            }
        }
        var isQueried = false
        if let mark = rest.firstIndex(of: "?") {
            guard let query = Self.query(rest[rest.index(after: mark)...]) else { return nil }
            self.query = query
            rest = rest[..<mark]
            isQueried = true
        }
        guard rest.hasPrefix("/") else {
            // `mailto:someone` has neither host nor path; without a scheme it is relative.
            if scheme.isEmpty || (rest.isEmpty && !isQueried) { return nil }
            return
        }
        if !scheme.isEmpty || !rest.hasPrefix("///"), rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let authority = rest.prefix { $0 != "/" }
            rest = rest[authority.endIndex...]
            guard let host = Self.host(authority) else { return nil }
            self.host = host
        }
        guard let path = Self.escaped(rest) else { return nil }
        escapedPath = path
    }

    /// Without the port and brackets.
    var hostname: String {
        if host.hasPrefix("["), let end = host.lastIndex(of: "]") { return String(host.dropFirst()[..<end]) }
        return host.lastIndex(of: ":").map { String(host[..<$0]) } ?? host
    }

    var port: String {
        if host.hasPrefix("["), let end = host.lastIndex(of: "]") {
            return String(host[host.index(after: end)...].drop { $0 == ":" })
        }
        return host.lastIndex(of: ":").map { String(host[host.index(after: $0)...]) } ?? ""
    }

    // MARK: Parts

    private static func host(_ authority: Substring) -> String? {
        var host = authority
        if let at = authority.lastIndex(of: "@") {
            let user = authority[..<at]
            guard user.utf8.allSatisfy({ isLetterOrDigit($0) || "-._:~!$&'()*+,;=%@".utf8.contains($0) }) else {
                return nil
            }
            host = authority[authority.index(after: at)...]
        }
        let port: Substring
        if host.hasPrefix("[") {
            guard let end = host.lastIndex(of: "]") else { return nil }
            port = host[host.index(after: end)...]
        } else {
            port = host.lastIndex(of: ":").map { host[$0...] } ?? ""
        }
        guard port.isEmpty || (port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) })
        else { return nil }
        let allowed = "-._~!$&'()*+,;=:[]<>\"%".utf8
        guard host.utf8.allSatisfy({ isLetterOrDigit($0) || allowed.contains($0) || $0 >= 0x80 }) else { return nil }
        return String(host)
    }

    /// The path as it is written where that is well-formed, otherwise with everything escaped that has to be.
    private static func escaped(_ path: Substring) -> String? {
        guard let plain = unescaped(path, plusIsBlank: false) else { return nil }
        let written = "-._~!$&'()*+,;=:@[]/%".utf8
        if path.utf8.allSatisfy({ isLetterOrDigit($0) || written.contains($0) }) { return String(path) }
        var text = ""
        for byte in plain {
            if isLetterOrDigit(byte) || "-._~$&+,/:;=@".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }

    private static func query(_ text: Substring) -> [String: [String]]? {
        var query: [String: [String]] = [:]
        for pair in text.split(separator: "&") where !pair.contains(";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A pair that cannot be read is as good as none.
            guard let name = parts.first.flatMap({ unescaped($0, plusIsBlank: true) }),
                let value = unescaped(parts.count == 2 ? parts[1] : "", plusIsBlank: true)
            else { continue }
            query[String(decoding: name, as: UTF8.self), default: []].append(String(decoding: value, as: UTF8.self))
        }
        return query
    }

    private static func unescaped(_ text: Substring, plusIsBlank: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
