import JSONTree

/// Alerts that wait for a metric which this cluster's releases do not export any more: PrometheusRules, and ConfigMaps
/// that hold rules.
struct AlertRuleCheck: Check {
    let name = "alerts"
    let codes = ["PRF-03"]
    let needs: [FactName] = []

    private struct Rule {
        /// `HighLatency`; of a recording rule its record.
        var name: String
        var isAlert: Bool
        var expression: String
        var object: APIObject
    }

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("prometheusrules.monitoring.coreos.com").isEmpty
            || facts.objects("configmaps").contains { !Self.texts($0).isEmpty }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let rules = rules(facts)
        // What somebody records under a former name is there after all.
        let recorded = Set(rules.filter { !$0.isAlert }.map(\.name))
        var found: [(rule: Rule, name: String, metric: FormerMetric)] = []
        for rule in rules where rule.isAlert {
            for word in Set(Self.names(in: rule.expression)).sorted() {
                guard let (name, metric) = FormerMetric.named(word), !recorded.contains(word),
                    !recorded.contains(name), isGone(metric, facts)
                else { continue }
                found.append((rule, name, metric))
                break
            }
        }
        guard let first = found.first else { return [] }
        let object = first.rule.object
        return [
            .of(
                "PRF-03",
                found.count == 1
                    ? "alert \(first.rule.name) waits for \(first.name), which nothing exports any more"
                    : "\(found.count) alerts wait for metrics that nothing exports any more, such as \(first.rule.name)",
                .certain, at: Array(Set(found.map(\.rule.object.place))).sorted(),
                evidence: found.prefix(3).map {
                    .init("\($0.rule.name): \($0.rule.expression)", marking: $0.name, from: $0.rule.object.source)
                },
                because: found.prefix(3).map { one in
                    let gone =
                        one.metric.goneIn.map { "gone since \(one.metric.of) \($0)" } ?? "never was \(one.metric.of)'s"
                    return
                        "\(one.name) is \(gone) (\(one.metric.source), \(one.metric.date)): the alert stays silent whatever happens; "
                        + "what is meant is \(one.metric.now)"
                },
                fix: .init(
                    [
                        "kubectl -n \(object.namespace) edit \(object.resource) \(object.name)   # \(first.rule.name): \(first.metric.now)"
                    ], undo: "put the expression back", risk: "none: it does not fire as it is", seconds: 60),
                prevent: "an alert on absent() of every metric that alerts stand on",
                deadEnds: ["a quiet pager as a sign of health: this alert cannot ring"])
        ]
    }

    private func isGone(_ metric: FormerMetric, _ facts: FactBase) -> Bool {
        guard let goneIn = metric.goneIn else {
            return facts.components(.agent).contains { $0.component.name == metric.of }
        }
        if metric.of == "kubernetes" {
            let versions = facts.objects("nodes").compactMap {
                $0.text("status", "nodeInfo", "kubeletVersion").flatMap { ReleaseNumber($0) }
            }
            return !versions.isEmpty && versions.allSatisfy { $0 >= goneIn }
        }
        // NodeLocal DNSCache brings a CoreDNS of its own, of whatever age.
        let owners = facts.components(.dns, .nodeDNS)
        let versions = owners.map { ReleaseNumber(ImageName($0.image).tag) }
        return !owners.isEmpty && owners.allSatisfy { $0.component.name == metric.of }
            && versions.allSatisfy { $0.map { $0 >= goneIn } ?? false }
    }

    // MARK: Reading

    private func rules(_ facts: FactBase) -> [Rule] {
        var rules: [Rule] = []
        for object in facts.objects("prometheusrules.monitoring.coreos.com") {
            for group in object.list("spec", "groups") {
                for rule in group.member("rules").map({ Array($0.elements) }) ?? [] {
                    guard let expression = rule.member("expr")?.string else { continue }
                    let alert = rule.member("alert")?.string
                    rules.append(
                        Rule(
                            name: alert ?? rule.member("record")?.string ?? "", isAlert: alert != nil,
                            expression: Self.oneLine(expression), object: object))
                }
            }
        }
        for object in facts.objects("configmaps") {
            for text in Self.texts(object) { rules += Self.rules(inYAML: text, object) }
        }
        return rules
    }

    /// Values of a ConfigMap that look like files of rules.
    private static func texts(_ object: APIObject) -> [String] {
        guard let data = object["data"], data.kind == .object else { return [] }
        return data.members.compactMap { key, value in
            guard key.hasSuffix(".yaml") || key.hasSuffix(".yml") || key.hasSuffix(".rules") || key.hasSuffix("rules"),
                let text = value.string, text.contains("alert:"), text.contains("expr:")
            else { return nil }
            return text
        }
    }

    /// Of a file of rules the lines `alert:`, `record:` and `expr:` are enough; an expression may go on over deeper
    /// lines.
    private static func rules(inYAML text: String, _ object: APIObject) -> [Rule] {
        var rules: [Rule] = []
        var name = ""
        var isAlert = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func indent(_ line: Substring) -> Int { line.prefix { $0 == " " || $0 == "-" }.count }
        for (index, line) in lines.enumerated() {
            let words = line.drop { $0 == " " || $0 == "-" }
            func value(_ key: String) -> String? {
                guard words.hasPrefix(key) else { return nil }
                return String(words.dropFirst(key.count)).trimmingBlanks.unquoted
            }
            if let alert = value("alert:") {
                (name, isAlert) = (alert, true)
            } else if let record = value("record:") {
                (name, isAlert) = (record, false)
            } else if var expression = value("expr:") {
                if expression.isEmpty || expression.hasPrefix("|") || expression.hasPrefix(">") {
                    let depth = indent(line)
                    expression = lines[(index + 1)...].prefix { indent($0) > depth || $0.isEmpty }.joined(
                        separator: " ")
                }
                rules.append(
                    Rule(name: name, isAlert: isAlert, expression: oneLine(expression), object: object))
            }
        }
        return rules
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: { $0.isWhitespace }).joined(separator: " ")
    }

    /// Words of an expression that may be metrics, without what stands in quotes and braces.
    private static func names(in expression: String) -> [String] {
        var found: [String] = []
        var word = ""
        var quote: Character?
        var depth = 0
        for character in expression + " " {
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            switch character {
            case "\"", "'", "`": quote = character
            case "{": depth += 1
            case "}": depth -= 1
            default: break
            }
            if depth == 0, character.isLetter || character.isNumber || character == "_" || character == ":" {
                word.append(character)
            } else {
                if word.count > 3 { found.append(word) }
                word = ""
            }
        }
        return found
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let kept = drop { $0 == " " || $0 == "\t" }
        return String(String(kept.reversed().drop { $0.isWhitespace }.reversed()))
    }

    fileprivate var unquoted: String {
        guard count >= 2, let mark = first, mark == last, mark == "\"" || mark == "'" else { return self }
        return String(dropFirst().dropLast())
    }
}
