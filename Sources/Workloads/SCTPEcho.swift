import CLinux
import LinuxHost
import SystemCalls

/// SCTP in the style of TCP (sctp(7), one-to-one), served by poll(2).
enum SCTPEcho {
    /// The listening socket's number; nil, said on standard output, where the kernel has no SCTP.
    static func listen(_ port: UInt16) -> Int32? {
        do throws(SystemCallError) {
            let socket = try Sockets.make(
                domain: AF_INET6, type: Int32(SOCK_STREAM.rawValue), protocol: Int32(IPPROTO_SCTP))
            try InternetAddress(wildcardPort: port).listen(socket)
            return socket.release()
        } catch {
            print("no SCTP on port \(port): \(error)")
            return nil
        }
    }

    static func serve(_ listeners: [Int32]) {
        var peers: [Int32] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var entries = (listeners + peers).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
            for entry in entries where entry.revents != 0 {
                if listeners.contains(entry.fd) {
                    let peer = accept4(entry.fd, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
                    if peer >= 0 { peers.append(peer) }
                } else {
                    let count = recv(entry.fd, &chunk, chunk.count, 0)
                    if count <= 0 || send(entry.fd, chunk, count, Int32(MSG_NOSIGNAL)) < 0 {
                        close(entry.fd)
                        peers.removeAll { $0 == entry.fd }
                    }
                }
            }
        }
    }
}
