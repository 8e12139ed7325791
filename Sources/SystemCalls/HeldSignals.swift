import CLinux

/// SIGINT, SIGTERM and SIGHUP held back while something must not be left half done (pthread_sigmask(3)).
public enum HeldSignals {
    private static var numbers: [Int32] { [SIGINT, SIGTERM, SIGHUP] }

    /// Runs `body`; a signal that comes meanwhile acts when it is over. It holds for the calling thread, which must be
    /// the program's only one: a signal to the process goes to any thread that lets it through.
    public static func during<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var held = sigset_t()
        var before = sigset_t()
        sigemptyset(&held)
        for number in numbers { sigaddset(&held, number) }
        pthread_sigmask(SIG_BLOCK, &held, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }

    /// The first of them that came and waits; nil also when none is held back.
    public static var pending: Int32? {
        var waiting = sigset_t()
        sigpending(&waiting)
        return numbers.first { sigismember(&waiting, $0) == 1 }
    }
}
