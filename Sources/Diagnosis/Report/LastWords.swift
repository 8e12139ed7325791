/// What the cluster itself says last of symptoms that no cause explains: the newest warning about the pod, node or Service.
/// Causes that the catalogue does not have, a full disk among them, stand there in plain words.
struct LastWords {
    /// Symptoms asked about at most: a page shows fewer.
    private static let most = 100

    /// By ``Symptom/id``. An empty message says nothing.
    let bySymptom: [String: Diagnosis.Evidence]

    init(of symptoms: [Symptom], _ facts: FactBase) {
        let asked = symptoms.filter(\.isOfNetwork).prefix(Self.most)
        let wanted = Set(asked.map(Self.subject))
        guard !wanted.isEmpty else {
            bySymptom = [:]
            return
        }
        var newest: [EventSubject: APIObject] = [:]
        for event in facts.events where event.text("type") != "Normal" && !event.message.isEmpty {
            guard let subject = event.subject, wanted.contains(subject) else { continue }
            if let known = newest[subject], (known.lastSeen ?? 0) > (event.lastSeen ?? 0) { continue }
            newest[subject] = event
        }
        bySymptom = asked.reduce(into: [:]) { found, symptom in
            guard let event = newest[Self.subject(symptom)] else { return }
            let message = MessageReading.inner(event.message)
            found[symptom.id] = Diagnosis.Evidence(MessageReading.shortened(message), from: event.source).withoutSecrets
        }
    }

    private static func subject(_ symptom: Symptom) -> EventSubject {
        switch symptom.kind {
        case .node: EventSubject(kind: "Node", namespace: "", name: symptom.name)
        case .service: EventSubject(kind: "Service", namespace: symptom.namespace, name: symptom.name)
        default: EventSubject(kind: "Pod", namespace: symptom.namespace, name: symptom.name)
        }
    }
}
