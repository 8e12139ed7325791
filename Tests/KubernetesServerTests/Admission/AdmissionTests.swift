import JSONTree
import KubernetesModel
import KubernetesSchema
import Testing

@testable import KubernetesServer

@Suite("Admission: built-in kinds as a real server keeps and refuses them")
struct AdmissionTests {
    private func object(_ text: String) throws -> JSONValue { .node(try JSONTree(parsing: text).root) }

    private func admission(_ object: JSONValue) throws -> Admission {
        let kind = GroupVersionKind(
            apiVersion: object.member("apiVersion")?.stringValue ?? "", kind: object.member("kind")?.stringValue ?? "")
        return try #require(Admission(builtin: kind))
    }

    private func kept(_ text: String, old: String? = nil) throws -> JSONValue {
        let given = try object(text)
        let admission = try admission(given)
        let before = try old.map { try kept($0) }
        let pruned = try admission.decoded(given)
        #expect(pruned.messages == [])
        return admission.defaulted(pruned.value, operation: before == nil ? .create : .update, old: before)
    }

    private func refusals(_ text: String, old: String? = nil) throws -> [String] {
        let object = try kept(text, old: old)
        let before = try old.map { try kept($0) }
        return try admission(object).violations(
            of: object, operation: before == nil ? .create : .update, old: before
        ).map(\.description)
    }

    @Test("The recorded pod is filled up as there, but for the token volume of a service account (04-pod-create)")
    func pod() throws {
        let pod = try kept(
            #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p1","namespace":"tx","labels":{"app":"web"}},"spec":{"nodeName":"fake1","containers":[{"name":"c","image":"registry.k8s.io/pause:3.10.2","ports":[{"name":"http","containerPort":8080}]}]}}"#
        )
        let wanted = try object(
            #"{"containers":[{"name":"c","image":"registry.k8s.io/pause:3.10.2","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default","nodeName":"fake1","securityContext":{},"schedulerName":"default-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"}"#
        )
        let spec = try #require(pod.member("spec"))
        #expect(spec.isEquivalent(to: wanted), "\(spec)")
        #expect(pod.member("status")?.text == #"{"phase":"Pending","qosClass":"BestEffort"}"#)
    }

    @Test("The recorded services are filled up as there, but for what is allocated (05-svc-create...)")
    func services() throws {
        let plain = try kept(
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s1"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}"#
        )
        let wanted = try object(
            #"{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":"http"}],"selector":{"app":"web"},"type":"ClusterIP","sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"}"#
        )
        let spec = try #require(plain.member("spec"))
        #expect(spec.isEquivalent(to: wanted), "\(spec)")
        #expect(plain.member("status")?.text == #"{"loadBalancer":{}}"#)

        let nodePort = try kept(
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s2"},"spec":{"type":"NodePort","externalTrafficPolicy":"Local","sessionAffinity":"ClientIP","selector":{"app":"web"},"ports":[{"port":80}]}}"#
        )
        #expect(nodePort.at("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")?.intValue == 10800)
        #expect(nodePort.at("spec", "externalTrafficPolicy")?.stringValue == "Local")
        #expect(nodePort.at("spec", "ports")?.elements.first?.member("targetPort")?.intValue == 80)

        let headless = try kept(
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s3"},"spec":{"clusterIP":"None","ports":[{"port":80}]}}"#
        )
        #expect(headless.at("spec", "clusterIPs")?.text == #"["None"]"#)
    }

    @Test(
        "The recorded policy is kept as sent (07-netpol-create); directions follow from the rules when none are named")
    func networkPolicy() throws {
        let sent =
            #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np1"},"spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Ingress","Egress"],"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"team":"a"}},"podSelector":{"matchExpressions":[{"key":"role","operator":"In","values":["fe","be"]}]}},{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"protocol":"TCP","port":"http"},{"protocol":"TCP","port":9000,"endPort":9010}]}],"egress":[{"to":[{"podSelector":{}}]}]}}"#
        let policy = try kept(sent)
        #expect(policy.member("spec")?.isEquivalent(to: try #require(object(sent).member("spec"))) == true)
        #expect(try refusals(sent) == [])
        func types(_ spec: String) throws -> String? {
            try kept(
                #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"a"},"spec":"# + spec
                    + "}"
            ).at("spec", "policyTypes")?.text
        }
        #expect(try types(#"{"podSelector":{}}"#) == #"["Ingress"]"#)
        #expect(try types(#"{"podSelector":{},"egress":[]}"#) == #"["Ingress"]"#)
        #expect(try types(#"{"podSelector":{},"egress":[{}]}"#) == #"["Ingress","Egress"]"#)
    }

