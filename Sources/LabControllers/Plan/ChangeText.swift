import JSONTree
import KubernetesClient
import KubernetesModel

extension Change {
    /// A merge patch of the status with only what is not so already; nil when all is. A null or a missing field is the
    /// same as a null wanted.
    static func status(
        _ resource: GroupVersionResource, _ object: some Recorded, _ wanted: [JSONMember]
    ) -> Change? {
        let present = object.node.member("status")
        let different = wanted.filter { member in
            guard let there = present?.member(member.key), !there.isNull else { return !member.value.isNull }
            return !JSONValue(there).isEquivalent(to: member.value)
        }
        if different.isEmpty { return nil }
        return .patch(
            resource, object.meta.key, Patch(subresource: "status", .object([JSONMember("status", .object(different))]))
        )
    }

    /// A merge patch of annotations and labels with only what is not so already.
    static func metadata(
        _ resource: GroupVersionResource, _ object: some Recorded, annotations: [String: String?]
    ) -> Change? {
        let different = annotations.filter { object.meta.annotations[$0.key] != $0.value }.sorted { $0.key < $1.key }
        if different.isEmpty { return nil }
        let members = different.map { JSONMember($0.key, $0.value.map { .string($0) } ?? .null) }
        return .patch(resource, object.meta.key, Patch(["metadata": ["annotations": .object(members)]]))
    }

    /// An event about an object.
    static func event(
        _ severity: EventNote.Severity, _ kind: GroupVersionKind, _ meta: ObjectMeta, _ reason: String,
        _ action: String, _ text: String, from component: String
    ) -> Change {
        let reference = ObjectReference(
            apiVersion: kind.apiVersion, kind: kind.kind, namespace: meta.namespace, name: meta.name, uid: meta.uid)
        return .note(
            EventNote(severity, regarding: reference, reason: reason, action: action, note: text), from: component)
    }

    /// A normal one.
    static func event(
        _ kind: GroupVersionKind, _ meta: ObjectMeta, _ reason: String, _ action: String, _ text: String,
        from component: String
    ) -> Change {
        event(.normal, kind, meta, reason, action, text, from: component)
    }
}

/// Random ends of names, of letters and digits that spell no words (apimachinery, util/rand).
struct NameSuffix {
    static let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func next() -> String {
        String((0..<5).map { _ in Self.letters[Int(random.next() % UInt64(Self.letters.count))] })
    }

    /// FNV-1a over the text with sorted keys, in the same letters: one and the same for what says the same.
    static func hash(_ value: JSONValue, _ collisions: Int = 0) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in value.serialized(sortedKeys: true) { mix(byte) }
        for byte in String(collisions).utf8 where collisions > 0 { mix(byte) }
        var text = ""
        for _ in 0..<10 {
            text.append(letters[Int(hash % UInt64(letters.count))])
            hash /= UInt64(letters.count)
        }
        return text
    }
}
