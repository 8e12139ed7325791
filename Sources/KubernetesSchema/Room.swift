// KubernetesSchema
