extension Difference {
    static let table: [Difference] = [
        Difference(
            id: "error-codes", plugins: "all",
            reference: "Every failure of a plugin is code 999.",
            ours: "The specification's codes where one fits, documented ones of ours from 100 on.",
            reason: "A runtime, and the person who reads its log, can tell causes apart.",
            paths: ["*: code"], everywhere: true,
            values: { reference, ours in reference == 999 && ours != nil }),
        Difference(
            id: "empty-dns", plugins: "all",
            reference: "Results of version 1.0.0 hold `\"dns\": {}` when nothing is known of DNS.",
            ours: "The key is left out of results of 1.0.0 and later; older versions have it.",
            reason: "As the reference release 1.9.1 prints it. An empty object says nothing.",
            paths: ["result *: .dns"], everywhere: true,
            values: { reference, ours in reference == [:] && ours == nil }),
        Difference(
            id: "delete-after-refusal", plugins: "host-local, firewall, portmap, bandwidth",
            reference: "DEL with the configuration that ADD refused fails too.",
            ours: "DEL needs no more of the configuration than says where to look, and succeeds.",
            reason: "A runtime follows a failed ADD with DEL, and a container whose DEL fails cannot be removed.",
            paths: ["DEL *: succeeded", "second DEL *: succeeded", "DEL *: code", "second DEL *: code"],
            values: { reference, ours in (reference == false && ours == true) || (reference == 999 && ours == nil) }),
    ]
}
