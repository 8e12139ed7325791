import JSONTree

/// An answer of a cloud's command-line tool.
struct CloudReading: Sendable {
    let root: JSONNode
    /// Where it was handed in, and the command that prints the same.
    let source: FactSource

    /// Elements of a member of it: `Subnets` of an answer of EC2.
    func list(_ member: String) -> [JSONNode] { root.list(member) }
}

extension FactBase {
    /// What a provider's tool answered; nil when nobody handed it in, or it does not parse.
    ///
    /// - Parameter operation: as ``EvidencePath/cloud(_:_:)`` names it.
    func cloudAnswer(_ provider: String, _ operation: String) -> CloudReading? {
        let path = EvidencePath.cloud(provider, operation)
        return derived.value(path) { () -> CloudReading? in
            guard let document = evidence[path], let root = try? JSONTree(parsing: document.bytes).root else {
                return nil
            }
            var source = document.source
            if provider == "aws", source.command.isEmpty { source.command = "aws ec2 \(operation)" }
            return CloudReading(root: root, source: source)
        }
    }

    /// The same of tools that print a list with nothing around it, as those of Azure and Google Cloud do; nil for an
    /// answer of another form.
    func cloudList(_ provider: String, _ operation: String) -> (items: [JSONNode], source: FactSource)? {
        guard let answer = cloudAnswer(provider, operation), answer.root.kind == .array else { return nil }
        return (Array(answer.root.elements), answer.source)
    }

    /// Whether anything of a provider was handed in.
    func hasCloud(_ provider: String) -> Bool {
        !evidence.documents(under: "\(EvidencePath.clouds)\(provider)/").isEmpty
    }
}
