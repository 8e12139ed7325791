import CLinux
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import SystemCalls

/// The volumes of one pod: directories below `<state>/pods/<uid>/volumes`, and the node's own for hostPath.
struct PodVolumes: Sendable {
    var pod: PodSpec
    /// `<state>/pods/<uid>`
    var directory: String
    var content: VolumeContent
    var fields: DownwardFields

    /// `FailedMount`: the pod waits and it is tried again.
    struct Failure: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    func path(of volume: Volume) -> String {
        if case .hostPath(let path, _) = volume.source { return path }
        return "\(directory)/volumes/\(volume.name)"
    }

    /// Makes every volume; those of ConfigMaps and the like become what the API has now.
    func prepare() async throws(Failure) {
        for volume in pod.volumes {
            do throws(Failure) {
                try await prepare(volume)
            } catch {
                throw Failure(description: "MountVolume.SetUp failed for volume \"\(volume.name)\" : \(error)")
            }
        }
    }

    /// Brings what comes from the API up to date; what cannot be read now stays as it is.
    func refresh() async {
        for volume in pod.volumes {
            if case .projected = volume.source { try? await prepare(volume) }
        }
    }

    private func prepare(_ volume: Volume) async throws(Failure) {
        let path = path(of: volume)
        switch volume.source {
        case .hostPath(_, let type): try Self.prepareHostPath(path, type)
        case .emptyDirectory(let isMemory): try Self.prepareEmpty(path, isMemory: isMemory)
        case .projected(let parts, let mode):
            var files: [ProjectedFiles.File] = []
            for part in parts { files += try await self.files(of: part, mode) }
            let made = files
            try Self.reporting { () throws(SystemCallError) in
                try ProjectedFiles(directory: path).write(made)
            }
        case .unsupported(let kind):
            throw Failure(
                description: "volumes of kind \(kind) are not possible in a lab; possible are hostPath, emptyDir, "
                    + "configMap, secret, downwardAPI and projected")
        }
    }

    @discardableResult
    private static func reporting<Result>(_ body: () throws(SystemCallError) -> Result) throws(Failure) -> Result {
        do throws(SystemCallError) { return try body() } catch { throw Failure(description: "\(error)") }
    }

    private static func prepareHostPath(_ path: String, _ type: String) throws(Failure) {
        let status = try? FileSystem.status(path)
        switch type {
        case "DirectoryOrCreate":
            try reporting { () throws(SystemCallError) in try Directories.make(path) }
        case "FileOrCreate":
            if status == nil {
                try reporting { () throws(SystemCallError) in
                    _ = try FileDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o644)
                }
            }
        case "Directory":
            guard status?.isDirectory == true else {
                throw Failure(description: "hostPath type check failed: \(path) is not a directory")
            }
        case "File":
            guard status?.isRegularFile == true else {
                throw Failure(description: "hostPath type check failed: \(path) is not a file")
            }
        default:
            guard status != nil else {
                // Runtimes make a directory for a bind mount whose source is not there.
                try reporting { () throws(SystemCallError) in try Directories.make(path) }
                return
            }
        }
    }

    private static func prepareEmpty(_ path: String, isMemory: Bool) throws(Failure) {
        try reporting { () throws(SystemCallError) in
            try Directories.make(path)
            try FileSystem.setMode(path, 0o777)
            guard isMemory, try FileSystem.type(of: path) != Int(TMPFS_MAGIC) else { return }
            try retrying("mount", on: path) { mount("tmpfs", path, "tmpfs", 0, "mode=0777") }
        }
    }

    // MARK: - Files from the API

    private func files(of part: Volume.Projection, _ mode: Int) async throws(Failure) -> [ProjectedFiles.File] {
        let namespace = pod.metadata.namespace
        switch part {
        case .configMap(let name, let items, let isOptional):
            let data = try await content.configMap(namespace, name)
            return try Self.files(data, items, mode, "configmap \"\(name)\"", isOptional)
        case .secret(let name, let items, let isOptional):
            let data = try await content.secret(namespace, name)
            return try Self.files(data, items, mode, "secret \"\(name)\"", isOptional)
        case .downward(let items):
            return try items.map { item throws(Failure) in
                var text = ""
                switch item.value {
                case .field(let path):
                    guard let found = fields.text(path) else {
                        throw Failure(description: "\(path) is no field of the downward API")
                    }
                    text = found
                case .resource(let container, let name, let divisor):
                    text = fields.resource(container, name, divisor)
                case .text, .configMap, .secret: break
                }
                return ProjectedFiles.File(path: item.path, bytes: Array(text.utf8), mode: item.mode ?? mode)
            }
        case .token(let path, let audience, let seconds):
            let token = try await content.token(
                namespace, pod.serviceAccountName.isEmpty ? "default" : pod.serviceAccountName, audience, seconds,
                pod: pod)
            // Readable by everybody in the pod, as without fsGroup and with any user.
            return [ProjectedFiles.File(path: path, bytes: Array(token.utf8), mode: 0o644)]
        }
    }

    static func files(
        _ data: [String: [UInt8]]?, _ items: [Volume.Item], _ mode: Int, _ what: String, _ isOptional: Bool
    ) throws(Failure) -> [ProjectedFiles.File] {
        guard let data else {
            if isOptional { return [] }
            throw Failure(description: "\(what) not found")
        }
        if items.isEmpty {
            return data.sorted { $0.key < $1.key }.map {
                ProjectedFiles.File(path: $0.key, bytes: $0.value, mode: mode)
            }
        }
        var files: [ProjectedFiles.File] = []
        for item in items {
            guard let bytes = data[item.key] else {
                if isOptional { continue }
                throw Failure(description: "\(what) has no key \"\(item.key)\"")
            }
            files.append(ProjectedFiles.File(path: item.path, bytes: bytes, mode: item.mode ?? mode))
        }
        return files
    }

    /// Takes everything of the pod away. Blocks.
    static func remove(_ directory: String) {
        let volumes = "\(directory)/volumes"
        for name in (try? FileSystem.list(volumes)) ?? [] { _ = umount2("\(volumes)/\(name)", Int32(MNT_DETACH)) }
        RootTree.removeAll(directory)
    }
}

