import CNI
import JSONTree

/// Reads configuration files and writes down everything that is wrong with them. Pure.
struct ConfigurationExaminer {
    /// The file whose problems are written down now: a list, or a drop-in.
    private(set) var file: String
    private(set) var problems: [ConfigurationProblem] = []

    /// What could be read of a list.
    struct Draft {
        let root: JSONNode
        /// Nil when it is missing or no name.
        var name: String?
        var version = CNIVersion.assumed
        var disableCheck = false
        var disableGC = false
        var loadOnlyInlinedPlugins = false
        var entries: [PluginEntry] = []
        /// False when `plugins` itself is wrong, or one of its entries: no need to complain that there are none.
        var pluginsAreReadable = true
    }

    init(file: String) { self.file = file }

    mutating func report(
        _ node: JSONNode, _ message: String, severity: ConfigurationProblem.Severity = .error,
        code: String = ConfigurationProblem.Code.invalid, next: String = ""
    ) {
        problems.append(ConfigurationProblem(code, message, severity: severity, file: file, at: node, next: next))
    }

    // MARK: Files

    mutating func read(_ source: [UInt8], _ form: ConfigurationFile.Form) -> Draft? {
        guard let root = object(in: source) else { return nil }
        var draft = Draft(root: root)
        readName(&draft)
        readVersions(&draft)
        if form == .list {
            warnOfSpelling(root)
            draft.disableCheck = flag("disableCheck", of: root)
            draft.disableGC = flag("disableGC", of: root)
            draft.loadOnlyInlinedPlugins = flag("loadOnlyInlinedPlugins", of: root)
            readPlugins(&draft)
        } else if root["type"] == nil, root["plugins"] != nil {
            draft.pluginsAreReadable = false
            report(
                root, "this is a list of plugins, and only files called *.conflist are read as lists",
                next: "mv \(file) \(file.withoutExtension).conflist")
        } else if let entry = readEntry(root) {
            draft.entries = [entry]
        } else {
            draft.pluginsAreReadable = false
        }
        return draft
    }

    /// A file of the drop-in folder: one plugin's object.
    mutating func read(_ dropIn: ConfigurationFile.DropIn) -> PluginEntry? {
        let list = file
        file = dropIn.path
        defer { file = list }
        switch dropIn.content {
        case .failure(let problem):
            problems.append(problem)
            return nil
        case .success(let source):
            return object(in: source).flatMap { readEntry($0) }
        }
    }

    private mutating func object(in source: [UInt8]) -> JSONNode? {
        do throws(JSONSyntaxError) {
            let root = try JSONTree(parsing: source).root
            if root.kind == .object { return root }
            report(root, "a network configuration is an object, not \(root.kind)")
        } catch {
            problems.append(ConfigurationProblem(error, file: file))
        }
        return nil
    }

    // MARK: The list

    private mutating func readName(_ draft: inout Draft) {
        guard let node = draft.root["name"], !node.isNull else {
            return report(draft.root, "the network has no name", next: "add \"name\": \"...\" to the file")
        }
        guard let name = node.string else { return report(node, "name must be a string, not \(node.kind)") }
        do throws(CNIError) {
            try CNINames.validate(networkName: name)
            draft.name = name
        } catch {
            report(
                node, error.message, next: "begin with a letter or digit, go on with letters, digits, and _ . -")
        }
    }

    /// The newest version both sides know: of `cniVersions`, what is newer than ours is passed over, because the file
    /// is also meant for runtimes of the future.
    private mutating func readVersions(_ draft: inout Draft) {
        var known: [CNIVersion] = []
        let single = draft.root["cniVersion"].flatMap { $0.isNull ? nil : $0 }
        let many = draft.root["cniVersions"].flatMap { $0.isNull ? nil : $0 }
        if let many {
            guard many.kind == .array else { return report(many, "cniVersions must be an array, not \(many.kind)") }
            for node in many.elements { readVersion(node, "cniVersions", into: &known) }
        }
        if let single, single.string != "" {
            guard let text = single.string else {
                return report(single, "cniVersion must be a string, not \(single.kind)")
            }
            if let version = CNIVersion(text) {
                known.append(version)
            } else if many == nil {
                report(
                    single, "cniVersion \"\(text)\" is no version of the specification known here",
                    code: ConfigurationProblem.Code.version,
                    next: "use one of \(CNIVersion.allCases.map(\.description).joined(separator: ", "))")
            }
        }
        if let newest = known.max() {
            draft.version = newest
        } else if let many, many.kind == .array, many.count > 0 {
            report(
                many, "cniVersions names no version known here", code: ConfigurationProblem.Code.version,
                next: "add one of \(CNIVersion.allCases.map(\.description).joined(separator: ", "))")
        }
    }

