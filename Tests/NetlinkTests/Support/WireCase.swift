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