/// What volumes and environments take from the API, asked for when it is needed. A token is kept until four fifths of
/// its time are over.
final actor VolumeContent {
    private let client: ClusterClient
    private var tokens: [String: KeptToken] = [:]

    init(_ client: ClusterClient) { self.client = client }

    /// nil when there is none of this name.
    func configMap(_ namespace: String, _ name: String) async throws(PodVolumes.Failure) -> [String: [UInt8]]? {
        guard let node = try await find(ConfigMap.resource, namespace, name) else { return nil }
        var data: [String: [UInt8]] = [:]
        for (key, value) in node.member("data")?.members.map({ ($0.key, $0.value) }) ?? [] {
            data[key] = Array((value.string ?? "").utf8)
        }
        for (key, value) in node.member("binaryData")?.members.map({ ($0.key, $0.value) }) ?? [] {
            data[key] = Base64Text.decode(value.string ?? "")
        }
        return data
    }

    func secret(_ namespace: String, _ name: String) async throws(PodVolumes.Failure) -> [String: [UInt8]]? {
        guard let node = try await find(Secret.resource, namespace, name) else { return nil }
        var data: [String: [UInt8]] = [:]
        for (key, value) in node.member("data")?.members.map({ ($0.key, $0.value) }) ?? [] {
            data[key] = Base64Text.decode(value.string ?? "")
        }
        return data
    }

    private func find(
        _ resource: GroupVersionResource, _ namespace: String, _ name: String
    ) async throws(PodVolumes.Failure) -> JSONNode? {
        do throws(KubernetesFailure) {
            return try await client.collection(resource, namespace: namespace).find(name)
        } catch {
            throw PodVolumes.Failure(description: error.sentence)
        }
    }

    func token(
        _ namespace: String, _ account: String, _ audience: String, _ seconds: Int, pod: PodSpec
    ) async throws(PodVolumes.Failure) -> String {
        let key = "\(pod.uid) \(account) \(audience) \(seconds)"
        let now = Clock.now()
        if let kept = tokens[key], kept.isGood(at: now) { return kept.text }
        var spec: JSONValue = [
            "expirationSeconds": .int(Int64(max(600, seconds))),
            "boundObjectRef": [
                "kind": "Pod", "apiVersion": "v1", "name": .string(pod.metadata.name), "uid": .string(pod.uid),
            ],
        ]
        if !audience.isEmpty { spec = spec.setting("audiences", to: [.string(audience)]) }
        let request: JSONValue = ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec]
        do throws(KubernetesFailure) {
            let accounts = client.collection(
                GroupVersionResource(version: "v1", resource: "serviceaccounts"), namespace: namespace)
            let answer = try await accounts.create(request, name: account, subresource: "token")
            guard let token = answer.at("status", "token")?.string else {
                throw KubernetesFailure(.malformed("the TokenRequest was answered without a token"))
            }
            tokens[key] = KeptToken(text: token, madeAt: now, seconds: UInt64(max(600, seconds)))
            return token
        } catch {
            throw PodVolumes.Failure(description: "failed to fetch token: \(error.sentence)")
        }
    }

    func forget(_ uid: String) { tokens = tokens.filter { !$0.key.hasPrefix("\(uid) ") } }
}

/// A service account's token, until four fifths of its time are over.
struct KeptToken: Sendable {
    var text: String
    /// Nanoseconds since the Epoch.
    var madeAt: UInt64
    /// How long it is valid.
    var seconds: UInt64

    /// A clock that was set back makes a token one of the future, which no server takes.
    func isGood(at now: UInt64) -> Bool { now >= madeAt && now < madeAt + seconds * 800_000_000 }
}

/// Base64 of Secrets (RFC 4648 section 4).
enum Base64Text {
    static func decode(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            let value: UInt32
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(character - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(character - UInt8(ascii: "a")) + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(character - UInt8(ascii: "0")) + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: continue
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bytes
    }
}
