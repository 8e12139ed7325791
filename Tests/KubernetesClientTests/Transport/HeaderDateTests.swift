import KubernetesClient
import KubernetesModel
import Testing

/// The Date of an answer (RFC 9110, 5.6.7).
@Suite struct HeaderDateTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sat, 21 Nov 2026 20:00:00 GMT", "2026-11-21T20:00:00Z"),
    ])
    func dates(_ text: String, _ time: String) {
        let headers: KubernetesHeaders = [KubernetesField("date", text)]
        #expect(headers.date?.description == time)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Foo 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
    ])
    func others(_ text: String) {
        let headers: KubernetesHeaders = [KubernetesField("Date", text)]
        #expect(headers.date == nil)
    }
}
