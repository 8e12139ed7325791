import IPAMKubernetes
import KubernetesClient
import KubernetesModel
import Testing

@testable import Agent

/// What people read below an IPPool (`kubectl describe ippool`).
@Suite struct PoolWarningTests {
    @Test("the object, what is wrong, and what it comes to")
    func note() {
        func note(_ consequence: PoolReading.Consequence) -> EventNote {
            PoolWarnings.note(.init(pool: "p", uid: "7", message: "IPPool p: odd", consequence: consequence))
        }
        let barred = note(.barred)
        #expect(barred.severity == .warning && barred.reason == "PoolProblem")
        #expect(barred.regarding.apiVersion == "poplin.dev/v1alpha1" && barred.regarding.kind == "IPPool")
        #expect(barred.regarding.name == "p" && barred.regarding.uid == "7")
        #expect(barred.note == "IPPool p: odd; the pool gives out nothing until that is put right")
        #expect(note(.misplaced).note == barred.note)
        #expect(note(.idleRange).note == "IPPool p: odd; nothing is given out of that range")
        #expect(note(.used).note == "IPPool p: odd")
    }
}
