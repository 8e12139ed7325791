import JSONTree

/// What a container is to be: everything the daemon needs to start it. Paths on the left of a mount are those of the
/// node, everything else is as the container will see it.
public struct ContainerSpec: Sendable, Hashable {
    public struct Mount: Sendable, Hashable {
        public var source: String
        public var target: String
        public var isReadOnly: Bool
        /// The source is a file: the target is made as one, in place of a symbolic link of that name.
        public var isFile: Bool

        public init(_ source: String, at target: String, isReadOnly: Bool = false, isFile: Bool = false) {
            self.source = source
            self.target = target
            self.isReadOnly = isReadOnly
            self.isFile = isFile
        }
    }

    /// 64 hexadecimal digits.
    public var id = ""
    public var podUID = ""
    public var podNamespace = ""
    public var podName = ""
    /// The container's name in the pod.
    public var name = ""
    /// How many containers of this name were before it.
    public var attempt = 0
    public var executable = ""
    /// With `argv[0]`.
    public var arguments: [String] = []
    /// `NAME=value`.
    public var environment: [String] = []
    public var workingDirectory = "/"
    /// Empty: the node's UTS namespace.
    public var hostName = ""
    /// Path of the pod's network namespace; empty: the node's.
    public var networkNamespace = ""
    public var hasOwnProcesses = true
    /// Sees the node's /sys and /dev.
    public var isPrivileged = false
    public var hasReadOnlyRoot = false
    public var hasNoNewPrivileges = false
    /// Numbers of the capabilities it can have at most; nil: all.
    public var capabilities: Set<Int>?
    public var mounts: [Mount] = []
    public var user: Int?
    public var group: Int?
    public var groups: [Int] = []
    /// Directories of cgroups the container joins, made by the daemon.
    public var controlGroups: [String] = []
    public var logPath = ""
    public var hasInput = false
    /// Its input ends with the first client that attaches.
    public var endsInputOnce = false
    public var isTerminal = false

    public init() {}
}

extension ContainerSpec {
    var value: JSONValue {
        func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        return [
            "id": .string(id), "podUID": .string(podUID), "podNamespace": .string(podNamespace),
            "podName": .string(podName), "name": .string(name), "attempt": .int(Int64(attempt)),
            "executable": .string(executable), "arguments": texts(arguments), "environment": texts(environment),
            "workingDirectory": .string(workingDirectory), "hostName": .string(hostName),
            "networkNamespace": .string(networkNamespace), "hasOwnProcesses": .bool(hasOwnProcesses),
            "isPrivileged": .bool(isPrivileged), "hasReadOnlyRoot": .bool(hasReadOnlyRoot),
            "hasNoNewPrivileges": .bool(hasNoNewPrivileges),
            "mounts": .array(
                mounts.map {
                    [
                        "source": .string($0.source), "target": .string($0.target), "isReadOnly": .bool($0.isReadOnly),
                        "isFile": .bool($0.isFile),
                    ]
                }),
            "capabilities": capabilities.map { .array($0.sorted().map { .int(Int64($0)) }) } ?? .null,
            "user": user.map { .int(Int64($0)) } ?? .null, "group": group.map { .int(Int64($0)) } ?? .null,
            "groups": .array(groups.map { .int(Int64($0)) }), "controlGroups": texts(controlGroups),
            "logPath": .string(logPath), "hasInput": .bool(hasInput), "endsInputOnce": .bool(endsInputOnce),
            "isTerminal": .bool(isTerminal),
        ]
    }

