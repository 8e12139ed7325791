import MachineCollector
import Testing

@Test func aMachineIsLookedIntoFromItsOwnRoot() {
    #expect(MachineCollectorOptions(node: "node-1").root == "/")
}
