/// What is quoted may hold what nobody should read on a screen, in a ticket or in a pipeline's log.
extension Diagnosis {
    var withoutSecrets: Diagnosis {
        var finding = self
        finding.title = SecretText.masked(title)
        finding.evidence = evidence.map(\.withoutSecrets)
        finding.because = because.map(SecretText.masked)
        return finding
    }
}

extension Diagnosis.Evidence {
    var withoutSecrets: Diagnosis.Evidence {
        let masked = SecretText.masked(text)
        if masked == text { return self }
        let characters = Array(text)
        let part = span.map { String(characters[$0.clamped(to: 0..<characters.count)]) } ?? ""
        return Diagnosis.Evidence(masked, marking: part, from: source)
    }
}
