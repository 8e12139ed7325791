/// core/v1: containers, what they are given, and what is last seen of them and of their pods.
enum ContainerTable {
    static let text = #"""
        @io.k8s.api.core.v1
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
          extendedResourceClaimStatus PodExtendedResourceClaimStatus : Of the claim made for extended resources.
          allocatedResources {Quantity} : What the pod was granted.
          resources ResourceRequirements : What the pod has now.
        PodExtendedResourceClaimStatus : The claim made for extended resources.
          requestMappings! [ContainerExtendedResourceRequest] atomic : Which request is for what.
          resourceClaimName! str : The claim.
        ContainerExtendedResourceRequest : A container's extended resource in a claim.
          containerName! str : The container.
          resourceName! str : The resource.
          requestName! str : The request in the claim.
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
