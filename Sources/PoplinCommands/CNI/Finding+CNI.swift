import CNI
import CNIRuntime

extension Finding {
    /// A CNI error as a finding; its details are the reasons.
    init(_ error: CNIError, of plugin: String? = nil) {
        self.init(
            code: "CNI-\(error.code)", plugin.map { "\($0): \(error.message)" } ?? error.message,
            because: error.details.split(separator: "\n").map(String.init), next: Self.next(error.code))
    }

    /// What is wrong or odd in a configuration file.
    init(_ problem: ConfigurationProblem) {
        self.init(
            problem.isError ? .error : .warning, code: problem.code, problem.message,
            at: Place(file: problem.file, position: problem.position, rendered: problem.place),
            next: problem.next.isEmpty ? nil : problem.next)
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
    /// A file or directory that cannot be used. What cannot be read says nothing about the network.
    init(_ problem: ConfigurationProblem) {
        let unknown = [ConfigurationProblem.Code.none, ConfigurationProblem.Code.unreadable]
        self.init(unknown.contains(problem.code) ? .undetermined : .findings, Finding(problem))
    }
}
