import JSONTree
import Testing

@testable import Diagnosis

/// Routes that are there for as long as a session of BGP stands, and a default route below them.
@Suite struct PathSessionTests {
    /// shop/cart-7d9 on node-2, pay/payments-0 on node-1.
    /// - Parameters:
    ///   - state: of the session with node-1 as node-2's BIRD tells it; nobody asked BIRD where it is nil.
    ///   - hasRoute: whether node-2 has a route of node-1's range.
    private static func route(state: String?, hasRoute: Bool) throws -> PathTrace.Step {
        var cluster = PathTraceTests.cluster()
        let learnt =
            hasRoute
            ? #",{"dst":"10.244.1.0/24","gateway":"192.0.2.11","dev":"eth0","protocol":"bird"}"# : ""
        cluster.add(
            #"[{"dst":"default","gateway":"192.0.2.1","dev":"eth0"},{"dst":"10.244.2.0/24","dev":"cni0","scope":"link"}\#(learnt)]"#,
            at: "nodes/node-2/\(NodeEvidence.Part.routes.path)")
        PathInsideTests.addNothingElse(&cluster)
        for (name, address) in [("node-1", "192.0.2.11"), ("node-2", "192.0.2.12")] {
            cluster.add(
                "nodes",
                #"{"metadata":{"name":"\#(name)"},"status":{"addresses":[{"type":"InternalIP","address":"\#(address)"}]}}"#
            )
        }
        if let state {
            cluster.add(
                """
                Name       Proto      Table      State  Since         Info
                Mesh_192_0_2_11 BGP        ---        \(state)
                """, at: "nodes/node-2/exec/birdcl-show-protocols.txt")
        }
        let trace = try PathTrace(try PathRequest(parsing: ["shop/cart-7d9 10.244.1.9:9443"]), cluster.facts)
        return try #require(trace.steps.first { $0.kind == .route })
    }

    @Test(arguments: [
        "start  10:00:00.000  Active        Socket: Connection refused", "up     10:00:00.000  Established",
    ])
    func aDefaultRouteIsNoWayBetweenPeers(state: String) throws {
        let step = try Self.route(state: state, hasRoute: false)
        #expect(step.state == .failed, "\(step.text)")
        #expect(step.text.contains("no route to the pods of node-1"), "\(step.text)")
        #expect(step.codes.count == 1)
    }

    @Test func whatWasLearntIsTheWay() throws {
        let step = try Self.route(state: "up     10:00:00.000  Established", hasRoute: true)
        #expect(step.state == .passed, "\(step.text)")
    }

    /// A router may know the pods: without a session between the nodes nobody can say.
    @Test func withoutASessionARouterMayKnow() throws {
        let step = try Self.route(state: nil, hasRoute: false)
        #expect(step.state != .failed, "\(step.text)")
    }
}
