import JSONTree

extension FactKey where Value == APIObject {
    /// Objects of one resource: `pods`, `ippools.crd.projectcalico.org`.
    public static func objects(_ resource: String) -> FactKey { FactKey(resource) }
}

extension FactBase {
    /// Facts of everything that was collected. A document that cannot be read is a missing fact with the reason; the
    /// rest stands.
    public init(reading evidence: EvidenceTree, now: Int64? = nil) {
        self.init()
        self.evidence = evidence
        self.now = now ?? evidence.collectedAt
        // Times of objects are the API server's, so their ages are told by its clock.
        if now == nil, let time = self.now, let offset = CollectionRecord(evidence)?.clock, offset.isSeen {
            self.now = time + offset.seconds
        }
        for (path, reason) in evidence.missing where path.hasPrefix(EvidencePath.resources) {
            if let resource = Self.resource(ofPath: path) { addMissing(.objects(resource), because: reason) }
        }
        for (name, document) in evidence.documents(under: EvidencePath.resources) {
            guard let resource = Self.resource(ofPath: EvidencePath.resources + name) else { continue }
            readObjects(document, resource)
        }
        readNodes(evidence)
        symptoms = SymptomReader(self).symptoms().sorted()
        forgetDerived()
    }

    private static func resource(ofPath path: String) -> String? {
        guard path.hasSuffix(".json") else { return nil }
        return String(path.dropFirst(EvidencePath.resources.count).dropLast(5))
    }

    private mutating func readObjects(_ document: EvidenceTree.Document, _ resource: String) {
        let key = FactKey<APIObject>.objects(resource)
        let root: JSONNode
        do {
            root = try JSONTree(parsing: document.bytes).root
        } catch {
            return addMissing(key.erased, because: "\(document.source.place): \(error.reason)")
        }
        guard let items = root.member("items"), items.kind == .array else {
            return addMissing(key.erased, because: "\(document.source.place): there is no list of items in it")
        }
        let listKind = root.member("kind")?.string ?? "List"
        let kind = listKind.hasSuffix("List") && listKind != "List" ? String(listKind.dropLast(4)) : resource
        let objects = items.elements.lazy.filter { $0.kind == .object }.map { item in
            let object = APIObject(item, kind: kind, resource: resource, age: document.source.age)
            return Fact(object, from: object.source)
        }
        add(Array(objects), as: key)
    }
}
