/// What texts are compared by: their words, and runs of four signs within a word, so that a word that is misspelt or
/// stands in a longer one is still near.
struct LikenessFeatures: Sendable {
    /// By word, its features; of words no text has, none.
    private var ofWord: [String: [Int32]] = [:]
    private var numbers: [UInt32: Int32] = [:]
    private var weights: [Float] = []
    /// Of each text that it was made of.
    private(set) var vectors: [LikenessVector] = []

    var count: Int { weights.count }

    init(_ texts: [[String]]) {
        var having: [Int32] = []
        var lastText: [Int32] = []
        var all: [[Int32]] = []
        all.reserveCapacity(texts.count)
        for (text, words) in texts.enumerated() {
            var features: [Int32] = []
            for word in words {
                for feature in add(word) {
                    let place = Int(feature)
                    while having.count <= place {
                        having.append(0)
                        lastText.append(-1)
                    }
                    if lastText[place] == Int32(text) { continue }
                    lastText[place] = Int32(text)
                    having[place] += 1
                    features.append(feature)
                }
            }
            all.append(features)
        }
        // The rarer, the heavier; a feature that every text has still counts 1.
        weights = having.map { Self.logarithm(Float(texts.count + 1) / Float($0 + 1)) + 1 }
        vectors = all.map { features in LikenessVector(features, weighing: features.map { weights[Int($0)] }) }
    }

    /// Of a text that need not be one of those; what none of them has is left out.
    func vector(of words: [String]) -> LikenessVector {
        var seen: Set<Int32> = []
        var features: [Int32] = []
        for word in words {
            for feature in ofWord[word] ?? Self.hashes(word).compactMap({ numbers[$0] })
            where seen.insert(feature).inserted {
                features.append(feature)
            }
        }
        return LikenessVector(features, weighing: features.map { weights[Int($0)] })
    }

    private mutating func add(_ word: String) -> [Int32] {
        if let known = ofWord[word] { return known }
        let features = Self.hashes(word).map { hash -> Int32 in
            if let known = numbers[hash] { return known }
            let number = Int32(numbers.count)
            numbers[hash] = number
            return number
        }
        ofWord[word] = features
        return features
    }

    /// FNV-1a of the word, and of each run of four signs with its ends marked.
    private static func hashes(_ word: String) -> [UInt32] {
        let letters = Array(word.utf8)
        var hashes = [hash([UInt8(ascii: "=")] + letters)]
        if letters.first == UInt8(ascii: "#") { return hashes }
        let marked = [UInt8(ascii: "^")] + letters + [UInt8(ascii: "$")]
        if marked.count >= 4 {
            for start in 0...(marked.count - 4) { hashes.append(hash(marked[start..<start + 4])) }
        }
        return hashes
    }

    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return hash
    }

    /// The natural logarithm of a number from 1, within 0.06 (straight between powers of two): exact in every build, which
    /// the C library's is not.
    private static func logarithm(_ number: Float) -> Float {
        (Float(number.exponent) + number.significand - 1) * 0.693_147_2
    }
}
