import CLinux
import SystemCalls
import Testing

@testable import Netlink

@Suite struct MessageWriterTests {
    @Test func lengthsArePatchedAndPaddingIsZero() {
        var writer = MessageWriter(capacity: 1)
        writer.message(type: 16, flags: 1, sequence: 7) { writer in
            writer.append(UInt32(0xaabb_ccdd))
            writer.string(3, "cni0")
            writer.nested(18) { $0.uint16(1, 5) }
            writer.flag(9)
        }
        let bytes = writer.bytes
        #expect(
            bytes
                == hex(
                    """
                    30000000 1000 0100 07000000 00000000  # struct nlmsghdr (16)
                    ddccbbaa                              # family header (4)
                    0900 0300 636e693000 000000           # nlattr 3, "cni0" (9 + 3)
                    0c00 1280                             # nlattr 18 | NLA_F_NESTED (4)
                    0600 0100 0500 0000                   # nlattr 1, u16 (6 + 2)
                    0400 0900                             # nlattr 9, no payload (4)
                    """))
    }

    @Test func bigEndianScalars() {
        var writer = MessageWriter()
        writer.bigEndian16(1, 0x0102)
        writer.bigEndian32(2, 0x0102_0304)
        writer.bigEndian64(3, 0x0102_0304_0506_0708)
        let bytes = writer.bytes
        #expect(
            bytes
                == hex("0600 0100 0102 0000 0800 0200 01020304 0c00 0300 0102030405060708"))
    }

    @Test func growsFarBeyondItsCapacity() {
        var writer = MessageWriter(capacity: 64)
        for index in 0..<10_000 { writer.uint32(1, UInt32(index)) }
        let (count, bytes) = (writer.count, writer.bytes)
        #expect(count == 80_000)
        #expect(Array(bytes.suffix(4)) == [0x0f, 0x27, 0, 0])
    }

    @Test func nestLongerThan65535BytesIsRemembered() {
        var writer = MessageWriter()
        writer.nested(5) { nest in for _ in 0..<8192 { nest.uint32(1, 0) } }
        let overflow = writer.overflow
        #expect(overflow == 5)
    }
}

@Suite struct AttributeReaderTests {
    @Test func readsWhatTheWriterWrote() throws {
        var writer = MessageWriter()
        writer.string(3, "eth0")
        writer.nested(18) { $0.uint16(1, 5) }
        try writer.withUnsafeBytes { bytes throws(any Error) in
            let reader = AttributeReader(bytes)
            #expect(try reader.first(3)?.string == "eth0")
            #expect(try reader.first(18)?.nested.first(1)?.uint16() == 5)
            #expect(try reader.first(99) == nil)
        }
    }

    @Test(arguments: [
        ("ffff 0100", 0), ("0300 0100", 0), ("0400 0100 0900 0200 00000000", 4), ("0000 0000", 0),
    ])
    func lengthsThatDoNotFitThrowWithTheirOffset(_ text: String, _ offset: Int) throws {
        hex(text).withUnsafeBytes { bytes in
            var reader = AttributeReader(bytes)
            let error = #expect(throws: MalformedMessage.self) { while try reader.next() != nil {} }
            #expect(error?.offset == offset)
        }
    }

    @Test func shortPayloadThrows() throws {
        try hex("0500 0100 07 000000").withUnsafeBytes { bytes in
            let attribute = try #require(try AttributeReader(bytes).first(1))
            #expect(try attribute.uint8() == 7)
            let error = #expect(throws: MalformedMessage.self) { try attribute.uint32() }
            #expect(error?.reason == "1 bytes where UInt32 needs 4")
        }
    }

    @Test func everyPrefixAndEveryFlippedByteIsSafe() throws {
        var writer = MessageWriter()
        writer.message(type: 16, flags: 0, sequence: 1) { writer in
            writer.append(ifinfomsg())
            writer.string(3, "eth0")
            writer.nested(18) { $0.nested(2) { $0.uint8(7, 1) } }
        }
        let good = writer.bytes
        func walk(_ reader: AttributeReader, _ depth: Int) throws(MalformedMessage) {
            try reader.forEach { item throws(MalformedMessage) in
                _ = item.string
                _ = try? item.uint64()
                if depth < 8 { try walk(item.nested, depth + 1) }
            }
        }
        func read(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { memory in
                var reader = MessageReader(memory)
                while let message = try? reader.next() {
                    if let attributes = try? message.attributes(after: 16) { try? walk(attributes, 0) }
                }
            }
        }
        for end in 0...good.count { read(Array(good[..<end])) }
        for index in good.indices {
            for value in [0, 1, 3, 0x7f, 0x80, 0xff] as [UInt8] {
                var bad = good
                bad[index] = value
                read(bad)
            }
        }
    }
}

