import JSONTree
import Testing
import YAMLTree

/// Broken bytes by the thousand, the same ones on every run: whatever stands in a file, the reader answers, in bounded
/// space, with documents that are JSON and problems that have a place.
@Suite("YAML, mutated")
struct YAMLMutationTests {
    private static let seeds = [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {app: web, \"x\": 'y'}\nspec:\n- 80\n- port: 81\n",
        "a: &x {p: 1, q: [1, 2]}\nb:\n  <<: *x\n  c: |\n    text\n   \n  d: >-\n    folded\n---\n--- # end\n{\"j\": [null]}\n",
        "%YAML 1.1\n---\nü: 😀\n? key\n: !!binary aGVsbG8=\n...\n- yes\n- 0x1F\n- .inf\n- \"\\u00e9\\n\"\n",
    ]

    /// SplitMix64: short, and enough.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    private static let tokens = [
        "\t", "\n", "\r\n", " ", ":", "- ", "&a ", "*a", "<<", "{", "}", "[", "]", "\"", "'", "|", ">", "#", "---\n",
        "...\n", "%", "!", "!!int ", "? ", ",", "\u{0}", "\u{FEFF}", "\u{85}", "\u{2028}", "~", "\\",
    ].map { Array($0.utf8) }

    private static func mutated(_ seed: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2:
                let end = min(bytes.count, place + Int.random(in: 1...12, using: &random))
                bytes.removeSubrange(place..<end)
            case 3:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &random))
            default: bytes = Array(bytes[..<place])
            }
        }
        return bytes
    }

    @Test("the reader always answers", arguments: seeds.indices)
    func answers(seed: Int) throws {
        var random = Random(state: UInt64(seed) + 1)
        var (documents, problems) = (0, 0)
        for _ in 0..<4000 {
            let bytes = Self.mutated(Array(Self.seeds[seed].utf8), &random)
            let reading = YAMLReading(bytes)
            documents += reading.documents.count
            problems += reading.problems.count
            for tree in reading.documents {
                let again = try JSONTree(parsing: JSONValue(tree.root).serialized())
                #expect(again.root == tree.root)
                var nodes = [tree.root]
                while let node = nodes.popLast() {
                    if node.position.offset > bytes.count { Issue.record("a place outside of the text: \(bytes)") }
                    nodes += node.elements
                    nodes += node.members.map(\.value)
                }
                #expect(!tree.root.renderedPlace(named: "x").isEmpty)
            }
            for problem in reading.problems {
                #expect(problem.position.offset <= bytes.count && !problem.reason.isEmpty)
            }
        }
        #expect(documents > 1000 && problems > 500, "both ends are seen: \(documents) documents, \(problems) problems")
    }
}
