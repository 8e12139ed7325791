// swift-tools-version: 6.2
//
// The house of Poplin. A target may depend only on targets of the floors below its own; the floors are the
// comments. `POPLIN_ONLY=cni` leaves out everything that needs a third-party package, so that the plugins can be
// built (and the low rooms tested) without resolving or compiling any.

import PackageDescription

let pluginsOnly = Context.environment["POPLIN_ONLY"] == "cni"

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
            "CLinux",
        ])
]

// Floor 6 (plugins): fully static, because it runs on hosts that are not ours.
let pluginProgram: [Target] = [
    .executableTarget(
        name: "poplin-cni",
        dependencies: ["CNIPlugins", "CNI", "SystemCalls", "CLinux"],
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-static-executable"])])
]

// Floors 5 and 6: the command line, which may use third-party packages.
let program: [Target] = [
    room(
        "PoplinCommands",
        on: [
            "CNI", "CNIRuntime", "LinuxHost", "Netlink", "JSONTree", "Addressing", "SystemCalls",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Yams", package: "Yams"),
        ]),
    .executableTarget(name: "poplin", dependencies: ["PoplinCommands"], swiftSettings: strict),
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
    tests(of: "CNIPlugins", with: ["CNI", "JSONTree", "Addressing", "Netlink", "SystemCalls"]),
    // Root tests: each makes its own network namespaces and runs the built programs by path.
    .testTarget(
        name: "HostTests",
        dependencies: [
            "CNI", "CNIPlugins", "CNIRuntime", "IPAM", "Netlink", "LinuxHost", "JSONTree", "Addressing", "SystemCalls",
            "CLinux",
        ],
        swiftSettings: strict),
]

let highTests: [Target] = [
    tests(
        of: "PoplinCommands",
        with: [
            "CNI", "CNIRuntime", "JSONTree", "LinuxHost",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ])
]

let package = Package(
    name: "poplin",
    products: [
        .executable(name: "poplin-cni", targets: ["poplin-cni"]),
        .library(name: "PoplinRooms", targets: ["JSONTree", "Addressing", "CNI", "Netlink", "SystemCalls"]),
    ] + (pluginsOnly ? [] : [.executable(name: "poplin", targets: ["poplin"])]),
    dependencies: pluginsOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        ],
    targets: floor1 + floor2 + floor3 + floor4 + pluginProgram + lowTests
        + (pluginsOnly ? [] : program + highTests)
)
