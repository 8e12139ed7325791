extension Diagnosis {
    /// A finding of a cause of the catalogue; what is not given here is the catalogue's.
    static func of(
        _ code: String, _ title: String, _ confidence: Confidence, at places: [String], evidence: [Evidence],
        because: [String], explains: Set<String> = [], fix: Fix? = nil, prevent: String = "",
        deadEnds: [String]? = nil, needs: [String] = []
    ) -> Diagnosis {
        let cause = Cause.coded(code)
        var fix = fix
        if fix == nil, let text = cause?.fix, !text.isEmpty { fix = Fix([text]) }
        var dead = deadEnds ?? []
        if deadEnds == nil, let not = cause?.not, !not.isEmpty { dead = [not] }
        return Diagnosis(
            code, title, confidence, at: places, evidence: evidence, because: because, explains: explains, fix: fix,
            prevent: prevent, deadEnds: dead,
            needs: confidence == .certain ? [] : needs.isEmpty ? [cause?.shows ?? ""].filter { !$0.isEmpty } : needs)
    }
}

extension Diagnosis.Evidence {
    /// A quotation with the first occurrence of `part` marked.
    init(_ text: String, marking part: String, from source: FactSource) {
        var span: Range<Int>?
        if !part.isEmpty {
            let characters = Array(text)
            let wanted = Array(part)
            if wanted.count <= characters.count {
                for start in 0...(characters.count - wanted.count)
                where characters[start] == wanted[0]
                    && characters[start..<start + wanted.count].elementsEqual(wanted)
                {
                    span = start..<start + wanted.count
                    break
                }
            }
        }
        self.init(text, from: source, span: span)
    }
}

/// `a, b and 3 more`.
func listed(_ names: [String], upTo limit: Int = 3) -> String {
    if names.count <= limit + 1 { return names.joined(separator: ", ") }
    return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more"
}

/// Each name once, `a, b`; of many how many they are, `7 nodes`: where a title has no room for more.
func listed(_ names: [String], upTo limit: Int = 3, countedAs noun: String) -> String {
    var seen: Set<String> = []
    let unique = names.filter { seen.insert($0).inserted }
    return unique.count <= limit ? unique.joined(separator: ", ") : counted(unique.count, noun)
}

/// `1 pod`, `3 pods`, `2 addresses`, `2 policies`.
func counted(_ count: Int, _ noun: String) -> String {
    if count == 1 { return "1 \(noun)" }
    if noun.hasSuffix("cy") { return "\(count) \(noun.dropLast())ies" }
    return noun.hasSuffix("s") || noun.hasSuffix("x") ? "\(count) \(noun)es" : "\(count) \(noun)s"
}
