import Foundation

/// One plugin call as a runtime makes it: environment, configuration on stdin, answer on stdout.
struct PluginAnswer: Sendable, CustomStringConvertible {
    let output: Output
    var succeeded: Bool { output.succeeded }
    /// What the plugin printed, when that is JSON.
    var json: JSON? { try? JSON(parsing: output.stdout) }
    /// The error's code, when the answer is a CNI error object.
    var code: Int64? { succeeded ? nil : json?["code"]?.int }
    var message: String { json?["msg"]?.string ?? output.stdout }
    var description: String { "\(output)" }
}

/// A runtime of twenty lines: it runs a list of plugins against one (container, interface) in a node, and knows
/// nothing of Poplin's own runtime side.
struct Attachment: Sendable {
    let node: TestNode
    let plugins: PluginSet
    /// The list: `cniVersion`, `name`, `plugins`.
    let list: JSON
    let containerID: String
    let interface: String
    /// Nil gives an empty CNI_NETNS, as a runtime does when the namespace is gone.
    var pod: TestNamespace?
    /// CNI_ARGS.
    var arguments: String = ""
    /// Capability arguments by capability; each plugin gets those it declares.
    var capabilities: JSON = [:]

    var entries: [JSON] { list["plugins"]?.elements ?? [] }
    var version: String { list["cniVersion"]?.string ?? "0.1.0" }

    /// ADD through the whole list; answers the last plugin's answer, or the first failing one.
    func add() throws -> PluginAnswer {
        var previous: JSON?
        var last: PluginAnswer?
        for entry in entries {
            let answer = try call("ADD", entry, previous: previous)
            guard answer.succeeded, let result = answer.json else { return answer }
            previous = result
            last = answer
        }
        guard let last else { throw HarnessError("the list has no plugins") }
        return last
    }

    /// CHECK through the list with the result of the ADD; answers the first failure or the last success.
    func check(_ result: JSON?) throws -> PluginAnswer {
        try each("CHECK", entries, result)
    }

    /// DEL in reverse order. All plugins are called even when one fails; answers the first failure.
    func delete(_ result: JSON?) throws -> PluginAnswer {
        var failure: PluginAnswer?
        var last: PluginAnswer?
        for entry in entries.reversed() {
            let answer = try call("DEL", entry, previous: result)
            if !answer.succeeded && failure == nil { failure = answer }
            last = answer
        }
        guard let answer = failure ?? last else { throw HarnessError("the list has no plugins") }
        return answer
    }

    private func each(_ command: String, _ entries: [JSON], _ result: JSON?) throws -> PluginAnswer {
        var last: PluginAnswer?
        for entry in entries {
            let answer = try call(command, entry, previous: result)
            if !answer.succeeded { return answer }
            last = answer
        }
        guard let last else { throw HarnessError("the list has no plugins") }
        return last
    }

    /// The configuration one plugin of the list is given.
    func configuration(of entry: JSON, previous: JSON?) -> JSON {
        var configuration = entry
        configuration["@program"] = nil
        configuration["name"] = list["name"]
        if let version = list["cniVersion"] { configuration["cniVersion"] = version }
        if let previous { configuration["prevResult"] = previous }
        let declared = entry["capabilities"]?.members.filter { $0.value == .bool(true) } ?? [:]
        let wanted = capabilities.members.filter { declared[$0.key] != nil }
        if !wanted.isEmpty { configuration["runtimeConfig"] = .object(wanted) }
        return configuration
    }

    func call(_ command: String, _ entry: JSON, previous: JSON?) throws -> PluginAnswer {
        // `@program` runs one plugin under another's configuration, as a delegate is.
        guard let type = (entry["@program"] ?? entry["type"])?.string else {
            throw HarnessError("plugin without a type: \(entry.text)")
        }
        return try call(command, type, configuration: configuration(of: entry, previous: previous).text)
    }

    /// Calls one plugin with exactly `configuration` on stdin; `environment` replaces or (with nil) removes variables.
    func call(
        _ command: String, _ type: String, configuration: String, environment overrides: [String: String?] = [:]
    ) throws -> PluginAnswer {
        var environment = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": command, "CNI_CONTAINERID": containerID,
            "CNI_NETNS": pod?.path ?? "", "CNI_IFNAME": interface, "CNI_PATH": plugins.directory,
            "CNI_ARGS": arguments,
        ]
        for (name, value) in overrides { environment[name] = value }
        return PluginAnswer(
            output: try node.namespace.run([plugins.path(of: type)], stdin: configuration, environment: environment))
    }
}
