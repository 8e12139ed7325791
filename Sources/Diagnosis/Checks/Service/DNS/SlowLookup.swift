/// What programs say of the time that a look-up of a name took them: `namelookup=0.33s`, `dns=320ms`, `dns 5.001s`.
enum SlowLookup {
    /// Seconds from which it counts.
    private static let patience = 0.1
    private static let words = ["namelookup", "name_lookup", "dns_lookup", "dnslookup", "dns"]
    private static let lines = 400

    /// The first such line of any pod's log.
    static func first(_ facts: FactBase) -> Diagnosis.Evidence? {
        for (_, document) in facts.evidence.documents(under: EvidencePath.logs)
        where document.holds("dns") || document.holds("lookup") {
            if let line = document.lines.suffix(lines).last(where: { seconds($0).map { $0 >= patience } ?? false }) {
                return .init(String(line), from: document.source)
            }
        }
        return nil
    }

    /// The time behind the word; nil where there is none.
    static func seconds(_ line: some StringProtocol) -> Double? {
        let text = line.lowercased()
        for word in words {
            var rest = text[...]
            while let mark = rest.firstRange(of: word) {
                rest = rest[mark.upperBound...]
                let value = rest.drop { "=: ".contains($0) }
                // A word that goes on, or a port: no time.
                guard value.startIndex > mark.upperBound else { continue }
                let number = value.prefix { $0.isNumber || $0 == "." }
                let unit = value[number.endIndex...].prefix { $0.isLetter }
                guard let amount = Double(number) else { continue }
                switch unit {
                case "ms": return amount / 1000
                case "s", "sec": return amount
                default: continue
                }
            }
        }
        return nil
    }
}
