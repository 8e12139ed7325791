import Findings
import JSONTree

extension PolicyReader {
    /// A Kubernetes label selector (matchLabels and matchExpressions, all ANDed) over the labels of `owner`. Nil when
    /// a part of it is invalid, with every invalid part reported: half a selector would select too much.
    public mutating func labelSelector(
        _ node: JSONNode, at path: String, over owner: LabelKey.Owner
    ) -> LabelExpression? {
        let before = errors
        guard node.kind == .object else {
            report(path, "a label selector is expected, this is \(node.kind)", at: node)
            return nil
        }
        checkFields(of: node, at: path, known: ["matchLabels", "matchExpressions"])
        var parts: [LabelExpression] = []
        if let labels = member("matchLabels", of: node, at: path, as: .object) {
            for (key, value) in labels.members {
                let place = "\(path).matchLabels[\(key)]"
                checkLabelKey(key, at: place, node: value.keyNode ?? value)
                guard let text = value.string else {
                    report(
                        place, "a string is expected, this is \(value.kind)", at: value,
                        next: value.numberText != nil || value.bool != nil ? "write it in quotes" : nil)
                    continue
                }
                checkLabelValue(text, at: place, node: value)
                parts.append(
                    .requirement(LabelRequirement(LabelKey(owner, key), .isIn, [text], at: SourcePlace(value))))
            }
        }
        for (item, place) in list("matchExpressions", of: node, at: path) ?? [] {
            if let requirement = matchExpression(item, at: place, over: owner) {
                parts.append(.requirement(requirement))
            }
        }
        return errors == before ? .all(parts) : nil
    }

    private mutating func matchExpression(
        _ node: JSONNode, at path: String, over owner: LabelKey.Owner
    ) -> LabelRequirement? {
        guard node.kind == .object else {
            report(path, "an object with key, operator and values is expected, this is \(node.kind)", at: node)
            return nil
        }
        checkFields(of: node, at: path, known: ["key", "operator", "values"])
        guard let keyNode = member("key", of: node, at: path, as: .string), let key = keyNode.string else {
            if node.member("key").map(\.isNull) ?? true { report("\(path).key", "required: which label?", at: node) }
            return nil
        }
        checkLabelKey(key, at: "\(path).key", node: keyNode)
        let operators = ["In", "NotIn", "Exists", "DoesNotExist"]
        guard let operatorNode = member("operator", of: node, at: path, as: .string), let name = operatorNode.string
        else {
            if node.member("operator").map(\.isNull) ?? true {
                report("\(path).operator", "required: one of \(operators.joined(separator: ", "))", at: node)
            }
            return nil
        }
        var values: [String] = []
        let items = list("values", of: node, at: path) ?? []
        for (item, place) in items {
            if let text = item.string {
                checkLabelValue(text, at: place, node: item)
                values.append(text)
            } else {
                report(place, "a string is expected, this is \(item.kind)", at: item)
            }
        }
        let comparison: LabelRequirement.Comparison
        switch name {
        case "In", "NotIn":
            if items.isEmpty {
                report("\(path).values", "required with operator \(name): at least one value", at: node)
            }
            comparison = name == "In" ? .isIn : .isNotIn
        case "Exists", "DoesNotExist":
            if !items.isEmpty {
                report("\(path).values", "forbidden with operator \(name)", at: node.member("values"))
            }
            comparison = name == "Exists" ? .exists : .doesNotExist
        default:
            report(
                "\(path).operator", "\"\(name)\" is no operator", at: operatorNode,
                because: ["known: \(operators.joined(separator: ", ")); case matters"],
                next: EditDistance.nearest(to: name, in: operators).map { "did you mean \($0)?" })
            return nil
        }
        return LabelRequirement(LabelKey(owner, key), comparison, values, at: SourcePlace(node))
    }

    /// `prefix/name`: prefix a DNS subdomain of at most 253, name at most 63 of letters, digits, `-`, `_` and `.`,
    /// beginning and ending with a letter or digit (apimachinery, IsQualifiedName).
    private mutating func checkLabelKey(_ key: String, at path: String, node: JSONNode) {
        let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { Array($0.utf8) }
        var reason: String?
        if parts.count == 2 {
            if !LabelText.isSubdomain(parts[0]) {
                reason = "the part before the slash must be a DNS name in lower case"
            }
        }
        if let name = parts.last, name.isEmpty || !LabelText.isName(name) {
            reason =
                "a label key is at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"
        }
        if let reason { report(path, "\"\(key)\" cannot be a label key: \(reason)", at: node) }
    }

    private mutating func checkLabelValue(_ value: String, at path: String, node: JSONNode) {
        if LabelText.isName(Array(value.utf8)) { return }
        report(
            path,
            "\"\(value)\" cannot be a label value: at most 63 letters, digits, '-', '_' and '.', with a letter or digit "
                + "at both ends, or nothing at all", at: node)
    }
}

/// The characters Kubernetes allows in labels (apimachinery/pkg/util/validation).
enum LabelText {
    /// Also true of the empty text, which is a label value.
    static func isName(_ text: [UInt8]) -> Bool {
        guard let first = text.first, let last = text.last else { return true }
        return text.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && text.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }

    static func isSubdomain(_ text: [UInt8]) -> Bool {
        guard !text.isEmpty, text.count <= 253 else { return false }
        return text.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isLower(first) && isLower(last) && label.allSatisfy { isLower($0) || $0 == 0x2D }
        }
    }

    /// A port's name (IANA service name): at most 15 lower-case letters, digits and single hyphens, one letter at
    /// least, no hyphen at either end.
    static func isPortName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...15).contains(bytes.count), bytes.first != 0x2D, bytes.last != 0x2D else { return false }
        guard bytes.allSatisfy({ isLower($0) || $0 == 0x2D }) else { return false }
        guard bytes.contains(where: { $0 >= 0x61 && $0 <= 0x7A }) else { return false }
        return !zip(bytes, bytes.dropFirst()).contains { $0 == 0x2D && $1 == 0x2D }
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte) || (0x41...0x5A).contains(byte) }
}
