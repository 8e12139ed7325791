import CLinux
import KubernetesModel
import KubernetesServer
import LinuxHost
import NIOHTTP1
import SystemCalls

extension KubeletHandler {
    func logs(_ request: ServerRequest) async -> ServerResponse {
        guard let (worker, name) = await target(request) else {
            return .text("pod \"\(request.segments.dropFirst(2).first ?? "")\" does not exist\n", status: 404)
        }
        let query = LogQuery(request.query, now: Clock.now())
        guard let record = await worker.records[name], record.attempt >= 0 else {
            let image = await worker.pod.container(named: name)?.image
            guard image != nil else {
                return .text("container \(name) is not valid for pod\n", status: 400)
            }
            let pod = await worker.pod.metadata.name
            return .text(
                "container \"\(name)\" in pod \"\(pod)\" is waiting to start: \(await worker.waitingReason(name))",
                status: 400)
        }
        let attempt = query.isPrevious ? record.attempt - 1 : record.attempt
        let pod = await worker.pod
        let path = "\(context.logDirectory(of: pod.metadata))/\(name)/\(attempt).log"
        guard (try? FileSystem.status(path)) != nil else {
            if query.isPrevious {
                return .text(
                    "previous terminated container \"\(name)\" in pod \"\(pod.metadata.name)\" not found", status: 400)
            }
            return .text("failed to open log file \"\(path)\": no such file or directory", status: 500)
        }
        let id = record.id
        return ServerResponse(
            headers: ["Content-Type": "text/plain"],
            body: .stream { writer in
                try await follow(path, query, writer) {
                    let now = await worker.records[name]
                    return query.follows && !query.isPrevious && now?.id == id && now?.isRunning == true
                }
            })
    }

    private func follow(
        _ path: String, _ query: LogQuery, _ writer: any ResponseWriter,
        while goesOn: @Sendable () async -> Bool
    ) async throws {
        var rest = query.limit ?? .max
        func send(_ lines: [LogLine]) async throws {
            var bytes: [UInt8] = []
            for line in lines { bytes += query.text(line) }
            bytes = Array(bytes.prefix(rest))
            rest -= bytes.count
            if !bytes.isEmpty { try await writer.write(bytes) }
        }
        var tail = LogTail(path)
        let there = await context.blocking { [tail] in
            var tail = tail
            var lines: [LogLine] = []
            for old in LogFile.rotated(path) { lines += LogTail.lines(of: old) }
            lines += tail.read()
            return (tail, lines)
        }
        tail = there.0
        try await send(query.select(there.1))
        while rest > 0, !Task.isCancelled {
            // Asked first: what was written before the end is read after it.
            let isLast = !(await goesOn())
            let lines = tail.read().filter(query.isWanted)
            if !lines.isEmpty { try await send(lines) }
            if isLast { return }
            if lines.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
        }
    }
}

/// A log file read as it grows; when it was put aside, its rest and then the new one.
struct LogTail: Sendable {
    let path: String
    private var inode: UInt64 = 0
    private var offset: Int64 = 0
    private var pending: [UInt8] = []

    init(_ path: String) { self.path = path }

    /// The whole lines that are new.
    mutating func read() -> [LogLine] {
        guard let file = try? FileDescriptor.open(path, O_RDONLY), let status = try? file.status() else { return [] }
        var lines: [LogLine] = []
        if inode != 0, status.inode != inode {
            if let old = LogFile.rotated(path).last { lines += take(from: old, at: offset) }
            offset = 0
            pending = []
        }
        inode = status.inode
        return lines + take(from: path, at: offset)
    }

    private mutating func take(from path: String, at start: Int64) -> [LogLine] {
        guard let file = try? FileDescriptor.open(path, O_RDONLY) else { return [] }
        lseek(file.rawValue, Int(start), SEEK_SET)
        guard let bytes = try? file.readAll() else { return [] }
        offset = start + Int64(bytes.count)
        pending += bytes
        var lines: [LogLine] = []
        while let end = pending.firstIndex(of: 0x0A) {
            if let line = LogLine(pending[..<end]) { lines.append(line) }
            pending.removeSubrange(...end)
        }
        return lines
    }

    static func lines(of path: String) -> [LogLine] {
        let bytes = ((try? AtomicFile.read(path)) ?? nil) ?? []
        return bytes.split(separator: 0x0A).compactMap { LogLine($0) }
    }
}
