import FuzzSupport
import KubernetesSchema

/// A pattern, a NUL, a text. Whatever they are, the answer comes at once (the fuzzer's timeout is the judge), and a
/// pattern in a group of its own finds the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = UnsafeBufferPointer(start: data, count: count).split(separator: 0, maxSplits: 1)
    guard let first = parts.first else { return 0 }
    let source = String(decoding: first, as: UTF8.self)
    let text = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
    guard let pattern = try? Pattern(source) else { return 0 }
    let found = pattern.matches(text)
    // \Q without \E runs to the end and would swallow the parenthesis; flags would end with the group.
    if source.contains("\\Q") { return 0 }
    if let grouped = try? Pattern("(?:" + source + ")") {
        expect(grouped.matches(text) == found, "a group changes the answer of \(source.debugDescription)")
    }
    return 0
}
