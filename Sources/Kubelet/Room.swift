// A small kubelet: pods as processes in namespaces of their own, connected by CNI.
