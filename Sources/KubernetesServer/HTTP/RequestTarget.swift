/// The request line's target taken apart. Pure; everything foreign that it cannot read makes it nil.
struct RequestTarget: Hashable, Sendable {
    var path: String
    var segments: [String]
    var query: QueryParameters

    /// - Parameter target: origin form (`/api/v1/pods?watch=1`) or absolute form (`https://host/api`, which proxies
    ///   send).
    init?(_ target: String) {
        var rest = target.utf8[...]
        if rest.first != UInt8(ascii: "/") {
            guard let origin = Self.originForm(of: rest) else { return nil }
            rest = origin
        }
        if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        let mark = rest.firstIndex(of: UInt8(ascii: "?"))
        let path = rest[..<(mark ?? rest.endIndex)]
        var segments: [String] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            guard let segment = Self.decoded(part, plusIsSpace: false), segment != ".", segment != ".." else {
                return nil
            }
            segments.append(segment)
        }
        self.path = String(decoding: path, as: UTF8.self)
        self.segments = segments
        guard let query = mark.map({ Self.query(rest[rest.index(after: $0)...]) }) ?? QueryParameters() else {
            return nil
        }
        self.query = query
    }

    private static func originForm(of target: Substring.UTF8View) -> Substring.UTF8View? {
        for scheme in ["https://", "http://"] where target.starts(with: scheme.utf8) {
            let rest = target.dropFirst(scheme.utf8.count)
            return rest.firstIndex(of: UInt8(ascii: "/")).map { rest[$0...] }
        }
        return nil
    }

    /// `a=1&b=two+words`, as Go's `url.ParseQuery` reads it, but for a pair with a bad encoding, which is no answer
    /// at all here: a selector must not be dropped silently.
    static func query(_ text: Substring.UTF8View) -> QueryParameters? {
        var parameters: [QueryParameters.Parameter] = []
        for pair in text.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = equals == pair.endIndex ? pair[equals...] : pair[pair.index(after: equals)...]
            guard let name = decoded(pair[..<equals], plusIsSpace: true), let value = decoded(value, plusIsSpace: true)
            else { return nil }
            parameters.append(.init(name, value))
        }
        return QueryParameters(parameters)
    }

    /// Percent-decoding; nil for a bad escape, for what is no UTF-8 and for NUL, which no name of Kubernetes holds
    /// and which ends strings in C.
    static func decoded(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            text.formIndex(after: &index)
            if byte == UInt8(ascii: "%") {
                guard index < text.endIndex, let high = hexValue(text[index]) else { return nil }
                text.formIndex(after: &index)
                guard index < text.endIndex, let low = hexValue(text[index]) else { return nil }
                text.formIndex(after: &index)
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        if bytes.contains(0) { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
