import CEarlyRemoval
import CLinux
import CNIPlugins

let rest = early_removal_rest()
let beginning = PluginProgram.Beginning(
    input: Array(UnsafeBufferPointer(start: rest.input, count: Int(rest.length))), hasEnded: rest.ended != 0,
    waited: Int(rest.waited))
exit(PluginProgram.main(CommandLine.arguments, after: beginning))
