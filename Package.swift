// swift-tools-version: 6.2
//
// The house of Poplin. A target may depend only on targets of the floors below its own; the floors are the
// comments. `POPLIN_ONLY=cni` leaves out everything that needs a third-party package, so that the plugins can be
// built (and the low rooms tested) without resolving or compiling any. `POPLIN_ONLY=Policy,YAMLTree` keeps those
// rooms, what they stand on, and their tests: the way to work in one room without building the house.

import PackageDescription

let only = Context.environment["POPLIN_ONLY"].map { Set($0.split(separator: ",").map(String.init)) } ?? []
let pluginsOnly = only == ["cni"]
// For the container image: `poplin` without any library of the machine. Off, because such a link takes longer.
let isStatic = Context.environment["POPLIN_STATIC"] == "1"

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, with more: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + more, swiftSettings: strict)
}

// Floor 1: values and system calls.
let floor1: [Target] = [
    .target(name: "CLinux"),
    .target(name: "CEarlyRemoval"),
    room("SystemCalls", on: ["CLinux"]),
    room("Addressing", on: []),
    room("JSONTree", on: []),
]

// Floor 2: protocols of the kernel and of CNI.
let floor2: [Target] = [
    room("Netlink", on: ["CLinux", "SystemCalls", "Addressing"]),
    room("LinuxHost", on: ["CLinux", "SystemCalls", "Addressing"]),
    room("CNI", on: ["Addressing", "JSONTree", "SystemCalls"]),
]

// Floor 2, above the kernel: Kubernetes' words, and what a person is told. The first need no third-party package, so
// that the fuzz programs reach them.
let pureWords: [Target] = [
    room("Findings", on: ["JSONTree"]),
    room("KubernetesModel", on: ["JSONTree", "Addressing"]),
    room("KubernetesSchema", on: ["JSONTree", "Addressing"]),
    // Floor 3.
    room("Policy", on: ["KubernetesModel", "Findings", "JSONTree", "Addressing"]),
    // Floor 4.
    room("Diagnosis", on: ["Policy", "KubernetesModel", "Findings", "JSONTree", "Addressing"]),
]

// Floor 2, between the cluster plugin and the agent: what is said over the agent's socket. The plugin links it.
let agentWords: [Target] = [
    room("AgentProtocol", on: ["JSONTree", "Addressing", "SystemCalls", "CLinux"])
]

let words: [Target] = [
    room("YAMLTree", on: ["JSONTree", .product(name: "Yams", package: "Yams")])
]

// Floor 3: both ends of the Kubernetes API, and the policy engine.
let cluster: [Target] = [
    .systemLibrary(name: "CZlib"),
    room("Manifests", on: ["KubernetesModel", "YAMLTree", "Findings", "JSONTree", "LinuxHost", "SystemCalls"]),
    room(
        "KubernetesClient",
        on: [
            "KubernetesModel", "JSONTree", "YAMLTree", "Addressing", "Findings", "LinuxHost", "SystemCalls",
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
            .product(name: "X509", package: "swift-certificates"),
            .product(name: "SwiftASN1", package: "swift-asn1"),
            .product(name: "Logging", package: "swift-log"),
        ]),
    room(
        "KubernetesServer",
        on: [
            "KubernetesModel", "KubernetesSchema", "JSONTree", "YAMLTree", "Addressing", "SystemCalls", "LinuxHost",
            "CZlib",
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            .product(name: "X509", package: "swift-certificates"),
            .product(name: "SwiftASN1", package: "swift-asn1"),
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "JWTKit", package: "jwt-kit"),
            .product(name: "Logging", package: "swift-log"),
        ]),
]

// Floor 3: what a runtime does, and where addresses come from.
let floor3: [Target] = [
    room("CNIRuntime", on: ["CNI", "JSONTree", "Addressing", "LinuxHost", "SystemCalls"]),
    room("IPAM", on: ["CNI", "JSONTree", "Addressing", "LinuxHost", "SystemCalls"]),
]

// Floor 4: the plugins.
let floor4: [Target] = [
    room(
        "CNIPlugins",
        on: [
            "CNI", "CNIRuntime", "IPAM", "Netlink", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
            "CLinux", "AgentProtocol",
        ])
]

