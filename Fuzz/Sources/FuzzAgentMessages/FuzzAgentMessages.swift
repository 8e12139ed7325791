import AgentProtocol
import FuzzSupport

/// Reads a line as a request and as a reply, as the agent and the plugin do with whatever comes over the socket. What
/// can be read must survive writing and reading, and be one line; a call that the plugin hands over must survive too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let line = Array(UnsafeBufferPointer(start: data, count: count))
    if let request = readRequest(line) {
        checkLine(request.line)
        expect(readRequest(request.line) == request, "a request does not survive: \(text(request.line))")
    }
    if let reply = readReply(line) {
        checkLine(reply.line)
        expect(readReply(reply.line) == reply, "a reply does not survive: \(text(reply.line))")
    }
    if case .call(let call) = readMessage(line) {
        expect(readMessage(call.bytes) == .call(call), "a call does not survive: \(text(call.bytes))")
    }
    return 0
}

private func readMessage(_ bytes: [UInt8]) -> AgentMessageBuffer.Message? {
    var buffer = AgentMessageBuffer()
    do throws(AgentMessageError) { return try buffer.take(bytes) } catch { return nil }
}

private func readRequest(_ line: [UInt8]) -> AgentRequest? {
    do throws(AgentMessageError) { return try AgentRequest(line: line) } catch { return nil }
}

private func readReply(_ line: [UInt8]) -> AgentReply? {
    do throws(AgentMessageError) { return try AgentReply(line: line) } catch { return nil }
}

/// The other side reads to the first newline.
private func checkLine(_ line: [UInt8]) {
    expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1, "more than one line: \(text(line))")
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
