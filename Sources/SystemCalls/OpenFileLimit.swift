import CLinux

/// How many descriptors this process may have open (RLIMIT_NOFILE of setrlimit(2)).
public enum OpenFileLimit {
    /// Raises the soft limit to the hard one, which needs no privilege, and answers what holds then.
    public static func raise() throws(SystemCallError) -> Int {
        let resource = Int32(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        try retrying("getrlimit") { getrlimit(resource, &limit) }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            try retrying("setrlimit") { setrlimit(resource, &limit) }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
