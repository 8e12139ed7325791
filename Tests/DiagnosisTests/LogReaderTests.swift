import Foundation
import JSONTree
import Testing

@testable import Diagnosis

/// What is read out of messages: labelled cases, wrappings that change nothing, and lines that mean nothing.
@Suite struct LogReaderTests {
    private static func lines(_ name: String) -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/diagnosis/\(name)")
        return (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
    }

    /// Messages with the cause that somebody found, and how many there are at least: own wordings, messages of public
    /// threads and of other components, and a later set that no rule was written after.
    @Test(arguments: [
        ("cases.jsonl", 70), ("heldout.jsonl", 150), ("heldout-second.jsonl", 60), ("heldout-third.jsonl", 200),
        ("heldout-fourth.jsonl", 60), ("heldout-fifth.jsonl", 60), ("heldout-sixth.jsonl", 60),
        ("heldout-seventh.jsonl", 150), ("heldout-eighth.jsonl", 80), ("heldout-ninth.jsonl", 70),
        ("heldout-tenth.jsonl", 55), ("heldout-eleventh.jsonl", 55), ("heldout-twelfth.jsonl", 35),
        ("heldout-thirteenth.jsonl", 140), ("heldout-fifteenth.jsonl", 60),
        ("heldout-fourteenth.jsonl", 170), ("heldout-sixteenth.jsonl", 75), ("heldout-eighteenth.jsonl", 65),
        ("heldout-twentieth.jsonl", 55), ("heldout-twenty-second.jsonl", 40),
        ("heldout-seventeenth.jsonl", 80), ("heldout-nineteenth.jsonl", 70),
        ("heldout-twentyfirst.jsonl", 65), ("heldout-twentythird.jsonl", 60),
        ("heldout-twentyfifth.jsonl", 100), ("heldout-twentyseventh.jsonl", 60),
        ("heldout-twenty-fourth.jsonl", 80), ("heldout-twenty-sixth.jsonl", 60), ("heldout-twenty-eighth.jsonl", 55),
        ("heldout-twentyninth.jsonl", 50), ("heldout-thirtyfirst.jsonl", 50),
        ("heldout-thirtythird.jsonl", 120), ("heldout-thirtysixth.jsonl", 80), ("heldout-thirtyseventh.jsonl", 215),
    ])
    func labelledCases(_ file: String, _ count: Int) {
        let cases = Self.lines(file).compactMap { line in
            (try? JSONTree(parsing: Array(line.utf8)).root).flatMap { LogScore.Case($0) }
        }
        let score = LogScore(cases)
        print(
            "\(file): contains \(score.contained)/\(score.cases), first \(score.first)/\(score.deciding),",
            "confidently wrong \(score.confidentlyWrong)")
        for miss in score.misses { print("  \(miss.name): wanted \(miss.wanted), said \(miss.said)") }
        #expect(score.cases >= count)
        let misses = score.misses.map { "\($0.name): wanted \($0.wanted), said \($0.said)" }
        #expect(score.contained * 100 >= score.cases * 95, "\(misses)")
        #expect(score.first * 100 >= score.deciding * 90, "\(misses)")
        #expect(score.confidentlyWrong * 100 <= score.cases, "\(misses)")
    }

    /// Messages in reports that turned out to be usual, or to have another cause than any of the catalogue: they leave
    /// nothing certain.
    @Test(arguments: [
        ("heldout-seventh.jsonl", 25), ("heldout-eighth.jsonl", 15), ("heldout-ninth.jsonl", 20),
        ("heldout-tenth.jsonl", 10), ("heldout-eleventh.jsonl", 8), ("heldout-twelfth.jsonl", 8),
        ("heldout-thirteenth.jsonl", 30), ("heldout-fifteenth.jsonl", 15),
        ("heldout-fourteenth.jsonl", 30), ("heldout-sixteenth.jsonl", 15), ("heldout-eighteenth.jsonl", 10),
        ("heldout-twentieth.jsonl", 12), ("heldout-twenty-second.jsonl", 10),
        ("heldout-seventeenth.jsonl", 20), ("heldout-nineteenth.jsonl", 18),
        ("heldout-twentyfirst.jsonl", 15), ("heldout-twentythird.jsonl", 12),
    ])
    func messagesWithoutACause(_ file: String, _ count: Int) {
        let usual = Self.lines(file).compactMap { line -> String? in
            guard let case_ = try? JSONTree(parsing: Array(line.utf8)).root, case_.member("cause")?.string == nil else {
                return nil
            }
            return case_.member("lines")?.elements.compactMap(\.string).joined(separator: "\n")
        }
        #expect(usual.count >= count)
        for message in usual {
            let certain = LogReader.causes(of: message).filter { $0.confidence == .certain }.map(\.code)
            #expect(certain.isEmpty, "\(certain): \(message)")
        }
    }

