/// rbac, coordination, scheduling, node, storage, apiregistration, authentication and authorization.
enum ClusterTable {
    static let text = #"""
        @io.k8s.api.rbac.v1
        Role kind=rbac.authorization.k8s.io/v1 : Rights inside one namespace.
          rules [PolicyRule] atomic : What is allowed; any rule is enough.
        ClusterRole kind=rbac.authorization.k8s.io/v1 : Rights in the whole cluster, or in namespaces by binding.
          rules [PolicyRule] atomic : What is allowed; any rule is enough.
          aggregationRule AggregationRule : Rules are taken from other roles.
        AggregationRule : Which roles' rules are taken.
          clusterRoleSelectors [LabelSelector] atomic : The roles; any selector is enough.
        PolicyRule : Verbs on resources, or on paths.
          verbs! [str] atomic : The verbs; * is every verb.
          apiGroups [str] atomic : The groups; "" is the core group.
          resources [str] atomic : The resources; pods/log is a subresource.
          resourceNames [str] atomic : Only objects of these names.
          nonResourceURLs [str] atomic : Paths that are no resources.
        RoleBinding kind=rbac.authorization.k8s.io/v1 : Gives a role to subjects inside one namespace.
          subjects [Subject] atomic : Who gets it.
          roleRef! RoleRef : The role; cannot be changed.
        ClusterRoleBinding kind=rbac.authorization.k8s.io/v1 : Gives a cluster role to subjects everywhere.
          subjects [Subject] atomic : Who gets it.
          roleRef! RoleRef : The role; cannot be changed.
        Subject atomic : A user, a group or a service account.
          kind! str : User, Group or ServiceAccount.
          apiGroup str : The group of the kind.
          name! str : Its name.
          namespace str : The service account's namespace.
        RoleRef atomic : A role.
          apiGroup! str : rbac.authorization.k8s.io.
          kind! str : Role or ClusterRole.
          name! str : Its name.
        @io.k8s.api.coordination.v1
        Lease kind=coordination.k8s.io/v1 : Who holds something, and since when.
          spec LeaseSpec default={} : Holder and times.
        LeaseSpec : Holder and times.
          holderIdentity str : Who holds it.
          leaseDurationSeconds int32 : Seconds after renewTime at which others may take it.
          acquireTime MicroTime : When it was taken.
          renewTime MicroTime : When it was last renewed.
          leaseTransitions int32 : How often it changed hands.
          strategy str : How the holder is chosen.
          preferredHolder str : Who should take it.
        @io.k8s.api.scheduling.v1
        PriorityClass kind=scheduling.k8s.io/v1 : A name for a priority.
          value! int32 : Higher is scheduled first.
          globalDefault bool : For pods that name none.
          description str : When to use it.
          preemptionPolicy str enum=PreemptLowerPriority|Never default="PreemptLowerPriority" : Whether its pods push others out.
        @io.k8s.api.node.v1
        RuntimeClass kind=node.k8s.io/v1 : A runtime by name.
          handler! str : The runtime's own name for it.
          overhead Overhead : What it takes for itself.
          scheduling Scheduling : Nodes that have it.
        Overhead : What a runtime takes for itself.
          podFixed {Quantity} : For each pod.
        Scheduling : Nodes that have a runtime.
          nodeSelector {str} atomic : Their labels.
          tolerations [Toleration] atomic : Taints its pods tolerate.
        @io.k8s.api.storage.v1
        StorageClass kind=storage.k8s.io/v1 : How volumes are made.
          provisioner! str : Who makes them.
          parameters {str} : For the provisioner.
          reclaimPolicy str enum=Retain|Recycle|Delete default="Delete" : What happens when the claim goes.
          mountOptions [str] atomic : Options of the mount.
          allowVolumeExpansion bool : Whether they can grow.
          volumeBindingMode str enum=Immediate|WaitForFirstConsumer default="Immediate" : At once, or when a pod comes.
          allowedTopologies [TopologySelectorTerm] atomic : Where.
        CSIDriver kind=storage.k8s.io/v1 : What a CSI driver needs.
          spec! CSIDriverSpec : Its needs.
        CSIDriverSpec : What a CSI driver needs.
          attachRequired bool default=true : Volumes must be attached.
          podInfoOnMount bool default=false : It is told the pod.
          volumeLifecycleModes [str] set : Persistent, Ephemeral.
          storageCapacity bool default=false : It tells how much is free.
          fsGroupPolicy str default="ReadWriteOnceWithFSType" : When ownership is changed.
          tokenRequests [storage/TokenRequest] atomic : Tokens it is given.
          requiresRepublish bool default=false : Called again and again.
          seLinuxMount bool default=false : Mounts with a context.
          nodeAllocatableUpdatePeriodSeconds int64 : How often its limits are asked.
          serviceAccountTokenInSecrets bool : Where tokens are put.
        CSINode kind=storage.k8s.io/v1 : The CSI drivers of a node.
          spec! CSINodeSpec : The drivers.
        CSINodeSpec : The CSI drivers of a node.
          drivers! [CSINodeDriver] map=name merge=name : Each driver.
        CSINodeDriver : One driver of a node.
          name! str : The driver.
          nodeID! str : The driver's name for the node.
          topologyKeys [str] atomic : Labels it knows.
          allocatable VolumeNodeResources : How many volumes.
        VolumeAttachment kind=storage.k8s.io/v1 : A volume to be attached to a node.
          spec! VolumeAttachmentSpec : What to which.
          status VolumeAttachmentStatus default={} : Whether it is.
        VolumeAttachmentSpec : A volume and a node.
          attacher! str : The driver that attaches it.
          nodeName! str : The node.
          source! VolumeAttachmentSource default={} : The volume.
        VolumeAttachmentSource : A volume to be attached; exactly one.
          persistentVolumeName str : By name.
          inlineVolumeSpec PersistentVolumeSpec : As it stood in a pod.
        VolumeAttachmentStatus : Whether a volume is attached.
          attached! bool : It is.
          attachmentMetadata {str} : From the driver, for the node.
          attachError VolumeError : What went wrong with attaching.
          detachError VolumeError : What went wrong with detaching.
        VolumeError : What went wrong with a volume.
          time Time nullable : When.
          message str : A sentence.
          errorCode int32 : The driver's gRPC code.
        VolumeNodeResources : How much a driver takes on one node.
          count int32 : Volumes at once.
        storage/TokenRequest : A token a driver is given.
          audience! str : Who it is for.
          expirationSeconds int64 : How long it is good.
        @io.k8s.api.core.v1
        TopologySelectorTerm atomic : Where something may be.
          matchLabelExpressions [TopologySelectorLabelRequirement] atomic : All must hold.
        TopologySelectorLabelRequirement : A requirement on one label.
          key! str : The label.
          values! [str] atomic : Its values.
        @io.k8s.kube-aggregator.pkg.apis.apiregistration.v1
        APIService kind=apiregistration.k8s.io/v1 : Who serves a group and version.
          spec APIServiceSpec : Where it is served.
          status APIServiceStatus default={} : Whether it is.
        APIServiceSpec : Where a group and version is served.
          service ServiceReference : The service; none is this server itself.
          group str : The group.
          version str : The version.
          insecureSkipTLSVerify bool : Do not check its certificate.
          caBundle bytes : Certificates to check it with.
          groupPriorityMinimum! int32 : Place among groups.
          versionPriority! int32 : Place among versions.
        ServiceReference : A service and its port.
          namespace str : Its namespace.
          name str : Its name.
          port int32 default=443 : Its port.
        APIServiceStatus : Whether it is served.
          conditions [APIServiceCondition] map=type merge=type : Aspects such as Available.
        APIServiceCondition : One aspect.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        @io.k8s.api.authentication.v1
        TokenReview kind=authentication.k8s.io/v1 : Asks whose a token is.
          spec! TokenReviewSpec : The token.
          status TokenReviewStatus default={} : The answer.
        TokenReviewSpec : A token to be looked at.
          token str : The token.
          audiences [str] atomic : Who it must be for.
        TokenReviewStatus : Whose a token is.
          authenticated bool : Whether it is good.
          user UserInfo default={} : Whose it is.
          audiences [str] atomic : Who it is for.
          error str : Why it could not be looked at.
        UserInfo : A user.
          username str : The name.
          uid str : The id.
          groups [str] atomic : The groups.
          extra {[str]} : More, from the authenticator.
        TokenRequest kind=authentication.k8s.io/v1 : Asks for a service account's token.
          spec! TokenRequestSpec : What kind.
          status TokenRequestStatus default={} : The token.
        TokenRequestSpec : What kind of token.
          audiences! [str] atomic : Who it is for.
          expirationSeconds int64 default=3600 : How long it is good.
          boundObjectRef BoundObjectReference : It ends with this object.
        BoundObjectReference : An object a token ends with.
          kind str : Pod, Node or Secret.
          apiVersion str : Its API version.
          name str : Its name.
          uid str : Its uid.
        TokenRequestStatus : A token.
          token! str : The token.
          expirationTimestamp! Time : Until when it is good.
        SelfSubjectReview kind=authentication.k8s.io/v1 : Asks who the caller is.
          status SelfSubjectReviewStatus default={} : The answer.
        SelfSubjectReviewStatus : Who the caller is.
          userInfo UserInfo default={} : The user.
        @io.k8s.api.authorization.v1
        SubjectAccessReview kind=authorization.k8s.io/v1 : Asks whether somebody may do something.
          spec! SubjectAccessReviewSpec : Who and what.
          status SubjectAccessReviewStatus default={} : The answer.
        LocalSubjectAccessReview kind=authorization.k8s.io/v1 : The same inside one namespace.
          spec! SubjectAccessReviewSpec : Who and what.
          status SubjectAccessReviewStatus default={} : The answer.
        SelfSubjectAccessReview kind=authorization.k8s.io/v1 : Asks whether the caller may do something.
          spec! SelfSubjectAccessReviewSpec : What.
          status SubjectAccessReviewStatus default={} : The answer.
        SubjectAccessReviewSpec : Who wants to do what.
          resourceAttributes ResourceAttributes : On a resource.
          nonResourceAttributes NonResourceAttributes : On a path.
          user str : Who.
          groups [str] atomic : The groups.
          extra {[str]} : More about the user.
          uid str : The user's id.
        SelfSubjectAccessReviewSpec : What the caller wants to do.
          resourceAttributes ResourceAttributes : On a resource.
          nonResourceAttributes NonResourceAttributes : On a path.
        ResourceAttributes : Something done to a resource.
          namespace str : Where; empty is everywhere.
          verb str : What.
          group str : The group.
          version str : The version.
          resource str : The resource.
          subresource str : The subresource.
          name str : Which; empty is all.
          fieldSelector FieldSelectorAttributes : Only objects with such fields.
          labelSelector LabelSelectorAttributes : Only objects with such labels.
        FieldSelectorAttributes : A selector by fields.
          rawSelector str : As it stands in a query; requirements must then be empty.
          requirements [FieldSelectorRequirement] atomic : Taken apart.
        LabelSelectorAttributes : A selector by labels.
          rawSelector str : As it stands in a query; requirements must then be empty.
          requirements [LabelSelectorRequirement] atomic : Taken apart.
        NonResourceAttributes : Something done to a path.
          path str : The path.
          verb str : What.
        SubjectAccessReviewStatus : Whether it is allowed.
          allowed! bool : It is.
          denied bool : It is forbidden, whatever others say.
          reason str : Why.
          evaluationError str : What could not be looked at.
        SelfSubjectRulesReview kind=authorization.k8s.io/v1 : Asks for everything the caller may do.
          spec! SelfSubjectRulesReviewSpec : Where.
          status SubjectRulesReviewStatus default={} : The answer.
        SelfSubjectRulesReviewSpec : Where.
          namespace str : The namespace.
        SubjectRulesReviewStatus : Everything the caller may do.
          resourceRules! [ResourceRule] atomic : On resources.
          nonResourceRules! [NonResourceRule] atomic : On paths.
          incomplete! bool : There may be more.
          evaluationError str : What could not be looked at.
        ResourceRule : Verbs on resources.
          verbs! [str] atomic : The verbs.
          apiGroups [str] atomic : The groups.
          resources [str] atomic : The resources.
          resourceNames [str] atomic : Only these names.
        NonResourceRule : Verbs on paths.
          verbs! [str] atomic : The verbs.
          nonResourceURLs [str] atomic : The paths.
        """#
}
