import Findings
import JSONTree
import KubernetesModel

/// Reads one policy object field by field and collects what is wrong with it. The methods answer nil for what is
/// absent as well as for what is unreadable; the caller that must tell the two apart looks at ``isBroken`` around the
/// call through ``reading(_:)``.
///
/// Paths are handed down as text, because a message needs the path from the object's root, also for an item of a List.
public struct PolicyReader {
    public let document: PolicyDocument
    public let reference: PolicyReference
    public private(set) var findings: [Finding] = []
    /// How many errors were reported so far.
    public private(set) var errors = 0

    public init(_ document: PolicyDocument, reference: PolicyReference) {
        self.document = document
        self.reference = reference
    }

    public var source: PolicySource {
        PolicySource(
            reference: reference, apiVersion: document.gvk.apiVersion, file: document.file, node: document.node)
    }

    public mutating func report(
        _ path: String, _ message: String, severity: Finding.Severity = .error, code: String = "",
        at node: JSONNode?, because reasons: [String] = [], next: String? = nil
    ) {
        if severity == .error { errors += 1 }
        let field = path.isEmpty ? "" : "\(path): "
        findings.append(
            Finding(
                severity, code: code, "\(reference): \(field)\(message)", at: place(of: node), because: reasons,
                next: next))
    }

    /// A place can be shown only of something that was read from a file; objects of a live cluster are named by
    /// their path alone.
    public func place(of node: JSONNode?) -> Finding.Place? {
        guard let file = document.file else { return nil }
        return Finding.Place(file: file, node: node ?? document.node)
    }

    /// Whether `body` reported an error.
    public mutating func reading<Result>(_ body: (inout PolicyReader) -> Result) -> (result: Result, isBroken: Bool) {
        let before = errors
        let result = body(&self)
        return (result, errors != before)
    }

    // MARK: Fields

    /// The member, when it is there and of this kind. `null` is absent, as it is for the API server.
    public mutating func member(
        _ key: String, of object: JSONNode, at path: String, as kind: JSONNode.Kind
    ) -> JSONNode? {
        guard let node = object.member(key), !node.isNull else { return nil }
        guard node.kind == kind else {
            report(Self.join(path, key), "\(kind) is expected, this is \(node.kind)", at: node)
            return nil
        }
        return node
    }

    /// The elements of a list member with their paths; nil when absent, null or unreadable.
    public mutating func list(
        _ key: String, of object: JSONNode, at path: String
    ) -> [(node: JSONNode, path: String)]? {
        guard let node = member(key, of: object, at: path, as: .array) else { return nil }
        let base = Self.join(path, key)
        return node.elements.enumerated().map { ($0.element, "\(base)[\($0.offset)]") }
    }

    /// Reports members that the kind does not have, each with the nearest that it has. Answers whether there were
    /// any. The API server would drop such a field (or, asked to be strict, refuse the object), so what it was meant
    /// to restrict would be open.
    @discardableResult
    public mutating func checkFields(of object: JSONNode, at path: String, known: [String]) -> Bool {
        var isBroken = false
        var seen: Set<String> = []
        for (key, value) in object.members {
            if !seen.insert(key).inserted {
                isBroken = true
                report(Self.join(path, key), "the field appears twice", at: value.keyNode ?? value)
            } else if !known.contains(key) {
                isBroken = true
                report(
                    Self.join(path, key), "there is no such field", at: value.keyNode ?? value,
                    because: ["known here: \(known.joined(separator: ", "))"],
                    next: EditDistance.nearest(to: key, in: known).map { "did you mean \($0)?" })
            }
        }
        return isBroken
    }

    public static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }
}
