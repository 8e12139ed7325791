import JSONTree
import KubernetesSchema
import Testing

@testable import KubernetesServer

@Suite("Protobuf bodies")
struct ProtobufTests {
    /// Fields of Kubernetes 1.34 and 1.35, which the numbers of 1.33 do not have.
    static let younger: Set<String> = [
        "CSIDriverSpec.serviceAccountTokenInSecrets", "Container.restartPolicyRules",
        "CustomResourceDefinitionCondition.observedGeneration", "CustomResourceDefinitionStatus.observedGeneration",
        "EnvVarSource.fileKeyRef",
        "EphemeralContainer.restartPolicyRules", "NodeStatus.declaredFeatures", "PodSpec.hostnameOverride",
        "PodSpec.workloadRef", "PodStatus.allocatedResources", "PodStatus.extendedResourceClaimStatus",
        "PodStatus.resources", "VolumeProjection.podCertificate",
    ]
    static let youngDefinitions: Set<String> = [
        "ContainerExtendedResourceRequest", "ContainerRestartRule", "ContainerRestartRuleOnExitCodes",
        "FileKeySelector", "PodCertificateProjection", "PodExtendedResourceClaimStatus", "WorkloadReference",
    ]

    private func names(_ message: ProtobufMessage) -> [String] {
        message.fields.values.flatMap { field in
            field.isInline ? names(ProtobufNumbers.message(field.name) ?? ProtobufMessage([])) : [field.name]
        }
    }

    @Test("Every field of every built-in kind has one number, and every number has a field")
    func complete() throws {
        let library = BuiltinSchemas.library
        for name in library.names where !Self.youngDefinitions.contains(name) {
            let message = try #require(ProtobufNumbers.message(name), "\(name)")
            let known = names(message)
            #expect(Set(known).count == known.count, "\(name) has a field twice")
            let fields = library.definition(named: name).properties.map(\.name)
                .filter { !["apiVersion", "kind"].contains($0) || !library.isKind(name) }
                .filter { !Self.younger.contains("\(name).\($0)") && (name, $0) != ("DeleteOptions", "metadata") }
            #expect(Set(known) == Set(fields), "\(name): \(Set(known).symmetricDifference(fields).sorted())")
        }
    }

    /// `k8s\0`, the type, the message; written by hand after protobuf.dev's "Encoding".
    private func body(_ apiVersion: String, _ kind: String, _ message: [UInt8]) -> [UInt8] {
        let type = field(1, Array(apiVersion.utf8)) + field(2, Array(kind.utf8))
        return ProtobufBody.magic + field(1, type) + field(2, message)
    }

    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }

    @Test("Empty values of pointers stay, others are absent; unknown numbers are told and the rest is read")
    func reading() throws {
        let name = field(1, field(1, Array("c".utf8)) + field(2, []))
        let limits = field(8, field(1, field(1, Array("cpu".utf8)) + field(2, field(1, Array("250m".utf8)))))
        let container =
            field(1, Array("app".utf8)) + field(2, []) + limits
            // 127 has no name; its key takes two bytes.
            + [0xFA, 0x07, 0x01, 0x2A]
        // volumes: the source is a message of its own on the wire, an emptyDir without anything.
        let volume = field(1, Array("v".utf8)) + field(2, field(2, []))
        // terminationGracePeriodSeconds is a pointer: 0 is said. hostNetwork is none: false is not.
        let spec = field(1, volume) + field(2, container) + [4 << 3, 0] + [11 << 3, 0]
        let (object, warnings) = try ProtobufBody(body("v1", "Pod", name + field(2, spec))).object()
        #expect(
            object.isEquivalent(to: [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "c"],
                "spec": [
                    "volumes": [["name": "v", "emptyDir": [:]]],
                    "containers": [["name": "app", "resources": ["limits": ["cpu": "250m"]]]],
                    "terminationGracePeriodSeconds": 0,
                ],
            ]), "\(object)")
        #expect(warnings == ["unknown field spec.containers.127 in the protobuf form of Pod: left out"])
    }

    @Test(
        "What cannot be read is said, and never trapped on",
        arguments: [
            ("8A", "no length"), ("0A05", "longer than the message"), ("0801", "a number where a message is"),
            ("0A020AFF", "an inner length"), ("00", "field 0"), ("0B", "a group"),
        ])
    func malformed(_ hex: String, _ why: String) throws {
        let bytes = stride(from: 0, to: hex.utf8.count, by: 2).compactMap { start in
            UInt8(hex.dropFirst(start).prefix(2), radix: 16)
        }
        let broken = try ProtobufBody(body("v1", "ConfigMap", bytes))
        #expect(throws: ProtobufFailure.self, "\(why)") { try broken.object() }
    }
}

extension SchemaLibrary {
    fileprivate func isKind(_ name: String) -> Bool {
        definition(named: name).property("metadata") != nil && definition(named: name).property("apiVersion") != nil
    }
}
