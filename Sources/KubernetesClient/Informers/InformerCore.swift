import JSONTree
import KubernetesModel

/// An informer without its socket and its clock: bytes of answers in, requests and transitions out. The runner gives it
/// a connection; tests give it a simulated server and a thousand virtual years.
struct InformerCore<Value: Sendable>: Sendable {
    /// What to do next.
    enum Step: Equatable, Sendable {
        /// Ask this. The number tells one answer from another: what comes for an earlier one is ignored.
        case request(ReflectorQuery, number: Int)
        case wait(until: Duration)
        case stopped
    }

    private enum Reading: Sendable {
        case nothing
        case list(ListScanner)
        case watch(WatchFrameDecoder)
    }

    private(set) var reflector: Reflector
    private(set) var store: InformerStore<Value>
    private(set) var step = Step.stopped
    /// Transitions that have not been handed on.
    private var outbox: [InformerTransition<Value>] = []
    private(set) var faults: [ReflectorFault] = []
    /// Objects that are there and could not be read, with the reason.
    private(set) var unreadable: [ObjectKey: String] = [:]
    private var unreadableInReplacement: [ObjectKey: String] = [:]
    private(set) var hasSynced = false
    private var reading = Reading.nothing
    private var number = 0
    private var isClosed = true
    private let projection: Projection<Value>

    init(
        projection: Projection<Value>, indices: [InformerIndex<Value>], settings: ReflectorSettings, seed: UInt64
    ) {
        self.projection = projection
        reflector = Reflector(settings: settings, seed: seed)
        store = InformerStore(indices: indices)
    }

    /// Whether what comes for this request is still wanted.
    func isOpen(_ number: Int) -> Bool { number == self.number && !isClosed }

    mutating func takeTransitions() -> [InformerTransition<Value>] {
        defer { outbox = [] }
        return outbox
    }

    mutating func takeFaults() -> [ReflectorFault] {
        defer { faults = [] }
        return faults
    }
}

// MARK: - What happens

extension InformerCore {
    mutating func start(at now: Duration) { perform(reflector.start(at: now)) }

    mutating func stop() {
        perform(reflector.stop())
        isClosed = true
        step = .stopped
    }

    mutating func waited(at now: Duration) { perform(reflector.waited(at: now)) }

    /// The head of the answer says yes.
    mutating func answered(_ number: Int, at now: Duration) {
        guard isOpen(number) else { return }
        perform(reflector.answered(at: now))
    }

    mutating func refused(_ number: Int, _ status: ServerStatus, at now: Duration) {
        guard isOpen(number) else { return }
        perform(reflector.refused(status, at: now))
    }

    mutating func received(_ number: Int, _ chunk: [UInt8], at now: Duration) {
        guard isOpen(number) else { return }
        reflector.heard(at: now)
        do throws(ScanError) {
            switch reading {
            case .nothing: break
            case .list(var scanner):
                // Out of the enum while it is changed, so that what it keeps is not copied.
                reading = .nothing
                try scanner.feed(chunk) { (item) throws(ScanError) in try stage(item) }
                reading = .list(scanner)
            case .watch(var decoder):
                reading = .nothing
                decoder.append(chunk)
                while isOpen(number), let frame = try next(of: &decoder) { try watched(frame, at: now) }
                if isOpen(number) { reading = .watch(decoder) }
            }
        } catch {
            perform(reflector.malformed(error.what, at: now))
        }
    }

    private func next(of decoder: inout WatchFrameDecoder) throws(ScanError) -> WatchFrame? {
        do throws(KubernetesFailure) { return try decoder.next() } catch {
            switch error.kind {
            case .malformed(let what): throw ScanError(what)
            case .tooLarge(let limit): throw ScanError("an event is longer than \(limit) bytes")
            default: throw ScanError("\(error)")
            }
        }
    }

    /// In the middle of what a break would be now.
    private var place: String? {
        switch reading {
        case .nothing: return nil
        case .list(let scanner): return scanner.place
        case .watch(let decoder):
            do throws(KubernetesFailure) { try decoder.finish() } catch { return "an event" }
            return nil
        }
    }

