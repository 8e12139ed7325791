import JSONTree
import Testing

@testable import KubernetesSchema

@Suite("Built-in kinds: decoding, pruning, defaulting")
struct BuiltinValueTests {
    private func schema(_ apiVersion: String, _ kind: String) throws -> Schema {
        let parts = apiVersion.split(separator: "/").map(String.init)
        return try #require(
            BuiltinSchemas.schema(group: parts.count == 2 ? parts[0] : "", version: parts[parts.count - 1], kind: kind))
    }

    @Test("Unknown and duplicate fields are named by their paths and dropped")
    func unknownFields() throws {
        let service = try json(
            #"{"kind":"Service","apiVersion":"v1","metadata":{"name":"a","x":1},"spec":{"ports":[{"port":80,"bogus":1}],"bogus":{"a":1},"type":"ClusterIP","type":"NodePort"}}"#
        )
        let pruned = try schema("v1", "Service").pruned(service, isCanonical: true)
        #expect(
            pruned.messages == [
                "duplicate field \"spec.type\"", "unknown field \"metadata.x\"",
                "unknown field \"spec.ports[0].bogus\"",
                "unknown field \"spec.bogus\"",
            ])
        #expect(
            pruned.value.text
                == #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80}],"type":"NodePort"}}"#
        )
    }

    @Test("What a struct does not keep goes: nulls, empty lists and maps; an empty selector stays")
    func canonical() throws {
        let policy = try json(
            #"{"metadata":{"labels":{},"name":"a","creationTimestamp":null},"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","spec":{"ingress":[],"podSelector":{},"egress":[{}]}}"#
        )
        let pruned = try schema("networking.k8s.io/v1", "NetworkPolicy").pruned(policy, isCanonical: true)
        #expect(pruned.messages.isEmpty)
        #expect(
            pruned.value.text
                == #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"a"},"spec":{"podSelector":{},"egress":[{}]}}"#
        )
    }

    @Test(
        "A wrong type is told as Go's decoder tells it",
        arguments: [
            (
                "v1 Service", #"{"spec":{"ports":[{"port":"80"}]}}"#,
                "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32"
            ),
            (
                "v1 Service", #"{"spec":{"ports":{"port":80}}}"#,
                "json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort"
            ),
            (
                "v1 Pod", #"{"metadata":{"labels":{"a":1}}}"#,
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"
            ),
            (
                "v1 Pod", #"{"spec":{"containers":[{"ports":[{"containerPort":99999999999}]}]}}"#,
                "json: cannot unmarshal number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32"
            ),
            ("v1 ConfigMap", #"[]"#, "json: cannot unmarshal array into Go value of type v1.ConfigMap"),
        ])
    func wrongTypes(kind: String, text: String, message: String) throws {
        let words = kind.split(separator: " ").map(String.init)
        let mistake = try schema(words[0], words[1]).decodingMistake(in: json(text), kind: words[1])
        if text == "[]" {
            #expect(mistake?.description.hasPrefix("json: cannot unmarshal array into Go value") == true)
        } else {
            #expect(mistake?.description == message)
        }
    }

    @Test("What is right is no mistake")
    func rightTypes() throws {
        let pod = try json(
            #"{"metadata":{"labels":{"a":"1"},"creationTimestamp":null},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":1,"memory":"1Gi"}},"livenessProbe":{"httpGet":{"port":"http"}}}]}}"#
        )
        #expect(try schema("v1", "Pod").decodingMistake(in: pod, kind: "Pod") == nil)
    }

    @Test("Defaults of the tables")
    func defaults() throws {
        let value = try json(#"{"spec":{"containers":[{"name":"c","ports":[{"containerPort":80}]}]}}"#)
        let pod = try schema("v1", "Pod").defaulted(value)
        #expect(pod.at("spec", "restartPolicy")?.stringValue == "Always")
        #expect(pod.at("spec", "terminationGracePeriodSeconds")?.intValue == 30)
        let container = try #require(pod.at("spec", "containers")?.elements.first)
        #expect(container.member("ports")?.elements.first?.member("protocol")?.stringValue == "TCP")
        #expect(container.member("terminationMessagePath")?.stringValue == "/dev/termination-log")
        #expect(container.member("livenessProbe") == nil)
    }
}
