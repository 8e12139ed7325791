import Foundation
import LinuxHost
import Synchronization

@testable import PoplinCommands

/// A console that remembers, and a place for files of one test.
final class Recorder: Sendable {
    private let written = Mutex<[StandardStreams.Output: String]>([:])
    let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-commands-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var output: String { written.withLock { $0[.output] ?? "" } }
    var errors: String { written.withLock { $0[.error] ?? "" } }

    func console(_ environment: Environment = Environment(), isTerminal: Bool = false) -> Console {
        Console(environment: environment, isOutputTerminal: isTerminal, isErrorTerminal: isTerminal) { text, stream in
            self.written.withLock { $0[stream, default: ""] += text }
        }
    }

    /// Runs a command line with the test's own directories; what was written before is forgotten.
    @discardableResult
    func run(_ arguments: String...) -> CommandStatus {
        written.withLock { $0 = [:] }
        let environment = Environment(entries: [
            "NETCONFPATH=\(directory)/net.d", "CNI_PATH=\(directory)/bin", "PATH=/usr/bin:/bin",
        ])
        let cache = arguments.first == "cni" ? ["--cache-dir", "\(directory)/cache"] : []
        return PoplinCommand.invoke(arguments + cache, on: console(environment))
    }

    /// Standard output and standard error without the test's directory and without times.
    func text(_ stream: StandardStreams.Output) -> String {
        let text = stream == .output ? output : errors
        return text.replacing(directory, with: "DIR")
            .replacing(/\d+(\.\d+)? (µs|ms|s)\b +/, with: "TIME  ")
            .replacing(/\d+(\.\d+)? (µs|ms|s)\b/, with: "TIME")
            .replacing(/"milliseconds": [0-9.]+/, with: "\"milliseconds\": 0")
            .replacing(/TIME +OUTCOME/, with: "TIME  OUTCOME").replacing(/TIME +VERSIONS/, with: "TIME  VERSIONS")
    }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = "\(directory)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// A plugin that notes what it is called for in `calls`, and fails the verbs of `failing`.
    func writePlugin(_ name: String, versions: [String] = ["0.4.0", "1.0.0", "1.1.0"], failing: [String] = []) throws {
        let list = versions.map { "\"\($0)\"" }.joined(separator: ",")
        let failures = failing.map {
            "\($0)) printf '%s' '{\"code\":103,\"msg\":\"\(name) minds\",\"details\":\"a\\nb\"}'; exit 1;;"
        }
        try write(
            "bin/\(name)",
            """
            #!/bin/sh
            cat > /dev/null
            echo "$CNI_COMMAND \(name) $CNI_CONTAINERID $CNI_IFNAME" >> \(directory)/calls
            case $CNI_COMMAND in
            \(failures.joined(separator: "\n"))
            VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":[\(list)]}';;
            ADD) echo '{"cniVersion":"1.1.0","interfaces":[{"name":"cni0","mac":"02:00:00:00:00:01"},'\\
            '{"name":"'$CNI_IFNAME'","mac":"02:00:00:00:00:02","mtu":1500,"sandbox":"'$CNI_NETNS'"}],'\\
            '"ips":[{"address":"10.1.0.2/24","gateway":"10.1.0.1","interface":1}],"routes":[{"dst":"0.0.0.0/0"}],'\\
            '"dns":{"nameservers":["10.1.0.1"],"search":["a.example"]}}';;
            esac
            """, mode: 0o755)
    }

    /// What the plugins were called for since the last look.
    func calls() throws -> [String] {
        let path = "\(directory)/calls"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
