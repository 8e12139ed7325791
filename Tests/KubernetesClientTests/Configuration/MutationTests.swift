import Findings
import KubernetesClient
import LinuxHost
import Testing

/// Bytes gone wrong in every way chance finds: never a crash, always a finding of bounded size.
@Suite struct MutationTests {
    private static func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 3: bytes.insert(Array(":{}[]-\n\t\"'&*!|>%@`#, ".utf8).randomElement(using: &random) ?? 0, at: place)
            default: bytes = Array(bytes[..<place])
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8) func kubeconfigs(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let whole = Array(KubeconfigTests.whole.utf8)
        var connections = 0
        for _ in 0..<400 {
            let bytes = Self.mutated(whole, &random)
            do {
                let config = try Kubeconfig(parsing: bytes, path: "/k")
                for context in config.contextNames + ["dev"] {
                    var overrides = ConnectionOverrides()
                    overrides.context = context
                    _ = try config.connection(overrides, environment: Environment())
                    connections += 1
                }
            } catch {
                #expect(!error.finding.message.isEmpty)
                #expect(error.description.utf8.count < 16_384)
            }
        }
        #expect(connections > 0, "some changes are harmless")
    }

    /// However a stream is cut, the same messages come out of it and the same failure.
    @Test(arguments: 0..<8) func watches(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let good = (0..<6).map { #"{"type":"ADDED","object":{"metadata":{"name":"p\#($0)\"{\\"},"n":[1,{"x":"}"}]}}"# }
        let whole = Array(good.joined(separator: "\n").utf8)
        func read(_ chunks: [[UInt8]]) -> (count: Int, failure: KubernetesFailure.Kind?) {
            var decoder = WatchFrameDecoder(limit: 4096)
            var count = 0
            do {
                for chunk in chunks {
                    decoder.append(chunk)
                    while try decoder.next() != nil { count += 1 }
                }
                try decoder.finish()
                return (count, nil)
            } catch { return (count, error.kind) }
        }
        for _ in 0..<300 {
            let bytes = Self.mutated(whole, &random)
            var chunks: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...40, using: &random)
                chunks.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let inOne = read([bytes])
            let inMany = read(chunks)
            #expect(inOne.count == inMany.count)
            switch (inOne.failure, inMany.failure) {
            case (nil, nil), (.malformed?, .malformed?), (.cutOff?, .cutOff?): break
            default: Issue.record("\(String(describing: inOne)) against \(String(describing: inMany))")
            }
        }
    }
}
