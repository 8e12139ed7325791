import CNI
import Testing

@testable import CNIPlugins

@Suite struct PluginProgramTests {
    @Test func namesAreUniqueAndFitForFiles() {
        let names = PluginRegistry.all.map { $0.name }
        #expect(Set(names).count == names.count)
        #expect(!names.contains(PluginProgram.ownName))
        for name in names { #expect(CNINames.isIdentifier(name), "\(name)") }
    }

    @Test func namesAreToldApartByCase() {
        #expect(PluginRegistry.plugin(named: "loopback") != nil)
        #expect(PluginRegistry.plugin(named: "Loopback") == nil)
        #expect(PluginRegistry.plugin(named: "") == nil)
        #expect(PluginRegistry.addressManager(named: "loopback") == nil)
    }

    @Test func versionsAreAscending() {
        for plugin in PluginRegistry.all {
            #expect(!plugin.supportedVersions.isEmpty)
            #expect(plugin.supportedVersions == plugin.supportedVersions.sorted(), "\(plugin.name)")
            #expect(plugin.supportedVersions.last == .newest, "\(plugin.name)")
        }
    }

    @Test func whatAPersonAsks() {
        #expect(PluginProgram.answer(["--version"]).outputText == "poplin-cni \(Release.version)\n")
        #expect(PluginProgram.answer(["--list"]).outputText.split(separator: "\n").contains("loopback"))
        #expect(PluginProgram.answer(["--help"]).exitCode == 0)
        for wrong in [[], ["frob"], ["install"], ["install", "a", "b"], ["--list", "x"]] {
            let outcome = PluginProgram.answer(wrong)
            #expect(outcome.exitCode == 2)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("poplin-cni install DIR"))
        }
    }
}
