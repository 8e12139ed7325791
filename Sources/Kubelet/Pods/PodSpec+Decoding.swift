import JSONTree
import KubernetesModel

extension PodSpec {
    init(decoding node: JSONNode) throws(FieldError) {
        let fields = try FieldReader(node)
        metadata = try ObjectMeta(of: node)
        if let spec = try fields.object("spec") { try read(spec) }
        if let status = try fields.object("status") {
            phase = try status.string("phase") ?? ""
            conditions = try status.objects("conditions", Condition.init(reading:))
            for key in ["containerStatuses", "initContainerStatuses"] {
                for container in try status.objects(key) {
                    known[try container.string("name") ?? ""] = try Self.known(container)
                }
            }
            podIPs = try status.objects("podIPs") { entry throws(FieldError) in try entry.string("ip") ?? "" }
        }
    }

    private static func known(_ container: FieldReader) throws(FieldError) -> Known {
        let words = (try container.string("containerID") ?? "").split(separator: "/", omittingEmptySubsequences: true)
        var known = Known(
            restarts: try container.int("restartCount") ?? 0, isReady: try container.bool("ready") ?? false,
            id: words.last.map(String.init) ?? "")
        func time(_ state: FieldReader, _ key: String) throws(FieldError) -> UInt64 {
            UInt64(max(0, try state.timestamp(key)?.seconds ?? 0)) * 1_000_000_000
        }
        let state = try container.object("state")
        if let running = try state?.object("running") {
            known.startedAt = try time(running, "startedAt")
            return known
        }
        // One that waits to be started again has its end behind it.
        let lastState = try container.object("lastState")
        var terminated = try state?.object("terminated")
        if terminated == nil { terminated = try lastState?.object("terminated") }
        guard let terminated else { return known }
        known.startedAt = try time(terminated, "startedAt")
        known.ending = ContainerRecord.Ending(
            id: known.id, exitCode: try terminated.int("exitCode") ?? 0, signal: try terminated.int("signal") ?? 0,
            reason: try terminated.string("reason") ?? "", message: try terminated.string("message") ?? "",
            startedAt: known.startedAt, finishedAt: try time(terminated, "finishedAt"))
        return known
    }

    private mutating func read(_ spec: FieldReader) throws(FieldError) {
        hostNetwork = try spec.bool("hostNetwork") ?? false
        hostPID = try spec.bool("hostPID") ?? false
        hostname = try spec.string("hostname") ?? ""
        subdomain = try spec.string("subdomain") ?? ""
        restartPolicy = try spec.string("restartPolicy") ?? "Always"
        serviceAccountName = try spec.string("serviceAccountName") ?? ""
        terminationGracePeriod = try spec.int("terminationGracePeriodSeconds") ?? 30
        activeDeadline = try spec.int("activeDeadlineSeconds")
        dnsPolicy = try spec.string("dnsPolicy") ?? "ClusterFirst"
        if let settings = try spec.object("dnsConfig") {
            dns.nameservers = try settings.strings("nameservers")
            dns.searches = try settings.strings("searches")
            dns.options = try settings.objects("options") { option throws(FieldError) in
                let value = try option.string("value")
                return (try option.string("name") ?? "") + (value.map { ":\($0)" } ?? "")
            }
        }
        hostAliases = try spec.objects("hostAliases") { alias throws(FieldError) in
            (try alias.string("ip") ?? "", try alias.strings("hostnames"))
        }
        hasServiceLinks = try spec.bool("enableServiceLinks") ?? true
        containers = try spec.objects("containers", ContainerPart.init(reading:))
        initContainers = try spec.objects("initContainers", ContainerPart.init(reading:))
        volumes = try spec.objects("volumes", Volume.init(reading:))
        readinessGates = try spec.objects("readinessGates") { gate throws(FieldError) in
            try gate.string("conditionType") ?? ""
        }
        security = try spec.object("securityContext").map(SecurityPart.init(reading:)) ?? SecurityPart()
        for name in ["runtimeClassName", "overhead", "ephemeralContainers", "hostUsers", "resourceClaims"]
        where spec.field(name) != nil { ignored.append("spec.\(name)") }
        for name in ["hostIPC", "shareProcessNamespace", "setHostnameAsFQDN"] where try spec.bool(name) == true {
            ignored.append("spec.\(name)")
        }
        let contexts =
            [("spec.securityContext", try spec.object("securityContext"))]
            + (try spec.objects("containers")).enumerated().map { ($0, $1) }.map { index, part in
                ("spec.containers[\(index)].securityContext", try? part.object("securityContext"))
            }
        for (path, context) in contexts {
            for name in ["seLinuxOptions", "seccompProfile", "appArmorProfile", "procMount", "windowsOptions"]
            where context?.field(name) != nil { ignored.append("\(path).\(name)") }
        }
    }
}

extension PodSpec.SecurityPart {
    init(reading fields: FieldReader) throws(FieldError) {
        user = try fields.int("runAsUser")
        group = try fields.int("runAsGroup")
        fileGroup = try fields.int("fsGroup")
        groups = try fields.list("supplementalGroups")?.compactMap { $0.int.map { Int($0) } } ?? []
        isPrivileged = try fields.bool("privileged") ?? false
        allowsEscalation = try fields.bool("allowPrivilegeEscalation") ?? true
        hasReadOnlyRoot = try fields.bool("readOnlyRootFilesystem") ?? false
        if let capabilities = try fields.object("capabilities") {
            added = try capabilities.strings("add")
            dropped = try capabilities.strings("drop")
        }
        for sysctl in try fields.objects("sysctls") {
            sysctls[try sysctl.string("name") ?? ""] = try sysctl.string("value") ?? ""
        }
    }
}

