import Findings

extension CommandFailure {
    /// Where a cluster cannot be asked a node still can be.
    var offeringNode: CommandFailure {
        guard status == .undetermined, let first = findings.first else { return self }
        var offer = first
        let node = "sudo poplin doctor node, on a node, needs no API server"
        offer.next = [first.next, node].compactMap { $0 }.joined(separator: "\n")
        return CommandFailure(status, [offer] + findings.dropFirst())
    }
}
