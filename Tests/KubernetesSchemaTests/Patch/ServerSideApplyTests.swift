import JSONTree
import Testing

@testable import KubernetesSchema

/// The exchanges named here were recorded from kube-apiserver 1.36.2.
@Suite("Server-side apply")
struct ServerSideApplyTests {
    static let time = "2026-11-21T00:48:14Z"
    static let later = "2026-11-21T00:49:00Z"
    static let configMap = TestKinds.schema("ConfigMap")

    func apply(
        _ configuration: String, to live: JSONValue?, by manager: String, force: Bool = false, at time: String = time,
        schema: Schema = configMap
    ) throws -> ServerSideApply.Outcome {
        var request = ServerSideApply.Request(configuration: try json(configuration), manager: manager, time: time)
        request.isForced = force
        return try ServerSideApply.apply(request, to: live, schema: schema)
    }

    static func configuration(_ data: String) -> String {
        #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa1"},"data":\#(data)}"#
    }

    func fields(_ object: JSONValue, _ manager: String) -> String? {
        ManagedFields(of: object).entries.first { $0.owner.manager == manager }.map {
            String(decoding: $0.fields.value.serialized(), as: UTF8.self)
        }
    }

    func text(_ value: JSONValue?) -> String { value.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "" }

    @Test("12-ssa-create, 12-ssa-noop, 12-ssa-conflict-409, 12-ssa-force")
    func recorded() throws {
        let created = try apply(Self.configuration(#"{"k":"1"}"#), to: nil, by: "mgr-a")
        #expect(created.isChanged)
        #expect(
            text(created.object.at("metadata", "managedFields"))
                == #"[{"manager":"mgr-a","operation":"Apply","apiVersion":"v1","time":"2026-11-21T00:48:14Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:k":{}}}}]"#
        )
        let again = try apply(Self.configuration(#"{"k":"1"}"#), to: created.object, by: "mgr-a", at: Self.later)
        #expect(!again.isChanged)
        #expect(again.object == created.object)

        let conflict = #expect(throws: ServerSideApply.Failure.self) {
            try apply(Self.configuration(#"{"k":"2"}"#), to: created.object, by: "mgr-b")
        }
        #expect(conflict?.message == #"Apply failed with 1 conflict: conflict with "mgr-a": .data.k"#)
        guard case .conflicts(let conflicts)? = conflict else { return #expect(Bool(false)) }
        #expect(conflicts.map(\.message) == [#"conflict with "mgr-a""#])
        #expect(conflicts.map(\.field) == [".data.k"])

        let forced = try apply(Self.configuration(#"{"k":"2"}"#), to: created.object, by: "mgr-b", force: true)
        #expect(
            text(forced.object.at("metadata", "managedFields"))
                == #"[{"manager":"mgr-b","operation":"Apply","apiVersion":"v1","time":"2026-11-21T00:48:14Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:k":{}}}}]"#
        )
        #expect(forced.object.at("data", "k") == "2")
    }

    @Test("16-cr-create-defaulted, 16-cr-ssa, 16-cr-status-mergepatch, 16-cr-remove-finalizer")
    func customResource() throws {
        let main = FieldSet.resetFields(subresource: "", hasStatus: true)
        func updater(_ subresource: String = "") -> FieldOwner {
            FieldOwner(
                manager: "transcript", operation: .update, apiVersion: "net.example.com/v1alpha1",
                subresource: subresource)
        }
        let created = ManagedFields.updated(
            from: nil,
            to: try json(
                #"{"apiVersion":"net.example.com/v1alpha1","kind":"IPPool","metadata":{"name":"a","uid":"u","generation":1,"creationTimestamp":"2026-11-21T00:48:18Z","finalizers":["net.example.com/f"]},"spec":{"cidr":"10.0.0.0/16","blockSize":26}}"#
            ), owner: updater(), time: "2026-11-21T00:48:18Z", schema: TestKinds.pool, ignoring: main)
        #expect(
            fields(created, "transcript")
                == #"{"f:metadata":{"f:finalizers":{".":{},"v:\"net.example.com/f\"":{}}},"f:spec":{".":{},"f:blockSize":{},"f:cidr":{}}}"#
        )
        let applied = try apply(
            #"{"apiVersion":"net.example.com/v1alpha1","kind":"IPPool","metadata":{"name":"a"},"spec":{"cidr":"10.0.0.0/17"}}"#,
            to: created, by: "agent", force: true, at: "2026-11-21T00:48:19Z", schema: TestKinds.pool)
        #expect(fields(applied.object, "agent") == #"{"f:spec":{"f:cidr":{}}}"#)
        #expect(
            fields(applied.object, "transcript")
                == #"{"f:metadata":{"f:finalizers":{".":{},"v:\"net.example.com/f\"":{}}},"f:spec":{".":{},"f:blockSize":{}}}"#
        )
        let status = ManagedFields.updated(
            from: applied.object, to: MergePatch.apply(["status": ["free": 5]], to: applied.object),
            owner: updater("status"), time: "2026-11-21T00:48:19Z", schema: TestKinds.pool,
            ignoring: .resetFields(subresource: "status", hasStatus: true))
        let statusEntry = ManagedFields(of: status).entries.first { $0.owner.subresource == "status" }
        #expect(statusEntry.map { text($0.fields.value) } == #"{"f:status":{".":{},"f:free":{}}}"#)
        let freed = ManagedFields.updated(
            from: status, to: MergePatch.apply(["metadata": ["finalizers": nil]], to: status), owner: updater(),
            time: "2026-11-21T00:50:00Z", schema: TestKinds.pool, ignoring: main)
        let entry = ManagedFields(of: freed)[updater()]
        #expect(entry.map { text($0.fields.value) } == #"{"f:spec":{".":{},"f:blockSize":{}}}"#)
        #expect(entry?.time == "2026-11-21T00:48:18Z", "who only removes keeps the time")
        #expect(ManagedFields(of: freed).sortedEntries.map(\.owner.manager) == ["agent", "transcript", "transcript"])
    }

    @Test("04-pod-create, 04-pod-status-patch")
    func pod() throws {
        let schema = TestKinds.schema("Pod")
        let owner = FieldOwner(manager: "transcript", operation: .update, apiVersion: "v1")
        let pod = try json(
            #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p1","namespace":"tx","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"pause","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"resources":{}}],"restartPolicy":"Always","nodeName":"fake1"}}"#
        )
        let created = ManagedFields.updated(
            from: nil, to: pod, owner: owner, time: Self.time, schema: schema,
            ignoring: .resetFields(subresource: "", hasStatus: true))
        #expect(
            fields(created, "transcript")
                == #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{},"f:protocol":{}}},"f:resources":{}}},"f:nodeName":{},"f:restartPolicy":{}}}"#
        )
        let patch = try json(
            #"{"status":{"phase":"Running","podIPs":[{"ip":"10.250.7.5"}],"conditions":[{"type":"Ready","status":"True"}]}}"#
        )
        var subresource = owner
        subresource.subresource = "status"
        let patched = ManagedFields.updated(
            from: created, to: try StrategicMergePatch.apply(patch, to: created, schema: schema), owner: subresource,
            time: Self.later, schema: schema, ignoring: .resetFields(subresource: "status", hasStatus: true))
        let entry = ManagedFields(of: patched)[subresource]
        #expect(
            entry.map { text($0.fields.value) }
                == #"{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:status":{},"f:type":{}}},"f:phase":{},"f:podIPs":{".":{},"k:{\"ip\":\"10.250.7.5\"}":{".":{},"f:ip":{}}}}}"#
        )
    }

    @Test("What a manager no longer applies goes, unless somebody else owns it")
    func removal() throws {
        let first = try apply(Self.configuration(#"{"mine":"1","shared":"s"}"#), to: nil, by: "a")
        let second = try apply(Self.configuration(#"{"shared":"s","theirs":"2"}"#), to: first.object, by: "b")
        #expect(second.isChanged)
        #expect(fields(second.object, "a") == #"{"f:data":{"f:mine":{},"f:shared":{}}}"#, "equal values are shared")
        let third = try apply(Self.configuration("{}"), to: second.object, by: "a", at: Self.later)
        #expect(third.object.member("data").map { text($0) } == #"{"shared":"s","theirs":"2"}"#)
        let last = try apply(
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa1"}}"#, to: third.object, by: "b")
        #expect(last.object.member("data") == nil)
    }

    @Test("Elements of map-like lists come and go with their owner; the order is the applier's")
    func lists() throws {
        let schema = TestKinds.schema("Pod")
        func spec(_ env: String) -> String {
            #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","env":\#(env)}]}}"#
        }
        let first = try apply(
            spec(#"[{"name":"A","value":"1"},{"name":"B","value":"1"}]"#), to: nil, by: "x", schema: schema)
        let second = try apply(
            spec(#"[{"name":"C","value":"1"},{"name":"B","value":"1"}]"#), to: first.object, by: "y", schema: schema)
        let env = { (object: JSONValue) in
            object.at("spec", "containers")?.elements[0].member("env")?.elements.compactMap {
                $0.member("name")?.stringValue
            }
        }
        #expect(env(second.object) == ["C", "A", "B"])
        let third = try apply(spec(#"[{"name":"B","value":"1"}]"#), to: second.object, by: "x", schema: schema)
        #expect(env(third.object) == ["C", "B"])
        let failure = #expect(throws: ServerSideApply.Failure.self) {
            try apply(spec(#"[{"name":"B"},{"name":"B"}]"#), to: nil, by: "x", schema: schema)
        }
        #expect(
            failure
                == .untyped(
                    #"failed to create typed patch object (/p; v1, Kind=Pod): .spec.containers[name="c"].env: duplicate entries for key [name="B"]"#
                ))
        let conflict = #expect(throws: ServerSideApply.Failure.self) {
            try apply(
                spec(#"[{"name":"B","value":"2"},{"name":"C","value":"2"}]"#), to: third.object, by: "z", schema: schema
            )
        }
        #expect(
            conflict?.message
                == """
                Apply failed with 3 conflicts: conflicts with "x":
                - .spec.containers[name="c"].env[name="B"].value
                conflicts with "y":
                - .spec.containers[name="c"].env[name="B"].value
                - .spec.containers[name="c"].env[name="C"].value
                """)
    }

    @Test("A defaulted key of a list names the element: a port without protocol is the TCP one")
    func defaultedKeys() throws {
        let schema = TestKinds.schema("Pod")
        func spec(_ port: String) -> String {
            #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","ports":[\#(port)]}]}}"#
        }
        let created = try apply(spec(#"{"containerPort":80,"protocol":"TCP"}"#), to: nil, by: "x", schema: schema)
        let again = try apply(spec(#"{"containerPort":80,"name":"w"}"#), to: created.object, by: "y", schema: schema)
        let ports = again.object.at("spec", "containers")?.elements[0].member("ports")
        #expect(ports.map { text($0) } == #"[{"containerPort":80,"protocol":"TCP","name":"w"}]"#)
    }

    @Test("An object nobody tracked belongs to before-first-apply; an update keeps it untracked")
    func untracked() throws {
        let live = try json(Self.configuration(#"{"k":"0","l":"0"}"#))
        let owner = FieldOwner(manager: "u", operation: .update, apiVersion: "v1")
        let updated = ManagedFields.updated(
            from: live, to: live.setting(at: ["data", "k"], to: "1"), owner: owner, time: Self.time,
            schema: Self.configMap)
        #expect(updated.at("metadata", "managedFields") == nil)
        let conflict = #expect(throws: ServerSideApply.Failure.self) {
            try apply(Self.configuration(#"{"k":"1"}"#), to: live, by: "a")
        }
        #expect(
            conflict?.message == #"Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k"#)
        let applied = try apply(Self.configuration(#"{"k":"0"}"#), to: live, by: "a")
        #expect(fields(applied.object, "before-first-apply") == #"{"f:data":{".":{},"f:k":{},"f:l":{}}}"#)
    }

    @Test("kubectl takes over what its client-side apply made, and keeps the annotation in step")
    func clientSideUpgrade() throws {
        let applied = Self.configuration(#"{"k":"0","old":"1"}"#)
        let quoted = text(.string(applied))
        let before = try json(
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa1","annotations":{"kubectl.kubernetes.io/last-applied-configuration":\#(quoted)}},"data":{"k":"0","old":"1"}}"#
        )
        let owner = FieldOwner(manager: "kubectl-client-side-apply", operation: .update, apiVersion: "v1")
        let live = ManagedFields.updated(from: nil, to: before, owner: owner, time: Self.time, schema: Self.configMap)
        let foreign = #expect(throws: ServerSideApply.Failure.self) {
            try apply(Self.configuration(#"{"k":"2"}"#), to: live, by: "other")
        }
        #expect(
            foreign?.message
                == #"Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.k"#)
        let upgraded = try apply(Self.configuration(#"{"k":"2"}"#), to: live, by: "kubectl")
        #expect(upgraded.object.at("data", "k") == "2")
        let annotation = upgraded.object.at("metadata", "annotations", ServerSideApply.lastApplied)?.stringValue
        let kept = try json(annotation ?? "")
        #expect(kept.at("data", "k") == "2")
        #expect(kept.at("data", "old") == nil)
    }

    @Test("Clients may edit managedFields: [{}] clears them, unreadable ones are ignored")
    func editing() throws {
        let live = try apply(Self.configuration(#"{"k":"1"}"#), to: nil, by: "a").object
        let owner = FieldOwner(manager: "u", operation: .update, apiVersion: "v1")
        func updated(_ list: JSONValue?) -> JSONValue {
            let after =
                list.map { live.setting(at: ["metadata", "managedFields"], to: $0) }
                ?? live.removing(at: ["metadata", "managedFields"])
            return ManagedFields.updated(
                from: live, to: after, owner: owner, time: Self.later, schema: Self.configMap)
        }
        #expect(updated([[:]]).at("metadata", "managedFields") == nil)
        #expect(ManagedFields(of: updated(nil)) == ManagedFields(of: live))
        #expect(ManagedFields(of: updated(["spam"])) == ManagedFields(of: live))
        let renamed = ManagedFields(entries: [.init(owner: owner, time: nil, fields: FieldSet([[.field("data")]]))])
        #expect(ManagedFields(of: updated(renamed.value)) == renamed)
    }

    @Test("The eleventh updater makes the two oldest one entry")
    func ancientChanges() throws {
        var object: JSONValue? = nil
        for index in 0..<13 {
            let after = (try object ?? json(Self.configuration("{}"))).setting(at: ["data", "k\(index)"], to: "1")
            let owner = FieldOwner(manager: "m\(index)", operation: .update, apiVersion: "v1")
            object = ManagedFields.updated(
                from: object, to: after, owner: owner,
                time: "2026-01-01T00:00:\(index < 10 ? "0" : "")\(index)Z", schema: Self.configMap)
        }
        let entries = ManagedFields(of: object).sortedEntries
        #expect(entries.count == 10)
        #expect(entries.first?.owner.manager == "ancient-changes")
        #expect(entries.first?.time == "2026-01-01T00:00:03Z")
        #expect(
            entries.first.map { text($0.fields.value) }
                == #"{"f:data":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}}"#)
    }

    @Test("Applying twice changes nothing the second time; every field an applier states is its own")
    func idempotence() throws {
        var random = SeededNumbers(seed: 12)
        let schema = TestKinds.schema("Pod")
        func configuration() -> JSONValue {
            func element(_ name: String) -> JSONValue {
                var members: [JSONMember] = [.init("name", .string(name))]
                if Bool.random(using: &random) {
                    members.append(.init("image", .int(Int64.random(in: 0..<2, using: &random))))
                }
                if Bool.random(using: &random) {
                    let ports = [80, 81, 82].shuffled(using: &random).prefix(Int.random(in: 0..<3, using: &random))
                    members.append(.init("ports", .array(ports.map { ["containerPort": .int(Int64($0))] })))
                }
                if Bool.random(using: &random) { members.append(.init("args", ["x"])) }
                return .object(members)
            }
            let names = ["a", "b", "c"].shuffled(using: &random).prefix(Int.random(in: 0..<4, using: &random))
            var spec: [JSONMember] = [.init("containers", .array(names.map(element)))]
            if Bool.random(using: &random) { spec.append(.init("gates", .array(["p", "q"].shuffled(using: &random)))) }
            if Bool.random(using: &random) { spec.append(.init("nodeName", "n")) }
            // Not empty: an empty map is a field of its own, and no longer one when somebody else fills it.
            let labels = ["l", "m"].shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random))
            return .object([
                .init("apiVersion", "v1"), .init("kind", "Pod"),
                .init("metadata", ["name": "p", "labels": .object(labels.map { .init($0, "1") })]),
                .init("spec", .object(spec)),
            ])
        }
        var live: JSONValue?
        for round in 0..<1500 {
            let manager = ["x", "y", "z"].randomElement(using: &random) ?? "x"
            var request = ServerSideApply.Request(configuration: configuration(), manager: manager, time: Self.time)
            request.isForced = true
            let once = try ServerSideApply.apply(request, to: live, schema: schema).object
            request.time = Self.later
            request.isForced = false
            let again = try ServerSideApply.apply(request, to: once, schema: schema)
            #expect(!again.isChanged, "round \(round)")
            let stated = FieldSet(of: request.configuration, schema: schema).subtracting(.serverOwned)
            let owner = FieldOwner(manager: manager, operation: .apply, apiVersion: "v1")
            #expect(ManagedFields(of: once)[owner]?.fields ?? FieldSet() == stated, "round \(round)")
            let present = FieldSet(of: once, schema: schema)
            let owned = ManagedFields(of: once).entries.reduce(FieldSet()) { $0.union($1.fields) }
            #expect(stated.isSubset(of: present), "round \(round): everything stated is there")
            #expect(owned.isSubset(of: present), "round \(round): nobody owns what is not there")
            #expect(
                present.subtracting(owned).subtracting(.serverOwned).isEmpty,
                "round \(round): what nobody owns was taken out")
            live = once
        }
    }
}
