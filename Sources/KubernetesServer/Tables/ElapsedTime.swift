import KubernetesModel

/// Time spans as kubectl shows them (k8s.io/apimachinery/pkg/util/duration, HumanDuration): two or three significant
/// digits in one or two units.
public enum ElapsedTime {
    public static func text(seconds: Int64) -> String {
        // A clock that is a little behind must not read as nonsense; one that is far behind should.
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return pair(days, "d", hours % 24, "h") }
        if days < 2 * 365 { return "\(days)d" }
        if days < 8 * 365 { return pair(days / 365, "y", days % 365, "d") }
        return "\(days / 365)y"
    }

    /// Since a moment; `<unknown>` where there is none.
    public static func text(since moment: Timestamp?, now: Timestamp) -> String {
        guard let moment else { return "<unknown>" }
        return text(seconds: now.seconds - moment.seconds)
    }

    private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
    }
}
