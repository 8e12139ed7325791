import JSONTree

extension FactKey where Value == APIObject {
    /// Objects of one resource: `pods`, `ippools.crd.projectcalico.org`.
    public static func objects(_ resource: String) -> FactKey { FactKey(resource) }
}

extension FactBase {
    /// Facts of everything that was collected. A document that cannot be read is a missing fact with the reason; the
    /// rest stands.
    public init(reading evidence: EvidenceTree, now: Int64? = nil, by workers: Workers = .alone) {
        self.init()
        self.workers = workers
        self.evidence = evidence
        self.now = now ?? evidence.collectedAt
        // Times of objects are the API server's, so their ages are told by its clock.
        if now == nil, let time = self.now, let offset = CollectionRecord(evidence)?.clock, offset.isSeen {
            self.now = time + offset.seconds
        }
        for (path, reason) in evidence.missing where path.hasPrefix(EvidencePath.resources) {
            if let resource = Self.resource(ofPath: path) { addMissing(.objects(resource), because: reason) }
        }
        readObjects(evidence)
        readNodes(evidence)
        symptoms = SymptomReader(self).symptoms().sorted()
        forgetDerived()
    }

    private static func resource(ofPath path: String) -> String? {
        guard path.hasSuffix(".json") else { return nil }
        return String(path.dropFirst(EvidencePath.resources.count).dropLast(5))
    }

    /// Objects of one resource, or why there are none.
    private struct ResourceReading: Sendable {
        let key: FactKey<APIObject>
        let facts: Result<[Fact<APIObject>], Refusal>

        struct Refusal: Error { let reason: String }

        init(_ document: EvidenceTree.Document, _ resource: String) {
            key = .objects(resource)
            facts = Self.facts(document, resource).mapError {
                Refusal(reason: "\(document.source.place): \($0.reason)")
            }
        }

        private static func facts(
            _ document: EvidenceTree.Document, _ resource: String
        ) -> Result<[Fact<APIObject>], Refusal> {
            let root: JSONNode
            do {
                root = try document.keptJSON()
            } catch {
                return .failure(Refusal(reason: error.reason))
            }
            guard let items = root.member("items"), items.kind == .array else {
                return .failure(Refusal(reason: "there is no list of items in it"))
            }
            let listKind = root.member("kind")?.string ?? "List"
            let kind = listKind.hasSuffix("List") && listKind != "List" ? String(listKind.dropLast(4)) : resource
            let objects = items.elements.lazy.filter { $0.kind == .object }.map { item in
                let object = APIObject(item, kind: kind, resource: resource, age: document.source.age)
                return Fact(object, from: object.source)
            }
            return .success(Array(objects))
        }
    }

    private mutating func readObjects(_ evidence: EvidenceTree) {
        let documents = evidence.documents(under: EvidencePath.resources).compactMap { name, document in
            Self.resource(ofPath: EvidencePath.resources + name).map { (resource: $0, document: document) }
        }
        // The longest first: nobody should begin it when all others have done.
        let order = documents.indices.sorted { documents[$0].document.bytes.count > documents[$1].document.bytes.count }
        let readings = workers.map(order) { ResourceReading(documents[$0].document, documents[$0].resource) }
        for (_, reading) in zip(order, readings).sorted(by: { $0.0 < $1.0 }) {
            switch reading.facts {
            case .success(let facts): add(facts, as: reading.key)
            case .failure(let refusal): addMissing(reading.key.erased, because: refusal.reason)
            }
        }
    }
}
