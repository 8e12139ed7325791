import Addressing
import KubernetesModel

/// Matches that count, measure, remember, or read what is inside the packet: whether they hold is known only with the
/// packet at hand. As iptables-save prints them.
extension XTablesExtension {
    /// The options with their values; nil for what is none of these or has no form here.
    var meterOptions: [String]? {
        switch (name, revision) {
        case ("recent", 1) where info.count >= 228: recent
        case ("hashlimit", 2) where info.count >= 294, ("hashlimit", 3) where info.count >= 298: rates
        case ("connlimit", 1) where info.count >= 24: connectionLimit
        case ("connbytes", 0) where info.count >= 18: connectionBytes
        case ("quota", 0) where info.count >= 16: [not(info.word(0) & 1 != 0) + "--quota \(info.long(8))"]
        case ("string", 1) where info.count >= 150: pattern
        case ("time", 0) where info.count >= 22: times
        case ("u32", 0) where info.count >= 1982: fields
        case ("devgroup", 0) where info.count >= 20: deviceGroups
        case ("frag", 0) where info.count >= 14: fragment
        case ("policy", 0) where info.count >= 308: transformation
        default: nil
        }
    }

    /// struct xt_recent_mtinfo_v1: seconds, hit_count, check_set, invert, name[200], side, mask.
    private var recent: [String] {
        let bits = info.byte(8)
        var words: [String] = []
        for (bit, option) in [(2, "--set"), (1, "--rcheck"), (4, "--update"), (8, "--remove")] where bits & bit != 0 {
            words.append(not(info.byte(9) != 0) + option)
        }
        if info.word(0) != 0 { words.append("--seconds \(info.word(0))") }
        if bits & 32 != 0 { words.append("--reap") }
        if info.word(4) != 0 { words.append("--hitcount \(info.word(4))") }
        if bits & 16 != 0 { words.append("--rttl") }
        words.append("--name \(info.text(10, 200))")
        if let mask = info.address(212, family) { words.append("--mask \(mask)") }
        return words + [info.byte(210) == 0 ? "--rsource" : "--rdest"]
    }

    // MARK: Rates

    /// struct xt_hashlimit_mtinfo2 and 3: name[255], then from 256 avg, burst, mode, size, max, gc_interval, expire, of 3
    /// interval, and srcmask, dstmask.
    private var rates: [String]? {
        let mode = info.word(272)
        let (average, burst) = (info.long(256), info.long(264))
        let option = mode & 16 != 0 ? "--hashlimit-above" : "--hashlimit-upto"
        guard average > 0 else { return nil }
        var words: [String] = []
        /// For how long an entry is kept when nobody says otherwise, in milliseconds.
        let expiry: UInt64
        if mode & 32 != 0 {
            // XT_HASHLIMIT_BYTE_SHIFT: what is counted are pieces of 16 bytes.
            let bytes = (UInt64(UInt32.max) / average &- 1) << 4
            words.append("\(option) \(Self.bytes(bytes, cost: average))b/s")
            if burst != 0 { words.append("--hashlimit-burst \(Self.bytes(bytes &* burst))b") }
            expiry = burst == 0 ? 15_000 : 60_000
        } else {
            let unit = IPTablesWords.RateUnit(of: average, scale: 1_000_000)
            words.append("\(option) \(unit.seconds * 1_000_000 / average)/\(unit.name)")
            words.append("--hashlimit-burst \(burst)")
            expiry = unit.seconds * 1000
        }
        let keys = [(UInt32(4), "srcip"), (8, "srcport"), (1, "dstip"), (2, "dstport")]
            .filter { mode & $0.0 != 0 }.map(\.1)
        if !keys.isEmpty { words.append("--hashlimit-mode \(keys.joined(separator: ","))") }
        words.append("--hashlimit-name \(info.text(0, 255))")
        for (offset, usual, option) in [
            (276, UInt64(0), "size"), (280, 0, "max"), (284, 1000, "gcinterval"), (288, expiry, "expire"),
        ] where UInt64(info.word(offset)) != usual {
            words.append("--hashlimit-htable-\(option) \(info.word(offset))")
        }
        let whole = family == .v4 ? 32 : 128
        let masks = revision == 3 ? 296 : 292
        if mode & 4 != 0 && info.byte(masks) != whole { words.append("--hashlimit-srcmask \(info.byte(masks))") }
        if mode & 1 != 0 && info.byte(masks + 1) != whole {
            words.append("--hashlimit-dstmask \(info.byte(masks + 1))")
        }
        if mode & 64 != 0 { words.append("--hashlimit-rate-match") }
        if revision == 3 && mode & 64 != 0 && info.word(292) > 1 {
            words.append("--hashlimit-rate-interval \(info.word(292))")
        }
        return words
    }

