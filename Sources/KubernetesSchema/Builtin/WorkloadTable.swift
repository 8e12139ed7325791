/// apps/v1, batch/v1, policy/v1: what makes pods and counts them.
enum WorkloadTable {
    static let text = #"""
        @io.k8s.api.apps.v1
        Deployment kind=apps/v1 : A number of equal pods and how a new version replaces the old one.
          spec DeploymentSpec : How many of what.
          status DeploymentStatus default={} : How many there are.
        DeploymentSpec : How many of what.
          replicas int32 default=1 : How many pods.
          selector! LabelSelector : Which pods belong to it; cannot be changed.
          template! PodTemplateSpec : What they are.
          strategy DeploymentStrategy default={} retainKeys : How pods are replaced.
          minReadySeconds int32 : Seconds ready to count as available.
          revisionHistoryLimit int32 default=10 : Old replica sets that are kept.
          paused bool : No roll-out while true.
          progressDeadlineSeconds int32 default=600 : Seconds until a roll-out counts as failed.
        DeploymentStrategy : How pods are replaced.
          type str enum=Recreate|RollingUpdate default="RollingUpdate" : All at once or step by step.
          rollingUpdate RollingUpdateDeployment : The steps.
        RollingUpdateDeployment : The steps of a roll-out.
          maxUnavailable IntOrString : How many may be missing.
          maxSurge IntOrString : How many may be too many.
        DeploymentStatus : How many pods a deployment has.
          observedGeneration int64 : The generation this is about.
          replicas int32 : All.
          updatedReplicas int32 : Of the newest version.
          readyReplicas int32 : Ready.
          availableReplicas int32 : Ready for long enough.
          unavailableReplicas int32 : Still missing.
          terminatingReplicas int32 : On their way out.
          conditions [DeploymentCondition] map=type merge=type : Aspects such as Available.
          collisionCount int32 : How often a name was taken.
        DeploymentCondition : One aspect of a deployment.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastUpdateTime Time : When it was last written.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        ReplicaSet kind=apps/v1 : A number of equal pods.
          spec ReplicaSetSpec : How many of what.
          status ReplicaSetStatus default={} : How many there are.
        ReplicaSetSpec : How many of what.
          replicas int32 default=1 : How many pods.
          minReadySeconds int32 : Seconds ready to count as available.
          selector! LabelSelector : Which pods belong to it.
          template PodTemplateSpec default={} : What they are.
        ReplicaSetStatus : How many pods a replica set has.
          replicas! int32 default=0 : All.
          fullyLabeledReplicas int32 : With the template's labels.
          readyReplicas int32 : Ready.
          availableReplicas int32 : Ready for long enough.
          terminatingReplicas int32 : On their way out.
          observedGeneration int64 : The generation this is about.
          conditions [ReplicaSetCondition] map=type merge=type : Aspects.
        ReplicaSetCondition : One aspect of a replica set.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        DaemonSet kind=apps/v1 : One pod on every node that fits.
          spec DaemonSetSpec : What runs.
          status DaemonSetStatus default={} : Where it runs.
        DaemonSetSpec : What runs on every node.
          selector! LabelSelector : Which pods belong to it.
          template! PodTemplateSpec : What they are.
          updateStrategy DaemonSetUpdateStrategy default={} : How pods are replaced.
          minReadySeconds int32 : Seconds ready to count as available.
          revisionHistoryLimit int32 default=10 : Old versions that are kept.
        DaemonSetUpdateStrategy : How pods are replaced.
          type str enum=OnDelete|RollingUpdate default="RollingUpdate" : By itself or when deleted.
          rollingUpdate RollingUpdateDaemonSet : The steps.
        RollingUpdateDaemonSet : The steps of a roll-out.
          maxUnavailable IntOrString : How many may be missing.
          maxSurge IntOrString : How many nodes may have two.
        DaemonSetStatus : Where a daemon set runs.
          currentNumberScheduled! int32 default=0 : Nodes that run it and should.
          numberMisscheduled! int32 default=0 : Nodes that run it and should not.
          desiredNumberScheduled! int32 default=0 : Nodes that should run it.
          numberReady! int32 default=0 : Nodes where it is ready.
          observedGeneration int64 : The generation this is about.
          updatedNumberScheduled int32 : Nodes with the newest version.
          numberAvailable int32 : Nodes where it is available.
          numberUnavailable int32 : Nodes where it is missing.
          collisionCount int32 : How often a name was taken.
          conditions [DaemonSetCondition] map=type merge=type : Aspects.
        DaemonSetCondition : One aspect of a daemon set.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        StatefulSet kind=apps/v1 : Pods with lasting names and storage.
          spec StatefulSetSpec : How many of what.
          status StatefulSetStatus default={} : How many there are.
        StatefulSetSpec : How many of what.
          replicas int32 default=1 : How many pods.
          selector! LabelSelector : Which pods belong to it.
          template! PodTemplateSpec : What they are.
          volumeClaimTemplates [PersistentVolumeClaim] atomic : A claim of each for every pod.
          serviceName str : The headless service that names them.
          podManagementPolicy str enum=OrderedReady|Parallel default="OrderedReady" : One after another or all at once.
          updateStrategy StatefulSetUpdateStrategy default={} : How pods are replaced.
          revisionHistoryLimit int32 default=10 : Old versions that are kept.
          minReadySeconds int32 : Seconds ready to count as available.
          persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy default={} : When claims go.
          ordinals StatefulSetOrdinals : Where numbers begin.
        StatefulSetOrdinals : Where numbers begin.
          start int32 : The first pod's number.
        StatefulSetPersistentVolumeClaimRetentionPolicy : When claims go.
          whenDeleted str default="Retain" : Retain or Delete.
          whenScaled str default="Retain" : Retain or Delete.
        StatefulSetUpdateStrategy : How pods are replaced.
          type str enum=OnDelete|RollingUpdate default="RollingUpdate" : By itself or when deleted.
          rollingUpdate RollingUpdateStatefulSetStrategy : The steps.
        RollingUpdateStatefulSetStrategy : The steps of a roll-out.
          partition int32 : Pods below this number stay.
          maxUnavailable IntOrString : How many may be missing.
        StatefulSetStatus : How many pods a stateful set has.
          observedGeneration int64 : The generation this is about.
          replicas! int32 default=0 : All.
          readyReplicas int32 : Ready.
          currentReplicas int32 : Of the old version.
          updatedReplicas int32 : Of the new version.
          currentRevision str : The old version.
          updateRevision str : The new version.
          collisionCount int32 : How often a name was taken.
          conditions [StatefulSetCondition] map=type merge=type : Aspects.
          availableReplicas int32 default=0 : Ready for long enough.
        StatefulSetCondition : One aspect of a stateful set.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        ControllerRevision kind=apps/v1 : A version of a daemon set or a stateful set.
          data raw : What the version was.
          revision! int64 : Its number.
        @io.k8s.api.batch.v1
        Job kind=batch/v1 : Pods that run to their end.
          spec JobSpec : What runs and how often.
          status JobStatus default={} : How it went.
        JobSpec : What runs and how often.
          parallelism int32 : How many at once.
          completions int32 : How many must succeed.
          activeDeadlineSeconds int64 : Seconds until it is ended.
          podFailurePolicy PodFailurePolicy : What a failed pod means.
          successPolicy SuccessPolicy : When it counts as done.
          backoffLimit int32 : Failures allowed.
          backoffLimitPerIndex int32 : Failures allowed for each index.
          maxFailedIndexes int32 : Indices that may fail.
          selector LabelSelector : Which pods belong to it.
          manualSelector bool : The selector is the user's own.
          template! PodTemplateSpec : What runs.
          ttlSecondsAfterFinished int32 : Seconds until it is deleted.
          completionMode str default="NonIndexed" : NonIndexed or Indexed.
          suspend bool default=false : No pods while true.
          podReplacementPolicy str : When a failed pod is replaced.
          managedBy str : The controller.
        PodFailurePolicy : What a failed pod means.
          rules! [PodFailurePolicyRule] atomic : The first that matches counts.
        PodFailurePolicyRule : One rule.
          action! str : FailJob, FailIndex, Ignore or Count.
          onExitCodes PodFailurePolicyOnExitCodesRequirement : By exit code.
          onPodConditions [PodFailurePolicyOnPodConditionsPattern] atomic : By condition.
        PodFailurePolicyOnExitCodesRequirement : Exit codes.
          containerName str : Of which container.
          operator! str : In or NotIn.
          values! [int32] set : The codes.
        PodFailurePolicyOnPodConditionsPattern : A pod condition.
          type! str : Its type.
          status str : Its status.
        SuccessPolicy : When a job counts as done.
          rules! [SuccessPolicyRule] atomic : Any of them.
        SuccessPolicyRule : One rule.
          succeededIndexes str : The indices.
          succeededCount int32 : How many of them.
        JobStatus : How it went.
          conditions [JobCondition] atomic merge=type : Aspects such as Complete.
          startTime Time : When it started.
          completionTime Time : When it was done.
          active int32 : Running pods.
          succeeded int32 : Pods that succeeded.
          failed int32 : Pods that failed.
          terminating int32 : Pods on their way out.
          completedIndexes str : Indices done.
          failedIndexes str : Indices failed.
          uncountedTerminatedPods UncountedTerminatedPods : Pods not counted yet.
          ready int32 : Ready pods.
        JobCondition : One aspect of a job.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastProbeTime Time : When it was looked at.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        UncountedTerminatedPods : Pods not counted yet.
          succeeded [str] set : That succeeded.
          failed [str] set : That failed.
        CronJob kind=batch/v1 : Jobs at set times.
          spec CronJobSpec : When and what.
          status CronJobStatus default={} : What ran.
        CronJobSpec : When and what.
          schedule! str : Five fields of cron.
          timeZone str : The zone they are read in.
          startingDeadlineSeconds int64 : How late a job may start.
          concurrencyPolicy str enum=Allow|Forbid|Replace default="Allow" : When the last one still runs.
          suspend bool default=false : No jobs while true.
          jobTemplate! JobTemplateSpec : The job.
          successfulJobsHistoryLimit int32 default=3 : Jobs done that are kept.
          failedJobsHistoryLimit int32 default=1 : Jobs failed that are kept.
        JobTemplateSpec : A job to be made.
          metadata ObjectMeta default={} : Its labels and annotations.
          spec JobSpec : What runs.
        CronJobStatus : What ran.
          active [ObjectReference] atomic : Jobs running.
          lastScheduleTime Time : When one was last due.
          lastSuccessfulTime Time : When one last succeeded.
        @io.k8s.api.policy.v1
        PodDisruptionBudget kind=policy/v1 : How many pods may be taken away at once.
          spec PodDisruptionBudgetSpec : How many of which.
          status PodDisruptionBudgetStatus default={} : How many now.
        PodDisruptionBudgetSpec : How many of which.
          minAvailable IntOrString : That must stay.
          selector LabelSelector replace : Which pods.
          maxUnavailable IntOrString : That may go.
          unhealthyPodEvictionPolicy str : Whether ill pods may always go.
        PodDisruptionBudgetStatus : How many may go now.
          observedGeneration int64 : The generation this is about.
          disruptedPods {Time} : Pods on their way out.
          disruptionsAllowed! int32 default=0 : How many may go.
          currentHealthy! int32 default=0 : Healthy pods.
          desiredHealthy! int32 default=0 : How many must be healthy.
          expectedPods! int32 default=0 : All pods.
          conditions [Condition] map=type merge=type : Aspects.
        Eviction kind=policy/v1 : Asks for a pod to be taken away.
          deleteOptions DeleteOptions : How it is deleted.
        @io.k8s.apimachinery.pkg.apis.meta.v1
        DeleteOptions kind=v1 : How an object is deleted.
          gracePeriodSeconds int64 : Seconds to end in.
          preconditions Preconditions : What must be true.
          orphanDependents bool : The older form of propagationPolicy.
          propagationPolicy str : Orphan, Background or Foreground.
          dryRun [str] atomic : All to change nothing.
          ignoreStoreReadErrorWithClusterBreakingPotential bool : Delete what cannot be read.
        Preconditions : What must be true.
          uid str : Its uid.
          resourceVersion str : Its version.
        """#
}
