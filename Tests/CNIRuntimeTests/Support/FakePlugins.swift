import Foundation
import Glibc

/// A directory of shell scripts that play plugins, removed with its owner. Each call is recorded: `NAME.calls` has
/// one line with verb, container, interface and namespace for each; `NAME.VERB.stdin` and `NAME.VERB.env` what the
/// last call of the verb was given. `calls` has the order across all of them.
final class FakePlugins: Sendable {
    let directory: String

    init() {
        var template = Array("/tmp/poplin-fake-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Adds a plugin whose body is `script`, run after the call was recorded with the configuration in `$config`.
    @discardableResult
    func add(_ name: String, _ script: String, mode: Int = 0o755) -> String {
        let path = "\(directory)/\(name)"
        let text = """
            #!/bin/sh
            here=\(directory)
            config=$(cat)
            echo "\(name) $CNI_COMMAND" >> "$here/calls"
            printf '%s' "$config" > "$here/\(name).$CNI_COMMAND.stdin"
            env | grep '^CNI_' | sort > "$here/\(name).$CNI_COMMAND.env"
            \(script)

            """
        _ = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        return path
    }

    /// A file that is no recorded script.
    func addFile(_ name: String, _ content: String, mode: Int) {
        _ = FileManager.default.createFile(
            atPath: "\(directory)/\(name)", contents: Data(content.utf8), attributes: [.posixPermissions: mode])
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(directory)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    /// `NAME VERB` of every call, in order.
    var calls: [String] { text("calls")?.split(separator: "\n").map(String.init) ?? [] }

    func forgetCalls() { try? FileManager.default.removeItem(atPath: "\(directory)/calls") }

    /// Lines that a test notes beside the calls.
    var notes: [String] { text("notes")?.split(separator: "\n").map(String.init) ?? [] }

    func note(_ line: String) {
        let all = (text("notes") ?? "") + line + "\n"
        _ = FileManager.default.createFile(atPath: "\(directory)/notes", contents: Data(all.utf8))
    }

    /// What the last call of the verb got on standard input.
    func configuration(_ name: String, _ verb: String) -> String? { text("\(name).\(verb).stdin") }

    func variables(_ name: String, _ verb: String) -> [String] {
        text("\(name).\(verb).env")?.split(separator: "\n").map(String.init) ?? []
    }
}
