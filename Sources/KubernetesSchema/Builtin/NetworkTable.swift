/// networking.k8s.io/v1 and discovery.k8s.io/v1.
enum NetworkTable {
    static let text = #"""
        @io.k8s.api.networking.v1
        NetworkPolicy kind=networking.k8s.io/v1 : Who may talk to the pods it selects, and to whom they may talk.
          spec NetworkPolicySpec : Which pods, and what is allowed.
        NetworkPolicySpec : Which pods, and what is allowed.
          podSelector LabelSelector default={} : The pods it isolates; empty is every pod of the namespace.
          ingress [NetworkPolicyIngressRule] atomic : What may come in; any rule is enough.
          egress [NetworkPolicyEgressRule] atomic : What may go out; any rule is enough.
          policyTypes [str] atomic : Ingress, Egress or both: the directions it isolates.
        NetworkPolicyIngressRule : Traffic that may come in.
          ports [NetworkPolicyPort] atomic : To which ports; empty is all.
          from [NetworkPolicyPeer] atomic : From whom; empty is everyone.
        NetworkPolicyEgressRule : Traffic that may go out.
          ports [NetworkPolicyPort] atomic : To which ports; empty is all.
          to [NetworkPolicyPeer] atomic : To whom; empty is everyone.
        NetworkPolicyPort : A port or a range of ports.
          protocol str : TCP, UDP or SCTP; TCP if empty.
          port IntOrString : By number, or by name of a container port; empty is every port.
          endPort int32 : The last port of a range that begins at port.
        NetworkPolicyPeer : Pods or addresses; ipBlock stands alone.
          podSelector LabelSelector : Pods by label.
          namespaceSelector LabelSelector : Namespaces by label; empty is every namespace.
          ipBlock IPBlock : Addresses.
        IPBlock : A prefix with holes.
          cidr! str : The prefix.
          except [str] atomic : Prefixes inside it that are left out.
        Ingress kind=networking.k8s.io/v1 : How HTTP from outside reaches services.
          spec IngressSpec : Hosts, paths and services.
          status IngressStatus default={} : The load balancer's addresses.
        IngressSpec : Hosts, paths and services.
          ingressClassName str : Who serves it.
          defaultBackend IngressBackend : Where everything else goes.
          tls [IngressTLS] atomic : Certificates.
          rules [IngressRule] atomic : By host.
        IngressBackend : Where a request goes.
          service IngressServiceBackend : To a service.
          resource TypedLocalObjectReference : To another object.
        IngressServiceBackend : A service and its port.
          name! str : The service.
          port ServiceBackendPort default={} : Its port.
        ServiceBackendPort atomic : A port by name or number.
          name str : By name.
          number int32 : By number.
        IngressTLS : A certificate and its hosts.
          hosts [str] atomic : The hosts.
          secretName str : The secret.
        IngressRule : The paths of one host.
          host str : The host; empty is every host.
          http HTTPIngressRuleValue : Its paths.
        HTTPIngressRuleValue : Paths.
          paths! [HTTPIngressPath] atomic : Path by path.
        HTTPIngressPath : Where a path goes.
          path str : The path.
          pathType! str enum=Exact|ImplementationSpecific|Prefix : How it is compared.
          backend! IngressBackend default={} : Where it goes.
        IngressStatus : The load balancer's addresses.
          loadBalancer IngressLoadBalancerStatus default={} : Its addresses.
        IngressLoadBalancerStatus : Its addresses.
          ingress [IngressLoadBalancerIngress] atomic : Where traffic enters.
        IngressLoadBalancerIngress : Where traffic enters.
          ip str : By address.
          hostname str : By name.
          ports [IngressPortStatus] atomic : The state of ports.
        IngressPortStatus : The state of a port.
          port! int32 : The port.
          protocol! str enum=TCP|UDP|SCTP : Its protocol.
          error str : What went wrong.
        IngressClass kind=networking.k8s.io/v1 : Who serves ingresses.
          spec IngressClassSpec default={} : The controller.
        IngressClassSpec : The controller of a class.
          controller str : Its name.
          parameters IngressClassParametersReference : Its settings.
        IngressClassParametersReference : An object with settings.
          apiGroup str : Its group.
          kind! str : Its kind.
          name! str : Its name.
          scope str default="Cluster" : Cluster or Namespace.
          namespace str : Its namespace.
        IPAddress kind=networking.k8s.io/v1 : An address that is taken.
          spec IPAddressSpec default={} : By whom.
        IPAddressSpec : Who has the address.
          parentRef! ParentReference : The object.
        ParentReference : Any object.
          group str : Its group.
          resource! str : Its resource.
          namespace str : Its namespace.
          name! str : Its name.
        ServiceCIDR kind=networking.k8s.io/v1 : Where services' addresses come from.
          spec ServiceCIDRSpec default={} : The prefixes.
          status ServiceCIDRStatus default={} : Whether it is ready.
        ServiceCIDRSpec : The prefixes.
          cidrs [str] atomic : At most one of each family.
        ServiceCIDRStatus : Whether it is ready.
          conditions [Condition] map=type merge=type : Aspects.
        @io.k8s.api.discovery.v1
        EndpointSlice kind=discovery.k8s.io/v1 : Some of the endpoints behind a service, all of one family.
          addressType! str enum=IPv4|IPv6|FQDN : What the addresses are; cannot be changed.
          endpoints! [Endpoint] atomic : The endpoints.
          ports [EndpointPort] atomic : The ports of every endpoint.
        Endpoint : One endpoint of a service.
          addresses! [str] set : Its addresses; the first is used.
          conditions EndpointConditions default={} : Whether it takes traffic.
          hostname str : Its name.
          targetRef ObjectReference : Its pod.
          deprecatedTopology {str} : No longer filled in.
          nodeName str : Its node.
          zone str : Its zone.
          hints EndpointHints : For whom it is meant.
        EndpointConditions : Whether an endpoint takes traffic.
          ready bool : It takes new connections.
          serving bool : It answers, even while it ends.
          terminating bool : It is ending.
        EndpointHints : For whom an endpoint is meant.
          forZones [ForZone] atomic : For clients in these zones.
          forNodes [ForNode] atomic : For clients on these nodes.
        ForZone : A zone.
          name! str : Its name.
        ForNode : A node.
          name! str : Its name.
        EndpointPort atomic : A port of every endpoint of a slice.
          name str : Its name, the service port's.
          protocol str default="TCP" : TCP, UDP or SCTP.
          port int32 : Its number.
          appProtocol str : What is spoken on it.
        """#
}
