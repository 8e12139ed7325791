import CLinux
import SystemCalls

/// An address and a port as the socket calls take them, of either family.
///
/// Lives here and not where it is used: rooms that import SwiftNIO see the structures of <netinet/in.h> through a module
/// of its own, which cannot be named.
public struct InternetAddress: Sendable {
    private let bytes: [UInt8]
    /// AF_INET or AF_INET6.
    public let family: Int32

    /// The first address of a name, or a number (getaddrinfo(3)); nil when there is none. Blocks.
    public init?(resolving host: String, port: UInt16) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        guard let first = list?.pointee, let found = first.ai_addr else { return nil }
        family = first.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: found, count: Int(first.ai_addrlen)))
    }

    /// 127.0.0.1 or ::1.
    public init(loopback isIPv6: Bool, port: UInt16) {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0[15] = 1 }
            bytes = withUnsafeBytes(of: address) { Array($0) }
            family = AF_INET6
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            bytes = withUnsafeBytes(of: address) { Array($0) }
            family = AF_INET
        }
    }

    /// Every address of both families.
    public init(wildcardPort port: UInt16) {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        bytes = withUnsafeBytes(of: address) { Array($0) }
        family = AF_INET6
    }

    /// connect(2). EINPROGRESS from a socket that does not block is an error here too.
    public func connect(_ socket: borrowing SystemCalls.FileDescriptor) throws(SystemCallError) {
        let number = socket.rawValue
        try retrying("connect") {
            bytes.withUnsafeBytes { clinux_connect(number, $0.baseAddress, socklen_t($0.count)) }
        }
    }

    /// bind(2) and listen(2).
    public func listen(_ socket: borrowing SystemCalls.FileDescriptor) throws(SystemCallError) {
        let number = socket.rawValue
        try retrying("bind") { bytes.withUnsafeBytes { clinux_bind(number, $0.baseAddress, socklen_t($0.count)) } }
        try retrying("listen") { CLinux.listen(number, 64) }
    }

    /// The addresses of this namespace's interfaces as text, without loopback and link-local ones (getifaddrs(3)).
    public static func ofInterfaces() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [String] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, entry.ifa_flags & clinux_iff_loopback() == 0 else { continue }
            if let text = text(of: address), !text.hasPrefix("fe80:") { addresses.append(text) }
        }
        return addresses
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let family = Int32(address.pointee.sa_family)
        // Where the address stands in the two structures (<netinet/in.h>).
        guard let offset = [AF_INET: 4, AF_INET6: 8][family] else { return nil }
        var buffer = [CChar](repeating: 0, count: 64)
        let raw = UnsafeRawPointer(address) + offset
        guard inet_ntop(family, raw, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
