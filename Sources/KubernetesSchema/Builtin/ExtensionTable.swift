/// apiextensions.k8s.io/v1 and admissionregistration.k8s.io/v1.
enum ExtensionTable {
    static let text = #"""
        @io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
        CustomResourceDefinition kind=apiextensions.k8s.io/v1 : Makes the server serve a new kind.
          spec! CustomResourceDefinitionSpec : The kind, its names and its versions.
          status CustomResourceDefinitionStatus : Whether it is served.
        CustomResourceDefinitionSpec : A kind, its names and its versions.
          group! str : The group.
          names! CustomResourceDefinitionNames : What it is called.
          scope! str : Cluster or Namespaced.
          versions! [CustomResourceDefinitionVersion] atomic : Its versions; exactly one is stored.
          conversion CustomResourceConversion : How versions are converted.
          preserveUnknownFields bool : Must be false.
        CustomResourceDefinitionNames : What a kind is called.
          plural! str : In paths, lower case.
          singular str : For one, lower case.
          shortNames [str] atomic : For fast typing.
          kind! str : In objects.
          listKind str : In lists.
          categories [str] atomic : Groups of resources such as all.
        CustomResourceDefinitionVersion : One version of a kind.
          name! str : Such as v1alpha1.
          served! bool : Whether it can be asked for.
          storage! bool : Whether objects are stored in it.
          deprecated bool : Whether using it warns.
          deprecationWarning str : The warning's words.
          schema CustomResourceValidation : What its objects look like.
          subresources CustomResourceSubresources : status and scale.
          additionalPrinterColumns [CustomResourceColumnDefinition] atomic : Columns of kubectl get.
          selectableFields [SelectableField] atomic : Fields that lists can select by.
        CustomResourceValidation : What objects look like.
          openAPIV3Schema JSONSchemaProps : The schema; it must be structural.
        CustomResourceSubresources : Subresources.
          status raw : If present, status is written apart from the rest.
          scale CustomResourceSubresourceScale : If present, replicas can be scaled.
        CustomResourceSubresourceScale : Where replicas stand.
          specReplicasPath! str : The number wanted.
          statusReplicasPath! str : The number there is.
          labelSelectorPath str : The pods, as a query.
        CustomResourceColumnDefinition : A column of kubectl get.
          name! str : Its head.
          type! str : integer, number, string, boolean or date.
          format str : How it is written.
          description str : What it says.
          priority int32 : Above 0 only with -o wide.
          jsonPath! str : Where the value stands.
        SelectableField : A field that lists can select by.
          jsonPath! str : Where it stands.
        CustomResourceConversion : How versions are converted.
          strategy! str : None or Webhook.
          webhook WebhookConversion : Who converts.
        WebhookConversion : Who converts.
          clientConfig apiextensions/WebhookClientConfig : Where it is.
          conversionReviewVersions! [str] atomic : The reviews it knows.
        apiextensions/WebhookClientConfig : Where a webhook is.
          url str : By address.
          service apiextensions/ServiceReference : By service.
          caBundle bytes : Certificates to check it with.
        apiextensions/ServiceReference : A service and a path.
          namespace! str : Its namespace.
          name! str : Its name.
          path str : The path.
          port int32 default=443 : The port.
        CustomResourceDefinitionStatus : Whether a kind is served.
          conditions [CustomResourceDefinitionCondition] map=type : Established, NamesAccepted and others.
          acceptedNames CustomResourceDefinitionNames default={} : The names in use.
          storedVersions [str] atomic : Versions that objects were ever stored in.
          observedGeneration int64 : The generation this is about.
        CustomResourceDefinitionCondition : One aspect.
          type! str : What it is about.
          status! str : True, False or Unknown.
          observedGeneration int64 : The generation it is about.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        JSONSchemaProps : A JSON schema, as far as structural schemas use it.
          id str : Not allowed here.
          $schema str : Not allowed here.
          $ref str : Not allowed here.
          description str : What the field is for.
          type str : object, array, string, integer, number or boolean.
          format str : A narrower form of the type.
          title str : A short name.
          default any : The value of an absent field.
          maximum num : The greatest number.
          exclusiveMaximum bool : Not the maximum itself.
          minimum num : The least number.
          exclusiveMinimum bool : Not the minimum itself.
          maxLength int64 : The most characters.
          minLength int64 : The fewest characters.
          pattern str : A regular expression.
          maxItems int64 : The most elements.
          minItems int64 : The fewest elements.
          uniqueItems bool : Not allowed to be true.
          multipleOf num : Every number is a multiple of it.
          enum [any] atomic : The values allowed.
          maxProperties int64 : The most members.
          minProperties int64 : The fewest members.
          required [str] atomic : Members that must be there.
          items any : The schema of elements.
          allOf [JSONSchemaProps] atomic : All must hold.
          oneOf [JSONSchemaProps] atomic : Exactly one must hold.
          anyOf [JSONSchemaProps] atomic : At least one must hold.
          not JSONSchemaProps : Must not hold.
          properties {JSONSchemaProps} : The schemas of members.
          additionalProperties any : The schema of all other members.
          patternProperties {JSONSchemaProps} : Not allowed here.
          dependencies {any} : Not allowed here.
          additionalItems any : Not allowed here.
          definitions {JSONSchemaProps} : Not allowed here.
          externalDocs ExternalDocumentation : Where more is written.
          example any : An example.
          nullable bool : null is allowed.
          x-kubernetes-preserve-unknown-fields bool : Fields without a schema are kept.
          x-kubernetes-embedded-resource bool : The value is a whole object.
          x-kubernetes-int-or-string bool : An integer or a string.
          x-kubernetes-list-map-keys [str] atomic : The keys that tell elements apart.
          x-kubernetes-list-type str : atomic, set or map.
          x-kubernetes-map-type str : granular or atomic.
          x-kubernetes-validations [ValidationRule] map=rule merge=rule : Rules in CEL about the value here.
        ValidationRule : A rule in CEL.
          rule! str : The expression.
          message str : What is said when it fails.
          messageExpression str : The same as an expression.
          reason str : The reason in the error.
          fieldPath str : The field the error names.
          optionalOldSelf bool : Whether it holds for new values too.
        ExternalDocumentation : Where more is written.
          description str : What is written there.
          url str : Its address.
        @io.k8s.api.admissionregistration.v1
        ValidatingWebhookConfiguration kind=admissionregistration.k8s.io/v1 : Webhooks that may refuse; stored, not called.
          webhooks [ValidatingWebhook] map=name merge=name : The webhooks.
        MutatingWebhookConfiguration kind=admissionregistration.k8s.io/v1 : Webhooks that may change; stored, not called.
          webhooks [MutatingWebhook] map=name merge=name : The webhooks.
        ValidatingWebhook : A webhook that may refuse.
          name! str : Its name.
          clientConfig! WebhookClientConfig : Where it is.
          rules [RuleWithOperations] atomic : What it is asked about.
          failurePolicy str enum=Fail|Ignore default="Fail" : When it cannot be asked.
          matchPolicy str enum=Equivalent|Exact default="Equivalent" : Whether other versions count.
          namespaceSelector LabelSelector default={} : In which namespaces.
          objectSelector LabelSelector default={} : For which objects.
          sideEffects! str : None, NoneOnDryRun, Some or Unknown.
          timeoutSeconds int32 default=10 : Seconds it has.
          admissionReviewVersions! [str] atomic : The reviews it knows.
          matchConditions [MatchCondition] map=name merge=name : More conditions, in CEL.
        MutatingWebhook like=ValidatingWebhook : A webhook that may change.
          reinvocationPolicy str enum=Never|IfNeeded default="Never" : Whether it is asked again.
        MatchCondition : A condition in CEL.
          name! str : Its name.
          expression! str : The expression.
        RuleWithOperations : What a webhook is asked about.
          apiGroups [str] atomic : Groups.
          apiVersions [str] atomic : Versions.
          operations [str] atomic : CREATE, UPDATE, DELETE, CONNECT or *.
          resources [str] atomic : Resources.
          scope str default="*" : Cluster, Namespaced or *.
        WebhookClientConfig : Where a webhook is.
          url str : By address.
          service admission/ServiceReference : By service.
          caBundle bytes : Certificates to check it with.
        admission/ServiceReference : A service and a path.
          namespace! str : Its namespace.
          name! str : Its name.
          path str : The path.
          port int32 default=443 : The port.
        """#
}
