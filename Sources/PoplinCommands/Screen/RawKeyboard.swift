import Dispatch
import Foundation
import Synchronization

/// The terminal of standard input with every key passed on as it is pressed, no line kept back and no signal made of
/// one, for as long as a command at the other end has the keyboard.
final class RawKeyboard: Sendable {
    private let before: Mutex<termios?>

    /// Nil when standard input is no terminal: then there is nothing to change.
    init?() {
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return nil }
        before = Mutex(settings)
        var raw = settings
        cfmakeraw(&raw)
        tcsetattr(0, TCSANOW, &raw)
    }

    /// As it was. Once is enough, more does no harm.
    func restore() {
        before.withLock { settings in
            guard var old = settings else { return }
            tcsetattr(0, TCSANOW, &old)
            settings = nil
        }
    }

    deinit { restore() }
}

/// How large the window of standard output is, now and whenever it changes; nothing when that is no terminal.
final class TerminalSizes: Sendable {
    struct Size: Hashable, Sendable {
        var width: UInt16
        var height: UInt16
    }

    let stream: AsyncStream<Size>
    /// Touched when this is made and when it goes.
    nonisolated(unsafe) private let source: any DispatchSourceSignal

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Size.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        source = DispatchSource.makeSignalSource(signal: SIGWINCH)
        source.setEventHandler { Self.now.map { _ = continuation.yield($0) } }
        source.resume()
        if let size = Self.now { continuation.yield(size) }
    }

    deinit { source.cancel() }

    private static var now: Size? {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return Size(width: size.ws_col, height: size.ws_row)
    }
}
