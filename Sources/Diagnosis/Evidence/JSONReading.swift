import JSONTree
import Synchronization

/// A document's text as JSON: read by whoever asks first, and kept for everybody who asks then. Who asks while it is being
/// read waits for it, so that reading can be begun before anybody needs it.
public final class JSONReading: Sendable {
    private let read = Mutex<Result<JSONTree, JSONSyntaxError>?>(nil)

    public init() {}

    /// - Parameter bytes: the same every time.
    public func tree(of bytes: [UInt8]) throws(JSONSyntaxError) -> JSONTree {
        let result = read.withLock { read in
            if let read { return read }
            let result = Result { () throws(JSONSyntaxError) in try JSONTree(parsing: bytes) }
            read = result
            return result
        }
        return try result.get()
    }
}
