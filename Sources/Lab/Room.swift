// A cluster on this machine: nodes in namespaces, an underlay, the Kubernetes API.
