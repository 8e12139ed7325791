/// Every check, by the layer it looks at. A check is one file and its line here.
public enum CheckList {
    public static let all: [any Check] = cluster + machines + services + addresses + [MessageCheck()]

    /// Those that matter before an install or an upgrade.
    public static let preflight: [any Check] =
        all.filter { check in
            check.codes.contains { Cause.coded($0)?.layer.map(preflightLayers.contains) ?? false }
        } + [VersionCheck()]

    private static let preflightLayers: Set<Cause.Layer> = [
        .installation, .apiAccess, .webhooks, .configuration, .addresses, .bpf, .mtu, .node,
    ]
}
