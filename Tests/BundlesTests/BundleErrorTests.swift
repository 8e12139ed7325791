import Bundles
import Testing

@Test func aBundleErrorNamesItsFile() {
    #expect(BundleError("a.tar.gz", "it is empty").description == "a.tar.gz: it is empty")
}
