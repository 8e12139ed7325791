import ClusterCollector
import Testing

@Test func nothingIsExecutedUnlessAskedFor() {
    #expect(!ClusterCollectorOptions().executes)
}
