import CLinux

/// Environment variables as a value, so that a program's environment can be made up by a test and handed to a child.
public struct Environment: Sendable, Hashable {
    /// `NAME=value`, in order. A name that stands twice means its first value, as getenv(3) has it.
    public private(set) var entries: [String]

    public init(entries: [String] = []) { self.entries = entries }

    public init(_ values: KeyValuePairs<String, String>) { entries = values.map { "\($0.key)=\($0.value)" } }

    /// The environment of this process.
    public static func current() -> Environment {
        var entries: [String] = []
        guard var entry = clinux_environ() else { return Environment() }
        while let text = entry.pointee {
            entries.append(String(cString: text))
            entry += 1
        }
        return Environment(entries: entries)
    }

    /// One variable of this process without copying the others (getenv(3)).
    public static func value(of name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Setting nil removes the variable.
    public subscript(name: String) -> String? {
        get {
            entries.first { isNamed($0, name) }.map { String($0.utf8.dropFirst(name.utf8.count + 1)) ?? "" }
        }
        set {
            let place = entries.firstIndex { isNamed($0, name) }
            let others = entries.filter { !isNamed($0, name) }
            entries = others
            guard let newValue else { return }
            entries.insert("\(name)=\(newValue)", at: min(place ?? entries.count, entries.count))
        }
    }

    public func setting(_ name: String, to value: String?) -> Environment {
        var copy = self
        copy[name] = value
        return copy
    }

    /// All variables by name.
    public var dictionary: [String: String] {
        var values: [String: String] = [:]
        for entry in entries {
            guard let equals = entry.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(entry[..<equals])
            if values[name] == nil { values[name] = String(entry[entry.utf8.index(after: equals)...]) }
        }
        return values
    }

    private func isNamed(_ entry: String, _ name: String) -> Bool {
        let bytes = entry.utf8
        return bytes.count > name.utf8.count && bytes.starts(with: name.utf8)
            && bytes[bytes.index(bytes.startIndex, offsetBy: name.utf8.count)] == UInt8(ascii: "=")
    }
}
