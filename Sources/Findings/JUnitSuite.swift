/// One suite of JUnit's XML, with every member that the strictest schema of readers demands (that of Apache Ant's tasks):
/// what nobody measured is 0, and what nobody said is empty.
public struct JUnitSuite: Sendable {
    public enum Outcome: Sendable, Hashable {
        case passed
        case skipped(String)
        case failed(kind: String, message: String, text: String)
    }

    public struct Case: Sendable, Hashable {
        public var group: String
        public var name: String
        public var outcome: Outcome

        public init(_ group: String, _ name: String, _ outcome: Outcome) {
            self.group = group
            self.name = name
            self.outcome = outcome
        }
    }

    public var name: String
    /// RFC 3339; its offset is left out, because the schema has no place for one. Nil when nobody knows when.
    public var time: String?
    public var cases: [Case]
    /// What is said beside the cases.
    public var output: [String]

    public init(_ name: String, at time: String?, _ cases: [Case], output: [String] = []) {
        self.name = name
        self.time = time
        self.cases = cases
        self.output = output
    }

    public var text: String {
        func count(_ test: (Outcome) -> Bool) -> Int { cases.count { test($0.outcome) } }
        let failures = count { if case .failed = $0 { true } else { false } }
        let skipped = count { if case .skipped = $0 { true } else { false } }
        let moment = time.map { $0.prefix(19) } ?? "1970-01-01T00:00:00"
        let head =
            "name=\"\(Markup.escaped(name))\" tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\" "
            + "skipped=\"\(skipped)\" time=\"0\" timestamp=\"\(moment)\" hostname=\"localhost\""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite \(head)>
              <properties/>
            \(cases.map(Self.text).joined(separator: "\n"))
              <system-out>\(Markup.escaped(output.joined(separator: "\n")))</system-out>
              <system-err/>
            </testsuite>
            """
    }

    private static func text(_ one: Case) -> String {
        let head =
            "  <testcase classname=\"\(Markup.escaped(one.group))\" name=\"\(Markup.escaped(one.name))\" time=\"0\""
        switch one.outcome {
        case .passed: return "\(head)/>"
        case .skipped(let reason): return "\(head)><skipped message=\"\(Markup.escaped(reason))\"/></testcase>"
        case .failed(let kind, let message, let text):
            let failure = "type=\"\(Markup.escaped(kind))\" message=\"\(Markup.escaped(message))\""
            return """
                \(head)>
                    <failure \(failure)>\(Markup.escaped(text))</failure>
                  </testcase>
                """
        }
    }
}
