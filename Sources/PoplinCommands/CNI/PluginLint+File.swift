import CNI
import JSONTree

// What a runtime minds in a file, before any plugin is asked.

extension PluginLint {
    mutating func checkFile(_ root: JSONNode) {
        guard root.kind == .object else {
            return error(root, "a network configuration is an object, not \(root.kind)")
        }
        checkName(root)
        let isList = file.hasSuffix(".conflist") || (!file.hasSuffix(".conf") && root["plugins"] != nil)
        checkVersions(root, isList: isList)
        guard isList else {
            if let plugins = root["plugins"] {
                error(plugins, "makes this a list of plugins; its file name must end in .conflist")
            }
            return checkEntry(root, isFirst: true)
        }
        checkDuplicates(root)
        for key in ["disableCheck", "disableGC", "loadOnlyInlinedPlugins"] { checkFlag(root[key]) }
        checkPlugins(root)
    }

    private mutating func checkName(_ root: JSONNode) {
        guard let name = root["name"], !name.isNull else { return error(root, "the network has no name") }
        guard let text = name.string else { return error(name, "must be a string, not \(name.kind)") }
        if !CNINames.isIdentifier(text) {
            error(name, "must begin with a letter or digit and go on with those, \"_\", \".\" and \"-\"")
        }
    }

    private mutating func checkVersions(_ root: JSONNode, isList: Bool) {
        let many = isList ? root["cniVersions"] : nil
        if let many, many.kind != .array, !many.isNull { error(many, "must be an array, not \(many.kind)") }
        for field in many.map({ Array($0.elements) }) ?? [] where field.string == nil {
            error(field, "must be a string, not \(field.kind)")
        }
        guard let field = root["cniVersion"], !field.isNull else {
            if many == nil { warning(root, "\"cniVersion\" is missing and is read as \(CNIVersion.assumed)") }
            return
        }
        guard let text = field.string else { return error(field, "must be a string, not \(field.kind)") }
        if CNIVersion(text) == nil && many == nil {
            let known = CNIVersion.allCases.map(\.description).joined(separator: ", ")
            error(field, "is no version of the specification; known are \(known)")
        }
    }

    /// A boolean that may also be the text of one, as libcni reads it.
    private mutating func checkFlag(_ node: JSONNode?) {
        guard let node, !node.isNull, node.bool == nil else { return }
        if ["true", "false"].contains(node.string?.lowercased()) { return }
        error(node, "must be true or false")
    }

    private mutating func checkPlugins(_ root: JSONNode) {
        guard let plugins = root["plugins"], !plugins.isNull else {
            // From 1.1.0 they may all come from the network's folder, which loading looks at.
            if root["loadOnlyInlinedPlugins"]?.bool == true { error(root, "the list has no plugins") }
            return
        }
        guard plugins.kind == .array else { return error(plugins, "must be an array, not \(plugins.kind)") }
        if plugins[0] == nil { error(plugins, "the list has no plugins") }
        for (index, plugin) in plugins.elements.enumerated() { checkEntry(plugin, isFirst: index == 0) }
    }

    private mutating func checkEntry(_ plugin: JSONNode, isFirst: Bool) {
        guard plugin.kind == .object else { return error(plugin, "a plugin is an object, not \(plugin.kind)") }
        checkDuplicates(plugin)
        for key in ["prevResult", "runtimeConfig", "cni.dev/valid-attachments", "cni.dev/attachments"] {
            if let field = plugin[key] { warning(field, "is what a runtime adds; it does not belong in a file") }
        }
        for (_, value) in plugin["capabilities"].map({ Array($0.members) }) ?? [] where value.bool == nil {
            error(value, "must be true or false, not \(value.kind)")
        }
        guard let type = plugin["type"], !type.isNull, type.string != "" else {
            return error(plugin, "the plugin has no type")
        }
        guard let name = type.string else { return error(type, "must be a string, not \(type.kind)") }
        if name.utf8.contains(UInt8(ascii: "/")) { return error(type, "must be the name of a file, not a path") }
        checkPlugin(plugin, name, isFirst: isFirst)
    }
}