    @Test("Other kinds are filled up")
    func others() throws {
        let namespace = try kept(#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"tx"}}"#)
        #expect(namespace.at("spec", "finalizers")?.text == #"["kubernetes"]"#)
        #expect(namespace.at("metadata", "labels", "kubernetes.io/metadata.name")?.stringValue == "tx")
        let secret = try kept(
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"b":"eA=="},"stringData":{"a":"hello","b":"yz"}}"#
        )
        #expect(secret.member("data")?.text == #"{"b":"eXo=","a":"aGVsbG8="}"#)
        #expect(secret.member("type")?.stringValue == "Opaque")
        let deployment = try kept(
            #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}"#
        )
        #expect(
            deployment.at("spec", "strategy")?.text
                == #"{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}}"#)
        let container = deployment.at("spec", "template", "spec", "containers")?.elements.first
        #expect(container?.member("imagePullPolicy")?.stringValue == "Always")
        #expect(deployment.at("spec", "template", "spec", "serviceAccountName") == nil)
        #expect(try refusals(deployment.removingMember("status").text) == [])
    }

    @Test(
        "What a real server refuses, in its words",
        arguments: [
            (
                #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np2","namespace":"tx"},"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.1.0.0/16"]}}]}]}}"#,
                [
                    "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.1.0.0/16\": must be a strict subset of `cidr`"
                ]
            ),
            (
                #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"a"},"spec":{"podSelector":{},"policyTypes":["In"],"ingress":[{"from":[{},{"ipBlock":{"cidr":"x"},"podSelector":{}}],"ports":[{"port":0},{"endPort":5},{"port":"http","endPort":7},{"port":9,"endPort":8},{"protocol":"ICMP"}]}]}}"#,
                [
                    "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                    "spec.ingress[0].ports[1].endPort: Forbidden: may not be specified when `port` is not specified",
                    "spec.ingress[0].ports[2].endPort: Forbidden: may not be specified when `port` is non-numeric",
                    "spec.ingress[0].ports[3].endPort: Invalid value: 8: must be greater than or equal to `port`",
                    #"spec.ingress[0].ports[4].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP""#,
                    "spec.ingress[0].from[0]: Required value: must specify a peer",
                    #"spec.ingress[0].from[1].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"#,
                    "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer",
                    #"spec.policyTypes[0]: Unsupported value: "In": supported values: "Egress", "Ingress""#,
                ]
            ),
            (
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80},{"port":80,"name":"x","nodePort":30000}]}}"#,
                [
                    "spec.ports[0].name: Required value",
                    "spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
                    #"spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}"#,
                ]
            ),
            (
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"type":"Wrong","ports":[{"port":80}]}}"#,
                [
                    #"spec.type: Unsupported value: "Wrong": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort""#
                ]
            ),
            (
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"externalTrafficPolicy":"Local"}}"#,
                [
                    "spec.ports: Required value",
                    #"spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services"#,
                ]
            ),
            (
                #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"x","ports":[{"name":"http","containerPort":80},{"name":"http","containerPort":81}],"volumeMounts":[{"name":"v","mountPath":"/v"}]},{"name":"c"}]}}"#,
                [
                    #"spec.containers[0].volumeMounts[0].name: Not found: "v""#,
                    #"spec.containers[0].ports[1].name: Duplicate value: "http""#,
                    #"spec.containers[1].name: Duplicate value: "c""#, "spec.containers[1].image: Required value",
                ]
            ),
            (
                #"{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"a"},"addressType":"IPv4","endpoints":[{"addresses":["::1"]},{"addresses":[]},{"addresses":["127.0.0.1"]}],"ports":[{"port":1},{"port":2}]}"#,
                [
                    #"endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address"#,
                    #"endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (::1/128)"#,
                    "endpoints[1].addresses: Required value: must contain at least 1 address",
                    #"endpoints[2].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8)"#,
                    #"ports[1].name: Duplicate value: """#,
                ]
            ),
            (
                #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":-1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}}}"#,
                [
                    "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                    #"spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always""#,
                    #"spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`"#,
                ]
            ),
        ])
    func refused(text: String, messages: [String]) throws {
        let found = try refusals(text)
        #expect(found == messages)
    }

    @Test("What may not change, and what is kept when it is left out")
    func updates() throws {
        let old =
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"clusterIP":"10.96.0.5","ports":[{"port":80}]}}"#
        #expect(
            try refusals(old.replacing("10.96.0.5", with: "10.96.0.6"), old: old) == [
                #"spec.clusterIPs[0]: Invalid value: ["10.96.0.6"]: may not change once set"#
            ])
        let again = try kept(old.replacing(#""clusterIP":"10.96.0.5","#, with: ""), old: old)
        #expect(again.at("spec", "clusterIP")?.stringValue == "10.96.0.5")
        let pod =
            #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"x:1"}]}}"#
        #expect(try refusals(pod.replacing("x:1", with: "x:2"), old: pod) == [])
        #expect(
            try refusals(pod.replacing(#""name":"c""#, with: #""name":"d""#), old: pod).first?.hasPrefix(
                "spec: Forbidden: pod updates may not change fields other than") == true)
    }

    @Test(
        "A body the decoder does not take is a bad request; strictness names the fields (13-400-strict-unknown-field)")
    func decoding() throws {
        let service = try object(
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"sx"},"spec":{"ports":[{"port":80}],"bogus":1}}"#)
        let admission = try admission(service)
        let pruned = try admission.decoded(service)
        #expect(
            admission.strictRefusal(pruned)
                == #"Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.bogus""#
        )
    }
}
