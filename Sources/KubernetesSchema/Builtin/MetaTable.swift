/// apimachinery: what every object has.
enum MetaTable {
    static let text = #"""
        @io.k8s.apimachinery.pkg.apis.meta.v1
        ObjectMeta : What every stored object says about itself.
          name str : Unique among the objects of its kind in its namespace.
          generateName str : The server makes a name from this prefix when name is empty.
          namespace str : Where the object lives; empty for cluster-scoped kinds.
          selfLink str : No longer filled in.
          uid str : Unique over all objects and all time; set by the server.
          resourceVersion str : Changes with every write; send it back to write only over what was read.
          generation int64 : Counts changes of the wanted state.
          creationTimestamp Time nullable : When the server stored it first.
          deletionTimestamp Time : When deletion was asked for; the object goes when its finalizers are gone.
          deletionGracePeriodSeconds int64 : Seconds the object has to end by itself.
          labels {str} : Names and values to select by.
          annotations {str} : Names and values for tools, not to select by.
          ownerReferences [OwnerReference] map=uid merge=uid : The objects this one is deleted with.
          finalizers [str] set merge : Who must finish work before the object goes.
          managedFields [ManagedFieldsEntry] atomic : Who set which field.
        OwnerReference atomic : An object in the same namespace that owns this one.
          apiVersion! str : API version of the owner.
          kind! str : Kind of the owner.
          name! str : Name of the owner.
          uid! str : uid of the owner.
          controller bool : Whether the owner is the managing controller.
          blockOwnerDeletion bool : Whether foreground deletion of the owner waits for this object.
        ManagedFieldsEntry : The fields one manager set with one operation.
          manager str : The name of the client.
          operation str : Apply or Update.
          apiVersion str : The version the fields are written in.
          time Time : When the entry last changed.
          fieldsType str : FieldsV1.
          fieldsV1 raw : The set of fields.
          subresource str : The subresource it was written through.
        LabelSelector atomic : Objects by their labels; all requirements must hold. Empty selects everything.
          matchLabels {str} : Labels with exactly these values.
          matchExpressions [LabelSelectorRequirement] atomic : Requirements on keys.
        LabelSelectorRequirement : A requirement on one label key.
          key! str : The label key.
          operator! str : In, NotIn, Exists or DoesNotExist.
          values [str] atomic : The values for In and NotIn; empty for the others.
        FieldSelectorRequirement : A requirement on one field.
          key! str : The field's path.
          operator! str : In, NotIn, Exists or DoesNotExist.
          values [str] atomic : The values for In and NotIn; empty for the others.
        Condition : One observed aspect of an object's state.
          type! str : What the condition is about.
          status! str : True, False or Unknown.
          observedGeneration int64 : The generation this was observed at.
          lastTransitionTime! Time : When status last changed.
          reason! str : One word for machines.
          message! str : A sentence for people.
        ListMeta : What a list says about itself.
          selfLink str : No longer filled in.
          resourceVersion str : The state of the store the list shows.
          continue str : Send it back for the next page.
          remainingItemCount int64 : How many more there are, if known.
        """#
}
