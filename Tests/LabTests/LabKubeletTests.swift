import Foundation
import JSONTree
import LinuxHost
import Testing

extension Labs {
    /// One lab of one node for all of it, because a lab is dear and pods are cheap.
    @Suite("Pods as a lab's node runs them") struct LabKubeletTests {
        @Test("images, environment, files, ports, shaping, probes, restarts, graces, streams, and the node's restart")
        func pods() throws {
            let lab = TestLab("pods")
            try lab.must("up", "--nodes", "1")
            try lab.kubectl("apply", "-f", "-", input: Self.manifests)
            try lab.kubectl(
                "wait", "--for=condition=Ready", "pod/nginx", "pod/httpd", "pod/agnhost", "pod/pause", "pod/busybox",
                "pod/dns", "pod/net", "pod/shaped", "pod/graceful", "pod/deaf", "--timeout=60s")
            try images(lab)
            try environment(lab)
            try files(lab)
            try ports(lab)
            try probes(lab)
            try restarts(lab)
            try streams(lab)
            try graces(lab)
            try reboot(lab)
            #expect(try lab.must("down").hasSuffix("\n0 leftovers\n"))
        }

        // MARK: Parts

        private func get(_ lab: TestLab, _ pod: String, _ path: String) throws -> String {
            try lab.kubectl("get", "pod", pod, "-o", "jsonpath={\(path)}")
        }

        private func status(_ lab: TestLab, _ pod: String, _ container: String, _ path: String) throws -> String {
            try get(lab, pod, ".status.containerStatuses[?(@.name==\"\(container)\")].\(path)")
        }

        private func fetch(_ lab: TestLab, _ authority: String, _ path: String = "/") throws -> String {
            try lab.must("exec", "busybox", after: ["wget", "-qO-", "http://\(authority)\(path)"])
        }

