import CNI
import Foundation
import JSONTree
import Testing

@testable import CNIRuntime

struct ResultCacheTests {
    static let attachment = RuntimeAttachment(
        containerID: "pod-1", networkNamespace: "/run/netns/x", interfaceName: "eth0",
        arguments: [.init("IgnoreUnknown", "1"), .init("IP", "10.0.0.7")],
        capabilityArguments: [JSONMember("mac", "02:00:00:00:00:01")])
    static let key = attachment.attachment

    @Test func theFileIsLibcnis() throws {
        let scratch = Scratch()
        let cache = ResultCache("\(scratch.path)/cni")
        let result = try CNIResult(
            decoding: JSONTree(parsing: #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.7/24"}]}"#).root,
            assuming: .v100)
        try cache.store(
            ResultCache.Entry(
                network: "net", attachment: Self.attachment, configuration: Array(#"{"name":"net"}"#.utf8),
                result: result, version: .v100, notes: [JSONMember("poplinNetns", "mine")]))
        #expect(
            scratch.text("cni/results/net-pod-1-eth0")
                == #"{"kind":"cniCacheV1","containerId":"pod-1","config":"eyJuYW1lIjoibmV0In0=","ifName":"eth0","#
                + #""networkName":"net","netns":"/run/netns/x","cniArgs":[["IgnoreUnknown","1"],["IP","10.0.0.7"]],"#
                + #""capabilityArgs":{"mac":"02:00:00:00:00:01"},"#
                + #""result":{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.7/24"}]},"poplinNetns":"mine"}"#)
        #expect(scratch.mode("cni/results") == 0o700)
        #expect(scratch.mode("cni/results/net-pod-1-eth0") == 0o600)
        #expect(scratch.names("cni/results") == ["net-pod-1-eth0"])

        let found = try cache.entries(network: "net").first
        #expect(found?.attachment == Self.attachment)
        #expect(found?.result == result)
        #expect(found?.version == .v100)
        #expect(found?.configuration == Array(#"{"name":"net"}"#.utf8))
        #expect(found?.notes == [JSONMember("poplinNetns", "mine")])
        #expect(try cache.entries(network: "ne").isEmpty)

        try cache.remove(network: "net", Self.key)
        try cache.remove(network: "net", Self.key)
        guard case .nothing = try cache.answer(network: "net", Self.key) else {
            Issue.record("still there")
            return
        }
    }

    @Test func libcnisFilesAreRead() throws {
        let scratch = Scratch()
        // As libcni v1.1 writes it: sorted keys in maps, no notes.
        scratch.write(
            "results/net-pod-1-eth0",
            #"{"kind":"cniCacheV1","containerId":"pod-1","config":"eyJjbmlWZXJzaW9uIjoiMS4wLjAiLCJuYW1lIjoibmV0Iiwi"#
                + #"cGx1Z2lucyI6W3sidHlwZSI6ImEifV19","ifName":"eth0","networkName":"net","netns":"/run/netns/x","#
                + #""cniArgs":[["K8S_POD_NAME","p"]],"result":{"cniVersion":"1.0.0","dns":{}}}"#)
        let entry = try ResultCache(scratch.path).entries().first
        #expect(entry?.list?.plugins.map(\.type) == ["a"])
        #expect(entry?.attachment.arguments == [.init("K8S_POD_NAME", "p")])
        #expect(entry?.result == CNIResult())
    }

    @Test func theOlderFormatIsTheBareResult() throws {
        let scratch = Scratch()
        scratch.write("results/net-pod-1-eth0", #"{"cniVersion":"0.4.0","ips":[]}"#)
        let cache = ResultCache(scratch.path)
        guard case .found(let entry) = try cache.answer(network: "net", Self.key) else {
            Issue.record("not found")
            return
        }
        #expect(entry.result == CNIResult())
        #expect(entry.version == .v040)
        #expect(entry.list == nil)
        // Without a question the file name cannot be taken apart.
        #expect(try cache.entries().isEmpty)
    }

    @Test(arguments: ["", "{", #"{"kind":"cniCacheV1","conta"#, #"{"kind":"cniCacheV9"}"#, "[]", "{}"])
    func aTornFileIsToldApartFromNone(_ text: String) throws {
        let scratch = Scratch()
        scratch.write("results/net-pod-1-eth0", text)
        let cache = ResultCache(scratch.path)
        guard case .unreadable(let path) = try cache.answer(network: "net", Self.key) else {
            Issue.record("not unreadable")
            return
        }
        #expect(path == "\(scratch.path)/results/net-pod-1-eth0")
        #expect(try cache.all().unreadable == [path])
    }

    @Test func namesThatRunTogetherAreToldApart() throws {
        let scratch = Scratch()
        let cache = ResultCache(scratch.path)
        let other = RuntimeAttachment(containerID: "c", networkNamespace: "", interfaceName: "eth0")
        try cache.store(
            ResultCache.Entry(network: "a-b", attachment: other, configuration: [], result: nil, version: .v100))
        let mine = CNIAttachment(containerID: "b-c", interfaceName: "eth0")
        guard case .foreign(let found, _) = try cache.answer(network: "a", mine) else {
            Issue.record("not foreign")
            return
        }
        #expect(found.network == "a-b")
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64FollowsRFC4648Section10(_ plain: String, _ encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v=", "Z-8=", "=Zg="])
    func whatIsNoBase64IsRefused(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test func base64OfAnyBytesComesBack() {
        for count in 0..<64 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}
