import JSONTree

@testable import Diagnosis

/// Small evidence for tests of checks:
///
///     let facts = Evidence(at: "2026-11-21T03:00:00Z") { evidence in
///         evidence.objects("nodes", #"{"metadata": {"name": "node-1"}}"#)
///         evidence.node("node-1", .links, "[]")
///     }.facts
struct Evidence {
    var tree: EvidenceTree

    /// - Parameter time: when it was collected, RFC 3339; nil for evidence that does not say.
    init(at time: String? = nil, _ build: (inout Evidence) -> Void = { _ in }) {
        tree = EvidenceTree(collectedAt: time.flatMap { APIObject.seconds($0) })
        build(&self)
    }

    var facts: FactBase { FactBase(reading: tree) }

    /// What a check says of it; none where it does not apply or lacks a fact.
    func findings(_ check: any Check) -> [Diagnosis] {
        let facts = facts
        guard check.applies(to: facts), check.needs.allSatisfy({ facts.reasonMissing($0) == nil }) else { return [] }
        return check.findings(facts)
    }

    /// Adds objects of a resource, each as JSON, after those that are there.
    mutating func objects(_ resource: String, _ items: String...) {
        let path = EvidencePath.resource(resource)
        let known = tree[path].map { document in
            (try? JSONTree(parsing: document.bytes).root.member("items"))?.flatMap { $0.elements.map { "\($0)" } } ?? []
        }
        let all = ((known ?? []) + items).joined(separator: ",")
        tree.add("{\"kind\":\"List\",\"items\":[\(all)]}", at: path, from: EvidencePath.source(of: path))
    }

    mutating func node(_ name: String, _ part: NodeEvidence.Part, _ text: String) {
        let path = EvidencePath.node(name) + part.path
        tree.add(text, at: path, from: EvidencePath.source(of: path))
    }

    mutating func file(_ node: String, _ absolutePath: String, _ text: String) {
        let path = EvidencePath.file(node, absolutePath)
        tree.add(text, at: path, from: EvidencePath.source(of: path))
    }

    mutating func pod(_ node: String, _ namespace: String, _ pod: String, _ part: NodeEvidence.Part, _ text: String) {
        let path = EvidencePath.pod(node, namespace, pod) + part.path
        tree.add(text, at: path, from: EvidencePath.source(of: path))
    }

    mutating func log(_ namespace: String, _ pod: String, _ container: String, _ text: String) {
        let path = EvidencePath.log(namespace, pod, container)
        tree.add(text, at: path, from: EvidencePath.source(of: path))
    }

    mutating func document(_ path: String, _ text: String) {
        tree.add(text, at: path, from: EvidencePath.source(of: path))
    }

    mutating func missing(_ path: String, _ reason: String) { tree.addMissing(path, because: reason) }
}
