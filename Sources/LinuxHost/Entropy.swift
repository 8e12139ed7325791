import CLinux
import SystemCalls

/// Random bytes from the kernel (getrandom(2)), which waits for its pool only early in the boot.
public enum Entropy {
    public static func bytes(_ count: Int) throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let offset = filled
            filled += try retrying("getrandom") {
                bytes.withUnsafeMutableBytes { getrandom($0.baseAddress.map { $0 + offset }, count - offset, 0) }
            }
        }
        return bytes
    }

    /// 64 random bits.
    public static func number() throws(SystemCallError) -> UInt64 {
        try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
