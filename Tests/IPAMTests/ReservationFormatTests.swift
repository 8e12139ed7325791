import Addressing
import Testing

@testable import IPAM

@Suite("Reservation files") struct ReservationContentTests {
    @Test(
        "The reference's content, new and old, and everything else",
        arguments: [
            ("abc\r\neth0", ReservationContent.holder(AddressHolder(containerID: "abc", interfaceName: "eth0"))),
            ("abc\r\neth0\n", .holder(AddressHolder(containerID: "abc", interfaceName: "eth0"))),
            ("abc\neth0", .holder(AddressHolder(containerID: "abc", interfaceName: "eth0"))),
            ("abc", .holder(AddressHolder(containerID: "abc", interfaceName: ""))),
            (" abc \r\n", .holder(AddressHolder(containerID: "abc", interfaceName: ""))),
            ("", .empty), ("\r\n", .empty), ("\0\0\0\0", .empty), (" \n\t", .empty),
            ("in use by the printer", .foreign), ("-abc\r\neth0", .foreign), ("abc\r\neth0\r\nmore", .foreign),
            ("abc\r\neth0/1", .foreign), ("abc\r\n0123456789abcdef", .foreign), ("ab\0c", .foreign),
        ])
    func reading(_ text: String, _ content: ReservationContent) {
        #expect(ReservationContent(Array(text.utf8)) == content)
    }

    @Test("Written as the reference writes it: CR LF between, nothing at the end") func writing() {
        let holder = AddressHolder(containerID: "abc", interfaceName: "eth0")
        #expect(ReservationContent.bytes(for: holder) == Array("abc\r\neth0".utf8))
    }

    @Test("Records say what they were told, and refuse what they do not know") func records() {
        let record = ReservationRecord(
            addresses: [IPAddress("10.1.0.5")!, IPAddress("fd00::5")!], boot: "0123456789", namespace: 4_026_532_008)
        #expect(record.text == "1 01234567 4026532008 10.1.0.5,fd00::5")
        #expect(ReservationRecord(record.text) == record)
        for text in ["", "1", "2 01234567 0 10.1.0.5", "1 01234567 x 10.1.0.5", "1 01234567 0 10.1.0"] {
            #expect(ReservationRecord(text) == nil)
        }
    }

    @Test("A name for each holder, however long its identifier") func names() {
        func name(_ container: String, _ interface: String) -> String {
            ReservationRecord.name(for: AddressHolder(containerID: container, interfaceName: interface))
        }
        #expect(name("abc", "eth0") == "abc:eth0")
        #expect(name("abc", "") == "abc:")
        let long = String(repeating: "a", count: 250)
        #expect(name(long, "e") == long + ":e")
        #expect(name(long, "eth0") != name(long, "eth1"))
        #expect(name(long + "b", "eth0") != name(long + "c", "eth0"))
        #expect(name(long, "eth0").utf8.count <= 255)
    }

    @Test("Mounted namespaces are read from mountinfo") func mounts() {
        let text = """
            25 30 0:23 / /sys rw,nosuid shared:7 - sysfs sysfs rw
            412 26 0:4 net:[4026532451] /run/netns/one rw shared:228 - nsfs nsfs rw
            413 26 0:4 mnt:[4026532452] /run/mnt/two rw shared:228 - nsfs nsfs rw
            """
        #expect(NamespaceCensus.namespaces(inMountInfo: text) == [4_026_532_451])
    }

    @Test(
        "Ages have the two largest units",
        arguments: [(5, "5s"), (65, "1m 5s"), (3_600, "1h 0m"), (273_600, "3d 4h"), (-4, "0s")])
    func ages(_ seconds: Int64, _ text: String) { #expect(PoolReport.text(age: seconds) == text) }
}
