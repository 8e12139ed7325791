import JSONTree
import Testing

@testable import KubernetesSchema

/// A document from its text; a text that is none fails the test it is in.
func json(_ text: String) throws -> JSONValue { .node(try JSONTree(parsing: text).root) }

/// Repeatable random numbers (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONValue {
    /// A random document of few keys and few values, so that two of them have much in common.
    static func random(depth: Int, nulls: Bool, using random: inout SeededNumbers) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return nulls ? .null : .bool(true)
        case 1: return .int(Int64.random(in: 0..<3, using: &random))
        case 2: return .string(["", "a", "a/b", "~x"].randomElement(using: &random) ?? "")
        case 3: return .bool(Bool.random(using: &random))
        case 4: return .number("1.5")
        case 5:
            let count = Int.random(in: 0..<4, using: &random)
            return .array((0..<count).map { _ in .random(depth: depth - 1, nulls: nulls, using: &random) })
        default: return .randomObject(depth: depth, nulls: nulls, using: &random)
        }
    }

    static func randomObject(depth: Int, nulls: Bool, using random: inout SeededNumbers) -> JSONValue {
        let keys = ["a", "b", "c/d", "~", ""].shuffled(using: &random).prefix(Int.random(in: 0..<4, using: &random))
        return .object(
            keys.map { JSONMember($0, .random(depth: depth - 1, nulls: nulls, using: &random)) })
    }
}

/// Kinds of the tests, written in the notation of the built-in tables.
enum TestKinds {
    static let library = SchemaLibrary(sources: SchemaNotation.sources(in: [MetaTable.text, table]))

    static let table = """
        @io.example
        Pod kind=v1 : A pod.
          spec PodSpec : .
          status PodStatus : .
        PodSpec : .
          containers! [Container] map=name merge=name : .
          nodeName str : .
          restartPolicy str : .
          tolerations [Toleration] atomic : .
          hostAliases [HostAlias] map=ip merge=ip : .
          gates [str] set merge : .
        HostAlias : .
          ip str : .
          hostnames [str] atomic : .
        Toleration : .
          key str : .
        Container : .
          name! str : .
          image str : .
          env [EnvVar] map=name merge=name : .
          args [str] atomic : .
          ports [ContainerPort] map=containerPort,protocol merge=containerPort : .
          resources Resources : .
        Resources : .
          limits {Quantity} : .
        EnvVar : .
          name! str : .
          value str : .
        ContainerPort : .
          containerPort! int32 : .
          protocol str default="TCP" : .
          name str : .
        PodStatus : .
          phase str : .
          conditions [PodCondition] map=type merge=type : .
          podIPs [PodIP] map=ip merge=ip : .
        PodIP : .
          ip! str : .
        PodCondition : .
          type! str : .
          status! str : .
        ConfigMap kind=v1 : Data.
          data {str} : .
          binaryData {str} : .
        Deployment kind=apps/v1 : .
          spec DeploymentSpec : .
        DeploymentSpec : .
          replicas int32 : .
          strategy DeploymentStrategy retainKeys : .
        DeploymentStrategy : .
          type str : .
          rollingUpdate RollingUpdate : .
        RollingUpdate : .
          maxSurge IntOrString : .
        """

    static func schema(_ name: String) -> Schema { library.definition(named: name) }

    /// The custom resource of the recorded exchanges.
    static let pool: Schema = {
        func object(_ properties: [Schema.Property]) -> Schema {
            var parts = Schema.Parts(.object)
            parts.properties = properties
            return Schema(parts)
        }
        return object([
            .init("apiVersion", Schema(.init(.string))), .init("kind", Schema(.init(.string))),
            .init("metadata", library.definition(named: "ObjectMeta")),
            .init(
                "spec",
                object([
                    .init("cidr", Schema(.init(.string)), isRequired: true),
                    .init("blockSize", Schema(.init(.integer))),
                ])),
            .init("status", object([.init("free", Schema(.init(.integer)))])),
        ])
    }()
}
