import JSONTree

/// A file of a configuration directory, as far as it can be read: which programs it needs, and what is wrong.
public struct CNIConfigurationFile: Sendable {
    public let path: String
    /// What keeps the runtime from using it; nil when it can be used.
    public let problem: Problem?
    public let name: String
    /// The key `cniVersion`.
    public let cniVersion: String?
    /// That and `cniVersions`.
    public let versions: [String]
    public let plugins: [Plugin]
    public let text: String

    public struct Problem: Sendable, Hashable {
        public var reason: String
        /// From 1; 0 when there is no place.
        public var line: Int
        public var column: Int
    }

    public struct Plugin: Sendable {
        public var type: String
        /// `ipam.type`.
        public var addresses: String?
        public var node: JSONNode
        public var capabilities: Set<String>
    }

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        text = String(decoding: bytes, as: UTF8.self)
        var reader = Reading()
        reader.read(bytes, isList: path.hasSuffix(".conflist"))
        problem = reader.problem
        name = reader.name
        cniVersion = reader.versions.first
        versions = reader.versions
        plugins = reader.plugins
    }

    private struct Reading {
        var problem: Problem?
        var name = ""
        var versions: [String] = []
        var plugins: [Plugin] = []

        mutating func fail(_ reason: String, _ line: Int = 0, _ column: Int = 0) {
            if problem == nil { problem = Problem(reason: reason, line: line, column: column) }
        }

        mutating func read(_ bytes: [UInt8], isList: Bool) {
            if bytes.allSatisfy({ $0 == 0 || $0 == 10 || $0 == 13 || $0 == 32 }) {
                return fail(
                    bytes.isEmpty ? "the file is empty" : "there are only blanks or zero bytes in the file", 1, 1)
            }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
                return fail("the file begins with a byte order mark, which JSON does not allow", 1, 1)
            }
            let root: JSONNode
            do {
                root = try JSONTree(parsing: bytes).root
            } catch {
                return fail(error.reason, error.position.line, error.position.column)
            }
            guard root.kind == .object else { return fail("it is no object", 1, 1) }
            // Keys are matched without regard to case, as in every CNI program.
            name = root["name"]?.string ?? ""
            let own = root["cniVersion"]?.string
            versions = [own].compactMap { $0 } + (root["cniVersions"].map { $0.elements.compactMap(\.string) } ?? [])
            if let list = root["plugins"], list.kind == .array {
                plugins = list.elements.compactMap(Self.plugin)
                if list.count == 0 { fail("the list has no plugins", list.position.line, list.position.column) }
                if plugins.count != list.count { fail("a plugin of the list has no type") }
            } else if isList {
                fail("there is no \"plugins\" in it")
            } else if let plugin = Self.plugin(root) {
                plugins = [plugin]
            } else {
                fail("there is no \"type\" in it")
            }
        }

        private static func plugin(_ node: JSONNode) -> Plugin? {
            guard node.kind == .object, let type = node["type"]?.string, !type.isEmpty else { return nil }
            var capabilities: Set<String> = []
            for (key, value) in node["capabilities"].map({ Array($0.members) }) ?? [] where value.bool == true {
                capabilities.insert(key)
            }
            return Plugin(type: type, addresses: node["ipam"]?["type"]?.string, node: node, capabilities: capabilities)
        }
    }

    /// Names of the programs it needs, delegates included.
    public var programs: Set<String> {
        var names: Set<String> = []
        for plugin in plugins {
            names.insert(plugin.type)
            if let addresses = plugin.addresses, !addresses.isEmpty { names.insert(addresses) }
            guard plugin.type == "flannel" else { continue }
            // flannel hands everything to a plugin of its own making: a bridge with host-local unless told otherwise.
            let delegate = plugin.node["delegate"]
            names.insert(delegate?["type"]?.string ?? "bridge")
            names.insert(plugin.node["ipam"]?["type"]?.string ?? delegate?["ipam"]?["type"]?.string ?? "host-local")
        }
        return names
    }

    public var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Whether runtimes read a file of that name: hidden ones and other endings are not configuration.
    public static func isRead(_ name: String) -> Bool {
        !name.hasPrefix(".") && [".conf", ".conflist", ".json"].contains { name.hasSuffix($0) }
    }
}
