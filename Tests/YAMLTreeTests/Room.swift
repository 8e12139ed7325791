import Testing

@testable import YAMLTree
