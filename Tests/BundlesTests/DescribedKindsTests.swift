import Diagnosis
import JSONTree
import Testing

@testable import Bundles

/// What `kubectl describe` prints of kinds that Services and policies stand on.
@Suite struct DescribedKindsTests {
    private static let now: Int64 = 1_764_000_000

    private static func items(_ text: String, _ resource: String) -> [JSONNode] {
        guard let document = Bundle.read(pasted: text, now: now)?.evidence[EvidencePath.resource(resource)],
            let root = try? JSONTree(parsing: document.bytes).root
        else { return [] }
        return root.member("items")?.elements.map { $0 } ?? []
    }

    @Test func slice() throws {
        let found = Self.items(
            """
            Name:         web-7xk2p
            Namespace:    shop
            Labels:       endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io
                          kubernetes.io/service-name=web
            Annotations:  endpoints.kubernetes.io/last-change-trigger-time: 2026-11-20T10:00:00Z
            AddressType:  IPv4
            Ports:
              Name     Port  Protocol
              ----     ----  --------
              http     8080  TCP
              <unset>  9090  UDP
            Endpoints:
              - Addresses:  10.244.1.5
                Conditions:
                  Ready:    true
                Hostname:   <unset>
                TargetRef:  Pod/web-5d5f7b6c9-abcde
                NodeName:   node-1
                Zone:       <unset>
              - Addresses:  10.244.2.6
                Conditions:
                  Ready:    false
                Hostname:   <unset>
                TargetRef:  Pod/web-5d5f7b6c9-fghij
                NodeName:   node-2
                Zone:       eu-1a
            Events:         <none>
            """, "endpointslices.discovery.k8s.io")
        let slice = try #require(found.first)
        #expect(slice.at("metadata", "labels", "kubernetes.io/service-name")?.string == "web")
        let ports = slice.member("ports")?.elements.map {
            "\($0.member("name")?.string ?? "?") \($0.member("port")?.int ?? 0)"
        }
        #expect(ports == ["http 8080", " 9090"])
        let ends = try #require(slice.member("endpoints"))
        #expect(ends.count == 2)
        #expect(ends[0]?.member("addresses")?[0]?.string == "10.244.1.5")
        #expect(ends[0]?.at("conditions", "ready")?.bool == true)
        #expect(ends[0]?.at("targetRef", "name")?.string == "web-5d5f7b6c9-abcde")
        #expect(ends[0]?.at("targetRef", "namespace")?.string == "shop")
        #expect(ends[1]?.at("conditions", "ready")?.bool == false)
        #expect(ends[1]?.member("nodeName")?.string == "node-2")
        #expect(ends[1]?.member("zone")?.string == "eu-1a")
        #expect(ends[0]?.member("zone") == nil)
    }

    @Test func endpoints() throws {
        let found = Self.items(
            """
            Name:         web
            Namespace:    shop
            Labels:       <none>
            Annotations:  <none>
            Subsets:
              Addresses:          10.244.1.5,10.244.1.7
              NotReadyAddresses:  10.244.2.6
              Ports:
                Name  Port  Protocol
                ----  ----  --------
                http  8080  TCP

            Events:  <none>
            """, "endpointslices.discovery.k8s.io")
        let slice = try #require(found.first)
        #expect(slice.at("metadata", "labels", "kubernetes.io/service-name")?.string == "web")
        let ends = slice.member("endpoints")?.elements.map {
            "\($0.member("addresses")?[0]?.string ?? "") \($0.at("conditions", "ready")?.bool ?? false)"
        }
        #expect(ends == ["10.244.1.5 true", "10.244.1.7 true", "10.244.2.6 false"])
    }

    /// Ready pods that a list has no room for are not missing in it.
    @Test func servicesWithMany() throws {
        let text = """
            Name:              web
            Namespace:         shop
            Labels:            <none>
            Annotations:       <none>
            Selector:          app=web
            Type:              ClusterIP
            IP Family Policy:  SingleStack
            IP Families:       IPv4
            IP:                10.96.3.4
            IPs:               10.96.3.4
            Port:              http  80/TCP
            TargetPort:        8080/TCP
            Endpoints:         10.244.1.5:8080,10.244.1.7:8080,10.244.2.6:8080 + 4 more...
            Session Affinity:  None
            Events:            <none>
            """
        let slice = try #require(Self.items(text, "endpointslices.discovery.k8s.io").first)
        #expect(slice.member("endpoints")?.count == 3)
        #expect(slice.member(APIObject.leftOut)?.int == 4)
    }

    @Test func owners() throws {
        let sets = Self.items(
            """
            Name:               db
            Namespace:          shop
            CreationTimestamp:  Fri, 20 Nov 2026 10:00:00 +0000
            Selector:           app=db
            Labels:             <none>
            Annotations:        <none>
            Replicas:           3 desired | 2 total
            Update Strategy:    RollingUpdate
              Partition:        0
            Pods Status:        1 Running / 1 Waiting / 0 Succeeded / 0 Failed
            Pod Template:
              Labels:  app=db
              Containers:
               postgres:
                Image:        postgres:16
                Port:         5432/TCP
            Volume Claims:    <none>
            Events:           <none>
            """, "statefulsets.apps")
        let set = try #require(sets.first)
        #expect(set.at("spec", "replicas")?.int == 3)
        #expect(set.at("status", "replicas")?.int == 2)
        #expect(set.at("spec", "template", "spec", "containers")?[0]?.member("image")?.string == "postgres:16")
        let text = """
            Name:           web-5d5f7b6c9
            Namespace:      shop
            Selector:       app=web,pod-template-hash=5d5f7b6c9
            Labels:         app=web
            Annotations:    <none>
            Controlled By:  Deployment/web
            Replicas:       0 current / 2 desired
            Pods Status:    0 Running / 0 Waiting / 0 Succeeded / 0 Failed
            Pod Template:
              Labels:  app=web
              Containers:
               web:
                Image:      nginx
            Events:
              Type     Reason        Age   From                   Message
              ----     ------        ----  ----                   -------
              Warning  FailedCreate  5s    replicaset-controller  Error creating: failed calling webhook "x.y.z"
            """
        let replicas = try #require(Self.items(text, "replicasets.apps").first)
        #expect(replicas.at("spec", "replicas")?.int == 2)
        let event = try #require(Self.items(text, "events").first)
        #expect(event.at("involvedObject", "kind")?.string == "ReplicaSet")
        #expect(event.member("reason")?.string == "FailedCreate")
    }

    @Test func namespacesAndClasses() throws {
        let spaces = Self.items(
            """
            Name:         shop
            Labels:       kubernetes.io/metadata.name=shop
                          team=a
            Annotations:  <none>
            Status:       Active

            No resource quota.

            No LimitRange resource.


            Name:         old
            Labels:       kubernetes.io/metadata.name=old
            Annotations:  <none>
            Status:       Terminating
            """, "namespaces")
        #expect(spaces.compactMap { $0.at("metadata", "name")?.string } == ["shop", "old"])
        #expect(spaces.first?.at("metadata", "labels", "team")?.string == "a")
        #expect(spaces.last?.at("status", "phase")?.string == "Terminating")
        let classes = Self.items(
            """
            Name:         nginx
            Labels:       <none>
            Annotations:  ingressclass.kubernetes.io/is-default-class: true
            Controller:   k8s.io/ingress-nginx
            Events:       <none>
            """, "ingressclasses.networking.k8s.io")
        #expect(classes.first?.at("spec", "controller")?.string == "k8s.io/ingress-nginx")
    }
}
