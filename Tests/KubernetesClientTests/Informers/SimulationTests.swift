import Foundation
import Testing

@testable import KubernetesClient

/// Random schedules of writes and faults against a model. A failure prints the seed and the shortest beginning of the
/// schedule that still fails.
@Suite struct SimulationTests {
    static let soaks = ProcessInfo.processInfo.environment["POPLIN_SOAK"] == "1"

    @Test(arguments: 0..<8) func `state converges and no event is lost, repeated or reordered`(part: UInt64) {
        let schedules: UInt64 = Self.soaks ? 40_000 : 300
        var coverage = Simulation.Coverage()
        for number in 0..<schedules {
            let seed = part << 32 | number
            var simulation = Simulation(seed: seed, steps: 120)
            do throws(Simulation.Failure) { try simulation.run() } catch {
                Issue.record("seed \(seed): \(Self.shortest(seed, 120, error.description))")
                return
            }
            coverage.add(simulation.coverage)
        }
        // Each kind of fault and each way out of it has been there, many times.
        for (name, count) in coverage.counts {
            #expect(count > Int(schedules) / 10, "\(name) happened \(count) times in \(schedules) schedules")
        }
    }

    /// The comparisons are no good if they notice nothing: an informer that is sabotaged must be caught.
    @Test(arguments: Simulation.Sabotage.allCases)
    func `a broken informer is noticed`(sabotage: Simulation.Sabotage) {
        var caught = 0
        for seed in 0..<40 as Range<UInt64> {
            var simulation = Simulation(seed: seed, steps: 120, sabotage: sabotage)
            do throws(Simulation.Failure) { try simulation.run() } catch { caught += 1 }
        }
        #expect(caught > 20, "\(sabotage) was noticed in \(caught) of 40 schedules")
    }

    private static func shortest(_ seed: UInt64, _ steps: Int, _ failure: String) -> String {
        for shorter in 0..<steps {
            var simulation = Simulation(seed: seed, steps: shorter)
            do throws(Simulation.Failure) { try simulation.run() } catch { return "\(shorter) steps: \(error)" }
        }
        return "\(steps) steps: \(failure)"
    }
}
