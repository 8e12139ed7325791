import Diagnosis
import Findings
import Testing

@testable import Bundles

/// Bundles that mean harm: what is read of them is bounded, and what is good in them is read all the same.
@Suite struct HostileBundleTests {
    private static let good = Array("a line of a good log\n".utf8)

    /// One entry of an archive as somebody may have written it, whatever it says of itself.
    private static func entry(_ name: String, type: Character = "0", size: Int, _ content: [UInt8] = []) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            for (offset, byte) in text.utf8.enumerated() { header[place + offset] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(size, 11), at: 124)
        put(String(repeating: " ", count: 8), at: 148)
        put("\(type)", at: 156)
        put("ustar\u{0}00", at: 257)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
        return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    private static func archive(_ files: [(String, [UInt8])]) -> [UInt8] {
        var writer = TarWriter(modified: 0)
        for (name, content) in files { writer.add(name, content) }
        return writer.finished()
    }

    private static func said(_ reading: BundleReading) -> String {
        reading.problems.map(\.message).joined(separator: "\n")
    }

    @Test func ofABombWhatStandsBeforeItIsKept() throws {
        let zeros = [UInt8](repeating: 0x20, count: 16 << 20)
        let packed = try #require(
            Gzip.compressed(
                Self.archive([("logs/a.log", Self.good), ("logs/b.log", zeros), ("logs/c.log", Self.good)])))
        var limits = BundleLimits.standard
        limits.expansionAllowance = 1 << 20
        let reading = try Bundle.read(bytes: packed, named: "bomb", limits: limits)
        #expect(reading.evidence["logs/a.log"]?.bytes == Self.good)
        #expect(reading.evidence["logs/c.log"] == nil)
        #expect(Self.said(reading).contains("more than 200 times its size"), "\(Self.said(reading))")
        // The same bytes are no bomb where so much is allowed.
        let whole = try Bundle.read(bytes: packed, named: "large")
        #expect(whole.problems.isEmpty, "\(Self.said(whole))")
        #expect(whole.evidence["logs/c.log"]?.bytes == Self.good)
    }

    /// A byte that was flipped on the way shows in the checksum alone, behind the last entry.
    @Test func aChecksumThatIsWrongIsTold() throws {
        var packed = try #require(Gzip.compressed(Self.archive([("logs/a.log", Self.good)])))
        #expect(try Bundle.read(bytes: packed, named: "whole").problems.isEmpty)
        packed[packed.count - 8] ^= 0xFF
        let reading = try Bundle.read(bytes: packed, named: "flipped")
        #expect(reading.evidence["logs/a.log"]?.bytes == Self.good)
        #expect(Self.said(reading).contains("the compressed data is damaged"), "\(Self.said(reading))")
    }

    @Test func aSizeThatIsALieCostsNothing() throws {
        for size in [1 << 32, (1 << 33) - 1] {
            let bytes =
                Self.entry("logs/a.log", size: Self.good.count, Self.good) + Self.entry("logs/b.log", size: size)
                + Self.good
            let reading = try Bundle.read(bytes: bytes, named: "lie")
            #expect(reading.evidence["logs/a.log"]?.bytes == Self.good)
            #expect(reading.evidence["logs/b.log"]?.isTruncated ?? false)
            #expect(Self.said(reading).contains("cut off"), "\(Self.said(reading))")
        }
    }

    @Test func aDocumentThatSaysItIsTooLargeIsNotReadAtAll() throws {
        var limits = BundleLimits.standard
        limits.documentBytes = 1000
        let large = Array("{\"items\":[\(String(repeating: " ", count: 4000))]}".utf8)
        let bytes = Self.archive([("cluster/resources/pods.json", large), ("logs/a.log", Self.good)])
        let reading = try Bundle.read(bytes: bytes, named: "large", limits: limits)
        #expect(reading.evidence.reasonMissing("cluster/resources/pods.json")?.hasPrefix("it is larger than") ?? false)
        #expect(reading.evidence["logs/a.log"]?.bytes == Self.good)
    }

    /// Ten million entries of which none is a file cost time all the same.
    @Test(arguments: ["5", "2", "1", "3", "6", "0"] as [Character])
    func endlessEntries(_ type: Character) throws {
        var limits = BundleLimits.standard
        limits.headers = 500
        limits.entries = 400
        var bytes = Self.entry("logs/a.log", size: Self.good.count, Self.good)
        for number in 0..<1000 { bytes += Self.entry("logs/x\(number)", type: type, size: 0) }
        bytes += Self.entry("logs/z.log", size: Self.good.count, Self.good)
        let reading = try Bundle.read(bytes: bytes, named: "many", limits: limits)
        #expect(reading.evidence["logs/a.log"]?.bytes == Self.good)
        #expect(reading.evidence["logs/z.log"] == nil)
        #expect(reading.evidence.documents.count <= 400)
        #expect(Self.said(reading).contains("larger than what is read of one"), "\(Self.said(reading))")
    }

    @Test func moreThanADayOfReading() throws {
        var limits = BundleLimits.standard
        limits.passedBytes = 4 << 20
        limits.logBytes = 1 << 10
        let long = [UInt8](repeating: 0x61, count: 1 << 20)
        let files = [("logs/a.log", Self.good)] + (0..<20).map { ("logs/b\($0).log", long) }
        let packed = try #require(Gzip.compressed(Self.archive(files)))
        let reading = try Bundle.read(bytes: packed, named: "long", limits: limits)
        #expect(reading.evidence["logs/a.log"]?.bytes == Self.good)
        #expect(reading.evidence.documents.count < 12)
        #expect(Self.said(reading).contains("more than 4 MiB"), "\(Self.said(reading))")
    }

    @Test func aValueEveryTwoBytes() throws {
        var limits = BundleLimits.standard
        limits.values = 10_000
        let many = Array("{\"items\":[0\(String(repeating: ",0", count: 20_000))]}".utf8)
        let few = Array("{\"items\":[{\"metadata\":{\"name\":\"a\"}}]}".utf8)
        let bytes = Self.archive([("cluster/resources/pods.json", many), ("cluster/resources/services.json", few)])
        let facts = FactBase(reading: try Bundle.read(bytes: bytes, named: "values", limits: limits).evidence)
        #expect(facts.reasonMissing(.objects("pods"))?.contains("more than 10000 values") ?? false)
        #expect(facts.objects("services").map(\.name) == ["a"])
    }

    @Test func deepDocumentsAndThoseInOtherEncodings() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 300_000)
        let other = Array("{\"items\":[{\"metadata\":{\"name\":\"caf".utf8) + [0xE9, 0xFF] + Array("\"}}]}".utf8)
        let wide = "error: it failed\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let bytes = Self.archive([
            ("cluster/resources/pods.json", deep), ("cluster/resources/services.json", other),
            ("cluster/deep.yaml", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
            ("logs/latin.log", [0x66, 0xFC, 0x72, 0x0A]), ("logs/wide.log", [0xFF, 0xFE] + wide),
        ])
        let reading = try Bundle.read(bytes: bytes, named: "deep")
        let facts = FactBase(reading: reading.evidence)
        #expect(facts.reasonMissing(.objects("pods"))?.contains("inside each other") ?? false)
        #expect(facts.objects("services").map(\.name) == ["caf\u{FFFD}\u{FFFD}"])
        #expect(reading.evidence["logs/latin.log"]?.text == "f\u{FFFD}r\n")
        let files = reading.problems.compactMap(\.place?.file)
        #expect(files.contains("cluster/deep.yaml") || Self.said(reading).contains("deep.yaml"))
        // A report is made of it all the same.
        let report = DiagnosisReport(facts, CheckList.all)
        #expect(report.status != .healthy)
    }

    /// Any byte may be any other: reading ends, and gives no more than there was.
    @Test func damagedAnywhere() throws {
        let files =
            (0..<8).map { ("logs/\($0).log", Self.good) } + [
                ("cluster/resources/pods.json", Array("{\"items\":[]}".utf8))
            ]
        let plain = Self.archive(files)
        let packed = try #require(Gzip.compressed(plain))
        var random = SeededNumbers(state: 7)
        for whole in [plain, packed] {
            for _ in 0..<400 {
                var bytes = whole
                for _ in 0..<3 {
                    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() >> 9)
                }
                guard let reading = try? Bundle.read(bytes: bytes, named: "damaged") else { continue }
                #expect(reading.evidence.documents.count <= files.count + 1)
            }
        }
    }
}

/// The same numbers every time (SplitMix64).
private struct SeededNumbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
