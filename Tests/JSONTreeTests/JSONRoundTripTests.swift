import JSONTree
import Testing

/// SplitMix64: the same documents in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &self) {
        case 0: .null
        case 1: .bool(Bool.random(using: &self))
        case 2: .int(Int64(truncatingIfNeeded: next()))
        case 3:
            .number(["1.5", "-0.0", "1e400", "99999999999999999999", "0.1E-7"].randomElement(using: &self) ?? "0.5")
        case 4, 5: .string(string())
        case 6: .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in value(depth: depth - 1) })
        default:
            .object(
                (0..<Int.random(in: 0..<5, using: &self)).map { _ in JSONMember(string(), value(depth: depth - 1)) })
        }
    }

    mutating func string() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "\u{2028}", "\u{FFFD}", "😀", "<",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0..<7, using: &self) {
            text.unicodeScalars.append(scalars.randomElement(using: &self) ?? "?")
        }
        return text
    }
}

@Suite struct JSONRoundTripTests {
    @Test(arguments: 0..<200 as Range<UInt64>) func whatIsWrittenIsReadBackEqual(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let value = generator.value(depth: 5)
        let compact = value.serialized()
        let read = JSONValue(try JSONTree(parsing: compact).root)
        #expect(read == value)
        #expect(read.serialized() == compact)

        let pretty = value.serialized(indent: 4)
        #expect(JSONValue(try JSONTree(parsing: pretty).root) == value)
        #expect(JSONValue(try JSONTree(parsing: pretty).root).serialized() == compact)

        let sorted = value.serialized(sortedKeys: true)
        #expect(JSONValue(try JSONTree(parsing: sorted).root).serialized(sortedKeys: true) == sorted)
    }

    /// Every node can be found again by walking its path's steps, and its raw bytes are a document of their own.
    @Test(arguments: 200..<240 as Range<UInt64>) func everyNodeStandsAlone(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let root = try JSONTree(parsing: generator.value(depth: 4).serialized(indent: 2)).root
        func visit(_ node: JSONNode) throws {
            #expect(try JSONTree(parsing: Array(node.rawBytes)).root == node)
            #expect(node.position.offset == node.rawBytes.startIndex)
            for (index, element) in node.elements.enumerated() {
                #expect(element.path == node.path + "[\(index)]")
                #expect(node[index] == element)
                try visit(element)
            }
            for (key, value) in node.members {
                #expect(value.keyNode?.string == key)
                #expect(node[key] != nil)
                try visit(value)
            }
        }
        try visit(root)
    }

    /// One changed byte gives another document or an error, never a trap.
    @Test(arguments: 240..<260 as Range<UInt64>) func damagedDocumentsNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let bytes = generator.value(depth: 4).serialized()
        for _ in 0..<200 {
            var damaged = bytes
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            damaged[index] = UInt8.random(in: 0...255, using: &generator)
            do throws(JSONSyntaxError) {
                let root = try JSONTree(parsing: damaged).root
                #expect(JSONValue(root).serialized().isEmpty == false)
            } catch {
                #expect(!error.rendered(named: "x").isEmpty)
            }
        }
    }
}
