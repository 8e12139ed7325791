import Addressing
import CLinux
import LinuxHost
import Netlink
import SystemCalls

/// The trap of checksums that nobody computes. A tunnel may leave a packet's inner checksum to the hardware below. Two
/// places are known to get that wrong: kernels before 5.7 when the outer packet is translated on its way (fixed by
/// "netfilter: nat: never update the UDP checksum when it's 0"), and VMware's vmxnet3, which computes inner checksums
/// for some ports only. The sign is TCP between nodes that connects never while ping works.
///
/// Computing them in software always works and costs throughput, so it is done where needed, or where configured, and
/// again whenever the setting is found changed.
extension FabricDriver {
    /// linux/ethtool.h
    private static let ETHTOOL_GDRVINFO: UInt32 = 0x03
    private static let ETHTOOL_GTXCSUM: UInt32 = 0x16
    private static let ETHTOOL_STXCSUM: UInt32 = 0x17
    /// linux/sockios.h
    private static let SIOCETHTOOL: UInt = 0x8946
    /// struct ethtool_drvinfo
    private static let driverInfoSize = 196

    /// Whether the driver below, or the kernel, is one that breaks checksums.
    func breaksTransmitChecksum(under interface: String) -> Bool {
        if let version = try? Self.kernelVersion(), version < (5, 7) { return true }
        var data = [UInt8](repeating: 0, count: Self.driverInfoSize)
        Self.put(Self.ETHTOOL_GDRVINFO, into: &data)
        guard ethtool(interface, &data) else { return false }
        let driver = data[4..<36].prefix { $0 != 0 }
        return String(decoding: driver, as: UTF8.self) == "vmxnet3"
    }

    /// Major and minor number.
    private static func kernelVersion() throws(SystemCallError) -> (Int, Int) {
        let words = try Sysctl.read("kernel.osrelease").split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return words.count == 2 ? (words[0], words[1]) : (Int.max, 0)
    }

    /// Nil when the kernel does not say.
    func transmitChecksum(of interface: String) -> Bool? {
        var data = [UInt8](repeating: 0, count: 8)
        Self.put(Self.ETHTOOL_GTXCSUM, into: &data)
        guard ethtool(interface, &data) else { return nil }
        return data[4...].contains { $0 != 0 }
    }

    /// `ethtool -K INTERFACE tx on|off`, when it is not so already.
    mutating func setTransmitChecksum(
        _ tunnel: FabricState.Tunnel, _ failures: inout [Failure], _ step: FabricDelta.Step
    ) {
        guard let wanted = tunnel.transmitChecksum, transmitChecksum(of: tunnel.name) != wanted else { return }
        var data = [UInt8](repeating: 0, count: 8)
        Self.put(Self.ETHTOOL_STXCSUM, into: &data)
        data[4] = wanted ? 1 : 0
        if !ethtool(tunnel.name, &data) {
            failures.append(
                Failure(
                    step: step,
                    reason: "the kernel does not let transmit checksums be switched \(wanted ? "on" : "off")",
                    next: "set \"transmitChecksum\": \"auto\" in poplin.json"))
        }
    }

    private static func put(_ command: UInt32, into data: inout [UInt8]) {
        withUnsafeBytes(of: command) { data.replaceSubrange(0..<4, with: $0) }
    }

    /// One ioctl(SIOCETHTOOL); false when it fails. A socket of any kind stands for the namespace.
    private func ethtool(_ interface: String, _ data: inout [UInt8]) -> Bool {
        var copy = data
        let succeeded = inNamespace { () -> Bool in
            guard let socket = try? Sockets.make(domain: AF_INET, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
            else { return false }
            return copy.withUnsafeMutableBytes { buffer in
                // struct ifreq: sixteen bytes of name, then a pointer; forty bytes in all.
                var request = [UInt8](repeating: 0, count: 40)
                request.replaceSubrange(0..<min(interface.utf8.count, 15), with: Array(interface.utf8.prefix(15)))
                let address = UInt(bitPattern: buffer.baseAddress)
                withUnsafeBytes(of: address) { request.replaceSubrange(16..<(16 + $0.count), with: $0) }
                return request.withUnsafeMutableBytes { bytes in
                    clinux_ioctl(socket.rawValue, Self.SIOCETHTOOL, UInt(bitPattern: bytes.baseAddress)) == 0
                }
            }
        }
        data = copy
        return succeeded ?? false
    }
}