        /// Well-known names answer as their servers do; an unknown one says what is possible.
        private func images(_ lab: TestLab) throws {
            func address(_ pod: String) throws -> String { try get(lab, pod, ".status.podIP") }
            #expect(try fetch(lab, address("nginx")).contains("Welcome to nginx!"))
            #expect(try fetch(lab, address("httpd")).contains("It works!"))
            #expect(try fetch(lab, address("agnhost") + ":8080", "/hostname") == "agnhost")
            try lab.wait(for: "the image to be refused twice") {
                try status(lab, "unknown", "c", "state.waiting.reason") == "ImagePullBackOff"
            }
            var said = ""
            try lab.wait(for: "the event about the image") {
                said = try lab.kubectl(
                    "get", "events", "--field-selector", "involvedObject.name=unknown,type=Warning", "-o",
                    "jsonpath={.items[*].message}")
                return said.contains(#"Failed to pull image "postgres:16""#)
            }
            for name in ["agnhost", "busybox", "httpd", "nginx", "pause", "host:COMMAND"] {
                #expect(said.contains(name), "\(said)")
            }
            let log = try lab.poplin("lab", "logs", "unknown", "--name", lab.name)
            #expect(!log.status.isSuccess)
            #expect(
                log.errors.contains(
                    #"container "c" in pod "unknown" is waiting to start: trying and failing to pull image"#),
                "\(log.errors)")
        }

        /// Everything a container's environment and volumes can say of the pod, after two init containers in order.
        private func environment(_ lab: TestLab) throws {
            try lab.wait(for: "the pod to be done") { try get(lab, "env", ".status.phase") == "Succeeded" }
            let lines = Set(try lab.kubectl("logs", "env").split(separator: "\n").map(String.init))
            let address = try get(lab, "env", ".status.podIP")
            for line in [
                "NAME=env", "SECOND=hello env", "GREETING=hello $(NAME) $(NAME)", "IP=\(address)", "NODE=node-1",
                "HOST=192.168.101.11", "NOTE=a b", "CPUS=2", "MEM=64", "COLOUR=green", "KEY=s3cret", "first", "second",
                "from the map", #"app="env""#, "token", "KUBERNETES_SERVICE_HOST=10.96.0.1",
            ] {
                #expect(lines.contains(line), "\(line) is not in \(lines.sorted())")
            }
            let stamped = try lab.kubectl("logs", "env", "--timestamps", "--tail=1")
            #expect(stamped.hasPrefix("20") && stamped.hasSuffix("Z bye\n"), "\(stamped)")
        }

        private func files(_ lab: TestLab) throws {
            let resolver = try lab.must("exec", "dns", after: ["cat", "/etc/resolv.conf"])
            #expect(resolver == "search a.example\nnameserver 10.9.8.7\noptions ndots:3\n")
            #expect(try lab.must("exec", "dns", after: ["cat", "/etc/hosts"]).hasSuffix("\n10.1.2.3\tother.example\n"))
            #expect(try lab.must("exec", "dns", after: ["hostname"]) == "custom\n")
            #expect(try lab.must("exec", "net", after: ["hostname"]) == "node-1\n")
            #expect(try get(lab, "net", ".status.podIP") == "192.168.101.11")
        }

        /// A host port, and the rates that tc sees.
        private func ports(_ lab: TestLab) throws {
            let page = try lab.must(
                "shell", "node-1", after: ["busybox", "wget", "-qO-", "http://192.168.101.11:8088/"])
            #expect(page.contains("Welcome to nginx!"))
            let shaping = try lab.must("shell", "node-1", after: ["tc", "qdisc", "show"])
            // To the pod on its link, from the pod on the link that the plugin makes for it.
            #expect(shaping.contains(#/qdisc tbf 1: dev pop[0-9a-f]+ root refcnt \d+ rate 10Mbit/#), "\(shaping)")
            #expect(shaping.contains(#/qdisc tbf 1: dev bwp[0-9a-f]+ root refcnt \d+ rate 20Mbit/#), "\(shaping)")
        }

        private func probes(_ lab: TestLab) throws {
            try lab.wait(for: "a restart by the liveness probe") {
                try Int(status(lab, "probed", "live", "restartCount")) ?? 0 > 0
            }
            try lab.wait(for: "the startup probe") { try status(lab, "probed", "web", "ready") == "true" }
            #expect(try status(lab, "probed", "ready", "ready") == "false")
            try lab.must("exec", "probed", "-c", "ready", after: ["touch", "/tmp/ready"])
            try lab.wait(for: "the readiness probe") { try status(lab, "probed", "ready", "ready") == "true" }
            #expect(try status(lab, "probed", "ready", "restartCount") == "0")
            try lab.wait(for: "the events of the probes") {
                let said = try lab.kubectl(
                    "get", "events", "--field-selector", "involvedObject.name=probed", "-o",
                    "jsonpath={.items[*].message}")
                return said.contains("Liveness probe failed: not well")
                    && said.contains("Container live failed liveness probe, will be restarted")
            }
        }

        private func restarts(_ lab: TestLab) throws {
            try lab.wait(for: "the back-off") {
                try status(lab, "fails", "c", "state.waiting.reason") == "CrashLoopBackOff"
            }
            #expect(try status(lab, "fails", "c", "lastState.terminated.exitCode") == "3")
            #expect(try Int(status(lab, "fails", "c", "restartCount")) ?? 0 > 0)
            #expect(try lab.kubectl("logs", "fails", "--previous") == "attempt\n")
        }

        private func streams(_ lab: TestLab) throws {
            #expect(try lab.lab("exec", "busybox", after: ["sh", "-c", "exit 7"]).status == .exited(7))
            #expect(try lab.kubectl("exec", "-i", "busybox", "--", "cat", input: "in") == "in")
            try lab.kubectl("attach", "-i", "reads", input: "hello\n")
            try lab.wait(for: "what was read") { try lab.kubectl("logs", "reads") == "got hello\n" }
            let forwarding = Process()
            forwarding.executableURL = URL(fileURLWithPath: LabNeeds.kubectl ?? "")
            forwarding.arguments = [
                "--kubeconfig", "/var/lib/poplin/lab/\(lab.name)/kubeconfig", "port-forward", "--address", "127.0.0.1",
                "pod/nginx", ":80",
            ]
            let pipe = Pipe()
            forwarding.standardOutput = pipe
            try forwarding.run()
            defer {
                forwarding.terminate()
                forwarding.waitUntilExit()
            }
            let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
            let port = try #require(line.firstMatch(of: #/127\.0\.0\.1:(\d+) -> 80/#)?.1, "\(line)")
            let page = try lab.run("/usr/bin/env", ["busybox", "wget", "-qO-", "http://127.0.0.1:\(port)/"])
            #expect(page.text.contains("Welcome to nginx!"), "\(page.errors)")
        }

        /// A hook, then SIGTERM, and SIGKILL for what does not listen.
        private func graces(_ lab: TestLab) throws {
            try lab.kubectl("delete", "pod", "graceful", "deaf", "--timeout=60s")
            #expect(try lab.must("shell", "node-1", after: ["cat", "/run/graces/log"]) == "hook\nterm\n")
        }

        /// Restarts are counted on, ends are unknown, and what was done stays done.
        private func reboot(_ lab: TestLab) throws {
            let before = try status(lab, "nginx", "c", "containerID")
            try lab.must("node", "reboot", "node-1")
            try lab.wait(for: "the pod to run again") {
                try status(lab, "nginx", "c", "ready") == "true" && status(lab, "nginx", "c", "containerID") != before
            }
            #expect(try status(lab, "nginx", "c", "restartCount") == "1")
            #expect(try status(lab, "nginx", "c", "lastState.terminated.reason") == "Unknown")
            #expect(try status(lab, "nginx", "c", "lastState.terminated.containerID") == before)
            #expect(try get(lab, "env", ".status.phase") == "Succeeded")
            let address = try get(lab, "nginx", ".status.podIP")
            try lab.wait(for: "the other pod to run again") {
                try lab.lab("exec", "busybox", after: ["wget", "-qO-", "http://\(address)/"]).status.isSuccess
            }
        }

        // MARK: What is applied

        private static func pod(_ name: String, _ spec: String, metadata: String = "") -> String {
            """
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: \(name)\(metadata) }
            spec: { nodeName: node-1, \(spec) }

            """
        }

        private static func simple(_ name: String, _ container: String, metadata: String = "") -> String {
            pod(name, "containers: [ { name: c, \(container) } ]", metadata: metadata)
        }

        private static let idle = #"image: busybox, command: [ sleep, "3600" ]"#

        private static let manifests =
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: settings }
            data: { colour: green, file.txt: "from the map\\n" }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: keys }
            stringData: { key: s3cret }

