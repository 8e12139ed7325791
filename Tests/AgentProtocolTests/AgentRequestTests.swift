import Addressing
import Testing

@testable import AgentProtocol

@Suite struct AgentRequestTests {
    private static let attachment = AgentAttachment(containerID: "c1", interfaceName: "eth0")

    private static func everything() -> [AgentRequest] {
        var add = AgentRequest(.add, network: "poplin", attachment: attachment)
        add.networkNamespace = "/run/netns/\u{fc}ber \"c1\""
        add.hostInterface = "pop0123456789ab"
        add.pod = AgentPod(namespace: "shop", name: "web-1", uid: "6f1c")
        add.requestedAddresses = [IPAddress("10.244.1.9"), IPAddress("fd00::9")].compactMap { $0 }
        add.deadlineMilliseconds = 2_500
        var check = AgentRequest(.check, network: "poplin", attachment: attachment)
        check.addresses = [InterfaceAddress("10.244.1.5/32"), InterfaceAddress("fd00::5/128")].compactMap { $0 }
        var garbage = AgentRequest(.collectGarbage, network: "poplin")
        garbage.attachments = [attachment, AgentAttachment(containerID: "c2", interfaceName: "net1")]
        var delete = AgentRequest(.delete, network: "poplin", attachment: attachment)
        delete.pod = AgentPod(namespace: "shop", name: "web-1")
        return [
            add, check, garbage, delete, AgentRequest(.status, network: "poplin"),
            AgentRequest(.collectGarbage, network: "poplin"),
        ]
    }

    @Test(arguments: everything())
    func whatIsWrittenIsRead(_ request: AgentRequest) throws {
        let line = request.line
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let read = try AgentRequest(line: line)
        #expect(read == request)
    }

    /// The wire is what other programs may speak, so it is pinned.
    @Test func theLineIsAsDocumented() {
        var request = AgentRequest(.add, network: "poplin", attachment: Self.attachment)
        request.networkNamespace = "/run/netns/c1"
        request.hostInterface = "pop0123456789ab"
        request.pod = AgentPod(namespace: "shop", name: "web-1", uid: "6f1c")
        let text = String(decoding: request.line, as: UTF8.self)
        #expect(
            text == """
                {"v":1,"op":"add","network":"poplin","containerID":"c1","ifname":"eth0","netns":"/run/netns/c1",\
                "hostInterface":"pop0123456789ab","pod":{"namespace":"shop","name":"web-1","uid":"6f1c"},\
                "deadlineMilliseconds":10000}

                """)
    }

    @Test func keysNobodyKnowsAreLeftAlone() throws {
        let line = #"{"v":1,"op":"status","network":"poplin","since":"2.0","pod":null}"#
        let request = try AgentRequest(line: Array(line.utf8))
        #expect(request == AgentRequest(.status, network: "poplin"))
    }

    @Test(arguments: [
        ("", "line 1"),
        ("[]", "the message must be an object, not an array"),
        (#"{"op":"add"}"#, "v: must be the version"),
        (#"{"v":"1","op":"add"}"#, "v: must be the version"),
        (#"{"v":1}"#, "op: is required"),
        (#"{"v":1,"op":"ADD","network":"n"}"#, #"op: "ADD" is no operation; known are add, del, check, gc, status"#),
        (#"{"v":1,"op":"add"}"#, "network: is required"),
        (#"{"v":1,"op":"add","network":"n","ifname":"eth0"}"#, "containerID: is required"),
        (#"{"v":1,"op":"del","network":"n","containerID":"c"}"#, "ifname: is required"),
        (#"{"v":1,"op":"del","network":"n","containerID":7,"ifname":"e"}"#, "containerID: must be a string"),
        (#"{"v":1,"op":"status","network":"n","pod":{"name":"x"}}"#, "pod.namespace: is required"),
        (#"{"v":1,"op":"status","network":"n","pod":[]}"#, "pod must be an object"),
        (#"{"v":1,"op":"status","network":"n","ips":["10.0.0.300"]}"#, "ips: every element must be an IP address"),
        (#"{"v":1,"op":"status","network":"n","addresses":["10.0.0.3"]}"#, "addresses: every element must be"),
        (#"{"v":1,"op":"gc","network":"n","attachments":[{"ifname":"e"}]}"#, "attachments[0].containerID: is required"),
        (#"{"v":1,"op":"gc","network":"n","attachments":{}}"#, "attachments: must be an array"),
        (#"{"v":1,"op":"status","network":"n","deadlineMilliseconds":0}"#, "deadlineMilliseconds: must be"),
        (#"{"v":1,"op":"status","network":"n","deadlineMilliseconds":1e3}"#, "deadlineMilliseconds: must be"),
    ])
    func whatIsWrongIsNamed(_ line: String, _ expected: String) {
        var message = "it was read"
        do throws(AgentMessageError) { _ = try AgentRequest(line: Array(line.utf8)) } catch { message = "\(error)" }
        #expect(message.contains(expected))
    }

    @Test func anotherVersionIsAnErrorOfItsOwn() {
        var failure: AgentMessageError?
        do throws(AgentMessageError) {
            _ = try AgentRequest(line: Array(#"{"v":2,"op":"frobnicate"}"#.utf8))
        } catch {
            failure = error
        }
        #expect(failure == .version(2))
    }

    /// Whatever comes in is read or refused; what is read says the same when it is written again.
    @Test(arguments: everything())
    func mutatedLinesAreReadOrRefused(_ request: AgentRequest) throws {
        var random = Mutations(seed: UInt64(request.line.count))
        for _ in 0..<2_000 {
            let line = random.mutation(of: request.line)
            guard let read = try? AgentRequest(line: line) else { continue }
            let again = try AgentRequest(line: read.line)
            #expect(again == read)
        }
    }
}

/// Bytes changed, cut, doubled and swapped by a generator that is the same in every run (splitmix64).
struct Mutations {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(below limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }

    mutating func mutation(of line: [UInt8]) -> [UInt8] {
        var line = line
        for _ in 0...next(below: 3) {
            guard line.count > 2 else { return line }
            let place = next(below: line.count - 1)
            switch next(below: 5) {
            case 0: line[place] = UInt8(next(below: 256))
            case 1: line.remove(at: place)
            case 2: line.insert(Array(#"{}[]",:0-\n1"#.utf8)[next(below: 12)], at: place)
            case 3: line.swapAt(place, next(below: line.count))
            default:
                let end = min(line.count, place + next(below: 12))
                line.insert(contentsOf: line[place..<end], at: place)
            }
        }
        return line
    }
}
