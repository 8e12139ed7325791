import PoplinCommands

PoplinCommand.run()