    /// Applications, registries, shells and kernels use the words of this field too.
    @Test(arguments: [
        "Failed to pull image \"x\": unauthorized: authentication required", "HTTP Error 401: Unauthorized",
        "OIDC: failed to verify ID token: verifier: invalid signature", "write /data/x: disk quota exceeded",
        "java.lang.RuntimeException: infinite loop detected in state machine", "resolver: dns request took 15s",
        "leaderelection: attempting to acquire leader lease; waiting to become leader",
        "deploying to staging subnet failed: validation error", "tar: setting xattr: Operation not supported",
        "OCI runtime create failed: starting container process caused: exec: \"/app/run.sh\": stat /app/run.sh: no such file or directory: unknown",
        "AccessDenied: User: arn:aws:sts::1:assumed-role/app is not authorized to perform: s3:GetObject",
        "pods \"web-1\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found",
        "connection pool is disabled", "node pool \"gpu\" does not match any selector",
        "accept4: too many open files", "Setting externalTrafficPolicy to Local for service shop/edge",
        "4: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default",
        "create cali40all-ipam-pools hash:net family inet hashsize 1024 maxelem 1048576 set ",
        "open /run/systemd/resolve/resolv.conf: no such file or directory", "thread pool exhausted",
        "dial tcp: lookup shop.example on 10.96.0.10:53: read udp 10.244.1.7:40021->10.96.0.10:53: i/o timeout",
        "Container app exited with code 137: OOMKilled", "[INFO] plugin/ready: Still waiting on: \"kubernetes\"",
    ])
    func wordsOfOthers(_ message: String) {
        let certain = LogReader.causes(of: message).filter { $0.confidence == .certain }.map(\.code)
        #expect(certain.isEmpty)
    }

    /// The same message through kubelet, an event and JSON.
    @Test(arguments: [
        "%@", "E0931 02:11:54.1 kubelet.go:2855] \"Container runtime network not ready\" err=\"%@\"",
        "Warning  FailedCreatePodSandBox  3s (x4 over 9s)  kubelet  Failed to create pod sandbox: rpc error: code = Unknown desc = %@",
        "{\"level\":\"error\",\"msg\":\"%@\"}",
    ])
    func wrappingsChangeNothing(_ wrapping: String) {
        let message = "plugin type=\"bridge\" failed (add): failed to find plugin \"portmap\" in path [/opt/cni/bin]"
        for text in [message, message.replacing("\"", with: "\\\""), message.uppercased()] {
            let said = LogReader.causes(of: wrapping.replacing("%@", with: text))
            #expect(said.first?.code == "INS-03", "\(text): \(said)")
        }
    }

    @Test(arguments: [
        "Started container web", "Successfully assigned shop/web-0 to node-3",
        "level=info msg=\"Initialised CNI configuration\"", "GET /healthz 200 1ms", "", "   \n ",
        "Pulling image \"nginx:1.27\"", "Node node-3 status is now: NodeReady",
    ])
    func whatMeansNothing(_ line: String) {
        let said = LogReader.causes(of: line)
        #expect(said.isEmpty, "\(said)")
    }

