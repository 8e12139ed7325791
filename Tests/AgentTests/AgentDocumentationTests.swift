import Addressing
import Fabric
import Foundation
import IPAMKubernetes
import Testing

@testable import Agent

/// The reference pages against the code.
@Suite struct AgentDocumentationTests {
    private static func page(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/reference/\(name).md"), encoding: .utf8)
    }

    @Test func everyKeyOfTheConfigurationIsOnItsPage() throws {
        let lines = try Self.page("configuration").split(separator: "\n").map(String.init)
        let rows = FabricConfiguration.keys.map { "| `\($0.path)` | \($0.type) | \($0.fallback) | \($0.meaning) |" }
        for row in rows { #expect(lines.contains(row), "\(row)") }
        // And nothing more in the tables of keys.
        let tables = lines.prefix { !$0.hasPrefix("## Options of the agent") }.filter { $0.hasPrefix("| `") }
        #expect(tables.count == rows.count)
    }

    @Test func everyMetricIsOnItsPage() throws {
        let metrics = AgentMetrics()
        metrics.count { counts in
            counts.requests[.init(operation: "add", code: 0)] = 1
            counts.requestTimes["add", default: Histogram()].add(1)
        }
        let range = try #require(IPPrefix("10.244.1.0/24"))
        let usage = AddressUsage(pool: "", range: range, total: 256, allocated: 0, cooling: 0, reserved: 2)
        let page = metrics.page(version: "0", node: "n", isReady: false, usage: [usage], endpoints: 0)
        let types = try MetricsText(parsing: page).types
        let documented = try Self.page("agent-metrics").matches(of: /\n\| `(poplin_[a-z_]+)` \| ([a-z]+) \|/)
            .reduce(into: [String: String]()) { $0[String($1.1)] = String($1.2) }
        #expect(documented == types)
    }
}
