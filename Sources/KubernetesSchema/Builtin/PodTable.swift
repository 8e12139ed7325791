/// core/v1: the pod, its containers and what it tells about itself.
enum PodTable {
    static let text = #"""
        @io.k8s.api.core.v1
        Pod kind=v1 : Containers that run on one node and share a network namespace.
          spec PodSpec : What should run, and how.
          status PodStatus default={} : What was last seen of it; written by the kubelet.
        PodTemplate kind=v1 : A pod to be copied.
          template PodTemplateSpec : The pod.
        PodTemplateSpec : Metadata and specification of pods to be made.
          metadata ObjectMeta default={} : Labels and annotations of the pods.
          spec PodSpec : What the pods run.
        PodSpec : What a pod runs, where, with which network and which rights.
          volumes [Volume] map=name merge=name retainKeys : Storage that containers can mount.
          initContainers [Container] map=name merge=name : Run one after another before the containers start.
          containers! [Container] map=name merge=name : The pod's main processes; at least one.
          ephemeralContainers [EphemeralContainer] map=name merge=name : Added to a running pod for a look inside.
          restartPolicy str enum=Always|OnFailure|Never default="Always" : When a container that ended is started again.
          terminationGracePeriodSeconds int64 default=30 : Seconds between TERM and KILL.
          activeDeadlineSeconds int64 : Seconds after which the pod is ended.
          dnsPolicy str enum=ClusterFirst|ClusterFirstWithHostNet|Default|None default="ClusterFirst" : Where resolv.conf comes from.
          nodeSelector {str} atomic : Labels the node must have.
          serviceAccountName str : The account the pod acts as.
          serviceAccount str : The older name of serviceAccountName.
          automountServiceAccountToken bool : Whether the account's token is mounted.
          nodeName str : The node it is bound to.
          hostNetwork bool : Use the node's network namespace.
          hostPID bool : Use the node's process namespace.
          hostIPC bool : Use the node's IPC namespace.
          shareProcessNamespace bool : One process namespace for all containers.
          securityContext PodSecurityContext default={} : Rights and users for every container.
          imagePullSecrets [LocalObjectReference] map=name merge=name : Secrets to fetch images with.
          hostname str : The pod's host name; its own name if empty.
          hostnameOverride str : The name the kernel is told, whatever hostname says.
          subdomain str : Makes the full name hostname.subdomain.namespace.svc.DOMAIN.
          affinity Affinity : Wishes and demands about the node and about neighbours.
          schedulerName str default="default-scheduler" : Who binds the pod to a node.
          tolerations [Toleration] atomic : Taints the pod may stand beside.
          hostAliases [HostAlias] map=ip merge=ip : Lines for /etc/hosts.
          priorityClassName str : The class the priority is taken from.
          priority int32 : Higher is scheduled first.
          dnsConfig PodDNSConfig : Additions to resolv.conf.
          readinessGates [PodReadinessGate] atomic : Conditions that must be true for the pod to be ready.
          runtimeClassName str : The runtime to use.
          enableServiceLinks bool default=true : Describe services in environment variables.
          preemptionPolicy str enum=PreemptLowerPriority|Never : Whether it may push others out.
          overhead {Quantity} : What the runtime itself takes.
          topologySpreadConstraints [TopologySpreadConstraint] map=topologyKey,whenUnsatisfiable merge=topologyKey : How pods are spread.
          setHostnameAsFQDN bool : The host name is the full name.
          os PodOS : The operating system the pod needs.
          hostUsers bool : Use the node's user namespace.
          schedulingGates [PodSchedulingGate] map=name merge=name : Keep the pod from being scheduled while any is left.
          resourceClaims [PodResourceClaim] map=name merge=name retainKeys : Devices the pod needs.
          resources ResourceRequirements : Requests and limits of the pod as a whole.
          workloadRef WorkloadReference : The group it is scheduled with.
        WorkloadReference : A group of pods that are scheduled together.
          name! str : The workload.
          podGroup! str : The group in it.
          podGroupReplicaKey str : Which replica of the group.
        PodOS : An operating system.
          name! str : linux or windows.
        PodSchedulingGate : A reason not to schedule yet.
          name! str : Its name.
        PodReadinessGate : A condition that counts for readiness.
          conditionType! str : The condition's type.
        PodResourceClaim : A device claim of a pod.
          name! str : Its name inside the pod.
          resourceClaimName str : A claim that exists.
          resourceClaimTemplateName str : A template to make a claim from.
        HostAlias : One line of /etc/hosts.
          ip! str : The address.
          hostnames [str] atomic : Its names.
        PodDNSConfig : Additions to resolv.conf.
          nameservers [str] atomic : Servers to ask.
          searches [str] atomic : Domains to search.
          options [PodDNSConfigOption] atomic : Options of the resolver.
        PodDNSConfigOption : One option of the resolver.
          name str : Its name.
          value str : Its value, if it has one.
        Toleration : Lets a pod stand on nodes with a taint.
          key str : The taint's key; empty with Exists is every key.
          operator str enum=Exists|Equal|Lt|Gt : How value is compared.
          value str : The taint's value.
          effect str enum=NoSchedule|PreferNoSchedule|NoExecute : The effect; empty is every effect.
          tolerationSeconds int64 : Seconds to stay after a NoExecute taint came.
        TopologySpreadConstraint : How evenly matching pods lie over domains.
          maxSkew! int32 : The difference allowed between domains.
          topologyKey! str : The node label that names a domain.
          whenUnsatisfiable! str enum=DoNotSchedule|ScheduleAnyway : Demand or wish.
          labelSelector LabelSelector : The pods that are counted.
          minDomains int32 : Domains there must be at least.
          nodeAffinityPolicy str enum=Honor|Ignore : Whether affinity limits the nodes counted.
          nodeTaintsPolicy str enum=Honor|Ignore : Whether taints limit the nodes counted.
          matchLabelKeys [str] atomic : Labels whose values are taken from the pod itself.
        Affinity : Wishes and demands about the node and about neighbours.
          nodeAffinity NodeAffinity : About the node.
          podAffinity PodAffinity : Near which pods.
          podAntiAffinity PodAntiAffinity : Away from which pods.
        NodeAffinity : Which nodes.
          requiredDuringSchedulingIgnoredDuringExecution NodeSelector : Demands.
          preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm] atomic : Wishes.
        PreferredSchedulingTerm : A wish with a weight.
          weight! int32 : From 1 to 100.
          preference! NodeSelectorTerm : The nodes wished for.
        NodeSelector atomic : Nodes that any of the terms selects.
          nodeSelectorTerms! [NodeSelectorTerm] atomic : The terms.
        NodeSelectorTerm atomic : Requirements that must all hold.
          matchExpressions [NodeSelectorRequirement] atomic : On the node's labels.
          matchFields [NodeSelectorRequirement] atomic : On the node's fields.
        NodeSelectorRequirement : A requirement on one key.
          key! str : The label or field.
          operator! str enum=In|NotIn|Exists|DoesNotExist|Gt|Lt : How to compare.
          values [str] atomic : What to compare with.
        PodAffinity : Near which pods.
          requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] atomic : Demands.
          preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] atomic : Wishes.
        PodAntiAffinity : Away from which pods.
          requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] atomic : Demands.
          preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] atomic : Wishes.
        WeightedPodAffinityTerm : A wish with a weight.
          weight! int32 : From 1 to 100.
          podAffinityTerm! PodAffinityTerm : The pods.
        PodAffinityTerm : Pods in one domain.
          labelSelector LabelSelector : Which pods.
          namespaces [str] atomic : In which namespaces, by name.
          topologyKey! str : The node label that names a domain.
          namespaceSelector LabelSelector : In which namespaces, by label.
          matchLabelKeys [str] atomic : Labels that must equal the pod's own.
          mismatchLabelKeys [str] atomic : Labels that must differ from the pod's own.
        PodSecurityContext : Rights and users for every container of a pod.
          seLinuxOptions SELinuxOptions : SELinux context.
          windowsOptions WindowsSecurityContextOptions : For Windows.
          runAsUser int64 : User id.
          runAsGroup int64 : Group id.
          runAsNonRoot bool : Refuse to run as user 0.
          supplementalGroups [int64] atomic : More group ids.
          supplementalGroupsPolicy str enum=Merge|Strict : Whether the image's groups count too.
          fsGroup int64 : The group volumes belong to.
          sysctls [Sysctl] atomic : Kernel settings of the namespaces.
          fsGroupChangePolicy str enum=Always|OnRootMismatch : When ownership of volumes is changed.
          seccompProfile SeccompProfile : System calls allowed.
          appArmorProfile AppArmorProfile : AppArmor profile.
          seLinuxChangePolicy str enum=Recursive|MountOption : How volumes are labelled.
        Sysctl : One kernel setting.
          name! str : Its name.
          value! str : Its value.
        SELinuxOptions : An SELinux context.
          user str : User.
          role str : Role.
          type str : Type.
          level str : Level.
        WindowsSecurityContextOptions : Settings for Windows.
          gmsaCredentialSpecName str : Name of a GMSA specification.
          gmsaCredentialSpec str : The specification itself.
          runAsUserName str : User name.
          hostProcess bool : Run as a host process.
        SeccompProfile : Which system calls are allowed.
          type! str enum=Unconfined|RuntimeDefault|Localhost : The kind of profile.
          localhostProfile str : A file of the node.
        AppArmorProfile : An AppArmor profile.
          type! str enum=Unconfined|RuntimeDefault|Localhost : The kind of profile.
          localhostProfile str : A profile loaded on the node.
        SecurityContext : Rights of one container.
          capabilities Capabilities : Capabilities to add and drop.
          privileged bool : Every right of the node.
          seLinuxOptions SELinuxOptions : SELinux context.
          windowsOptions WindowsSecurityContextOptions : For Windows.
          runAsUser int64 : User id.
          runAsGroup int64 : Group id.
          runAsNonRoot bool : Refuse to run as user 0.
          readOnlyRootFilesystem bool : The image cannot be written to.
          allowPrivilegeEscalation bool : Whether a process can gain rights.
          procMount str enum=Default|Unmasked : How /proc is mounted.
          seccompProfile SeccompProfile : System calls allowed.
          appArmorProfile AppArmorProfile : AppArmor profile.
        Capabilities : Capabilities beyond or below the runtime's own set.
          add [str] atomic : To add.
          drop [str] atomic : To drop.
        """#
}
