/// What Kubernetes allows as names, labels and port names (k8s.io/apimachinery, util/validation). A rule answers with
/// the sentences a real server prints, none when the text is allowed.
public enum NameRule: Hashable, Sendable {
    /// One label of a host name (RFC 1123): namespaces, names of pods' containers, parts of names.
    case dnsLabel
    /// A host name (RFC 1123): most objects.
    case dnsSubdomain
    /// A label that does not begin with a digit (RFC 1035): services.
    case dns1035Label
    /// An optional DNS subdomain, a slash, and a name of at most 63 characters: keys of labels, annotations, taints.
    case qualifiedName
    /// At most 63 characters, or none.
    case labelValue
    /// A service name (RFC 6335, section 5.1): named ports.
    case portName
    /// Anything that can stand between two slashes of a path: names of RBAC objects.
    case pathSegment

    public func problems(in text: String) -> [String] {
        let bytes = Array(text.utf8)
        switch self {
        case .dnsLabel:
            return Self.tooLong(bytes, 63) + (Self.isDNSLabel(bytes[...]) ? [] : [Self.dnsLabelSentence])
        case .dnsSubdomain:
            let isValid = bytes.split(separator: dot, omittingEmptySubsequences: false).allSatisfy(Self.isDNSLabel)
            return Self.tooLong(bytes, 253) + (isValid ? [] : [Self.dnsSubdomainSentence])
        case .dns1035Label:
            let isValid = Self.isDNSLabel(bytes[...]) && !(bytes.first.map(Self.isDigit) ?? false)
            return Self.tooLong(bytes, 63) + (isValid ? [] : [Self.dns1035Sentence])
        case .qualifiedName: return Self.qualifiedNameProblems(text)
        case .labelValue:
            return Self.tooLong(bytes, 63) + (bytes.isEmpty || Self.isName(bytes) ? [] : [Self.labelValueSentence])
        case .portName: return Self.portNameProblems(bytes)
        case .pathSegment:
            if text == "." { return ["may not be '.'"] }
            if text == ".." { return ["may not be '..'"] }
            return (bytes.contains(UInt8(ascii: "/")) ? ["may not contain '/'"] : [])
                + (bytes.contains(UInt8(ascii: "%")) ? ["may not contain '%'"] : [])
        }
    }

    public func allows(_ text: String) -> Bool { problems(in: text).isEmpty }

    private var dot: UInt8 { UInt8(ascii: ".") }
}

// MARK: - Characters

extension NameRule {
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isUpper(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }

    /// Lower-case letters, digits and inner hyphens.
    private static func isDNSLabel(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        let hyphen = UInt8(ascii: "-")
        return first != hyphen && last != hyphen
            && bytes.allSatisfy { isLower($0) || isDigit($0) || $0 == hyphen }
    }

    /// Letters and digits, and `-`, `_`, `.` inside.
    private static func isName(_ bytes: [UInt8]) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte) || isUpper(byte) || isDigit(byte) }
        guard let first = bytes.first, let last = bytes.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            }
    }

    private static func tooLong(_ bytes: [UInt8], _ limit: Int) -> [String] {
        bytes.count > limit ? ["must be no more than \(limit) bytes"] : []
    }

    private static func qualifiedNameProblems(_ text: String) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var problems: [String] = []
        if parts.count > 2 {
            return [
                "a qualified name \(nameSentence) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        if parts.count == 2 {
            problems +=
                parts[0].isEmpty
                ? ["prefix part must be non-empty"] : dnsSubdomain.problems(in: parts[0]).map { "prefix part " + $0 }
        }
        let name = Array((parts.last ?? "").utf8)
        if name.isEmpty { problems.append("name part must be non-empty") }
        problems += tooLong(name, 63).map { "name part " + $0 }
        if !isName(name) { problems.append("name part " + nameSentence) }
        return problems
    }

    private static func portNameProblems(_ bytes: [UInt8]) -> [String] {
        let hyphen = UInt8(ascii: "-")
        var problems = tooLong(bytes, 15)
        if bytes.isEmpty || !bytes.allSatisfy({ isLower($0) || isDigit($0) || $0 == hyphen }) {
            problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !bytes.contains(where: isLower) { problems.append("must contain at least one letter (a-z)") }
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == hyphen && $1 == hyphen }) {
            problems.append("must not contain consecutive hyphens")
        }
        if bytes.first == hyphen || bytes.last == hyphen { problems.append("must not begin or end with a hyphen") }
        return problems
    }
}

// MARK: - Sentences, as servers print them

extension NameRule {
    private static let dnsLabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"

    private static let dnsLabelSentence =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'\(dnsLabelPattern)')"

    private static let dnsSubdomainSentence =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'\(dnsLabelPattern)(\\.\(dnsLabelPattern))*')"

    private static let dns1035Sentence =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
        + "is '[a-z]([-a-z0-9]*[a-z0-9])?')"

    private static let nameSentence =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

    private static let labelValueSentence =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}
