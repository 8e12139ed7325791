import CNI
import FuzzSupport
import JSONTree

/// Reads a result and writes it in every version. What a version can say must survive writing and reading.
///
/// The first byte chooses the version that is assumed when the result names none.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard let first = bytes.first else { return 0 }
    let assumed = CNIVersion.allCases[Int(first) % CNIVersion.allCases.count]
    guard let result = decode(Array(bytes.dropFirst()), assumed) else { return 0 }
    for version in CNIVersion.allCases {
        guard let written = encode(result, version) else { continue }
        guard let read = decode(written, version) else {
            fatalError("a result written as \(version) cannot be read")
        }
        guard let again = encode(read, version) else {
            fatalError("a result read as \(version) cannot be written as \(version)")
        }
        expect(again == written, "\(version) does not survive:\n\(text(written))\n\(text(again))")
    }
    return 0
}

private func decode(_ bytes: [UInt8], _ version: CNIVersion) -> CNIResult? {
    do throws(JSONSyntaxError) {
        let tree = try JSONTree(parsing: bytes)
        do throws(CNIError) { return try CNIResult(decoding: tree.root, assuming: version) } catch { return nil }
    } catch {
        return nil
    }
}

private func encode(_ result: CNIResult, _ version: CNIVersion) -> [UInt8]? {
    do throws(CNIError) { return try result.serialized(as: version) } catch { return nil }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
