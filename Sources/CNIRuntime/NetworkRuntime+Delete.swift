import CNI
import JSONTree

extension NetworkRuntime {
    /// Detaches a container; see ``delete(network:configured:_:continuesPastErrors:)``.
    public func delete(_ list: NetworkConfigurationList, _ attachment: RuntimeAttachment) -> OperationReport {
        delete(network: list.name, configured: list, attachment)
    }

    /// Detaches a container. The configuration, the arguments and the result of the ADD are used when they were kept;
    /// what is given now fills in what was not, and arguments given now win.
    ///
    /// As the specification wants it, a failing plugin halts the operation: an address must not be given back while a
    /// host port still leads to it. What was kept stays until everything is undone.
    /// - Parameters:
    ///   - list: the network as it is configured now; nil when there is no such file any more.
    ///   - continuesPastErrors: calls every plugin whatever the others answer.
    public func delete(
        network: String, configured list: NetworkConfigurationList?, _ attachment: RuntimeAttachment,
        continuesPastErrors: Bool = false
    ) -> OperationReport {
        var report = OperationReport(.delete, network)
        do throws(CNIError) {
            try attachment.validate(for: .delete)
            try CNINames.validate(networkName: network)
            try locks.holding(network: network, container: attachment.containerID) { () throws(CNIError) in
                try deleteHeld(network, list, attachment, continuesPastErrors, &report)
            }
        } catch {
            report.outcome = .failed(error)
        }
        return report
    }

    func deleteHeld(
        _ network: String, _ configured: NetworkConfigurationList?, _ given: RuntimeAttachment,
        _ continuesPastErrors: Bool, _ report: inout OperationReport
    ) throws(CNIError) {
        var list = configured
        var attachment = given
        var result: CNIResult?
        var forgets = true
        switch try cache.answer(network: network, given.attachment) {
        case .nothing:
            report.notes.append("nothing is kept of an ADD of \(given.attachment): the plugins get no prevResult")
        case .unreadable(let path):
            report.notes.append("\(path) is torn or of an unknown format: the plugins get no prevResult")
        case .foreign(let entry, let path):
            report.notes.append(
                "\(path) is about \(entry.attachment.attachment) of network \(entry.network): left alone")
            forgets = false
        case .found(let entry):
            if let kept = entry.list {
                list = kept
            } else if entry.configuration != nil {
                report.notes.append("the configuration kept of the ADD cannot be read: the present one is used")
            }
            attachment = given.filled(from: entry.attachment)
            result = entry.result
        }
        guard let list else {
            throw CNIError(
                .invalidConfiguration, "there is no configuration of network \(network)",
                details: "neither a file in the configuration directory, nor one kept of the ADD")
        }
        let ended = deleteAll(
            list, attachment, result, haltingBelow: continuesPastErrors ? 0 : list.plugins.count, &report)
        if let error = ended.error { throw error }
        if forgets { try cache.remove(network: network, given.attachment) }
    }

    /// Calls DEL from the last plugin to the first.
    ///
    /// - Parameter completed: a failure of one of the first so many plugins ends it; that of a later one does not.
    func deleteAll(
        _ list: NetworkConfigurationList, _ attachment: RuntimeAttachment, _ result: CNIResult?,
        haltingBelow completed: Int, _ report: inout OperationReport
    ) -> (error: CNIError?, halted: Bool) {
        // DEL knows prevResult from 0.4.0 on.
        let previous = list.cniVersion.hasCheck ? result : nil
        var errors: [CNIError] = []
        for (index, entry) in list.plugins.enumerated().reversed() {
            let invocation: PluginInvocation
            do throws(CNIError) {
                let configuration = try list.request(
                    for: entry, previousResult: previous, capabilityArguments: attachment.capabilityArguments)
                invocation = run(entry.type, attachment.request(.delete), configuration: configuration)
            } catch {
                invocation = PluginInvocation(type: entry.type, command: .delete, answer: .failure(error))
            }
            report.steps.append(OperationReport.Step(invocation, attachment: attachment.attachment))
            if let error = invocation.failure {
                errors.append(error)
                if index < completed { return (CNIError.joining(errors), true) }
            }
        }
        return (CNIError.joining(errors), false)
    }
}
