/// The words of a message as likeness sees them: stems of one form, in which a number, an address, a duration or an
/// identifier is only its kind, and what the field calls by several names has one.
///
/// It keeps no order and counts nothing twice: what a short title and a long log line of one cause share are words.
struct LikenessWords {
    /// Each once, sorted.
    let words: [String]

    init(_ text: LogText) {
        var found: [String] = []
        for chunk in text.normal.utf8.split(whereSeparator: { !Self.isOfChunk($0) }) {
            Self.read(Array(chunk), into: &found)
        }
        words = Set(Self.merged(found).flatMap(Self.forms)).sorted()
    }

    // MARK: Pieces

    /// Letters, digits, bytes beyond ASCII, and what holds an address together.
    private static func isOfChunk(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte >= 0x80
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte) }

    private static func read(_ chunk: [UInt8], into found: inout [String]) {
        let colon = UInt8(ascii: ":")
        let parts = chunk.split(separator: colon, omittingEmptySubsequences: false)
        let isNumeric = parts.allSatisfy { $0.allSatisfy(isHex) }
        if parts.count == 6, isNumeric, parts.allSatisfy({ $0.count == 2 }) { return found.append("#mac") }
        if parts.count >= 4, isNumeric { return found.append("#ip6") }
        // A time of day tells nothing.
        if parts.count == 3, parts.dropLast().allSatisfy({ $0.count == 2 && $0.allSatisfy(isDigit) }) { return }
        for part in parts {
            let pieces = part.split(separator: UInt8(ascii: "."))
            if pieces.count == 4, pieces.allSatisfy({ $0.count <= 3 && $0.allSatisfy(isDigit) }) {
                found.append("#ip")
                continue
            }
            for piece in pieces { readPiece(Array(piece), into: &found) }
        }
    }

    private static func readPiece(_ piece: [UInt8], into found: inout [String]) {
        if piece.contains(where: { $0 >= 0x80 }) {
            // Writing without blanks: each sign is a word.
            for scalar in String(decoding: piece, as: UTF8.self).unicodeScalars where !scalar.isASCII {
                found.append(String(scalar))
            }
            for word in piece.split(whereSeparator: { $0 >= 0x80 }) where word.count > 2 {
                found.append(String(decoding: word, as: UTF8.self))
            }
            return
        }
        if piece.allSatisfy(isDigit) {
            let number = String(decoding: piece, as: UTF8.self)
            return found.append(LikenessVocabulary.tellingNumbers.contains(number) ? number : "#n")
        }
        // `5m30s`, `41.2ms`.
        if let first = piece.first, let last = piece.last, isDigit(first), isLetter(last),
            piece.allSatisfy({ isDigit($0) || "hmsnud".utf8.contains($0) })
        {
            return found.append("#d")
        }
        // klog's letter and date.
        if piece.count == 5, let level = piece.first, "iwef".utf8.contains(level), piece.dropFirst().allSatisfy(isDigit)
        {
            return
        }
        if piece.count >= 8, piece.allSatisfy(isHex), piece.contains(where: isDigit) { return found.append("#x") }
        found.append(String(decoding: piece, as: UTF8.self))
    }

    // MARK: Words of several words

    private static func merged(_ words: [String]) -> [String] {
        var merged: [String] = []
        var place = 0
        while place < words.count {
            let phrase = LikenessVocabulary.phrases[words[place]]?.first { phrase in
                phrase.rest.indices.allSatisfy {
                    place + 1 + $0 < words.count && words[place + 1 + $0] == phrase.rest[$0]
                }
            }
            merged.append(phrase?.meaning ?? words[place])
            place += 1 + (phrase?.rest.count ?? 0)
        }
        return merged
    }

    // MARK: Forms

    /// The stem, and of a name with a number or an underscore what stands before it, too.
    private static func forms(_ word: String) -> [String] {
        guard let first = word.utf8.first, first < 0x80, first != UInt8(ascii: "#"), !isDigit(first) else {
            return [word]
        }
        if word.utf8.count < 2 || LikenessVocabulary.common.contains(word) { return [] }
        let word = LikenessVocabulary.synonyms[word] ?? word
        var forms = [stem(word)]
        let letters = word.utf8.prefix(while: isLetter)
        if letters.count >= 3, letters.count < word.utf8.count, let next = word.utf8.dropFirst(letters.count).first,
            isDigit(next)
        {
            forms.append(String(decoding: letters, as: UTF8.self) + "#")
        }
        let parts = word.utf8.split(separator: UInt8(ascii: "_"))
        if parts.count > 1 {
            for part in parts where part.count > 2 {
                let part = String(decoding: part, as: UTF8.self)
                forms.append(stem(LikenessVocabulary.synonyms[part] ?? part))
            }
        }
        return forms
    }

    private static let endings: [(ending: [UInt8], instead: [UInt8])] = [
        "ization", "isation", "ations", "ation", "ingly", "ments", "ment", "ities", "ity", "ings", "ing", "ions", "ion",
        "edly", "ied=y", "ies=y", "ed", "ers", "er", "ly", "es", "s", "e",
    ].map {
        let parts = $0.split(separator: "=")
        return (Array(parts[0].utf8), parts.count > 1 ? Array(parts[1].utf8) : [])
    }

    /// Without the ending of its grammar, as long as four letters are left.
    static func stem(_ word: String) -> String {
        let bytes = Array(word.utf8)
        if bytes.count <= 4 { return word }
        for (ending, instead) in endings
        where bytes.count >= ending.count + 4 && bytes.suffix(ending.count).elementsEqual(ending) {
            return String(decoding: bytes.dropLast(ending.count) + instead, as: UTF8.self)
        }
        return word
    }
}
