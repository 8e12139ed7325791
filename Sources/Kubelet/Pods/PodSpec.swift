import JSONTree
import KubernetesModel

/// A pod as its kubelet reads it: everything that decides what is run and how.
struct PodSpec: Sendable {
    var metadata = ObjectMeta()
    var hostNetwork = false
    var hostPID = false
    var hostname = ""
    var subdomain = ""
    var restartPolicy = "Always"
    var serviceAccountName = ""
    /// Seconds.
    var terminationGracePeriod = 30
    var activeDeadline: Int?
    var dnsPolicy = "ClusterFirst"
    var dns = DNSSettings()
    var hostAliases: [(ip: String, names: [String])] = []
    var hasServiceLinks = true
    var containers: [ContainerPart] = []
    var initContainers: [ContainerPart] = []
    var volumes: [Volume] = []
    var readinessGates: [String] = []
    var security = SecurityPart()
    /// Fields that mean nothing here, said once: `spec.runtimeClassName`.
    var ignored: [String] = []
    /// Conditions of others, kept when ours are written.
    var conditions: [Condition] = []
    var phase = ""
    /// As it came from the API: for the downward API, /pods and annotations of others.
    var podIPs: [String] = []
    /// What the API knows of restarts and readiness, for containers that were started by an earlier life of the node.
    var known: [String: Known] = [:]

    /// What the API says of a container, for one that this node has no trace of any more.
    struct Known: Sendable, Hashable {
        var restarts: Int
        var isReady: Bool
        /// Without its scheme; empty before the first start.
        var id: String
        /// Nanoseconds since the Epoch.
        var startedAt: UInt64 = 0
        /// Nil for one that ran.
        var ending: ContainerRecord.Ending?

        var hasRun: Bool { !id.isEmpty }
    }

    struct DNSSettings: Sendable, Hashable {
        var nameservers: [String] = []
        var searches: [String] = []
        /// `name` or `name:value`.
        var options: [String] = []
    }

    /// The security context of a pod or a container.
    struct SecurityPart: Sendable, Hashable {
        var user: Int?
        var group: Int?
        var groups: [Int] = []
        var fileGroup: Int?
        var isPrivileged = false
        var allowsEscalation = true
        var hasReadOnlyRoot = false
        var added: [String] = []
        var dropped: [String] = []
        var sysctls: [String: String] = [:]
    }

    var key: ObjectKey { metadata.key }
    var uid: String { metadata.uid }
    var isTerminating: Bool { metadata.isTerminating }

    /// Over for good, as the API has it.
    var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

    /// Seconds between the polite signal and the last one.
    var gracePeriod: Int { metadata.deletionGracePeriodSeconds ?? terminationGracePeriod }

    /// The name the pod has for itself.
    var hostName: String { hostname.isEmpty ? String(metadata.name.prefix(63)) : hostname }

    func container(named name: String) -> ContainerPart? { (initContainers + containers).first { $0.name == name } }
}

/// A container of a pod.
struct ContainerPart: Sendable {
    var name = ""
    var image = ""
    var pullPolicy = ""
    var command: [String] = []
    var arguments: [String] = []
    var workingDirectory = ""
    var environment: [EnvironmentEntry] = []
    var environmentSources: [EnvironmentSource] = []
    var ports: [Port] = []
    var mounts: [VolumeMount] = []
    var restartPolicy = ""
    var liveness: ProbeSpec?
    var readiness: ProbeSpec?
    var startup: ProbeSpec?
    var postStart: ProbeSpec.Action?
    var preStop: ProbeSpec.Action?
    /// `preStop.sleep.seconds`.
    var preStopSleep: Int?
    var hasInput = false
    var endsInputOnce = false
    var isTerminal = false
    var terminationMessagePath = "/dev/termination-log"
    var fallsBackToLogs = false
    var security = PodSpec.SecurityPart()
    /// Resource to quantity, as written.
    var limits: [String: String] = [:]
    var requests: [String: String] = [:]

    /// An init container that runs as long as the pod.
    var isSidecar: Bool { restartPolicy == "Always" }

    struct Port: Sendable, Hashable {
        var name: String
        var container: UInt16
        /// 0 for none.
        var host: UInt16
        var hostIP: String
        var transport: TransportProtocol
    }

    struct EnvironmentEntry: Sendable, Hashable {
        enum Value: Sendable, Hashable {
            case text(String)
            case field(String)
            case resource(container: String, name: String, divisor: String)
            case configMap(name: String, key: String, isOptional: Bool)
            case secret(name: String, key: String, isOptional: Bool)
        }

        var name: String
        var value: Value
    }

    struct EnvironmentSource: Sendable, Hashable {
        var prefix: String
        var name: String
        var isSecret: Bool
        var isOptional: Bool
    }

    struct VolumeMount: Sendable, Hashable {
        var name: String
        var path: String
        var subPath: String
        var subPathExpression: String
        var isReadOnly: Bool
    }
}

/// A probe, with the API's defaults.
struct ProbeSpec: Sendable, Hashable {
    enum Action: Sendable, Hashable {
        case execute([String])
        case http(scheme: String, host: String, port: IntOrString, path: String, headers: [String])
        case tcp(host: String, port: IntOrString)
        case grpc
    }

    var action: Action
    /// Seconds.
    var initialDelay = 0
    var period = 10
    var timeout = 1
    var successThreshold = 1
    var failureThreshold = 3
    var gracePeriod: Int?
}

/// A volume of a pod.
struct Volume: Sendable {
    enum Source: Sendable {
        case hostPath(path: String, type: String)
        case emptyDirectory(isMemory: Bool)
        case projected([Projection], mode: Int)
        /// One that is not for this kubelet, by its field's name.
        case unsupported(String)
    }

    /// What a projected volume is made of; configMap, secret and downwardAPI volumes are such with one part.
    enum Projection: Sendable {
        case configMap(name: String, items: [Item], isOptional: Bool)
        case secret(name: String, items: [Item], isOptional: Bool)
        case downward([(path: String, value: ContainerPart.EnvironmentEntry.Value, mode: Int?)])
        case token(path: String, audience: String, expirationSeconds: Int)
    }

    /// A key and the file it becomes. None: every key under its name.
    struct Item: Sendable, Hashable {
        var key: String
        var path: String
        var mode: Int?
    }

    var name: String
    var source: Source
}
