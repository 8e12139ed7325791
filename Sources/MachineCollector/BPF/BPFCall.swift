import CKernelProbe
import CLinux
import SystemCalls

/// Attributes of bpf(2): a `union bpf_attr` as it lies in memory. Fields are named by their offset; what is not set is
/// zero, which every kernel takes.
struct BPFAttributes {
    private var bytes = [UInt8](repeating: 0, count: 72)

    subscript(offset: Int) -> UInt32 {
        get { bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) } }
        set { bytes.withUnsafeMutableBytes { $0.storeBytes(of: newValue, toByteOffset: offset, as: UInt32.self) } }
    }

    mutating func set(_ value: UInt64, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: UInt64.self) }
    }

    /// The memory must stay where it is until the call was made.
    mutating func set(_ address: UnsafeRawPointer?, at offset: Int) {
        set(UInt64(UInt(bitPattern: address)), at: offset)
    }

    /// The descriptor or zero that the kernel answers.
    @discardableResult
    mutating func call(_ command: BPFCommand) throws(SystemCallError) -> Int32 {
        let result = bytes.withUnsafeMutableBytes { buffer in
            kernel_probe_bpf(command.rawValue, buffer.baseAddress, UInt32(buffer.count))
        }
        if result < 0 { throw SystemCallError("bpf \(command)", Errno(rawValue: -result)) }
        return result
    }
}

/// `enum bpf_cmd` of linux/bpf.h, as far as it only looks.
enum BPFCommand: UInt32 {
    case nextKey = 4
    case openPinned = 7
    case nextProgram = 11
    case nextMap = 12
    case openProgram = 13
    case openMap = 14
    case information = 15
    case attached = 16
    case lookUpBatch = 24
    case openLink = 30
    case nextLink = 31
}

/// What the kernel says of a program, map or link: `struct bpf_prog_info` and its kin.
struct BPFInformation {
    private var bytes: [UInt8]

    /// Newer kernels know more fields; zeroes stand where an older one knows fewer.
    init(_ descriptor: borrowing FileDescriptor, request: [UInt8] = []) throws(SystemCallError) {
        bytes = request + [UInt8](repeating: 0, count: max(0, 256 - request.count))
        var attributes = BPFAttributes()
        attributes[0] = UInt32(descriptor.rawValue)
        attributes[4] = UInt32(bytes.count)
        let result = bytes.withUnsafeMutableBytes { buffer -> Result<Int32, SystemCallError> in
            attributes.set(buffer.baseAddress, at: 8)
            do throws(SystemCallError) {
                return .success(try attributes.call(.information))
            } catch {
                return .failure(error)
            }
        }
        _ = try result.get()
    }

    func uint32(_ offset: Int) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    func uint64(_ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }

    /// Up to the first zero.
    func text(_ offset: Int, _ length: Int) -> String {
        String(decoding: bytes[offset..<(offset + length)].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// As hexadecimal digits.
    func tag(_ offset: Int, _ length: Int) -> String {
        bytes[offset..<(offset + length)].map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
