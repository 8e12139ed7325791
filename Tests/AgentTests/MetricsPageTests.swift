import Addressing
import IPAMKubernetes
import Testing

@testable import Agent

/// A reader of Prometheus' text format as its documentation has it: what the page must be readable by.
struct MetricsText {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    var types: [String: String] = [:]
    var help: [String: String] = [:]
    var samples: [Sample] = []

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init(parsing text: String) throws {
        guard text.hasSuffix("\n") else { throw Failure(description: "the last line has no end") }
        var family = ""
        var finished: Set<String> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if line.hasPrefix("# ") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                guard words.count == 4 else { throw Failure(description: "\(line)") }
                if words[2] != family {
                    finished.insert(family)
                    family = words[2]
                    guard !finished.contains(family) else { throw Failure(description: "\(family) comes twice") }
                }
                if words[1] == "HELP" { help[words[2]] = words[3] }
                if words[1] == "TYPE" { types[words[2]] = words[3] }
                continue
            }
            let sample = try Self.sample(String(line))
            let suffixes = types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
            guard suffixes.contains(where: { sample.name == family + $0 }) else {
                throw Failure(description: "\(sample.name) stands under \(family)")
            }
            guard samples.allSatisfy({ $0.name != sample.name || $0.labels != sample.labels }) else {
                throw Failure(description: "twice: \(line)")
            }
            samples.append(sample)
        }
    }

    private static func sample(_ line: String) throws -> Sample {
        guard let match = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/),
            let value = match.3 == "+Inf" ? .infinity : Double(match.3)
        else { throw Failure(description: line) }
        var labels: [String: String] = [:]
        var rest = match.2.map(String.init) ?? ""
        while !rest.isEmpty {
            guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/) else {
                throw Failure(description: rest)
            }
            let text = String(label.2).replacing(/\\(.)/) { $0.1 == "n" ? "\n" : String($0.1) }
            labels[String(label.1)] = text
            rest = String(rest[label.range.upperBound...])
        }
        return Sample(name: String(match.1), labels: labels, value: value)
    }

    subscript(_ name: String, _ labels: [String: String]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }
}

@Suite struct MetricsPageTests {
    @Test func thePageIsReadableAndComplete() throws {
        let metrics = AgentMetrics()
        metrics.count { counts in
            counts.requests[.init(operation: "add", code: 0)] = 3
            counts.requests[.init(operation: "add", code: 101)] = 1
            for seconds in [0.0005, 0.004, 0.3, 100] {
                counts.requestTimes["add", default: Histogram()].add(seconds)
            }
            counts.nodesRouted = 2
        }
        let range = try #require(IPPrefix("10.244.1.0/24"))
        let usage = AddressUsage(pool: "a \"b\"\\\n", range: range, total: 256, allocated: 3, cooling: 1, reserved: 2)
        let page = metrics.page(version: "0.1.0", node: "n1", isReady: true, usage: [usage], endpoints: 3)
        let text = try MetricsText(parsing: page)
        #expect(text["poplin_agent_info", ["version": "0.1.0", "node": "n1"]] == 1)
        #expect(text["poplin_agent_requests_total", ["operation": "add", "code": "0"]] == 3)
        #expect(text["poplin_agent_requests_total", ["operation": "add", "code": "101"]] == 1)
        let free = ["pool": "a \"b\"\\\n", "range": "10.244.1.0/24", "state": "free"]
        #expect(text["poplin_ipam_addresses", free] == 250)
        #expect(text["poplin_agent_request_seconds_bucket", ["operation": "add", "le": "0.005"]] == 2)
        #expect(text["poplin_agent_request_seconds_bucket", ["operation": "add", "le": "60"]] == 3)
        #expect(text["poplin_agent_request_seconds_bucket", ["operation": "add", "le": "+Inf"]] == 4)
        #expect(text["poplin_agent_request_seconds_count", ["operation": "add"]] == 4)
        #expect(text.types["poplin_agent_request_seconds"] == "histogram")
        for name in text.types.keys {
            #expect(text.help[name] != nil, "\(name) has no help")
            #expect(name.hasPrefix("poplin_"))
            #expect(text.types[name] != "counter" || name.hasSuffix("_total"), "\(name)")
        }
    }
}

@Suite struct AgentReadinessTests {
    @Test func pathIsReadyWhenEveryPartIs() {
        let readiness = AgentReadiness()
        #expect(readiness.obstacle == "fabric: not looked at yet")
        readiness.set(.fabric, .ready)
        readiness.set(.addresses, .waiting("Node n1 has no spec.podCIDRs"))
        #expect(readiness.obstacle == "addresses: Node n1 has no spec.podCIDRs")
        readiness.set(.addresses, .ready)
        #expect(readiness.obstacle == nil && !readiness.isReady)
        readiness.set(.conflist, .impaired("a runtime takes 00-other.conflist before it"))
        #expect(readiness.isReady)
        #expect(readiness.report(isVerbose: false) == "ok")
        readiness.set(.configuration, .waiting("changed and not in force until the agent is started again: ipam.mode"))
        // Without the API server the agent goes on.
        #expect(
            readiness.report(isVerbose: true) == """
                [+]fabric ok
                [+]addresses ok
                [+]conflist impaired: a runtime takes 00-other.conflist before it
                [+]api not reached: not looked at yet
                [+]configuration not in force: changed and not in force until the agent is started again: ipam.mode
                readyz check passed
                """)
    }

    @Test func manyReasonsMakeOnePass() async {
        let reasons = PassReasons()
        for _ in 0..<10 { reasons.add(.nodes) }
        reasons.add(.kernel)
        reasons.add(.node("b"))
        var iterator = reasons.signals.makeAsyncIterator()
        _ = await iterator.next()
        let first = reasons.take()
        #expect(first.looksAtKernel && first.onlyNodes == nil)
        reasons.add(.node("b"))
        reasons.add(.node("c"))
        reasons.add(.node("b"))
        _ = await iterator.next()
        let second = reasons.take()
        #expect(!second.looksAtKernel && second.onlyNodes == ["b", "c"])
        reasons.add(.nodes)
        reasons.add(.node("b"))
        _ = await iterator.next()
        let third = reasons.take()
        #expect(!third.looksAtKernel && third.onlyNodes == nil)
    }
}
