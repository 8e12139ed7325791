/// Something that was observed: the value, where it comes from, what a person types to see the same, and how old it is.
///
/// Checks see nothing else. A collector that could not have a value puts in why, and every check that needs it says
/// "not checked, because ..." instead of guessing.
public struct Fact<Value: Sendable>: Sendable {
    public var value: Value
    public var source: FactSource

    public init(_ value: Value, from source: FactSource) {
        self.value = value
        self.source = source
    }
}

/// Where a fact was read, so that evidence can be quoted with its origin.
public struct FactSource: Sendable, Hashable {
    /// `Node/node-7`, `node-7: /etc/cni/net.d/10-pods.conflist`, `kube-system/coredns-0 log`.
    public var place: String
    /// What shows the same to a person; empty when nothing does.
    public var command: String
    /// Seconds between reading and now; nil when it is not known, as of pasted text.
    public var age: Int?

    public init(_ place: String, command: String = "", age: Int? = nil) {
        self.place = place
        self.command = command
        self.age = age
    }
}

/// A kind of fact by name. The name is what reports and `needs` print.
public struct FactKey<Value: Sendable>: Sendable, Hashable {
    public let name: String

    public init(_ name: String) { self.name = name }

    public var erased: FactName { FactName(name) }
}

public struct FactName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String

    public init(_ name: String) { description = name }

    public static func < (left: FactName, right: FactName) -> Bool { left.description < right.description }
}

/// Everything that was collected, and what could not be.
public struct FactBase: Sendable {
    /// Objects of the API by resource, and by `namespace/name` within it: every check asks for them, many times.
    private var apiObjects: [String: [APIObject]] = [:]
    private var apiIndex: [String: [String: APIObject]] = [:]
    /// Of each name the `[Fact<Value>]` of its key: boxed once, because a cluster has thousands of pods.
    private var values: [FactName: any Sendable] = [:]
    /// Names of facts that are there without being values of their own: parts of machines.
    private var collected: Set<FactName> = []
    /// The documents the facts were read from, for checks that quote them.
    public internal(set) var evidence = EvidenceTree()
    /// When it was observed, in seconds since 1970; nil for evidence that does not say. Checks know no other clock.
    public internal(set) var now: Int64?
    /// What people see, in the order of the names.
    public internal(set) var symptoms: [Symptom] = []
    /// Why a kind of fact is not there: `Forbidden: pods is forbidden ...`, `no credentials`.
    public private(set) var missing: [FactName: String] = [:]
    /// Who reads the documents and runs the checks.
    public internal(set) var workers = Workers.alone
    /// What checks compute from the facts and ask for again and again. Of these facts: others have their own.
    private(set) var derived = DecodedParts()

    public init() {}

    /// Something is otherwise: what was computed before is of other facts.
    mutating func forgetDerived() { derived = DecodedParts() }

    public mutating func add<Value>(_ fact: Fact<Value>, as key: FactKey<Value>) {
        forgetDerived()
        var known = values.removeValue(forKey: key.erased) as? [Fact<Value>] ?? []
        known.append(fact)
        values[key.erased] = known
        index([fact], key.name)
    }

    /// A kind that was collected and of which there is nothing: an empty list is a fact too.
    public mutating func addNothing<Value>(of key: FactKey<Value>) {
        forgetDerived()
        if values[key.erased] == nil { values[key.erased] = [Fact<Value>]() }
    }

    /// All of a kind at once.
    public mutating func add<Value>(_ facts: [Fact<Value>], as key: FactKey<Value>) {
        forgetDerived()
        values[key.erased] = (self[key] ?? []) + facts
        index(facts, key.name)
    }

    private mutating func index<Value>(_ facts: [Fact<Value>], _ resource: String) {
        for case let object as APIObject in facts.lazy.map(\.value) {
            apiObjects[resource, default: []].append(object)
            let name = "\(object.namespace)/\(object.name)"
            if apiIndex[resource]?[name] == nil { apiIndex[resource, default: [:]][name] = object }
        }
    }

    public mutating func addMissing(_ name: FactName, because reason: String) {
        forgetDerived()
        missing[name] = reason
    }

    /// Objects of a resource, over all spellings of its group; none when it was not collected. A check that must
    /// tell "none" from "not collected" declares the need.
    public func objects(_ resources: String...) -> [APIObject] {
        resources.count == 1 ? apiObjects[resources[0]] ?? [] : resources.flatMap { apiObjects[$0] ?? [] }
    }

    /// The first object of that name.
    public func object(_ resource: String, _ namespace: String, _ name: String) -> APIObject? {
        apiIndex[resource]?["\(namespace)/\(name)"]
    }

    /// All of a kind. Nil when it was not collected, or could not be.
    public subscript<Value>(key: FactKey<Value>) -> [Fact<Value>]? {
        values[key.erased].flatMap { $0 as? [Fact<Value>] }
    }

    /// A name that is there without being a value of its own.
    mutating func addCollected(_ name: FactName) {
        forgetDerived()
        collected.insert(name)
    }

    public func has(_ name: FactName) -> Bool { values[name] != nil || collected.contains(name) }

    /// Why a check that needs the name cannot say anything; nil when it is there.
    public func reasonMissing(_ name: FactName) -> String? {
        if has(name) { return nil }
        if name == .pluginFolders { return reasonWithoutPluginFolders }
        if let reason = missing[name] { return reason }
        // Where nothing of any machine could be read, that is why this part of them is not there.
        if name.description.hasSuffix(" of machines"), let reason = missing[.machines] { return reason }
        return "\(name) was not collected"
    }
}
