import JSONTree
import SystemCalls
import Testing

@testable import CNI

@Suite struct CNIErrorTests {
    @Test func everyCodeHasOneRow() {
        let codes = CNIError.Code.table.map(\.code.rawValue)
        #expect(codes == codes.sorted())
        #expect(Set(codes).count == codes.count)
        #expect(!codes.contains(999))
        #expect(codes.allSatisfy { $0 <= 11 || $0 == 50 || $0 == 51 || $0 >= 100 })
        #expect(Set(CNIError.Code.table.map(\.name)).count == codes.count)
        #expect(CNIError.Code.alreadyTaken.name == "already taken")
        #expect(CNIError.Code(rawValue: 999).name == "code 999")
    }

    @Test func theObject() {
        let error = CNIError(.alreadyTaken, "host port 80/tcp is taken", details: "by c1/eth0\nsince boot")
        #expect(
            error.value(version: .v100).text
                == #"{"cniVersion":"1.0.0","code":102,"msg":"host port 80/tcp is taken","details":"by c1/eth0\nsince boot"}"#
        )
        #expect(CNIError(.decoding, "x").value(version: .v110).text == #"{"cniVersion":"1.1.0","code":6,"msg":"x"}"#)
    }

    @Test func objectsOfOtherPluginsAreRead() throws {
        let node = try JSONTree(parsing: #"{"code":999,"msg":"no","details":"d"}"#).root
        #expect(CNIError(decoding: node) == CNIError(CNIError.Code(rawValue: 999), "no", details: "d"))
        for source in ["{}", "[]", "null", #"{"code":0}"#, #"{"cniVersion":"1.0.0","ips":[]}"#] {
            #expect(CNIError(decoding: try JSONTree(parsing: source).root) == nil, "\(source)")
        }
    }

    @Test func refusedPermissionIsToldApart() {
        #expect(CNIError(SystemCallError("setns", .EPERM)).code == .permissionDenied)
        #expect(CNIError(SystemCallError("open", .EACCES, on: "/x")).code == .permissionDenied)
        let error = CNIError(SystemCallError("open", .ENOSPC, on: "/x"), during: "reserve 10.0.0.1")
        #expect(error.code == .kernelRefused)
        #expect(error.message == "reserve 10.0.0.1: open /x: No space left on device (ENOSPC)")
    }

    @Test func joining() {
        #expect(CNIError.joining([]) == nil)
        let one = CNIError(.kernelRefused, "a", details: "d")
        #expect(CNIError.joining([one]) == one)
        let three = CNIError.joining([one, CNIError(.tryAgainLater, "b"), CNIError(.decoding, "c")])
        #expect(three?.code == .kernelRefused)
        #expect(three?.message == "a (and 2 more)")
        #expect(three?.details == "d\nalso: b (code 11)\nalso: c (code 6)")
    }
}
