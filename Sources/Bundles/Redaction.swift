import Diagnosis
import JSONTree

/// Takes out of evidence what must not leave the machine, and says what it was: data of Secrets (certificates are
/// public and stay), private keys, passwords, signatures of tokens (their dates stay, because an expired token is a
/// cause), and environment variables that are named like secrets.
public struct Redaction: Sendable {
    public private(set) var evidence: EvidenceTree
    private var counts: [Kind: Int] = [:]

    enum Kind: String, CaseIterable {
        case secretData = "value of a Secret"
        case environment = "environment variable"
        case privateKey = "private key"
        case token = "token's signature"
        case password = "password or key in a file or log"
        case annotation = "copy of an object in its annotations"
    }

    public init(_ evidence: EvidenceTree) {
        self.evidence = evidence
        for (path, document) in evidence.documents {
            var bytes = document.bytes
            if path.hasPrefix(EvidencePath.resources) || path.hasPrefix("baseline/\(EvidencePath.resources)") {
                bytes = objects(bytes, isSecrets: path.hasSuffix("/secrets.json"))
            }
            bytes = text(bytes)
            if bytes == document.bytes { continue }
            var redacted = document
            redacted.bytes = bytes
            self.evidence.add(redacted, at: path)
        }
    }

    /// `3 values of Secrets`, in words.
    public var leftOut: [String] {
        Kind.allCases.compactMap { kind in
            guard let count = counts[kind], count > 0 else { return nil }
            return "\(count) \(count == 1 ? kind.rawValue : Self.plural(kind))"
        }
    }

    private static func plural(_ kind: Kind) -> String {
        switch kind {
        case .secretData: "values of Secrets (certificates were kept)"
        case .environment: "environment variables"
        case .privateKey: "private keys"
        case .token: "tokens' signatures"
        case .password: "passwords or keys in files and logs"
        case .annotation: "copies of objects in their annotations"
        }
    }

    private mutating func text(_ bytes: [UInt8]) -> [UInt8] {
        let marks = SecretText.marks(in: bytes)
        if marks.isEmpty { return bytes }
        for mark in marks {
            switch mark.kind {
            case .privateKey: count(.privateKey)
            case .token: count(.token)
            case .password: count(.password)
            }
        }
        return SecretText.masked(bytes, marks)
    }

    mutating func count(_ kind: Kind) { counts[kind, default: 0] += 1 }

    // MARK: Objects

    /// A list that does not parse keeps its text: it is searched for keys and tokens all the same.
    private mutating func objects(_ bytes: [UInt8], isSecrets: Bool) -> [UInt8] {
        guard let root = try? JSONTree(parsing: bytes).root else { return bytes }
        let redacted = value(root, isSecrets: isSecrets, depth: 0)
        return redacted.map { $0.serialized() } ?? bytes
    }

    /// Nil when there is nothing to take out of it.
    private mutating func value(_ node: JSONNode, isSecrets: Bool, depth: Int) -> JSONValue? {
        switch node.kind {
        case .array:
            var isChanged = false
            var option = ""
            let elements = node.elements.map { element -> JSONValue in
                // `--password` and what follows it, as two words of a command.
                let isValue = option.hasPrefix("-") && !option.contains("=") && SecretName.isSecretName(option)
                option = element.string ?? ""
                if isValue, !option.isEmpty, !option.hasPrefix("-"), !option.hasPrefix("/"), !option.hasPrefix("$") {
                    count(.password)
                    isChanged = true
                    return .string(SecretText.mark)
                }
                guard let changed = value(element, isSecrets: isSecrets, depth: depth + 1) else {
                    return JSONValue(element)
                }
                isChanged = true
                return changed
            }
            return isChanged ? .array(elements) : nil
        case .object:
            var isChanged = false
            let name = node.member("name")?.string
            var members: [JSONMember] = []
            for (key, member) in node.members {
                var replaced: JSONValue?
                if isSecrets, key == "data" || key == "stringData", member.kind == .object {
                    replaced = secretData(member)
                } else if key == "value", let text = member.string, let name, SecretName.isSecretVariable(name),
                    !text.isEmpty
                {
                    count(.environment)
                    replaced = .string(SecretText.mark)
                } else if let text = member.string, !text.isEmpty,
                    SecretName.holdsSecret(key) || SecretName.isToken(key)
                {
                    count(.password)
                    replaced = .string(SecretText.mark)
                } else if key == "kubectl.kubernetes.io/last-applied-configuration" {
                    count(.annotation)
                    isChanged = true
                    continue
                } else {
                    replaced = value(member, isSecrets: isSecrets, depth: depth + 1)
                }
                isChanged = isChanged || replaced != nil
                members.append(JSONMember(key, replaced ?? JSONValue(member)))
            }
            return isChanged ? .object(members) : nil
        default:
            return nil
        }
    }

    private mutating func secretData(_ data: JSONNode) -> JSONValue {
        .object(
            data.members.map { key, value in
                if key == "tls.crt" || key == "ca.crt" { return JSONMember(key, JSONValue(value)) }
                count(.secretData)
                return JSONMember(key, .string(SecretText.mark))
            })
    }
}
