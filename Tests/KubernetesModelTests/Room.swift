import Testing

@testable import KubernetesModel