@Suite struct NetlinkSocketTests {
    private static let acknowledgement = "24000000 0200 0001 %s 00000000 00000000 10000000 00000000 00000000 00000000"

    private func acknowledgement(_ sequence: Int) -> [UInt8] {
        hex(Self.acknowledgement.replacing("%s", with: "0\(sequence)000000"))
    }

    @Test func onlyTheLastRequestAsksForAnAcknowledgement() throws {
        let fake = FakeTransport(replies: [acknowledgement(1)])
        var socket = NetlinkSocket(transport: fake)
        var batch = RequestBatch()
        batch.request("RTM_NEWLINK", on: "a", type: 16, flags: 0) { $0.append(UInt32(1)) }
        batch.request("RTM_DELLINK", on: "b", type: 17, flags: 0) { $0.append(UInt32(2)) }
        try socket.commit(&batch)
        #expect(
            fake.sent == [
                hex(
                    """
                    14000000 1000 0100 01000000 00000000 01000000
                    14000000 1100 0500 02000000 00000000 02000000
                    """)
            ])
        let isEmpty = batch.isEmpty
        #expect(isEmpty)
    }

    @Test func failuresNameTheirRequestTheSentenceAndTheAttribute() throws {
        // NLMSG_ERROR with NLM_F_CAPPED | NLM_F_ACK_TLVS, as the kernel answers with NETLINK_CAP_ACK and _EXT_ACK.
        let refusal = hex(
            """
            44000000 0200 0003 01000000 00000000  # struct nlmsghdr (16)
            efffffff                              # error: -EEXIST (4)
            14000000 1100 0500 02000000 00000000  # struct nlmsghdr of the request (16)
            0d00 0100 6973207461 6b656e00 000000  # NLMSGERR_ATTR_MSG "is taken" (13 + 3)
            0800 0200 14000000                    # NLMSGERR_ATTR_OFFS 20 (8)
            00000000
            """)
        let fake = FakeTransport(replies: [Array(refusal.prefix(60)), acknowledgement(2)])
        fake.replies[0][0] = 60
        var socket = NetlinkSocket(transport: fake)
        var batch = RequestBatch()
        batch.request("RTM_NEWLINK", on: "a", type: 16, flags: 0) { $0.append(UInt32(1)) }
        batch.request("RTM_NEWLINK", on: "cni0", type: 16, flags: 0) { writer in
            writer.append(UInt32(2))
            writer.string(3, "cni0")
        }
        batch.request("RTM_GETLINK", on: "c", type: 18, flags: 0) { $0.append(UInt32(3)) }
        let failures = try socket.perform(&batch)
        #expect(failures.map(\.index) == [1])
        let error = try #require(failures.first?.error)
        #expect(error.request == "RTM_NEWLINK cni0")
        #expect(error.errno == .EEXIST)
        #expect(error.message == "is taken")
        #expect(error.attribute == .init(offset: 20, type: 3))
        #expect(
            error.description
                == "RTM_NEWLINK cni0: File exists (EEXIST): is taken [attribute 3 at byte 20]")
    }

    @Test func strangersSequenceNumbersAreDropped() throws {
        var stray = acknowledgement(9)
        stray[16] = 0xff
        let fake = FakeTransport(replies: [stray, acknowledgement(0)])
        var socket = NetlinkSocket(transport: fake)
        var batch = RequestBatch()
        batch.request("RTM_NEWLINK", type: 16, flags: 0) { $0.append(UInt32(1)) }
        try socket.commit(&batch)
    }

    @Test func silenceIsAnError() {
        var socket = NetlinkSocket(transport: FakeTransport())
        var batch = RequestBatch()
        batch.request("RTM_NEWLINK", on: "x", type: 16, flags: 0) { $0.append(UInt32(1)) }
        do {
            try socket.commit(&batch)
            Issue.record("no error")
        } catch {
            #expect(error.request == "RTM_NEWLINK x")
        }
    }

    @Test func anInterruptedDumpIsAskedForAgain() throws {
        // nlmsg_flags NLM_F_MULTI | NLM_F_DUMP_INTR on every message.
        let fake = FakeTransport(replies: [
            hex("14000000 1000 1200 00000000 00000000 07000000"),
            hex("14000000 0300 1200 00000000 00000000 00000000"),
        ])
        var socket = NetlinkSocket(transport: fake)
        do {
            _ = try socket.list("RTM_GETLINK", type: 18, request: { $0.append(ifinfomsg()) }) { _ in 1 }
            Issue.record("no error")
        } catch {
            #expect(error.errno == .EINTR)
            #expect(fake.sent.count == 16)
        }
    }
}
