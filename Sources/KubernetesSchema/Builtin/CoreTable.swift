/// core/v1 beyond pods and volumes, and events.k8s.io/v1.
enum CoreTable {
    static let text = #"""
        @io.k8s.api.core.v1
        Namespace kind=v1 : A space for names.
          spec NamespaceSpec default={} : What holds it back from being deleted.
          status NamespaceStatus default={} : Where it stands.
        NamespaceSpec : What holds a namespace back from being deleted.
          finalizers [str] atomic : Must be empty before it goes.
        NamespaceStatus : Where a namespace stands.
          phase str enum=Active|Terminating : Active or Terminating.
          conditions [NamespaceCondition] map=type merge=type : What went wrong with deleting.
        NamespaceCondition : One aspect of a namespace.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        Node kind=v1 : A machine that runs pods.
          spec NodeSpec default={} : Its addresses for pods and its taints.
          status NodeStatus default={} : What it tells about itself.
        NodeSpec : What a node is given.
          podCIDR str : The prefix its pods' addresses come from.
          podCIDRs [str] set merge : The same, at most one of each family.
          providerID str : The cloud's name for it.
          unschedulable bool : No new pods.
          taints [Taint] atomic : What pods must tolerate.
          configSource NodeConfigSource : No longer used.
          externalID str : No longer used.
        Taint : Keeps pods away that do not tolerate it.
          key! str : Its key.
          value str : Its value.
          effect! str enum=NoSchedule|PreferNoSchedule|NoExecute : What happens to other pods.
          timeAdded Time : When it came.
        NodeStatus : What a node tells about itself.
          capacity {Quantity} : All there is.
          allocatable {Quantity} : What pods can get.
          phase str : No longer used.
          conditions [NodeCondition] map=type merge=type : Aspects such as Ready.
          addresses [NodeAddress] map=type merge=type : Its addresses and names.
          daemonEndpoints NodeDaemonEndpoints default={} : The ports of its daemons.
          nodeInfo NodeSystemInfo default={} : Versions and ids.
          images [ContainerImage] atomic : Images it has.
          volumesInUse [str] atomic : Volumes mounted.
          volumesAttached [AttachedVolume] atomic : Volumes attached.
          config NodeConfigStatus : No longer used.
          runtimeHandlers [NodeRuntimeHandler] atomic : Its runtimes.
          features NodeFeatures : What its runtime can do.
          declaredFeatures [str] atomic : Features it says it has.
        NodeConfigSource : Where a kubelet's settings came from.
          configMap ConfigMapNodeConfigSource : From a config map.
        ConfigMapNodeConfigSource : A key of a config map.
          namespace! str : Its namespace.
          name! str : Its name.
          uid str : Its uid.
          resourceVersion str : Its version.
          kubeletConfigKey! str : The key.
        NodeConfigStatus : Which settings a kubelet has.
          assigned NodeConfigSource : Those it is to have.
          active NodeConfigSource : Those it has.
          lastKnownGood NodeConfigSource : Those it goes back to.
          error str : What went wrong.
        NodeCondition : One aspect of a node.
          type! str : Such as Ready or NetworkUnavailable.
          status! str : True, False or Unknown.
          lastHeartbeatTime Time : When it was last looked at.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        NodeAddress : An address or a name of a node.
          type! str : InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS.
          address! str : The address or the name.
        NodeDaemonEndpoints : The ports of a node's daemons.
          kubeletEndpoint DaemonEndpoint default={} : The kubelet's.
        DaemonEndpoint : A port.
          Port! int32 : The port.
        NodeSystemInfo : Versions and ids of a node.
          machineID! str : /etc/machine-id.
          systemUUID! str : The firmware's id.
          bootID! str : This boot's id.
          kernelVersion! str : The kernel.
          osImage! str : The system.
          containerRuntimeVersion! str : The runtime.
          kubeletVersion! str : The kubelet.
          kubeProxyVersion! str : No longer filled in.
          operatingSystem! str : Such as linux.
          architecture! str : Such as amd64.
          swap NodeSwapStatus : Its swap space.
        NodeSwapStatus : Swap space.
          capacity int64 : In bytes.
        ContainerImage : An image of a node.
          names [str] atomic : Its names.
          sizeBytes int64 : Its size.
        AttachedVolume : A volume attached to a node.
          name! str : Its name.
          devicePath! str : Its device.
        NodeRuntimeHandler : A runtime of a node.
          name str : Its name.
          features NodeRuntimeHandlerFeatures : What it can do.
        NodeRuntimeHandlerFeatures : What a runtime can do.
          recursiveReadOnlyMounts bool : Read-only mounts all the way down.
          userNamespaces bool : User namespaces.
        NodeFeatures : What the node's runtime can do.
          supplementalGroupsPolicy bool : Groups policy Strict.
        Service kind=v1 : One name and address for a changing set of pods.
          spec ServiceSpec default={} : Which pods, which ports, which kind of address.
          status ServiceStatus default={} : The load balancer's addresses.
        ServiceSpec : Which pods, which ports, which kind of address.
          ports [ServicePort] map=port,protocol merge=port : The ports it offers.
          selector {str} atomic : The pods behind it; without it endpoints are made by hand.
          clusterIP str : The first cluster address, or None.
          clusterIPs [str] atomic : The cluster addresses, one of each family.
          type str enum=ClusterIP|NodePort|LoadBalancer|ExternalName default="ClusterIP" : How it is reached.
          externalIPs [str] atomic : More addresses that lead to it.
          sessionAffinity str enum=ClientIP|None default="None" : Whether a client stays with one pod.
          loadBalancerIP str : The address wanted from the load balancer.
          loadBalancerSourceRanges [str] atomic : Clients the load balancer lets in.
          externalName str : The DNS name it stands for.
          externalTrafficPolicy str enum=Cluster|Local : Whether traffic from outside may leave the node.
          healthCheckNodePort int32 : The port that tells whether a node has endpoints.
          publishNotReadyAddresses bool : Also pods that are not ready.
          sessionAffinityConfig SessionAffinityConfig : How long a client stays.
          ipFamilies [str] atomic : The families of its addresses.
          ipFamilyPolicy str enum=SingleStack|PreferDualStack|RequireDualStack : How many families.
          allocateLoadBalancerNodePorts bool : Whether a load balancer's service has node ports.
          loadBalancerClass str : Who makes the load balancer.
          internalTrafficPolicy str enum=Cluster|Local : Whether traffic from pods may leave the node.
          trafficDistribution str : A wish about near endpoints.
        ServicePort : A port of a service.
          name str : Needed when there are several.
          protocol str enum=TCP|UDP|SCTP default="TCP" : TCP, UDP or SCTP.
          appProtocol str : What is spoken on it.
          port! int32 : The port of the service.
          targetPort IntOrString : The pods' port, by number or name; port if empty.
          nodePort int32 : The port of every node.
        SessionAffinityConfig : How long a client stays.
          clientIP ClientIPConfig : By address.
        ClientIPConfig : How long a client's address stays with one pod.
          timeoutSeconds int32 default=10800 : In seconds.
        ServiceStatus : What a service was given.
          loadBalancer LoadBalancerStatus default={} : The load balancer's addresses.
          conditions [Condition] map=type merge=type : Aspects.
        LoadBalancerStatus : The load balancer's addresses.
          ingress [LoadBalancerIngress] atomic : Where traffic enters.
        LoadBalancerIngress : Where traffic enters.
          ip str : By address.
          hostname str : By name.
          ipMode str : VIP or Proxy.
          ports [PortStatus] atomic : The state of ports.
        PortStatus : The state of a port.
          port! int32 : The port.
          protocol! str enum=TCP|UDP|SCTP : Its protocol.
          error str : What went wrong.
        Endpoints kind=v1 : The addresses behind a service, in the older form.
          subsets [EndpointSubset] atomic : Addresses with the same ports.
        EndpointSubset : Addresses with the same ports.
          addresses [EndpointAddress] atomic : Those that are ready.
          notReadyAddresses [EndpointAddress] atomic : Those that are not.
          ports [core/EndpointPort] atomic : Their ports.
        EndpointAddress atomic : One address.
          ip! str : The address.
          hostname str : Its name.
          nodeName str : Its node.
          targetRef ObjectReference : Its pod.
        core/EndpointPort atomic : One port.
          name str : Its name.
          port! int32 : Its number.
          protocol str enum=TCP|UDP|SCTP default="TCP" : Its protocol.
          appProtocol str : What is spoken on it.
        ConfigMap kind=v1 : Settings by key.
          immutable bool : Never to be changed again.
          data {str} : Text.
          binaryData {bytes} : Bytes in base64.
        Secret kind=v1 : Things to be kept to oneself, by key.
          immutable bool : Never to be changed again.
          data {bytes} : Bytes in base64.
          stringData {str} : Text; the server moves it to data.
          type str default="Opaque" : What the keys mean.
        ServiceAccount kind=v1 : Who pods act as.
          secrets [ObjectReference] map=name merge=name : Secrets its pods may use.
          imagePullSecrets [LocalObjectReference] atomic : Secrets to fetch images with.
          automountServiceAccountToken bool : Whether pods get a token.
        ReplicationController kind=v1 : Keeps a number of pods; ReplicaSet is its successor.
          spec ReplicationControllerSpec default={} : How many of what.
          status ReplicationControllerStatus default={} : How many there are.
        ReplicationControllerSpec : How many of what.
          replicas int32 default=1 : How many.
          minReadySeconds int32 : Seconds ready to count.
          selector {str} atomic : Which pods.
          template PodTemplateSpec : What they are.
        ReplicationControllerStatus : How many there are.
          replicas! int32 : All.
          fullyLabeledReplicas int32 : With the template's labels.
          readyReplicas int32 : Ready.
          availableReplicas int32 : Ready for long enough.
          observedGeneration int64 : The generation this is about.
          conditions [ReplicationControllerCondition] map=type merge=type : Aspects.
        ReplicationControllerCondition : One aspect.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        LimitRange kind=v1 : Bounds for what one object may ask for.
          spec LimitRangeSpec default={} : The bounds.
        LimitRangeSpec : The bounds.
          limits! [LimitRangeItem] atomic : For each type.
        LimitRangeItem : Bounds for one type.
          type! str : Pod, Container or PersistentVolumeClaim.
          max {Quantity} : The most.
          min {Quantity} : The least.
          default {Quantity} : Limits if none are named.
          defaultRequest {Quantity} : Requests if none are named.
          maxLimitRequestRatio {Quantity} : How far apart they may be.
        ResourceQuota kind=v1 : Bounds for a whole namespace.
          spec ResourceQuotaSpec default={} : The bounds.
          status ResourceQuotaStatus default={} : What is used.
        ResourceQuotaSpec : The bounds.
          hard {Quantity} : The most of each.
          scopes [str] atomic : Which objects count.
          scopeSelector ScopeSelector : Which objects count.
        ScopeSelector atomic : Which objects count.
          matchExpressions [ScopedResourceSelectorRequirement] atomic : All must hold.
        ScopedResourceSelectorRequirement : One requirement.
          scopeName! str : The scope.
          operator! str enum=In|NotIn|Exists|DoesNotExist : How to compare.
          values [str] atomic : With what.
        ResourceQuotaStatus : What is used.
          hard {Quantity} : The most of each.
          used {Quantity} : What is used.
        Event kind=v1 : Something that happened to an object.
          involvedObject! ObjectReference default={} : The object.
          reason str : One word.
          message str : A sentence.
          source EventSource default={} : Who says so.
          firstTimestamp Time nullable : When it first happened.
          lastTimestamp Time nullable : When it last happened.
          count int32 : How often.
          type str : Normal or Warning.
          eventTime MicroTime nullable : When it first happened, precisely.
          series EventSeries : Its repetitions.
          action str : What was being done.
          related ObjectReference : Another object it is about.
          reportingComponent str default="" : Who says so.
          reportingInstance str default="" : Which instance says so.
        EventSource : Who reports an event.
          component str : The program.
          host str : Its node.
        EventSeries : Repetitions of an event.
          count int32 : How often.
          lastObservedTime MicroTime : When last.
        ComponentStatus kind=v1 : The state of a part of the control plane, in the older form.
          conditions [ComponentCondition] map=type merge=type : Its conditions.
        ComponentCondition : One condition.
          type! str : What it is about.
          status! str : True, False or Unknown.
          message str : A sentence.
          error str : An error.
        @io.k8s.api.events.v1
        events/Event kind=events.k8s.io/v1 : Something that happened to an object.
          eventTime! MicroTime nullable : When it first happened.
          series events/EventSeries : Its repetitions.
          reportingController str : Who says so.
          reportingInstance str : Which instance says so.
          action str : What was being done.
          reason str : One word.
          regarding ObjectReference default={} : The object.
          related ObjectReference : Another object it is about.
          note str : A sentence.
          type str : Normal or Warning.
          deprecatedSource EventSource default={} : The core event's source.
          deprecatedFirstTimestamp Time nullable : The core event's firstTimestamp.
          deprecatedLastTimestamp Time nullable : The core event's lastTimestamp.
          deprecatedCount int32 : The core event's count.
        events/EventSeries : Repetitions of an event.
          count! int32 : How often.
          lastObservedTime! MicroTime : When last.
        """#
}
