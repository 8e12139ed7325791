import Diagnosis
import LinuxHost
import SystemCalls

extension MachineReading {
    /// Control sockets of BIRD: Calico's (confd's template has `-s /var/run/calico/bird.ctl`), and those of distributions.
    private static var controlSockets: [(path: String, part: String)] {
        [
            ("/var/run/calico/bird.ctl", "exec/birdcl-show-protocols-all.txt"),
            ("/var/run/calico/bird6.ctl", "exec/birdcl6-show-protocols-all.txt"),
            ("/run/bird/bird.ctl", "exec/birdcl-system-show-protocols-all.txt"),
            ("/run/bird.ctl", "exec/birdcl-run-show-protocols-all.txt"),
        ]
    }

    /// What BIRD itself says of its sessions, as `birdcl -r show protocols all` prints it: restricted, so that nothing
    /// can be changed by what is asked.
    mutating func readBIRD() {
        for (path, part) in Self.controlSockets where isMachines(path) {
            let place = seen(path)
            guard (try? FileSystem.exists(place)) == true else { continue }
            do throws(SystemCallError) {
                let text = try BIRDControl.ask("show protocols all", at: place, milliseconds: 700)
                add(text, part, command: "birdcl -r -s \(path) show protocols all")
            } catch {
                miss(part, because: "\(path): \(error.errno)")
            }
        }
    }
}

/// The conversation that birdcl has with BIRD over its control socket (doc/reply_codes of BIRD).
enum BIRDControl {
    /// ETIMEDOUT when there is no answer in time, ECONNREFUSED when the daemon that made the socket is gone,
    /// EACCES when it does not let itself be restricted.
    static func ask(_ command: String, at path: String, milliseconds: Int) throws(SystemCallError) -> String {
        let socket = try UnixSocket.connect(path)
        let deadline = Deadline(milliseconds: milliseconds)
        // It greets first.
        _ = try reply(socket, deadline)
        try socket.writeAll("restrict\n".utf8)
        guard try reply(socket, deadline).contains(where: { $0.hasPrefix("0016") }) else {
            throw SystemCallError("read", .EACCES, on: path)
        }
        try socket.writeAll("\(command)\n".utf8)
        return text(of: try reply(socket, deadline))
    }

    /// Lines until the one that ends a reply: four digits and a blank.
    private static func reply(
        _ socket: borrowing FileDescriptor, _ deadline: Deadline
    ) throws(SystemCallError) -> [Substring] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count < 4 << 20 {
            guard let left = deadline.remaining else { throw SystemCallError("read", .ETIMEDOUT) }
            guard try Sockets.waitReadable(socket, milliseconds: left) else { continue }
            var count = 0
            var failure: SystemCallError?
            chunk.withUnsafeMutableBytes { buffer in
                do throws(SystemCallError) { count = try socket.read(into: buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            if count == 0 { throw SystemCallError("read", .ECONNRESET) }
            bytes += chunk[..<count]
            guard bytes.last == UInt8(ascii: "\n") else { continue }
            let lines = Substring(decoding: bytes, as: UTF8.self).split(separator: "\n")
            if let last = lines.last, isEnd(last) { return lines }
        }
        throw SystemCallError("read", .EFBIG)
    }

    private static func isEnd(_ line: Substring) -> Bool {
        let head = line.utf8.prefix(5)
        return head.count == 5 && head.prefix(4).allSatisfy { (48...57).contains($0) } && head.last == 32
    }

    /// What birdcl prints of a reply: without codes, and without the line that only ends it.
    static func text(of lines: [Substring]) -> String {
        var printed: [Substring] = []
        for line in lines {
            if line.hasPrefix(" ") {
                printed.append(line.dropFirst())
            } else if !line.hasPrefix("0000") {
                printed.append(line.dropFirst(5))
            }
        }
        return printed.map { $0 + "\n" }.joined()
    }
}
