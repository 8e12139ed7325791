import FuzzSupport
import JSONTree

// The scanner and what it needs are links to the informer's own files: the room they live in needs third-party
// packages, they do not.

/// A list must be read the same wherever its chunks are cut, and as the parser reads the whole document.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let whole = scan(bytes, cutting: max(1, count))
    for size in [1, 2, 7] {
        let cut = scan(bytes, cutting: size)
        expect(cut.items == whole.items && cut.metadata == whole.metadata, "cut at every \(size) bytes")
    }
    let tree: JSONTree
    do throws(JSONSyntaxError) { tree = try JSONTree(parsing: bytes) } catch {
        // What is no document may still be cut, but then an object in it is none.
        expect(whole.metadata == nil || !whole.items.allSatisfy(isDocument), "taken, but no document")
        return 0
    }
    // A key that is written with escapes is not recognised, and Kubernetes writes none.
    guard tree.root.kind == .object, !bytes.contains(UInt8(ascii: "\\")) else { return 0 }
    let lists = tree.root.members.filter { $0.key == "items" }.map(\.value)
    guard lists.count <= 1, let metadata = whole.metadata else { return 0 }
    let elements = lists.first.map { $0.kind == .array ? Array($0.elements) : [] } ?? []
    expect(whole.items == elements.map { Array($0.rawBytes) }, "other items than the parser's")
    expect(metadata.version.text == tree.root.at("metadata", "resourceVersion")?.string ?? "", "another version")
    return 0
}

private func isDocument(_ bytes: [UInt8]) -> Bool {
    do throws(JSONSyntaxError) { _ = try JSONTree(parsing: bytes) } catch { return false }
    return true
}

private func scan(_ bytes: [UInt8], cutting size: Int) -> (items: [[UInt8]], metadata: ListMetadata?) {
    var scanner = ListScanner()
    var items: [[UInt8]] = []
    do throws(ScanError) {
        var start = 0
        while start < bytes.count {
            let end = min(start + size, bytes.count)
            try scanner.feed(Array(bytes[start..<end])) { items.append($0) }
            start = end
        }
        return (items, try scanner.finish())
    } catch {
        return (items, nil)
    }
}
