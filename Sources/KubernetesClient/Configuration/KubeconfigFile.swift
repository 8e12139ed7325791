import Findings
import JSONTree
import LinuxHost
import SystemCalls
import YAMLTree

/// One kubeconfig file: its entries by name, each with its place for messages.
struct KubeconfigFile: Sendable {
    let path: String
    let root: JSONNode
    private(set) var clusters: [String: Entry] = [:]
    private(set) var users: [String: Entry] = [:]
    private(set) var contexts: [String: Entry] = [:]

    /// An element of `clusters`, `users` or `contexts`.
    struct Entry: Sendable {
        /// `cluster "dev"`.
        let title: String
        let file: String
        let node: JSONNode
    }

    /// Bytes of the largest file that is read.
    static let limit = 16 << 20

    /// Nil when there is no such file.
    static func read(_ path: String) throws(KubeconfigError) -> KubeconfigFile? {
        let bytes: [UInt8]?
        do throws(SystemCallError) {
            bytes = try AtomicFile.read(path, limit: limit)
        } catch {
            throw KubeconfigError(
                "cannot read the kubeconfig \(path): \(error.errno)", at: Finding.Place(file: path),
                next: error.errno == .EACCES
                    ? "read it as its owner, or name another one with --kubeconfig"
                    : "name a file with --kubeconfig or KUBECONFIG")
        }
        guard let bytes else { return nil }
        return try KubeconfigFile(path, bytes)
    }

    init(_ path: String, _ bytes: [UInt8]) throws(KubeconfigError) {
        self.path = path
        do {
            root = try JSONTree(yaml: bytes).root
        } catch {
            throw KubeconfigError(
                "the kubeconfig is not YAML: \(error.reason)",
                at: Finding.Place(file: path, position: error.position, rendered: error.renderedPlace(named: path)),
                next: "correct the line, or restore the file from a copy")
        }
        if root.isNull { return }
        guard root.kind == .object else {
            throw KubeconfigError(
                "a kubeconfig is an object, this is \(root.kind)", at: Finding.Place(file: path, node: root))
        }
        if let kind = root.member("kind"), kind.string != "Config" {
            throw KubeconfigError(
                "this file is no kubeconfig: its kind is \(JSONValue(kind).text), not \"Config\"",
                at: Finding.Place(file: path, node: kind))
        }
        clusters = try entries("clusters", "cluster")
        users = try entries("users", "user")
        contexts = try entries("contexts", "context")
    }

    private func entries(_ list: String, _ key: String) throws(KubeconfigError) -> [String: Entry] {
        guard let node = root.member(list), !node.isNull else { return [:] }
        guard node.kind == .array else {
            throw KubeconfigError("\(list) must be a list, not \(node.kind)", at: Finding.Place(file: path, node: node))
        }
        var found: [String: Entry] = [:]
        for element in node.elements {
            guard let name = element.member("name")?.string, !name.isEmpty else {
                throw KubeconfigError(
                    "an element of \(list) has no name", at: Finding.Place(file: path, node: element),
                    next: "give it a name: or remove it")
            }
            if found[name] != nil {
                throw KubeconfigError(
                    "the \(key) \"\(name)\" stands here a second time",
                    at: Finding.Place(file: path, node: element.member("name") ?? element),
                    next: "remove one of the two: kubectl refuses such a file as well")
            }
            let value = element.member(key) ?? element
            guard value.kind == .object, element.member(key) != nil else {
                throw KubeconfigError(
                    "the \(key) \"\(name)\" has no \(key): with its fields",
                    at: Finding.Place(file: path, node: element))
            }
            found[name] = Entry(title: "\(key) \"\(name)\"", file: path, node: value)
        }
        return found
    }
}

extension KubeconfigFile.Entry {
    func place(_ node: JSONNode?) -> Finding.Place { Finding.Place(file: file, node: node ?? self.node) }

    /// A text field; empty ones count as absent, as in Go.
    func string(_ key: String) throws(KubeconfigError) -> String? {
        guard let value = node.member(key), !value.isNull else { return nil }
        guard let text = value.string else {
            throw KubeconfigError("\(key) of \(title) must be a text, not \(value.kind)", at: place(value))
        }
        return text.isEmpty ? nil : text
    }

    func bool(_ key: String) throws(KubeconfigError) -> Bool {
        guard let value = node.member(key), !value.isNull else { return false }
        guard let flag = value.bool else {
            throw KubeconfigError("\(key) of \(title) must be true or false, not \(value.kind)", at: place(value))
        }
        return flag
    }

    func strings(_ key: String) throws(KubeconfigError) -> [String] {
        guard let value = node.member(key), !value.isNull else { return [] }
        let texts = value.elements.compactMap(\.string)
        guard value.kind == .array, texts.count == value.count else {
            throw KubeconfigError("\(key) of \(title) must be a list of texts", at: place(value))
        }
        return texts
    }

    /// `KEY-data` as bytes, or else `KEY` as a file, relative to the kubeconfig's directory. The data win, as in kubectl.
    func material(_ key: String) throws(KubeconfigError) -> Material? {
        if let text = try string("\(key)-data") {
            guard let bytes = Base64.decode(text) else {
                throw KubeconfigError(
                    "\(key)-data of \(title) is no base64", at: place(node.member("\(key)-data")),
                    next: "put the PEM file through `base64 -w0`, or name it with \(key):")
            }
            guard !key.contains("certificate") || bytes.contains(subsequence: "-----BEGIN CERTIFICATE") else {
                throw KubeconfigError(
                    "\(key)-data of \(title) holds no PEM certificate", at: place(node.member("\(key)-data")),
                    next: "put the PEM file through `base64 -w0`, once")
            }
            return .inline(bytes, name: "\(key)-data of \(title)")
        }
        return try string(key).map { .file(resolved($0)) }
    }

    /// A path as it is meant: relative to the directory of the file it stands in.
    func resolved(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        return directory + path
    }
}

extension [UInt8] {
    func contains(subsequence text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }
}
