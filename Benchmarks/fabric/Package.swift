// swift-tools-version: 6.2
//
// What the fabric costs. Run it through Benchmarks/run-fabric, which makes the namespaces it works in.

import PackageDescription

let package = Package(
    name: "fabric-bench",
    dependencies: [.package(name: "poplin", path: "../..")],
    targets: [
        .executableTarget(
            name: "fabric-bench", dependencies: [.product(name: "PoplinRooms", package: "poplin")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
