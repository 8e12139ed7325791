/// Metrics of networks that are gone, or that never were although guides name them: an alert that waits for one never
/// comes.
struct FormerMetric: Sendable, Hashable {
    /// Whose metric it was: `kubernetes`, or of ``NetworkComponent``.
    var of: String
    /// The first release without it; nil for one that never was.
    var goneIn: ReleaseNumber?
    /// What to ask for instead.
    var now: String
    /// Where the row was read, and when.
    var source: String
    var date: String

    /// By the metric's name, without `_bucket`, `_sum` and `_count`.
    static let all: [String: FormerMetric] = kubelet.merging(coredns) { first, _ in first }.merging(calico) {
        first, _ in first
    }

    static func named(_ name: String) -> (name: String, metric: FormerMetric)? {
        for suffix in ["", "_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if let known = all[base] { return (base, known) }
        }
        return nil
    }

    private static let kubelet: [String: FormerMetric] = {
        let changes = "kubernetes CHANGELOG-1.18 (metrics turned off in 1.17), KEP-1209"
        let shim = "kubernetes CHANGELOG-1.24, removal of dockershim"
        let sandbox = "kubelet_runtime_operations_duration_seconds{operation_type=\"run_podsandbox\"}"
        func row(_ minor: Int, _ now: String, _ source: String) -> FormerMetric {
            FormerMetric(
                of: "kubernetes", goneIn: ReleaseNumber(1, minor), now: now, source: source, date: "2026-08")
        }
        return [
            "kubelet_network_plugin_operations_latency_microseconds": row(18, sandbox, changes),
            "network_plugin_operations_latency_microseconds": row(18, sandbox, changes),
            "kubelet_network_plugin_operations_duration_seconds": row(24, sandbox, shim),
            "kubelet_network_plugin_operations_total": row(24, "kubelet_runtime_operations_total", shim),
            "kubelet_network_plugin_operations_errors_total": row(
                24, "kubelet_runtime_operations_errors_total{operation_type=\"run_podsandbox\"}", shim),
            "kubelet_docker_operations_duration_seconds": row(
                24, "kubelet_runtime_operations_duration_seconds", shim),
            "kubelet_docker_operations_errors_total": row(24, "kubelet_runtime_operations_errors_total", shim),
            "kubeproxy_sync_proxy_rules_latency_microseconds": row(
                18, "kubeproxy_sync_proxy_rules_duration_seconds", changes),
        ]
    }()

    private static let coredns: [String: FormerMetric] = {
        func row(_ now: String) -> FormerMetric {
            FormerMetric(
                of: "coredns", goneIn: ReleaseNumber(1, 7), now: now, source: "CoreDNS 1.7.0 release notes",
                date: "2020-06")
        }
        return [
            "coredns_dns_request_count_total": row("coredns_dns_requests_total"),
            "coredns_dns_request_type_count_total": row("coredns_dns_requests_total"),
            "coredns_dns_response_rcode_count_total": row("coredns_dns_responses_total"),
            "coredns_forward_request_count_total": row("coredns_proxy_request_duration_seconds_count"),
            "coredns_forward_response_rcode_count_total": row("coredns_proxy_request_duration_seconds_count{rcode}"),
            "coredns_panic_count_total": row("coredns_panics_total"),
            "coredns_cache_size": row("coredns_cache_entries"),
        ]
    }()

    private static let calico: [String: FormerMetric] = {
        func row(_ now: String) -> FormerMetric {
            FormerMetric(
                of: "calico", goneIn: nil, now: now, source: "projectcalico/calico kube-controllers, ipam metrics",
                date: "2026-08")
        }
        return [
            "ipam_ips_in_use": row("ipam_allocations_in_use"), "ipam_ips_total": row("ipam_ippool_size"),
            "calico_ipam_ips_in_use": row("ipam_allocations_in_use"), "calico_ipam_ips_total": row("ipam_ippool_size"),
        ]
    }()
}
