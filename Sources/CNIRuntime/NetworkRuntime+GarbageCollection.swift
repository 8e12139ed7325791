import CNI
import JSONTree

extension NetworkRuntime {
    /// Removes what belongs to no valid attachment of a network: first DEL of the whole list for each attachment that
    /// is kept and not valid, then, from 1.1.0 on, the verb GC for every plugin, which knows what was never kept.
    /// Failures do not stop it and are joined.
    ///
    /// With `disableGC` nothing is done at all: the network, and with it the cache, is shared with another runtime,
    /// whose attachments nobody names here.
    /// - Parameter valid: everything that must stay.
    public func collectGarbage(_ list: NetworkConfigurationList, valid: [CNIAttachment]) -> OperationReport {
        var report = OperationReport(.collectGarbage, list.name)
        if list.disableGC {
            report.skip("the configuration disables GC")
            return report
        }
        do throws(CNIError) {
            try locks.holdingAll(of: list.name) { () throws(CNIError) in
                try collectHeld(list, valid, &report)
            }
        } catch {
            report.outcome = .undetermined(error)
        }
        return report
    }

    /// The attachments of a network that are kept and not valid: what GC would DEL.
    public func stale(_ list: NetworkConfigurationList, valid: [CNIAttachment]) throws(CNIError) -> [ResultCache.Entry]
    {
        let valid = Set(valid)
        return try cache.entries(network: list.name).filter { !valid.contains($0.attachment.attachment) }
    }

    private func collectHeld(
        _ list: NetworkConfigurationList, _ valid: [CNIAttachment], _ report: inout OperationReport
    ) throws(CNIError) {
        for path in try cache.all().unreadable where cache.isAbout(list.name, path: path) {
            report.notes.append("\(path) is torn or of an old format, and was left alone")
        }
        var errors: [CNIError] = []
        for entry in try stale(list, valid: valid) {
            do throws(CNIError) {
                try deleteHeld(list.name, list, entry.attachment, false, &report)
            } catch {
                errors.append(error.during("DEL of \(entry.attachment.attachment)"))
            }
        }
        if list.cniVersion.hasGarbageCollection {
            for entry in list.plugins {
                let configuration = try list.request(for: entry, validAttachments: valid)
                let invocation = run(entry.type, CNIRequest(.collectGarbage), configuration: configuration)
                report.steps.append(OperationReport.Step(invocation))
                if let error = invocation.failure { errors.append(error) }
            }
        } else {
            report.notes.append(
                "the plugins were not asked: GC came with 1.1.0, and the network speaks \(list.cniVersion)")
        }
        if let error = CNIError.joining(errors) { report.outcome = .failed(error) }
    }
}
