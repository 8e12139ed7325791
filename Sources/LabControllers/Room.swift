// What kube-controller-manager and kube-scheduler do, in small, for the lab.
