import KubernetesClient

/// Pods as a cluster has them: 3 to 6 KB of JSON, more than half of it managedFields, written by four managers.
struct PodSource: Sendable {
    let count: Int

    /// - Parameter generation: goes up with every change of the pod.
    func pod(_ number: Int, generation: Int = 0) -> String {
        let namespace = "team-\(number % 40)"
        let app = "service-\(number % 300)"
        let address = "10.\(64 + number >> 16).\(number >> 8 & 255).\(number & 255)"
        let uid = "5d2f0b1e-8a7c-4c3d-9e21-" + String(1_000_000_000_000 + number, radix: 16).suffix(12)
        let hash = String(0x5C7B_9D4F &+ number % 300 * 7919, radix: 16)
        // Sidecars, volumes and environment differ from pod to pod, and so does the size.
        let containers = number % 4 == 0 ? 2 : 1
        let revision = 1_000_000 + number + generation * count
        return """
            {"metadata":{"name":"\(app)-\(hash)-\(String(number, radix: 36))","generateName":"\(app)-\(hash)-",\
            "namespace":"\(namespace)","uid":"\(uid)","resourceVersion":"\(revision)","generation":1,\
            "creationTimestamp":"2026-11-20T08:15:3\(number % 10)Z","labels":{"app.kubernetes.io/name":"\(app)",\
            "app.kubernetes.io/part-of":"platform","pod-template-hash":"\(hash)","tier":"tier-\(number % 5)",\
            "topology.kubernetes.io/zone":"zone-\(number % 3)"},\
            "annotations":{"kubectl.kubernetes.io/restartedAt":"2026-11-19T17:02:11+01:00",\
            "prometheus.io/scrape":"true","prometheus.io/port":"9102"},\
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"\(app)-\(hash)",\
            "uid":"0c1d7a52-63f4-4f0b-9d0e-\(uid.suffix(12))","controller":true,"blockOwnerDeletion":true}],\
            "managedFields":[\(managedFields(containers))]},\
            "spec":{"volumes":[{"name":"kube-api-access-\(hash.prefix(5))","projected":{"sources":[{"serviceAccountToken":\
            {"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt",\
            "path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":\
            "metadata.namespace"}}]}}],"defaultMode":420}}],"containers":[\
            \((0..<containers).map { container($0, app, hash) }.joined(separator: ","))],\
            "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",\
            "serviceAccountName":"\(app)","serviceAccount":"\(app)","nodeName":"node-\(number % 250)",\
            "securityContext":{"runAsNonRoot":true,"fsGroup":65532},"schedulerName":"default-scheduler",\
            "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",\
            "tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute",\
            "tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},\
            "status":{"phase":"Running","conditions":[\(Self.conditions)],"hostIP":"192.168.\(number % 250).7",\
            "hostIPs":[{"ip":"192.168.\(number % 250).7"}],"podIP":"\(address)","podIPs":[{"ip":"\(address)"}],\
            "startTime":"2026-11-20T08:15:31Z","containerStatuses":[\
            \((0..<containers).map { status($0, hash) }.joined(separator: ","))],"qosClass":"Burstable"}}
            """
    }

    private func container(_ number: Int, _ app: String, _ hash: String) -> String {
        """
        {"name":"c\(number)","image":"registry.example.com/platform/\(app):v1.\(number).7","ports":[{"name":"http",\
        "containerPort":\(8080 + number),"protocol":"TCP"}],"env":[{"name":"LOG_LEVEL","value":"info"},{"name":"POD_IP",\
        "valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"status.podIP"}}}],"resources":{"limits":{"memory":"256Mi"},\
        "requests":{"cpu":"50m","memory":"128Mi"}},"volumeMounts":[{"name":"kube-api-access-\(hash.prefix(5))",\
        "readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"livenessProbe":{"httpGet":{"path":\
        "/healthz","port":"http","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,\
        "failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",\
        "imagePullPolicy":"IfNotPresent"}
        """
    }

    private func status(_ number: Int, _ hash: String) -> String {
        """
        {"name":"c\(number)","state":{"running":{"startedAt":"2026-11-20T08:15:40Z"}},"lastState":{},"ready":true,\
        "restartCount":0,"image":"registry.example.com/platform/image:v1.\(number).7","imageID":\
        "registry.example.com/platform/image@sha256:\(String(repeating: hash, count: 8))","containerID":\
        "containerd://\(String(repeating: hash, count: 8))","started":true}
        """
    }

    private static let conditions = [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    ]
    .map {
        """
        {"type":"\($0)","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-20T08:15:40Z"}
        """
    }.joined(separator: ",")

    private func managedFields(_ containers: Int) -> String {
        let fields = (0..<containers).map {
            """
            "k:{\\"name\\":\\"c\($0)\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"LOG_LEVEL\\"}":{".":{},"f:name":{},\
            "f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:livenessProbe":{".":{},"f:failureThreshold":{},\
            "f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},"f:periodSeconds":{}},"f:name":{},"f:ports":{".":{},\
            "k:{\\"containerPort\\":\(8080 + $0),\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:name":{}}},\
            "f:resources":{".":{},"f:limits":{".":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}}}
            """
        }.joined(separator: ",")
        return """
            {"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-11-20T08:15:31Z",\
            "fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:prometheus.io/port":{},\
            "f:prometheus.io/scrape":{}},"f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/name":{},\
            "f:pod-template-hash":{},"f:tier":{}},"f:ownerReferences":{".":{},"k:{\\"uid\\":\\"0c1d7a52\\"}":{}}},\
            "f:spec":{"f:containers":{\(fields)},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},\
            "f:schedulerName":{},"f:securityContext":{".":{},"f:fsGroup":{}},"f:serviceAccount":{}}}},\
            {"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-11-20T08:15:41Z","fieldsType":"FieldsV1",\
            "fieldsV1":{"f:status":{"f:conditions":{"k:{\\"type\\":\\"ContainersReady\\"}":{".":{},"f:lastProbeTime":{},\
            "f:status":{},"f:type":{}},"k:{\\"type\\":\\"Ready\\"}":{".":{},"f:lastProbeTime":{},"f:status":{},"f:type":{}}},\
            "f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\\"ip\\":\\"10.64.0.1\\"}":\
            {".":{},"f:ip":{}}},"f:startTime":{}}},"subresource":"status"}
            """
    }
}
