import Diagnosis

/// Parts of the evidence that could not be had, put together by why: a screen has a page, not four hundred lines.
struct CollectionLosses {
    private enum Reason: Int, CaseIterable { case refused, budget, time, failed }

    private var paths: [Reason: [String]] = [:]
    private var firstReason = ""

    init(_ missing: [String: String]) {
        // What of a machine is not there the checks say that need it.
        for (path, reason) in missing.sorted(by: { $0.key < $1.key }) where !path.hasPrefix(EvidencePath.nodes) {
            let kind = Self.kind(reason)
            if kind == .failed, firstReason.isEmpty { firstReason = reason }
            paths[kind, default: []].append(Self.short(path))
        }
    }

    private static func kind(_ reason: String) -> Reason {
        if reason.contains("was refused") { return .refused }
        if reason.contains("budget of") { return .budget }
        return reason.contains("s were over before") ? .time : .failed
    }

    /// `services` of `cluster/resources/services.json`, `kubelet/node-7/configz` of `cluster/kubelet/node-7/configz`.
    private static func short(_ path: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2 else { return path }
        if parts[1] == "resources", parts[2].hasSuffix(".json") { return String(parts[2].dropLast(5)) }
        return parts.dropFirst().joined(separator: "/")
    }

    /// `3 parts for want of time (services, secrets ...)`.
    var lines: [String] {
        Reason.allCases.compactMap { reason in
            guard let all = paths[reason] else { return nil }
            var seen: Set<String> = []
            let names = all.filter { seen.insert($0).inserted }
            let list = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " ..." : "")
            let count = all.count == 1 ? "1 part" : "\(all.count) parts"
            switch reason {
            // Those are told by verb and resource.
            case .refused: return nil
            case .budget: return "\(count) for want of requests (\(list))"
            case .time: return "\(count) for want of time (\(list))"
            case .failed: return "\(count) that the server did not give (\(list)): \(firstReason.prefix(120))"
            }
        }
    }
}
