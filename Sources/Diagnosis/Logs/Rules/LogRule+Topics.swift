/// What a sentence is about when it names no mechanism at all: asked of people's own words alone, when nothing else was
/// said, and never more than possible.
extension LogRule {
    private static let networks = LogPattern.any([
        .agent,
        .words(
            "calico", "weave", "cni", "ovn", "microk8s", "k3s", "rke2", "kubelet", "network plugin",
            "network interface",
            "routing device", "felix", "网络"),
    ])
    private static let reaches = LogPattern.any([
        .words("communicat", "reach", "access", "connect", "visit", "talk", "traffic", "curl", "telnet", "不通", "通信"),
        .check { $0.tokens.contains("ping") },
    ])

    private static func topic(_ pattern: LogPattern, _ codes: [String], needs: String) -> LogRule {
        LogRule(.possible, codes: codes, when: pattern, needs: [needs])
    }

    static let topics: [LogRule] = [
        topic(
            .all([
                .words("pod", "node", "container", "vm", "host", "nodeport"), reaches,
                .any([complaint, .words("only from", "only on", "specific node", "one node", "sometimes")]),
            ]), ["RTE-01", "RTE-04", "RTE-07", "RTE-06", "RTE-02", "POL-01", "RTE-05"],
            needs: "whether pods of one node reach each other, and of two"),
        topic(
            .all([
                .any([networks, .words("pod", "cluster")]),
                .words("reboot", "restart", "restor", "resume", "sleep", "power", "重启"),
                .any([complaint, .words("surviv", "keeps", "stuck", "unknown state", "broken")]),
            ]), ["INS-01", "RTE-04", "INS-06", "API-03", "IPM-03", "RTE-12"],
            needs: "the agent's own last fatal line on that node, and what the reboot left"),
        topic(
            .all([
                networks,
                .any([
                    complaint,
                    .words(
                        "restarting", "panic", "sigsegv", "segfault", "exits", "exited", "not running", "0/1",
                        "pending",
                        "退出", "异常", "won\"t", "restarts", "unhealthy"),
                ]),
            ]), ["INS-01", "RTE-10", "INS-09", "RTE-04", "INS-07", "CFG-01"],
            needs: "the agent's own last fatal line on that node"),
        topic(
            .all([
                .words("internet", "outage", "host network", "network interface", "ssh", "wifi"),
                .words("install", "chang", "lost", "break", "outage", "disconnect", "after"),
            ]), ["RTE-12", "RTE-10", "IPM-07", "RTE-04", "RTE-06"],
            needs: "the host's routes and rules before and after"),
    ]
}
