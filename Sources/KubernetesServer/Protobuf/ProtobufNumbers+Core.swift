/// core/v1 beyond pods, events.k8s.io, apps, batch, policy, autoscaling.
extension ProtobufNumbers {
    static let core = """
        Namespace metadata spec status
        NamespaceSpec finalizers
        NamespaceStatus phase conditions
        NamespaceCondition type status 4 lastTransitionTime reason message
        Node metadata spec status
        NodeSpec podCIDR externalID providerID unschedulable taints configSource? podCIDRs
        Taint key value effect timeAdded?
        NodeStatus capacity allocatable phase conditions addresses daemonEndpoints nodeInfo images volumesInUse
          volumesAttached config? runtimeHandlers features?
        NodeConfigSource 2 configMap?
        ConfigMapNodeConfigSource namespace name uid resourceVersion kubeletConfigKey
        NodeConfigStatus assigned? active? lastKnownGood? error
        NodeCondition type status lastHeartbeatTime lastTransitionTime reason message
        NodeAddress type address
        NodeDaemonEndpoints kubeletEndpoint
        DaemonEndpoint Port
        NodeSystemInfo machineID systemUUID bootID kernelVersion osImage containerRuntimeVersion kubeletVersion
          kubeProxyVersion operatingSystem architecture swap?
        NodeSwapStatus capacity?
        ContainerImage names sizeBytes
        AttachedVolume name devicePath
        NodeRuntimeHandler name features?
        NodeRuntimeHandlerFeatures recursiveReadOnlyMounts? userNamespaces?
        NodeFeatures supplementalGroupsPolicy?
        Service metadata spec status
        ServiceSpec ports selector clusterIP type externalIPs 7 sessionAffinity loadBalancerIP
          loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses
          sessionAffinityConfig? 17 ipFamilyPolicy? clusterIPs ipFamilies allocateLoadBalancerNodePorts?
          loadBalancerClass? internalTrafficPolicy? trafficDistribution?
        ServicePort name protocol port targetPort nodePort appProtocol?
        SessionAffinityConfig clientIP?
        ClientIPConfig timeoutSeconds?
        ServiceStatus loadBalancer conditions
        LoadBalancerStatus ingress
        LoadBalancerIngress ip hostname ipMode? ports
        PortStatus port protocol error?
        Endpoints metadata subsets
        EndpointSubset addresses notReadyAddresses ports
        EndpointAddress ip targetRef? hostname nodeName?
        core/EndpointPort name port protocol appProtocol?
        ConfigMap metadata data binaryData immutable?
        Secret metadata data type stringData immutable?
        ServiceAccount metadata secrets imagePullSecrets automountServiceAccountToken?
        ReplicationController metadata spec status
        ReplicationControllerSpec replicas? selector template? minReadySeconds
        ReplicationControllerStatus replicas fullyLabeledReplicas observedGeneration readyReplicas availableReplicas
          conditions
        ReplicationControllerCondition type status lastTransitionTime reason message
        LimitRange metadata spec
        LimitRangeSpec limits
        LimitRangeItem type max min default defaultRequest maxLimitRequestRatio
        ResourceQuota metadata spec status
        ResourceQuotaSpec hard scopes scopeSelector?
        ScopeSelector matchExpressions
        ScopedResourceSelectorRequirement scopeName operator values
        ResourceQuotaStatus hard used
        Event metadata involvedObject reason message source firstTimestamp lastTimestamp count type eventTime
          series? action related? reportingComponent reportingInstance
        EventSource component host
        EventSeries count lastObservedTime
        ComponentStatus metadata conditions
        ComponentCondition type status message error
        events/Event metadata eventTime series? reportingController reportingInstance action reason regarding
          related? note type deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount
        events/EventSeries count lastObservedTime
        Deployment metadata spec status
        DeploymentSpec replicas? selector? template strategy minReadySeconds revisionHistoryLimit? paused 9
          progressDeadlineSeconds?
        DeploymentStrategy type rollingUpdate?
        RollingUpdateDeployment maxUnavailable? maxSurge?
        DeploymentStatus observedGeneration replicas updatedReplicas availableReplicas unavailableReplicas
          conditions readyReplicas collisionCount? terminatingReplicas?
        DeploymentCondition type status 4 reason message lastUpdateTime lastTransitionTime
        ReplicaSet metadata spec status
        ReplicaSetSpec replicas? selector? template minReadySeconds
        ReplicaSetStatus replicas fullyLabeledReplicas observedGeneration readyReplicas availableReplicas conditions
          terminatingReplicas?
        ReplicaSetCondition type status lastTransitionTime reason message
        DaemonSet metadata spec status
        DaemonSetSpec selector? template updateStrategy minReadySeconds 6 revisionHistoryLimit?
        DaemonSetUpdateStrategy type rollingUpdate?
        RollingUpdateDaemonSet maxUnavailable? maxSurge?
        DaemonSetStatus currentNumberScheduled numberMisscheduled desiredNumberScheduled numberReady
          observedGeneration updatedNumberScheduled numberAvailable numberUnavailable collisionCount? conditions
        DaemonSetCondition type status lastTransitionTime reason message
        StatefulSet metadata spec status
        StatefulSetSpec replicas? selector? template volumeClaimTemplates serviceName podManagementPolicy
          updateStrategy revisionHistoryLimit? minReadySeconds persistentVolumeClaimRetentionPolicy? ordinals?
        StatefulSetOrdinals start
        StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted whenScaled
        StatefulSetUpdateStrategy type rollingUpdate?
        RollingUpdateStatefulSetStrategy partition? maxUnavailable?
        StatefulSetStatus observedGeneration replicas readyReplicas currentReplicas updatedReplicas currentRevision
          updateRevision 9 collisionCount? conditions availableReplicas
        StatefulSetCondition type status lastTransitionTime reason message
        ControllerRevision metadata data revision
        Job metadata spec status
        JobSpec parallelism? completions? activeDeadlineSeconds? selector? manualSelector? template backoffLimit?
          ttlSecondsAfterFinished? completionMode? suspend? podFailurePolicy? backoffLimitPerIndex?
          maxFailedIndexes? podReplacementPolicy? managedBy? successPolicy?
        PodFailurePolicy rules
        PodFailurePolicyRule action onExitCodes? onPodConditions
        PodFailurePolicyOnExitCodesRequirement containerName? operator values
        PodFailurePolicyOnPodConditionsPattern type status
        SuccessPolicy rules
        SuccessPolicyRule succeededIndexes? succeededCount?
        JobStatus conditions startTime? completionTime? active succeeded failed completedIndexes
          uncountedTerminatedPods? ready? failedIndexes? terminating?
        JobCondition type status lastProbeTime lastTransitionTime reason message
        UncountedTerminatedPods succeeded failed
        CronJob metadata spec status
        CronJobSpec schedule startingDeadlineSeconds? concurrencyPolicy suspend? jobTemplate
          successfulJobsHistoryLimit? failedJobsHistoryLimit? timeZone?
        JobTemplateSpec metadata spec
        CronJobStatus active 4 lastScheduleTime? lastSuccessfulTime?
        PodDisruptionBudget metadata spec status
        PodDisruptionBudgetSpec minAvailable? selector? maxUnavailable? unhealthyPodEvictionPolicy?
        PodDisruptionBudgetStatus observedGeneration disruptedPods disruptionsAllowed currentHealthy desiredHealthy
          expectedPods conditions
        Eviction metadata deleteOptions?
        DeleteOptions gracePeriodSeconds? preconditions? orphanDependents? propagationPolicy? dryRun
          ignoreStoreReadErrorWithClusterBreakingPotential?
        Preconditions uid? resourceVersion?
        Scale metadata spec status
        ScaleSpec replicas
        ScaleStatus replicas selector
        HorizontalPodAutoscaler metadata spec status
        HorizontalPodAutoscalerSpec scaleTargetRef minReplicas? maxReplicas targetCPUUtilizationPercentage?
        HorizontalPodAutoscalerStatus observedGeneration? lastScaleTime? currentReplicas desiredReplicas
          currentCPUUtilizationPercentage?
        CrossVersionObjectReference kind name apiVersion
        v2/HorizontalPodAutoscaler metadata spec status
        v2/HorizontalPodAutoscalerSpec scaleTargetRef minReplicas? maxReplicas metrics behavior?
        v2/HorizontalPodAutoscalerStatus observedGeneration? lastScaleTime? currentReplicas desiredReplicas
          currentMetrics conditions
        v2/CrossVersionObjectReference kind name apiVersion
        HorizontalPodAutoscalerCondition type status lastTransitionTime reason message
        HorizontalPodAutoscalerBehavior scaleUp? scaleDown?
        HPAScalingRules selectPolicy? policies stabilizationWindowSeconds? tolerance?
        HPAScalingPolicy type value periodSeconds
        MetricSpec type object? pods? resource? external? 7 containerResource?
        ObjectMetricSource describedObject target metric
        PodsMetricSource metric target
        ResourceMetricSource name target
        ContainerResourceMetricSource name target container
        ExternalMetricSource metric target
        MetricIdentifier name selector?
        MetricTarget type value? averageValue? averageUtilization?
        MetricStatus type object? pods? resource? external? 7 containerResource?
        ObjectMetricStatus metric current describedObject
        PodsMetricStatus metric current
        ResourceMetricStatus name current
        ContainerResourceMetricStatus name current container
        ExternalMetricStatus metric current
        MetricValueStatus value? averageValue? averageUtilization?
        """
}
