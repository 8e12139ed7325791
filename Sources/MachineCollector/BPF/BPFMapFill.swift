import CLinux
import LinuxHost
import SystemCalls

/// Counts the keys of maps, for as long as it may take: a connection table has half a million, and the kernel keeps no
/// count that can be asked for.
struct BPFMapFill {
    struct Count: Equatable {
        var entries: Int
        /// False when time was up: there are at least so many.
        var isWhole: Bool
    }

    /// Nanoseconds of the monotonic clock.
    private let end: UInt64
    /// Processors that a map with a value for each has values for.
    private let processors: Int
    private static let keysAtOnce = 4096

    init(milliseconds: UInt64) {
        end = Clock.monotonic() + milliseconds * 1_000_000
        processors = Self.possibleProcessors((try? AtomicFile.read("/sys/devices/system/cpu/possible")) ?? nil ?? [])
    }

    /// The last number of `0-3` or `0,2-7`, and one.
    static func possibleProcessors(_ bytes: [UInt8]) -> Int {
        let numbers = String(decoding: bytes, as: UTF8.self).split { !$0.isNumber }.compactMap { Int($0) }
        return (numbers.max() ?? 0) + 1
    }

    /// Kinds with a key for each entry; of arrays every entry is always there.
    static func isCountable(_ map: BPFMap) -> Bool {
        ["hash", "percpu_hash", "lru_hash", "lru_percpu_hash", "lpm_trie", "hash_of_maps"].contains(map.typeName)
    }

    func count(_ map: BPFMap) -> Count? {
        guard Self.isCountable(map), map.keySize > 0, map.keySize <= 4096,
            let descriptor = try? BPFObjects.open(.openMap, map.id, flags: BPFObjects.readOnly)
        else { return nil }
        if isOver { return nil }
        // A trie's keys are found one from the other, and batches of it came late.
        if map.typeName != "lpm_trie", let count = countInBatches(map, descriptor) { return count }
        return countKeys(map, descriptor)
    }

    private var isOver: Bool { Clock.monotonic() > end }

    /// BPF_MAP_LOOKUP_BATCH (Linux 5.6); nil when the map does not know it.
    private func countInBatches(_ map: BPFMap, _ descriptor: borrowing FileDescriptor) -> Count? {
        let isPerProcessor = map.typeName.contains("percpu")
        let value = isPerProcessor ? (map.valueSize + 7) & ~7 * processors : map.valueSize
        var atOnce = min(Self.keysAtOnce, max(64, (4 << 20) / max(1, value + map.keySize)))
        var token = [UInt8](repeating: 0, count: max(64, map.keySize))
        var hasToken = false
        var entries = 0
        while !isOver {
            var keys = [UInt8](repeating: 0, count: atOnce * map.keySize)
            var values = [UInt8](repeating: 0, count: atOnce * max(1, value))
            var next = [UInt8](repeating: 0, count: token.count)
            var attributes = BPFAttributes()
            attributes[32] = UInt32(atOnce)
            attributes[36] = UInt32(descriptor.rawValue)
            let errno = token.withUnsafeBytes { token in
                next.withUnsafeMutableBytes { next in
                    keys.withUnsafeMutableBytes { keys in
                        values.withUnsafeMutableBytes { values -> Errno? in
                            if hasToken { attributes.set(token.baseAddress, at: 0) }
                            attributes.set(next.baseAddress, at: 8)
                            attributes.set(keys.baseAddress, at: 16)
                            attributes.set(values.baseAddress, at: 24)
                            do throws(SystemCallError) {
                                try attributes.call(.lookUpBatch)
                                return nil
                            } catch {
                                return error.errno
                            }
                        }
                    }
                }
            }
            switch errno {
            case nil: entries += Int(attributes[32])
            // The end; what was found on the way there counts.
            case .ENOENT: return Count(entries: entries + Int(attributes[32]), isWhole: true)
            // One bucket alone has more.
            case .ENOSPC where atOnce < 1 << 20:
                atOnce *= 4
                continue
            default: return entries == 0 ? nil : Count(entries: entries, isWhole: false)
            }
            token = next
            hasToken = true
        }
        return Count(entries: entries, isWhole: false)
    }

    /// BPF_MAP_GET_NEXT_KEY, one call for each.
    private func countKeys(_ map: BPFMap, _ descriptor: borrowing FileDescriptor) -> Count? {
        var key = [UInt8](repeating: 0, count: map.keySize)
        var entries = 0
        while entries <= map.mostEntries {
            // The clock is asked for now and then: it costs as much as a key.
            if entries % 256 == 255, isOver { return Count(entries: entries, isWhole: false) }
            var next = [UInt8](repeating: 0, count: map.keySize)
            var attributes = BPFAttributes()
            attributes[0] = UInt32(descriptor.rawValue)
            let errno = key.withUnsafeBytes { key in
                next.withUnsafeMutableBytes { next -> Errno? in
                    if entries > 0 { attributes.set(key.baseAddress, at: 8) }
                    attributes.set(next.baseAddress, at: 16)
                    do throws(SystemCallError) {
                        try attributes.call(.nextKey)
                        return nil
                    } catch {
                        return error.errno
                    }
                }
            }
            switch errno {
            case nil: entries += 1
            case .ENOENT: return Count(entries: entries, isWhole: true)
            default: return nil
            }
            key = next
        }
        // Keys that come and go lead in circles.
        return Count(entries: map.mostEntries, isWhole: false)
    }
}
