import FuzzSupport
import JSONTree

/// What a document is read as must survive being written, and every error must be printable.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    do throws(JSONSyntaxError) {
        let root = try JSONTree(parsing: bytes).root
        try checkWriting(root)
        visit(root)
    } catch {
        expect(error.position.offset <= bytes.count)
        expect(error.position.line >= 1 && error.position.column >= 1)
        expect(error.rendered(named: "input").utf8.count < 4096)
    }
    return 0
}

private func checkWriting(_ root: JSONNode) throws(JSONSyntaxError) {
    let compact = JSONValue(root).serialized()
    let again = try JSONTree(parsing: compact).root
    expect(again == root, "writing changed the document")
    expect(JSONValue(again).serialized() == compact, "writing is not stable")
    let pretty = JSONValue(root).serialized(indent: 4, sortedKeys: true)
    let sorted = try JSONTree(parsing: pretty).root
    expect(JSONValue(sorted).serialized(indent: 4, sortedKeys: true) == pretty, "sorting is not stable")
}

private func visit(_ root: JSONNode) {
    // Nodes near the root are enough: paths and carets cost time in proportion to the document.
    var left = 64
    var queue = [root]
    while left > 0, let node = queue.popLast() {
        left -= 1
        expect(node.caret("here").contains("^"))
        _ = (node.path, node.string, node.int, node.uint, node.double, node.bool, node.count)
        for element in node.elements.prefix(8) { queue.append(element) }
        for (key, value) in node.members.prefix(8) {
            expect(node[key] != nil, "a member cannot be found by its own key")
            expect(value.keyNode?.string == key)
            queue.append(value)
        }
    }
    let edited = JSONValue(root).setting("name", to: "x").removing("type")
    expect(edited["NAME"] == "x" && edited["type"] == nil)
}
