import Addressing
import JSONTree
import KubernetesModel
import Testing

@Suite("Times")
struct TimeTests {
    // Seconds by date(1): date -u -d TEXT +%s
    @Test(
        "read and written",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T00:46:32Z", 1_795_221_992), ("2000-02-29T23:59:59Z", 951_868_799),
            ("1969-12-31T23:59:59Z", -1), ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] as [(String, Int64)])
    func seconds(text: String, seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds).description == text)
    }

    @Test("every day of four centuries follows the one before")
    func days() {
        var previous = ""
        for day in 0..<146_097 {
            let text = Timestamp(seconds: Int64(day) * 86_400).description
            #expect(text > previous)
            #expect(Timestamp(text)?.seconds == Int64(day) * 86_400)
            previous = text
        }
        #expect(previous == "2369-12-31T00:00:00Z")
    }

    @Test("offsets and fractions")
    func offsets() {
        #expect(Timestamp("2026-11-21T02:46:32+02:00") == Timestamp("2026-11-21T00:46:32Z"))
        #expect(Timestamp("2026-11-21T00:46:32.999Z") == Timestamp("2026-11-21T00:46:32Z"))
        #expect(MicroTime("2026-11-21T00:46:32.5Z")?.description == "2026-11-21T00:46:32.500000Z")
        #expect(MicroTime(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
        #expect(MicroTime("1969-12-31T23:59:59.999999Z")?.microseconds == -1)
    }

    @Test(
        "no times",
        arguments: [
            "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21T00:46:32", "2026-11-21T00:46:32.Z", "2026-11-21 00:46:32Z", "2026-11-21T00:46:32Zx",
        ])
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
    }
}

@Suite("Names")
struct NameRuleTests {
    @Test(
        "allowed and refused",
        arguments: [
            (.dnsLabel, "a", true), (.dnsLabel, "a-1", true), (.dnsLabel, "-a", false), (.dnsLabel, "A", false),
            (.dnsLabel, "", false), (.dnsLabel, String(repeating: "a", count: 64), false),
            (.dnsSubdomain, "a.b-c.9", true), (.dnsSubdomain, "a..b", false),
            (.dnsSubdomain, String(repeating: "a.", count: 127) + "a", false),
            (.dns1035Label, "9a", false), (.dns1035Label, "a9", true),
            (.qualifiedName, "a_B.c", true), (.qualifiedName, "example.com/a", true), (.qualifiedName, "/a", false),
            (.qualifiedName, "a/", false), (.qualifiedName, "a/b/c", false), (.qualifiedName, "A.com/a", false),
            (.labelValue, "", true), (.labelValue, "-", false), (.labelValue, "A_b.c", true),
            (.portName, "http", true), (.portName, "8080", false), (.portName, "a--b", false), (.portName, "-a", false),
            (.portName, "abcdefghijklmnop", false), (.pathSegment, "system:node", true), (.pathSegment, "a/b", false),
            (.pathSegment, "..", false),
        ] as [(NameRule, String, Bool)])
    func rules(rule: NameRule, text: String, isAllowed: Bool) {
        #expect(rule.allows(text) == isAllowed)
    }

    @Test("paths of URLs")
    func paths() {
        #expect(Pod.resource.path(namespace: "a", name: "b", subresource: "log") == "/api/v1/namespaces/a/pods/b/log")
        #expect(Lease.resource.path() == "/apis/coordination.k8s.io/v1/leases")
        #expect(Node.resource.path(name: "a/b ü") == "/api/v1/nodes/a%2Fb%20%C3%BC")
        #expect(GroupVersionKind(apiVersion: "apps/v1", kind: "DaemonSet") == DaemonSet.gvk)
        #expect(GroupVersionKind(apiVersion: "v1", kind: "Pod") == Pod.gvk)
    }
}

@Suite("Kinds")
struct KindTests {
    private func node(_ json: String) throws -> JSONNode { try JSONTree(parsing: json).root }