extension ContainerPart {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        image = try fields.string("image") ?? ""
        pullPolicy = try fields.string("imagePullPolicy") ?? ""
        command = try fields.strings("command")
        arguments = try fields.strings("args")
        workingDirectory = try fields.string("workingDir") ?? ""
        environment = try fields.objects("env", EnvironmentEntry.init(reading:))
        environmentSources = try fields.objects("envFrom") { source throws(FieldError) in
            let secret = try source.object("secretRef")
            let reference = secret == nil ? try source.object("configMapRef") : secret
            return EnvironmentSource(
                prefix: try source.string("prefix") ?? "", name: try reference?.string("name") ?? "",
                isSecret: secret != nil, isOptional: try reference?.bool("optional") ?? false)
        }
        ports = try fields.objects("ports", Port.init(reading:))
        mounts = try fields.objects("volumeMounts") { mount throws(FieldError) in
            VolumeMount(
                name: try mount.string("name") ?? "", path: try mount.string("mountPath") ?? "",
                subPath: try mount.string("subPath") ?? "",
                subPathExpression: try mount.string("subPathExpr") ?? "",
                isReadOnly: try mount.bool("readOnly") ?? false)
        }
        restartPolicy = try fields.string("restartPolicy") ?? ""
        liveness = try fields.object("livenessProbe").map(ProbeSpec.init(reading:))
        readiness = try fields.object("readinessProbe").map(ProbeSpec.init(reading:))
        startup = try fields.object("startupProbe").map(ProbeSpec.init(reading:))
        if let lifecycle = try fields.object("lifecycle") {
            postStart = try lifecycle.object("postStart").map(ProbeSpec.Action.init(reading:))
            if let handler = try lifecycle.object("preStop") {
                preStopSleep = try handler.object("sleep")?.int("seconds")
                if preStopSleep == nil { preStop = try ProbeSpec.Action(reading: handler) }
            }
        }
        hasInput = try fields.bool("stdin") ?? false
        endsInputOnce = try fields.bool("stdinOnce") ?? false
        isTerminal = try fields.bool("tty") ?? false
        terminationMessagePath = try fields.string("terminationMessagePath") ?? "/dev/termination-log"
        fallsBackToLogs = try fields.string("terminationMessagePolicy") == "FallbackToLogsOnError"
        security = try fields.object("securityContext").map(PodSpec.SecurityPart.init(reading:)) ?? .init()
        if let resources = try fields.object("resources") {
            limits = Self.quantities(resources.field("limits"))
            requests = Self.quantities(resources.field("requests"))
        }
    }

    /// Quantities may be written as numbers.
    private static func quantities(_ node: JSONNode?) -> [String: String] {
        var map: [String: String] = [:]
        for (key, value) in node?.members.map({ ($0.key, $0.value) }) ?? [] {
            map[key] = value.string ?? value.numberText
        }
        return map
    }
}

extension ContainerPart.Port {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        container = try fields.port("containerPort") ?? 0
        host = try fields.port("hostPort") ?? 0
        hostIP = try fields.string("hostIP") ?? ""
        transport = try fields.transportProtocol()
    }
}

extension ContainerPart.EnvironmentEntry {
    init(reading fields: FieldReader) throws(FieldError) {
        name = try fields.string("name") ?? ""
        guard let source = try fields.object("valueFrom") else {
            value = .text(try fields.string("value") ?? "")
            return
        }
        value = try Value(reading: source)
    }
}

extension ContainerPart.EnvironmentEntry.Value {
    init(reading source: FieldReader) throws(FieldError) {
        if let field = try source.object("fieldRef") {
            self = .field(try field.string("fieldPath") ?? "")
        } else if let resource = try source.object("resourceFieldRef") {
            let divisor = resource.field("divisor")
            self = .resource(
                container: try resource.string("containerName") ?? "", name: try resource.string("resource") ?? "",
                divisor: divisor?.string ?? divisor?.numberText ?? "0")
        } else if let reference = try source.object("configMapKeyRef") {
            self = .configMap(
                name: try reference.string("name") ?? "", key: try reference.string("key") ?? "",
                isOptional: try reference.bool("optional") ?? false)
        } else if let reference = try source.object("secretKeyRef") {
            self = .secret(
                name: try reference.string("name") ?? "", key: try reference.string("key") ?? "",
                isOptional: try reference.bool("optional") ?? false)
        } else {
            self = .text("")
        }
    }
}

extension ProbeSpec {
    init(reading fields: FieldReader) throws(FieldError) {
        action = try Action(reading: fields)
        initialDelay = try fields.int("initialDelaySeconds") ?? 0
        period = max(1, try fields.int("periodSeconds") ?? 10)
        timeout = max(1, try fields.int("timeoutSeconds") ?? 1)
        successThreshold = max(1, try fields.int("successThreshold") ?? 1)
        failureThreshold = max(1, try fields.int("failureThreshold") ?? 3)
        gracePeriod = try fields.int("terminationGracePeriodSeconds")
    }
}

extension ProbeSpec.Action {
    init(reading fields: FieldReader) throws(FieldError) {
        if let execute = try fields.object("exec") {
            self = .execute(try execute.strings("command"))
        } else if let http = try fields.object("httpGet") {
            self = .http(
                scheme: try http.string("scheme") ?? "HTTP", host: try http.string("host") ?? "",
                port: try http.intOrString("port") ?? .int(0), path: try http.string("path") ?? "/",
                headers: try http.objects("httpHeaders") { header throws(FieldError) in
                    "\(try header.string("name") ?? ""): \(try header.string("value") ?? "")"
                })
        } else if let tcp = try fields.object("tcpSocket") {
            self = .tcp(host: try tcp.string("host") ?? "", port: try tcp.intOrString("port") ?? .int(0))
        } else {
            self = .grpc
        }
    }
}
