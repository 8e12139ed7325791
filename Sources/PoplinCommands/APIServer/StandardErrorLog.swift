import ArgumentParser
import Foundation
import JSONTree
import LinuxHost
import Logging
import SystemCalls

/// `--log-level`.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

/// `--log-format`.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// One line on standard error for each message.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let label: String
    let format: LogFormat

    static func logger(_ label: String, _ format: LogFormat, _ level: Logger.Level) -> Logger {
        Logger(label: label) { StandardErrorLog(logLevel: level, label: $0, format: format) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Date().ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
        let line: String
        switch format {
        case .text:
            let fields = all.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
            line = "\(time) \(event.level.rawValue) \(label): \(event.message)\(fields)"
        case .json:
            var members = [
                JSONMember("time", .string(time)), JSONMember("level", .string(event.level.rawValue)),
                JSONMember("logger", .string(label)), JSONMember("message", .string("\(event.message)")),
            ]
            members += all.map { JSONMember($0.key, .string("\($0.value)")) }
            line = String(decoding: JSONValue.object(members).serialized(), as: UTF8.self)
        }
        // Nobody is left to tell when standard error is gone.
        try? StandardStreams.write(line.split(separator: "\n").joined(separator: " ") + "\n", to: .error)
    }

    private static func quoted(_ text: String) -> String {
        text.contains { $0 == " " || $0 == "\"" || $0.isNewline } || text.isEmpty ? text.debugDescription : text
    }
}
