/// meta/v1 and core/v1: metadata, pods and their volumes.
extension ProtobufNumbers {
    static let pods = """
        ObjectMeta name generateName namespace selfLink uid resourceVersion generation creationTimestamp
          deletionTimestamp? deletionGracePeriodSeconds? labels annotations ownerReferences finalizers 17
          managedFields
        OwnerReference kind 3 name uid apiVersion controller? blockOwnerDeletion?
        ManagedFieldsEntry manager operation apiVersion time? 6 fieldsType fieldsV1? subresource
        LabelSelector matchLabels matchExpressions
        LabelSelectorRequirement key operator values
        FieldSelectorRequirement key operator values
        Condition type status observedGeneration lastTransitionTime reason message
        ListMeta selfLink resourceVersion continue remainingItemCount?
        Pod metadata spec status
        PodTemplate metadata template
        PodTemplateSpec metadata spec
        PodSpec volumes containers restartPolicy terminationGracePeriodSeconds? activeDeadlineSeconds? dnsPolicy
          nodeSelector serviceAccountName serviceAccount nodeName hostNetwork hostPID hostIPC securityContext?
          imagePullSecrets hostname subdomain affinity? schedulerName initContainers automountServiceAccountToken?
          tolerations hostAliases priorityClassName priority? dnsConfig? shareProcessNamespace? readinessGates
          runtimeClassName? enableServiceLinks? preemptionPolicy? overhead topologySpreadConstraints
          ephemeralContainers setHostnameAsFQDN? os? hostUsers? schedulingGates resourceClaims resources?
        PodOS name
        PodSchedulingGate name
        PodReadinessGate conditionType
        PodResourceClaim name 3 resourceClaimName? resourceClaimTemplateName?
        HostAlias ip hostnames
        PodDNSConfig nameservers searches options
        PodDNSConfigOption name value?
        Toleration key operator value effect tolerationSeconds?
        TopologySpreadConstraint maxSkew topologyKey whenUnsatisfiable labelSelector? minDomains?
          nodeAffinityPolicy? nodeTaintsPolicy? matchLabelKeys
        Affinity nodeAffinity? podAffinity? podAntiAffinity?
        NodeAffinity requiredDuringSchedulingIgnoredDuringExecution? preferredDuringSchedulingIgnoredDuringExecution
        PreferredSchedulingTerm weight preference
        NodeSelector nodeSelectorTerms
        NodeSelectorTerm matchExpressions matchFields
        NodeSelectorRequirement key operator values
        PodAffinity requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution
        PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution
          preferredDuringSchedulingIgnoredDuringExecution
        WeightedPodAffinityTerm weight podAffinityTerm
        PodAffinityTerm labelSelector? namespaces topologyKey namespaceSelector? matchLabelKeys mismatchLabelKeys
        PodSecurityContext seLinuxOptions? runAsUser? runAsNonRoot? supplementalGroups fsGroup? runAsGroup? sysctls
          windowsOptions? fsGroupChangePolicy? seccompProfile? appArmorProfile? supplementalGroupsPolicy?
          seLinuxChangePolicy?
        Sysctl name value
        SELinuxOptions user role type level
        WindowsSecurityContextOptions gmsaCredentialSpecName? gmsaCredentialSpec? runAsUserName? hostProcess?
        SeccompProfile type localhostProfile?
        AppArmorProfile type localhostProfile?
        SecurityContext capabilities? privileged? seLinuxOptions? runAsUser? runAsNonRoot? readOnlyRootFilesystem?
          allowPrivilegeEscalation? runAsGroup? procMount? windowsOptions? seccompProfile? appArmorProfile?
        Capabilities add drop
        Container name image command args workingDir ports env resources volumeMounts livenessProbe? readinessProbe?
          lifecycle? terminationMessagePath imagePullPolicy securityContext? stdin stdinOnce tty envFrom
          terminationMessagePolicy volumeDevices startupProbe? resizePolicy restartPolicy?
        EphemeralContainer <EphemeralContainerCommon targetContainerName
        ContainerResizePolicy resourceName restartPolicy
        ContainerPort name hostPort containerPort protocol hostIP
        EnvFromSource prefix configMapRef? secretRef?
        ConfigMapEnvSource <LocalObjectReference optional?
        SecretEnvSource <LocalObjectReference optional?
        EnvVar name value valueFrom?
        EnvVarSource fieldRef? resourceFieldRef? configMapKeyRef? secretKeyRef?
        ObjectFieldSelector apiVersion fieldPath
        ResourceFieldSelector containerName resource divisor
        ConfigMapKeySelector <LocalObjectReference key optional?
        SecretKeySelector <LocalObjectReference key optional?
        ResourceRequirements limits requests claims
        ResourceClaim name request
        VolumeMount name readOnly mountPath subPath mountPropagation? subPathExpr recursiveReadOnly?
        VolumeDevice name devicePath
        Probe <ProbeHandler initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold
          terminationGracePeriodSeconds?
        Lifecycle postStart? preStop? stopSignal?
        LifecycleHandler exec? httpGet? tcpSocket? sleep?
        SleepAction seconds
        ExecAction command
        HTTPGetAction path port host scheme httpHeaders
        HTTPHeader name value
        TCPSocketAction port host
        GRPCAction port service?
        LocalObjectReference name
        PodStatus phase conditions message reason hostIP podIP startTime? containerStatuses qosClass
          initContainerStatuses nominatedNodeName podIPs ephemeralContainerStatuses resize resourceClaimStatuses
          hostIPs observedGeneration
        PodIP ip
        HostIP ip
        PodCondition type status lastProbeTime lastTransitionTime reason message observedGeneration
        PodResourceClaimStatus name resourceClaimName?
        ContainerStatus name state lastState ready restartCount image imageID containerID started?
          allocatedResources resources? volumeMounts user? allocatedResourcesStatus stopSignal?
        VolumeMountStatus name mountPath readOnly recursiveReadOnly?
        ContainerUser linux?
        LinuxContainerUser uid gid supplementalGroups
        ResourceStatus name resources
        ResourceHealth resourceID health
        ContainerState waiting? running? terminated?
        ContainerStateWaiting reason message
        ContainerStateRunning startedAt
        ContainerStateTerminated exitCode signal reason message startedAt finishedAt containerID
        Binding metadata target
        ObjectReference kind namespace name uid apiVersion resourceVersion fieldPath
        EphemeralContainerCommon name image command args workingDir ports env resources volumeMounts livenessProbe?
          readinessProbe? lifecycle? terminationMessagePath imagePullPolicy securityContext? stdin stdinOnce tty
          envFrom terminationMessagePolicy volumeDevices startupProbe? resizePolicy restartPolicy?
        ProbeHandler exec? httpGet? tcpSocket? grpc?
        Volume name <VolumeSource
        HostPathVolumeSource path type?
        EmptyDirVolumeSource medium sizeLimit?
        GCEPersistentDiskVolumeSource pdName fsType partition readOnly
        AWSElasticBlockStoreVolumeSource volumeID fsType partition readOnly
        GitRepoVolumeSource repository revision directory
        SecretVolumeSource secretName items defaultMode? optional?
        KeyToPath key path mode?
        NFSVolumeSource server path readOnly
        ISCSIVolumeSource targetPortal iqn lun iscsiInterface fsType readOnly portals chapAuthDiscovery 10
          secretRef? chapAuthSession initiatorName?
        GlusterfsVolumeSource endpoints path readOnly
        PersistentVolumeClaimVolumeSource claimName readOnly
        RBDVolumeSource monitors image fsType pool user keyring secretRef? readOnly
        FlexVolumeSource driver fsType secretRef? readOnly options
        CinderVolumeSource volumeID fsType readOnly secretRef?
        CephFSVolumeSource monitors path user secretFile secretRef? readOnly
        FlockerVolumeSource datasetName datasetUUID
        DownwardAPIVolumeSource items defaultMode?
        DownwardAPIVolumeFile path fieldRef? resourceFieldRef? mode?
        FCVolumeSource targetWWNs lun? fsType readOnly wwids
        AzureFileVolumeSource secretName shareName readOnly
        ConfigMapVolumeSource <LocalObjectReference items defaultMode? optional?
        VsphereVirtualDiskVolumeSource volumePath fsType storagePolicyName storagePolicyID
        QuobyteVolumeSource registry volume readOnly user group tenant
        AzureDiskVolumeSource diskName diskURI cachingMode? fsType? readOnly? kind?
        PhotonPersistentDiskVolumeSource pdID fsType
        ProjectedVolumeSource sources defaultMode?
        VolumeProjection secret? downwardAPI? configMap? serviceAccountToken? clusterTrustBundle?
        SecretProjection <LocalObjectReference items 4 optional?
        DownwardAPIProjection items
        ConfigMapProjection <LocalObjectReference items 4 optional?
        ServiceAccountTokenProjection audience expirationSeconds? path
        ClusterTrustBundleProjection name? signerName? labelSelector? path optional?
        PortworxVolumeSource volumeID fsType readOnly
        ScaleIOVolumeSource gateway system secretRef? sslEnabled protectionDomain storagePool storageMode volumeName
          fsType readOnly
        StorageOSVolumeSource volumeName volumeNamespace fsType readOnly secretRef?
        CSIVolumeSource driver readOnly? fsType? volumeAttributes nodePublishSecretRef?
        EphemeralVolumeSource volumeClaimTemplate?
        PersistentVolumeClaimTemplate metadata spec
        ImageVolumeSource reference pullPolicy
        PersistentVolumeClaim metadata spec status
        PersistentVolumeClaimSpec accessModes resources volumeName selector? storageClassName? volumeMode?
          dataSource? dataSourceRef? volumeAttributesClassName?
        VolumeResourceRequirements limits requests
        TypedLocalObjectReference apiGroup? kind name
        TypedObjectReference apiGroup? kind name namespace?
        PersistentVolumeClaimStatus phase accessModes capacity conditions allocatedResources 7
          allocatedResourceStatuses currentVolumeAttributesClassName? modifyVolumeStatus?
        ModifyVolumeStatus targetVolumeAttributesClassName status
        PersistentVolumeClaimCondition type status lastProbeTime lastTransitionTime reason message
        PersistentVolume metadata spec status
        PersistentVolumeSpec capacity <PersistentVolumeSource accessModes claimRef? persistentVolumeReclaimPolicy
          storageClassName mountOptions volumeMode? nodeAffinity? volumeAttributesClassName?
        LocalVolumeSource path fsType?
        CSIPersistentVolumeSource driver volumeHandle readOnly fsType volumeAttributes controllerPublishSecretRef?
          nodeStageSecretRef? nodePublishSecretRef? controllerExpandSecretRef? nodeExpandSecretRef?
        GlusterfsPersistentVolumeSource endpoints path readOnly endpointsNamespace?
        RBDPersistentVolumeSource monitors image fsType pool user keyring secretRef? readOnly
        ISCSIPersistentVolumeSource targetPortal iqn lun iscsiInterface fsType readOnly portals chapAuthDiscovery 10
          secretRef? chapAuthSession initiatorName?
        CinderPersistentVolumeSource volumeID fsType readOnly secretRef?
        CephFSPersistentVolumeSource monitors path user secretFile secretRef? readOnly
        FlexPersistentVolumeSource driver fsType secretRef? readOnly options
        AzureFilePersistentVolumeSource secretName shareName readOnly secretNamespace?
        ScaleIOPersistentVolumeSource gateway system secretRef? sslEnabled protectionDomain storagePool storageMode
          volumeName fsType readOnly
        StorageOSPersistentVolumeSource volumeName volumeNamespace fsType readOnly secretRef?
        SecretReference name namespace
        VolumeNodeAffinity required?
        PersistentVolumeStatus phase message reason lastPhaseTransitionTime?
        VolumeSource hostPath? emptyDir? gcePersistentDisk? awsElasticBlockStore? gitRepo? secret? nfs? iscsi?
          glusterfs? persistentVolumeClaim? rbd? flexVolume? cinder? cephfs? flocker? downwardAPI? fc? azureFile?
          configMap? vsphereVolume? quobyte? azureDisk? photonPersistentDisk? portworxVolume? scaleIO? projected?
          storageos? csi? ephemeral? image?
        PersistentVolumeSource gcePersistentDisk? awsElasticBlockStore? hostPath? glusterfs? nfs? rbd? iscsi?
          cinder? cephfs? fc? flocker? flexVolume? azureFile? vsphereVolume? quobyte? azureDisk?
          photonPersistentDisk? portworxVolume? scaleIO? local? storageos? csi?
        """
}
