import CNI
import JSONTree
import LinuxHost

/// What a container runtime does with a network: calls its plugins one after the other, hands each the result of the
/// one before, keeps the last result, and calls the plugins again with it to check or undo.
///
/// Where libcni leaves something to its caller, this does it: a failed ADD is followed by DEL of the whole list, the
/// same container is never worked on twice at a time, and GC is alone on its network.
public struct NetworkRuntime: Sendable {
    public var executor: PluginExecutor
    public var cache: ResultCache
    /// Called before each plugin, for showing progress.
    public var willRun: (@Sendable (_ command: CNIRequest.Command, _ type: String) -> Void)?

    public init(executor: PluginExecutor, cache: ResultCache = ResultCache()) {
        self.executor = executor
        self.cache = cache
    }

    var locks: RuntimeLocks { RuntimeLocks(directory: "\(cache.directory)/poplin-locks") }

    func run(_ plugin: PluginEntry, _ request: CNIRequest, configuration: [UInt8]) -> PluginInvocation {
        willRun?(request.command, plugin.type)
        return executor.run(plugin.type, request, configuration: configuration)
    }

    /// Times a whole operation.
    func timed(_ report: inout OperationReport, _ body: (inout OperationReport) -> Void) {
        let start = Clock.monotonic()
        body(&report)
        report.duration = .nanoseconds(Int64(clamping: Clock.monotonic() - start))
    }
}

// MARK: - ADD

extension NetworkRuntime {
    /// Attaches a container to a network.
    ///
    /// When a plugin fails, DEL of the whole list follows, in reverse order, and is reported in `others`.
    /// - Parameter notes: members to keep in the cache file beside libcni's.
    public func add(
        _ list: NetworkList, _ parameters: AttachmentParameters, notes: [JSONMember] = []
    ) -> OperationReport {
        var report = OperationReport(.add, network: list.name, version: list.version, parameters: parameters)
        timed(&report) { report in
            do throws(CNIError) {
                try parameters.validate()
                try CNINames.validate(networkName: list.name)
                try locks.holding(network: list.name, container: parameters.containerID) { () throws(CNIError) in
                    try refuseSecondAdd(list, parameters)
                    addHeld(list, parameters, notes, &report)
                }
            } catch {
                report.outcome = .failed(error)
            }
        }
        return report
    }

    /// The specification forbids ADD for what was added already, and the plugins' refusal would be followed by a DEL
    /// that takes the first attachment away.
    private func refuseSecondAdd(_ list: NetworkList, _ parameters: AttachmentParameters) throws(CNIError) {
        switch try cache.entry(network: list.name, parameters.attachment) {
        case .none, .unreadable:
            return
        case .found:
            throw CNIError(
                .alreadyTaken, "\(parameters.attachment) is attached to \(list.name) already",
                details: "kept in \(cache.path(network: list.name, parameters.attachment)); DEL it first")
        case .foreign(let other, let path):
            throw CNIError(
                .alreadyTaken, "\(path) belongs to \(other.attachment) of network \(other.network)",
                details: "the names run together to the same file name: use another container id")
        }
    }

    private func addHeld(
        _ list: NetworkList, _ parameters: AttachmentParameters, _ notes: [JSONMember], _ report: inout OperationReport
    ) {
        var result: JSONValue?
        do throws(CNIError) {
            for plugin in list.plugins {
                let configuration = plugin.request(
                    network: list.name, version: list.version, previousResult: result,
                    capabilities: parameters.capabilities)
                let invocation = run(plugin, parameters.request(.add), configuration: configuration)
                report.steps.append(invocation)
                if let error = invocation.failure { throw error }
                result = try Self.previousResult(invocation, version: list.version)
            }
            try cache.store(
                CachedAttachment(
                    network: list.name, parameters: parameters, configuration: list.source, result: result,
                    notes: notes))
            report.result = result
        } catch {
            report.outcome = .failed(error)
            // The plugins behind the one that failed have made nothing, and those before it must be undone whatever
            // becomes of the others.
            var undo = OperationReport(.delete, network: list.name, version: list.version, parameters: parameters)
            let completed = report.steps.prefix { $0.failure == nil }.count
            timed(&undo) { undo in
                deleteSteps(list, parameters, result, haltingBelow: completed, &undo)
            }
            report.others.append(undo)
        }
    }

