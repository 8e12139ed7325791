/// Every check, by the layer it looks at. A check is one file and its line here.
public enum CheckList {
    public static let all: [any Check] = cluster + machines + services + addresses + [ProbeCheck(), MessageCheck()]

    /// What is asked before an install or an upgrade: versions that do not go together break nothing yet.
    public static let preflight: [any Check] = all + [VersionCheck()]
}
