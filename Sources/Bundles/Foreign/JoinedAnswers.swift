/// Answers of one machine that belong together: links that somebody asked for one after the other, tables of routes beside the
/// main one.
struct JoinedAnswers {
    /// Bytes. With each answer those before it are read once more; who has that many did not ask one by one.
    private static let limit = 64 << 10

    private var linkText = ""
    /// `ip -d` says what each link is.
    private var isDetailed = false
    /// By path of the part.
    private var routeText: [String: String] = [:]

    /// All links that are known with this answer; nil where those before it say more.
    mutating func links(with text: String) -> [UInt8]? {
        let isDetailed = text.contains(" promiscuity ") || text.contains("\n    vxlan id ")
        if isDetailed, !self.isDetailed { (linkText, self.isDetailed) = ("", true) }
        guard isDetailed == self.isDetailed else { return nil }
        if linkText.utf8.count + text.utf8.count <= Self.limit {
            linkText += text + "\n"
        } else if linkText.utf8.count < text.utf8.count {
            linkText = text
        } else {
            return nil
        }
        return MachineText.links(linkText)
    }

    /// All routes that are known with this answer; nil where those before it say more.
    ///
    /// - Parameter part: the path of those of one family.
    mutating func routes(with text: String, at part: String) -> [UInt8]? {
        guard let known = routeText[part] else {
            routeText[part] = text
            return MachineText.routes(text)
        }
        let isSmall = known.utf8.count + text.utf8.count <= Self.limit
        if isSmall, Self.isOfOneTable(text) {
            if known.contains(text) { return nil }
            routeText[part] = known + text
        } else if text.utf8.count > known.utf8.count {
            let tables = isSmall ? known.split(separator: "\n").filter { $0.contains(" table ") } : []
            routeText[part] = text + tables.map { $0 + "\n" }.joined()
        } else {
            return nil
        }
        return routeText[part].map { MachineText.routes($0) }
    }

    /// `ip route show table 2`, and not `ip route show table all`.
    private static func isOfOneTable(_ text: String) -> Bool {
        !text.contains(" table local ") && text.split(separator: "\n").allSatisfy { $0.contains(" table ") }
    }
}
