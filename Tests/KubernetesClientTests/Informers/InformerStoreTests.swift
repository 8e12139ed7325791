import KubernetesModel
import Testing

@testable import KubernetesClient

/// What one event means for what is known: cases that a well-behaved server never makes, and orders within a list.
@Suite struct InformerStoreTests {
    private var store = InformerStore<String>(indices: [
        InformerIndex("first") { _, value in [String(value.prefix(1))] }
    ])

    private func identity(_ name: String, _ uid: String, _ version: String) -> ObjectIdentity {
        ObjectIdentity(key: ObjectKey(name: name), uid: uid, version: ResourceVersion(version))
    }

    private mutating func list(_ version: String, trustsKnown: Bool = true, _ objects: [(String, String, String)])
        -> [String]
    {
        store.beginReplacement(trustsKnown: trustsKnown)
        for (name, uid, version) in objects { store.stage(identity(name, uid, version)) { "\(name)\(version)" } }
        return words(store.commitReplacement(ResourceVersion(version)))
    }

    /// What is told of an event, or the verdict that it is no news.
    private mutating func event(_ type: WatchFrame.Change, _ name: String, _ uid: String, _ version: String) -> [String]
    {
        let identity = identity(name, uid, version)
        let verdict = store.judge(type, identity)
        guard verdict == .news else { return ["\(verdict)"] }
        return words(store.apply(type, identity, type == .deleted ? nil : "\(name)\(version)"))
    }

    private func words(_ transitions: [InformerTransition<String>]) -> [String] {
        transitions.map { transition in
            switch (transition.old?.value, transition.new?.value) {
            case (nil, let new?): "+\(new)"
            case (let old?, let new?): "\(old)>\(new)"
            case (let old?, nil): "-\(old)"
            case (nil, nil): "nothing"
            }
        }
    }

    @Test mutating func `a list again: exactly the differences, what is gone first, the rest in the list's order`() {
        #expect(list("10", [("b", "u1", "3"), ("a", "u2", "5"), ("c", "u3", "7")]) == ["+b3", "+a5", "+c7"])
        #expect(event(.modified, "c", "u3", "12") == ["c7>c12"])
        let told = list("20", [("d", "u4", "18"), ("a", "u2", "15"), ("c", "u3", "12"), ("b", "u9", "19")])
        #expect(told == ["-b3", "+d18", "a5>a15", "+b19"])
        #expect(store.keys("first", "b") == [ObjectKey(name: "b")] && store.count == 4)
    }

    @Test mutating func `a list that is the same tells nothing, unless nothing known may be trusted`() {
        _ = list("10", [("a", "u1", "3")])
        #expect(list("30", [("a", "u1", "3")]) == [])
        #expect(list("4", trustsKnown: false, [("a", "u1", "3")]) == ["a3>a3"])
        // And versions below those of before are news now.
        #expect(event(.modified, "a", "u1", "5") == ["a3>a5"])
    }

    @Test mutating func `a list that is given up leaves everything as it was`() {
        _ = list("10", [("a", "u1", "3")])
        store.beginReplacement(trustsKnown: true)
        store.stage(identity("b", "u2", "11")) { "b11" }
        store.abandonReplacement()
        #expect(store.count == 1 && words(store.commitReplacement(ResourceVersion("12"))) == [])
    }

    @Test mutating func `another object under a known name: the old one is deleted first`() {
        _ = list("10", [("a", "u1", "3")])
        #expect(event(.added, "a", "u2", "12") == ["-a3", "+a12"])
        #expect(event(.deleted, "a", "u1", "11") == ["stale"])
        #expect(event(.deleted, "a", "u5", "14") == ["-a12"])
    }

    @Test mutating func `events sent twice, and events from before`() {
        _ = list("10", [("a", "u1", "3")])
        #expect(event(.added, "a", "u1", "3") == ["stale"])
        #expect(event(.modified, "z", "u7", "10") == ["duplicate"])
        #expect(event(.modified, "a", "u1", "12") == ["a3>a12"])
        #expect(event(.modified, "a", "u1", "12") == ["duplicate"])
        #expect(event(.modified, "a", "u1", "11") == ["stale"])
        #expect(event(.deleted, "a", "u1", "14") == ["-a12"])
        #expect(event(.deleted, "a", "u1", "14") == ["duplicate"])
        #expect(event(.modified, "a", "u1", "13") == ["stale"])
        #expect(event(.added, "a", "u2", "15") == ["+a15"])
    }

    @Test mutating func `an object that leaves a selector may come back`() {
        _ = list("10", [("a", "u1", "3")])
        #expect(event(.deleted, "a", "u1", "12") == ["-a3"])
        #expect(event(.added, "a", "u1", "15") == ["+a15"])
    }

    @Test mutating func `old servers delete in the version of the last change`() {
        _ = list("10", [])
        #expect(event(.added, "a", "u1", "11") == ["+a11"])
        #expect(event(.deleted, "a", "u1", "11") == ["-a11"])
    }

    @Test mutating func `versions without an order: only equality counts`() {
        _ = list("x9", [("a", "u1", "k3")])
        #expect(event(.modified, "a", "u1", "k2") == ["ak3>ak2"])
        #expect(event(.modified, "a", "u1", "k2") == ["duplicate"])
        #expect(event(.deleted, "a", "u1", "k7") == ["-ak2"])
        #expect(event(.added, "a", "u1", "k7") == ["duplicate"])
    }

    @Test mutating func `what a bookmark covers need not be remembered`() {
        _ = list("10", [("a", "u1", "3")])
        _ = event(.deleted, "a", "u1", "12")
        store.advance(to: ResourceVersion("20"))
        #expect(event(.modified, "a", "u1", "11") == ["stale"])
    }

    @Test(arguments: [
        ("5", "7", ResourceVersion.Order.older), ("10", "9", .newer), ("10", "10", .same), ("x", "x", .same),
        ("x1", "x2", nil), ("007", "8", nil), ("", "1", nil), ("18446744073709551616", "1", nil), ("+5", "1", nil),
        ("18446744073709551615", "18446744073709551614", .newer), ("1 ", "2", nil),
    ])
    func `versions are compared only in the form that may be`(
        left: String, right: String, order: ResourceVersion.Order?
    ) {
        let found = ResourceVersion(left).order(relativeTo: ResourceVersion(right))
        #expect(found == order)
    }

    @Test func `uids that differ are different`() {
        let one = "5d2f0b1e-8a7c-4c3d-9e21-000000000001"
        let others = [
            "5d2f0b1e-8a7c-4c3d-9e21-000000000002", "5D2F0B1E-8A7C-4C3D-9E21-000000000001", one + "0", "", "x",
            "5d2f0b1e08a7c-4c3d-9e21-000000000001", String(one.dropLast()), "6d2f0b1e-8a7c-4c3d-9e21-000000000001",
        ]
        for other in others { #expect(ObjectUID(one) != ObjectUID(other)) }
        #expect(ObjectUID(one) == ObjectUID(String(one)))
        #expect(Set(others.map { ObjectUID($0) }).count == others.count)
    }
}
