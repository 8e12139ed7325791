import CNI
import CNIRuntime
import Findings
import JSONTree

extension Finding {
    /// A CNI error as a finding; its details are the reasons.
    init(_ error: CNIError, of plugin: String? = nil) {
        self.init(
            code: "CNI-\(error.code)", plugin.map { "\($0): \(error.message)" } ?? error.message,
            because: error.details.split(separator: "\n").map(String.init), next: Self.next(error.code))
    }

    /// A file that cannot be used. Its details begin with the place, the source line and the carets, which are shown as
    /// those of every finding.
    init(_ problem: ConfigurationDirectory.Problem) {
        self.init(problem.error)
        place = Place(file: problem.file, position: problem.error.position)
        if problem.error.code != .inputOutput { next = "correct the file: poplin cni validate \(problem.file)" }
        guard let position = problem.error.position, reasons.count >= 3, reasons[0].hasPrefix("\(position): ") else {
            return
        }
        let number = String(position.line)
        let gutter = String(repeating: " ", count: number.count)
        place?.lines = [
            "\(gutter)--> \(problem.file):\(position.line):\(position.column)", "\(gutter) |",
            "\(number) | \(reasons[1].dropFirst(4))", "\(gutter) | \(reasons[2].dropFirst(4))",
        ]
        reasons.removeFirst(3)
    }

    /// The next thing to do about an error of this kind.
    private static func next(_ code: CNIError.Code) -> String? {
        switch code {
        case .pluginNotFound: "install the plugin, or say where it is: --plugin-dir DIRECTORY (env: CNI_PATH)"
        case .permissionDenied: "run the command as root"
        case .tryAgainLater: "run the command again"
        case .decoding, .invalidConfiguration, .unsupportedField:
            "poplin cni validate shows every problem of the configuration"
        case .unusablePreviousResult: "run ADD first, or put the plugin behind one that makes an interface"
        case .checkFailed: "poplin cni del and add make it anew"
        case .partialCleanup: "run DEL again; poplin cni gc removes what nobody claims"
        default: nil
        }
    }
}

extension CommandFailure {
    /// What cannot be read says nothing about the network.
    init(_ error: CNIError, _ finding: Finding? = nil) {
        self.init(error.code == .inputOutput ? .undetermined : .findings, finding ?? Finding(error))
    }
}