            """
            + simple("nginx", #"image: "nginx:1.27", ports: [ { containerPort: 80, hostPort: 8088 } ]"#)
            + simple("httpd", #"image: "docker.io/library/httpd:2.4""#)
            + simple("agnhost", #"image: "registry.k8s.io/e2e-test-images/agnhost:2.53", args: [ netexec ]"#)
            + simple("pause", #"image: "registry.k8s.io/pause:3.10""#)
            + simple("busybox", idle)
            + simple("unknown", #"image: "postgres:16""#)
            + simple("fails", #"image: busybox, command: [ sh, -c, "echo attempt; exit 3" ]"#)
            + simple(
                "shaped", idle,
                metadata: ", annotations: { kubernetes.io/ingress-bandwidth: 10M, kubernetes.io/egress-bandwidth: 20M }"
            )
            + pod("net", "hostNetwork: true, containers: [ { name: c, \(idle) } ]")
            + pod(
                "dns",
                """
                hostname: custom, dnsPolicy: None, dnsConfig: { nameservers: [ 10.9.8.7 ], searches: [ a.example ], \
                options: [ { name: ndots, value: "3" } ] }, \
                hostAliases: [ { ip: 10.1.2.3, hostnames: [ other.example ] } ], containers: [ { name: c, \(idle) } ]
                """)
            + pod(
                "reads",
                #"restartPolicy: Never, containers: [ { name: c, image: busybox, stdin: true, stdinOnce: true, "#
                    + #"command: [ sh, -c, "read x; echo got $x" ] } ]"#)
            + pod(
                "graceful",
                """
                volumes: [ { name: log, hostPath: { path: /run/graces, type: DirectoryOrCreate } } ], \
                containers: [ { name: c, image: busybox, volumeMounts: [ { name: log, mountPath: /graces } ], \
                command: [ sh, -c, "trap 'echo term >> /graces/log; exit 0' TERM; while :; do sleep 0.1; done" ], \
                lifecycle: { preStop: { exec: { command: [ sh, -c, "echo hook >> /graces/log" ] } } } } ]
                """)
            + pod(
                "deaf",
                """
                terminationGracePeriodSeconds: 1, \
                containers: [ { name: c, image: busybox, command: [ sh, -c, "trap '' TERM; while :; do sleep 1; done" ] } ]
                """)
            + pod(
                "probed",
                """
                containers: [ \
                { name: ready, \(idle), readinessProbe: { exec: { command: [ test, -e, /tmp/ready ] }, periodSeconds: 1 } }, \
                { name: live, \(idle), livenessProbe: { exec: { command: [ sh, -c, "echo not well; exit 1" ] }, \
                periodSeconds: 1, failureThreshold: 2 } }, \
                { name: web, image: nginx, startupProbe: { httpGet: { port: 80, path: / }, periodSeconds: 1, \
                failureThreshold: 60 }, livenessProbe: { tcpSocket: { port: 80 }, failureThreshold: 60 } } ]
                """) + environmentPod

        private static let environmentPod = """
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: env, labels: { app: env }, annotations: { note: "a b" } }
            spec:
              nodeName: node-1
              restartPolicy: Never
              initContainers:
                - { name: first, image: busybox, command: [ sh, -c, "echo first > /notes/log" ],
                    volumeMounts: [ { name: work, mountPath: /notes } ] }
                - { name: second, image: busybox, command: [ sh, -c, "test -s /notes/log && echo second >> /notes/log" ],
                    volumeMounts: [ { name: work, mountPath: /notes } ] }
              containers:
                - name: c
                  image: busybox
                  command:
                    - sh
                    - -c
                    - "env; cat /notes/log /settings/file.txt /down/labels; echo;
                      ls /var/run/secrets/kubernetes.io/serviceaccount; echo bye"
                  resources: { limits: { cpu: "2", memory: 64Mi } }
                  env:
                    - { name: GREETING, value: "hello $(NAME) $$(NAME)" }
                    - { name: NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
                    - { name: SECOND, value: "hello $(NAME)" }
                    - { name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
                    - { name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
                    - { name: HOST, valueFrom: { fieldRef: { fieldPath: status.hostIP } } }
                    - { name: NOTE, valueFrom: { fieldRef: { fieldPath: "metadata.annotations['note']" } } }
                    - { name: CPUS, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }
                    - { name: MEM, valueFrom: { resourceFieldRef: { resource: limits.memory, divisor: 1Mi } } }
                    - { name: COLOUR, valueFrom: { configMapKeyRef: { name: settings, key: colour } } }
                    - { name: KEY, valueFrom: { secretKeyRef: { name: keys, key: key } } }
                  volumeMounts:
                    - { name: work, mountPath: /notes }
                    - { name: settings, mountPath: /settings }
                    - { name: down, mountPath: /down }
              volumes:
                - { name: work, emptyDir: {} }
                - { name: settings, configMap: { name: settings } }
                - { name: down, downwardAPI: { items: [ { path: labels, fieldRef: { fieldPath: metadata.labels } } ] } }
            """
    }
}
