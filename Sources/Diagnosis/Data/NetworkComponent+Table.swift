extension NetworkComponent {
    /// What is recognised. Mirrors keep the last part of a repository, sometimes with the owner before it
    /// (`mirrored-calico-node`), and distributions that harden images rename them (`hardened-calico`).
    public static let all: [NetworkComponent] = agents + beside + cluster

    private static let agents = [
        NetworkComponent(
            "calico", .agent,
            images: ["calico/node", "calico-node", "mirrored-calico-node", "hardened-calico", "canal-node"],
            labels: ["k8s-app=calico-node", "k8s-app=canal"], metrics: 9091,
            source: "projectcalico/calico manifests/calico.yaml", date: "2026-08-01"),
        NetworkComponent(
            "cilium", .agent,
            images: ["cilium/cilium", "mirrored-cilium-cilium", "cilium-agent", "cilium/cilium-ci"],
            labels: ["k8s-app=cilium"], metrics: 9962, source: "cilium install/kubernetes/cilium", date: "2026-08-01"),
        NetworkComponent(
            "flannel", .agent,
            images: [
                "flannel", "mirrored-flannelcni-flannel", "mirrored-flannel-flannel", "hardened-flannel",
                "flannel/flannel",
            ],
            labels: ["app=flannel", "k8s-app=flannel"], source: "flannel-io/flannel Documentation/kube-flannel.yml",
            date: "2026-08-01"),
        NetworkComponent(
            "aws-vpc-cni", .agent, images: ["amazon-k8s-cni"], labels: ["k8s-app=aws-node"], metrics: 61678,
            source: "aws/amazon-vpc-cni-k8s config/master", date: "2026-08-01"),
        NetworkComponent(
            "antrea", .agent, images: ["antrea-agent-ubuntu", "antrea-agent-ubi", "antrea-ubuntu", "antrea-agent"],
            labels: ["component=antrea-agent"], source: "antrea-io/antrea build/yamls", date: "2026-08-01"),
        NetworkComponent(
            "kube-router", .agent, images: ["kube-router"], labels: ["k8s-app=kube-router"], metrics: 20241,
            source: "cloudnativelabs/kube-router daemonset", date: "2026-08-01"),
        NetworkComponent(
            "weave", .agent, images: ["weave-kube"], labels: ["name=weave-net"],
            source: "weaveworks/weave prog/weave-kube", date: "2024-06-01"),
        NetworkComponent(
            "azure-cns", .agent, images: ["azure-cns"], labels: ["k8s-app=azure-cns"], metrics: 10092,
            source: "Azure/azure-container-networking cns", date: "2026-08-01"),
        NetworkComponent(
            "kindnet", .agent, images: ["kindnetd", "kindest/kindnetd"], labels: ["k8s-app=kindnet", "app=kindnet"],
            source: "kubernetes-sigs/kind images/kindnetd", date: "2026-08-01"),
        NetworkComponent(
            "ovn-kubernetes", .agent,
            images: ["ovn-kube", "ovn-daemonset-fedora", "ovn-daemonset-ubuntu", "ovn-kube-u"],
            labels: ["app=ovnkube-node", "name=ovnkube-node"], source: "ovn-org/ovn-kubernetes dist", date: "2026-08-01"
        ),
        NetworkComponent(
            "kube-ovn", .agent, images: ["kube-ovn"], labels: ["app=kube-ovn-cni"],
            source: "kubeovn/kube-ovn dist", date: "2026-08-01"),
        NetworkComponent(
            "gke-netd", .agent, images: ["netd-amd64", "gke-release/netd"], labels: ["k8s-app=netd"],
            source: "GoogleCloudPlatform/netd", date: "2025-06-01"),
        NetworkComponent(
            "poplin", .agent, images: ["poplin-agent", "poplin"], labels: ["app.kubernetes.io/name=poplin-agent"],
            source: "deploy", date: "2026-11-21"),
    ]

    private static let beside = [
        NetworkComponent(
            "multus", .chained, images: ["multus-cni", "hardened-multus-cni"],
            labels: ["app=multus", "name=multus", "k8s-app=multus"],
            source: "k8snetworkplumbingwg/multus-cni deployments",
            date: "2026-08-01"),
        NetworkComponent(
            "whereabouts", .chained, images: ["whereabouts"], labels: ["app=whereabouts", "name=whereabouts"],
            source: "k8snetworkplumbingwg/whereabouts doc/crds", date: "2026-08-01"),
        NetworkComponent(
            "istio-cni", .chained, images: ["install-cni"], labels: ["k8s-app=istio-cni-node"], metrics: 15014,
            source: "istio/istio manifests/charts/istio-cni", date: "2026-08-01"),
        NetworkComponent(
            "linkerd-cni", .chained, images: ["linkerd/cni-plugin", "cni-plugin"], labels: ["k8s-app=linkerd-cni"],
            source: "linkerd/linkerd2 charts/linkerd2-cni", date: "2026-08-01"),
        NetworkComponent(
            "aws-network-policy", .policy, images: ["aws-network-policy-agent"],
            source: "aws/aws-network-policy-agent", date: "2026-08-01"),
        NetworkComponent(
            "azure-npm", .policy, images: ["azure-npm"], labels: ["k8s-app=azure-npm"],
            source: "Azure/azure-container-networking npm", date: "2026-08-01"),
        NetworkComponent(
            "kube-proxy", .proxy, images: ["kube-proxy", "eks/kube-proxy", "hyperkube", "kube-proxy-amd64"],
            labels: ["k8s-app=kube-proxy", "component=kube-proxy"], metrics: 10249,
            source: "kubernetes cmd/kubeadm/app/phases/addons/proxy", date: "2026-08-01"),
        NetworkComponent(
            "node-local-dns", .nodeDNS, images: ["k8s-dns-node-cache"], labels: ["k8s-app=node-local-dns"],
            metrics: 9253, source: "kubernetes cluster/addons/dns/nodelocaldns", date: "2026-08-01"),
    ]

    private static let cluster = [
        NetworkComponent(
            "coredns", .dns, images: ["coredns", "mirrored-coredns-coredns", "hardened-coredns", "k8s-dns-kube-dns"],
            labels: ["k8s-app=kube-dns", "dns.operator.openshift.io/daemonset-dns=default"], metrics: 9153,
            source: "kubernetes cluster/addons/dns/coredns", date: "2026-08-01"),
        NetworkComponent(
            "calico-typha", .controller, images: ["calico/typha", "calico-typha", "mirrored-calico-typha"],
            labels: ["k8s-app=calico-typha"], metrics: 9093, source: "projectcalico/calico manifests",
            date: "2026-08-01"),
        NetworkComponent(
            "calico-kube-controllers", .controller,
            images: ["calico/kube-controllers", "mirrored-calico-kube-controllers"],
            labels: ["k8s-app=calico-kube-controllers"], metrics: 9094, source: "projectcalico/calico manifests",
            date: "2026-08-01"),
        NetworkComponent(
            "tigera-operator", .controller, images: ["tigera/operator", "mirrored-calico-operator"],
            labels: ["k8s-app=tigera-operator"], source: "tigera/operator", date: "2026-08-01"),
        NetworkComponent(
            "cilium-operator", .controller,
            images: ["operator-generic", "operator-aws", "operator-azure", "mirrored-cilium-operator-generic"],
            labels: ["io.cilium/app=operator"], metrics: 9963, source: "cilium install/kubernetes/cilium",
            date: "2026-08-01"),
        NetworkComponent(
            "ovn-kubernetes-control-plane", .controller, images: [],
            labels: ["app=ovnkube-control-plane", "name=ovnkube-control-plane", "app=ovnkube-master"],
            source: "ovn-org/ovn-kubernetes dist", date: "2026-08-01"),
        NetworkComponent(
            "antrea-controller", .controller, images: ["antrea-controller-ubuntu", "antrea-controller-ubi"],
            labels: ["component=antrea-controller"], source: "antrea-io/antrea build/yamls", date: "2026-08-01"),
        NetworkComponent(
            "ingress-nginx", .ingress,
            images: [
                "ingress-nginx/controller", "nginx-ingress-controller", "nginx-ingress", "hardened-ingress-nginx",
            ],
            labels: ["app.kubernetes.io/name=ingress-nginx"], metrics: 10254,
            source: "kubernetes/ingress-nginx deploy/static", date: "2026-08-01"),
        NetworkComponent(
            "traefik", .ingress, images: ["traefik", "mirrored-library-traefik"],
            labels: ["app.kubernetes.io/name=traefik"], metrics: 9100, source: "traefik/traefik-helm-chart",
            date: "2026-08-01"),
        NetworkComponent(
            "haproxy-ingress", .ingress, images: ["haproxy-ingress", "kubernetes-ingress"],
            labels: ["app.kubernetes.io/name=haproxy-ingress", "app.kubernetes.io/name=kubernetes-ingress"],
            source: "haproxytech/kubernetes-ingress", date: "2026-08-01"),
        NetworkComponent(
            "contour", .ingress, images: ["projectcontour/contour", "contour"], labels: ["app=contour"], metrics: 8000,
            source: "projectcontour/contour examples", date: "2026-08-01"),
        NetworkComponent(
            "aws-load-balancer-controller", .ingress, images: ["aws-load-balancer-controller"],
            labels: ["app.kubernetes.io/name=aws-load-balancer-controller"], metrics: 8080,
            source: "kubernetes-sigs/aws-load-balancer-controller helm", date: "2026-08-01"),
        NetworkComponent(
            "kong", .ingress, images: ["kong/kubernetes-ingress-controller", "kubernetes-ingress-controller"],
            source: "Kong/charts", date: "2026-08-01"),
        NetworkComponent(
            "metallb", .loadBalancer, images: ["metallb/speaker", "metallb/controller"],
            labels: ["app.kubernetes.io/name=metallb", "app=metallb"], metrics: 7472, source: "metallb/metallb config",
            date: "2026-08-01"),
        NetworkComponent(
            "kube-vip", .loadBalancer, images: ["kube-vip"], labels: ["app.kubernetes.io/name=kube-vip-ds"],
            source: "kube-vip/kube-vip docs", date: "2026-08-01"),
        NetworkComponent(
            "istiod", .mesh, images: ["pilot", "istio/pilot"], labels: ["app=istiod"], metrics: 15014,
            source: "istio/istio manifests", date: "2026-08-01"),
        NetworkComponent(
            "istio-gateway", .mesh, images: [], labels: ["istio=ingressgateway", "istio=egressgateway"],
            source: "istio/istio manifests/charts/gateways", date: "2026-08-01"),
        NetworkComponent(
            "ztunnel", .mesh, images: ["ztunnel"], labels: ["app=ztunnel"], metrics: 15020,
            source: "istio/istio manifests/charts/ztunnel", date: "2026-08-01"),
        NetworkComponent(
            "linkerd", .mesh, images: ["linkerd/controller", "linkerd/policy-controller"],
            labels: ["linkerd.io/control-plane-component=destination"], source: "linkerd/linkerd2 charts",
            date: "2026-08-01"),
        NetworkComponent(
            "cert-manager", .certificates, images: ["cert-manager-controller", "jetstack/cert-manager-controller"],
            labels: ["app.kubernetes.io/name=cert-manager"], metrics: 9402, source: "cert-manager/cert-manager deploy",
            date: "2026-08-01"),
    ]
}
