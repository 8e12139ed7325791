import ArgumentParser
import LinuxHost

/// When to colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}

/// Colours, or none of them. With `auto` only on a terminal, and never when NO_COLOR is set and not empty
/// (no-color.org) or the terminal is `dumb`.
struct Paint: Sendable {
    let isOn: Bool

    static let none = Paint(isOn: false)

    init(isOn: Bool) { self.isOn = isOn }

    init(_ choice: ColorChoice, in environment: Environment, isTerminal: Bool) {
        switch choice {
        case .always: isOn = true
        case .never: isOn = false
        case .auto:
            isOn =
                isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        }
    }

    private func paint(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    func bold(_ text: String) -> String { paint(text, "1") }
    func faint(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "1;31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "1;33") }
    func blue(_ text: String) -> String { paint(text, "1;34") }
}