    /// What agents, runtimes and kernels write on a good day.
    @Test func ordinaryLines() {
        let ordinary = Self.lines("ordinary.txt") + Self.lines("ordinary-third.txt")
        #expect(ordinary.count >= 100)
        let read = ordinary.map { (line: $0, said: LogReader.causes(of: $0).map(\.code)) }
        for (line, said) in read where !said.isEmpty { Issue.record("\(said): \(line)") }
    }

    /// Lines that several causes can lie behind leave nothing certain.
    @Test func openLines() {
        let open = Self.lines("open.txt")
        #expect(open.count >= 15)
        for line in open {
            let certain = LogReader.causes(of: line).filter { $0.confidence == .certain }.map(\.code)
            #expect(certain.isEmpty, "\(certain): \(line)")
        }
    }

    /// Two mechanisms in one text, of which neither explains the other, leave nothing certain.
    @Test func twoCertaintiesAreNone() {
        let said = LogReader.causes(of: "arp_cache: neighbor table overflow!\nText file busy")
        #expect(Set(said.map(\.code)).isSuperset(of: ["NOD-03", "INS-04"]))
        #expect(said.allSatisfy { $0.confidence < .certain })
    }

    /// What a program itself calls harmless, or writes for its developers, is never sure.
    @Test(arguments: [
        "Failed to load kernel module ip_vs_sh with modprobe. You can ignore this message in a container.",
        "level=debug msg=\"open /host/opt/cni/bin/portmap: text file busy\"",
    ])
    func harmlessMessages(_ line: String) {
        let said = LogReader.causes(of: line)
        #expect(!said.isEmpty && said.allSatisfy { $0.confidence == .possible }, "\(said)")
    }

    /// What names no mechanism is at least about something; nothing is said beyond possible, and of few causes.
    @Test(arguments: [
        ("bgpd[12]: %BGP something unheard of failed with 10.1.1.1", "BGP-01"),
        ("E0101 proxier.go:1] \"cannot do the new thing with nftables\"", "SVC-10"),
        ("level=error msg=\"datapath: unexpected qdisc\"", "BPF-02"),
        ("level=error msg=\"unable to renew certificate for x\"", "ING-06"),
    ])
    func subjects(_ line: String, _ code: String) {
        let said = LogReader.causes(of: line)
        #expect(said.contains { $0.code == code }, "\(said)")
        #expect(said.count <= 10 && said.allSatisfy { $0.confidence == .possible && !$0.needs.isEmpty }, "\(said)")
    }

    /// What Envoy writes behind the code of an answer.
    @Test(arguments: [
        ("\"GET / HTTP/1.1\" 503 UO \"-\" 0 81", "SVC-13"), ("\"GET / HTTP/2\" 503 UH no_healthy_upstream", "SVC-01"),
        ("{\"response_flags\":\"UF,URX\",\"response_code\":503}", "MSH-02"),
        ("\"GET /x HTTP/1.1\" 404 NR - \"-\"", "MSH-03"),
    ])
    func envoysFlags(_ line: String, _ code: String) {
        let said = LogReader.causes(of: line)
        #expect(said.first?.code == code, "\(said)")
    }

    /// Long, empty and foreign text is read like any other.
    @Test func hostileText() {
        let long = String(repeating: "x fail ", count: 150_000) + "neighbour: arp_cache: neighbor table overflow!"
        #expect(LogReader.causes(of: long).contains { $0.code == "NOD-03" })
        #expect(LogReader.causes(of: "\u{0}\u{0}").isEmpty)
        let invalid = String(decoding: [0xFF, 0xFE, 0x41] + Array("text file busy".utf8) + [0xC3], as: UTF8.self)
        #expect(LogReader.causes(of: invalid).first?.code == "INS-04")
    }

    @Test func aCauseIsBeforeItsConsequence() {
        let said = LogReader.causes(
            of:
                "cni plugin not initialized: error parsing configuration list /etc/cni/net.d/10-a.conflist: unexpected end of JSON input"
        )
        #expect(said.first?.code == "CFG-02" && said.first?.confidence == .certain, "\(said)")
        #expect(said.contains { $0.code == "CFG-01" && $0.confidence < .certain })
    }
}
