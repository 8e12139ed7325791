import CLinux
import LinuxHost
import SystemCalls

/// The measuring client: probes every target at a steady pace, whatever comes back, and counts. One thread, poll(2).
struct ClientWorkload {
    private let settings: ClientSettings

    init(_ settings: ClientSettings) { self.settings = settings }

    /// 0 when something was answered and nothing lost, else 1.
    func run() -> Int32 {
        var probes: [TargetProbe] = []
        for target in settings.targets {
            guard let address = InternetAddress(resolving: target.host, port: target.port) else {
                print("\(target): no such host")
                return 1
            }
            probes.append(TargetProbe(target, address, settings))
        }
        let start = Clock.monotonic()
        var nextReport = start + settings.report
        while true {
            let now = Clock.monotonic()
            let isOver = settings.duration.map { now >= start + $0 } ?? false
            var wake = now + 50_000_000
            for probe in probes { wake = min(wake, probe.turn(now, sends: !isOver)) }
            if probes.allSatisfy({ $0.isDone(isOver: isOver) }) { break }
            if settings.report > 0, !settings.isOneShot, now >= nextReport {
                for probe in probes { print(probe.line) }
                nextReport = now + settings.report
            }
            var entries = probes.compactMap(\.entry)
            var wait = timespec()
            let later = Clock.monotonic()
            wait.tv_nsec = wake > later ? Int(min(wake - later, 50_000_000)) : 0
            ppoll(&entries, nfds_t(entries.count), &wait, nil)
        }
        if settings.isOneShot {
            // agnhost's words for what `connect` came to.
            for probe in probes { if let failure = probe.failure { print(failure) } }
        } else {
            for probe in probes { print("final: \(probe.line)") }
        }
        return probes.allSatisfy(\.isFlawless) ? 0 : 1
    }
}

/// One target with its socket.
private final class TargetProbe {
    private let target: ClientSettings.Target
    private let address: InternetAddress
    private let settings: ClientSettings
    private var ledger = ProbeLedger()
    private var socket: FileDescriptor?
    private var isConnected = false
    /// A connection was there, or was refused, once.
    private var hasBegun = false
    /// The probe of a `connect` under way, or of a connection being opened.
    private var current: UInt32?
    private var openedAt: UInt64 = 0
    private var nextSend: UInt64
    private var incoming: [UInt8] = []
    private(set) var failure: String?

    init(_ target: ClientSettings.Target, _ address: InternetAddress, _ settings: ClientSettings) {
        self.target = target
        self.address = address
        self.settings = settings
        nextSend = Clock.monotonic()
    }

    var line: String { ledger.line(target) }
    var isFlawless: Bool { ledger.answered > 0 && ledger.lost == 0 }

    func isDone(isOver: Bool) -> Bool {
        (isOver || settings.count.map { ledger.sent >= $0 } ?? false) && ledger.isSettled
    }

    var entry: pollfd? {
        guard let number = socket?.rawValue else { return nil }
        return pollfd(fd: number, events: Int16(isConnected ? POLLIN : POLLOUT), revents: 0)
    }

    /// Does what can be done now; answers when it wants to be called again.
    func turn(_ now: UInt64, sends: Bool) -> UInt64 {
        receive()
        ledger.expire(at: now, timeout: settings.timeout)
        if !isConnected, socket != nil, now >= openedAt + settings.timeout { fail("TIMEOUT") }
        var budget = 100
        while sends, now >= nextSend, budget > 0, settings.count.map({ ledger.sent < $0 }) ?? true {
            sendOne(now)
            nextSend += settings.interval
            budget -= 1
        }
        return nextSend
    }

    // MARK: - Sending

    private func sendOne(_ now: UInt64) {
        switch target.kind {
        case .connect:
            // One at a time: a probe that is due while another is under way waits for its turn.
            guard socket == nil else { return }
            let number = ledger.send(at: now)
            current = number
            open(now)
        case .udp, .tcp:
            if socket == nil { open(now) }
            // The first connection is no fault that is measured; every later one is.
            if !isConnected, !hasBegun { return }
            let number = ledger.send(at: now)
            guard isConnected, let descriptor = socket?.rawValue else { return ledger.refuse(number) }
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
            let count = send(descriptor, bytes, 4, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            if count == 4 { return }
            if target.kind == .tcp, count < 0, Errno.current == .EAGAIN { return ledger.withdraw(number) }
            ledger.refuse(number)
            // A stream that took part of a number, or is broken, is of no use.
            if target.kind == .tcp { breakOff() }
        }
    }

    private func open(_ now: UInt64) {
        let type = target.kind == .udp ? SOCK_DGRAM : SOCK_STREAM
        guard
            let made = try? Sockets.make(
                domain: address.family, type: Int32(type.rawValue | SOCK_NONBLOCK.rawValue), protocol: 0)
        else { return }
        try? Sockets.setOption(made, level: Int32(IPPROTO_TCP), name: TCP_NODELAY, value: 1)
        openedAt = now
        isConnected = false
        incoming = []
        do throws(SystemCallError) {
            try address.connect(made)
            socket = consume made
            connected()
        } catch  where error.errno.rawValue == EINPROGRESS {
            socket = consume made
        } catch {
            fail(Self.word(error.errno))
        }
    }

    private func connected() {
        isConnected = true
        hasBegun = true
        guard target.kind == .connect, let current else { return }
        ledger.answer(current, at: Clock.monotonic())
        self.current = nil
        socket = nil
        isConnected = false
    }

    private func fail(_ word: String) {
        failure = word
        hasBegun = true
        if let current {
            ledger.refuse(current)
            self.current = nil
        }
        if target.kind == .tcp, socket != nil { ledger.broke() }
        socket = nil
        isConnected = false
    }

    private func breakOff() {
        ledger.broke()
        socket = nil
        isConnected = false
    }

    /// agnhost connect's words.
    private static func word(_ errno: Errno) -> String {
        switch errno {
        case .ECONNREFUSED: "REFUSED"
        case .ETIMEDOUT: "TIMEOUT"
        default: "OTHER: \(errno)"
        }
    }

    // MARK: - Receiving

    private func receive() {
        guard let number = socket?.rawValue else { return }
        if !isConnected {
            var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, 0) > 0 else { return }
            var code: Int32 = 0
            var length = socklen_t(4)
            getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length)
            if code == 0 { connected() } else { fail(Self.word(Errno(rawValue: code))) }
            return
        }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while let descriptor = socket?.rawValue {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                incoming += chunk[..<count]
                let now = Clock.monotonic()
                while incoming.count >= 4 {
                    ledger.answer(incoming.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, at: now)
                    incoming.removeFirst(4)
                }
                continue
            }
            let errno = Errno.current
            if count < 0, errno == .EINTR { continue }
            // A datagram socket hears of a port that is closed; the next probe goes out all the same.
            if target.kind == .udp || (count < 0 && errno == .EAGAIN) { return }
            return breakOff()
        }
    }
}
