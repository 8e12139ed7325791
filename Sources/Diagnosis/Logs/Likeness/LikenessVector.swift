/// A text as weights of the features it has; of length 1.
struct LikenessVector: Sendable {
    var features: [Int32] = []
    var weights: [Float] = []

    /// Of unnormalised weights.
    init(_ features: [Int32] = [], weighing weights: [Float] = []) {
        self.features = features
        let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        self.weights = length > 0 ? weights.map { $0 / length } : weights
    }

    /// - Parameter sum: room for one number for each feature, all 0, and left so.
    static func middle(of parts: [(vector: LikenessVector, share: Float)], in sum: inout [Float]) -> LikenessVector {
        var touched: [Int32] = []
        for (vector, share) in parts {
            for (feature, weight) in zip(vector.features, vector.weights) {
                if sum[Int(feature)] == 0 { touched.append(feature) }
                sum[Int(feature)] += share * weight
            }
        }
        let weights = touched.map { sum[Int($0)] }
        for feature in touched { sum[Int(feature)] = 0 }
        return LikenessVector(touched, weighing: weights)
    }
}

/// For each feature, which of many texts have it and with which weight: a product with all of them costs only what they
/// share.
struct LikenessPostings: Sendable {
    /// Where the entries of a feature begin; one more than there are features.
    private var starts: [Int32]
    private var texts: [Int32]
    private var weights: [Float]
    private let count: Int

    init(_ vectors: [LikenessVector], features: Int) {
        count = vectors.count
        starts = [Int32](repeating: 0, count: features + 1)
        for vector in vectors {
            for feature in vector.features { starts[Int(feature) + 1] += 1 }
        }
        for feature in 0..<features { starts[feature + 1] += starts[feature] }
        let total = Int(starts[features])
        texts = [Int32](repeating: 0, count: total)
        weights = [Float](repeating: 0, count: total)
        var next = starts
        for (text, vector) in vectors.enumerated() {
            for (feature, weight) in zip(vector.features, vector.weights) {
                let place = Int(next[Int(feature)])
                texts[place] = Int32(text)
                weights[place] = weight
                next[Int(feature)] += 1
            }
        }
    }

    /// For each text, how much of the vector it has: 0...1.
    func products(with vector: LikenessVector) -> [Float] {
        var products = [Float](repeating: 0, count: count)
        for (feature, weight) in zip(vector.features, vector.weights) {
            for place in Int(starts[Int(feature)])..<Int(starts[Int(feature) + 1]) {
                products[Int(texts[place])] += weight * weights[place]
            }
        }
        return products
    }
}