// Floor 4: between nodes, and what the lab's nodes and control plane do in small.
let clusterParts: [Target] = [
    room(
        "Fabric",
        on: ["Netlink", "LinuxHost", "KubernetesModel", "Findings", "JSONTree", "Addressing", "SystemCalls", "CLinux"]),
    room(
        "IPAMKubernetes",
        on: [
            "IPAM", "KubernetesClient", "KubernetesModel", "Findings", "JSONTree", "Addressing", "SystemCalls",
            "LinuxHost", "CLinux",
            .product(name: "Logging", package: "swift-log"),
        ]),
    room(
        "LabControllers",
        on: [
            "KubernetesClient", "KubernetesModel", "Findings", "LinuxHost", "JSONTree", "Addressing",
            .product(name: "Logging", package: "swift-log"),
        ]),
    room(
        "Conntest",
        on: [
            "KubernetesClient", "KubernetesModel", "Findings", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
            "CLinux",
        ]),
    room(
        "Workloads",
        on: [
            "JSONTree", "Addressing", "SystemCalls", "LinuxHost", "CLinux",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]),
    room(
        "Kubelet",
        on: [
            "CNI", "CNIRuntime", "KubernetesClient", "KubernetesServer", "KubernetesModel", "Netlink", "LinuxHost",
            "JSONTree", "Addressing", "SystemCalls", "CLinux",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "Logging", package: "swift-log"),
        ]),
]

// Floor 4: what the doctor knows, and where from. Diagnosis itself is pure; these read.
let collectors: [Target] = [
    room(
        "Bundles",
        on: [
            "Diagnosis", "Manifests", "KubernetesModel", "YAMLTree", "JSONTree", "LinuxHost", "SystemCalls", "CZlib",
            "Findings", "Addressing",
        ]),
    .target(name: "CKernelProbe"),
    room(
        "MachineCollector",
        on: [
            "Diagnosis", "KubernetesModel", "Netlink", "CNI", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
            "CLinux", "CZlib", "CKernelProbe",
        ]),
    // Beside MachineCollector, which stays free of NIO.
    room(
        "RuntimeSocket",
        on: [
            "Diagnosis", "LinuxHost", "JSONTree", "SystemCalls",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOHPACK", package: "swift-nio-http2"),
        ]),
    room(
        "ClusterCollector",
        on: [
            "Diagnosis", "Bundles", "KubernetesClient", "KubernetesModel", "Findings", "LinuxHost", "JSONTree",
            "Addressing",
            .product(name: "Logging", package: "swift-log"),
        ]),
]

// Floor 5: long-running compositions.
let compositions: [Target] = [
    room(
        "Agent",
        on: [
            "AgentProtocol", "Fabric", "IPAM", "IPAMKubernetes", "CNI", "CNIPlugins", "KubernetesClient",
            "KubernetesModel", "Netlink", "LinuxHost", "Findings", "JSONTree", "Addressing", "SystemCalls", "CLinux",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "Logging", package: "swift-log"),
        ]),
    room(
        "Lab",
        on: [
            "Kubelet", "LabControllers", "Workloads", "KubernetesServer", "KubernetesClient", "KubernetesModel",
            "Manifests", "Netlink", "LinuxHost", "Findings", "JSONTree", "Addressing", "SystemCalls", "CLinux",
            .product(name: "Logging", package: "swift-log"),
        ]),
]

// Where the plugins' program begins, on the processors that CEarlyRemoval knows; elsewhere as every program.
#if arch(x86_64) || arch(arm64)
    let entry = ["-Xlinker", "-e", "-Xlinker", "poplin_early_start"]
#else
    let entry: [String] = []
#endif

