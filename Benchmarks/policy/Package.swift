// swift-tools-version: 6.2
//
// What the policy engine costs. Run it through Benchmarks/run-policy, which builds it with only the rooms it needs.

import PackageDescription

let package = Package(
    name: "policy-bench",
    dependencies: [.package(name: "poplin", path: "../..")],
    targets: [
        .executableTarget(
            name: "policy-bench", dependencies: [.product(name: "PoplinRooms", package: "poplin")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
