import CNI
import JSONTree
import LinuxHost

// The verbs that change nothing: CHECK, STATUS, VERSION.

extension NetworkRuntime {
    /// Asks every plugin whether what it made is still as it should be. Unlike libcni it does not stop at the first
    /// that finds something: CHECK changes nothing, and a person wants to know everything.
    public func check(_ list: NetworkList, _ given: AttachmentParameters) -> OperationReport {
        var report = OperationReport(.check, network: list.name, version: list.version, parameters: given)
        timed(&report) { report in
            do throws(CNIError) {
                try given.validate()
                try locks.holding(network: list.name, container: given.containerID) { () throws(CNIError) in
                    try checkHeld(list, given, &report)
                }
            } catch {
                report.outcome = .undetermined(error)
            }
        }
        return report
    }

    private func checkHeld(
        _ list: NetworkList, _ given: AttachmentParameters, _ report: inout OperationReport
    ) throws(CNIError) {
        guard list.version.hasCheck else {
            throw CNIError(
                .incompatibleVersion, "configuration version \"\(list.version)\" does not support CHECK",
                details: "CHECK came with 0.4.0: raise cniVersion in \(list.file)")
        }
        if list.disableCheck {
            report.outcome = .skipped("disableCheck is set in \(list.file)")
            return
        }
        let entry = try cache.entry(network: list.name, given.attachment)
        guard let cached = entry.attachment, let result = cached.result else {
            throw CNIError(
                .unusablePreviousResult, "no result of an ADD is kept for \(given.attachment) on \(list.name)",
                details: "expected in \(cache.path(network: list.name, given.attachment))")
        }
        var parameters = cached.parameters
        if !given.networkNamespace.isEmpty { parameters.networkNamespace = given.networkNamespace }
        if !given.arguments.isEmpty { parameters.arguments = given.arguments }
        if given.capabilities?.members.isEmpty == false { parameters.capabilities = given.capabilities }
        report.parameters = parameters
        checkSteps(list, parameters, result, &report)
    }

    func checkSteps(
        _ list: NetworkList, _ parameters: AttachmentParameters, _ result: JSONValue, _ report: inout OperationReport
    ) {
        for plugin in list.plugins {
            let configuration = plugin.request(
                network: list.name, version: list.version, previousResult: result,
                capabilities: parameters.capabilities)
            report.steps.append(run(plugin, parameters.request(.check), configuration: configuration))
        }
        report.fail(with: report.steps.compactMap(\.failure))
    }

    /// Asks every plugin whether it could serve an ADD now.
    public func status(_ list: NetworkList) -> OperationReport {
        var report = OperationReport(.status, network: list.name, version: list.version)
        timed(&report) { report in
            guard list.version.hasStatus else {
                report.outcome = .undetermined(
                    CNIError(
                        .incompatibleVersion, "configuration version \"\(list.version)\" does not support STATUS",
                        details:
                            "STATUS came with 1.1.0: raise cniVersion in \(list.file), or list 1.1.0 in cniVersions"
                    ))
                return
            }
            for plugin in list.plugins {
                let configuration = plugin.request(network: list.name, version: list.version)
                report.steps.append(run(plugin, CNIRequest(.status), configuration: configuration))
            }
            report.fail(with: report.steps.compactMap(\.failure))
        }
        return report
    }

    /// Whether the programs of a list, and of the address managers it names, are there and speak its version.
    ///
    /// - Returns: what each program answered, and a problem with its place in the file for each that will not do.
    public func probe(_ list: NetworkList) -> (versions: [PluginVersions], problems: [ConfigurationProblem]) {
        var versions: [PluginVersions] = []
        var problems: [ConfigurationProblem] = []
        var asked: [String: Result<PluginVersions, CNIError>] = [:]
        for plugin in list.plugins {
            var programs = [(plugin.type, plugin.node["type"] ?? plugin.node)]
            if let type = plugin.ipamType, let node = plugin.node["ipam"]?["type"] { programs.append((type, node)) }
            for (type, node) in programs {
                let isNew = asked[type] == nil
                let answer = asked[type] ?? ask(type)
                asked[type] = answer
                switch answer {
                case .success(let answer):
                    if isNew { versions.append(answer) }
                    if !answer.supports(list.version) {
                        problems.append(Self.mismatch(answer, list, plugin, node))
                    }
                case .failure(let error):
                    problems.append(Self.problem(error, type, plugin, node))
                }
            }
        }
        return (versions, problems)
    }

    private func ask(_ type: String) -> Result<PluginVersions, CNIError> {
        willRun?(.version, type)
        do throws(CNIError) { return .success(try executor.versions(type)) } catch { return .failure(error) }
    }

    private static func mismatch(
        _ answer: PluginVersions, _ list: NetworkList, _ plugin: PluginEntry, _ node: JSONNode
    ) -> ConfigurationProblem {
        let known = answer.supported.compactMap { CNIVersion($0) }
        let newest = known.filter { $0 < list.version }.max() ?? known.max()
        return ConfigurationProblem(
            ConfigurationProblem.Code.version,
            "the network speaks \(list.version), and \(answer.path) only \(answer.supported.joined(separator: ", "))",
            file: plugin.file, at: node,
            next: newest.map { "set cniVersion to \($0), or install a newer \(answer.type)" }
                ?? "install another \(answer.type)")
    }

    private static func problem(
        _ error: CNIError, _ type: String, _ plugin: PluginEntry, _ node: JSONNode
    ) -> ConfigurationProblem {
        if error.code == .pluginNotFound {
            let isReference = referencePlugins.contains(type)
            let reasons = error.details.split(separator: "\n").joined(separator: "; ")
            return ConfigurationProblem(
                isReference
                    ? ConfigurationProblem.Code.missingReferencePlugin : ConfigurationProblem.Code.missingPlugin,
                "plugin \(type) is in none of the plugin directories: \(reasons)", file: plugin.file, at: node,
                next: isReference
                    ? "install it (Poplin's own: make install), or name its directory with --plugin-dir or CNI_PATH"
                    : "name its directory with --plugin-dir or CNI_PATH")
        }
        let details = error.details.split(separator: "\n").joined(separator: "; ")
        return ConfigurationProblem(
            "CNI-\(error.code)", error.message, file: plugin.file, at: node, next: details)
    }

    /// The plugins of containernetworking/plugins.
    static let referencePlugins: Set<String> = [
        "bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback",
        "macvlan", "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf",
    ]
}
