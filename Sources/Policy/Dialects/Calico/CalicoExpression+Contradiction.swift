// Can any labels at all satisfy an expression? Labels of different keys do not depend on each other, so the
// expression is spread into alternatives (disjunctive normal form) and each alternative is judged key by key.

extension CalicoExpression {
    /// How an expression fares over every possible set of labels.
    public enum Satisfiability: Hashable, Sendable {
        case satisfiable
        /// No labels satisfy it: in words, the first reason found.
        case contradictory(String)
        /// Too many alternatives to go through.
        case unknown
    }

    /// One question about one label, or its negation.
    struct Literal: Hashable {
        let atom: CalicoExpression
        let isNegated: Bool
    }

    /// Alternatives beyond this are not gone through; selectors written by people stay far below.
    private static let alternativesLimit = 4096

    public var satisfiability: Satisfiability {
        guard let alternatives else { return .unknown }
        var reason: String?
        for alternative in alternatives {
            guard let conflict = Self.conflict(in: alternative) else { return .satisfiable }
            reason = reason ?? conflict
        }
        return .contradictory(reason ?? "it has no alternative that could be true")
    }

    /// Whether every set of labels that satisfies this one satisfies `other` too; nil when it cannot be decided.
    public func implies(_ other: CalicoExpression) -> Bool? {
        switch CalicoExpression.and([self, .not(other)]).satisfiability {
        case .satisfiable: false
        case .contradictory: true
        case .unknown: nil
        }
    }

    /// The disjunctive normal form; nil when it would be too large.
    var alternatives: [[Literal]]? { alternatives(negated: false) }

    private func alternatives(negated: Bool) -> [[Literal]]? {
        switch self {
        case .all: return negated ? [] : [[]]
        case .not(let inner): return inner.alternatives(negated: !negated)
        case .and(let parts): return negated ? Self.union(parts, negated) : Self.product(parts, negated)
        case .or(let parts): return negated ? Self.product(parts, negated) : Self.union(parts, negated)
        default: return [[Literal(atom: self, isNegated: negated)]]
        }
    }

    private static func union(_ parts: [CalicoExpression], _ negated: Bool) -> [[Literal]]? {
        var all: [[Literal]] = []
        for part in parts {
            guard let more = part.alternatives(negated: negated), all.count + more.count <= alternativesLimit else {
                return nil
            }
            all += more
        }
        return all
    }

    private static func product(_ parts: [CalicoExpression], _ negated: Bool) -> [[Literal]]? {
        var all: [[Literal]] = [[]]
        for part in parts {
            guard let more = part.alternatives(negated: negated), all.count * more.count <= alternativesLimit else {
                return nil
            }
            all = all.flatMap { left in more.map { left + $0 } }
        }
        return all
    }

    /// Why no labels satisfy all of `literals`; nil when some do.
    private static func conflict(in literals: [Literal]) -> String? {
        let global = Set(literals.filter { $0.atom == .global }.map(\.isNegated))
        if global.count == 2 { return "it asks for global() and for its opposite" }
        var byKey: [String: LabelConstraint] = [:]
        for literal in literals {
            guard let key = literal.atom.keys.first else { continue }
            byKey[key, default: LabelConstraint(key: key)].add(literal)
        }
        return byKey.sorted { $0.key < $1.key }.lazy.compactMap(\.value.conflict).first
    }
}

/// Everything one alternative asks of one label.
struct LabelConstraint {
    let key: String
    private(set) var mustExist = false
    private(set) var mustBeAbsent = false
    /// Nil: any value.
    private(set) var allowed: [String]?
    private(set) var literals: [CalicoExpression.Literal] = []

    init(key: String) { self.key = key }

    mutating func add(_ literal: CalicoExpression.Literal) {
        literals.append(literal)
        switch literal.atom {
        case .has:
            if literal.isNegated { mustBeAbsent = true } else { mustExist = true }
        case .isIn(_, let values) where !literal.isNegated:
            mustExist = true
            allowed = allowed.map { $0.filter(values.contains) } ?? values
        default:
            if !literal.isNegated { mustExist = true }
        }
    }

    private func isSatisfied(by value: String) -> Bool {
        literals.allSatisfy { $0.atom.matches { _ in value } != $0.isNegated }
    }

    /// In words; nil when some value, or the label's absence, satisfies everything.
    var conflict: String? {
        if mustBeAbsent {
            return mustExist ? "label \(key) would have to be present and absent at once" : nil
        }
        if !mustExist { return nil }
        if let allowed {
            if allowed.contains(where: isSatisfied) { return nil }
            return allowed.isEmpty
                ? "label \(key) would need two values at once" : "no value that label \(key) may have is left"
        }
        return candidates.contains(where: isSatisfied) ? nil : "no value of label \(key) satisfies all its conditions"
    }

    /// Values of which one satisfies the constraint if any does: the longest wanted beginning, every wanted part,
    /// the longest wanted ending, kept apart by a filler that no condition mentions, and also overlapping, for when
    /// a forbidden text would arise in between.
    private var candidates: [String] {
        var beginning = ""
        var ending = ""
        var parts: [String] = []
        for literal in literals where !literal.isNegated {
            switch literal.atom {
            case .startsWith(_, let text) where text.utf8.count > beginning.utf8.count: beginning = text
            case .endsWith(_, let text) where text.utf8.count > ending.utf8.count: ending = text
            case .contains(_, let text): parts.append(text)
            default: break
            }
        }
        let filler = unusedFiller
        let middle = parts.map { filler + $0 }.joined() + filler
        var found = [beginning + middle + ending, beginning + ending, beginning, ending, filler]
        found += parts
        // An ending may start inside the beginning: "ab" and "bc" are both served by "abc".
        let tail = Array(ending)
        for shared in stride(from: min(tail.count, beginning.count), to: 0, by: -1)
        where beginning.hasSuffix(String(tail[..<shared])) {
            found.append(beginning + String(tail[shared...]))
        }
        return found
    }

    /// A text that none of the conditions contains.
    private var unusedFiller: String {
        let used = Set(
            literals.flatMap { literal -> [Character] in
                switch literal.atom {
                case .isIn(_, let values): values.flatMap(Array.init)
                case .contains(_, let text), .startsWith(_, let text), .endsWith(_, let text): Array(text)
                default: []
                }
            })
        let free = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".first { !used.contains($0) }
        return String(free ?? "\u{7F}")
    }
}
