/// Suggestions for mistyped names.
public enum EditDistance {
    /// The candidate at most two changes away, the nearest first, then by name.
    public static func nearest(to text: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(text.lowercased().utf8.prefix(64))
        var best: (distance: Int, name: String)?
        for name in candidates.sorted() {
            let distance = between(wanted, Array(name.lowercased().utf8))
            if distance <= min(2, wanted.count / 2), distance < best?.distance ?? .max { best = (distance, name) }
        }
        return best?.name
    }

    /// Changes are insertions, removals, replacements and swaps of neighbours, the usual slip of fingers (optimal string
    /// alignment); three rows at a time.
    private static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var above: [Int] = []
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            before = above
            above = row
            row[0] = index + 1
            for column in right.indices {
                let replaced = above[column] + (byte == right[column] ? 0 : 1)
                row[column + 1] = min(replaced, row[column] + 1, above[column + 1] + 1)
                if index > 0, column > 0, byte == right[column - 1], left[index - 1] == right[column] {
                    row[column + 1] = min(row[column + 1], before[column - 1] + 1)
                }
            }
        }
        return row[right.count]
    }
}
