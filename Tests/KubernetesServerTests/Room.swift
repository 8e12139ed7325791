import Testing

@testable import KubernetesServer
