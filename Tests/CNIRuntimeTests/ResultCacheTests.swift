import CNI
import Foundation
import JSONTree
import Testing

@testable import CNIRuntime

struct ResultCacheTests {
    static let parameters = AttachmentParameters(
        containerID: "pod-1", networkNamespace: "/run/netns/x", interfaceName: "eth0",
        arguments: [("IgnoreUnknown", "1"), ("IP", "10.0.0.7")], capabilities: ["mac": "02:00:00:00:00:01"])

    @Test func theFileIsLibcnis() throws {
        let scratch = Scratch()
        let cache = ResultCache(directory: "\(scratch.path)/cni")
        try cache.store(
            CachedAttachment(
                network: "net", parameters: Self.parameters, configuration: Array(#"{"name":"net"}"#.utf8),
                result: ["cniVersion": "1.0.0", "ips": []], notes: [JSONMember("poplinNetns", "mine")]))
        #expect(
            scratch.text("cni/results/net-pod-1-eth0")
                == #"{"kind":"cniCacheV1","containerId":"pod-1","config":"eyJuYW1lIjoibmV0In0=","ifName":"eth0","#
                + #""networkName":"net","netns":"/run/netns/x","cniArgs":[["IgnoreUnknown","1"],["IP","10.0.0.7"]],"#
                + #""capabilityArgs":{"mac":"02:00:00:00:00:01"},"result":{"cniVersion":"1.0.0","ips":[]},"#
                + #""poplinNetns":"mine"}"#)
        #expect(scratch.mode("cni/results") == 0o700)
        #expect(scratch.mode("cni/results/net-pod-1-eth0") == 0o600)
        #expect(scratch.names("cni/results") == ["net-pod-1-eth0"])

        let found = try cache.entry(network: "net", Self.parameters.attachment).attachment
        #expect(found?.parameters.argumentText == "IgnoreUnknown=1;IP=10.0.0.7")
        #expect(found?.parameters.networkNamespace == "/run/netns/x")
        #expect(found?.parameters.capabilities == ["mac": "02:00:00:00:00:01"])
        #expect(found?.result == ["cniVersion": "1.0.0", "ips": []])
        #expect(found?.configuration == Array(#"{"name":"net"}"#.utf8))
        #expect(found?.notes == [JSONMember("poplinNetns", "mine")])

        try cache.remove(network: "net", Self.parameters.attachment)
        try cache.remove(network: "net", Self.parameters.attachment)
        guard case .none = try cache.entry(network: "net", Self.parameters.attachment) else {
            Issue.record("still there")
            return
        }
    }

    @Test func theOlderFormatIsTheBareResult() throws {
        let scratch = Scratch()
        scratch.write("results/net-pod-1-eth0", #"{"cniVersion":"0.4.0","ips":[]}"#)
        let entry = try ResultCache(directory: scratch.path).entry(network: "net", Self.parameters.attachment)
        #expect(entry.attachment?.result == ["cniVersion": "0.4.0", "ips": []])
        #expect(entry.attachment?.list == nil)
    }

    @Test(arguments: ["", "{", #"{"kind":"cniCacheV1","conta"#, #"{"kind":"cniCacheV9"}"#, "[]", "{}"])
    func aTornFileIsToldApartFromNone(_ text: String) throws {
        let scratch = Scratch()
        scratch.write("results/net-pod-1-eth0", text)
        let cache = ResultCache(directory: scratch.path)
        guard case .unreadable(let path) = try cache.entry(network: "net", Self.parameters.attachment) else {
            Issue.record("not unreadable")
            return
        }
        #expect(path == "\(scratch.path)/results/net-pod-1-eth0")
        #expect(try cache.all().unreadable == [path])
    }

    @Test func namesThatRunTogetherAreToldApart() throws {
        let scratch = Scratch()
        let cache = ResultCache(directory: scratch.path)
        let other = AttachmentParameters(containerID: "c", networkNamespace: "", interfaceName: "eth0")
        try cache.store(CachedAttachment(network: "a-b", parameters: other, configuration: [], result: nil))
        let mine = CNIAttachment(containerID: "b-c", interfaceName: "eth0")
        guard case .foreign(let found, _) = try cache.entry(network: "a", mine) else {
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
