import KubernetesModel

extension KubernetesHeaders {
    /// When the answer was made, by the clock of whoever answered, in whole seconds (RFC 9110, 6.6.1); nil where it says
    /// nothing or something else than the preferred form `Sun, 06 Nov 1994 08:49:37 GMT` (5.6.7).
    public var date: Timestamp? {
        guard let words = self["Date"]?.split(separator: " "), words.count == 6, words[5] == "GMT",
            let month = Self.months.firstIndex(of: words[2])
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp("\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
