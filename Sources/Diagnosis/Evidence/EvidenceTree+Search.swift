extension EvidenceTree.Document {
    /// Whether the text is in it, byte for byte: logs and metrics are megabytes, and most have nothing of the kind.
    func holds(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { wanted in
            bytes.withUnsafeBytes { $0.contains(UnsafeRawBufferPointer(wanted), in: 0..<$0.count) }
        }
    }

    /// Those that are not empty.
    var lines: [Substring] { text.lines }
}

extension StringProtocol where SubSequence == Substring {
    /// Those that are not empty, whichever way they end. Looked for by bytes: what two characters make one is no matter of
    /// lines.
    var lines: [Substring] {
        var lines: [Substring] = []
        let bytes = self.utf8
        var start = bytes.startIndex
        var index = start
        while index != bytes.endIndex {
            if (0x0A...0x0D).contains(bytes[index]) {
                if start != index { lines.append(self[start..<index]) }
                start = bytes.index(after: index)
                index = start
            } else {
                index = bytes.index(after: index)
            }
        }
        if start != bytes.endIndex { lines.append(self[start..<bytes.endIndex]) }
        return lines
    }
}

extension FactBase {
    /// Those of which a log was collected, in the order of the pods.
    var podsWithLogs: [APIObject] { pods(withDocumentsUnder: EvidencePath.logs) }

    /// Those of which metrics were.
    var podsWithMetrics: [APIObject] { pods(withDocumentsUnder: EvidencePath.metrics) }

    private func pods(withDocumentsUnder folder: String) -> [APIObject] {
        derived.value("pods with \(folder)") {
            var names: Set<String> = []
            for (path, _) in evidence.documents(under: folder) {
                let parts = path.split(separator: "/", maxSplits: 2)
                if parts.count == 3 { names.insert("\(parts[0])/\(parts[1])") }
            }
            return names.isEmpty ? [] : objects("pods").filter { names.contains("\($0.namespace)/\($0.name)") }
        }
    }
}
