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
        Container : A process with its image, ports, files and limits.
          name! str : Unique in the pod.
          image str : The image to run.
          command [str] atomic : Instead of the image's entry point.
          args [str] atomic : Instead of the image's arguments.
          workingDir str : Where it starts.
          ports [ContainerPort] map=containerPort,protocol merge=containerPort : Ports it listens on.
          envFrom [EnvFromSource] atomic : Variables from whole config maps and secrets.
          env [EnvVar] map=name merge=name : Environment variables.
          resources ResourceRequirements default={} : Requests and limits.
          resizePolicy [ContainerResizePolicy] atomic : What a resize needs.
          restartPolicy str : Always makes an init container a sidecar.
          restartPolicyRules [ContainerRestartRule] atomic : What to do for which exit code.
          volumeMounts [VolumeMount] map=mountPath merge=mountPath : Volumes in its file system.
          volumeDevices [VolumeDevice] map=devicePath merge=devicePath : Volumes as block devices.
          livenessProbe Probe : Restarted when this fails.
          readinessProbe Probe : No traffic while this fails.
          startupProbe Probe : The other probes wait for this.
          lifecycle Lifecycle : Called after start and before stop.
          terminationMessagePath str default="/dev/termination-log" : The file with its last words.
          terminationMessagePolicy str enum=File|FallbackToLogsOnError default="File" : Where last words come from.
          imagePullPolicy str enum=Always|IfNotPresent|Never : When the image is fetched.
          securityContext SecurityContext : Its rights.
          stdin bool : Keep standard input open.
          stdinOnce bool : Close standard input after the first client.
          tty bool : Give it a terminal.
        EphemeralContainer : A container added to a running pod.
          name! str : Unique in the pod.
          image str : The image to run.
          command [str] atomic : Instead of the image's entry point.
          args [str] atomic : Instead of the image's arguments.
          workingDir str : Where it starts.
          ports [ContainerPort] map=containerPort,protocol merge=containerPort : Not allowed here.
          envFrom [EnvFromSource] atomic : Variables from whole config maps and secrets.
          env [EnvVar] map=name merge=name : Environment variables.
          resources ResourceRequirements default={} : Not allowed here.
          resizePolicy [ContainerResizePolicy] atomic : Not allowed here.
          restartPolicy str : Not allowed here.
          restartPolicyRules [ContainerRestartRule] atomic : Not allowed here.
          volumeMounts [VolumeMount] map=mountPath merge=mountPath : Volumes in its file system.
          volumeDevices [VolumeDevice] map=devicePath merge=devicePath : Volumes as block devices.
          livenessProbe Probe : Not allowed here.
          readinessProbe Probe : Not allowed here.
          startupProbe Probe : Not allowed here.
          lifecycle Lifecycle : Not allowed here.
          terminationMessagePath str default="/dev/termination-log" : The file with its last words.
          terminationMessagePolicy str enum=File|FallbackToLogsOnError default="File" : Where last words come from.
          imagePullPolicy str enum=Always|IfNotPresent|Never : When the image is fetched.
          securityContext SecurityContext : Its rights.
          stdin bool : Keep standard input open.
          stdinOnce bool : Close standard input after the first client.
          tty bool : Give it a terminal.
          targetContainerName str : The container whose processes it sees.
        ContainerRestartRule : What to do for an exit code.
          action! str : Restart or RestartAllContainers.
          exitCodes ContainerRestartRuleOnExitCodes : For which codes.
        ContainerRestartRuleOnExitCodes : A set of exit codes.
          operator! str : In or NotIn.
          values [int32] set : The codes.
        ContainerResizePolicy : What the resize of one resource needs.
          resourceName! str : The resource.
          restartPolicy! str : NotRequired or RestartContainer.
        ContainerPort : A port a container listens on.
          name str : A name that services and policies can use.
          hostPort int32 : The same on the node's address.
          containerPort! int32 : From 1 to 65535.
          protocol str enum=TCP|UDP|SCTP default="TCP" : TCP, UDP or SCTP.
          hostIP str : The node's address to bind to.
        EnvFromSource : Variables from a config map or a secret.
          prefix str : Put before every name.
          configMapRef ConfigMapEnvSource : The config map.
          secretRef SecretEnvSource : The secret.
        ConfigMapEnvSource : A config map.
          name str default="" : Its name.
          optional bool : Whether it may be missing.
        SecretEnvSource : A secret.
          name str default="" : Its name.
          optional bool : Whether it may be missing.
        EnvVar : One environment variable.
          name! str : Its name.
          value str : Its value; $(NAME) is replaced.
          valueFrom EnvVarSource : Where the value comes from instead.
        EnvVarSource : Where a variable's value comes from.
          fieldRef ObjectFieldSelector : A field of the pod.
          resourceFieldRef ResourceFieldSelector : A request or a limit.
          configMapKeyRef ConfigMapKeySelector : A key of a config map.
          secretKeyRef SecretKeySelector : A key of a secret.
          fileKeyRef FileKeySelector : A key of a file in a volume.
        FileKeySelector atomic : A variable in a file.
          volumeName! str : The volume.
          path! str : The file in it.
          key! str : The variable.
          optional bool : Whether it may be missing.
        ObjectFieldSelector atomic : A field of the pod.
          apiVersion str default="v1" : The version the path is written for.
          fieldPath! str : Such as status.podIP.
        ResourceFieldSelector atomic : A request or a limit of a container.
          containerName str : The container; required in volumes.
          resource! str : Such as limits.cpu.
          divisor Quantity : The unit it is told in.
        ConfigMapKeySelector atomic : A key of a config map.
          name str default="" : The config map.
          key! str : The key.
          optional bool : Whether it may be missing.
        SecretKeySelector atomic : A key of a secret.
          name str default="" : The secret.
          key! str : The key.
          optional bool : Whether it may be missing.
        ResourceRequirements : What is set aside and what is the most.
          limits {Quantity} : The most it may use.
          requests {Quantity} : What is set aside for it.
          claims [ResourceClaim] map=name : Devices of the pod's claims.
        ResourceClaim : A device of the pod's claims.
          name! str : The claim's name in the pod.
          request str : One request of the claim.
        VolumeMount : A volume in a container's file system.
          name! str : The volume.
          readOnly bool : Not to be written to.
          recursiveReadOnly str : Disabled, IfPossible or Enabled.
          mountPath! str : Where it is mounted.
          subPath str : The part of the volume.
          mountPropagation str enum=None|HostToContainer|Bidirectional : How mounts cross the border.
          subPathExpr str : subPath with variables.
        VolumeDevice : A volume as a block device.
          name! str : The claim's volume.
          devicePath! str : The device's path.
        Probe : A question asked of a container again and again.
          exec ExecAction : Run a command.
          httpGet HTTPGetAction : Ask over HTTP.
          tcpSocket TCPSocketAction : Open a connection.
          grpc GRPCAction : Ask a gRPC health service.
          initialDelaySeconds int32 : Seconds before the first.
          timeoutSeconds int32 default=1 : Seconds until it counts as failed.
          periodSeconds int32 default=10 : Seconds between two.
          successThreshold int32 default=1 : Successes in a row to be well.
          failureThreshold int32 default=3 : Failures in a row to be ill.
          terminationGracePeriodSeconds int64 : Seconds to end after a failure.
        Lifecycle : What is called after start and before stop.
          postStart LifecycleHandler : After start.
          preStop LifecycleHandler : Before stop.
          stopSignal str : The signal that ends it.
        LifecycleHandler : Something to call.
          exec ExecAction : Run a command.
          httpGet HTTPGetAction : Ask over HTTP.
          tcpSocket TCPSocketAction : Not used.
          sleep SleepAction : Wait.
        SleepAction : Wait.
          seconds! int64 : For how long.
        ExecAction : Run a command in the container.
          command [str] atomic : Program and arguments, no shell.
        HTTPGetAction : Ask over HTTP; 200 to 399 is success.
          path str default="/" : The path.
          port! IntOrString : Number or name of a container port.
          host str : Where to; the pod itself if empty.
          scheme str enum=HTTP|HTTPS default="HTTP" : HTTP or HTTPS.
          httpHeaders [HTTPHeader] atomic : More headers.
        HTTPHeader : A header of a request.
          name! str : Its name.
          value! str : Its value.
        TCPSocketAction : Open a connection.
          port! IntOrString : Number or name of a container port.
          host str : Where to; the pod itself if empty.
        GRPCAction : Ask a gRPC health service.
          port! int32 : The port.
          service str default="" : The service asked about.
        LocalObjectReference atomic : An object of the same namespace.
          name str default="" : Its name.
        PodStatus : What was last seen of a pod.
          observedGeneration int64 : The generation this status is about.
          phase str enum=Pending|Running|Succeeded|Failed|Unknown : Where in its life it stands.
          conditions [PodCondition] map=type merge=type : Aspects such as Ready.
          message str : A sentence for people.
          reason str : One word for machines.
          nominatedNodeName str : The node it will get when others have left.
          hostIP str : An address of the node.
          hostIPs [HostIP] atomic merge=ip : All addresses of the node.
          podIP str : The pod's first address.
          podIPs [PodIP] map=ip merge=ip : The pod's addresses, at most one of each family.
          startTime Time : When the kubelet saw it first.
          initContainerStatuses [ContainerStatus] atomic : Of the init containers.
          containerStatuses [ContainerStatus] atomic : Of the containers.
          qosClass str enum=Guaranteed|Burstable|BestEffort : From requests and limits.
          ephemeralContainerStatuses [ContainerStatus] atomic : Of the ephemeral containers.
          resize str : The state of a resize.
          resourceClaimStatuses [PodResourceClaimStatus] map=name merge=name retainKeys : Of the device claims.
          extendedResourceClaimStatus raw : Of claims made for extended resources.
          allocatedResources {Quantity} : What the pod was granted.
          resources ResourceRequirements : What the pod has now.
        PodIP : An address of the pod.
          ip! str : The address.
        HostIP : An address of the node.
          ip! str : The address.
        PodCondition : One aspect of a pod.
          type! str : Such as Ready or PodScheduled.
          observedGeneration int64 : The generation it is about.
          status! str : True, False or Unknown.
          lastProbeTime Time nullable : When it was looked at.
          lastTransitionTime Time nullable : When it last changed.
          reason str : One word for machines.
          message str : A sentence for people.
        PodResourceClaimStatus : Which claim was made.
          name! str : The name in the pod.
          resourceClaimName str : The claim.
        ContainerStatus : What was last seen of a container.
          name! str : The container.
          state ContainerState default={} : What it does now.
          lastState ContainerState default={} : What it did before.
          ready! bool : Whether it takes traffic.
          restartCount! int32 : How often it was started again.
          image! str : The image it runs.
          imageID! str : The image's digest.
          containerID str : runtime://id.
          started bool : Whether the startup probe is through.
          allocatedResources {Quantity} : What it was granted.
          resources ResourceRequirements : What it has now.
          volumeMounts [VolumeMountStatus] map=mountPath merge=mountPath : What is mounted.
          user ContainerUser : Who it runs as.
          allocatedResourcesStatus [ResourceStatus] map=name merge=name : Health of its devices.
          stopSignal str : The signal that ends it.
        VolumeMountStatus : What is mounted.
          name! str : The volume.
          mountPath! str : Where.
          readOnly bool : Not to be written to.
          recursiveReadOnly str : Whether that holds below too.
        ContainerUser : Who a container runs as.
          linux LinuxContainerUser : On Linux.
        LinuxContainerUser : User and groups.
          uid! int64 : User id.
          gid! int64 : Group id.
          supplementalGroups [int64] atomic : More group ids.
        ResourceStatus : Health of devices.
          name! str : The resource.
          resources [ResourceHealth] map=resourceID : Of each device.
        ResourceHealth : Health of one device.
          resourceID! str : The device.
          health str : Healthy, Unhealthy or Unknown.
        ContainerState : One of waiting, running, terminated.
          waiting ContainerStateWaiting : Not started.
          running ContainerStateRunning : Running.
          terminated ContainerStateTerminated : Ended.
        ContainerStateWaiting : Why it has not started.
          reason str : One word.
          message str : A sentence.
        ContainerStateRunning : It runs.
          startedAt Time : Since when.
        ContainerStateTerminated : It ended.
          exitCode! int32 : Its exit code.
          signal int32 : The signal that ended it.
          reason str : One word.
          message str : Its last words.
          startedAt Time : From when.
          finishedAt Time : Until when.
          containerID str : runtime://id.
        Binding kind=v1 : Binds a pod to a node.
          target! ObjectReference : The node.
        ObjectReference atomic : Any object.
          kind str : Its kind.
          namespace str : Its namespace.
          name str : Its name.
          uid str : Its uid.
          apiVersion str : Its API version.
          resourceVersion str : Its version.
          fieldPath str : A part of it.
        """#
}
