import JSONTree
import Testing

@testable import KubernetesServer

@Suite struct ObjectBytesTests {
    @Test(arguments: [
        (#"{}"#, #"{"metadata":{"resourceVersion":"7"}}"#),
        (#" { } "#, #" {"metadata":{"resourceVersion":"7"} } "#),
        (#"{"a":1}"#, #"{"metadata":{"resourceVersion":"7"},"a":1}"#),
        (#"{"metadata":{}}"#, #"{"metadata":{"resourceVersion":"7"}}"#),
        (#"{"metadata":{"name":"a"}}"#, #"{"metadata":{"resourceVersion":"7","name":"a"}}"#),
        (
            #"{"metadata":{"labels":{"resourceVersion":"no"},"resourceVersion":"1","z":[{"resourceVersion":"2"}]}}"#,
            #"{"metadata":{"labels":{"resourceVersion":"no"},"resourceVersion":"7","z":[{"resourceVersion":"2"}]}}"#
        ),
        (
            #"{"x":{"metadata":{"resourceVersion":"1"}},"metadata":{"resourceVersion":""}}"#,
            #"{"x":{"metadata":{"resourceVersion":"1"}},"metadata":{"resourceVersion":"7"}}"#
        ),
        (
            #"{"s":"}\"{\\","metadata" : { "resourceVersion" : "1" } }"#,
            #"{"s":"}\"{\\","metadata" : { "resourceVersion" : "7" } }"#
        ),
        (#"{"metadata":{"resourceVersion":null,"x":1}}"#, #"{"metadata":{"resourceVersion":"7","x":1}}"#),
        (#"{"metadata":{"resourceVersion":12}}"#, #"{"metadata":{"resourceVersion":"7"}}"#),
    ])
    func theVersionIsWrittenAndNothingElse(before: String, after: String) {
        let result = ObjectBytes.settingResourceVersion(7, in: Array(before.utf8))
        #expect(String(decoding: result, as: UTF8.self) == after)
        let tree = try? JSONTree(parsing: result)
        #expect(tree != nil)
    }

    /// Whatever the bytes, it neither traps nor hangs, and of a whole object it makes a whole object.
    @Test func brokenBytesComeBackOrStaySafe() {
        let whole = Array(
            #"{"a":["x",{"b":"\"}"}],"metadata":{"labels":{"k":"v"},"resourceVersion":"1"},"z":1e5}"#.utf8)
        for end in 0...whole.count {
            _ = ObjectBytes.settingResourceVersion(7, in: Array(whole[..<end]))
        }
        var random = SplitMix(seed: 1)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...Int(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let result = ObjectBytes.settingResourceVersion(7, in: bytes)
            if (try? JSONTree(parsing: bytes))?.root.kind == .object {
                #expect((try? JSONTree(parsing: result)) != nil)
            }
        }
    }
}
