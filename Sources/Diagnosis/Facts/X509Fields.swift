/// The few fields of an X.509 certificate that tell whether it fits: read from DER (RFC 5280 section 4.1, X.690) without
/// looking at keys or signatures. Foreign bytes: every length is checked, and what does not fit is no certificate.
public struct X509Fields: Sendable, Hashable {
    public private(set) var subject = ""
    public private(set) var issuer = ""
    private(set) var names: [String] = []
    /// Seconds since 1970.
    public private(set) var notBefore: Int64 = 0
    public private(set) var notAfter: Int64 = 0
    /// Of its own key and of the one that signed it, where they are told (RFC 5280 sections 4.2.1.1 and 4.2.1.2).
    private var keyIdentifier: [UInt8] = []
    private var issuerKeyIdentifier: [UInt8] = []

    /// The first certificate of a PEM text in base64, as a Secret holds it.
    public init?(pemInBase64 text: String) {
        guard let pem = Self.base64(Array(text.utf8)) else { return nil }
        self.init(pem: pem)
    }

    /// All certificates of such a text; what is none is passed over.
    static func all(pemInBase64 text: String) -> [X509Fields] {
        guard let pem = base64(Array(text.utf8)) else { return [] }
        let end = "-----END CERTIFICATE-----"
        return String(decoding: pem, as: UTF8.self).split(separator: end).compactMap { part in
            X509Fields(pem: Array((part + end + "\n").utf8))
        }
    }

    /// The first certificate of a PEM text (RFC 7468).
    init?(pem: [UInt8]) {
        let lines = pem.split(separator: 0x0A).map { line in line.last == 0x0D ? line.dropLast() : line }
        let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
        let end = Array("-----END CERTIFICATE-----".utf8)
        guard let first = lines.firstIndex(where: { $0.elementsEqual(begin) }),
            let last = lines[first...].firstIndex(where: { $0.elementsEqual(end) }),
            let der = Self.base64(Array(lines[(first + 1)..<last].joined()))
        else { return nil }
        self.init(der: der)
    }

    init?(der: [UInt8]) {
        var outer = DERReader(der[...])
        guard var certificate = outer.next(0x30), var body = certificate.next(0x30) else { return nil }
        // Version [0], serial number, signature algorithm, issuer.
        _ = body.next(0xA0)
        guard body.next(0x02) != nil, body.next(0x30) != nil, var issuer = body.next(0x30),
            var validity = body.next(0x30), let before = validity.time(), let after = validity.time(),
            var subject = body.next(0x30)
        else { return nil }
        notBefore = before
        notAfter = after
        self.issuer = Self.text(&issuer)
        self.subject = Self.text(&subject)
        while let (tag, content) = body.any() {
            guard tag == 0xA3 else { continue }
            var wrapper = content
            guard var extensions = wrapper.next(0x30) else { return }
            while var entry = extensions.next(0x30) {
                guard let identifier = entry.next(0x06) else { continue }
                _ = entry.next(0x01)
                guard identifier.rest.starts(with: [0x55, 0x1D]), identifier.rest.count == 3,
                    var octets = entry.next(0x04)
                else { continue }
                // 2.5.29.14 subjectKeyIdentifier, 2.5.29.35 authorityKeyIdentifier.
                if identifier.rest.last == 0x0E, let key = octets.next(0x04) { keyIdentifier = Array(key.rest) }
                if identifier.rest.last == 0x23, var key = octets.next(0x30), let value = key.next(0x80) {
                    issuerKeyIdentifier = Array(value.rest)
                }
                // 2.5.29.17 subjectAltName.
                guard identifier.rest.last == 0x11, var alternatives = octets.next(0x30) else { continue }
                while let (kind, name) = alternatives.any() {
                    switch kind {
                    case 0x82: names.append(String(decoding: name.rest, as: UTF8.self))
                    case 0x87 where name.rest.count == 4:
                        names.append(name.rest.map { String($0) }.joined(separator: "."))
                    default: break
                    }
                }
            }
        }
    }

    /// Whether it names the other one as its issuer: by its name, and by its key where both tell theirs.
    func isIssued(by authority: X509Fields) -> Bool {
        if issuer != authority.subject { return false }
        if issuerKeyIdentifier.isEmpty || authority.keyIdentifier.isEmpty { return true }
        return issuerKeyIdentifier == authority.keyIdentifier
    }

    /// `CN=shop.example`: the parts whose names matter, in their order.
    private static func text(_ name: inout DERReader) -> String {
        let known: [[UInt8]: String] = [[0x55, 0x04, 0x03]: "CN", [0x55, 0x04, 0x0A]: "O", [0x55, 0x04, 0x0B]: "OU"]
        var parts: [String] = []
        while var set = name.next(0x31) {
            while var pair = set.next(0x30) {
                guard let identifier = pair.next(0x06), let (_, value) = pair.any(),
                    let word = known[Array(identifier.rest)]
                else { continue }
                parts.append("\(word)=\(String(decoding: value.rest, as: UTF8.self))")
            }
        }
        return parts.joined(separator: ",")
    }

    /// RFC 4648 section 4; line breaks are skipped.
    static func base64(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text where byte != 0x0A && byte != 0x0D && byte != UInt8(ascii: "=") {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte + 4
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 1
            if count % 4 == 0 { bytes += [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)] }
        }
        switch count % 4 {
        case 2: bytes.append(UInt8(bits >> 4 & 0xFF))
        case 3: bytes += [UInt8(bits >> 10 & 0xFF), UInt8(bits >> 2 & 0xFF)]
        case 1: return nil
        default: break
        }
        return bytes
    }
}

/// Elements of DER one after the other.
struct DERReader: Sendable {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next element's content when it has this tag; otherwise nothing is taken.
    mutating func next(_ tag: UInt8) -> DERReader? {
        guard rest.first == tag else { return nil }
        return any()?.content
    }

    mutating func any() -> (tag: UInt8, content: DERReader)? {
        var bytes = rest
        guard let tag = bytes.popFirst(), let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            // More than four bytes of length is more than there can be.
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), bytes.count >= count else { return nil }
            length = 0
            for _ in 0..<count { length = length << 8 | Int(bytes.popFirst() ?? 0) }
        }
        guard length <= bytes.count else { return nil }
        let end = bytes.startIndex + length
        rest = bytes[end...]
        return (tag, DERReader(bytes[..<end]))
    }

    /// UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime `YYYYMMDDHHMMSSZ` (RFC 5280 section 4.1.2.5), in seconds since 1970.
    mutating func time() -> Int64? {
        guard let (tag, content) = any(), tag == 0x17 || tag == 0x18 else { return nil }
        var text = String(decoding: content.rest, as: UTF8.self)
        if tag == 0x17 {
            guard let year = Int(text.prefix(2)) else { return nil }
            text = (year < 50 ? "20" : "19") + text
        }
        let digits = Array(text)
        guard digits.count == 15, digits[14] == "Z" else { return nil }
        func part(_ from: Int, _ to: Int) -> String { String(digits[from..<to]) }
        return APIObject.seconds(
            "\(part(0, 4))-\(part(4, 6))-\(part(6, 8))T\(part(8, 10)):\(part(10, 12)):\(part(12, 14))Z")
    }
}
