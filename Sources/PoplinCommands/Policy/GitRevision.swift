import Findings
import LinuxHost
import SystemCalls

/// `REVISION:PATH` of the git repository around the current directory, read with git itself.
struct GitRevision {
    let revision: String
    let path: String

    /// As the user wrote it.
    var name: String { "\(revision):\(path)" }

    /// Nil for what is no revision: no colon, or a file of that whole name.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex, (try? FileSystem.status(text)) == nil
        else {
            return nil
        }
        revision = String(text[..<colon])
        let path = String(text[text.index(after: colon)...])
        self.path = path.isEmpty ? "." : path
    }

    private static let suffixes = [".yaml", ".yml", ".json"]

    /// Every manifest at or below the path, in git's order.
    func files() throws(CommandFailure) -> [(path: String, bytes: [UInt8])] {
        // A revision that begins with a dash would be an option.
        guard !revision.hasPrefix("-") else { throw .usage("\"\(revision)\" is no revision") }
        let listing = try git(["ls-tree", "-r", "-z", "--name-only", revision, "--", path])
        let names = listing.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let isFile = names == [path]
        let wanted = names.filter { name in isFile || Self.suffixes.contains(where: name.hasSuffix) }
        if wanted.isEmpty {
            throw CommandFailure(
                .undetermined,
                Finding(
                    "revision \(revision) has no manifest at \(path)", next: "git ls-tree -r --name-only \(revision)"))
        }
        var files: [(path: String, bytes: [UInt8])] = []
        for name in wanted { files.append((name, try git(["show", "\(revision):./\(name)"]))) }
        return files
    }

    private func git(_ arguments: [String]) throws(CommandFailure) -> [UInt8] {
        let environment = Environment.current()
        let directories = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let program = directories.lazy.map { "\($0)/git" }.first { (try? FileSystem.status($0)) != nil }
        guard let program else {
            throw CommandFailure(
                .undetermined, Finding("git is not installed", next: "install git, or give a directory"))
        }
        let outcome: ChildProcess.Outcome
        do throws(SystemCallError) {
            outcome = try ChildProcess.run(
                ChildProcess.Command(program, arguments, environment: environment, limit: .seconds(60)))
        } catch {
            throw CommandFailure(.undetermined, Finding("git cannot be run: \(error)"))
        }
        if outcome.termination.isSuccess { return outcome.output }
        let reason = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").first.map(String.init)
        throw CommandFailure(
            .undetermined,
            Finding(
                "git cannot read \(name): \(reason ?? outcome.termination.description)",
                next: "git \(arguments.joined(separator: " "))"))
    }
}
