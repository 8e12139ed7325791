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
    /// Entries of an archive that are looked at, those that are left out included.
    public var headers = 1_000_000
    /// Entries of a folder that are looked at. Somebody's whole disk is no bundle.
    public var folderEntries = 60_000
    /// Files of a folder after which something of a cluster must have been seen.
    public var strangers = 2_000
    /// Bytes of an archive, unpacked, that are gone through, those that are left out included.
    public var passedBytes = 4 << 30
    /// Values in all documents of JSON together: each costs sixteen bytes beside its text, and `[0,0,0,...` is a value
    /// every two bytes. The objects of 5,000 pods are two million.
    public var values = 24_000_000
    /// How many times larger than the compressed file what is in it may be. Text of programs packs 10 to 50 times;
    /// zeros pack a thousand times.
    public var expansion = 200
    /// Bytes that may be unpacked whatever they were packed into: small things may pack well.
    public var expansionAllowance = 32 << 20

    public init(entries: Int, documentBytes: Int, logBytes: Int, totalBytes: Int, lineBytes: Int) {
        self.entries = entries
        self.documentBytes = documentBytes
        self.logBytes = logBytes
        self.totalBytes = totalBytes
        self.lineBytes = lineBytes
    }

    public static let standard = BundleLimits(
        entries: 250_000, documentBytes: 256 << 20, logBytes: 16 << 20, totalBytes: 512 << 20, lineBytes: 64 << 10)
}
