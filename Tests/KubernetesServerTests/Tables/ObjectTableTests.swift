import Foundation
import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesServer

/// What kubectl shows. The expected texts are kubectl's own of the same objects on real clusters.
@Suite struct ObjectTableTests {
    static let now = Timestamp(seconds: 1_800_000_000)

    private func cells(_ resource: GroupResource, _ json: String) throws -> [String] {
        let object = try JSONTree(parsing: json).root
        let table = ObjectTable.builtin(resource)
        let cells = table.cells(object, Self.now)
        #expect(cells.count == table.columns.count)
        return cells.map { $0.stringValue ?? $0.text }
    }

    @Test(arguments: [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (135, "2m15s"), (599, "9m59s"),
        (600, "10m"), (10_799, "179m"), (10_800, "3h"), (12_660, "3h31m"), (28_800, "8h"), (172_799, "47h"),
        (172_800, "2d"), (176_400, "2d1h"), (691_200, "8d"), (63_071_999, "729d"), (63_072_000, "2y"),
        (66_000_000, "2y33d"), (300_000_000, "9y"),
    ])
    func spansHaveKubectlsUnits(seconds: Int64, text: String) {
        #expect(ElapsedTime.text(seconds: seconds) == text)
    }

    @Test(arguments: [
        (#"{"status":{"phase":"Pending"}}"#, "0/1 Pending 0"),
        (
            #"{"status":{"phase":"Running","containerStatuses":[{"ready":true,"restartCount":0,"state":{"running":{}}}]}}"#,
            "1/1 Running 0"
        ),
        (
            #"{"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff"}}}]}}"#,
            "0/1 ImagePullBackOff 0"
        ),
        (
            #"""
            {"status":{"phase":"Running","containerStatuses":[{"restartCount":3,
            "lastState":{"terminated":{"finishedAt":"2027-01-15T07:58:00Z"}},
            "state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}
            """#, "0/1 CrashLoopBackOff 3 (2m ago)"
        ),
        (
            #"{"status":{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":137,"signal":9}}}]}}"#,
            "0/1 Signal:9 0"
        ),
        (#"{"status":{"phase":"Failed","reason":"Evicted"}}"#, "0/1 Evicted 0"),
        (
            #"{"metadata":{"deletionTimestamp":"2027-01-15T07:59:00Z"},"status":{"phase":"Running"}}"#,
            "0/1 Terminating 0"
        ),
        (
            #"""
            {"spec":{"containers":[{"name":"c"}],"initContainers":[{"name":"a"},{"name":"b"}]},"status":{"phase":"Pending",
            "initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0}}},
            {"name":"b","state":{"running":{}}}]}}
            """#, "0/1 Init:1/2 0"
        ),
        (
            #"""
            {"spec":{"containers":[{"name":"c"}],"initContainers":[{"name":"mesh","restartPolicy":"Always"}]},
            "status":{"phase":"Running","initContainerStatuses":[{"name":"mesh","started":true,"ready":true,
            "restartCount":1,"state":{"running":{}}}],
            "containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{}}}]}}
            """#, "2/2 Running 1"
        ),
    ])
    func podsSayWhyTheyAreNotFurther(json: String, text: String) throws {
        var pod = try JSONValue(JSONTree(parsing: json).root)
        if pod.at("spec") == nil { pod = pod.settingMember("spec", to: ["containers": [["name": "c"]]]) }
        let cells = try cells(GroupResource(resource: "pods"), pod.text)
        #expect(cells[1...3].joined(separator: " ") == text)
    }

    @Test(arguments: [
        (
            #"{"spec":{"clusterIP":"10.96.0.1","ports":[{"port":443,"protocol":"TCP"}]}}"#,
            ["ClusterIP", "10.96.0.1", "<none>", "443/TCP"]
        ),
        (
            #"{"spec":{"type":"NodePort","clusterIP":"10.96.0.2","ports":[{"port":80,"nodePort":30080},{"port":53,"protocol":"UDP"}]}}"#,
            ["NodePort", "10.96.0.2", "<none>", "80:30080/TCP,53/UDP"]
        ),
        (
            #"{"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.3"}}"#,
            ["LoadBalancer", "10.96.0.3", "<pending>", "<none>"]
        ),
        (
            #"{"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.3","externalIPs":["192.0.2.9"]},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#,
            ["LoadBalancer", "10.96.0.3", "192.0.2.1,192.0.2.9", "<none>"]
        ),
        (
            #"{"spec":{"type":"ExternalName","externalName":"db.example.org"}}"#,
            ["ExternalName", "<none>", "db.example.org", "<none>"]
        ),
    ])
    func servicesShowTheirAddresses(json: String, expected: [String]) throws {
        let cells = try cells(GroupResource(resource: "services"), json)
        #expect(Array(cells[1...4]) == expected)
    }

    @Test func nodesShowRolesAndWhetherTheyTakePods() throws {
        let cells = try cells(
            GroupResource(resource: "nodes"),
            #"""
            {"metadata":{"name":"n1","labels":{"node-role.kubernetes.io/control-plane":"","node-role.kubernetes.io/etcd":"true"},
            "creationTimestamp":"2027-01-14T08:00:00Z"},"spec":{"unschedulable":true},
            "status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.0.0.1"}],
            "nodeInfo":{"kubeletVersion":"v1.36.2"}}}
            """#)
        #expect(
            Array(cells[0...5]) == [
                "n1", "Ready,SchedulingDisabled", "control-plane,etcd", "24h", "v1.36.2", "10.0.0.1",
            ])
    }

    @Test func endpointsAreAbbreviated() throws {
        let slice = try cells(
            GroupResource(group: "discovery.k8s.io", resource: "endpointslices"),
            #"""
            {"addressType":"IPv4","ports":[{"port":80},{}],"endpoints":[{"addresses":["10.0.0.1"]},{"addresses":["10.0.0.2"]},
            {"addresses":["10.0.0.3"]},{"addresses":["10.0.0.4"]}]}
            """#)
        #expect(Array(slice[1...3]) == ["IPv4", "80,*", "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more..."])
        let endpoints = try cells(
            GroupResource(resource: "endpoints"),
            #"{"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"ports":[{"port":80}]}]}"#)
        #expect(endpoints[1] == "10.0.0.1:80,[fd00::1]:80")
    }

    @Test func eventsOfBothGroupsReadAlike() throws {
        let old = try cells(
            GroupResource(resource: "events"),
            #"""
            {"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p"},"type":"Warning","reason":"BackOff",
            "message":" again\n","source":{"component":"kubelet","host":"n1"},"count":3,
            "firstTimestamp":"2027-01-15T07:00:00Z","lastTimestamp":"2027-01-15T07:59:00Z"}
            """#)
        #expect(old == ["60s", "Warning", "BackOff", "pod/p", "", "kubelet, n1", "again", "60m", "3", "e"])
        let new = try cells(
            GroupResource(group: "events.k8s.io", resource: "events"),
            #"""
            {"metadata":{"name":"e"},"regarding":{"kind":"Pod","name":"p"},"type":"Normal","reason":"Up","note":"fine",
            "reportingComponent":"poplin","eventTime":"2027-01-15T07:59:30.000000Z"}
            """#)
        #expect(new == ["30s", "Normal", "Up", "pod/p", "", "poplin", "fine", "30s", "1", "e"])
    }

    /// Every built-in table, with an object that has nothing: a stored object may lack anything.
    @Test func nothingIsRequired() throws {
        let tables = ObjectTable.core.merging(ObjectTable.networking) { first, _ in first }
            .merging(ObjectTable.workloads) { first, _ in first }
            .merging(ObjectTable.administration) { first, _ in first }
        for (resource, table) in tables {
            for json in ["{}", #"{"metadata":null,"spec":[],"status":"x"}"#] {
                let cells = table.cells(try JSONTree(parsing: json).root, Self.now)
                #expect(cells.count == table.columns.count, "\(resource)")
            }
        }
    }

    @Test func theDocumentHasRowsWithTheirMetadata() throws {
        let object = try JSONTree(parsing: #"{"metadata":{"name":"a"},"data":{"k":"v"}}"#).root
        let table = ObjectTable.builtin(GroupResource(resource: "configmaps"))
        let document = table.document(of: [object], listMetadata: ["resourceVersion": "7"], now: Self.now)
        #expect(document.member("kind")?.stringValue == "Table")
        #expect(document.at("metadata", "resourceVersion")?.stringValue == "7")
        let row = try #require(document.member("rows")?.elements.first)
        #expect(row.member("cells")?.text == #"["a",1,"<unknown>"]"#)
        #expect(row.at("object", "kind")?.stringValue == "PartialObjectMetadata")
        #expect(row.at("object", "metadata", "name")?.stringValue == "a")
        let later = table.document(of: [object], listMetadata: [:], including: .none, now: Self.now, isFirst: false)
        #expect(later.member("columnDefinitions")?.isNull == true)
        #expect(later.member("rows")?.elements.first?.member("object") == nil)
    }
}
