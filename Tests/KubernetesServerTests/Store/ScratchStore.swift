import Foundation
import JSONTree
import Synchronization
import SystemCalls

@testable import KubernetesServer

/// A store in a directory of its own, which goes with it.
final class ScratchStore: Sendable {
    let directory: String
    private let current: Mutex<ObjectStore>

    var store: ObjectStore { current.withLock { $0 } }

    init(retention: ObjectStore.Retention = .init()) throws {
        directory = NSTemporaryDirectory() + "/poplin-store-\(UUID().uuidString)"
        current = Mutex(try ObjectStore(directory: directory, retention: retention))
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func reopen() throws {
        store.close()
        let new = try ObjectStore(directory: directory)
        current.withLock { $0 = new }
    }

    /// Closes the store and overwrites bytes of its file.
    func poke(_ offset: Int, _ bytes: [UInt8]) throws {
        store.close()
        try FileDescriptor.open(store.database.path, 1).writeAll(bytes, at: offset)
    }

    func key(_ name: String, in namespace: String = "default") -> StoreKey {
        StoreKey("pods", namespace: namespace, name: name)
    }

    @discardableResult
    func put(_ name: String, _ text: String, in namespace: String = "default") async throws -> StoredObject {
        let key = key(name, in: namespace)
        return try await store.write { $0.put(key, uid: "uid-\(key.name)", Array(text.utf8)) }
    }

    @discardableResult
    func delete(_ name: String, in namespace: String = "default") async throws -> StoredObject? {
        let key = key(name, in: namespace)
        return try await store.write { $0.delete(key) }
    }
}

extension StoredObject {
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var tree: JSONTree? { try? JSONTree(parsing: bytes) }
}
