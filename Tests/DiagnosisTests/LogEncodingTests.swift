import Testing

@testable import Diagnosis

/// A log is read whatever wrote it.
@Suite struct LogEncodingTests {
    private static let line = "failed to find plugin \"loopback\" in path [/opt/cni/bin]"

    private static func utf16(_ text: String, isLittle: Bool) -> [UInt8] {
        text.utf16.flatMap { unit -> [UInt8] in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return isLittle ? [low, high] : [high, low]
        }
    }

    @Test(
        arguments: [
            ("UTF-8", Array(line.utf8)), ("UTF-8 with a mark", [0xEF, 0xBB, 0xBF] + Array(line.utf8)),
            ("UTF-16LE", [0xFF, 0xFE] + utf16(line, isLittle: true)),
            ("UTF-16BE", [0xFE, 0xFF] + utf16(line, isLittle: false)),
            ("UTF-16LE without a mark", utf16(line, isLittle: true)),
            ("UTF-16BE without a mark", utf16(line, isLittle: false)),
            ("carriage returns", Array((line + "\r").utf8)),
            ("colours", Array("\u{1B}[31;1m\(line)\u{1B}[0m".utf8)),
            ("a title", Array("\u{1B}]0;log\u{07}\(line)".utf8)),
            ("zeros", Array((line + "\0\0").utf8)),
        ] as [(String, [UInt8])])
    func reads(_ name: String, _ bytes: [UInt8]) {
        let text = LogEncoding.text(bytes)
        #expect(text == Self.line)
        #expect(LogReader.causes(of: text).first?.code == "INS-03")
    }

    @Test func latin1() { #expect(LogEncoding.text([0x47, 0x72, 0xFC, 0xDF, 0x65]) == "Grüße") }

    /// Cut in the middle of a character or a sequence: what is there is read.
    @Test(arguments: [[0xFF], [0xFF, 0xFE, 0x41], [0x1B], [0x1B, 0x5B], [0x1B, 0x5D], []] as [[UInt8]])
    func cutOff(_ bytes: [UInt8]) { #expect(LogEncoding.text(bytes).count <= bytes.count) }
}