// Floor 6 (plugins): fully static, because it runs on hosts that are not ours.
let pluginProgram: [Target] = [
    .executableTarget(
        name: "poplin-cni",
        dependencies: ["CNIPlugins", "CNI", "SystemCalls", "CLinux", "CEarlyRemoval"],
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-static-executable"] + entry)])
]

// Floors 5 and 6: the command line, which may use third-party packages.
let program: [Target] = [
    room(
        "PoplinCommands",
        on: [
            "CNI", "CNIRuntime", "LinuxHost", "Netlink", "JSONTree", "Addressing", "SystemCalls", "Findings",
            "YAMLTree",
            "KubernetesModel", "Manifests", "KubernetesClient", "KubernetesServer", "Policy",
            "Agent", "Conntest", "Diagnosis", "Fabric", "IPAM", "IPAMKubernetes", "Lab", "LabControllers", "Workloads",
            "Kubelet", "Bundles", "MachineCollector", "RuntimeSocket", "ClusterCollector",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ]),
    .executableTarget(
        name: "poplin", dependencies: ["PoplinCommands"], swiftSettings: strict,
        linkerSettings: isStatic ? [.unsafeFlags(["-static-executable"])] : []),
]

let lowTests: [Target] = [
    tests(of: "SystemCalls"),
    tests(of: "Addressing"),
    tests(of: "JSONTree"),
    tests(of: "Netlink", with: ["Addressing", "SystemCalls", "CLinux"]),
    tests(of: "LinuxHost", with: ["SystemCalls"]),
    tests(of: "CNI", with: ["JSONTree", "Addressing"]),
    tests(of: "CNIRuntime", with: ["CNI", "JSONTree", "LinuxHost", "SystemCalls"]),
    tests(of: "IPAM", with: ["Addressing", "CNI", "JSONTree", "LinuxHost", "SystemCalls"]),
    tests(of: "AgentProtocol", with: ["JSONTree", "Addressing", "SystemCalls", "CLinux", "CEarlyRemoval"]),
    tests(of: "CNIPlugins", with: ["CNI", "AgentProtocol", "JSONTree", "Addressing", "Netlink", "SystemCalls"]),
    // Root tests: each makes its own network namespaces and runs the built programs by path.
    .testTarget(
        name: "HostTests",
        dependencies: [
            "CNI", "CNIPlugins", "CNIRuntime", "IPAM", "Netlink", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
            "CLinux", "AgentProtocol",
        ],
        swiftSettings: strict),
]

let highTests: [Target] = [
    tests(of: "Findings", with: ["JSONTree"]),
    tests(of: "YAMLTree", with: ["JSONTree"]),
    tests(of: "KubernetesModel", with: ["JSONTree", "Addressing"]),
    tests(of: "KubernetesSchema", with: ["JSONTree"]),
    tests(of: "Manifests", with: ["KubernetesModel", "Findings", "JSONTree", "LinuxHost", "SystemCalls"]),
    tests(of: "Policy", with: ["KubernetesModel", "Findings", "JSONTree", "Addressing", "YAMLTree"]),
    tests(of: "Diagnosis", with: ["JSONTree", "KubernetesModel", "Policy", "Findings", "Addressing"]),
    tests(
        of: "Bundles",
        with: ["Diagnosis", "JSONTree", "YAMLTree", "Findings", "LinuxHost", "SystemCalls", "CZlib"]),
    tests(
        of: "MachineCollector",
        with: ["Diagnosis", "Netlink", "LinuxHost", "JSONTree", "Addressing", "SystemCalls", "CKernelProbe"]),
    tests(
        of: "RuntimeSocket",
        with: [
            "Diagnosis", "LinuxHost", "JSONTree", "SystemCalls",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOHPACK", package: "swift-nio-http2"),
        ]),
    tests(
        of: "ClusterCollector",
        with: [
            "Diagnosis", "Bundles", "KubernetesClient", "KubernetesServer", "KubernetesModel", "YAMLTree", "LinuxHost",
            "JSONTree",
        ]),
    tests(
        of: "KubernetesClient",
        with: [
            "KubernetesModel", "JSONTree", "YAMLTree", "Findings", "LinuxHost", "SystemCalls",
            .product(name: "X509", package: "swift-certificates"),
            .product(name: "SwiftASN1", package: "swift-asn1"),
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    tests(
        of: "KubernetesServer",
        with: [
            "KubernetesModel", "KubernetesSchema", "KubernetesClient", "JSONTree", "YAMLTree", "SystemCalls",
            "LinuxHost", "Manifests", "Findings",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    tests(
        of: "PoplinCommands",
        with: [
            "CNI", "CNIRuntime", "JSONTree", "LinuxHost", "Findings", "YAMLTree", "KubernetesClient",
            "KubernetesServer", "KubernetesModel", "IPAMKubernetes", "Addressing",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
]

let clusterTests: [Target] = [
    tests(
        of: "Fabric",
        with: [
            "CLinux", "Findings", "Netlink", "LinuxHost", "KubernetesModel", "JSONTree", "Addressing", "SystemCalls",
        ]),
    tests(
        of: "IPAMKubernetes",
        with: [
            "IPAM", "KubernetesClient", "KubernetesServer", "KubernetesModel", "YAMLTree", "LinuxHost", "JSONTree",
            "Addressing", "SystemCalls",
        ]),
    tests(
        of: "LabControllers",
        with: [
            "KubernetesServer", "KubernetesClient", "KubernetesModel", "LinuxHost", "JSONTree", "Addressing",
            .product(name: "Logging", package: "swift-log"),
        ]),
    tests(of: "Conntest", with: ["JSONTree", "Addressing"]),
    tests(of: "Workloads", with: ["JSONTree", "Addressing", "LinuxHost"]),
    tests(
        of: "Kubelet",
        with: [
            "KubernetesClient", "KubernetesServer", "KubernetesModel", "CNIRuntime", "LinuxHost", "JSONTree",
            "Addressing", "SystemCalls",
        ]),
    tests(
        of: "Agent",
        with: [
            "AgentProtocol", "CNI", "CNIPlugins", "Fabric", "Findings", "IPAM", "IPAMKubernetes", "KubernetesModel",
            "Netlink", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
            .product(name: "Logging", package: "swift-log"),
        ]),
    // Root tests: whole clusters in namespaces, made by the built program and taken down again.
    tests(
        of: "Lab",
        with: [
            "KubernetesClient", "KubernetesModel", "Findings", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
        ]),
]

let house =
    floor1 + floor2 + pureWords + agentWords + floor3 + floor4 + pluginProgram + lowTests
    + (pluginsOnly
        ? [] : words + cluster + clusterParts + collectors + compositions + program + highTests + clusterTests)

// The rooms asked for with everything they stand on, and of the tests those whose whole footing is there.
func targets(of house: [Target], keeping only: Set<String>) -> [Target] {
    if only.isEmpty || only == ["cni"] { return house }
    func footing(of target: Target) -> [String] {
        target.dependencies.compactMap { dependency in
            switch dependency {
            case .byNameItem(let name, _), .targetItem(let name, _): name
            default: nil
            }
        }
    }
    var kept = only
    var waiting = Array(only)
    while let name = waiting.popLast() {
        for below in house.first(where: { $0.name == name }).map(footing) ?? [] where kept.insert(below).inserted {
            waiting.append(below)
        }
    }
    return house.filter { target in
        target.type == .test
            ? only.contains(String(target.name.dropLast(5))) && kept.isSuperset(of: footing(of: target))
            : kept.contains(target.name)
    }
}

let package = Package(
    name: "poplin",
    products: only.isEmpty || pluginsOnly
        ? [
            .executable(name: "poplin-cni", targets: ["poplin-cni"]),
            .library(
                name: "PoplinRooms",
                targets: [
                    "JSONTree", "Addressing", "CNI", "Netlink", "SystemCalls", "KubernetesModel", "KubernetesSchema",
                    "Findings", "Policy", "AgentProtocol",
                ]),
        ] + (pluginsOnly ? [] : [.executable(name: "poplin", targets: ["poplin"])])
        // For the packages beside this one (Benchmarks, Fuzz), which import the rooms they ask for.
        : [.library(name: "PoplinRooms", targets: only.subtracting(["poplin", "poplin-cni", "Host"]).sorted())],
    dependencies: pluginsOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
            .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
            .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
            .package(url: "https://github.com/apple/swift-nio-extras", from: "1.24.0"),
            .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
            .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
            .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
            .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
            .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
            .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
            .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
            .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        ],
    targets: targets(of: house, keeping: only)
)