    /// A plugin's result as the next plugin is given it: verbatim, so that what nobody here knows survives. Only a
    /// result of another version is converted.
    static func previousResult(
        _ invocation: PluginInvocation, version: CNIVersion
    ) throws(CNIError) -> JSONValue? {
        guard let root = invocation.result?.root else { return nil }
        let named = root["cniVersion"]?.string ?? ""
        if root.isNull || named.isEmpty {
            return JSONValue.node(root).setting("cniVersion", to: .string(version.description))
        }
        if named == version.description { return .node(root) }
        do throws(CNIError) {
            return try CNIResult(decoding: root, assuming: version).value(as: version)
        } catch {
            throw error.during("plugin \(invocation.type) answered in version \(named)")
        }
    }
}

// MARK: - DEL

extension NetworkRuntime {
    /// Detaches a container. The configuration, the arguments and the result of the ADD are used when they were kept;
    /// `parameters` and `list` fill in what was not, and arguments given anew win.
    ///
    /// As the specification wants it, a failing plugin halts the operation: an address must not be given back while a
    /// host port still leads to it. What was kept stays until everything is undone.
    /// - Parameters:
    ///   - list: the network as it is configured now; nil when there is no such file any more.
    ///   - continuesPastErrors: calls every plugin whatever the others answer.
    public func delete(
        network: String, _ list: NetworkList?, _ parameters: AttachmentParameters, continuesPastErrors: Bool = false
    ) -> OperationReport {
        var report = OperationReport(
            .delete, network: network, version: list?.version ?? .assumed, parameters: parameters)
        timed(&report) { report in
            do throws(CNIError) {
                try parameters.validate()
                try CNINames.validate(networkName: network)
                try locks.holding(network: network, container: parameters.containerID) { () throws(CNIError) in
                    try deleteHeld(network, list, parameters, continuesPastErrors, &report)
                }
            } catch {
                report.outcome = .failed(error)
            }
        }
        return report
    }

    func deleteHeld(
        _ network: String, _ list: NetworkList?, _ given: AttachmentParameters, _ continuesPastErrors: Bool,
        _ report: inout OperationReport
    ) throws(CNIError) {
        var used = list
        var parameters = given
        var result: JSONValue?
        var forgets = true
        switch try cache.entry(network: network, given.attachment) {
        case .none:
            report.remarks.append("nothing was kept of an ADD: the plugins get no prevResult")
        case .unreadable(let path):
            report.remarks.append("\(path) is torn or of an unknown format: the plugins get no prevResult")
        case .foreign(let other, let path):
            report.remarks.append("\(path) is about \(other.attachment) of network \(other.network): left alone")
            forgets = false
        case .found(let cached):
            if let list = cached.list {
                used = list
            } else if !cached.configuration.isEmpty {
                report.remarks.append("the configuration kept of the ADD cannot be read: the present one is used")
            }
            parameters = Self.merge(given, cached.parameters)
            result = cached.result
        }
        guard let used else {
            throw CNIError(
                .invalidConfiguration, "there is no configuration for network \(network)",
                details: "neither a file in the configuration directory, nor one kept of the ADD")
        }
        report.version = used.version
        report.parameters = parameters
        deleteSteps(used, parameters, result, haltingBelow: continuesPastErrors ? 0 : used.plugins.count, &report)
        if report.error == nil && forgets { try cache.remove(network: network, given.attachment) }
    }

    /// What was given now wins over what was kept.
    private static func merge(_ given: AttachmentParameters, _ kept: AttachmentParameters) -> AttachmentParameters {
        var merged = given
        if given.networkNamespace.isEmpty { merged.networkNamespace = kept.networkNamespace }
        if given.arguments.isEmpty { merged.arguments = kept.arguments }
        if given.capabilities?.members.isEmpty != false { merged.capabilities = kept.capabilities }
        return merged
    }

    /// Calls DEL from the last plugin to the first.
    ///
    /// - Parameter completed: a failure of one of the first so many plugins ends it; that of a later one does not.
    func deleteSteps(
        _ list: NetworkList, _ parameters: AttachmentParameters, _ result: JSONValue?, haltingBelow completed: Int,
        _ report: inout OperationReport
    ) {
        // DEL knows prevResult from 0.4.0 on.
        let previous = list.version.hasCheck ? result : nil
        var errors: [CNIError] = []
        for (index, plugin) in list.plugins.enumerated().reversed() {
            let configuration = plugin.request(
                network: list.name, version: list.version, previousResult: previous,
                capabilities: parameters.capabilities)
            let invocation = run(plugin, parameters.request(.delete), configuration: configuration)
            report.steps.append(invocation)
            if let error = invocation.failure {
                errors.append(error)
                if index < completed { break }
            }
        }
        report.fail(with: errors)
    }
}
