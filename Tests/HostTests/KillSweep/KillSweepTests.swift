import Foundation
import Glibc
import Testing

/// A kill at any system call of an ADD, followed by DEL or GC, leaves nothing; and an error from any of them is a CNI
/// error that leaves nothing. `make test` sweeps the calls that change something, `make soak` (POPLIN_SOAK=1) all.
@Suite(
    .enabled(if: getuid() == 0, "needs root"),
    .enabled(if: SystemCallTrace.isInstalled, "needs strace (Debian package strace)"))
struct KillSweepTests {
    static let isSoak = ProcessInfo.processInfo.environment["POPLIN_SOAK"] == "1"

    private func sweep(_ scenario: SweepScenario, _ body: (Sweep, Int) throws -> Void) throws {
        try TestNode.with { node in
            let sweep = try Sweep(scenario, on: node, isThorough: Self.isSoak)
            for index in scenario.plugins.indices.dropFirst(scenario.first) { try body(sweep, index) }
        }
    }

    @Test(arguments: SweepScenario.chosen) func killedAddThenDelete(scenario: SweepScenario) throws {
        try sweep(scenario) { sweep, index in
            try sweep.killAdds(of: index, remedy: .delete, fresh: true)
            if Self.isSoak { try sweep.killAdds(of: index, remedy: .delete, fresh: false) }
        }
    }

    @Test(arguments: SweepScenario.chosen) func killedAddThenGarbageCollection(scenario: SweepScenario) throws {
        try sweep(scenario) { sweep, index in
            try sweep.killAdds(of: index, remedy: .garbageCollection, fresh: false)
            if Self.isSoak { try sweep.killAdds(of: index, remedy: .garbageCollection, fresh: true) }
        }
    }

    @Test(arguments: SweepScenario.chosen) func killedDeleteThenDelete(scenario: SweepScenario) throws {
        try sweep(scenario) { sweep, index in try sweep.killDeletes(of: index) }
    }

    @Test(arguments: SweepScenario.chosen) func refusedCalls(scenario: SweepScenario) throws {
        try sweep(scenario) { sweep, index in try sweep.failAdds(of: index) }
    }

    /// Interruptions are dealt with in one place for all plugins, so `make test` takes a few of them.
    private static let interrupted = SweepScenario.chosen.filter {
        isSoak || ["loopback", "host-local", "the chain"].contains($0.name)
    }

    @Test(arguments: interrupted) func interruptedCalls(scenario: SweepScenario) throws {
        try sweep(scenario) { sweep, index in try sweep.failAdds(of: index, interrupting: true) }
    }
}
