import JSONTree
import KubernetesClient
import Testing

@Suite struct WatchFrameTests {
    private static let stream = #"""
        {"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a\"}{","resourceVersion":"7"}}}
        {"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"b\\","labels":{"é":"]["}}}}
        {
          "object": {"kind": "Pod", "metadata": {"name": "c"}},
          "type": "DELETED"
        }
        {"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9"}}}{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old","details":{"retryAfterSeconds":3,"causes":[{"reason":"X","message":"y","field":"z"}]}}}

        """#

    private static let expected = [
        #"ADDED a"}{"#, #"MODIFIED b\"#, "DELETED c", "BOOKMARK 9", "ERROR 410 Expired too old",
    ]

    private static func text(_ frame: WatchFrame) -> String {
        switch frame {
        case .change(let change, let object): "\(change.rawValue) \(object["metadata"]?["name"]?.string ?? "")"
        case .bookmark(let object): "BOOKMARK \(object["metadata"]?["resourceVersion"]?.string ?? "")"
        case .error(let status): "ERROR \(status.code) \(status.reason) \(status.message)"
        }
    }

    private static func frames(_ chunks: [[UInt8]]) throws -> [String] {
        var decoder = WatchFrameDecoder()
        var found: [String] = []
        for chunk in chunks {
            decoder.append(chunk)
            while let frame = try decoder.next() { found.append(text(frame)) }
        }
        try decoder.finish()
        return found
    }

    @Test func cutAtEveryPlace() throws {
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            #expect(try Self.frames([Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.expected, "cut at \(cut)")
        }
    }

    @Test func chunksOfEverySize() throws {
        let bytes = Array(Self.stream.utf8)
        for size in 1...64 {
            let chunks = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            #expect(try Self.frames(chunks) == Self.expected, "chunks of \(size)")
        }
    }

    @Test func anErrorKeepsEverythingOfItsStatus() throws {
        var decoder = WatchFrameDecoder()
        decoder.append(Array(Self.stream.utf8))
        var last: WatchFrame?
        while let frame = try decoder.next() { last = frame }
        guard case .error(let status)? = last else {
            Issue.record("the last frame is the error")
            return
        }
        #expect(status.isGone)
        #expect(status.retryAfter == .seconds(3))
        #expect(status.causes == [ServerStatus.Cause(reason: "X", message: "y", field: "z")])
    }

    @Test func anObjectEndsWithoutItsNewline() throws {
        var decoder = WatchFrameDecoder()
        decoder.append(Array(#"{"type":"ADDED","object":{}}"#.utf8))
        let frame = try decoder.next()
        #expect(frame != nil)
        #expect(decoder.pending == 0)
    }

    @Test func largerThanAChunkAndThanTheLimit() throws {
        let name = String(repeating: "x", count: 300_000)
        let bytes = Array(#"{"type":"ADDED","object":{"metadata":{"name":"\#(name)"}}}"#.utf8)
        let chunks = stride(from: 0, to: bytes.count, by: 4096).map { Array(bytes[$0..<min($0 + 4096, bytes.count)]) }
        #expect(try Self.frames(chunks) == ["ADDED \(name)"])

        var decoder = WatchFrameDecoder(limit: 100_000)
        var failure: KubernetesFailure?
        var taken = 0
        do {
            for chunk in chunks {
                decoder.append(chunk)
                taken += chunk.count
                _ = try decoder.next()
            }
        } catch { failure = error }
        #expect(failure?.kind == .tooLarge(limit: 100_000))
        #expect(taken < 110_000, "refused while it arrives")
    }

    @Test(arguments: [
        ("<html>busy</html>", #"an event must begin with {, here is "<html>busy</html>""#),
        ("[]", #"an event must begin with {, here is "[]""#),
        (#"{"type":"ADDED","object":[1}]"#, "an event is no JSON: "),
        (#"{"object":{}}"#, #"an event has no type: {"object":{}}"#),
        (#"{"type":"ADDED"}"#, #"an event of type ADDED has no object: {"type":"ADDED"}"#),
        (#"{"type":"GONE","object":{}}"#, #"an event has the unknown type "GONE""#),
        ("{\"type\":\"ADD\n{\"type\"", "a string of an event holds a bare control character (10)"),
    ])
    func malformed(_ stream: String, _ message: String) {
        var decoder = WatchFrameDecoder()
        decoder.append(Array(stream.utf8))
        var text = ""
        do { _ = try decoder.next() } catch {
            if case .malformed(let reason) = error.kind { text = reason }
        }
        #expect(text.hasPrefix(message))
    }

    @Test func cutOffInTheMiddle() async {
        let bytes = Array(#"{"type":"ADDED","object":{"a":1}}"#.utf8)
        for length in 1..<bytes.count {
            let body = KubernetesBody(chunks: [Array(bytes[..<length])])
            var failure: KubernetesFailure?
            do { for try await _ in WatchFrames(body) {} } catch { failure = error }
            #expect(failure?.kind == .cutOff("the watch ended inside an event, \(length) bytes into it"))
        }
    }

    @Test func aFailureOfTheBodyComesAfterTheFramesBeforeIt() async {
        let body = KubernetesBody(
            chunks: [Array(#"{"type":"ADDED","object":{"metadata":{"name":"a"}}} {"ty"#.utf8)],
            failure: KubernetesFailure(.cutOff("connection reset")))
        var found: [String] = []
        var failure: KubernetesFailure?
        do { for try await frame in WatchFrames(body) { found.append(Self.text(frame)) } } catch { failure = error }
        #expect(found == ["ADDED a"])
        #expect(failure?.kind == .cutOff("connection reset"))
    }
}
