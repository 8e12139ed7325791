/// Key comparison as Go's `encoding/json` does it.
public enum JSONKey {
    /// Whether a member called `key` is taken for the field `name`.
    public static func matches(_ key: String, _ name: String) -> Bool { folds(key.utf8, name.utf8) }

    /// The same for UTF-8: ASCII letters match in either case, and so do the two characters outside ASCII whose simple
    /// case folding leads into it, the Kelvin sign (U+212A, K) and the long s (U+017F, s).
    static func folds(_ key: some Collection<UInt8>, _ wanted: some Collection<UInt8>) -> Bool {
        var iterator = key.makeIterator()
        for expected in wanted {
            guard let byte = iterator.next() else { return false }
            if byte == expected || ASCII.lowercased(byte) == ASCII.lowercased(expected) { continue }
            switch (byte, ASCII.lowercased(expected)) {
            case (0xC5, UInt8(ascii: "s")):
                guard iterator.next() == 0xBF else { return false }
            case (0xE2, UInt8(ascii: "k")):
                guard iterator.next() == 0x84, iterator.next() == 0xAA else { return false }
            default: return false
            }
        }
        return iterator.next() == nil
    }
}
