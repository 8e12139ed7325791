/// Suggestions for mistyped names.
public enum EditDistance {
    /// The candidate at most two changes away (insert, remove, replace), the nearest first, then by name.
    public static func nearest(to text: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(text.lowercased().utf8.prefix(64))
        var best: (distance: Int, name: String)?
        for name in candidates.sorted() {
            let distance = between(wanted, Array(name.lowercased().utf8))
            if distance <= min(2, wanted.count / 2), distance < best?.distance ?? .max { best = (distance, name) }
        }
        return best?.name
    }

    /// Levenshtein's, one row at a time.
    private static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
