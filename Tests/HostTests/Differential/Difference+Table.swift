extension Difference {
    /// Rows in the order of the document: every plugin first, then plugin by plugin.
    static let table: [Difference] = answers + links + plugins

    // MARK: What plugins answer

    static let answers: [Difference] = [
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
            id: "result-mtu", plugins: "bridge, ptp, tuning",
            reference: "Results do not say the MTU.",
            ours: "`interfaces[].mtu` is in results of 1.0.0 and later.",
            reason: "As the reference release 1.9.1 prints it; chained plugins and runtimes need not ask the kernel.",
            paths: ["result *: .interfaces[*].mtu"], everywhere: true,
            values: { reference, ours in reference == nil && ours != nil }),
        Difference(
            id: "delete-after-refusal", plugins: "host-local, firewall, portmap, bandwidth",
            reference: "DEL with the configuration that ADD refused fails too.",
            ours: "DEL needs no more of the configuration than says where to look, and succeeds.",
            reason: "A runtime follows a failed ADD with DEL, and a container whose DEL fails cannot be removed.",
            paths: ["DEL *: succeeded", "second DEL *: succeeded", "DEL *: code", "second DEL *: code"],
            values: { reference, ours in (reference == false && ours == true) || (reference == 999 && ours == nil) }),
        Difference(
            id: "check-tells-the-truth", plugins: "bridge, portmap, bandwidth, tuning",
            reference:
                """
                CHECK fails although everything is as ADD left it: for a bridge without IPAM, for IPv6 routes, for a \
                sysctl that the kernel prints with other white space, for a list without limits, and when a later \
                pod changed the bridge's hardware address.
                """,
            ours: "CHECK succeeds exactly when what ADD made is there.",
            reason: "Runtimes that call CHECK restart healthy pods, so their users switch it off (`disableCheck`).",
            paths: ["CHECK *: succeeded", "CHECK *: code"],
            everywhere: true,
            values: { reference, ours in (reference == false && ours == true) || (reference == 999 && ours == nil) }),
        Difference(
            id: "address-version", plugins: "loopback",
            reference: "Results of 0.3.0 to 0.4.0 lack `ips[].version`.",
            ours: "`version` is there.",
            reason: "The specification of these versions requires it.",
            paths: ["result *: .ips[*].version"],
            values: { reference, ours in reference == nil && ours != nil }),
        Difference(
            id: "dns-of-ipam", plugins: "bridge",
            reference: "The result holds the `dns` of the plugin's own configuration only.",
            ours: "Without one, it holds the `dns` of the IPAM plugin.",
            reason: "As the reference release 1.9.1 does it.",
            paths: ["result *: .dns.*", "result *: .dns"]),
    ]

    // MARK: What the kernel holds for any of them

    static let links: [Difference] = [
        Difference(
            id: "host-link-alias", plugins: "bridge, ptp, bandwidth",
            reference: "Links on the host carry nothing that tells whose they are.",
            ours: "Their alias (`ip link`: `alias`) is `poplin:<network>/<container>/<interface>`.",
            reason: "DEL and GC find a link by its attachment when the namespace is gone; people see whose it is.",
            paths: ["node *: links[*].ifalias"], everywhere: true,
            values: { reference, _ in reference == nil }),
        Difference(
            id: "queue-length", plugins: "bridge, ptp, bandwidth",
            reference: "Links are made with a transmit queue of 0 packets.",
            ours: "The kernel's default for the kind of link (1000; 32 for an ifb).",
            reason: "As the reference release 1.9.1 does it. Queueing disciplines take their default limit from it.",
            paths: ["*: links[*].txqlen"], everywhere: true,
            values: { reference, ours in reference == nil && (ours == 1000 || ours == 32) }),
        Difference(
            id: "route-protocol", plugins: "bridge, ptp",
            reference: "Routes have the protocol `boot`.",
            ours: "Routes have protocol 112.",
            reason: "They can be told from those that a person or the kernel made (`ip route show proto 112`).",
            paths: ["*: routes *.protocol"], everywhere: true,
            values: { reference, ours in reference == "boot" && ours == "112" }),
        Difference(
            id: "no-duplicate-detection", plugins: "bridge, ptp",
            reference:
                """
                Duplicate address detection is switched off for the whole interface (`accept_dad` 0), or waited for \
                by ptp.
                """,
            ours:
                """
                The addresses that IPAM gave are added with `nodad`; `accept_dad` is set only where the pod gets an \
                IPv6 address. They stay when the link goes down (`keep_addr_on_down`, as the reference release 1.9.1 \
                sets it).
                """,
            reason:
                "IPAM has decided that the address is free; a pod need not wait up to two seconds to hear it again.",
            paths: [
                "*: addresses.*.nodad", "pod *: settings.ipv6/conf/eth*/accept_dad",
                "pod *: settings.ipv6/conf/eth*/keep_addr_on_down",
            ], everywhere: true),
        Difference(
            id: "no-ipv6-on-ports", plugins: "bridge, bandwidth",
            reference:
                "The host's end of a pod's link and its ifb have IPv6: a link-local address, routes, multicast groups.",
            ours:
                """
                A bridge port and an ifb go up with `disable_ipv6` 1 (where /proc/sys is read-only, with \
                `addr_gen_mode none`).
                """,
            reason:
                """
                They receive nothing themselves, the bridge does. Each would be four routes and two multicast groups \
                more per pod, and the kernel walks these routes whenever a link comes or goes.
                """,
            paths: ["veth", "ifb"].flatMap { link in
                [
                    "node *: addresses.\(link)#*[local fe80(\(link)#*",
                    "node *: links[ifname \(link)#*].inet6_addr_gen_mode",
                    "node *: routes -6[* fe80*dev \(link)#*", "node *: routes -6[* ff00::/8 dev \(link)#*",
                    "node *: settings.ipv6/conf/\(link)#*/accept_ra",
                    "node *: settings.ipv6/conf/\(link)#*/disable_ipv6",
                ]
            }, everywhere: true),
    ]

    // MARK: Plugin by plugin

    static let plugins: [Difference] = [
        Difference(
            id: "bridge-address-pinned", plugins: "bridge",
            reference:
                """
                A bridge without a gateway takes the lowest hardware address of its ports, and changes it as pods \
                come and go.
                """,
            ours: "The bridge gets a locally administered address of its own when it is made.",
            reason: "Neighbour tables of pods stay right, and CHECK does not fail for the pods that came first.",
            paths: ["node *: links[ifname cni0].address", "result *: .interfaces[0].mac"]),
        Difference(
            id: "ptp-no-prefix-route", plugins: "ptp",
            reference: "The kernel's route to the subnet is made and then deleted.",
            ours: "The address is added with `noprefixroute`, so that the route never exists.",
            reason: "No moment in which a packet could go the wrong way.",
            paths: ["pod *: addresses.eth0*.noprefixroute"], everywhere: true),
        Difference(
            id: "ptp-arp-notify", plugins: "ptp",
            reference: "ptp does not announce the pod's address.",
            ours: "`arp_notify` is 1 in the pod, as with bridge.",
            reason: "A neighbour that remembers the address's previous owner learns of the change.",
            paths: ["pod *: settings.ipv4/conf/eth0/arp_notify"], everywhere: true),
        Difference(
            id: "rules-stay-without-namespace", plugins: "bridge, ptp",
            reference:
                """
                When the namespace is gone before DEL, masquerading rules and chains of the container stay for ever.
                """,
            ours: "DEL finds everything by network, container and interface.",
            reason: "Containers are killed and nodes restarted; thousands of stale rules slow every packet.",
            paths: ["packet filter still knows of pod *"],
            values: { _, ours in ours == [] || ours == nil }),
        Difference(
            id: "firewall-needs-result", plugins: "firewall, bridge",
            reference: "DEL without `prevResult` removes none of the container's firewall rules.",
            ours: "It removes the same as with one.",
            reason: "Runtimes lose their result cache with the disk or the node.",
            paths: ["packet filter still knows of pod *"],
            values: { _, ours in ours == [] || ours == nil }),
        Difference(
            id: "second-attachment-masqueraded", plugins: "bridge, ptp",
            reference:
                """
                DEL of one of two attachments of a container to the same network takes the masquerading of the other \
                with it, and answers an error.
                """,
            ours: "Each attachment has elements of its own.",
            reason: "Multi-homed pods.",
            paths: ["DEL 1: *", "effect: * after eth0 is gone*"]),
        Difference(
            id: "second-attachment-shaped", plugins: "bandwidth",
            reference: "A second attachment of a container to the same network fails: the ifb's name is taken.",
            ours: "Each attachment has an ifb of its own.",
            reason: "Multi-homed pods.",
            paths: ["ADD 2: *", "CHECK *: *"]),
        Difference(
            id: "port-belongs-to-one", plugins: "portmap",
            reference: "Two containers may publish the same port; the first rule wins silently.",
            ours: "The second ADD fails with code 102 and says who has the port.",
            reason: "A service that is deaf without an error takes hours to find.",
            paths: ["ADD 2: *", "CHECK *: *"]),
        Difference(
            id: "published-port-behind-drop", plugins: "firewall, portmap",
            reference:
                """
                On a node whose FORWARD policy is DROP (Docker), published ports are reached from the node itself \
                and silent from anywhere else: the firewall accepts only what belongs to connections that pods began.
                """,
            ours: "Connections that portmap translated are accepted too.",
            reason: "Whoever publishes a port means it to be reached.",
            paths: ["effect: outside*"],
            values: { reference, ours in
                reference == "silent" && ours?.string?.hasPrefix("reached, source") == true
            }),
        Difference(
            id: "bandwidth-filter-place", plugins: "bandwidth",
            reference: "The redirection is a filter of preference 1, which ends the walk.",
            ours: "One filter of preference 49151 per direction, under `ingress` or a `clsact` that is there.",
            reason: "Filters of an eBPF agent on the same link run first and are not cut off.",
            paths: ["node *: ingress filters.*"], everywhere: true),
        Difference(
            id: "tbf-link-layer", plugins: "bandwidth",
            reference: "The rate table does not say its link layer (`linklayer unspec`).",
            ours: "`linklayer ethernet`, as tc(8) sets it.",
            reason: "The kernel guesses it otherwise.",
            paths: ["node *: qdiscs[*].options.linklayer"], everywhere: true),
    ]
}