    @Test("a pod: named ports reach sidecars, old dumps have one address")
    func pod() throws {
        let pod = try Pod(
            decoding: node(
                #"""
                {"metadata":{"name":"p","namespace":"n","labels":{"a":"b"},"deletionTimestamp":"2026-11-21T00:46:32Z"},
                 "spec":{"nodeName":"w1","hostNetwork":null,
                  "initContainers":[{"name":"s","restartPolicy":"Always","ports":[{"name":"dns","containerPort":53,"protocol":"UDP"}]},
                                    {"name":"i","ports":[{"name":"init","containerPort":1}]}],
                  "containers":[{"name":"c","image":"x","ports":[{"name":"http","containerPort":8080}]}]},
                 "status":{"phase":"Running","podIP":"10.0.0.7","conditions":[{"type":"Ready","status":"True"}]}}
                """#))
        #expect(pod.key == ObjectKey(namespace: "n", name: "p"))
        #expect(pod.port(named: "http") == 8080)
        #expect(pod.port(named: "dns") == nil)
        #expect(pod.port(named: "dns", .udp) == 53)
        #expect(pod.port(named: "init") == nil)
        #expect(pod.status.podIPs == [try #require(IPAddress("10.0.0.7"))])
        #expect(pod.isReady && !pod.isFinished && pod.metadata.isTerminating)
    }

    @Test("a service: target ports default to the port, None is headless")
    func service() throws {
        let service = try Service(
            decoding: node(
                #"{"spec":{"clusterIP":"None","clusterIPs":["None"],"selector":{},"ports":[{"port":80},{"name":"b","port":81,"targetPort":"web"}]}}"#
            ))
        #expect(service.isHeadless && service.clusterIPs.isEmpty)
        #expect(service.ports.map(\.targetPort) == [.int(80), .string("web")])
        #expect(service.selector == [:])
        #expect(try Service(decoding: node(#"{"spec":{}}"#)).selector == nil)
    }

    @Test("endpoints are ready until somebody says otherwise")
    func slice() throws {
        let slice = try EndpointSlice(
            decoding: node(
                #"{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]},{"addresses":["10.0.0.2"],"conditions":{"ready":false,"serving":true,"terminating":true}}],"ports":[{"port":null}]}"#
            ))
        #expect(slice.endpoints.map(\.isReady) == [true, false])
        #expect(slice.endpoints.map(\.isServing) == [true, true])
        #expect(slice.ports[0].port == nil)
    }

    @Test(
        "a wrong type is named with its path",
        arguments: [
            (
                #"{"spec":{"containers":[{"ports":[{"containerPort":"80"}]}]}}"#,
                #"spec.containers[0].ports[0].containerPort: Invalid value: "80": a number is expected, this is a string"#
            ),
            (
                #"{"spec":{"containers":[{"ports":[{"containerPort":70000}]}]}}"#,
                "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"
            ),
            (
                #"{"spec":{"containers":[{"ports":[{"protocol":"tcp"}]}]}}"#,
                #"spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP""#
            ),
            (
                #"{"metadata":{"labels":{"a":1}}}"#,
                "metadata.labels.a: Invalid value: 1: a string is expected, this is a number"
            ),
            (
                #"{"status":{"podIPs":[{"ip":"10.0.0"}]}}"#,
                #"status.podIPs[0].ip: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#
            ),
        ])
    func wrongTypes(json: String, message: String) throws {
        let node = try node(json)
        let error = #expect(throws: FieldError.self) { try Pod(decoding: node) }
        #expect(error?.description == message)
    }

    @Test("a manifest needs apiVersion, kind and a name")
    func manifest() throws {
        let whole = try node(#"{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"d","namespace":"n"}}"#)
        let manifest = try Manifest(whole, file: "a.yaml")
        #expect(manifest.gvk == DaemonSet.gvk && manifest.key == ObjectKey(namespace: "n", name: "d"))
        for (json, path) in [
            ("{}", "kind"), (#"{"kind":"X"}"#, "apiVersion"), (#"{"kind":"X","apiVersion":"v1"}"#, "metadata.name"),
        ] {
            let node = try node(json)
            let error = #expect(throws: FieldError.self) { try Manifest(node) }
            #expect(error?.path == path)
        }
    }
}
