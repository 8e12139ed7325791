import Diagnosis
import LinuxHost
import SystemCalls

extension MachineReading {
    /// What FRR's bgpd says of its neighbours, as `vtysh -c 'show bgp vrf all neighbors json'` prints it.
    mutating func readFRR() {
        for path in ["/run/frr/bgpd.vty", "/var/run/frr/bgpd.vty"] where isMachines(path) {
            let place = seen(path)
            guard (try? FileSystem.exists(place)) == true else { continue }
            let part = "exec/vtysh-show-bgp-neighbors.json"
            let command = "show bgp vrf all neighbors json"
            do throws(SystemCallError) {
                let bytes = try FRRControl.ask(command, at: place, milliseconds: 700)
                add(bytes, part, command: "vtysh -c '\(command)'")
            } catch {
                miss(part, because: "\(path): \(error.errno)")
            }
            return
        }
    }
}

/// The conversation that vtysh has with FRR's daemons (lib/vty.c): a command that ends with a zero byte, and an answer
/// that ends with three of them and the outcome. A caller begins where things can be looked at only; what changes
/// something is an unknown command there.
enum FRRControl {
    /// ETIMEDOUT when there is no answer in time, ECONNREFUSED when the daemon that made the socket is gone, EINVAL when
    /// it does not know the command.
    static func ask(_ command: String, at path: String, milliseconds: Int) throws(SystemCallError) -> [UInt8] {
        let socket = try UnixSocket.connect(path)
        let deadline = Deadline(milliseconds: milliseconds)
        try socket.writeAll(Array(command.utf8) + [0])
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count < 16 << 20 {
            guard let left = deadline.remaining else { throw SystemCallError("read", .ETIMEDOUT, on: path) }
            guard try Sockets.waitReadable(socket, milliseconds: left) else { continue }
            var count = 0
            var failure: SystemCallError?
            chunk.withUnsafeMutableBytes { buffer in
                do throws(SystemCallError) { count = try socket.read(into: buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            if count == 0 { throw SystemCallError("read", .ECONNRESET, on: path) }
            bytes += chunk[..<count]
            if let (answer, outcome) = Self.answer(in: bytes) {
                if outcome != 0 { throw SystemCallError("read", .EINVAL, on: path) }
                return Array(answer)
            }
        }
        throw SystemCallError("read", .EFBIG, on: path)
    }

    /// Nil while it is not whole. The outcome is 0 for a command that was done (CMD_SUCCESS of lib/command.h).
    static func answer(in bytes: [UInt8]) -> (text: ArraySlice<UInt8>, outcome: UInt8)? {
        guard bytes.count >= 4, let outcome = bytes.last, bytes.suffix(4).prefix(3).allSatisfy({ $0 == 0 }) else {
            return nil
        }
        return (bytes.dropLast(4), outcome)
    }
}
