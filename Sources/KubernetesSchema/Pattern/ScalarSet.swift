/// A set of Unicode scalars: what one place of a pattern accepts.
struct ScalarSet: Sendable {
    /// Sorted by nothing in particular; sets in patterns are short.
    private(set) var ranges: [ClosedRange<UInt32>]
    private(set) var categories: [Category] = []
    private(set) var isNegated = false
    private(set) var foldsCase = false

    /// A general category or its first letter, such as `Lu` or `L`, perhaps negated.
    struct Category: Sendable {
        let name: String
        let isNegated: Bool
    }

    init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

    init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        if holds(scalar) { return !isNegated }
        if foldsCase, Self.otherCases(of: scalar).contains(where: { holds($0) }) { return !isNegated }
        return isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        return ranges.contains { $0.contains(value) }
            || categories.contains { Self.is(scalar, in: $0.name) != $0.isNegated }
    }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }
    mutating func insert(_ category: Category) { categories.append(category) }

    mutating func formUnion(_ other: ScalarSet) {
        if other.isNegated {
            ranges += Self.complement(of: other.ranges)
        } else {
            ranges += other.ranges
        }
        categories += other.categories
    }

    func negated() -> ScalarSet {
        var set = self
        set.isNegated.toggle()
        return set
    }

    func foldingCase() -> ScalarSet {
        var set = self
        set.foldsCase = true
        return set
    }

    private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }

    private static func otherCases(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        // The two that fold into ASCII from outside, as in Go's simple folding.
        switch scalar {
        case "k", "K": return ["k", "K", "\u{212A}"]
        case "\u{212A}": return ["k", "K"]
        case "s", "S": return ["s", "S", "\u{17F}"]
        case "\u{17F}": return ["s", "S"]
        default:
            return [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap {
                $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first : nil
            }
        }
    }

    /// Whether the scalar's general category has this name, or begins with this letter.
    private static func `is`(_ scalar: Unicode.Scalar, in category: String) -> Bool {
        categoryName(of: scalar).hasPrefix(category)
    }

    static func isKnown(category: String) -> Bool { knownCategories.contains(category) }

    private static let knownCategories: Set<String> = [
        "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No",
        "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
    ]

    private static func categoryName(of scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        default: "?"
        }
    }
}

extension ScalarSet {
    private static func ascii(_ ranges: (Unicode.Scalar, Unicode.Scalar)...) -> ScalarSet {
        ScalarSet(ranges.map { $0.0.value...$0.1.value })
    }

    static let digit = ascii(("0", "9"))
    static let space = ascii(("\t", "\n"), ("\u{C}", "\r"), (" ", " "))
    static let word = ascii(("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
    static let all = ScalarSet([0...0x10FFFF])
    static let noLineBreak = ScalarSet("\n").negated()

    /// The classes of POSIX, `[[:alpha:]]`.
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alnum": ascii(("0", "9"), ("A", "Z"), ("a", "z"))
        case "alpha": ascii(("A", "Z"), ("a", "z"))
        case "ascii": ascii(("\0", "\u{7F}"))
        case "blank": ascii(("\t", "\t"), (" ", " "))
        case "cntrl": ascii(("\0", "\u{1F}"), ("\u{7F}", "\u{7F}"))
        case "digit": digit
        case "graph": ascii(("!", "~"))
        case "lower": ascii(("a", "z"))
        case "print": ascii((" ", "~"))
        case "punct": ascii(("!", "/"), (":", "@"), ("[", "`"), ("{", "~"))
        case "space": ascii(("\t", "\r"), (" ", " "))
        case "upper": ascii(("A", "Z"))
        case "word": word
        case "xdigit": ascii(("0", "9"), ("A", "F"), ("a", "f"))
        default: nil
        }
    }
}
