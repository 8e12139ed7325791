import Testing

@testable import KubernetesSchema
