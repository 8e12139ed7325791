import CLinux
import CNIPlugins

exit(PluginProgram.main(CommandLine.arguments))
