import Diagnosis
import JSONTree
import Testing

@testable import Bundles

/// What people copy out of a terminal: which lines are typed, where, and what an answer that was cut says with its command.
@Suite struct TranscriptTests {
    @Test(arguments: [
        ("sudo -E ip route", nil, "ip route"),
        ("time curl -s http://10.0.0.1", nil, "curl -s http://10.0.0.1"),
        ("ssh -p 2222 root@node-7 iptables-save -t nat", "node-7", "iptables-save -t nat"),
        ("ssh node-7 'sudo ip route'", "node-7", "ip route"),
        ("docker exec -it kind-worker ip -d addr", "kind-worker", "ip -d addr"),
        ("oc debug node/node-7 -- chroot /host ss -ltn", "node-7", "ss -ltn"),
        ("LANG=C kubectl get pods", nil, "kubectl get pods"),
        ("kubectl debug -it cart-1 --image=busybox", nil, "kubectl debug -it cart-1 --image=busybox"),
    ])
    func whatRunsAnotherProgramIsLeftOut(_ typed: String, _ host: String?, _ words: String) {
        let command = TypedCommand(typed[...])
        #expect(command.host == host && command.words == words)
    }

    @Test func aPromptThatIsKnownTellsEveryCommandBehindIt() throws {
        let text = """
            root@node-7:~# ip route
            default via 10.0.0.1 dev eth0
            root@node-7:~# grep -c processor /proc/cpuinfo
            4
            $ kubectl get nodes
            NAME     STATUS   ROLES    AGE   VERSION
            node-7   Ready    <none>   5d    v1.33.4
            # a comment that is none of it
            """
        let answers = try #require(Transcript(text)).answers
        #expect(answers.map(\.command) == ["ip route", "grep -c processor /proc/cpuinfo", "kubectl get nodes"])
        #expect(answers.map(\.host) == ["node-7", "node-7", nil])
        #expect(answers[2].text.contains("a comment"))
    }

    @Test func aShareIsNoPrompt() {
        #expect(Transcript("load is at 93 % cat says\n") == nil)
        #expect(Transcript("me@mac ~ % kubectl get pods\nNo resources found\n")?.answers.count == 1)
    }

    @Test(arguments: [
        ("ip netns exec cni-1 ip route", Transcript.Answer.Place.unknown),
        ("kubectl exec deploy/cart -- ip route", .unknown),
        ("kubectl run t --rm -it --image=busybox -- ip route", .unknown),
        ("kubectl -n shop exec cart-1 -c app -- ip route", .pod("cart-1", command: "ip route")),
        ("ip route", .machine),
        ("kubectl get pods", .machine),
    ])
    func whoseAnswerItIs(_ command: String, _ place: Transcript.Answer.Place) {
        #expect(Transcript.Answer(host: nil, command: command, text: "").place == place)
    }

    @Test func aCutDescriptionHasTheNameOfItsCommand() throws {
        let events = Transcript.Answer(
            host: nil, command: "kubectl describe pod -n shop cart-1 | tail -5", text: "Events:\n  Warning  BackOff\n")
        #expect(events.wholeText == "Name:  cart-1\nNamespace:  shop\nKind:  Pod\nEvents:\n  Warning  BackOff\n")
        let container = Transcript.Answer(
            host: nil, command: "kubectl describe pod/cart-1", text: "  app:\n    State:  Running\n")
        #expect(container.wholeText?.contains("Containers:\n  app:\n") == true)
        let whole = Transcript.Answer(host: nil, command: "kubectl describe pod cart-1", text: "Name:  cart-1\n")
        #expect(whole.wholeText == nil)
    }

    @Test func namesOfAFolderAreFilesOfIt() throws {
        let answer = Transcript.Answer(host: nil, command: "ls /opt/cni/bin", text: "bridge  host-local\nportmap\n")
        let text = try #require(answer.wholeText)
        let listing = try #require(FolderListing.all(text, named: "ls.txt").first)
        #expect(listing.folder == "/opt/cni/bin")
        #expect(listing.lines.map(\.name) == ["bridge", "host-local", "portmap"])
    }

    @Test func columnsOfOnesOwnAreFields() throws {
        let command = #"kubectl get nodes -o custom-columns=NAME:.metadata.name,T:.metadata.labels.kubernetes\.io/arch"#
        let bytes = try #require(CustomColumns.objects(command, "NAME   T\na      amd64\nb      <none>\n", in: nil))
        let items = try JSONTree(parsing: bytes).root.member("items")?.elements.map { $0 } ?? []
        #expect(items.compactMap { $0.at("metadata", "name")?.string } == ["a", "b"])
        #expect(items.first?.at("metadata", "labels", "kubernetes.io/arch")?.string == "amd64")
        #expect(items.last?.at("metadata", "labels") == nil)
        #expect(CustomColumns.objects(command, "NAME   T\na\n", in: nil) == nil)
    }

    @Test func devicesThatWereAskedForOneByOneAreOneList() throws {
        let first = "2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default\n"
        let second = "3: cni0: <BROADCAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP mode DEFAULT group default\n"
        let again = first + "    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
        let links = try JSONTree(parsing: MachineText.links(first + second + again)).root.elements.map { $0 }
        #expect(links.compactMap { $0.member("ifname")?.string } == ["eth0", "cni0"])
        #expect(links.first?.member("address")?.string == "52:54:00:00:00:01")
    }
}
