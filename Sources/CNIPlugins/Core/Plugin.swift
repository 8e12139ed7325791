import CNI

/// One plugin. A plugin has no state of its own: everything it works on comes in the call, and everything it made can
/// be found again in the kernel or in files.
///
/// The rules every verb keeps:
/// - ADD makes everything or leaves nothing behind (see ``Undo``).
/// - DEL succeeds when there is nothing to remove: namespace gone, interface renamed, `prevResult` missing, and any number
///   of times. It goes on through errors, and reports them joined at the end.
/// - CHECK looks at everything ADD made, and changes nothing unless the plugin's documentation says that it repairs.
/// - GC removes what belongs to this network and to no valid attachment, and nothing else.
/// - STATUS costs next to nothing: runtimes call it every few seconds.
public protocol Plugin: Sendable {
    /// The file name the plugin is executed under, and its `type` in configurations.
    static var name: String { get }
    /// Ascending. All versions unless the plugin says otherwise.
    static var supportedVersions: [CNIVersion] { get }
    /// Whether it hands out addresses, and so may be named in `ipam.type` and called in-process.
    static var isAddressManager: Bool { get }

    static func add(_ call: PluginCall) throws(CNIError) -> CNIResult
    static func check(_ call: PluginCall) throws(CNIError)
    static func delete(_ call: PluginCall) throws(CNIError)
    /// - Parameter validAttachments: never "unknown": without a list the runner answers success and does not call this.
    static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError)
    static func status(_ call: PluginCall) throws(CNIError)
}

extension Plugin {
    public static var supportedVersions: [CNIVersion] { CNIVersion.allCases }
    public static var isAddressManager: Bool { false }
}
