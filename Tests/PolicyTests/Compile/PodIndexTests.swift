import Testing

@testable import Policy

@Suite struct PodIndexTests {
    /// Against a dictionary, through growth and through removals in the middle of runs of full places.
    @Test(arguments: [UInt64(1), 2, 3]) func saysWhatADictionaryWouldSay(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var index = PodIndex()
        var model: [PodName: Int32] = [:]
        // Names that differ in one byte, at every length around a word of eight.
        let names = (0..<400).map { number in
            PodName(
                namespace: "ns-\(number % 7)",
                name: String(repeating: "x", count: number % 19) + "\(number / 7)")
        }
        for _ in 0..<6_000 {
            guard let name = names.randomElement(using: &random) else { return }
            if Bool.random(using: &random) {
                let before = index.names.count
                let (number, isNew) = index.insert(name)
                #expect(isNew == (index.names.count == before + 1))
                if let known = model[name] {
                    #expect(number == known)
                } else {
                    #expect(!model.values.contains(number), "given out twice")
                    model[name] = number
                }
                #expect(index.names[Int(number)] == name)
            } else {
                #expect(index.remove(name) == model.removeValue(forKey: name))
            }
            #expect(index.count == model.count)
        }
        for name in names { #expect(index[name] == model[name]) }
        #expect(index.numbers.sorted() == model.values.sorted())
        #expect(index.present.sorted() == model.keys.sorted())
        #expect(index[PodName(namespace: "ns", name: "-0x")] == nil)
    }
}
