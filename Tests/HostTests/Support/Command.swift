import CLinux
import Foundation
import Glibc

/// What a finished program left behind.
struct Output: Sendable, CustomStringConvertible {
    let command: [String]
    /// Exit code, or 128 + the signal's number as shells say it.
    let status: Int32
    let stdout: String
    let stderr: String

    var succeeded: Bool { status == 0 }
    var description: String {
        "$ \(command.joined(separator: " "))\nexit \(status)\n\(stdout)\(stderr.isEmpty ? "" : "\nstderr: \(stderr)")"
    }
}

/// A harness failure: a witness could not be run, or a test's preparation failed.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs programs the plain way. Output goes to unlinked temporary files rather than pipes, so that a child that
/// prints more than a pipe holds, or hands its stdout to a daemon, cannot block the test.
enum Command {
    /// Runs `arguments` (a program name is looked up in PATH, and in /usr/sbin which root's PATH may lack).
    /// - Parameter environment: the whole environment; nil gives the test's own.
    /// - Parameter timeout: seconds, after which the child's process group is killed and the status is 124.
    static func run(
        _ arguments: [String], stdin: String = "", environment: [String: String]? = nil, timeout: Double = 60
    ) throws -> Output {
        let input = try temporaryFile(containing: stdin)
        let output = try temporaryFile(containing: "")
        let errors = try temporaryFile(containing: "")
        defer {
            for number in [input, output, errors] { _ = Glibc.close(number) }
        }

        let child = try spawn(arguments, environment: environment, standard: [input, output, errors])
        let status = wait(for: child, timeout: timeout)
        return Output(command: arguments, status: status, stdout: contents(of: output), stderr: contents(of: errors))
    }

    /// Runs and throws unless the exit code is 0.
    @discardableResult
    static func check(
        _ arguments: [String], stdin: String = "", environment: [String: String]? = nil, timeout: Double = 60
    ) throws -> Output {
        let output = try run(arguments, stdin: stdin, environment: environment, timeout: timeout)
        guard output.succeeded else { throw HarnessError("\(output)") }
        return output
    }

    /// Starts `arguments` in a process group of its own and answers its process id; the caller ends it with
    /// ``end(_:)``. Standard output and error go to `log`.
    static func start(_ arguments: [String], environment: [String: String]? = nil, log: String) throws -> pid_t {
        let input = try temporaryFile(containing: "")
        let output = Glibc.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw HarnessError("cannot open \(log): \(String(cString: strerror(errno)))") }
        defer {
            _ = Glibc.close(input)
            _ = Glibc.close(output)
        }
        return try spawn(arguments, environment: environment, standard: [input, output, output])
    }

    /// Ends a process that ``start(_:environment:log:)`` began, with its whole group, and waits for it.
    ///
    /// - Parameter signal: what it gets first; whoever lives five seconds later is killed.
    static func end(_ child: pid_t, with signal: Int32 = SIGTERM) {
        _ = kill(-child, signal)
        _ = wait(for: child, timeout: 5)
    }

    /// The environment tests give to programs unless they say otherwise.
    static var baseEnvironment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = searchPath
        for name in environment.keys where name.hasPrefix("CNI_") { environment[name] = nil }
        environment["LC_ALL"] = "C"
        return environment
    }

    private static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private static func spawn(
        _ arguments: [String], environment: [String: String]?, standard: [Int32]
    ) throws -> pid_t {
        guard let name = arguments.first else { throw HarnessError("no program given") }
        let program = try find(name)
        let variables = (environment ?? baseEnvironment).map { "\($0.key)=\($0.value)" }.sorted()

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, source) in standard.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(number))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that a timeout takes the grandchildren too; and the signals a test runner may
        // have blocked or ignored are given back to the child.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var child: pid_t = 0
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let failure = posix_spawn(&child, program, &actions, &attributes, argv, envp)
        guard failure == 0 else {
            throw HarnessError("cannot run \(program): \(String(cString: strerror(failure)))")
        }
        return child
    }

    private static func find(_ name: String) throws -> String {
        if name.contains("/") { return name }
        for directory in searchPath.split(separator: ":") where access("\(directory)/\(name)", X_OK) == 0 {
            return "\(directory)/\(name)"
        }
        throw HarnessError("\(name) is not in \(searchPath); `make test` installs what the tests need")
    }

    /// Waits, first often and then every 5 ms; answers 124 after killing the group when `timeout` seconds passed.
    private static func wait(for child: pid_t, timeout: Double) -> Int32 {
        let deadline = Date().addingTimeInterval(timeout)
        var status: Int32 = 0
        var pause: UInt32 = 200
        while true {
            let answer = waitpid(child, &status, WNOHANG)
            if answer == child { break }
            if answer < 0 && errno != EINTR { return 127 }
            if Date() > deadline {
                _ = kill(-child, SIGKILL)
                _ = waitpid(child, &status, 0)
                return 124
            }
            usleep(pause)
            pause = min(pause * 2, 5000)
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func temporaryFile(containing text: String) throws -> Int32 {
        let number = memfd_create("harness", UInt32(MFD_CLOEXEC))
        guard number >= 0 else { throw HarnessError("memfd_create: \(String(cString: strerror(errno)))") }
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            guard count > 0 else { throw HarnessError("cannot write a temporary file") }
            offset += count
        }
        lseek(number, 0, SEEK_SET)
        return number
    }

    private static func contents(of number: Int32) -> String {
        lseek(number, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(number, &buffer, buffer.count)
            if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
