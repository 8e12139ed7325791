import SystemCalls

/// The file of the program that runs.
public enum ProgramFile {
    /// Where it is (/proc/self/exe). A file that was replaced since is named as it was: the new one is meant then.
    public static func path() throws(SystemCallError) -> String {
        let path = try FileSystem.readLink("/proc/self/exe")
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }
}
