/// How much of a bundle is read. Bundles come from strangers: an archive of a few kilobytes may unpack to more than
/// any machine has.
public struct BundleLimits: Sendable {
    /// Files in it; the rest is left out.
    public var entries: Int
    /// Bytes of one document. A longer log keeps its beginning, a longer list of objects is left out, because half
    /// of one cannot be read.
    public var documentBytes: Int
    /// Bytes of one log.
    public var logBytes: Int
    /// Bytes of everything, unpacked.
    public var totalBytes: Int
    /// Bytes of one line of text that is no JSON; the rest of the line is left out.
    public var lineBytes: Int

    public init(entries: Int, documentBytes: Int, logBytes: Int, totalBytes: Int, lineBytes: Int) {
        self.entries = entries
        self.documentBytes = documentBytes
        self.logBytes = logBytes
        self.totalBytes = totalBytes
        self.lineBytes = lineBytes
    }

    public static let standard = BundleLimits(
        entries: 250_000, documentBytes: 256 << 20, logBytes: 16 << 20, totalBytes: 1 << 30, lineBytes: 64 << 10)
}
