import Addressing
import Findings
import JSONTree

/// Reads one JSON document of the configuration and collects what is wrong with it, each with line and column. Keys
/// match in any case, as Flannel's decoder has it.
struct ConfigurationReader {
    /// The name the document has in the ConfigMap.
    let file: String
    var findings: [Finding] = []

    init(file: String) { self.file = file }

    /// The root object; a finding when the text is no JSON object.
    mutating func root(_ text: String) -> JSONNode? {
        do throws(JSONSyntaxError) {
            let root = try JSONTree(parsing: text).root
            if root.kind == .object { return root }
            report("the document must be an object, it is \(root.kind)", at: root)
        } catch {
            let place = error.position
            findings.append(
                Finding(
                    code: "CFG-01", "\(file):\(place.line):\(place.column): this is not JSON: \(error.reason)",
                    at: Finding.Place(file: file, error),
                    next: "compare with docs/reference/configuration.md"))
        }
        return nil
    }

    /// Adds an error.
    mutating func report(_ message: String, at node: JSONNode, next: String? = nil) {
        report(.error, message, at: node, next: next)
    }

    mutating func report(_ severity: Finding.Severity, _ message: String, at node: JSONNode, next: String? = nil) {
        let code = severity == .error ? "CFG-02" : "CFG-03"
        let place = node.position
        findings.append(
            Finding(
                severity, code: code, "\(file):\(place.line):\(place.column): \(message)",
                at: Finding.Place(file: file, node: node), next: next))
    }

    var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// Names every key of an object that is none of `known`, with the nearest that is.
    ///
    /// - Parameter severity: Flannel passes over what it does not know, so its files may have such keys and work.
    mutating func checkKeys(_ object: JSONNode, _ known: [String], _ severity: Finding.Severity) {
        for (key, value) in object.members where !known.contains(where: { JSONKey.matches(key, $0) }) {
            let path = value.path
            let nearest = EditDistance.nearest(to: key, in: known)
            report(
                severity, "\(path) is not a known key\(severity == .error ? "" : " and has no effect")",
                at: value.keyNode ?? value,
                next: nearest.map { "did you mean \"\($0)\"?" }
                    ?? "known here: \(known.sorted().joined(separator: ", "))")
        }
    }

    // MARK: Values

    private mutating func mismatch(_ node: JSONNode, _ expected: String) {
        report("\(node.path) must be \(expected), it is \(node.kind)", at: node)
    }

    private func value(_ object: JSONNode, _ key: String) -> JSONNode? {
        guard let node = object[key], !node.isNull else { return nil }
        return node
    }

    mutating func object(_ object: JSONNode, _ key: String) -> JSONNode? {
        guard let node = value(object, key) else { return nil }
        if node.kind == .object { return node }
        mismatch(node, "an object")
        return nil
    }

    mutating func bool(_ object: JSONNode, _ key: String) -> Bool? {
        guard let node = value(object, key) else { return nil }
        if let bool = node.bool { return bool }
        mismatch(node, "true or false")
        return nil
    }

    mutating func string(_ object: JSONNode, _ key: String) -> (text: String, node: JSONNode)? {
        guard let node = value(object, key) else { return nil }
        if let text = node.string { return (text, node) }
        mismatch(node, "a string")
        return nil
    }

    /// A whole number in `range`.
    mutating func int(_ object: JSONNode, _ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = value(object, key) else { return nil }
        guard let number = node.int.flatMap({ Int(exactly: $0) }) else {
            mismatch(node, "a whole number")
            return nil
        }
        if range.contains(number) { return number }
        report("\(node.path) must be \(range.lowerBound)...\(range.upperBound), it is \(number)", at: node)
        return nil
    }

    /// One of the words of an enumeration.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ object: JSONNode, _ key: String, _ type: Word.Type
    ) -> Word? {
        guard let (text, node) = string(object, key) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        let nearest = EditDistance.nearest(to: text, in: words)
        report(
            "\(node.path) \"\(text)\" is none of \(words.joined(separator: ", "))", at: node,
            next: nearest.map { "did you mean \"\($0)\"?" })
        return nil
    }

    /// A network, which must have no host bits; of `family` when given.
    mutating func prefix(_ object: JSONNode, _ key: String, _ family: IPFamily) -> (prefix: IPPrefix, node: JSONNode)? {
        guard let (text, node) = string(object, key), !text.isEmpty else { return nil }
        guard let prefix = prefix(text, node) else { return nil }
        if prefix.family == family { return (prefix, node) }
        report("\(node.path) \(prefix) is \(prefix.family), \(family) belongs here", at: node)
        return nil
    }

    mutating func prefixes(_ object: JSONNode, _ key: String) -> [(prefix: IPPrefix, node: JSONNode)] {
        guard let list = value(object, key) else { return [] }
        guard list.kind == .array else {
            mismatch(list, "a list of networks")
            return []
        }
        var prefixes: [(prefix: IPPrefix, node: JSONNode)] = []
        for element in list.elements {
            guard let text = element.string else {
                mismatch(element, "a network in quotes")
                continue
            }
            if let prefix = prefix(text, element) { prefixes.append((prefix, element)) }
        }
        return prefixes
    }

    private mutating func prefix(_ text: String, _ node: JSONNode) -> IPPrefix? {
        do throws(AddressError) {
            return try IPPrefix(parsing: text)
        } catch {
            report("\(node.path): \(error)", at: node)
            return nil
        }
    }
}
