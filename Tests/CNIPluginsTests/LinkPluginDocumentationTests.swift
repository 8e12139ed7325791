import Foundation
import Testing

/// The pages of bridge, ptp and bandwidth against the code that reads their keys: neither has one that the other lacks.
@Suite struct LinkPluginDocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Keys of the first column of the page's first table.
    private func documented(_ page: String) throws -> Set<String> {
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("docs/reference/plugins/\(page).md"), encoding: .utf8)
        let section = try #require(text.split(separator: "## Keys\n").last?.split(separator: "\n## ").first)
        return Set(
            section.split(separator: "\n").compactMap { line in
                line.firstMatch(of: /^\| `([A-Za-z]+)` \|/).map { String($0.1) }
            })
    }

    /// Keys that these files read through a ConfigurationReader.
    private func read(_ files: [String]) throws -> Set<String> {
        var keys: Set<String> = []
        for file in files {
            let text = try String(
                contentsOf: Self.root.appendingPathComponent("Sources/CNIPlugins/\(file)"), encoding: .utf8)
            for match in text.matches(
                of: /[rR]eader\??\.(?:string|bool|integer|unsigned|object|objects|mac)\("([A-Za-z]+)"/)
            {
                keys.insert(String(match.1))
            }
        }
        return keys
    }

    @Test func bridge() throws {
        let keys = try read(["Bridge/BridgeConfiguration.swift", "Bridge/BridgeVLANPlan.swift"])
        #expect(keys.count >= 16)
        // `mac` is read from the arguments and `ipam` by the address manager's delegate.
        #expect(try documented("bridge") == keys.union(["mac", "ipam"]))
    }

    @Test func pointToPoint() throws {
        let keys = try read(["PointToPoint/PointToPoint.swift"])
        #expect(keys.contains("dns"))
        #expect(try documented("ptp") == keys.union(["ipam", "mtu", "ipMasq", "ipMasqBackend"]))
    }

    @Test func bandwidth() throws {
        let limits = ["ingressRate", "ingressBurst", "egressRate", "egressBurst"]
        #expect(try documented("bandwidth") == Set(limits).union(read(["Bandwidth/TrafficLimit.swift"])))
    }
}
