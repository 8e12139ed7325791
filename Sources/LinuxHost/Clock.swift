import CLinux
import SystemCalls

/// The machine's clocks, in nanoseconds.
public enum Clock {
    /// Time of day since the Epoch; may jump (CLOCK_REALTIME).
    public static func now() -> UInt64 { read(CLOCK_REALTIME) }

    /// Never goes back; stands still while the machine sleeps (CLOCK_MONOTONIC).
    public static func monotonic() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// Since the machine was started, sleep included (CLOCK_BOOTTIME).
    public static func sinceBoot() -> UInt64 { read(CLOCK_BOOTTIME) }

    /// When the machine was started, since the Epoch. Moves with the time of day: to recognise a restart compare
    /// `bootIdentifier`.
    public static func bootTime() -> UInt64 { now() - sinceBoot() }

    /// A text that is new with every start of the machine (/proc/sys/kernel/random/boot_id).
    public static func bootIdentifier() throws(SystemCallError) -> String {
        let file = try FileDescriptor.open("/proc/sys/kernel/random/boot_id", O_RDONLY)
        let bytes = try file.readAll(limit: 4096)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Waits; signals do not shorten it (nanosleep(2)).
    public static func sleep(nanoseconds: UInt64) {
        var rest = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = timespec()
        while nanosleep(&rest, &left) == -1, clinux_errno() == EINTR { rest = left }
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Fails only for a clock the kernel does not know; all three are as old as Linux 2.6.39.
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds; negative durations are 0, and what does not fit is the most that does.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        // Half the range, so that adding it to a clock cannot overflow.
        guard !overflow, product < UInt64.max / 2 else { return UInt64.max / 2 }
        return product + UInt64(attoseconds / 1_000_000_000)
    }
}
