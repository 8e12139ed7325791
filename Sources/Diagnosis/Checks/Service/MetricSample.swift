/// A line of the Prometheus exposition format.
struct MetricSample: Sendable, Hashable {
    var name: String
    var labels: [String: String]
    var value: Double

    /// Samples of one metric; lines that are none are passed over. Texts of megabytes are searched for the name first.
    static func named(_ name: String, in text: String) -> [MetricSample] {
        var found: [MetricSample] = []
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            if let sample = parse(line), sample.name == name { found.append(sample) }
        }
        return found
    }

    static func parse(_ line: Substring) -> MetricSample? {
        guard let end = line.firstIndex(where: { $0 == "{" || $0 == " " || $0 == "\t" }) else { return nil }
        var sample = MetricSample(name: String(line[..<end]), labels: [:], value: 0)
        var rest = line[end...]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while let first = rest.first, first != "}" {
                guard let equals = rest.firstIndex(of: "=") else { return nil }
                let key = rest[..<equals].filter { $0 != "," && $0 != " " }
                rest = rest[rest.index(after: equals)...]
                guard rest.first == "\"" else { return nil }
                rest = rest.dropFirst()
                var value = ""
                var isEscaped = false
                var isClosed = false
                while let character = rest.first {
                    rest = rest.dropFirst()
                    if isEscaped {
                        value.append(character == "n" ? "\n" : character)
                        isEscaped = false
                    } else if character == "\\" {
                        isEscaped = true
                    } else if character == "\"" {
                        isClosed = true
                        break
                    } else {
                        value.append(character)
                    }
                }
                guard isClosed else { return nil }
                sample.labels[String(key)] = value
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard let number = rest.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).first,
            let value = Double(number)
        else { return nil }
        sample.value = value
        return sample
    }
}

extension FactBase {
    /// Text of the metrics endpoints of a pod, over all ports.
    func metrics(_ namespace: String, _ pod: String) -> [EvidenceTree.Document] {
        evidence.documents(under: "\(EvidencePath.metrics)\(namespace)/\(pod)/").map(\.document)
    }

    /// Logs of a pod's containers, those of the run before included: by container, the older one first.
    func logs(_ namespace: String, _ pod: String) -> [EvidenceTree.Document] {
        evidence.documents(under: "\(EvidencePath.logs)\(namespace)/\(pod)/")
            .sorted {
                ($0.path.hasSuffix(".previous.log") ? 0 : 1, $0.path) < (
                    $1.path.hasSuffix(".previous.log") ? 0 : 1, $1.path
                )
            }
            .map(\.document)
    }
}
