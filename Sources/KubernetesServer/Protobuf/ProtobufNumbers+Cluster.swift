/// networking, discovery, rbac and everything else that is served.
extension ProtobufNumbers {
    static let cluster = """
        NetworkPolicy metadata spec
        NetworkPolicySpec podSelector ingress egress policyTypes
        NetworkPolicyIngressRule ports from
        NetworkPolicyEgressRule ports to
        NetworkPolicyPort protocol? port? endPort?
        NetworkPolicyPeer podSelector? namespaceSelector? ipBlock?
        IPBlock cidr except
        Ingress metadata spec status
        IngressSpec defaultBackend? tls rules ingressClassName?
        IngressBackend 3 resource? service?
        IngressServiceBackend name port
        ServiceBackendPort name number
        IngressTLS hosts secretName
        IngressRule host <IngressRuleValue
        HTTPIngressRuleValue paths
        HTTPIngressPath path backend pathType?
        IngressStatus loadBalancer
        IngressLoadBalancerStatus ingress
        IngressLoadBalancerIngress ip hostname 4 ports
        IngressPortStatus port protocol error?
        IngressClass metadata spec
        IngressClassSpec controller parameters?
        IngressClassParametersReference apiGroup? kind name scope? namespace?
        IPAddress metadata spec
        IPAddressSpec parentRef?
        ParentReference group resource namespace name
        ServiceCIDR metadata spec status
        ServiceCIDRSpec cidrs
        ServiceCIDRStatus conditions
        EndpointSlice metadata endpoints ports addressType
        Endpoint addresses conditions hostname? targetRef? deprecatedTopology nodeName? zone? hints?
        EndpointConditions ready? serving? terminating?
        EndpointHints forZones forNodes
        ForZone name
        ForNode name
        EndpointPort name? protocol? port? appProtocol?
        IngressRuleValue http?
        Role metadata rules
        ClusterRole metadata rules aggregationRule?
        AggregationRule clusterRoleSelectors
        PolicyRule verbs apiGroups resources resourceNames nonResourceURLs
        RoleBinding metadata subjects roleRef
        ClusterRoleBinding metadata subjects roleRef
        Subject kind apiGroup name namespace
        RoleRef apiGroup kind name
        Lease metadata spec
        LeaseSpec holderIdentity? leaseDurationSeconds? acquireTime? renewTime? leaseTransitions? strategy?
          preferredHolder?
        PriorityClass metadata value globalDefault description preemptionPolicy?
        RuntimeClass metadata handler overhead? scheduling?
        Overhead podFixed
        Scheduling nodeSelector tolerations
        StorageClass metadata provisioner parameters reclaimPolicy? mountOptions allowVolumeExpansion?
          volumeBindingMode? allowedTopologies
        CSIDriver metadata spec
        CSIDriverSpec attachRequired? podInfoOnMount? volumeLifecycleModes storageCapacity? fsGroupPolicy?
          tokenRequests requiresRepublish? seLinuxMount? nodeAllocatableUpdatePeriodSeconds?
        CSINode metadata spec
        CSINodeSpec drivers
        CSINodeDriver name nodeID topologyKeys allocatable?
        VolumeAttachment metadata spec status
        VolumeAttachmentSpec attacher source nodeName
        VolumeAttachmentSource persistentVolumeName? inlineVolumeSpec?
        VolumeAttachmentStatus attached attachmentMetadata attachError? detachError?
        VolumeError time message errorCode?
        VolumeNodeResources count?
        storage/TokenRequest audience expirationSeconds?
        TopologySelectorTerm matchLabelExpressions
        TopologySelectorLabelRequirement key values
        TokenReview metadata spec status
        TokenReviewSpec token audiences
        TokenReviewStatus authenticated user error audiences
        UserInfo username uid groups extra
        TokenRequest metadata spec status
        TokenRequestSpec audiences 3 boundObjectRef? expirationSeconds?
        BoundObjectReference kind apiVersion name uid
        TokenRequestStatus token expirationTimestamp
        SelfSubjectReview metadata status
        SelfSubjectReviewStatus userInfo
        SubjectAccessReview metadata spec status
        LocalSubjectAccessReview metadata spec status
        SelfSubjectAccessReview metadata spec status
        SubjectAccessReviewSpec resourceAttributes? nonResourceAttributes? user groups extra uid
        SelfSubjectAccessReviewSpec resourceAttributes? nonResourceAttributes?
        ResourceAttributes namespace verb group version resource subresource name fieldSelector? labelSelector?
        FieldSelectorAttributes rawSelector requirements
        LabelSelectorAttributes rawSelector requirements
        NonResourceAttributes path verb
        SubjectAccessReviewStatus allowed reason evaluationError denied
        SelfSubjectRulesReview metadata spec status
        SelfSubjectRulesReviewSpec namespace
        SubjectRulesReviewStatus resourceRules nonResourceRules incomplete evaluationError
        ResourceRule verbs apiGroups resources resourceNames
        NonResourceRule verbs nonResourceURLs
        ValidatingWebhookConfiguration metadata webhooks
        MutatingWebhookConfiguration metadata webhooks
        ValidatingWebhook name clientConfig rules failurePolicy? namespaceSelector? sideEffects? timeoutSeconds?
          admissionReviewVersions matchPolicy? objectSelector? matchConditions
        MutatingWebhook name clientConfig rules failurePolicy? namespaceSelector? sideEffects? timeoutSeconds?
          admissionReviewVersions matchPolicy? reinvocationPolicy? objectSelector? matchConditions
        MatchCondition name expression
        RuleWithOperations operations <Rule
        WebhookClientConfig service? caBundle url?
        admission/ServiceReference namespace name path? port?
        Rule apiGroups apiVersions resources scope?
        CustomResourceDefinition metadata spec status
        CustomResourceDefinitionSpec group 3 names scope 7 versions 9 conversion? preserveUnknownFields
        CustomResourceDefinitionNames plural singular shortNames kind listKind categories
        CustomResourceDefinitionVersion name served storage schema? subresources? additionalPrinterColumns
          deprecated deprecationWarning? selectableFields
        CustomResourceValidation openAPIV3Schema?
        CustomResourceSubresources status? scale?
        CustomResourceSubresourceScale specReplicasPath statusReplicasPath labelSelectorPath?
        CustomResourceColumnDefinition name type format description priority jsonPath
        SelectableField jsonPath
        CustomResourceConversion strategy webhook?
        WebhookConversion 2 clientConfig? conversionReviewVersions
        CustomResourceDefinitionStatus conditions acceptedNames storedVersions
        CustomResourceDefinitionCondition type status lastTransitionTime reason message
        ExternalDocumentation description url
        ValidationRule rule message messageExpression reason? fieldPath optionalOldSelf?
        JSONSchemaProps id $schema $ref? description type format title default? maximum? exclusiveMaximum minimum?
          exclusiveMinimum maxLength? minLength? pattern maxItems? minItems? uniqueItems multipleOf? enum
          maxProperties? minProperties? required items=OrArray? allOf oneOf anyOf not? properties
          additionalProperties=OrBool? patternProperties dependencies=OrStrings additionalItems=OrBool? definitions
          externalDocs? example? nullable x-kubernetes-preserve-unknown-fields? x-kubernetes-embedded-resource
          x-kubernetes-int-or-string x-kubernetes-list-map-keys x-kubernetes-list-type? x-kubernetes-map-type?
          x-kubernetes-validations
        APIService metadata spec status
        APIServiceSpec service? group version insecureSkipTLSVerify caBundle 7 groupPriorityMinimum versionPriority
        APIServiceStatus conditions
        APIServiceCondition type status lastTransitionTime reason message
        apiextensions/WebhookClientConfig service? caBundle url?
        apiextensions/ServiceReference namespace name path? port?
        ServiceReference namespace name port?
        """
}
