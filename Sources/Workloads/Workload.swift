import CLinux

/// The small programs that pods of a lab run in place of images: servers that say who and where they are, echoes, and
/// clients that measure. What to run is words, as a container's `args` are.
public enum Workload: Hashable, Sendable {
    case http(HTTPSettings)
    case echo(EchoSettings)
    case client(ClientSettings)
    /// Seconds; nil: until it is told to end.
    case sleep(Double?)

    public struct HTTPSettings: Hashable, Sendable {
        public var port: UInt16 = 80
        /// Whose page stands at `/`: `nginx`, `httpd`; empty for who and where it is.
        public var server = ""
        /// A UDP port that answers as agnhost's netexec does; 0 for none.
        public var udpPort: UInt16 = 0
        /// Answers every connection with the host name and nothing else (agnhost serve-hostname).
        public var isHostNameOnly = false

        public init() {}
    }

    public struct EchoSettings: Hashable, Sendable {
        public var tcp: [UInt16] = []
        public var udp: [UInt16] = []
        public var sctp: [UInt16] = []

        public init() {}
    }

    public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    public static let usage = """
        http   [--port N] [--server nginx|httpd]
               who and where it is: text, or JSON with ?format=json
        echo   [--tcp N] [--udp N] [--sctp N]
               sends back what it gets; each may be repeated (default 7)
        client TARGET... [--interval 1ms] [--timeout 1s] [--count N]
               [--duration 10s] [--report 1s]
               TARGET: udp://HOST:PORT, tcp://HOST:PORT (an echo),
               connect://HOST:PORT (a new connection each time);
               prints sent, lost, the longest gap and latencies
        sleep  [SECONDS]
        pause
        agnhost netexec [--http-port N] [--udp-port N] | serve-hostname [--port N]
                | connect HOST:PORT [--timeout 1s] | pause
        """

    /// - Parameter words: the kind and its options.
    public init(parsing words: [String]) throws(Mistake) {
        var words = Words(words)
        switch try words.next("a kind of workload") {
        case "http": self = .http(try Self.http(&words, portName: "port"))
        case "echo": self = .echo(try Self.echo(&words))
        case "client": self = .client(try ClientSettings(parsing: &words))
        case "sleep":
            let text = words.nextIfAny()
            guard let text else {
                self = .sleep(nil)
                return
            }
            guard let seconds = text == "infinity" ? .infinity : Double(text), seconds >= 0 else {
                throw Mistake(description: "sleep takes seconds: \(text)")
            }
            self = .sleep(seconds.isFinite ? seconds : nil)
        case "pause": self = .sleep(nil)
        case "agnhost": self = try Self.agnhost(&words)
        case let other: throw Mistake(description: "no such workload: \(other)\n\(Self.usage)")
        }
        if let rest = words.nextIfAny() { throw Mistake(description: "unknown option: \(rest)\n\(Self.usage)") }
    }

    private static func agnhost(_ words: inout Words) throws(Mistake) -> Workload {
        switch words.nextIfAny() ?? "pause" {
        case "pause": return .sleep(nil)
        case "netexec":
            var settings = try http(&words, portName: "http-port")
            if settings.port == 80 { settings.port = 8080 }
            if settings.udpPort == 0 { settings.udpPort = 8081 }
            return .http(settings)
        case "serve-hostname":
            var settings = try http(&words, portName: "port")
            if settings.port == 80 { settings.port = 9376 }
            settings.isHostNameOnly = true
            return .http(settings)
        case "connect":
            let target = try words.next("HOST:PORT")
            var settings = ClientSettings()
            settings.targets = [try .init("connect://\(target)")]
            settings.count = 1
            settings.isOneShot = true
            while let (name, value) = try words.option() {
                switch name {
                case "timeout": settings.timeout = try Words.duration(value, name)
                case "protocol":
                    guard value == "tcp" else { throw Mistake(description: "connect speaks tcp only: \(value)") }
                default: throw Mistake(description: "unknown option --\(name)")
                }
            }
            return .client(settings)
        case let other:
            throw Mistake(
                description: "agnhost \(other) is not built in: netexec, serve-hostname, connect and pause are")
        }
    }

