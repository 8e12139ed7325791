#!/usr/bin/env python3
"""Twelve ordinary logs, as agents of healthy clusters print them: healthy-logs.py FOLDER

Each has 200 to 500 lines: a start with its usual warnings, leader elections, watches that end and begin again, a
restart of the API server that everybody survives, renewals, and the everyday noise between. `poplin doctor --logs FILE`
is to find nothing in any of them; `scripts/score.sh` does not read them, `scripts/healthy-score.sh` does.
The same FOLDER is written each time: nothing in here is random beyond a seed of its own.
"""
import datetime
import random
import sys
from pathlib import Path

START = datetime.datetime(2026, 8, 3, 6, 0, 0)


class Log:
    """Lines with a clock that goes on by itself."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now = START
        self.lines = []

    def add(self, line, seconds=None):
        self.now += datetime.timedelta(seconds=self.random.uniform(0.02, 9.0) if seconds is None else seconds)
        r = self.random
        fill = {
            "ip": f"10.{r.randint(40, 44)}.{r.randint(0, 9)}.{r.randint(2, 250)}",
            "ip2": f"10.{r.randint(40, 44)}.{r.randint(0, 9)}.{r.randint(2, 250)}",
            "node": f"worker-{r.randint(1, 6)}", "nodeip": f"192.168.30.{r.randint(11, 16)}",
            "pod": f"{r.choice(['web', 'cart', 'search', 'mail'])}-{r.randrange(16**5):05x}",
            "ns": r.choice(["shop", "pay", "tools", "kube-system"]), "n": r.randint(1, 99), "big": r.randint(1000, 99999),
            "ms": f"{r.uniform(0.2, 80):.3f}", "hex": f"{r.randrange(16**10):010x}", "port": r.randint(32768, 60999),
            "klog": self.now.strftime("%m%d %H:%M:%S.%f"), "iso": self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "day": self.now.strftime("%Y-%m-%d"), "clock": self.now.strftime("%H:%M:%S.%f")[:-3],
            "sec": self.now.strftime("%Y-%m-%dT%H:%M:%SZ"), "journal": self.now.strftime("%b %d %H:%M:%S"),
            "up": f"{(self.now - START).total_seconds() + 41:12.6f}",
            "nginx": self.now.strftime("%Y/%m/%d %H:%M:%S"), "clf": self.now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        }
        self.lines.append(line.format(**fill))

    def some(self, count, lines):
        """Everyday lines, drawn from a list."""
        for _ in range(count):
            self.add(self.random.choice(lines))

    def all(self, lines):
        for line in lines:
            self.add(line)


def calico_node(log):
    t = "{day} {clock} "
    log.all([
        t + "[INFO][9] startup/startup.go 432: Early log level set to info",
        t + "[INFO][9] startup/utils.go 126: Using NODENAME environment for node name {node}",
        t + "[INFO][9] startup/startup.go 95: Starting node {node} with version v3.29.1",
        t + "[INFO][9] startup/startup.go 437: Checking datastore connection",
        t + "[INFO][9] startup/startup.go 452: Hit error connecting to datastore - retry error=Get \"https://10.96.0.1:443/api/v1/nodes/foo\": dial tcp 10.96.0.1:443: connect: connection refused",
        t + "[INFO][9] startup/startup.go 461: Datastore connection verified",
        t + "[INFO][9] startup/startup.go 104: Datastore is ready",
        t + "[WARNING][9] startup/winutils.go 144: Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.",
        t + "[INFO][9] startup/startup.go 485: Initialize BGP data",
        t + "[INFO][9] startup/autodetection_methods.go 103: Using autodetected IPv4 address on interface eth0: {nodeip}/24",
        t + "[INFO][9] startup/startup.go 597: CALICO_IPV4POOL_NAT_OUTGOING is true (defaulted) through environment variable",
        t + "[INFO][9] startup/startup.go 204: Using node name: {node}",
        "Calico node started successfully",
        "bird: device1: Initializing", "bird: direct1: Initializing", "bird: device1: Starting", "bird: device1: State changed to feed",
        "bird: Mesh_192_168_30_12: Initializing", "bird: Mesh_192_168_30_12: Starting",
        "bird: Mesh_192_168_30_12: State changed to start", "bird: Mesh_192_168_30_12: Connected to table master",
        "bird: Mesh_192_168_30_12: State changed to feed", "bird: Mesh_192_168_30_12: State changed to up",
        t + "[WARNING][61] felix/config_params.go 601: Unknown config parameter raw name=\"ipv6support\"",
        t + "[INFO][61] felix/daemon.go 414: Successfully loaded configuration. GOMAXPROCS=4 builddate=\"2026-05-01\"",
        t + "[INFO][61] felix/driver.go 81: Using internal (linux) dataplane driver.",
        t + "[WARNING][61] felix/int_dataplane.go 582: Unable to open iptables mark manager, using default error=nil",
        t + "[INFO][61] felix/int_dataplane.go 1036: Linux interface state changed. ifIndex=71 ifaceName=\"cali1f2e3d4c5b6\" state=\"up\"",
        t + "[WARNING][61] felix/l3_route_resolver.go 700: Unable to create route for IP; the node it belongs to was not recorded in IPAM IP={ip}",
        t + "[INFO][61] felix/health.go 206: Health of component changed lastReport=health.HealthReport{{Live:true, Ready:false}} name=\"InternalDataplaneMainLoop\" newReport=&health.HealthReport{{Live:true, Ready:true}}",
        t + "[WARNING][61] felix/health.go 154: Reporter is not ready. name=\"int_dataplane\"",
        t + "[INFO][61] felix/daemon.go 1183: Kicking off Felix status report.",
    ])
    everyday = [
        t + "[INFO][61] felix/summary.go 100: Summarising {n} dataplane reconciliation loops over 1m3.2s: avg={n}ms longest={n}ms ()",
        t + "[INFO][63] monitor-addresses/autodetection_methods.go 103: Using autodetected IPv4 address on interface eth0: {nodeip}/24",
        t + "[INFO][61] felix/endpoint_mgr.go 602: Updating per-endpoint chains. id=types.WorkloadEndpointID{{OrchestratorId:\"k8s\", WorkloadId:\"{ns}/{pod}\", EndpointId:\"eth0\"}}",
        t + "[INFO][61] felix/endpoint_mgr.go 490: Re-evaluated workload endpoint status adminUp=true failed=false known=true operUp=true status=\"up\"",
        t + "[INFO][61] felix/int_dataplane.go 1071: Linux interface addrs changed. addrs=set.Set{{}} ifaceName=\"cali1f2e3d4c5b6\"",
        t + "[INFO][61] felix/conntrack.go 90: Removing conntrack flows ip={ip}",
        t + "[INFO][61] felix/route_table.go 1173: Failed to access interface because it doesn't exist. error=Link not found ifaceName=\"cali77aa\" ifaceRegex=\"^cali.*\" ipVersion=0x4",
        t + "[INFO][61] felix/route_table.go 534: Interface missing, will retry if it appears. ifaceName=\"cali77aa\" ipVersion=0x4",
        t + "[INFO][61] felix/table.go 1263: Invalidating dataplane cache ipVersion=0x4 reason=\"refresh timer\" table=\"nat\"",
        t + "[INFO][61] felix/ipsets.go 119: Queueing IP set for creation family=\"inet\" setID=\"s:ab12\" setType=\"hash:net\"",
        t + "[INFO][66] tunnel-ip-allocator/allocateip.go 175: Current address is still valid, do nothing currentAddr=\"{ip}\" type=\"ipipTunnelAddress\"",
        t + "[INFO][67] confd/client.go 1419: Updated with new BGP configuration",
        "bird: Reconfiguration requested by SIGHUP", "bird: Reconfiguring", "bird: Reconfigured", "bird: kernel1: Scanning routing table",
    ]
    log.some(150, everyday)
    log.all([
        t + "[WARNING][61] felix/sync_client.go 260: Failed to read from server error=EOF",
        t + "[INFO][61] felix/sync_client.go 290: Typha client loop finished; trying another Typha",
        t + "[INFO][61] felix/sync_client.go 205: Connecting to Typha. address=\"192.168.30.13:5473\"",
        t + "[INFO][61] felix/sync_client.go 228: Connected to Typha. address=\"192.168.30.13:5473\"",
        t + "[INFO][61] felix/watchersyncer.go 255: Sending synced update",
        "bird: Mesh_192_168_30_14: Received: Administrative shutdown", "bird: Mesh_192_168_30_14: State changed to stop",
        "bird: Mesh_192_168_30_14: State changed to start", "bird: Mesh_192_168_30_14: State changed to up",
    ])
    log.some(140, everyday)


def cilium_agent(log):
    t = "time=\"{sec}\" level="
    log.all([
        t + "info msg=\"Memory available for map entries (0.003% of 8053551104B): 20133877B\" subsys=config",
        t + "info msg=\"  --agent-health-port='9879'\" subsys=daemon",
        t + "warning msg=\"If auto-derive-gomaxprocs is enabled it is ignored\" subsys=daemon",
        t + "info msg=\"Cilium 1.17.4 2026-05-02 go version go1.24 linux/amd64\" subsys=daemon",
        t + "info msg=\"clang (10.0.0) and kernel (6.8.0) versions: OK!\" subsys=linux-datapath",
        t + "warning msg=\"iptables modules could not be initialized. It probably means that iptables is not available on this system\" error=\"could not load module ip6table_raw: exit status 1\" subsys=iptables",
        t + "info msg=\"Establishing connection to apiserver\" host=\"https://10.96.0.1:443\" subsys=k8s-client",
        t + "info msg=\"Establishing connection to apiserver\" host=\"https://10.96.0.1:443\" subsys=k8s-client",
        t + "info msg=\"Connected to apiserver\" subsys=k8s-client",
        t + "info msg=\"Waiting until all Cilium CRDs are available\" subsys=k8s",
        t + "info msg=\"All Cilium CRDs have been found and are available\" subsys=k8s",
        t + "info msg=\"Restored 14 of 14 endpoints: 0 failed\" failed=0 regenerated=14 subsys=daemon",
        t + "warning msg=\"Unable to find identity of previously used CIDR\" cidr=10.0.0.0/8 subsys=daemon",
        t + "info msg=\"Node addresses updated\" device=eth0 node-addresses=\"{nodeip} (eth0)\" subsys=node-address",
        t + "warning msg=\"Unable to restore endpoint, ignoring\" ciliumEndpointName=/ endpointID=771 error=\"interface lxc77 could not be found\" subsys=daemon",
        t + "warning msg=\"Removed stale bpf map\" file-path=/sys/fs/bpf/tc/globals/cilium_lb4_old subsys=datapath-maps",
        t + "info msg=\"Serving cilium health API\" subsys=health-server",
        t + "info msg=\"Daemon initialization completed\" bootstrapTime=4.1s subsys=daemon",
        t + "info msg=\"Configuring Hubble server\" eventQueueSize=4096 maxFlows=4095 subsys=hubble",
    ])
    everyday = [
        t + "info msg=\"Conntrack garbage collector interval recalculated\" deleteRatio=0.00{n} newInterval=7m30s subsys=map-ct",
        t + "info msg=\"New endpoint\" ciliumEndpointName={ns}/{pod} containerInterface=eth0 endpointID={big} ipv4={ip} subsys=endpoint",
        t + "info msg=\"Rewrote endpoint BPF program\" containerID={hex} endpointID={big} identity=4{big} ipv4={ip} subsys=endpoint",
        t + "info msg=\"Successful endpoint creation\" ciliumEndpointName={ns}/{pod} endpointID={big} subsys=daemon",
        t + "info msg=\"Create endpoint request\" addressing=\"&{{{ip}   }}\" containerInterface= labels=\"[]\" subsys=daemon",
        t + "info msg=\"Delete endpoint request\" containerID={hex} endpointID=0 id=\"container-id:{hex}\" subsys=daemon",
        t + "info msg=\"Removed endpoint\" ciliumEndpointName={ns}/{pod} endpointID={big} subsys=endpoint",
        t + "info msg=\"regenerating all endpoints\" reason=\"one or more identities created or deleted\" subsys=endpoint-manager",
        t + "info msg=\"Policy imported via API, recalculating...\" policyAddRequest={hex} policyRevision={n} subsys=daemon",
        t + "info msg=\"API call has been processed\" error=\"<nil>\" name=endpoint-create processingDuration={n}ms totalDuration={n}ms subsys=rate",
        t + "info msg=\"Waiting for endpoint to be generated\" ciliumEndpointName={ns}/{pod} subsys=daemon",
        t + "info msg=\"Invalid state transition skipped\" endpointState.from=regenerating endpointState.to=waiting-to-regenerate subsys=endpoint",
        t + "warning msg=\"UpdateIdentities: Skipping Delete of a non-existing identity\" identity=167{big} subsys=policy",
        t + "info msg=\"Resolving identity labels (blocking)\" endpointID={big} identityLabels=\"k8s:app=web\" subsys=endpoint",
        t + "warning msg=\"github.com/cilium/cilium/pkg/k8s/resource: watch of *v2.CiliumNetworkPolicy ended with: an error on the server (\\\"unable to decode an event from the watch stream: http2: client connection lost\\\") has prevented the request from succeeding\" subsys=klog",
    ]
    log.some(170, everyday)
    log.all([
        t + "warning msg=\"Network status error received, restarting client connections\" error=\"an error on the server (\\\"unknown\\\") has prevented the request from succeeding (get healthz)\" subsys=k8s",
        t + "info msg=\"Kubernetes service definition changed\" action=service-updated k8sNamespace=default k8sSvcName=kubernetes subsys=k8s-watcher",
        "{klog} 1 trace.go:236] Trace[{big}]: \"Reflector ListAndWatch\" (total time: 10{n}ms):",
    ])
    log.some(120, everyday)


def flanneld(log):
    k = "I{klog}       1 "
    log.all([
        k + "main.go:212] CLI flags config: {{etcdEndpoints:http://127.0.0.1:4001 etcdPrefix:/coreos.com/network kubeSubnetMgr:true iface:[] ipMasq:true}}",
        "W{klog}       1 client_config.go:618] Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.",
        k + "kube.go:139] Waiting 10m0s for node controller to sync",
        k + "kube.go:469] Starting kube subnet manager",
        k + "kube.go:490] Creating the node lease for IPv4. This is the n.Spec.PodCIDRs: [10.42.1.0/24]",
        k + "kube.go:146] Node controller sync successful",
        k + "main.go:232] Created subnet manager: Kubernetes Subnet Manager - {node}",
        k + "match.go:211] Determining IP address of default interface",
        k + "match.go:264] Using interface with name eth0 and address {nodeip}",
        k + "match.go:286] Defaulting external address to interface address ({nodeip})",
        k + "vxlan.go:141] VXLAN config: VNI=1 Port=0 GBP=false Learning=false DirectRouting=false",
        "W{klog}       1 main.go:540] no subnet found for key: FLANNEL_SUBNET in file: /run/flannel/subnet.env",
        "W{klog}       1 main.go:540] no subnet found for key: FLANNEL_IPV6_SUBNET in file: /run/flannel/subnet.env",
        k + "main.go:439] Found network config - Backend type: vxlan",
        k + "iptables.go:51] Starting flannel in iptables mode...",
        k + "main.go:374] Setting up masking rules", k + "main.go:396] Wrote subnet file to /run/flannel/subnet.env",
        k + "main.go:400] Running backend.", k + "main.go:405] Waiting for all goroutines to exit",
        k + "vxlan_network.go:65] watching for new subnet leases",
    ])
    everyday = [
        k + "iptables.go:358] bootstrap done",
        k + "subnet.go:152] Batch elem [0] is {{ lease.Event{{Type:0, Lease:lease.Lease{{EnableIPv4:true, Subnet:ip.IP4Net{{IP:0xa2a0200, PrefixLen:0x18}}}}}} }}",
        k + "vxlan_network.go:100] Received Subnet Event with VxLan: BackendType: vxlan, PublicIP: {nodeip}, PublicIPv6: (nil), BackendData: {{\"VNI\":1,\"VtepMAC\":\"5e:12:aa:01:02:03\"}}",
        k + "iptables.go:372] bootstrap done", k + "kube.go:510] Skip setting NodeNetworkUnavailable",
        k + "iptables.go:125] Setting up masking rules",
        "W{klog}       1 reflector.go:561] pkg/subnet/kube/kube.go:475: watch of *v1.Node ended with: very short watch: Unexpected watch close - watch lasted less than a second and no items received",
        k + "reflector.go:395] pkg/subnet/kube/kube.go:475: forcing resync",
    ]
    log.some(110, everyday)
    log.all([
        "E{klog}       1 reflector.go:158] pkg/subnet/kube/kube.go:475: Failed to watch *v1.Node: Get \"https://10.96.0.1:443/api/v1/nodes?watch=true\": dial tcp 10.96.0.1:443: connect: connection refused",
        k + "reflector.go:368] Caches populated for *v1.Node from pkg/subnet/kube/kube.go:475",
    ])
    log.some(90, everyday)


def vpc_cni(log):
    def line(level, caller, msg):
        return "{{\"level\":\"" + level + "\",\"ts\":\"{iso}\",\"caller\":\"" + caller + "\",\"msg\":\"" + msg + "\"}}"
    log.all([
        line("info", "aws-k8s-agent/main.go:29", "Starting L-IPAMD   ..."),
        line("info", "aws-k8s-agent/main.go:40", "Testing communication with server"),
        line("info", "wait/wait.go:211", "Successful communication with the Cluster! Cluster Version is: v1.31+. git version: v1.31.4-eks"),
        line("warn", "awssession/session.go:64", "HTTP_TIMEOUT env is not set or set to less than 10 seconds, defaulting to httpTimeout to 10sec"),
        line("debug", "ipamd/ipamd.go:405", "Discovered region: eu-north-1"),
        line("info", "awsutils/awsutils.go:460", "Using WARM_ENI_TARGET 1"),
        line("warn", "ipamd/ipamd.go:350", "Parse environment variable WARM_IP_TARGET failed, using default 0"),
        line("debug", "ipamd/ipamd.go:385", "DescribeAllENIs success: ENIs: 2, tagged: 1"),
        line("info", "ipamd/ipamd.go:448", "Found ENIs having 14 secondary IPs and 0 Prefixes"),
        line("debug", "networkutils/network.go:700", "Failed to delete route table 3 as it does not exist: no such process, ignoring"),
        line("info", "networkutils/network.go:385", "Setting up host network... "),
        line("info", "aws-k8s-agent/main.go:62", "Serving RPC Handler version v1.19.2 on 127.0.0.1:50051"),
        line("info", "aws-k8s-agent/main.go:62", "Serving introspection endpoints on 127.0.0.1:61679"),
    ])
    everyday = [
        line("debug", "ipamd/ipamd.go:660", "IP stats for Network Card 0 - total IPs: 28, assigned IPs: {n}, cooldown IPs: 1"),
        line("info", "rpc/rpc.pb.go:713", "Received AddNetwork for NS /var/run/netns/cni-{hex}, Sandbox {hex}, ifname eth0"),
        line("debug", "datastore/data_store.go:607", "AssignPodIPv4Address: IP address pool stats: total 28, assigned {n}"),
        line("info", "rpc/rpc.pb.go:713", "Send AddNetworkReply: IPv4Addr: {ip}, IPv6Addr: , DeviceNumber: 0, err: <nil>"),
        line("info", "rpc/rpc.pb.go:731", "Received DelNetwork for Sandbox {hex}"),
        line("info", "rpc/rpc.pb.go:731", "Send DelNetworkReply: IPv4Addr: {ip}, IPv6Addr: , DeviceNumber: 0, err: <nil>"),
        line("debug", "ipamd/ipamd.go:660", "Reconcile ENI/IP pool info..."),
        line("debug", "ipamd/ipamd.go:1290", "Reconcile existing ENI eni-0{hex} IP pool"),
        line("debug", "ipamd/ipamd.go:1310", "Successfully Reconciled ENI/IP pool"),
        line("debug", "ipamd/ipamd.go:660", "Current warm IP stats : target: 3, total: 28, assigned: {n}, available: 9, cooldown: 0, short: 0, over 2"),
        line("warn", "ipamd/rpc_handler.go:301", "UnassignPodIPAddress: Failed to find sandbox _migrated-from-cri/{hex}/unknown"),
        line("info", "ipamd/rpc_handler.go:309", "Send DelNetworkReply: Failed to get pod spec, ignoring: datastore: unknown pod"),
    ]
    log.some(330, everyday)


def coredns(log):
    log.all([
        "maxprocs: Leaving GOMAXPROCS=4: CPU quota undefined",
        "[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server",
        "[INFO] plugin/ready: Still waiting on: \"kubernetes\"",
        "[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server",
        "[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API",
        "[WARNING] No files matching import glob pattern: /etc/coredns/custom/*.override",
        "[WARNING] No files matching import glob pattern: /etc/coredns/custom/*.server",
        ".:53", "[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908",
        "CoreDNS-1.11.3", "linux/amd64, go1.21.11, a6338e9",
    ])
    everyday = [
        "[INFO] {ip}:{port} - {big} \"A IN {pod}.{ns}.svc.cluster.local. udp 54 false 512\" NOERROR qr,aa,rd 106 0.000{n}s",
        "[INFO] {ip}:{port} - {big} \"AAAA IN {pod}.{ns}.svc.cluster.local. udp 54 false 512\" NOERROR qr,aa,rd 147 0.000{n}s",
        "[INFO] {ip}:{port} - {big} \"A IN api.partner.example.{ns}.svc.cluster.local. udp 60 false 512\" NXDOMAIN qr,aa,rd 153 0.000{n}s",
        "[INFO] {ip}:{port} - {big} \"A IN api.partner.example. udp 40 false 512\" NOERROR qr,rd,ra 78 0.00{n}s",
        "[INFO] {ip}:{port} - {big} \"PTR IN 7.1.42.10.in-addr.arpa. udp 41 false 512\" NXDOMAIN qr,aa,rd 134 0.000{n}s",
        "[INFO] 127.0.0.1:{port} - {big} \"HINFO IN 4547991504243258144.3688648895315093531. udp 57 false 512\" NXDOMAIN qr,rd,ra 132 0.004483071s",
        "[INFO] {ip}:{port} - {big} \"SRV IN _http._tcp.{pod}.{ns}.svc.cluster.local. tcp 71 false 65535\" NOERROR qr,aa,rd 180 0.000{n}s",
    ]
    log.some(190, everyday)
    log.all([
        "[INFO] Reloading",
        "[WARNING] No files matching import glob pattern: /etc/coredns/custom/*.server",
        "[INFO] plugin/reload: Running configuration SHA512 = 7a1b00c1",
        "[INFO] Reloading complete",
        "[INFO] SIGTERM: Shutting down servers then terminating", "[INFO] plugin/health: Going into lameduck mode for 5s",
    ])
    log.some(60, everyday)


def kube_proxy(log):
    k = "I{klog}       1 "
    log.all([
        "W{klog}       1 server.go:191] \"WARNING: all flags other than --config, --write-config-to, and --cleanup are deprecated\"",
        k + "server_linux.go:66] \"Using iptables proxy\"",
        "E{klog}       1 server.go:666] \"Failed to retrieve node info\" err=\"Get \\\"https://192.168.30.10:6443/api/v1/nodes/{node}\\\": dial tcp 192.168.30.10:6443: connect: connection refused\"",
        k + "server.go:687] \"Successfully retrieved node IP(s)\" IPs=[\"{nodeip}\"]",
        k + "conntrack.go:60] \"Setting nf_conntrack_max\" nfConntrackMax=262144",
        k + "conntrack.go:121] \"Set sysctl\" entry=\"net/netfilter/nf_conntrack_tcp_timeout_established\" value=86400",
        "E{klog}       1 server.go:234] \"Kube-proxy configuration may be incomplete or incorrect\" err=\"nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. Consider using `--nodeport-addresses primary`\"",
        k + "server.go:243] \"kube-proxy running in dual-stack mode\" primary ipFamily=\"IPv4\"",
        k + "server_linux.go:169] \"Using iptables Proxier\"",
        k + "proxier.go:255] \"Setting route_localnet=1 to allow node-ports on localhost; to change this either disable iptables.localhostNodePorts (--iptables-localhost-nodeports) or set nodePortAddresses (--nodeport-addresses) to filter loopback addresses\"",
        "W{klog}       1 proxier.go:664] \"Can't set sysctl, kernel version doesn't satisfy minimum version requirements\" sysctl=\"net/ipv4/vs/conn_reuse_mode\" minimumKernelVersion=\"4.1\"",
        k + "server.go:483] \"Version info\" version=\"v1.31.4\"", k + "server.go:485] \"Golang settings\" GOGC=\"\" GOMAXPROCS=\"\" GOTRACEBACK=\"\"",
        k + "config.go:199] \"Starting service config controller\"", k + "shared_informer.go:313] Waiting for caches to sync for service config",
        k + "config.go:105] \"Starting endpoint slice config controller\"", k + "shared_informer.go:313] Waiting for caches to sync for endpoint slice config",
        k + "shared_informer.go:320] Caches are synced for service config", k + "shared_informer.go:320] Caches are synced for endpoint slice config",
    ])
    everyday = [
        k + "proxier.go:805] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"{ms}ms\"",
        k + "proxier.go:1494] \"Reloading service iptables data\" ipFamily=\"IPv4\" numServices={n} numEndpoints={n} numFilterChains=6 numFilterRules={n} numNATChains={n} numNATRules={n}",
        k + "service.go:391] \"Updating existing service port\" portName=\"{ns}/{pod}:http\" servicePort=\"10.96.{n}.{n}:80/TCP\"",
        k + "service.go:416] \"Removing service port\" portName=\"{ns}/{pod}:http\"",
        k + "endpointslicecache.go:303] \"Setting endpoints for service port name\" portName=\"{ns}/{pod}:http\" endpoints=[\"{ip}:8080\"]",
        k + "trace.go:236] Trace[{big}]: \"iptables ChainExists\" ({clock}) (total time: 2{n}ms):",
        k + "proxier.go:820] \"Syncing iptables rules\" ipFamily=\"IPv6\"",
        k + "cleanup.go:63] \"Deleted conntrack stale entries for services\" IPs=[\"10.96.{n}.{n}\"]",
    ]
    log.some(140, everyday)
    log.all([
        "W{klog}       1 reflector.go:561] k8s.io/client-go/informers/factory.go:160: failed to list *v1.Service: Get \"https://192.168.30.10:6443/api/v1/services?limit=500\": dial tcp 192.168.30.10:6443: connect: connection refused",
        "E{klog}       1 reflector.go:158] \"Unhandled Error\" err=\"k8s.io/client-go/informers/factory.go:160: Failed to watch *v1.Service: failed to list *v1.Service: Get \\\"https://192.168.30.10:6443/api/v1/services?limit=500\\\": dial tcp 192.168.30.10:6443: connect: connection refused\"",
        k + "reflector.go:368] Caches populated for *v1.Service from k8s.io/client-go/informers/factory.go:160",
    ])
    log.some(110, everyday)


def kubelet_containerd(log):
    k = "{journal} worker-3 kubelet[1188]: I{klog}    1188 "
    c = "{journal} worker-3 containerd[702]: time=\"{iso}\" level="
    log.all([
        "{journal} worker-3 systemd[1]: Starting containerd.service - containerd container runtime...",
        c + "info msg=\"starting containerd\" revision=05044ec0a9a75232cad458027ca83437aae3f4da version=v2.0.2",
        c + "info msg=\"skip loading plugin\" error=\"aufs is not supported (modprobe aufs failed: exit status 1 \\\"modprobe: FATAL: Module aufs not found.\\\\n\\\"): skip plugin\" id=io.containerd.snapshotter.v1.aufs type=io.containerd.snapshotter.v1",
        c + "info msg=\"skip loading plugin\" error=\"no scratch file generator: skip plugin\" id=io.containerd.snapshotter.v1.blockfile type=io.containerd.snapshotter.v1",
        c + "error msg=\"failed to load cni during init, please check CRI plugin status before setting up network for pods\" error=\"cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config\"",
        c + "info msg=\"Start cri plugin with config\"", c + "info msg=\"Start cni network conf syncer for default\"",
        c + "info msg=\"Start streaming server\"", c + "info msg=\"containerd successfully booted in 0.411s\"",
        "{journal} worker-3 kubelet[1188]: Flag --container-runtime-endpoint has been deprecated, This parameter should be set via the config file specified by the Kubelet's --config flag.",
        k + "server.go:520] \"Kubelet version\" kubeletVersion=\"v1.31.4\"", k + "certificate_store.go:130] Loading cert/key pair from \"/var/lib/kubelet/pki/kubelet-client-current.pem\".",
        "{journal} worker-3 kubelet[1188]: E{klog}    1188 kubelet.go:2902] \"Container runtime network not ready\" networkReady=\"NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized\"",
        "{journal} worker-3 kubelet[1188]: E{klog}    1188 kubelet_node_status.go:95] \"Unable to register node with API server\" err=\"Post \\\"https://192.168.30.10:6443/api/v1/nodes\\\": dial tcp 192.168.30.10:6443: connect: connection refused\" node=\"worker-3\"",
        k + "kubelet_node_status.go:75] \"Successfully registered node\" node=\"worker-3\"",
        c + "info msg=\"Container runtime network is ready\"",
        k + "kubelet_node_status.go:488] \"Fast updating node status as it just became ready\"",
    ])
    everyday = [
        k + "reconciler_common.go:218] \"operationExecutor.MountVolume started for volume \\\"kube-api-access-{hex}\\\" (UniqueName: \\\"kubernetes.io/projected/{hex}\\\") pod \\\"{pod}\\\" \" pod=\"{ns}/{pod}\"",
        k + "operation_generator.go:664] \"MountVolume.SetUp succeeded for volume \\\"kube-api-access-{hex}\\\" \" pod=\"{ns}/{pod}\"",
        k + "pod_startup_latency_tracker.go:104] \"Observed pod startup duration\" pod=\"{ns}/{pod}\" podStartSLOduration={n}.1",
        k + "topology_manager.go:215] \"Topology Admit Handler\" podUID=\"{hex}\" podNamespace=\"{ns}\" podName=\"{pod}\"",
        k + "scope.go:117] \"RemoveContainer\" containerID=\"{hex}\"",
        c + "info msg=\"RunPodSandbox for &PodSandboxMetadata{{Name:{pod},Uid:{hex},Namespace:{ns},Attempt:0,}}\"",
        c + "info msg=\"RunPodSandbox for &PodSandboxMetadata{{Name:{pod},Uid:{hex},Namespace:{ns},Attempt:0,}} returns sandbox id \\\"{hex}\\\"\"",
        c + "info msg=\"PullImage \\\"registry.example/web:1.{n}\\\"\"", c + "info msg=\"CreateContainer within sandbox \\\"{hex}\\\" for container &ContainerMetadata{{Name:web,Attempt:0,}}\"",
        c + "info msg=\"StartContainer for \\\"{hex}\\\" returns successfully\"", c + "info msg=\"shim disconnected\" id={hex} namespace=k8s.io",
        c + "warning msg=\"cleaning up after shim disconnected\" id={hex} namespace=k8s.io", c + "info msg=\"cleaning up dead shim\" namespace=k8s.io",
        c + "info msg=\"TearDown network for sandbox \\\"{hex}\\\" successfully\"", c + "info msg=\"RemovePodSandbox \\\"{hex}\\\" returns successfully\"",
        "{journal} worker-3 kubelet[1188]: I{klog}    1188 prober.go:107] \"Probe failed\" probeType=\"Readiness\" pod=\"{ns}/{pod}\" containerName=\"web\" probeResult=\"failure\" output=\"HTTP probe failed with statuscode: 503\"",
    ]
    log.some(260, everyday)


def kernel(log):
    k = "{journal} worker-3 kernel: [{up}] "
    log.all([
        k + "Linux version 6.8.0-45-generic (buildd@lcy02-amd64-115)", k + "Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro console=ttyS0",
        k + "x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'", k + "ACPI BIOS Warning (bug): Optional FADT field Pm2ControlBlock has valid Length but zero Address: 0x0000000000000000/0x1",
        k + "pci 0000:00:01.0: BAR 13: no space for [io  size 0x1000]", k + "virtio_net virtio0 enp1s0: renamed from eth0",
        k + "systemd[1]: systemd-networkd.service: Deactivated successfully.", k + "IPv6: ADDRCONF(NETDEV_CHANGE): enp1s0: link becomes ready",
        k + "bridge: filtering via arp/ip/ip6tables is no longer available by default. Update your scripts to load br_netfilter if you need this.",
        k + "Bridge firewalling registered", k + "nf_conntrack: default automatic helper assignment has been turned off for security reasons and CT-based  firewall rule not found. Use the iptables CT target to attach helpers instead.",
        k + "IPVS: Registered protocols (TCP, UDP, SCTP, AH, ESP)", k + "IPVS: Connection hash table configured (size=4096, memory=32Kbytes)",
        k + "IPVS: ipvs loaded.", k + "IPVS: [rr] scheduler registered.", k + "wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.",
        k + "overlayfs: idmapped layers are currently not supported", k + "Initializing XFRM netlink socket",
        k + "process 'docker/tmp/qemu-check' started with executable stack", k + "audit: type=1400 audit(1786700000.1:41): apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"cri-containerd.apparmor.d\"",
    ])
    everyday = [
        k + "cni0: port {n}(veth{hex}) entered blocking state", k + "cni0: port {n}(veth{hex}) entered disabled state",
        k + "veth{hex}: entered allmulticast mode", k + "veth{hex}: entered promiscuous mode", k + "device veth{hex} entered promiscuous mode",
        k + "cni0: port {n}(veth{hex}) entered forwarding state", k + "IPv6: ADDRCONF(NETDEV_CHANGE): veth{hex}: link becomes ready",
        k + "eth0: renamed from tmp{hex}", k + "veth{hex} (unregistering): left allmulticast mode", k + "device veth{hex} left promiscuous mode",
        k + "IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready", k + "audit: type=1400 audit(1786700{n}.1:{n}): apparmor=\"DENIED\" operation=\"ptrace\" profile=\"cri-containerd.apparmor.d\" pid={big} comm=\"node_exporter\"",
        "{journal} worker-3 systemd[1]: run-netns-cni\\x2d{hex}.mount: Deactivated successfully.",
        "{journal} worker-3 systemd-networkd[611]: veth{hex}: Link UP", "{journal} worker-3 systemd-networkd[611]: veth{hex}: Gained carrier",
        "{journal} worker-3 systemd-networkd[611]: veth{hex}: Lost carrier", "{journal} worker-3 systemd-udevd[{big}]: Using default interface naming scheme 'v255'.",
        "{journal} worker-3 NetworkManager[811]: <info>  [17867{big}.1001] manager: (veth{hex}): new Veth device (/org/freedesktop/NetworkManager/Devices/{n})",
        "{journal} worker-3 NetworkManager[811]: <info>  [17867{big}.1002] device (veth{hex}): carrier: link connected",
        "{journal} worker-3 NetworkManager[811]: <info>  [17867{big}.1003] device (cni0): state change: unmanaged -> unavailable (reason 'connection-assumed', sys-iface-state: 'external')",
        "{journal} worker-3 chronyd[702]: Selected source 192.168.30.1", "{journal} worker-3 sshd[{big}]: Connection closed by {ip} port {port} [preauth]",
        "{journal} worker-3 dhclient[650]: DHCPREQUEST on enp1s0 to 192.168.30.1 port 67", "{journal} worker-3 dhclient[650]: bound to 192.168.30.13 -- renewal in 1741 seconds.",
    ]
    log.some(340, everyday)


def ingress_nginx(log):
    k = "I{klog}       7 "
    log.all([
        "-------------------------------------------------------------------------------", "NGINX Ingress controller", "  Release:       v1.12.1",
        "W{klog}       7 client_config.go:659] Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.",
        k + "main.go:205] \"Creating API client\" host=\"https://10.96.0.1:443\"", k + "main.go:248] \"Running in Kubernetes cluster\" major=\"1\" minor=\"31\"",
        k + "main.go:101] \"SSL fake certificate created\" file=\"/etc/ingress-controller/ssl/default-fake-certificate.pem\"",
        k + "ssl.go:535] \"loading tls certificate\" path=\"/usr/local/certificates/cert\" key=\"/usr/local/certificates/key\"",
        k + "nginx.go:273] \"Starting NGINX Ingress controller\"", k + "store.go:440] \"Found valid IngressClass\" ingress=\"shop/web\" ingressclass=\"nginx\"",
        k + "leaderelection.go:254] attempting to acquire leader lease ingress-nginx/ingress-nginx-leader...", k + "status.go:85] \"New leader elected\" identity=\"ingress-nginx-controller-aa\"",
        k + "leaderelection.go:268] successfully acquired lease ingress-nginx/ingress-nginx-leader", k + "controller.go:196] \"Configuration changes detected, backend reload required\"",
        k + "controller.go:216] \"Backend successfully reloaded\"", k + "event.go:377] Event(v1.ObjectReference{{Kind:\"Pod\", Namespace:\"ingress-nginx\"}}): type: 'Normal' reason: 'RELOAD' NGINX reload triggered due to a change in configuration",
        "W{klog}       7 controller.go:1216] Service \"tools/paused\" does not have any active Endpoint.",
        "W{klog}       7 warnings.go:70] v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ])
    log.lines.pop(-2)  # a Service without endpoints is a finding, and rightly so
    everyday = [
        "{ip} - - [{clf}] \"GET /items/{n} HTTP/1.1\" 200 {big} \"-\" \"Mozilla/5.0\" 412 0.0{n} [shop-web-80] [] {ip2}:8080 {big} 0.012 200 {hex}",
        "{ip} - - [{clf}] \"GET /missing/{n} HTTP/2.0\" 404 153 \"-\" \"curl/8.5.0\" 80 0.00{n} [shop-web-80] [] {ip2}:8080 153 0.002 404 {hex}",
        "{ip} - - [{clf}] \"POST /cart HTTP/2.0\" 499 0 \"-\" \"okhttp/4\" 900 1.2{n} [shop-cart-80] [] {ip2}:8080 0 1.200 - {hex}",
        "{ip} - - [{clf}] \"GET /old HTTP/1.1\" 308 164 \"-\" \"Mozilla/5.0\" 300 0.000 [shop-web-80] [] - - - - {hex}",
        "{nginx} [warn] 31#31: *{big} a client request body is buffered to a temporary file /tmp/nginx/client-body/00000000{n}, client: {ip}, server: shop.example.org",
        "{nginx} [warn] 31#31: *{big} an upstream response is buffered to a temporary file /tmp/nginx/proxy-temp/1/00/00000000{n} while reading upstream, client: {ip}",
        "{nginx} [notice] 27#27: signal 1 (SIGHUP) received from {big}, reconfiguring", "{nginx} [notice] 27#27: gracefully shutting down",
        "{nginx} [info] 31#31: *{big} client {ip} closed keepalive connection", k + "controller.go:216] \"Backend successfully reloaded\"",
        k + "main.go:107] \"successfully validated configuration, accepting\" ingress=\"shop/web\"", k + "sigterm.go:47] \"Received SIGTERM, shutting down\"",
    ]
    log.some(250, everyday)


def istio(log):
    t = "{iso}\t"
    log.all([
        t + "info\tFLAG: --concurrency=\"0\"", t + "info\tVersion 1.25.1-Clean", t + "info\tPlatform: linux/amd64",
        t + "warn\tca\tca file /etc/certs/root-cert.pem doesn't exist; using default",
        t + "info\tProxy role\tips=[{ip}] type=sidecar id={pod}.{ns} domain={ns}.svc.cluster.local",
        t + "info\tOpening status port 15020", t + "info\tWaiting for active Envoy proxy 0s", t + "info\tcitadelclient\tCitadel client using custom root cert: var/run/secrets/istio/root-cert.pem",
        t + "info\tads\tAll caches have been synced up in 14.2ms, marking server ready", t + "info\txdsproxy\tInitializing with upstream address \"istiod.istio-system.svc:15012\" and cluster \"Kubernetes\"",
        t + "info\tcache\tgenerated new workload certificate\tresourceName=default latency=61ms ttl=23h59m59.9s", t + "info\tcache\tRoot cert has changed, start rotating root cert",
        t + "info\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012\tid=1",
        t + "warning\tenvoy main\tsource/server/server.cc:910\tThere is no configured limit to the number of allowed active downstream connections. Configure a limit in `envoy.resource_monitors.downstream_connections` resource monitor.\tthread=21",
        t + "warning\tenvoy main\tsource/server/server.cc:843\tUsage of the deprecated runtime key overload.global_downstream_max_connections, consider switching to `envoy.resource_monitors.downstream_connections` instead.\tthread=21",
        t + "info\tReadiness succeeded in 1.2s", t + "info\tEnvoy proxy is ready",
    ])
    everyday = [
        "[{iso}] \"GET /v1/items/{n} HTTP/1.1\" 200 - via_upstream - \"-\" 0 {big} {n} {n} \"-\" \"Go-http-client/1.1\" \"{hex}\" \"api.shop:8080\" \"{ip}:8080\" outbound|8080||api.shop.svc.cluster.local {ip2}:{port} 10.96.7.7:8080 {ip2}:{port} - default",
        "[{iso}] \"GET /healthz HTTP/1.1\" 200 - via_upstream - \"-\" 0 2 1 0 \"-\" \"kube-probe/1.31\" \"{hex}\" \"{ip}:8080\" \"127.0.0.1:8080\" inbound|8080|| 127.0.0.6:{port} {ip}:8080 {ip2}:{port} - default",
        "[{iso}] \"- - -\" 0 - - - \"-\" {n} {big} {n} - \"-\" \"-\" \"-\" \"-\" \"{ip}:5432\" outbound|5432||db.shop.svc.cluster.local {ip2}:{port} 10.96.8.8:5432 {ip2}:{port} - -",
        "[{iso}] \"POST /v1/cart HTTP/1.1\" 404 - via_upstream - \"-\" 12 19 {n} {n} \"-\" \"okhttp/4\" \"{hex}\" \"cart.shop:8080\" \"{ip}:8080\" outbound|8080||cart.shop.svc.cluster.local {ip2}:{port} 10.96.9.9:8080 {ip2}:{port} - default",
        "[{iso}] \"GET /stream HTTP/1.1\" 0 DC downstream_remote_disconnect - \"-\" 0 0 {n} - \"-\" \"Mozilla/5.0\" \"{hex}\" \"web.shop\" \"{ip}:8080\" outbound|80||web.shop.svc.cluster.local {ip2}:{port} 10.96.3.3:80 {ip2}:{port} - default",
        t + "info\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012\tid={n}",
        t + "warning\tenvoy config\tsource/extensions/config_subscription/grpc/grpc_stream.h:155\tDeltaAggregatedResources gRPC config stream to xds-grpc closed: 0, \tthread=21",
        t + "info\tads\tLDS: PUSH for node:{pod}.{ns} resources:{n} removed:0 size:61.1kB", t + "info\tads\tEDS: PUSH request for node:{pod}.{ns} resources:{n} size:2.1kB empty:0 cached:{n}/{n}",
        t + "info\tads\tPush debounce stable[{n}] 1 for config ServiceEntry/{ns}/{pod}: 100.2ms since last change, 100.2ms since last push, full=false",
        t + "info\tads\tXDS: Incremental Pushing ConnectedEndpoints:{n} Version:{sec}/{n}", t + "info\tads\tADS: \"{ip}:{port}\" {pod}.{ns}-{n} terminated",
        t + "info\tmodel\tFull push, new service {ns}/{pod}", t + "info\tcache\tgenerated new workload certificate\tresourceName=default latency={n}ms ttl=23h59m59.9s",
    ]
    log.some(320, everyday)


def metallb_certs(log):
    k = "I{klog}       1 "
    m = "{{\"branch\":\"dev\",\"caller\":\""
    log.all([
        m + "main.go:239\",\"commit\":\"dev\",\"goversion\":\"gc / go1.22\",\"level\":\"info\",\"msg\":\"MetalLB speaker starting version 0.14.9\",\"ts\":\"{sec}\",\"version\":\"0.14.9\"}}",
        "{{\"caller\":\"announcer.go:126\",\"event\":\"createARPResponder\",\"interface\":\"enp1s0\",\"level\":\"info\",\"msg\":\"created ARP responder for interface\",\"ts\":\"{sec}\"}}",
        "{{\"caller\":\"announcer.go:135\",\"event\":\"createNDPResponder\",\"interface\":\"enp1s0\",\"level\":\"info\",\"msg\":\"created NDP responder for interface\",\"ts\":\"{sec}\"}}",
        "{{\"level\":\"info\",\"ts\":\"{sec}\",\"caller\":\"speakerlist.go:310\",\"msg\":\"triggering discovery\",\"op\":\"memberDiscovery\"}}",
        "{{\"caller\":\"net.go:1210\",\"component\":\"Memberlist\",\"msg\":\"net.go:785: [DEBUG] memberlist: Initiating push/pull sync with: {node} {nodeip}:7946\",\"ts\":\"{sec}\"}}",
        "{{\"level\":\"info\",\"ts\":\"{sec}\",\"caller\":\"speakerlist.go:271\",\"msg\":\"node event - forcing sync\",\"node addr\":\"{nodeip}\",\"node event\":\"NodeJoin\",\"node name\":\"{node}\"}}",
        k + "controller.go:105] \"starting cert-manager\" version=\"v1.16.2\"", k + "leaderelection.go:254] attempting to acquire leader lease kube-system/cert-manager-controller...",
        k + "leaderelection.go:268] successfully acquired lease kube-system/cert-manager-controller", k + "reflector.go:368] Caches populated for *v1.Certificate from pkg/client",
        "E{klog}       1 leaderelection.go:436] error retrieving resource lock kube-system/cert-manager-controller: Get \"https://10.96.0.1:443/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/cert-manager-controller\": context deadline exceeded",
        k + "leaderelection.go:297] failed to renew lease kube-system/cert-manager-controller: timed out waiting for the condition",
        k + "leaderelection.go:268] successfully acquired lease kube-system/cert-manager-controller",
    ])
    everyday = [
        "{{\"caller\":\"main.go:420\",\"event\":\"serviceAnnounced\",\"ips\":[\"192.168.30.2{n}\"],\"level\":\"info\",\"msg\":\"service has IP, announcing\",\"pool\":\"edge\",\"protocol\":\"layer2\",\"ts\":\"{sec}\"}}",
        "{{\"caller\":\"main.go:455\",\"event\":\"serviceWithdrawn\",\"ip\":[\"192.168.30.2{n}\"],\"level\":\"info\",\"msg\":\"withdrawing service announcement\",\"pool\":\"edge\",\"protocol\":\"layer2\",\"reason\":\"notOwner\",\"ts\":\"{sec}\"}}",
        "{{\"level\":\"info\",\"ts\":\"{sec}\",\"caller\":\"controllers/service_controller.go:64\",\"controller\":\"ServiceReconciler\",\"end reconcile\":\"{ns}/{pod}\"}}",
        "{{\"caller\":\"service_controller.go:115\",\"controller\":\"ServiceReconciler\",\"event\":\"failed to handle service\",\"level\":\"debug\",\"msg\":\"not a load balancer\",\"ts\":\"{sec}\"}}",
        "{{\"caller\":\"net.go:1210\",\"component\":\"Memberlist\",\"msg\":\"net.go:785: [DEBUG] memberlist: Stream connection from={nodeip}:{port}\",\"ts\":\"{sec}\"}}",
        k + "trigger_controller.go:223] \"Certificate must be re-issued\" logger=\"cert-manager.controller\" key=\"shop/web-tls\" reason=\"Renewing\" message=\"Renewing certificate as renewal was scheduled at {sec}\"",
        k + "conditions.go:203] Setting lastTransitionTime for Certificate \"web-tls\" condition \"Issuing\" to {sec}", k + "conditions.go:263] Setting lastTransitionTime for CertificateRequest \"web-tls-{n}\" condition \"Ready\" to {sec}",
        k + "sync.go:394] \"certificate issued\" logger=\"cert-manager.controller.sync\" resource_name=\"web-tls-{n}\" resource_kind=\"Order\"",
        "E{klog}       1 controller.go:104] \"Re-queuing item due to optimistic locking on resource\" err=\"Operation cannot be fulfilled on certificates.cert-manager.io \\\"web-tls\\\": the object has been modified; please apply your changes to the latest version and try again\" key=\"shop/web-tls\"",
        "I{klog}       1 acme.go:236] \"cert-manager.controller.http01: Presented challenge using http01 solver\" dnsName=\"shop.example.org\" type=\"HTTP-01\"",
    ]
    log.some(240, everyday)


def open_vswitch(log):
    o = "{sec}|000{n}|"
    k = "I{klog}       1 "
    log.all([
        o + "vlog|INFO|opened log file /var/log/openvswitch/ovs-vswitchd.log", o + "ovs_numa|INFO|Discovered 4 CPU cores on NUMA node 0",
        o + "reconnect|INFO|unix:/var/run/openvswitch/db.sock: connecting...", o + "reconnect|INFO|unix:/var/run/openvswitch/db.sock: connected",
        o + "chassis|INFO|Need to specify an encap type and ip", o + "main|INFO|OVS IDL reconnected, force recompute.",
        o + "rconn|WARN|unix:/var/run/openvswitch/br-int.mgmt: connection failed (No such file or directory)", o + "rconn|INFO|unix:/var/run/openvswitch/br-int.mgmt: waiting 1 seconds before reconnect",
        o + "rconn|INFO|unix:/var/run/openvswitch/br-int.mgmt: connected", o + "bridge|INFO|bridge br-int: using datapath ID 0000a2b1c3d4e5f6",
        o + "netdev_linux|INFO|ioctl(SIOCGIFHWADDR) on antrea-gw0 device failed: No such device",
        o + "dpif|WARN|system@ovs-system: failed to query port patch-br-int: Invalid argument",
        k + "agent.go:63] \"Starting Antrea agent\" version=\"v2.3.0\"", k + "client.go:93] \"No kubeconfig file was specified. Falling back to in-cluster config\"",
        k + "ovs_client.go:70] \"Connecting to OVSDB at address\" address=\"/var/run/openvswitch/db.sock\"", k + "agent.go:410] \"Setting up node network\"",
        k + "ofctrl_bridge.go:294] \"OFSwitch is connected\" dpid=\"00:00:a2:b1:c3:d4:e5:f6\"", k + "agent.go:388] \"Cleaning up flow-restore-wait config\"",
        "W{klog}       1 env.go:88] \"Environment variable not found\" name=\"POD_NAMESPACE\"", k + "networkpolicy_controller.go:770] \"All watchers have completed full sync, installing flows for init events\"",
    ])
    everyday = [
        o + "bridge|INFO|bridge br-int: added interface {pod} on port {n}", o + "bridge|INFO|bridge br-int: deleted interface {pod} on port {n}",
        o + "connmgr|INFO|br-int<->unix#{n}: {n} flow_mods in the last 59 s ({n} adds, {n} deletes)", o + "memory|INFO|handlers:2 idl-cells:{big} ports:{n} revalidators:1 rules:{big} udpif keys:{n}",
        o + "timeval|WARN|Unreasonably long 1{big}ms poll interval (12ms user, 40ms system)", o + "poll_loop|INFO|wakeup due to [POLLIN] on fd {n} (<->/var/run/openvswitch/db.sock) at lib/stream-fd.c:157 (61% CPU usage)",
        o + "jsonrpc|WARN|unix#{n}: receive error: Connection reset by peer", o + "reconnect|WARN|unix#{n}: connection dropped (Connection reset by peer)",
        o + "binding|INFO|Claiming lport {pod} for this chassis.", o + "binding|INFO|Setting lport {pod} ovn-installed in OVS", o + "ofctrl|INFO|unix:/var/run/openvswitch/br-int.mgmt: connected",
        k + "server.go:505] \"Received CmdAdd request\" containerID=\"{hex}\" pod=\"{ns}/{pod}\"", k + "server.go:560] \"CmdAdd for container succeeded\" containerID=\"{hex}\"",
        k + "pod_configuration.go:250] \"Configured container interface\" pod=\"{ns}/{pod}\" IPs=[\"{ip}\"]", k + "node_route_controller.go:610] \"Adding routes and flows to Node\" node=\"{node}\"",
        "I{klog}   29757 ping.go:69] ping node: {node} {nodeip}, count: 3, loss count 0, average rtt 0.23ms",
    ]
    log.some(280, everyday)


LOGS = {
    "calico-node": calico_node, "cilium-agent": cilium_agent, "flanneld": flanneld, "vpc-cni": vpc_cni, "coredns": coredns,
    "kube-proxy": kube_proxy, "kubelet-containerd": kubelet_containerd, "kernel": kernel, "ingress-nginx": ingress_nginx,
    "istio": istio, "metallb-cert-manager": metallb_certs, "open-vswitch": open_vswitch,
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, write) in enumerate(LOGS.items()):
        log = Log(seed)
        write(log)
        (folder / f"{name}.log").write_text("\n".join(log.lines) + "\n")


if __name__ == "__main__":
    main()
