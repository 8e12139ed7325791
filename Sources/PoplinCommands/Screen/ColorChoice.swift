import ArgumentParser
import Findings
import LinuxHost

/// When to colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}

extension Paint {
    /// With `auto` colours only on a terminal, and never when NO_COLOR is set and not empty (no-color.org) or the
    /// terminal is `dumb`.
    init(_ choice: ColorChoice, in environment: Environment, isTerminal: Bool) {
        switch choice {
        case .always: self.init(isOn: true)
        case .never: self.init(isOn: false)
        case .auto:
            self.init(
                isOn: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb")
        }
    }
}
