import KubernetesModel
import Testing

@testable import KubernetesClient

/// What a slow subscriber is told.
@Suite struct DeliveryQueueTests {
    private var queue = DeliveryQueue<String>()

    private mutating func change(_ name: String, from old: String?, to new: String?) {
        func entry(_ value: String?) -> InformerEntry<String>? {
            value.map { InformerEntry(value: $0, uid: ObjectUID(name), version: ResourceVersion($0)) }
        }
        queue.push(InformerTransition(key: ObjectKey(name: name), old: entry(old), new: entry(new)))
    }

    private mutating func told() -> [String] {
        var words: [String] = []
        while let event = queue.pop() {
            switch event {
            case .added(let key, let value): words.append("+\(key)=\(value)")
            case .updated(let key, let old, let new): words.append("\(key)=\(old)>\(new)")
            case .deleted(let key, let value): words.append("-\(key)=\(value)")
            case .synced: words.append("synced")
            }
        }
        return words
    }

    @Test mutating func `updates merge into the addition or update that waits, at its place`() {
        change("a", from: nil, to: "1")
        change("b", from: nil, to: "1")
        change("a", from: "1", to: "2")
        change("a", from: "2", to: "3")
        #expect(told() == ["+a=3", "+b=1"])
        change("a", from: "3", to: "4")
        change("b", from: "1", to: "2")
        change("a", from: "4", to: "5")
        #expect(told() == ["a=3>5", "b=1>2"])
        #expect(queue.merged == 3)
    }

    @Test mutating func `comings and goings are all told, in order`() {
        change("a", from: nil, to: "1")
        change("a", from: "1", to: nil)
        change("b", from: nil, to: "1")
        change("a", from: nil, to: "2")
        change("a", from: "2", to: "3")
        change("b", from: "1", to: nil)
        change("a", from: "3", to: nil)
        #expect(told() == ["+a=1", "-a=1", "+b=1", "+a=3", "-b=1", "-a=3"])
    }

    @Test mutating func `an update is not merged over a deletion that waits`() {
        change("a", from: "1", to: "2")
        change("a", from: "2", to: nil)
        change("a", from: nil, to: "3")
        change("a", from: "3", to: "4")
        #expect(told() == ["a=1>2", "-a=2", "+a=4"])
    }

    @Test mutating func `synced stands between what the first list had and what came after`() {
        change("a", from: nil, to: "1")
        queue.pushSynced()
        change("b", from: nil, to: "1")
        #expect(told() == ["+a=1", "synced", "+b=1"])
        queue.pushSynced()
        #expect(!queue.isEmpty)
        #expect(told() == ["synced"])
        #expect(queue.isEmpty)
    }

    @Test mutating func `a queue that is never empty does not grow`() {
        for number in 0..<10_000 {
            change("k\(number)", from: nil, to: "1")
            if number > 5 { #expect(queue.pop() != nil) }
        }
        #expect(queue.count == 6)
        #expect(queue.room < 4096)
    }
}
