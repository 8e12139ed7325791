import PoplinCommands
import Testing

@Test func theCommandKnowsItsName() { #expect(PoplinCommand.configuration.commandName == "poplin") }
