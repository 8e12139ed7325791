import FuzzSupport
import Netlink

/// A kernel that answers every request with the fuzzer's bytes: readers must throw, never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    asDump(bytes)
    asAnswers(bytes)
    asEvents(bytes)
    return 0
}

private func asDump(_ bytes: [UInt8]) {
    var socket = NetlinkSocket(transport: Replay(bytes))
    do throws(NetlinkError) {
        _ = try socket.list("RTM_GETLINK", type: 18, request: { _ in }) {
            message throws(MalformedMessage) -> Int? in try read(message)
        }
    } catch {
        expect(!error.description.isEmpty)
    }
}

private func asAnswers(_ bytes: [UInt8]) {
    var socket = NetlinkSocket(transport: Replay(bytes))
    var batch = RequestBatch()
    for subject in ["eth0", "eth1"] {
        batch.request("RTM_NEWLINK", on: subject, type: 16, flags: 0) { _ in }
    }
    do throws(NetlinkError) {
        _ = try socket.perform(&batch) { _, message throws(MalformedMessage) in _ = try read(message) }
    } catch {
        expect(!error.description.isEmpty)
    }
}

private func asEvents(_ bytes: [UInt8]) {
    var socket = NetlinkSocket(transport: Replay(bytes))
    do throws(NetlinkError) {
        _ = try socket.nextEvents(within: 0) { message throws(MalformedMessage) in _ = try read(message) }
    } catch {
        expect(!error.description.isEmpty)
    }
}

private func read(_ message: Message) throws(MalformedMessage) -> Int {
    try walk(message.attributes(after: 16), depth: 0) + walk(message.attributes(after: 4), depth: 0)
}

/// Reads every attribute as everything it could be.
private func walk(_ reader: AttributeReader, depth: Int) throws(MalformedMessage) -> Int {
    var count = 0
    try reader.forEach { item throws(MalformedMessage) in
        count += 1
        expect(item.payload.count <= 65531)
        _ = (item.string, item.bytes)
        for size in [1, 2, 4, 8] where item.payload.count >= size {
            switch size {
            case 1: _ = try item.uint8()
            case 2: _ = try item.bigEndian16()
            case 4: _ = try (item.uint32(), item.int32())
            default: _ = try item.bigEndian64()
            }
        }
        guard depth < 8 else { return }
        // Most payloads are not attributes; what they throw stays inside.
        do throws(MalformedMessage) { count += try walk(item.nested, depth: depth + 1) } catch { return }
    }
    return count
}
