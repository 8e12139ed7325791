import Addressing
import Testing

@testable import Netlink

let bridge = InterfaceIndex(2)
let veth1 = InterfaceIndex(3)
let veth0 = InterfaceIndex(4)

/// A command of iproute2, the request it sends, and how we build the same.
struct WireCase: CustomTestStringConvertible, Sendable {
    let command: String
    let expected: [UInt8]
    let build: @Sendable (inout RequestBatch) -> Void

    init(_ command: String, _ expected: String, _ build: @escaping @Sendable (inout RequestBatch) -> Void) {
        self.command = command
        self.expected = hex(expected)
        self.build = build
    }

    var testDescription: String { command }

    func check() throws {
        var batch = RequestBatch()
        build(&batch)
        var bytes = batch.bytes
        // Get requests of iproute2 ask for no acknowledgement; ours is asked for when a batch is sent.
        bytes[6] |= expected[6] & 4
        #expect(hexText(bytes) == hexText(expected))
    }
}

/// Literals of these tests; a text that is none ends the test run.
func prefix(_ text: String) -> IPPrefix { literal(IPPrefix(text), text) }
func interfaceAddress(_ text: String) -> InterfaceAddress { literal(InterfaceAddress(text), text) }
func address(_ text: String) -> IPAddress { literal(IPAddress(text), text) }

private func literal<Value>(_ value: Value?, _ text: String) -> Value {
    guard let value else { preconditionFailure("not an address: \(text)") }
    return value
}
