import JSONTree

/// A whole answer of a server that did what it was asked.
public struct KubernetesAnswer: Sendable {
    public var status: Int
    public var headers: KubernetesHeaders
    public var body: [UInt8]
    /// What the server said in `Warning` fields (RFC 7234, code 299).
    public var warnings: [String] { headers.all("Warning").compactMap(Self.text(ofWarning:)) }

    /// `299 - "unknown field \"spec.bogus\""`: the quoted text.
    static func text(ofWarning field: String) -> String? {
        guard let open = field.firstIndex(of: "\"") else { return nil }
        var text = ""
        var isEscaped = false
        for character in field[field.index(after: open)...] {
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return text
            } else {
                text.append(character)
            }
        }
        return nil
    }

    /// The body as JSON.
    public func document() throws(KubernetesFailure) -> JSONNode {
        do {
            return try JSONTree(parsing: body).root
        } catch {
            let beginning = JSONValue.string(String(decoding: body.prefix(60), as: UTF8.self)).text
            throw KubernetesFailure(.malformed("the answer is no JSON (\(error)): \(beginning)"))
        }
    }
}

extension KubernetesTransport {
    /// Bytes of the largest answer that is taken as a whole. A list of everything in a large cluster has tens of MiB.
    public static var answerLimit: Int { 512 << 20 }

    /// The whole answer, within the request's timeout (60 s when it has none). What the server refuses is a failure.
    public func answer(
        _ request: KubernetesRequest, limit: Int? = nil
    ) async throws(KubernetesFailure) -> KubernetesAnswer {
        let line = "\(request.method.rawValue) \(request.path)"
        let transport = self
        let bytes = limit ?? Self.answerLimit
        do throws(KubernetesFailure) {
            let answer = try await Deadline.within(request.timeout ?? .seconds(60)) {
                () async throws(KubernetesFailure) -> KubernetesAnswer in
                let response = try await transport.send(request)
                let body = try await response.body.collect(limit: bytes)
                return KubernetesAnswer(status: response.status, headers: response.headers, body: body)
            }
            guard (200..<300).contains(answer.status) else {
                throw KubernetesFailure(
                    .status(ServerStatus(httpStatus: answer.status, headers: answer.headers, body: answer.body)))
            }
            return answer
        } catch {
            throw error.at(origin, line)
        }
    }

    /// An answer whose body is read as it comes. What the server refuses is a failure.
    public func stream(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        var request = request
        request.isStream = true
        let response = try await send(request)
        if response.isSuccess { return response }
        let line = "\(request.method.rawValue) \(request.path)"
        let body: [UInt8]
        do throws(KubernetesFailure) {
            let stream = response.body
            body = try await Deadline.within(.seconds(30)) { () async throws(KubernetesFailure) -> [UInt8] in
                try await stream.collect(limit: 1 << 20)
            }
        } catch { body = [] }
        throw KubernetesFailure(
            .status(ServerStatus(httpStatus: response.status, headers: response.headers, body: body)), origin: origin,
            request: line)
    }
}

/// Work with a limit on how long it may take.
enum Deadline {
    static func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws(KubernetesFailure) -> Value
    ) async throws(KubernetesFailure) -> Value {
        let result = await withTaskGroup(of: Result<Value, KubernetesFailure>?.self) { group in
            group.addTask {
                do throws(KubernetesFailure) {
                    return .success(try await body())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let result { return try result.get() }
        throw KubernetesFailure(Task.isCancelled ? .cancelled : .timedOut(after: limit))
    }
}
