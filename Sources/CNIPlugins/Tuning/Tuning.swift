import Addressing
import CNI
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

/// tuning: changes kernel settings of the container's network namespace, and address, MTU, queue length and modes of
/// an interface that another plugin made. It always stands behind that plugin in a chain.
///
/// Two decisions:
/// - Kernel settings are not put back on DEL, as in the reference plugin. They belong to the namespace, which usually
///   ends with the DEL; where it lives on, another attachment may rely on the same setting. Only an ADD that fails puts
///   back what it wrote itself.
/// - `mtu` changes the interface in the container, not a veth's other end, as in the reference plugin. The other end
///   belongs to the plugin that made it (whose own `mtu` sets both), and a bridge takes the smallest MTU of its ports:
///   one container's tuning would shrink the packets of all.
public enum Tuning: Plugin {
    public static let name = "tuning"

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        var result = try call.configuration.requiredPreviousResult()
        let settings = try TuningSettings(call.configuration, call.request)
        try SysctlAllowList.read(call.host.tuningAllowList)?.check(settings.sysctls)
        let directory = try TuningSettings.dataDirectory(call)
        let namespace = try call.networkNamespace()
        try Undo.guarding { (undo) throws(CNIError) in
            if settings.changesLink {
                var link = try TunedLink(call, namespace)
                try link.validate(settings)
                // The undo steps run in reverse: the link is put back before its backup goes.
                undo.push("remove the backup") { () throws(CNIError) in
                    do throws(SystemCallError) {
                        try TuningBackup.remove(directory, call.request.attachment)
                    } catch { throw CNIError(error) }
                }
                let backup = try save(link, settings, directory, call)
                undo.push("put \(link.link.name) back") { () throws(CNIError) in
                    try restore(backup, call)
                }
                try run(in: namespace) { () throws(CNIError) in try write(settings.sysctls, &undo, call) }
                try link.apply(settings)
            } else {
                try run(in: namespace) { () throws(CNIError) in try write(settings.sysctls, &undo, call) }
            }
        }
        settings.update(&result, interface: call.request.interfaceName, version: call.configuration.cniVersion)
        return result
    }

    public static func check(_ call: PluginCall) throws(CNIError) {
        _ = try call.configuration.requiredPreviousResult()
        let settings = try TuningSettings(call.configuration, call.request)
        let namespace = try call.networkNamespace()
        var differences: [String] = []
        try run(in: namespace) { () throws(CNIError) in differences = settings.sysctls.compactMap(difference) }
        if settings.changesLink {
            let link = try TunedLink(call, namespace)
            differences += settings.differences(from: link.link)
        }
        guard differences.isEmpty else {
            throw CNIError(
                .checkFailed, "\(differences.count) setting(s) are not what tuning made them",
                details: differences.joined(separator: "\n"))
        }
    }

    public static func delete(_ call: PluginCall) throws(CNIError) {
        let directory = try TuningSettings.dataDirectory(call)
        let attachment = call.request.attachment
        do throws(SystemCallError) {
            if let backup = try TuningBackup.read(directory, attachment) {
                do throws(CNIError) { try restore(backup, call) } catch {
                    // The interface outlives the attachment only where another plugin hands it back. A runtime would
                    // stop its DEL at an error here, and leave everything the others made.
                    call.report("could not put \(attachment.interfaceName) back: \(error.message)")
                }
            }
            try TuningBackup.remove(directory, attachment)
        } catch {
            throw CNIError(error, during: "backup")
        }
    }

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        let directory = try TuningSettings.dataDirectory(call)
        var failures: [CNIError] = []
        do throws(SystemCallError) {
            let stale = try TuningBackup.stale(
                in: directory, network: call.configuration.name, valid: validAttachments)
            for path in stale {
                do throws(SystemCallError) { try AtomicFile.remove(path) } catch { failures.append(CNIError(error)) }
            }
        } catch {
            throw CNIError(error, during: "backups")
        }
        if let failure = CNIError.joining(failures) { throw failure }
    }

    /// The configuration can be read, the allow-list permits it, and backups can be written.
    public static func status(_ call: PluginCall) throws(CNIError) {
        let settings = try TuningSettings(call.configuration, call.request)
        if let list = try SysctlAllowList.read(call.host.tuningAllowList) {
            try list.validate()
            try list.check(settings.sysctls)
        }
        guard settings.changesLink else { return }
        let directory = try TuningSettings.dataDirectory(call)
        do throws(SystemCallError) { try Directories.make(directory, mode: 0o700) } catch {
            throw CNIError(.notAvailable, "backups cannot be kept: \(error)")
        }
    }

    // MARK: Steps

    private static func save(
        _ link: borrowing TunedLink, _ settings: TuningSettings, _ directory: String, _ call: PluginCall
    ) throws(CNIError) -> TuningBackup {
        let origin = TuningBackup.Origin(
            network: call.configuration.name, attachment: call.request.attachment, link: link.link.index)
        var backup = TuningBackup(of: link.link, for: settings, origin: origin)
        do throws(SystemCallError) {
            if let older = try TuningBackup.read(directory, call.request.attachment) {
                backup = backup.preferring(older)
            }
            try backup.write(directory, call.request.attachment)
        } catch {
            throw CNIError(error, during: "backup")
        }
        return backup
    }

    /// Puts the interface back; success when there is nothing to put back to.
    private static func restore(_ backup: TuningBackup, _ call: PluginCall) throws(CNIError) {
        guard let namespace = try call.networkNamespaceIfPresent(),
            var link = try TunedLink(ifPresent: call, namespace)
        else { return }
        // Another interface that has taken the name since: what is known about the old one does not fit it.
        if let index = backup.origin?.link, index != link.link.index { return }
        try link.apply(backup.change)
    }

    /// Writes in order; each one that was written gets a step that puts the old value back.
    private static func write(
        _ sysctls: [TuningSettings.Setting], _ undo: inout Undo, _ call: PluginCall
    ) throws(CNIError) {
        for setting in sysctls {
            do throws(SystemCallError) {
                guard case .written(let before?) = try Sysctl.change(setting.name, to: setting.value) else { continue }
                undo.push("put \(setting.key) back") { () throws(CNIError) in
                    guard let namespace = try call.networkNamespaceIfPresent() else { return }
                    try run(in: namespace) { () throws(CNIError) in
                        do throws(SystemCallError) { try Sysctl.write(setting.name, before) } catch {
                            throw CNIError(error)
                        }
                    }
                }
            } catch {
                throw refusal(of: setting, error)
            }
        }
    }

    private static func refusal(of setting: TuningSettings.Setting, _ error: SystemCallError) -> CNIError {
        switch error.errno {
        case .ENOENT:
            CNIError(
                .invalidConfiguration, "sysctl \(setting.key): this kernel has no such setting",
                details: "\(setting.name.path) does not exist in the container's network namespace")
        case .EINVAL, .ERANGE:
            CNIError(
                .invalidConfiguration, "sysctl \(setting.key): the kernel does not take \"\(setting.value)\"",
                details: "\(error)")
        default: CNIError(error, during: "sysctl \(setting.key)")
        }
    }

    private static func difference(_ setting: TuningSettings.Setting) -> String? {
        do throws(SystemCallError) {
            guard let value = try Sysctl.readable(setting.name), !matches(value, setting.value) else { return nil }
            return "sysctl \(setting.key) should be \"\(setting.value)\", is \"\(Sysctl.normalized(value))\""
        } catch {
            return "sysctl \(setting.key) should be \"\(setting.value)\", cannot be read: \(error)"
        }
    }

    /// The kernel shows lists with tabs and numbers in decimal, however they were written.
    static func matches(_ found: String, _ wanted: String) -> Bool {
        let found = found.split(whereSeparator: \.isWhitespace)
        let wanted = wanted.split(whereSeparator: \.isWhitespace)
        guard found.count == wanted.count else { return false }
        return zip(found, wanted).allSatisfy { found, wanted in
            if found == wanted { return true }
            guard let number = Int64(found) else { return false }
            return wanted.hasPrefix("0x") && Int64(wanted.dropFirst(2), radix: 16) == number
        }
    }

    private static func run<Result>(
        in namespace: borrowing NetworkNamespace, _ body: () throws(CNIError) -> Result
    ) throws(CNIError) -> Result {
        do throws(NetworkNamespace.RunFailure<CNIError>) { return try namespace.run(body) } catch {
            throw CNIError(error)
        }
    }
}
