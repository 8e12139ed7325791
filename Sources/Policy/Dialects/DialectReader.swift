import Addressing
import Findings
import JSONTree
import KubernetesModel

/// Reads the fields of one object of a dialect and collects what is wrong with it. It lives for the reading of one
/// object; a class, because every nested field adds to the same lists.
final class DialectReader {
    let document: PolicyDocument
    let reference: PolicyReference
    private(set) var findings: [Finding] = []
    /// What the rule being read cannot enforce.
    private var unenforceable: [Unenforceable] = []

    init(_ document: PolicyDocument, _ reference: PolicyReference) {
        self.document = document
        self.reference = reference
    }

    var source: PolicySource {
        PolicySource(
            reference: reference, apiVersion: document.gvk.apiVersion, file: document.file, node: document.node)
    }

    /// From the object's root.
    func path(of node: JSONNode) -> String { SourcePlace(node).path(in: document.node) }

    /// A place can be shown only of something that was read from a file.
    private func place(_ node: JSONNode) -> Finding.Place? {
        document.file.map { Finding.Place(file: $0, node: node) }
    }

    // MARK: Problems

    /// The API server would refuse it, or ought to. What it stands in fails closed.
    func error(_ node: JSONNode, _ message: String, next: String? = nil) {
        let path = path(of: node)
        findings.append(
            Finding(
                .error, "\(reference): \(path.isEmpty ? "" : "\(path): ")\(message)", at: place(node), next: next))
    }

    func warn(_ node: JSONNode, code: String, _ message: String, next: String? = nil) {
        findings.append(
            Finding(.warning, code: code, "\(reference): \(path(of: node)): \(message)", at: place(node), next: next))
    }

    /// Understood, and not enforced: kept with the rule or the policy, from where lint and every command report it.
    /// Answers the text for the term that stands in its place.
    @discardableResult
    func notEnforced(_ node: JSONNode, _ reason: String) -> String {
        unenforceable.append(Unenforceable(path: path(of: node), reason: reason, at: SourcePlace(node)))
        return reason
    }

    /// Wrong, and therefore not enforced.
    func refused(_ node: JSONNode, _ reason: String, next: String? = nil) -> String {
        unenforceable.append(Unenforceable(path: path(of: node), reason: reason, at: SourcePlace(node)))
        error(node, reason, next: next)
        return reason
    }

    /// What was collected since the last call; what a rule or the policy keeps.
    func takeUnenforceable() -> [Unenforceable] {
        defer { unenforceable = [] }
        return unenforceable
    }

    // MARK: Fields

    /// The member, unless it is absent or null, which Kubernetes treats alike.
    func field(_ name: String, of node: JSONNode?) -> JSONNode? {
        guard let member = node?.member(name), !member.isNull else { return nil }
        return member
    }

    /// The elements of a list; nil when it is absent, or no list (which is reported).
    func list(_ name: String, of node: JSONNode?) -> [JSONNode]? {
        guard let member = field(name, of: node) else { return nil }
        guard member.kind == .array else {
            error(member, "must be a list, not \(member.kind)")
            return nil
        }
        return Array(member.elements)
    }

    /// Elements of a list; none when there is no such list.
    func elements(_ name: String, of node: JSONNode?) -> [JSONNode] { list(name, of: node) ?? [] }

    func object(_ name: String, of node: JSONNode?) -> JSONNode? {
        guard let member = field(name, of: node) else { return nil }
        guard member.kind == .object else {
            error(member, "must be an object, not \(member.kind)")
            return nil
        }
        return member
    }

    func string(_ name: String, of node: JSONNode?) -> String? {
        guard let member = field(name, of: node) else { return nil }
        guard let text = member.string else {
            error(member, "must be a string, not \(member.kind)", next: "put quotes around it")
            return nil
        }
        return text
    }

    func bool(_ name: String, of node: JSONNode?) -> Bool? {
        guard let member = field(name, of: node) else { return nil }
        guard let value = member.bool else {
            error(member, "must be true or false, not \(member.kind)")
            return nil
        }
        return value
    }

    /// A whole number within `range`.
    func number(_ name: String, of node: JSONNode?, in range: ClosedRange<Int64>) -> Int64? {
        guard let member = field(name, of: node) else { return nil }
        guard let value = member.int, range.contains(value) else {
            error(member, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    func strings(_ name: String, of node: JSONNode?) -> [(text: String, node: JSONNode)] {
        elements(name, of: node).compactMap { element in
            guard let text = element.string else {
                error(element, "must be a string, not \(element.kind)")
                return nil
            }
            return (text, element)
        }
    }

    /// Members that the dialect does not have. Inside a rule each is unenforceable, because what it was meant to
    /// narrow is unknown.
    @discardableResult
    func refuseUnknown(in node: JSONNode, known: [String]) -> [String] {
        var refusals: [String] = []
        for (key, value) in node.members where !known.contains(key) {
            let meant = EditDistance.nearest(to: key, in: known)
            refusals.append(
                refused(
                    value.keyNode ?? value, "there is no field \(key) here",
                    next: meant.map { "did you mean \"\($0)\"?" }))
        }
        return refusals
    }

    /// A network as dialects write it: host bits are dropped, and (where `single` allows) a bare address is itself.
    func prefix(_ text: String, at node: JSONNode, single: Bool) -> IPPrefix? {
        if let interface = InterfaceAddress(text) { return interface.prefix }
        if single, let address = IPAddress(text) {
            return IPPrefix(containing: address, length: address.family.bitWidth)
        }
        do throws(AddressError) {
            return try IPPrefix(parsing: text)
        } catch {
            self.error(node, "\"\(text)\" is no network: \(error.reason)")
            return nil
        }
    }
}

/// Codes of findings that come from reading policies; lint has the others.
enum PolicyCode {
    /// The field is understood but not enforced.
    static let notEnforced = "POL-18"
    /// A list of ports without a port.
    static let emptyPorts = "POL-19"
}