    private static func http(_ words: inout Words, portName: String) throws(Mistake) -> HTTPSettings {
        var settings = HTTPSettings()
        while let (name, value) = try words.option() {
            switch name {
            case portName, "port": settings.port = try Words.port(value, name)
            case "udp-port": settings.udpPort = try Words.port(value, name)
            case "server": settings.server = value
            // agnhost's; they change nothing here.
            case "http", "close", "delay-shutdown", "tls-cert-file", "tls-private-key-file": continue
            default: throw Mistake(description: "unknown option --\(name)")
            }
        }
        return settings
    }

    private static func echo(_ words: inout Words) throws(Mistake) -> EchoSettings {
        var settings = EchoSettings()
        while let (name, value) = try words.option() {
            switch name {
            case "tcp": settings.tcp.append(try Words.port(value, name))
            case "udp": settings.udp.append(try Words.port(value, name))
            case "sctp": settings.sctp.append(try Words.port(value, name))
            default: throw Mistake(description: "unknown option --\(name)")
            }
        }
        if settings == EchoSettings() { (settings.tcp, settings.udp) = ([7], [7]) }
        return settings
    }

    /// As ``run()``, and the process ends with its status.
    public func runAndExit() -> Never { exit(run()) }

    /// Works until it is done or told to end; answers the exit status.
    public func run() -> Int32 {
        // The first process of a PID namespace is not ended by a signal it has no handler for.
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
        _ = clinux_ignore_signal(SIGPIPE)
        setvbuf(clinux_standard_output(), nil, Int32(_IOLBF), 0)
        switch self {
        case .http(let settings): return HTTPWorkload(settings).run()
        case .echo(let settings): return EchoWorkload(settings).run()
        case .client(let settings): return ClientWorkload(settings).run()
        case .sleep(let seconds):
            guard let seconds else {
                while true { pause() }
            }
            usleep(UInt32(min(seconds, 4000) * 1_000_000))
            return 0
        }
    }
}

/// A container's `args`, taken one by one.
struct Words: Sendable {
    private var words: ArraySlice<String>

    init(_ words: [String]) { self.words = words[...] }

    mutating func nextIfAny() -> String? { words.popFirst() }

    mutating func next(_ what: String) throws(Workload.Mistake) -> String {
        guard let word = words.popFirst() else {
            throw Workload.Mistake(description: "\(what) is missing\n\(Workload.usage)")
        }
        return word
    }

    /// `--name value`, `--name=value`; nil when the next word is no option.
    mutating func option() throws(Workload.Mistake) -> (name: String, value: String)? {
        guard let word = words.first, word.hasPrefix("--") else { return nil }
        words.removeFirst()
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        if parts.count == 2 { return (name, String(parts[1])) }
        return (name, try next("the value of --\(name)"))
    }

    static func port(_ text: String, _ name: String) throws(Workload.Mistake) -> UInt16 {
        guard let port = UInt16(text) else { throw Workload.Mistake(description: "--\(name) is a port: \(text)") }
        return port
    }

    /// `1ms`, `500us`, `2s`, `1m`: nanoseconds.
    static func duration(_ text: String, _ name: String) throws(Workload.Mistake) -> UInt64 {
        let units: [(String, Double)] = [("ms", 1e6), ("us", 1e3), ("s", 1e9), ("m", 6e10)]
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            guard let value = Double(text.dropLast(suffix.count)), value >= 0, value * factor < 1e18 else { break }
            return UInt64(value * factor)
        }
        throw Workload.Mistake(description: "--\(name) is a duration such as 1ms or 10s: \(text)")
    }
}