    /// Reads what ``value`` wrote; what is missing is as in an empty specification.
    init(decoding node: JSONNode) {
        func text(_ key: String) -> String { node.member(key)?.string ?? "" }
        func flag(_ key: String) -> Bool { node.member(key)?.bool ?? false }
        func texts(_ key: String) -> [String] { node.member(key)?.elements.compactMap(\.string) ?? [] }
        func number(_ key: String) -> Int? { node.member(key)?.int.map { Int($0) } }
        id = text("id")
        podUID = text("podUID")
        podNamespace = text("podNamespace")
        podName = text("podName")
        name = text("name")
        attempt = number("attempt") ?? 0
        executable = text("executable")
        arguments = texts("arguments")
        environment = texts("environment")
        workingDirectory = text("workingDirectory")
        hostName = text("hostName")
        networkNamespace = text("networkNamespace")
        hasOwnProcesses = flag("hasOwnProcesses")
        isPrivileged = flag("isPrivileged")
        hasReadOnlyRoot = flag("hasReadOnlyRoot")
        hasNoNewPrivileges = flag("hasNoNewPrivileges")
        mounts =
            node.member("mounts")?.elements.map { mount in
                Mount(
                    mount.member("source")?.string ?? "", at: mount.member("target")?.string ?? "",
                    isReadOnly: mount.member("isReadOnly")?.bool ?? false,
                    isFile: mount.member("isFile")?.bool ?? false)
            } ?? []
        if let list = node.member("capabilities"), !list.isNull {
            capabilities = Set(list.elements.compactMap { $0.int.map { Int($0) } })
        }
        user = number("user")
        group = number("group")
        groups = node.member("groups")?.elements.compactMap { $0.int.map { Int($0) } } ?? []
        controlGroups = texts("controlGroups")
        logPath = text("logPath")
        hasInput = flag("hasInput")
        endsInputOnce = flag("endsInputOnce")
        isTerminal = flag("isTerminal")
    }
}

/// A container as the daemon knows it.
public struct ContainerState: Sendable, Hashable {
    public struct End: Sendable, Hashable {
        /// 128 + the signal's number when a signal ended it, as runtimes say it.
        public var exitCode: Int
        public var signal: Int
        /// Nanoseconds since the Epoch.
        public var finishedAt: UInt64

        public init(exitCode: Int, signal: Int = 0, finishedAt: UInt64) {
            self.exitCode = exitCode
            self.signal = signal
            self.finishedAt = finishedAt
        }
    }

    public var id: String
    public var podUID: String
    public var podNamespace: String
    public var podName: String
    public var name: String
    public var attempt: Int
    /// Of its first process, as the node sees it.
    public var process: Int32
    /// Nanoseconds since the Epoch.
    public var startedAt: UInt64
    public var logPath: String
    public var end: End?

    init(_ spec: ContainerSpec, process: Int32, startedAt: UInt64) {
        id = spec.id
        podUID = spec.podUID
        podNamespace = spec.podNamespace
        podName = spec.podName
        name = spec.name
        attempt = spec.attempt
        logPath = spec.logPath
        self.process = process
        self.startedAt = startedAt
    }

    var value: JSONValue {
        var value: JSONValue = [
            "id": .string(id), "podUID": .string(podUID), "podNamespace": .string(podNamespace),
            "podName": .string(podName), "name": .string(name), "attempt": .int(Int64(attempt)),
            "process": .int(Int64(process)), "startedAt": .uint(startedAt), "logPath": .string(logPath),
        ]
        if let end {
            value = value.setting(
                "end",
                to: [
                    "exitCode": .int(Int64(end.exitCode)), "signal": .int(Int64(end.signal)),
                    "finishedAt": .uint(end.finishedAt),
                ])
        }
        return value
    }

    init(decoding node: JSONNode) {
        func text(_ key: String) -> String { node.member(key)?.string ?? "" }
        id = text("id")
        podUID = text("podUID")
        podNamespace = text("podNamespace")
        podName = text("podName")
        name = text("name")
        attempt = node.member("attempt")?.int.map { Int($0) } ?? 0
        process = node.member("process")?.int.flatMap { Int32(exactly: $0) } ?? 0
        startedAt = node.member("startedAt")?.uint ?? 0
        logPath = text("logPath")
        if let found = node.member("end") {
            end = End(
                exitCode: found.member("exitCode")?.int.map { Int($0) } ?? 0,
                signal: found.member("signal")?.int.map { Int($0) } ?? 0,
                finishedAt: found.member("finishedAt")?.uint ?? 0)
        }
    }
}
