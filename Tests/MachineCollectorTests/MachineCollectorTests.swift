import Addressing
import Diagnosis
import JSONTree
import LinuxHost
import MachineCollector
import SystemCalls
import Testing

@Suite struct MachineCollectorTests {
    @Test func thisMachineIsReadWithoutAnythingBeingExecuted() throws {
        let evidence = MachineCollector(MachineCollectorOptions(node: "here")).collect()
        let facts = FactBase(reading: evidence)
        let machine = try #require(facts.machines.first)
        #expect(machine.name == "here")
        let loopback = try #require(machine.link("lo"))
        #expect(loopback.isUp && loopback.mtu > 1000)
        #expect(machine.sysctls?.int("net.ipv4.ip_forward") != nil)
        #expect(machine.kernelRelease?.isEmpty == false)
        #expect(machine[.fileList] != nil)
        let lookup = try #require(machine.routeLookup)
        let own = try #require(IPAddress("127.0.0.1"))
        if case .local = lookup.lookup(RouteLookup.Packet(to: own)) {} else { Issue.record("127.0.0.1 is not local") }
    }
}