    /// `512k`: in the largest unit in which the rate costs the same; without a cost, in the largest that fits.
    private static func bytes(_ count: UInt64, cost: UInt64? = nil) -> String {
        for (shift, name) in [(UInt64(20), "m"), (10, "k")] where count >= 1 << shift {
            let pieces = ((count >> shift) << shift) >> 4
            if cost == nil || UInt64(UInt32.max) / (pieces + 1) == cost { return "\(count >> shift)\(name)" }
        }
        return "\(count)"
    }

    // MARK: Connections

    /// struct xt_connlimit_info: mask, limit, flags.
    private var connectionLimit: [String] {
        let flags = info.word(20)
        let ones = info.slice(0, family == .v4 ? 4 : 16).reduce(0) { $0 + $1.nonzeroBitCount }
        return [
            "\(flags & 1 != 0 ? "--connlimit-upto" : "--connlimit-above") \(info.word(16))", "--connlimit-mask \(ones)",
            flags & 2 != 0 ? "--connlimit-daddr" : "--connlimit-saddr",
        ]
    }

    /// struct xt_connbytes_info: from, to, what, direction; turned round, the larger stands first.
    private var connectionBytes: [String]? {
        let (from, to) = (info.long(0), info.long(8))
        let (kinds, sides) = (["packets", "bytes", "avgpkt"], ["original", "reply", "both"])
        guard kinds.indices.contains(info.byte(16)), sides.indices.contains(info.byte(17)) else { return nil }
        let last = max(from, to)
        return [
            not(from > to) + "--connbytes \(min(from, to))" + (last > 0 && last < .max ? ":\(last)" : ""),
            "--connbytes-mode \(kinds[info.byte(16)])", "--connbytes-dir \(sides[info.byte(17)])",
        ]
    }

    // MARK: What is inside, and when

    /// struct xt_string_info: from_offset, to_offset, algo[16], pattern[128], patlen, flags.
    private var pattern: [String]? {
        let text = info.slice(20, min(info.byte(148), 128))
        guard let last = text.last else { return nil }
        var words: [String] = []
        // A backslash at the end would take the quotation mark with it.
        if text.contains(where: { $0 < 32 || $0 > 126 }) || last == UInt8(ascii: "\\") {
            let digits = text.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            words.append(not(info.byte(149) & 1 != 0) + "--hex-string \"|\(digits)|\"")
        } else {
            var quoted = ""
            for character in String(decoding: text, as: UTF8.self) {
                if character == "\"" || character == "\\" { quoted.append("\\") }
                quoted.append(character)
            }
            words.append(not(info.byte(149) & 1 != 0) + "--string \"\(quoted)\"")
        }
        words.append("--algo \(info.text(4, 16))")
        if info.half(0) != 0 { words.append("--from \(info.half(0))") }
        if info.half(2) != 0xFFFF { words.append("--to \(info.half(2))") }
        if info.byte(149) & 2 != 0 { words.append("--icase") }
        return words
    }

    /// struct xt_time_info: date_start, date_stop, daytime_start, daytime_stop, monthdays_match, weekdays_match, flags.
    private var times: [String] {
        var words: [String] = []
        let (start, stop) = (info.word(8), info.word(12))
        if start != 0 || stop != 86399 {
            words += ["--timestart \(Self.daytime(start))", "--timestop \(Self.daytime(stop))"]
        }
        let days = info.word(16)
        if days != ~1 {
            let chosen = (1...31).filter { days & 1 << UInt32($0) != 0 }.map { "\($0)" }
            words.append("--monthdays \(chosen.joined(separator: ","))")
        }
        if info.byte(20) != 0xFE {
            let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
            let chosen = names.enumerated().filter { info.byte(20) & 2 << $0.offset != 0 }.map(\.element)
            words.append("--weekdays \(chosen.joined(separator: ","))")
        }
        for (offset, option) in [(0, "--datestart"), (4, "--datestop")] where info.word(offset) != 0 {
            words.append("\(option) \("\(Timestamp(seconds: Int64(info.word(offset))))".dropLast())")
        }
        if info.byte(21) & 1 != 0 { words.append("--kerneltz") }
        if info.byte(21) & 2 != 0 { words.append("--contiguous") }
        return words
    }

