import Testing

@testable import Diagnosis

/// What works and what does not, in people's own sentences.
@Suite struct LogAccountTests {
    @Test(arguments: [
        (
            "the app reaches the pods' addresses but not the service", LogAccount.Matter.podAddress,
            LogAccount.Matter.service
        ),
        ("curl on localhost is fine, from another pod it is refused", .loopback, .podAddress),
        ("internal names resolve while external ones fail", .inner, .outer),
        ("pods on the same host see each other, pods on different hosts do not", .sameNode, .otherNode),
        ("existing pods run, new pods never start", .oldPods, .newPods),
        ("small answers arrive although large uploads hang", .small, .large),
    ])
    func bothHalves(_ text: String, _ works: LogAccount.Matter, _ fails: LogAccount.Matter) {
        let account = LogAccount(LogText(text).normal)
        #expect(account.works.contains(works), "\(account)")
        #expect(account.fails.contains(fails), "\(account)")
    }

    /// A clause without a subject of its own is about what the one before it was about.
    @Test func whatTheOthersDo() {
        let account = LogAccount("none of the pods gets out to the internet, the hosts do")
        #expect(account.fails.contains(.outer))
        #expect(account.works.isSuperset(of: [.host, .outer]))
    }

    @Test(arguments: [
        "everything works since the upgrade", "all nodes are ready again and traffic flows as it did before",
        "the service is reachable from every node and it works without any problem",
    ])
    func goodNews(_ text: String) {
        #expect(LogAccount(LogText(text).normal).isContent)
        let said = LogReader.answer(to: text)
        #expect(said.isEmpty, "\(said)")
    }

    /// What should not work and does is no good news.
    @Test(arguments: [
        "the policy is applied but every pod still reaches the database, which works fine",
        "it only works after I restart the agent", "works on one node, not on the others",
    ])
    func noGoodNews(_ text: String) { #expect(!LogAccount(LogText(text).normal).isContent) }

    /// The same mechanism in words that no rule was written from.
    @Test(arguments: [
        ("Our jobs get to a backend's own address without trouble, its service never answers", "SVC-03"),
        ("replicas on one machine find each other, between two machines nothing arrives", "RTE-01"),
        ("containers do not get out to the public web while traffic between pods is okay", "RTE-14"),
        ("it replies on 127.0.0.1 in the container, other pods are turned away", "SVC-06"),
        ("tiny requests complete, a bulk download freezes", "MTU-01"),
        ("in-cluster names resolve at once, public names end in SERVFAIL", "DNS-04"),
    ])
    func matrix(_ text: String, _ code: String) {
        let said = LogReader.causes(of: text).map(\.code)
        #expect(said.first == code, "\(said)")
    }

    @Test func severalThousandWords() {
        let account = LogAccount(String(repeating: "pods cannot reach, ", count: 5_000))
        #expect(account.complaints == 5_000)
    }
}
