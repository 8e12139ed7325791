import Diagnosis

extension ForeignBundle {
    static let dumpStart = "==== START logs for container "
    private static let dumpEnd = "==== END logs for container "

    /// `NAMESPACE/POD/logs.txt` of `kubectl cluster-info dump` holds the logs of all containers between two lines each.
    mutating func addDumped(_ file: BundleFiles.File, _ path: String) {
        var place: String?
        var lines: [Substring] = []
        func close(_ bundle: inout ForeignBundle) {
            guard let known = place else { return }
            bundle.files[known] = BundleFiles.File(
                bytes: Array(lines.joined(separator: "\n").utf8), isTruncated: file.isTruncated)
            place = nil
            lines = []
        }
        for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix(Self.dumpStart) {
                close(&self)
                // `CONTAINER of pod NAMESPACE/POD ====`
                let words = line.dropFirst(Self.dumpStart.count).split(separator: " ")
                let pod = words.count > 3 ? words[3].split(separator: "/") : []
                if pod.count == 2 { place = EvidencePath.log(String(pod[0]), String(pod[1]), String(words[0])) }
            } else if line.hasPrefix(Self.dumpEnd) {
                close(&self)
            } else if place != nil {
                lines.append(line)
            }
        }
        close(&self)
    }
}