    private mutating func readVersion(_ node: JSONNode, _ key: String, into known: inout [CNIVersion]) {
        guard let text = node.string else { return report(node, "\(key): a version is a string, not \(node.kind)") }
        if let version = CNIVersion(text) {
            known.append(version)
        } else if !text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ Int($0) != nil }) {
            report(node, "\(key): \"\(text)\" is not a version", code: ConfigurationProblem.Code.version)
        }
    }

    /// A boolean that may also be the text of one, as libcni reads it.
    private mutating func flag(_ key: String, of root: JSONNode) -> Bool {
        guard let node = root[key], !node.isNull else { return false }
        if let value = node.bool { return value }
        switch node.string?.lowercased() {
        case "true": return true
        case "false": return false
        default:
            report(node, "\(key) must be true or false, not \(JSONValue(node).text)")
            return false
        }
    }

    private mutating func readPlugins(_ draft: inout Draft) {
        guard let node = draft.root["plugins"], !node.isNull else {
            guard draft.root["type"] == nil else {
                draft.pluginsAreReadable = false
                return report(
                    draft.root, "this is a single plugin, and a file called *.conflist is read as a list",
                    next: "wrap it in \"plugins\": [...], or mv \(file) \(file.withoutExtension).conf")
            }
            return
        }
        guard node.kind == .array else {
            draft.pluginsAreReadable = false
            return report(node, "plugins must be an array, not \(node.kind)")
        }
        if node.count == 0 {
            draft.pluginsAreReadable = false
            return report(node, "the list has no plugins")
        }
        for element in node.elements {
            if let entry = readEntry(element) {
                draft.entries.append(entry)
            } else {
                draft.pluginsAreReadable = false
            }
        }
    }

    /// Neither `plugins` nor a drop-in.
    mutating func complainOfNoPlugins(_ draft: Draft) {
        let folder = draft.name.map { "\(file.directory)/\($0)/*.conf" } ?? "a drop-in folder"
        report(
            draft.root, "the list has no plugins",
            next: draft.loadOnlyInlinedPlugins
                ? "add \"plugins\": [...]; loadOnlyInlinedPlugins keeps \(folder) out"
                : "add \"plugins\": [...] to the file, or plugins to \(folder)")
    }

    /// Runtimes read the keys of a list exactly as they are spelled; only plugins do not mind case.
    private mutating func warnOfSpelling(_ root: JSONNode) {
        let known = [
            "name", "cniVersion", "cniVersions", "disableCheck", "disableGC", "loadOnlyInlinedPlugins", "plugins",
        ]
        var seen: Set<String> = []
        for (key, value) in root.members {
            if !seen.insert(key).inserted {
                report(value, "\(key) stands here twice; the last one counts", severity: .warning)
            }
            if known.contains(key) { continue }
            if let meant = known.first(where: { $0.lowercased() == key.lowercased() }) {
                report(
                    value, "\(key) is read as \(meant) here; other runtimes do not read it at all",
                    severity: .warning, next: "spell it \(meant)")
            }
        }
    }

    // MARK: A plugin's entry

    private mutating func readEntry(_ node: JSONNode) -> PluginEntry? {
        guard node.kind == .object else {
            report(node, "a plugin is an object, not \(node.kind)")
            return nil
        }
        let before = problems.count
        let type = readType(node)
        let capabilities = readCapabilities(node)
        if let ipam = node["ipam"], !ipam.isNull {
            if ipam.kind != .object {
                report(ipam, "ipam must be an object, not \(ipam.kind)")
            } else if let name = ipam["type"], !name.isNull, name.string == nil {
                report(name, "ipam.type must be a string, not \(name.kind)")
            } else if let name = ipam["type"]?.string, !name.isEmpty, !PluginExecutor.isValidType(name) {
                report(ipam["type"] ?? ipam, "ipam.type must be the name of a file, not a path")
            }
        }
        for (key, value) in node.members {
            if key == "prevResult" || key == "runtimeConfig" || key.hasPrefix("cni.dev/") {
                report(value, "\(key) is what a runtime adds; it does not belong in a file", severity: .warning)
            }
        }
        guard let type, problems[before...].allSatisfy({ !$0.isError }) else { return nil }
        return PluginEntry(type: type, node: node, capabilities: capabilities, file: file)
    }

    private mutating func readType(_ node: JSONNode) -> String? {
        guard let field = node["type"], !field.isNull, field.string != "" else {
            report(node, "the plugin has no type", next: "add \"type\": \"...\", the name of the plugin's program")
            return nil
        }
        guard let type = field.string else {
            report(field, "type must be a string, not \(field.kind)")
            return nil
        }
        if PluginExecutor.isValidType(type) { return type }
        report(field, "type must be the name of a file, not a path", next: "directories belong in CNI_PATH")
        return nil
    }

    private mutating func readCapabilities(_ node: JSONNode) -> [String] {
        guard let field = node["capabilities"], !field.isNull else { return [] }
        guard field.kind == .object else {
            report(field, "capabilities must be an object, not \(field.kind)")
            return []
        }
        var declared: [String: Bool] = [:]
        var order: [String] = []
        for (key, value) in field.members {
            guard let isOn = value.bool else {
                report(value, "capabilities.\(key) must be true or false, not \(value.kind)")
                continue
            }
            if declared.updateValue(isOn, forKey: key) == nil { order.append(key) }
        }
        return order.filter { declared[$0] == true }
    }
}

extension String {
    /// A path without what follows the last dot of its last component.
    fileprivate var withoutExtension: String {
        guard let dot = lastIndex(of: "."), !self[dot...].contains("/") else { return self }
        return String(self[..<dot])
    }

    /// A path without its last component.
    fileprivate var directory: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
