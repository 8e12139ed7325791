extension Diagnosis {
    /// The same cause of the same thing, found by two checks: the surer one speaks, the other adds what it saw.
    private mutating func absorb(_ other: Diagnosis) {
        if other.confidence > confidence {
            var surer = other
            surer.absorb(self)
            self = surer
            return
        }
        for place in other.places where !places.contains(place) { places.append(place) }
        for quotation in other.evidence where !evidence.contains(where: { $0.text == quotation.text }) {
            evidence.append(quotation)
        }
        explains.formUnion(other.explains)
        // The catalogue's own words yield to what was computed from this cluster.
        let cause = Cause.coded(code)
        if title == cause?.title, other.title != title {
            title = other.title
            because = other.because + because.filter { !other.because.contains($0) && $0 != cause?.mechanism }
        }
        if let own = fix, let found = other.fix, own.steps == [cause?.fix ?? ""], found.steps != own.steps {
            fix = found
        }
        fix = fix ?? other.fix
        if prevent.isEmpty { prevent = other.prevent }
        for end in other.deadEnds where !deadEnds.contains(end) { deadEnds.append(end) }
    }

    private func isSame(as other: Diagnosis) -> Bool {
        code == other.code
            && (!explains.isDisjoint(with: other.explains) || !Set(places).isDisjoint(with: other.places))
    }

    /// Findings with each cause of a thing once, in the order of their first.
    static func merged(_ findings: [Diagnosis]) -> [Diagnosis] {
        var kept: [Diagnosis] = []
        for finding in findings {
            if let place = kept.firstIndex(where: { $0.isSame(as: finding) }) {
                kept[place].absorb(finding)
            } else {
                kept.append(finding)
            }
        }
        return kept
    }
}