    /// The body ended in order.
    mutating func ended(_ number: Int, at now: Duration) {
        guard isOpen(number) else { return }
        guard case .list(let scanner) = reading, scanner.isComplete else {
            return perform(reflector.ended(inside: place, at: now))
        }
        do throws(ScanError) {
            let metadata = try scanner.finish()
            perform(reflector.listed(version: metadata.version, continuation: metadata.continuation, at: now))
        } catch {
            perform(reflector.malformed(error.what, at: now))
        }
    }

    /// The connection broke, or there was none.
    mutating func disconnected(_ number: Int, _ reason: String, at now: Duration) {
        guard isOpen(number) else { return }
        perform(reflector.disconnected(reason, inside: place, at: now))
    }

    /// The reflector's deadline may have passed.
    mutating func overdue(_ number: Int, at now: Duration) {
        guard isOpen(number) else { return }
        perform(reflector.overdue(at: now))
    }
}

// MARK: - What it means

extension InformerCore {
    private mutating func perform(_ actions: [Reflector.Action]) {
        for action in actions {
            switch action {
            case .request(let query):
                number += 1
                isClosed = false
                step = .request(query, number: number)
                switch query {
                case .list: reading = .list(ListScanner())
                case .watch: reading = .watch(WatchFrameDecoder(limit: ScanLimits.object))
                }
            case .wait(let until): step = .wait(until: until)
            case .close:
                isClosed = true
                reading = .nothing
            case .beginReplacement(let trustsKnown):
                unreadableInReplacement = [:]
                store.beginReplacement(trustsKnown: trustsKnown)
            case .commitReplacement(let version):
                unreadable = unreadableInReplacement
                unreadableInReplacement = [:]
                outbox += store.commitReplacement(version)
                hasSynced = true
            case .abandonReplacement: store.abandonReplacement()
            case .advance(let version): store.advance(to: version)
            case .report(let fault): faults.append(fault)
            case .stage, .apply: break
            }
        }
    }

    /// An element of a list.
    private mutating func stage(_ bytes: [UInt8]) throws(ScanError) {
        let tree: JSONTree
        do throws(JSONSyntaxError) { tree = try JSONTree(parsing: bytes) } catch {
            throw ScanError("an object of the list that is no JSON: \(error.description)")
        }
        let identity = try ObjectIdentity(reading: tree.root)
        stage(identity, tree.root)
    }

    private mutating func stage(_ identity: ObjectIdentity, _ node: JSONNode) {
        var value: Value?
        var failure: String?
        let projection = projection
        store.stage(identity) {
            (value, failure) = Self.project(node, projection)
            return value
        }
        unreadableInReplacement[identity.key] = failure
    }

    private static func project(_ node: JSONNode, _ projection: Projection<Value>) -> (Value?, String?) {
        do throws(FieldError) { return (try projection.read(node), nil) } catch {
            return (nil, "\(error)")
        }
    }

    private mutating func watched(_ frame: WatchFrame, at now: Duration) throws(ScanError) {
        switch frame {
        case .bookmark(let object):
            perform(
                reflector.bookmark(object.resourceVersion, endsInitialEvents: object.endsInitialEvents, at: now))
        case .error(let status): perform(reflector.failed(status, at: now))
        case .change(let type, let object):
            let identity = try ObjectIdentity(reading: object)
            let verdict = store.judge(type, identity)
            let actions = reflector.event(identity.version, isStale: verdict != .news, at: now)
            if actions.contains(.stage) {
                if type == .deleted {
                    unreadableInReplacement[identity.key] = nil
                    store.unstage(identity)
                } else {
                    stage(identity, object)
                }
            } else if actions.contains(.apply) {
                let (value, failure) = type == .deleted ? (nil, nil) : Self.project(object, projection)
                unreadable[identity.key] = failure
                outbox += store.apply(type, identity, value)
            } else {
                store.count(verdict)
            }
            perform(actions)
        }
    }
}
