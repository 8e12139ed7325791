import Testing

@testable import Diagnosis

/// Commands and answers as they are pasted.
@Suite struct LogTranscriptTests {
    private static func transcript(_ text: String) -> LogTranscript { LogTranscript(LogText(text)) }

    @Test func prompts() {
        let transcript = Self.transcript(
            """
            $ ip route
            default via 10.42.0.1 dev eth0
            / # curl http://10.42.0.9:80
            ok
            root@web-0:/# ping -c1 10.42.0.9
            64 bytes from 10.42.0.9: icmp_seq=1 ttl=64 time=0.1 ms
            w1# uptime
            """)
        #expect(
            transcript.entries.map { String($0.command) } == [
                "ip route", "curl http://10.42.0.9:80", "ping -c1 10.42.0.9", "uptime",
            ])
        #expect(transcript.trials.map(\.outcome) == [.answered, .answered])
        #expect(transcript.trials.map(\.port) == [80, nil])
    }

    @Test func sizes() {
        let sizes = Self.transcript(
            """
            $ ping -M do -s 1372 10.0.0.4
            1380 bytes from 10.0.0.4: icmp_seq=1
            $ ping -M do -s 1472 10.0.0.4
            2 packets transmitted, 0 received, 100% packet loss
            payload 1400 -> 0% loss
            """
        ).sizes
        #expect(sizes.passed.sorted() == [1372, 1400])
        #expect(sizes.lost == [1472])
    }

    @Test(arguments: [
        // As full as may be, and far from it.
        ("net.netfilter.nf_conntrack_count = 65530\nnet.netfilter.nf_conntrack_max = 65536", "SVC-09", true),
        ("net.netfilter.nf_conntrack_count = 1200\nnet.netfilter.nf_conntrack_max = 65536", "SVC-09", false),
        ("cpu=0 found=1 insert_failed=4 drop=900 early_drop=7000", "SVC-09", true),
        ("cpu=0 found=1 insert_failed=311 drop=311 early_drop=0", "DNS-06", true),
        ("cpu=0 found=1 insert_failed=0 drop=0 early_drop=0", "DNS-06", false),
        (
            "Running pods:\nkubectl get pods -o wide\nweb-1 1/1 Running 0 3h 10.4.3.7 w1\njob-2 1/1 Running 0 1m 10.4.3.7 w2",
            "IPM-06", true
        ),
        // Two pods of the host's network.
        (
            "kubectl get pods -o wide\nproxy-1 1/1 Running 0 3h 192.168.4.3 w1\ncni-2 1/1 Running 0 1m 192.168.4.3 w1",
            "IPM-06", false
        ),
        ("TargetPort: 8081/TCP\nss -ltn\nLISTEN 0 128 *:8080 *:*", "SVC-02", true),
        ("TargetPort: 8080/TCP\nss -ltn\nLISTEN 0 128 *:8080 *:*", "SVC-02", false),
    ])
    func whatNumbersShow(_ text: String, _ code: String, _ isShown: Bool) {
        let said = LogReader.causes(of: text)
        #expect((said.first?.code == code) == isShown, "\(said)")
    }

    /// What is ticked off is in order.
    @Test func ticks() {
        let passed = " \u{2713} Checking that cluster CIDRs do not overlap\n \u{2714} no route to host: none"
        let left = LogReader.causes(of: passed)
        #expect(left.isEmpty, "\(left)")
        let failed = LogReader.causes(of: passed + "\nnf_conntrack: table full, dropping packet").map(\.code)
        #expect(failed.first == "SVC-09")
    }

    @Test(arguments: ["", "$", "$ ", "#", "$ ping -s", "$ curl", "$ ip route\n$ ", "payload loss 100%", "cpu=0 drop="])
    func halves(_ text: String) {
        let transcript = Self.transcript(text)
        #expect(transcript.trials.isEmpty)
        #expect(transcript.sizes.lost.isEmpty)
        #expect(transcript.sum(of: "drop") == 0)
    }
}
