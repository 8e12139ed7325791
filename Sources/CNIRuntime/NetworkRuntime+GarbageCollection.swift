import CNI
import JSONTree

extension NetworkRuntime {
    /// Removes what belongs to no valid attachment of a network: first DEL of the whole list for each attachment that
    /// was kept and is not valid, then the verb GC for every plugin, which knows what was never kept. Failures do not
    /// stop it and are joined.
    ///
    /// With `disableGC` nothing is done at all: the network, and with it the cache, is shared with another runtime
    /// whose attachments nobody named here.
    /// - Parameter valid: everything that must stay.
    public func collectGarbage(_ list: NetworkList, valid: [CNIAttachment]) -> OperationReport {
        var report = OperationReport(.collectGarbage, network: list.name, version: list.version)
        timed(&report) { report in
            if list.disableGC {
                report.outcome = .skipped("disableGC is set in \(list.file)")
                return
            }
            do throws(CNIError) {
                try locks.holdingAll(of: list.name) { () throws(CNIError) in
                    try collectHeld(list, valid, &report)
                }
            } catch {
                report.outcome = .undetermined(error)
            }
        }
        return report
    }

    /// The attachments of a network that are kept and not valid: what GC would DEL.
    public func stale(network: String, valid: [CNIAttachment]) throws(CNIError) -> [CachedAttachment] {
        let valid = Set(valid)
        return try cache.all().attachments.filter { $0.network == network && !valid.contains($0.attachment) }
    }

    private func collectHeld(
        _ list: NetworkList, _ valid: [CNIAttachment], _ report: inout OperationReport
    ) throws(CNIError) {
        let unreadable = try cache.all().unreadable
        for path in unreadable where path.hasPrefix("\(cache.results)/\(list.name)-") {
            report.remarks.append("\(path) is torn or of an old format, and was left alone")
        }
        var errors: [CNIError] = []
        for cached in try stale(network: list.name, valid: valid) {
            var deletion = OperationReport(
                .delete, network: list.name, version: list.version, parameters: cached.parameters)
            timed(&deletion) { deletion in
                do throws(CNIError) {
                    try deleteHeld(list.name, list, cached.parameters, false, &deletion)
                } catch {
                    deletion.outcome = .failed(error)
                }
            }
            if let error = deletion.error { errors.append(error.during("DEL of \(cached.attachment)")) }
            report.others.append(deletion)
        }
        if list.version.hasGarbageCollection {
            let attachments = JSONValue.array(
                valid.map { ["containerID": .string($0.containerID), "ifname": .string($0.interfaceName)] })
            // libcni sends the second key too, from before the specification was final.
            let extra = [
                JSONMember("cni.dev/valid-attachments", attachments), JSONMember("cni.dev/attachments", attachments),
            ]
            for plugin in list.plugins {
                let configuration = plugin.request(network: list.name, version: list.version, extra: extra)
                let invocation = run(plugin, CNIRequest(.collectGarbage), configuration: configuration)
                report.steps.append(invocation)
                if let error = invocation.failure { errors.append(error) }
            }
        } else {
            report.remarks.append(
                "the plugins were not asked: GC came with 1.1.0, and the network speaks \(list.version)")
        }
        report.fail(with: errors)
    }
}