    private static func daytime(_ seconds: UInt32) -> String {
        [seconds / 3600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
            .joined(separator: ":")
    }

    /// struct xt_u32: eleven tests of 180 bytes (location[11] of number and nextop, value[11] of min and max, nnums,
    /// nvalues), ntests, invert.
    private var fields: [String]? {
        guard (1...11).contains(info.byte(1980)) else { return nil }
        var tests: [String] = []
        for start in (0..<info.byte(1980)).map({ 180 * $0 }) {
            let (numbers, values) = (info.byte(start + 176), info.byte(start + 177))
            guard (1...11).contains(numbers), (1...11).contains(values) else { return nil }
            var text = ""
            for index in 0..<numbers {
                let operation = info.byte(start + 8 * index + 4)
                let signs = ["&", "<<", ">>", "@"]
                guard index == 0 || signs.indices.contains(operation) else { return nil }
                text += (index == 0 ? "" : signs[operation]) + IPTablesWords.hex(info.word(start + 8 * index))
            }
            let ranges = (0..<values).map { index in
                let (first, last) = (info.word(start + 88 + 8 * index), info.word(start + 92 + 8 * index))
                return IPTablesWords.hex(first) + (first == last ? "" : ":\(IPTablesWords.hex(last))")
            }
            tests.append("\(text)=\(ranges.joined(separator: ","))")
        }
        return [not(info.byte(1981) != 0) + "--u32 \"\(tests.joined(separator: "&&"))\""]
    }

    // MARK: Where it comes from, and how it was wrapped

    /// struct xt_devgroup_info: flags, src_group, src_mask, dst_group, dst_mask.
    private var deviceGroups: [String] {
        let flags = info.word(0)
        var words: [String] = []
        for (bit, offset, option) in [(UInt32(1), 4, "--src-group"), (4, 12, "--dst-group")] where flags & bit != 0 {
            let value = IPTablesWords.masked(info.word(offset), info.word(offset + 4))
            words.append(not(flags & bit << 1 != 0) + "\(option) \(value)")
        }
        return words
    }

    /// struct ip6t_frag: ids[2], hdrlen, flags, invflags.
    private var fragment: [String] {
        let (flags, inverted) = (info.byte(12), info.byte(13))
        let (first, last) = (info.word(0), info.word(4))
        var words: [String] = []
        if first != 0 || last != .max {
            words.append(not(inverted & 1 != 0) + "--fragid \(IPTablesWords.range(Int(first), Int(last)))")
        }
        if flags & 2 != 0 { words.append(not(inverted & 2 != 0) + "--fraglen \(info.word(8))") }
        let options = [(4, "--fragres"), (8, "--fragfirst"), (16, "--fragmore"), (32, "--fraglast")]
        return words + options.filter { flags & $0.0 != 0 }.map(\.1)
    }

    /// struct xt_policy_info: four elements of 76 bytes (saddr, smask, daddr, dmask, spi, reqid, proto, mode, match,
    /// invert), flags, len.
    private var transformation: [String]? {
        let (flags, length) = (info.half(304), info.half(306))
        guard length <= 4 else { return nil }
        var words: [String] = []
        if flags & 3 != 0 { words.append("--dir \(flags & 1 != 0 ? "in" : "out")") }
        words.append("--pol \(flags & 4 != 0 ? "none" : "ipsec")")
        if flags & 8 != 0 { words.append("--strict") }
        for index in 0..<length {
            let start = 76 * index
            if index > 0 { words.append("--next") }
            func add(_ bit: Int, _ text: String) {
                guard info.byte(start + 74) & bit != 0 else { return }
                words.append(not(info.byte(start + 75) & bit != 0) + text)
            }
            func range(_ offset: Int) -> String {
                let mask = info.slice(start + offset + 16, family == .v4 ? 4 : 16)
                let isHost = mask.allSatisfy { $0 == 255 }
                return "\(info.address(start + offset, family).map { "\($0)" } ?? "")"
                    + (isHost ? "" : IPTablesWords.mask(mask) ?? "/0")
            }
            let transports = [50: "esp", 51: "ah", 108: "ipcomp"]
            let transport = info.byte(start + 72)
            add(32, "--reqid \(info.word(start + 68))")
            add(16, "--spi \(IPTablesWords.hex(info.word(start + 64)))")
            add(4, "--proto \(transports[transport] ?? "\(transport)")")
            add(8, "--mode \(info.byte(start + 73) == 0 ? "transport" : "tunnel")")
            add(2, "--tunnel-dst \(range(32))")
            add(1, "--tunnel-src \(range(0))")
        }
        return words
    }
}
