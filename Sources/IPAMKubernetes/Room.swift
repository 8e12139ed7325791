// Address pools and blocks kept in the Kubernetes API.
