import CNI
import JSONTree

// The verbs that change nothing: CHECK, STATUS, VERSION.

extension NetworkRuntime {
    /// Asks every plugin whether what it made is still as it should be. Unlike libcni it does not stop at the first
    /// that finds something: CHECK changes nothing, and a person wants to know everything.
    public func check(_ list: NetworkConfigurationList, _ given: RuntimeAttachment) -> OperationReport {
        var report = OperationReport(.check, list.name)
        do throws(CNIError) {
            try given.validate(for: .check)
            guard list.cniVersion.hasCheck else {
                throw CNIError(
                    .incompatibleVersion, "configuration version \"\(list.cniVersion)\" does not support CHECK",
                    details: "CHECK came with \(CNIRequest.Command.check.since)")
            }
            if list.disableCheck {
                report.skip("the configuration disables CHECK")
                return report
            }
            try locks.holding(network: list.name, container: given.containerID) { () throws(CNIError) in
                try checkHeld(list, given, &report)
            }
        } catch {
            report.outcome = .undetermined(error)
        }
        return report
    }

    private func checkHeld(
        _ list: NetworkConfigurationList, _ given: RuntimeAttachment, _ report: inout OperationReport
    ) throws(CNIError) {
        guard let kept = try cache.entry(of: list, given.attachment), let result = kept.result else {
            throw CNIError(
                .unusablePreviousResult, "no result of an ADD is kept for \(given.attachment) on \(list.name)",
                details: "looked at \(cache.path(network: list.name, given.attachment))")
        }
        let attachment = given.filled(from: kept.attachment)
        for entry in list.plugins {
            let configuration = try list.request(
                for: entry, previousResult: result, capabilityArguments: attachment.capabilityArguments)
            let invocation = run(entry.type, attachment.request(.check), configuration: configuration)
            report.steps.append(OperationReport.Step(invocation, attachment: attachment.attachment))
        }
        report.joinErrorsOfSteps()
    }

    /// Asks every plugin whether it could serve an ADD now. One answer is enough for a runtime; a person wants all.
    public func status(_ list: NetworkConfigurationList) -> OperationReport {
        var report = OperationReport(.status, list.name)
        do throws(CNIError) {
            guard list.cniVersion.hasStatus else {
                throw CNIError(
                    .incompatibleVersion, "configuration version \"\(list.cniVersion)\" does not support STATUS",
                    details: "STATUS came with \(CNIRequest.Command.status.since)")
            }
            for entry in list.plugins {
                let configuration = try list.request(for: entry)
                report.steps.append(
                    OperationReport.Step(run(entry.type, CNIRequest(.status), configuration: configuration)))
            }
            report.joinErrorsOfSteps()
        } catch {
            report.outcome = .undetermined(error)
        }
        return report
    }

    /// Asks the programs of a list which versions they speak: one step for each plugin in the list's order, then one
    /// for each address manager that a plugin names.
    public func versions(_ list: NetworkConfigurationList) -> OperationReport {
        var report = OperationReport(.version, list.name)
        var asked: [String: OperationReport.Step] = [:]
        for type in list.plugins.map(\.type) + list.addressManagers {
            let step = asked[type] ?? ask(type)
            asked[type] = step
            report.steps.append(step)
        }
        report.joinErrorsOfSteps()
        return report
    }

    /// Whether the network could work at all: every program is there and speaks the list's version. Executes VERSION
    /// and nothing else.
    public func validate(_ list: NetworkConfigurationList) -> OperationReport {
        var report = versions(list)
        var errors: [CNIError] = []
        for step in report.steps {
            if let error = step.error {
                errors.append(error)
            } else if !step.versions.contains(list.cniVersion.description) {
                errors.append(
                    CNIError(
                        .incompatibleVersion,
                        "plugin \(step.plugin) does not support config version \"\(list.cniVersion)\"",
                        details: "it supports \(step.versions.joined(separator: ", "))",
                        at: list.plugins.first { $0.type == step.plugin }?.node.position))
            }
        }
        report.outcome = CNIError.joining(errors).map { .failed($0) } ?? .succeeded
        return report
    }

    private func ask(_ type: String) -> OperationReport.Step {
        willRun?(.version, type)
        let (invocation, versions) = executor.askVersions(type)
        switch versions {
        case .success(let versions):
            // A plugin of 0.1.0 answers with an error, which is an answer.
            var answered = invocation
            answered.answer = .done
            return OperationReport.Step(answered, versions: versions)
        case .failure(let error):
            return OperationReport.Step(invocation, error: error)
        }
    }
}

extension NetworkConfigurationList {
    /// The address managers that the plugins name, each once, in order.
    var addressManagers: [String] {
        var types: [String] = []
        for entry in plugins {
            guard let type = entry.node["ipam"]?["type"]?.string, !type.isEmpty, !types.contains(type) else { continue }
            types.append(type)
        }
        return types
    }
}

extension OperationReport {
    mutating func joinErrorsOfSteps() {
        if let error = CNIError.joining(steps.compactMap(\.error)) { outcome = .failed(error) }
    }
}
