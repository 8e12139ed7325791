import JSONTree

/// Kernel settings as `sysctl -a` prints them: `net.ipv4.ip_forward = 1`.
public struct Sysctls: Sendable {
    private let values: [String: String]

    /// Lines of other forms are left out.
    public init(_ text: String) {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let name = line[..<equals].trimmingBlanks
            // Which of the two separates, the first one says.
            let isDotted = name.first { $0 == "." || $0 == "/" } != "/"
            values[isDotted ? name : Self.dotted(name)] = line[line.index(after: equals)...].trimmingBlanks
        }
        self.values = values
    }

    /// `net/ipv4/conf/eth0.100/rp_filter` is how files write names whose interface has a dot; sysctl swaps the two.
    private static func dotted(_ name: String) -> String {
        String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
    }

    public subscript(name: String) -> String? { values[name] }

    public func int(_ name: String) -> Int? {
        values[name].flatMap { text in text.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.flatMap { Int($0) }
        }
    }

    /// Of an interface: `conf("ipv4", "flannel.1", "rp_filter")`.
    public func conf(_ family: String, _ interface: String, _ key: String) -> Int? {
        int("net.\(family).conf.\(String(interface.map { $0 == "." ? "/" : $0 })).\(key)")
    }

    /// What counts for source validation: the larger of `all` and the interface's own (net/ipv4/fib_frontend.c).
    public func reversePathFilter(of interface: String) -> Int? {
        let all = conf("ipv4", "all", "rp_filter")
        let own = conf("ipv4", interface, "rp_filter")
        guard let own else { return nil }
        return max(all ?? 0, own)
    }

    /// Interfaces with settings of their own.
    public var interfaces: [String] {
        let prefix = "net.ipv4.conf."
        var names: Set<String> = []
        for name in values.keys where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            guard let end = rest.lastIndex(of: ".") else { continue }
            names.insert(String(rest[..<end].map { $0 == "/" ? "." : $0 }))
        }
        return names.subtracting(["all", "default"]).sorted()
    }

    public var isEmpty: Bool { values.isEmpty }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends.
    var trimmingBlanks: String {
        var slice = self[...]
        while let first = slice.first, first == " " || first == "\t" || first == "\r" { slice = slice.dropFirst() }
        while let last = slice.last, last == " " || last == "\t" || last == "\r" { slice = slice.dropLast() }
        return String(slice)
    }
}
