import JSONTree

/// What a provider's tool says when it does not answer: refused, not signed in, unknown region.
struct CloudRefusal: Sendable {
    /// One line.
    let text: String

    /// A line of standard error, pasted or piped along (`2>&1`).
    init?(_ line: String) {
        let lower = line.lowercased()
        // `An error occurred (UnauthorizedOperation) when calling the DescribeSubnets operation: ...` of aws,
        // `ERROR: ...` of az and gcloud, and the lines that go on with the reason.
        let signs = [
            "an error occurred (", "error: ", "unable to locate credentials", "you must specify a region",
            "could not connect to the endpoint", "token has expired", "session associated with this profile",
            "authorizationfailed", "permission_denied", "does not have authorization to perform action",
            "run 'az login'", "gcloud auth login", "' permission for 'projects/",
        ]
        guard signs.contains(where: lower.contains) else { return nil }
        text = String(line.drop { $0 == " " || $0 == "-" }.prefix(240))
    }

    /// `{"error": {"code": ..., "message": ...}}` of the providers' HTTP interfaces.
    init?(_ root: JSONNode) {
        guard let error = root.member("error") ?? root.member("Error"), error.kind == .object,
            let message = (error.member("message") ?? error.member("Message"))?.string
        else { return nil }
        let code = (error.member("code") ?? error.member("Code") ?? error.member("status"))
        let name = code?.string ?? code.map { String(decoding: $0.rawBytes, as: UTF8.self) } ?? ""
        text = String((name.isEmpty ? message : "(\(name)) \(message)").prefix(240))
    }

    /// The operation it is of, where it says so.
    func operation(_ provider: String) -> String? {
        switch provider {
        case "aws":
            guard let end = text.firstRange(of: " operation:") else { return nil }
            let name = text[..<end.lowerBound].split(separator: " ").last ?? ""
            // DescribeRouteTables is describe-route-tables.
            let words = name.reduce(into: "") { $0 += $1.isUppercase && !$0.isEmpty ? "-\($1)" : "\($1)" }.lowercased()
            return CloudOperation.aws.contains { $0.operation == words } ? words : nil
        case "azure":
            let lower = text.lowercased()
            return CloudOperation.azure.first { lower.contains("'\($0.key)/read'") }?.value
        default:
            let permissions = [
                "compute.firewalls.list": "compute-firewall-rules-list", "compute.routes.list": "compute-routes-list",
                "compute.subnetworks.list": "compute-networks-subnets-list",
                "container.clusters.list": "container-clusters-list",
            ]
            return permissions.first { text.contains("'\($0.key)'") }?.value
        }
    }

    func next(_ provider: String) -> String {
        let lower = text.lowercased()
        let isSignedOut = ["credential", "login", "log in", "expired", "sign"].contains(where: lower.contains)
        switch provider {
        case "aws":
            if isSignedOut { return "sign in (aws sso login or aws configure) and run it again" }
            if lower.contains("region") { return "say --region, and run it again" }
            return "the describe operations of EC2 are enough: the managed policy AmazonEC2ReadOnlyAccess has them"
        case "azure":
            if isSignedOut { return "az login, and run it again" }
            return "the role Reader on the resource group of the nodes is enough"
        default:
            if isSignedOut { return "gcloud auth login, and run it again" }
            return "the role roles/compute.viewer on the project is enough"
        }
    }
}

/// A paste cut into JSON values and the lines between them.
struct PastedText {
    private(set) var values: [[UInt8]] = []
    /// Lines that are no part of a value; none of them blank.
    private(set) var lines: [String] = []
    /// The last value has no end.
    private(set) var isCut = false
    let isEmpty: Bool

    init(_ bytes: [UInt8]) {
        isEmpty = bytes.allSatisfy { $0 <= 0x20 }
        if (try? JSONTree(parsing: bytes)) != nil {
            values = [bytes]
            return
        }
        var line: [UInt8] = []
        var depth = 0
        var start: Int?
        var isInString = false
        var isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if let begun = start {
                if isEscaped {
                    isEscaped = false
                } else if isInString {
                    isEscaped = byte == UInt8(ascii: "\\")
                    isInString = byte != UInt8(ascii: "\"")
                } else if byte == UInt8(ascii: "\"") {
                    isInString = true
                } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                    depth += 1
                } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                    depth -= 1
                    if depth == 0 {
                        values.append(Array(bytes[begun...index]))
                        start = nil
                    }
                }
                continue
            }
            // A value begins a line, or follows another: brackets within a sentence are no values.
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "["), line.allSatisfy({ $0 <= 0x20 || $0 == 0x2C }) {
                start = index
                depth = 1
            } else if byte == 0x0A {
                add(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        isCut = start != nil
        add(line)
    }

    private mutating func add(_ line: [UInt8]) {
        if line.contains(where: { $0 > 0x20 && $0 != 0x2C }) { lines.append(String(decoding: line, as: UTF8.self)) }
    }

    /// What it is instead of JSON: the other forms that the tools print.
    static func form(of lines: [String]) -> String? {
        let texts = lines.map { $0.drop { $0 == " " } }
        guard let first = texts.first else { return nil }
        if first.hasPrefix("<") { return "XML or HTML" }
        if texts.contains(where: { $0.hasPrefix("---") && $0.count > 3 || $0.hasPrefix("|") || $0.hasPrefix("+-") }) {
            return "a table"
        }
        let columns = first.split(separator: " ")
        if columns.count > 1, columns.allSatisfy({ $0.allSatisfy { $0.isUppercase || $0 == "_" || $0.isNumber } }) {
            return "a table"
        }
        if first.split(separator: "\t").count > 2 { return "the tool's text form" }
        let members = texts.count { text in
            let rest = text.hasPrefix("- ") ? text.dropFirst(2) : text
            guard let colon = rest.firstIndex(of: ":") else { return false }
            return colon != rest.startIndex
                && rest[..<colon].allSatisfy { $0.isLetter || $0.isNumber || "_-'".contains($0) }
                && (rest.index(after: colon) == rest.endIndex || rest[rest.index(after: colon)] == " ")
        }
        return members > 1 && members * 2 > texts.count ? "YAML" : nil
    }
}
