import JSONTree
import LinuxHost
import Testing

@testable import Workloads

@Suite("Workloads: what their words mean, and what they answer")
struct WorkloadTests {
    @Test("words become workloads")
    func parsing() throws {
        var http = Workload.HTTPSettings()
        (http.port, http.server) = (80, "nginx")
        #expect(try Workload(parsing: ["http", "--server", "nginx", "--port=80"]) == .http(http))
        #expect(try Workload(parsing: ["pause"]) == .sleep(nil))
        #expect(try Workload(parsing: ["sleep", "1.5"]) == .sleep(1.5))
        var echo = Workload.EchoSettings()
        (echo.tcp, echo.udp) = ([7], [7])
        #expect(try Workload(parsing: ["echo"]) == .echo(echo))
        guard case .http(let netexec) = try Workload(parsing: ["agnhost", "netexec", "--http-port", "9000"]) else {
            Issue.record("netexec is an HTTP server")
            return
        }
        #expect(netexec.port == 9000)
        #expect(netexec.udpPort == 8081)
        guard
            case .client(let client) = try Workload(parsing: [
                "client", "udp://[fd00::1]:7", "tcp://web:80", "--interval", "500us", "--count=3",
            ])
        else {
            Issue.record("a client")
            return
        }
        #expect(client.targets.map(\.description) == ["udp://[fd00::1]:7", "tcp://web:80"])
        #expect(client.interval == 500_000)
        #expect(client.count == 3)
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            [], ["teapot"], ["http", "--port", "x"], ["http", "--port"], ["client"], ["client", "web:80"],
            ["client", "udp://web:7", "--interval", "soon"], ["agnhost", "liveness"], ["pause", "more"],
            ["sleep", "-1"],
        ])
    func mistakes(words: [String]) {
        #expect(throws: Workload.Mistake.self) { try Workload(parsing: words) }
    }

    private func reply(
        _ target: String, server: String = "", accepts: String = "*/*", hostNameOnly: Bool = false
    ) -> HTTPReply {
        var settings = Workload.HTTPSettings()
        settings.server = server
        settings.isHostNameOnly = hostNameOnly
        var here = Whereabouts(Environment())
        (here.pod, here.namespace, here.node, here.addresses) = ("web-1", "shop", "node-2", ["10.244.2.9"])
        return HTTPReply(
            settings, here, method: "GET", target: target, host: "web", peer: "10.244.1.5:4000", accepts: accepts)
    }

    @Test("it says who and where it is, as text and as JSON")
    func whereabouts() throws {
        let text = reply("/").body
        #expect(text.contains("pod: web-1\n"))
        #expect(text.contains("node: node-2\n"))
        #expect(text.contains("peer: 10.244.1.5:4000\n"))
        let json = try JSONTree(parsing: reply("/?format=json").body).root
        #expect(json.member("addresses")?.elements.compactMap(\.string) == ["10.244.2.9"])
        #expect(json.at("request", "target")?.string == "/?format=json")
    }

    @Test("the stand-ins answer as the servers they stand for")
    func standIns() {
        #expect(reply("/", server: "nginx").body.contains("Welcome to nginx!"))
        #expect(reply("/", server: "httpd").body.contains("It works!"))
        #expect(reply("/nothing", server: "nginx").status == 404)
        #expect(reply("/hostname").body == "web-1")
        #expect(reply("/anything", hostNameOnly: true).body == "web-1")
        #expect(reply("/echo?msg=a%20b+c").body == "a b c")
        #expect(reply("/clientip").body == "10.244.1.5:4000")
        #expect(reply("/exit?code=3").exitCode == 3)
    }

    @Test("probes are counted: answers, losses, gaps, breaks")
    func ledger() throws {
        var ledger = ProbeLedger()
        let first = ledger.send(at: 1000)
        let second = ledger.send(at: 2000)
        let third = ledger.send(at: 3000)
        ledger.answer(first, at: 1500)
        ledger.answer(first, at: 1600)
        ledger.answer(third, at: 9500)
        #expect(ledger.answered == 2)
        #expect(ledger.longestGap == 8000)
        ledger.expire(at: 2500, timeout: 1000)
        #expect(ledger.lost == 0)
        ledger.expire(at: 3000, timeout: 1000)
        #expect(ledger.lost == 1)
        ledger.answer(second, at: 3001)
        #expect(ledger.answered == 2)
        _ = ledger.send(at: 10_000)
        ledger.broke()
        // One that the sender had no room for was never sent.
        ledger.withdraw(ledger.send(at: 10_000))
        #expect((ledger.sent, ledger.lost, ledger.breaks) == (4, 2, 1))
        #expect(ledger.isSettled)
        let target = try ClientSettings.Target("udp://10.0.0.1:7")
        #expect(ledger.line(target).hasPrefix("udp://10.0.0.1:7 sent 4 answered 2 lost 2 breaks 1 longest-gap 0.008"))
    }
}
