import SystemCalls

extension CNIError {
    /// The number that tells a runtime what kind of failure this is. Below 100 the specification's (section 5,
    /// "Error"), from 100 ours; 999 is what the reference plugins answer for nearly everything and we never do.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public var description: String { String(rawValue) }
    }
}

extension CNIError.Code {
    // The specification's codes.

    /// 1: the plugin does not speak the configuration's `cniVersion`.
    public static let incompatibleVersion = Self(rawValue: 1)
    /// 2: a field of the configuration is known and not supported; the message names field and value.
    public static let unsupportedField = Self(rawValue: 2)
    /// 3: the container is unknown or gone; the runtime need not clean up.
    public static let unknownContainer = Self(rawValue: 3)
    /// 4: an environment variable is missing or wrong; the message names it.
    public static let invalidEnvironment = Self(rawValue: 4)
    /// 5: standard input could not be read, or a file not be read or written.
    public static let inputOutput = Self(rawValue: 5)
    /// 6: the configuration, or a result, is not the JSON it should be.
    public static let decoding = Self(rawValue: 6)
    /// 7: the configuration is JSON and says something impossible; details have the JSON path and a caret line.
    public static let invalidConfiguration = Self(rawValue: 7)
    /// 8: CNI_NETNS is the network namespace the plugin itself runs in (the reference library's number).
    public static let ownNetworkNamespace = Self(rawValue: 8)
    /// 11: nothing is wrong that will not pass; try again later.
    public static let tryAgainLater = Self(rawValue: 11)
    /// 50: STATUS: ADD cannot be served now.
    public static let notAvailable = Self(rawValue: 50)
    /// 51: STATUS: ADD cannot be served, and containers that exist may have limited connectivity.
    public static let limitedConnectivity = Self(rawValue: 51)

    // Ours.

    /// 100: the kernel refused a request; the message names the request, the object and the errno.
    public static let kernelRefused = Self(rawValue: 100)
    /// 101: no address is left in the pool; details have range, size, use and the oldest holders.
    public static let addressesExhausted = Self(rawValue: 101)
    /// 102: an interface name, host port, address or reservation is taken; details say by whom.
    public static let alreadyTaken = Self(rawValue: 102)
    /// 103: CHECK found a difference; details list what was expected and what is there.
    public static let checkFailed = Self(rawValue: 103)
    /// 104: DEL or GC removed what it could, and something is left; details list it.
    public static let partialCleanup = Self(rawValue: 104)
    /// 105: the plugin is not privileged enough (EPERM, EACCES).
    public static let permissionDenied = Self(rawValue: 105)
    /// 106: a plugin's program is in none of the directories of CNI_PATH; details list them.
    public static let pluginNotFound = Self(rawValue: 106)
    /// 107: another plugin was executed and died, hung or answered something that is neither result nor error.
    public static let pluginFailed = Self(rawValue: 107)
    /// 108: the result cannot be expressed in the configuration's `cniVersion`.
    public static let inexpressibleResult = Self(rawValue: 108)
    /// 109: `prevResult` is missing, or lacks what this plugin has to work on: the order of the chain is wrong.
    public static let unusablePreviousResult = Self(rawValue: 109)
    /// 110: something is in the way that we did not make and will not touch, such as a link of another kind.
    public static let foreignState = Self(rawValue: 110)

    /// Refused permission is told apart from every other refusal.
    public init(_ errno: Errno) {
        self = errno == .EPERM || errno == .EACCES ? .permissionDenied : .kernelRefused
    }

    /// Every code with its name and meaning, in order: what the reference documentation is made from.
    public static let table: [(code: Self, name: String, meaning: String)] = [
        (.incompatibleVersion, "incompatible version", "The plugin does not speak the configuration's cniVersion."),
        (
            .unsupportedField, "unsupported field",
            "A field is known and its value not supported; the message names both."
        ),
        (.unknownContainer, "unknown container", "The container does not exist; the runtime need not clean up."),
        (.invalidEnvironment, "invalid environment", "A CNI_... variable is missing or wrong; the message names it."),
        (.inputOutput, "input/output", "Standard input or a file could not be read or written."),
        (.decoding, "decoding", "The configuration or a result is not valid JSON; details show the place."),
        (.invalidConfiguration, "invalid configuration", "A field is wrong; details have its JSON path and a caret."),
        (.ownNetworkNamespace, "own network namespace", "CNI_NETNS is the namespace the plugin runs in."),
        (.tryAgainLater, "try again later", "A passing condition, such as another process holding a lock."),
        (.notAvailable, "not available", "STATUS: ADD cannot be served."),
        (.limitedConnectivity, "limited connectivity", "STATUS: ADD cannot be served and existing pods may suffer."),
        (.kernelRefused, "kernel refused", "The kernel refused a request; the message has request, object and errno."),
        (
            .addressesExhausted, "addresses exhausted",
            "No address is left; details have the numbers and the oldest holders."
        ),
        (.alreadyTaken, "already taken", "A name, port, address or reservation is taken; details say by whom."),
        (.checkFailed, "check failed", "CHECK found a difference; details list expected and found."),
        (.partialCleanup, "partial cleanup", "DEL or GC left something behind; details list it."),
        (.permissionDenied, "permission denied", "The plugin needs more privileges (EPERM, EACCES)."),
        (.pluginNotFound, "plugin not found", "No directory of CNI_PATH has the program; details list them."),
        (.pluginFailed, "plugin failed", "An executed plugin died, hung or answered neither result nor error."),
        (.inexpressibleResult, "inexpressible result", "The result does not fit the configuration's cniVersion."),
        (
            .unusablePreviousResult, "unusable previous result",
            "prevResult is missing or lacks what the plugin works on."
        ),
        (.foreignState, "foreign state", "Something we did not make is in the way; we do not touch it."),
    ]

    /// The code's name in ``table``; `code 999` for one that is not there.
    public var name: String { Self.table.first { $0.code == self }?.name ?? "code \(rawValue)" }
}
