import Addressing
import JSONTree
import LinuxHost

/// A harness failure: a witness could not be run, or a preparation failed.
struct RigError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Witness programs, found where root's PATH may not look.
enum TestProgram {
    struct Answer: CustomStringConvertible {
        let command: String
        let succeeded: Bool
        let output: String
        let errors: String

        var description: String { "$ \(command)\n\(succeeded ? "ok" : "failed")\n\(output)\(errors)" }
    }

    static func find(_ name: String) throws -> String {
        for directory in ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] {
            let path = "\(directory)/\(name)"
            if (try? AtomicFile.read(path)) != nil { return path }
        }
        throw RigError("\(name) is not installed; `make test` installs what the tests need")
    }

    static func run(_ arguments: [String]) throws -> Answer {
        let path = try find(arguments[0])
        let environment = Environment(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"])
        let outcome = try ChildProcess.run(
            .init(path, Array(arguments.dropFirst()), environment: environment, limit: .seconds(60)))
        return Answer(
            command: arguments.joined(separator: " "), succeeded: outcome.termination.isSuccess,
            output: String(decoding: outcome.output, as: UTF8.self),
            errors: String(decoding: outcome.errors, as: UTF8.self))
    }

    @discardableResult
    static func check(_ arguments: [String]) throws -> String {
        let answer = try run(arguments)
        guard answer.succeeded else { throw RigError("\(answer)") }
        return answer.output
    }
}

/// A network namespace that a test made; it goes with the value.
final class TestNamespace: Sendable {
    let name: String
    var path: String { NetworkNamespace.path(ofName: name) }

    init(_ name: String) throws {
        self.name = name
        _ = try NetworkNamespace.create(named: name)
        try ip("link", "set", "lo", "up")
        for key in ["all", "default"] {
            try sysctl("net.ipv6.conf.\(key).dad_transmits", "0")
            try sysctl("net.ipv6.conf.\(key).accept_dad", "0")
        }
    }

    deinit { try? NetworkNamespace.remove(named: name) }

    func open() throws -> NetworkNamespace { try NetworkNamespace.open(path) }

    func sysctl(_ key: String, _ value: String) throws {
        let result: Result<Void, any Error> = try open().run { () -> Result<Void, any Error> in
            Result { try Sysctl.write(key, value) }
        }
        try result.get()
    }

    @discardableResult
    func ip(_ arguments: String...) throws -> String { try TestProgram.check(["ip", "-n", name] + arguments) }

    @discardableResult
    func check(_ arguments: String...) throws -> String {
        try TestProgram.check(["nsenter", "--net=\(path)", "--"] + arguments)
    }

    func run(_ arguments: String...) throws -> TestProgram.Answer {
        try TestProgram.run(["nsenter", "--net=\(path)", "--"] + arguments)
    }

    /// What a witness prints with `-j`; nothing printed is an empty list.
    func json(_ arguments: String...) throws -> [JSONNode] {
        let text = try TestProgram.check(["nsenter", "--net=\(path)", "--"] + arguments)
        if text.allSatisfy(\.isWhitespace) { return [] }
        return Array(try JSONTree(parsing: text).root.elements)
    }

    /// Whether one packet of so many payload bytes comes back; a large one must not be cut up on the way.
    func pings(_ address: String, size: Int = 56) throws -> Bool {
        try run("ping", "-n", "-c", "1", "-W", "5", "-M", "do", "-s", "\(size)", address).succeeded
    }
}
