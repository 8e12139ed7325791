import Addressing
import Diagnosis
import JSONTree

/// Kubeconfigs of CNI plugins, without anything that opens a door: of a token only what it says about itself stays.
enum KubeconfigRedaction {
    /// Keys whose values are credentials, in kubeconfigs and in configurations.
    private static let secret = [
        "token", "client-key-data", "client-certificate-data", "password", "client_secret", "etcd_key", "psk",
    ]

    static func redacted(_ bytes: [UInt8]) -> [UInt8] {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        return Array(lines.map { redacted(line: String($0)) }.joined(separator: "\n").utf8)
    }

    /// `    token: eyJ...` becomes `    token: "<redacted>" # claims {"exp":...}`.
    private static func redacted(line: String) -> String {
        guard let colon = line.firstIndex(of: ":") else {
            return looksSecret(line) ? "<redacted>" : line
        }
        let key = line[..<colon].drop { $0 == " " || $0 == "-" }
        guard secret.contains(String(key).lowercased()) else { return line }
        let value = line[line.index(after: colon)...].filter { $0 != " " && $0 != "\"" && $0 != "'" }
        let told: String? =
            switch String(key) {
            case "token": claims(ofToken: String(value))
            case "client-certificate-data": claims(ofCertificate: String(value))
            default: nil
            }
        return "\(line[...colon]) \"<redacted>\"" + (told.map { " # claims \($0)" } ?? "")
    }

    /// A line that is nothing but a long run of base64: the value of a folded key.
    private static func looksSecret(_ line: String) -> Bool {
        let text = line.drop { $0 == " " }
        return text.utf8.count > 120 && !text.contains(" ")
    }

    /// Values of secret keys in a JSON configuration. What is no JSON stays as it is unless it holds a token.
    static func redactedConfiguration(_ bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("token") || text.contains("key") || text.contains("password") else { return bytes }
        guard let root = try? JSONTree(parsing: bytes).root else { return redacted(bytes) }
        var changed = false
        let value = redacted(JSONValue(root), &changed)
        return changed ? value.serialized(indent: 2) : bytes
    }

    private static func redacted(_ value: JSONValue, _ changed: inout Bool) -> JSONValue {
        switch value.unfolded {
        case .object(let members):
            return .object(
                members.map { member in
                    if secret.contains(member.key.lowercased()), let text = member.value.stringValue, !text.isEmpty {
                        changed = true
                        return JSONMember(member.key, "<redacted>")
                    }
                    return JSONMember(member.key, redacted(member.value, &changed))
                })
        case .array(let elements): return .array(elements.map { redacted($0, &changed) })
        default: return value
        }
    }

    /// `exp`, `iat`, `iss`, `sub` of a JWT; nil when it is none.
    static func claims(ofToken token: String) -> String? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let body = base64URL(parts[1]), let root = try? JSONTree(parsing: body).root else {
            return nil
        }
        let kept = ["exp", "iat", "iss", "sub"].compactMap { key in
            root.member(key).map { JSONMember(key, JSONValue($0)) }
        }
        return kept.isEmpty ? nil : JSONValue.object(kept).text
    }

    /// The same of a certificate, whose dates and name are no secret.
    static func claims(ofCertificate text: String) -> String? {
        guard let fields = X509Fields(pemInBase64: text) else { return nil }
        return JSONValue.object([
            JSONMember("exp", .int(fields.notAfter)), JSONMember("iat", .int(fields.notBefore)),
            JSONMember("sub", .string(fields.subject)),
        ]).text
    }

    private static func base64URL(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte + 4
            case UInt8(ascii: "-"), UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "_"), UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
