/// From a pod's name to its number and back. A flow that names its ends is looked up here twice, so this is most of what
/// a verdict by name costs: a table of plain numbers instead of a Dictionary of names, and a hash of eight bytes at a
/// time instead of SipHash. The hash starts from a number that differs from process to process, because names come from
/// whoever may create pods.
struct PodIndex: Sendable {
    /// By number. A number that was given back keeps its name until it is given out again.
    private(set) var names: [PodName] = []
    /// The upper half of a hash and, below it, a number plus one; 0 for a free place. Its count is a power of two, and
    /// at most half of it is taken.
    private var slots: [UInt64] = Array(repeating: 0, count: 16)
    private var free: [Int32] = []
    private(set) var count = 0
    private let seed = UInt64.random(in: .min ... .max) | 1

    subscript(name: PodName) -> Int32? {
        let place = slot(of: name, hash(name))
        return slots[place] == 0 ? nil : Self.number(slots[place])
    }

    /// Numbers in use, in no order.
    var numbers: [Int32] { slots.compactMap { $0 == 0 ? nil : Self.number($0) } }

    var present: [PodName] { numbers.map { names[Int($0)] } }

    /// The name's number; a new one for a name that has none. `isNew` says that no array has a place for it yet.
    mutating func insert(_ name: PodName) -> (number: Int32, isNew: Bool) {
        let hash = hash(name)
        var place = slot(of: name, hash)
        if slots[place] != 0 { return (Self.number(slots[place]), false) }
        if (count + 1) * 2 > slots.count {
            grow()
            place = slot(of: name, hash)
        }
        count += 1
        let number: Int32
        let isNew = free.isEmpty
        if let known = free.popLast() {
            number = known
            names[Int(number)] = name
        } else {
            number = Int32(names.count)
            names.append(name)
        }
        slots[place] = Self.entry(hash, number)
        return (number, isNew)
    }

    mutating func remove(_ name: PodName) -> Int32? {
        var hole = slot(of: name, hash(name))
        guard slots[hole] != 0 else { return nil }
        let number = Self.number(slots[hole])
        free.append(number)
        count -= 1
        // Entries behind that were pushed past the hole move up, so that every search still ends at the first free place.
        let mask = slots.count - 1
        var next = hole
        while true {
            next = (next + 1) & mask
            if slots[next] == 0 { break }
            let home = Int(slots[next] >> 32) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
        }
        slots[hole] = 0
        return number
    }

    // MARK: The table

    private static func number(_ entry: UInt64) -> Int32 { Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF) - 1 }

    private static func entry(_ hash: UInt32, _ number: Int32) -> UInt64 {
        UInt64(hash) << 32 | UInt64(UInt32(bitPattern: number) + 1)
    }

    /// Where the name is, or the free place where it would be.
    private func slot(of name: PodName, _ hash: UInt32) -> Int {
        let mask = slots.count - 1
        var place = Int(hash) & mask
        while true {
            let entry = slots[place]
            if entry == 0 { return place }
            if UInt32(truncatingIfNeeded: entry >> 32) == hash {
                let other = names[Int(Self.number(entry))]
                if other.name == name.name && other.namespace == name.namespace { return place }
            }
            place = (place + 1) & mask
        }
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: 0, count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry != 0 {
            var place = Int(entry >> 32) & mask
            while slots[place] != 0 { place = (place + 1) & mask }
            slots[place] = entry
        }
    }

    private func hash(_ name: PodName) -> UInt32 {
        var state = seed
        Self.mix(&state, name.namespace)
        Self.mix(&state, name.name)
        return UInt32(truncatingIfNeeded: state ^ state >> 32)
    }

    @inline(__always)
    private static func mix(_ state: inout UInt64, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var word: UInt64 = 0
            var filled = 0
            for byte in bytes {
                word = word << 8 | UInt64(byte)
                filled += 1
                if filled == 8 {
                    mix(&state, word)
                    word = 0
                    filled = 0
                }
            }
            // The length last: `a` + `bc` is not `ab` + `c`.
            mix(&state, word)
            mix(&state, UInt64(bytes.count))
        }
    }

    @inline(__always)
    private static func mix(_ state: inout UInt64, _ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        state = product.high ^ product.low
    }
}
