import CNI
import Testing

@testable import CNIPlugins

@Suite struct OwnershipMarkTests {
    private func mark(_ network: String, _ container: String, _ interface: String = "eth0") -> OwnershipMark {
        OwnershipMark(
            network: network, attachment: CNIAttachment(containerID: container, interfaceName: interface))
    }

    @Test func readable() {
        #expect(mark("net", "c1").alias == "poplin:net/c1/eth0")
    }

    @Test func namesAreTheSameForEver() {
        // DEL of another release must find what this one made.
        #expect(mark("n1", "c1").linkName("veth") == "veth06f83e3f939")
        #expect(mark("n1", "c1").linkName("bwp") == "bwp06f83e3f9393")
        #expect(mark("n1", "c1").linkName("veth", attempt: 1) != mark("n1", "c1").linkName("veth"))
    }

    @Test func longNamesFitTheAliasAndStayApart() {
        let long = String(repeating: "n", count: 200)
        let marks = [
            mark(long, long), mark(long + "x", long), mark(long, long + "x"), mark(long, long, "eth1"),
        ]
        #expect(Set(marks.map(\.alias)).count == marks.count)
        for mark in marks {
            #expect(mark.alias.utf8.count <= 255)
            #expect(mark.alias.hasPrefix(OwnershipMark.prefix(ofNetwork: mark.network)))
        }
        #expect(!marks[1].alias.hasPrefix(OwnershipMark.prefix(ofNetwork: long)))
    }

    @Test func aNetworkWhoseNameBeginsLikeAnothersIsAnother() {
        #expect(!mark("net2", "c").alias.hasPrefix(OwnershipMark.prefix(ofNetwork: "net")))
    }

    @Test func tenThousandContainersHaveTenThousandNames() {
        let names = Set((0..<10_000).map { mark("net", "container\($0)").linkName("veth") })
        #expect(names.count == 10_000)
        #expect(names.allSatisfy { $0.utf8.count == 15 })
    }
}
