import Diagnosis
import Findings

extension Finding {
    /// The same in lines of 80 columns. What is quoted of a file stays as it is.
    var wrapped: Finding {
        var wrapped = self
        let label = code.isEmpty ? "\(severity.rawValue): " : "\(severity.rawValue)[\(code)]: "
        let lines = WrappedText.lines(label + message, columns: ScreenStyle.columns - 2)
        wrapped.message = String(lines.joined(separator: "\n  ").dropFirst(label.count))
        wrapped.reasons = reasons.flatMap { WrappedText.lines($0, columns: ScreenStyle.columns - 5) }
        wrapped.next = next.map {
            WrappedText.lines($0, columns: ScreenStyle.columns - 8).joined(separator: "\n        ")
        }
        return wrapped
    }
}
