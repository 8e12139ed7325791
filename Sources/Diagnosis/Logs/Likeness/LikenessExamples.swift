// swift-format-ignore-file
// Written by LikenessTests from Tests/Fixtures/diagnosis, with POPLIN_WRITE_DOCS=1. Not edited by hand.

/// Messages whose cause somebody found, as the words that likeness sees: the causes, a bar, the words. No causes
/// stand before the words of what is no sign of any.
enum LikenessExamples {
    static let lines = #"""
API-01|#n add calico error fail gett internet plugin pod sandbox set type unauthoriz up
API-01|#n asked cannot client credential internet multu node pod provid read shop
API-02|#n api canal cannot forbidden group internet kubernet namespac pod resourc serviceaccount shop system user
API-03 SVC-03|#ip #n 443 api apiserv dial fail node reach tcp timeout v1
INS-02|bin calico cni fail find ipam lib networkplugin opt path plugin pod set up usr
INS-02|add antrea bin cni error exec fail fork format opt plugin type
INS-02|add bin cni deny exec fail flannel fork opt permiss plugin type
INS-03|cni fail find libexec network path plugin portmap sandbox setup usr
INS-03|bin cni fail find local node opt path plugin
INS-04|bin busy calico cannot cni creat file install node opt regular text
INS-05|cilium cni fail find path plugin
INS-06 INS-01|calico delet directory fail file lib no nodenam plugin stat such type var
INS-07|#n add error fail flannel not oper support vxlandevic
INS-07|#n amd# amd64 cloud directory fatal found lib modprob modul not wireguard
INS-07|#n cannot exist initializ insmod iptabl legacy nat need not tabl v1
INS-08 IPM-01 INS-01|directory env fail file flannel loadflannelsubnetenv no open run subnet such
INS-01|agent cannot cilium connect dial refus run sock unix var
INS-11|bpf error fail fs generat mount not path pod shar spec sys
INS-12|cni creat directory exec fail file install no oci runtim sh stat such
INS-09|cannot install io kind match no operator recogniz tigera v1 vers yaml
CFG-01|cni configur etc fals found messag net network networkpluginnotready networkready no not pod ready reason runtim
CFG-02|#n beginn canal charact cni configur conflist error etc file invalid key list load look net object pars string
CFG-03|#n cilium cni configur conflist deny etc fail load net open permiss
CFG-05|#ip #n addres bridg cni conflist etc ls net pod podman
CFG-06|#n bak cilium cilium_bak cni conflist etc istio net
CFG-07|#n cni configur incompatibl plugin support vers
CFG-10|attach cannot definit find macvlan multu namespac network shop
IPM-01|#n acquir assign cidr error fail leas network node not pod register
IPM-03 IPM-02|#ip #n add addres allocat availabl fail ip local no node plugin rang set type
IPM-04 IPM-12|affin assign auto block fail free ipam limit more no node reach
IPM-05|#ip #n addres already bridg cbr# cbr0 different fail ip set
IPM-05|#ip #n brd bridg cni# cni0 global inet ipam local node scop subnet type
IPM-06|#ip #n already cali# cali12345 dst exist fail interfac other rout setup
IPM-09 IPM-02|allocat cannot error exhaust ip ipam rang rout
IPM-10 IPM-02|#ip allocat assign cannot error ip rang whereabout
IPM-11|alloc allocat assign cidr error fail left no remain
IPM-12|#n calico configur match no node pool
RTE-02|#ip #mac #n brd dev ether flannel link lladdr permanent
RTE-05|calico checksum ethtool every generic grow incsumerror ip show try tx vxlan
RTE-06|chain dock drop forward iptabl policy set
RTE-07|#ip #n destin icmp icmp_seq node prohibit reject seq
RTE-08|#ip dev ipv# ipv4 lxc# lxc1234 martian sourc
RTE-09|#n forward ip_forward ipv# ipv4 net
RTE-12|delet foreign networkd policy restart rout rule systemd
RTE-16|#n iptabl legacy nf_tabl present see tabl them v1 warn
RTE-19|attempt connect databas fail not openvswitch refus runn vswitchd
BGP-02 BGP-01|#ip bgp bird calico establish node not ready
BGP-03|bad bird error mesh mesh_10_0_0_7 messag notific open peer receiv
BGP-04|bird birdv# birdv4 calico cannot connect ctl dial not proces run runn socket unix var
BPF-02|#n bpf cannot follow handl insn ipv4 larg load log process program tail tail_handle_ipv4 too verifi
BPF-03|cannot devic element fail left map no policy spac updat
DNS-03|#ip #n 53 detect fatal loop plugin zone
DNS-04|#ip #n 53 error exampl org plugin read timeout udp
DNS-06|#n conntrack cpu drop fail found insert insert_fail invalid
DNS-11 API-03|#ip 443 api dial fail info kubernet list mod pkg plugin servic tcp timeout v1
SVC-01|activ any endpoint internet not servic shop
SVC-09|conntrack dropp exhaust kernel nf_conntrack packet tabl
SVC-10|#n anoth app current execut exit fail hold iptabl lock restor statu xtabl
SVC-11|conntrack deny max net netfilt nf_conntrack_max open permiss proc sys
WHK-01 GCP-01|443 call certificat context fail io manag mutat post servic timeout webhook
ING-02|#n auto cannot discov least match one resolv subnet tags vpc
ING-05|#n 404 challeng expect propag statu wait wrong
MSH-02|#n error internal numb openssl openssl_internal routin ssl tls vers wrong wrong_version_numb
AWS-01 AWS-02 AWS-03 AWS-06|add addres assign aws cmd cni fail ip plugin pod type
AWS-02|addres enough fail free increas insufficientfreeaddressesinsubnet ipamd not pool specify subnet
AWS-03|allocat block cidr enough fail free insufficientcidrblock ip not prefix privat specify subnet
AWS-04|authoriz createnetworkinterfac ec2 not perform unauthorizedoper
AZR-02|availabl cns enough fail ip not pod requestipconfig
AZR-03|azur fail json lock run stor var vnet
NOD-02|creat fail file fsnotify many open too watch
NOD-03|arp arp_cach cach neighbor neighbour overflow tabl
POL-04|app ingres matchlabel namespaceselector podselector team
SVC-10 SVC-03 SVC-05|#n 0xb7 already cannot creat error exist fail file hcncreateloadbalanc policy proxi win# win32
SVC-10 SVC-03|#n 0x803b0007 creat error fail found hcncreateloadbalanc not policy port proxi switch win# win32
SVC-03 SVC-10 SVC-01|#n any apply availabl endpoint inform kubernet metric node not policy proxi servic system
MCL-02|aliv clust east gateway linkerd multiclust not some target ×
MCL-02|#n 07t09 503 59z gateway key linkerd mark multiclust prob return statu unexpect unhealthy warn
MCL-02|able check elyria fail gateway linkerd livenes mirror multiclust prob reach servic ×
ING-01 ING-03|allow annot ax0jpqs check configur error exist frontend gcp ingres invalid io kubernet loadbalanc not pleas routin runn sync usag
ING-06 ING-01|#n cannot certificat error gcp googleapi ingres internet pars ssl sslcertificatecouldnotparsecert sync warn
ING-01 SVC-01 SVC-02 ING-04|#n any backend cannot during error find nodeport routin runn servic sync
ING-01|#n conditionnotmet controll error fingerprint googleapi invalid loadbalanc
POL-11 API-03 MSH-01 SVC-01|#d #ip #n ago clos configur connect consul dataplan deltaaggregatedresourc dial error grpc refus sinc stream tcp transport warn
MSH-03 POL-11 INS-09|#n cannot chain clos clust configur creat discovery grpc stream upstream without
POL-11 API-03 MSH-01 SVC-01|500 answ consul error internet known no node proxy register servic sidecar unexpect
DNS-02 SVC-03 DNS-04 DNS-01|#ip #n 53 cach ci clust error git local plugin select servic tcp timeout
DNS-04 DNS-02 DNS-05 DNS-08 DNS-07|cannot ci clust default find local nexu node servfail servic
API-01 API-02|authoriz calico cni error fail invalidat mismatch plugin serviceaccount token uid unauthenticat
API-02|build cannot cilium coordin error forbidden io kubernet leas lock object operator resourc serviceaccount system user
API-03 SVC-03|#d #ip #n 443 antrea apis cancel connect controll coordin error io kubernet leaderelect leas lock namespac net request resourc retriev system timeout v1 wait
API-03 SVC-03 RTE-04|#ip6 443 connect dial tcp unreachabl
WHK-01 SVC-01 API-03|#d faileddiscoverycheck fals io kubernet metric node system v1beta1
WHK-01 SVC-05 SVC-01|#d 443 call eof fail kyverno mutat post servic timeout webhook
DNS-02 DNS-05 DNS-07 SVC-01 DNS-04 DNS-08|clust data dial local lookup no node redi servic such tcp
DNS-02 DNS-05 DNS-07 SVC-01 DNS-04 DNS-08|attempt caus connect db fail java net org postgresql psqlexcept shop unknownhostexcept util
DNS-02 DNS-05 DNS-06 SVC-03 DNS-01 DNS-04|#ip #n 53 answ configurationerror dns do53 error expir lifetim node oper pymongo resolut second timeout
DNS-04 ING-06|#ip #n certificat corp dns error exampl fail not plugin tls valid vault verify
DNS-02 DNS-11|cannot error fail kubernet label pars plugin restart selector valu
DNS-07 DNS-10|#ip #n clusterdn configur diff kubelet nameserv node other pod resolv
DNS-04 DNS-02 POL-08 DNS-05|#ip #n 53 head id lookup node opcod refus statu
|abcd cannot endpoint error fail failedtoupdateendpointslic fulfill internet modify object oper servic shop updat warn
SVC-01|#d endpoint internet ipv# ipv4 kubectl unset x7k2p
SVC-01 ING-04|apisix fail internet nil no node pick shop shop_web upstream valid
ING-04 SVC-02 SVC-06 SVC-01|#ip #n 111 client connect exampl fail node refus shop upstream
ING-04 MSH-06 SVC-05 MSH-02|#ip #n answ connect fail head peer read recv reset upstream
SVC-10 SVC-03 INS-07|#ip #n 443 deny destin error fail ipvs list netlink permiss proxi virtualserv
INS-07 SVC-10 SVC-03|#n cannot conn_reuse_mod connect directory file ipv# ipv4 mode net no open proc proxi reus set such sys sysctl vs
SVC-09|#n callback conntrack dmesg dropp exhaust net net_ratelimit nf_conntrack packet ratelimit suppress tabl
SVC-12|#n 503 check five four health loadbalanc localendpoint node nodeport
SVC-13 PRF-01|#d #n activ availabl connect hikari hikaripool idle not pool poolinitializationexcept request timeout total wait zaxx
SVC-01 ING-04 SVC-05|availabl backend haproxy http internet no node notic shop shop_web_http
ING-01 ING-03|allocat availabl controll default edge error fail ip metallb no pool shop
ING-01|#d #ip #n 443 edge kubectl loadbalanc pend servic tcp
ING-02 ING-01|availabil invalidconfigurationrequest least loadbalanc not subnet two zone
ING-03|#n backend backend_servic exceed global limit quota servic
ING-03|#n 403 addres error europ exceed googleapi in_use_address limit quota quota_exceed region use west# west1
ING-05|403 404 accept acme answ author challeng error exampl fail ietf invalid known messag param reason shop unauthoriz urn well
ING-05|403 _acm acme author certificat challeng error exampl found incorrect manag record shop txt wait
ING-06|#n certificat client error expir gmt jun notaft num openssl s_client verify
ING-06|altnam certificat dns exampl ingres ip local match name node node_tl not shop tls
ING-06|#n _ssl certificat certificate_verify_fail exampl fail mismatch name not shop ssl sslcertverificationerror valid verify
ING-06|any append cannot certificat crt data default error fail find input pem stor tls tlsstorenam
ING-07|already conflict exampl httprout internet name older owned prod reason shop tlsrout
POL-01 RTE-07|#ip #n antrea deny dpt dst feb ingressmetric k8snetworkpolicy kernel node reject shop src
POL-01|#ip #n default deny egres felix packet policy shop tcp tier
DNS-05 POL-01|#ip #n 01z 02t10 53 deny dstip dstport protocol srcip udp verdict
POL-02|allow app carry effect internet io kubernet name networkpolicy no noth pod podselector select
POL-07|any apply clust curl flannel kind networkpolicy pod runs still succeed
MSH-02 MSH-01|#ip #n auth connect namespac peer peer_auth prometheu read reset scrap shop sidecar strict without
POL-11 DNS-02 DNS-05 SVC-03|#ip #n 53 certificat clos configur dial envoy fail fetch grpc istio istiod lookup sds servic stream streamsecret system tcp timeout warn
MSH-03 ING-07|bind both canary gateway ignor internet istiod mesh node rout shop virtualservic warn
MSH-01|#n inject internet io istio label namespac no pod rev shop skipp webhook
MSH-06 MSH-02 ING-04|connect disconnect during error head reason reset rollout termin upstream
AWS-01|#n addres assign eni error ip limit privateipaddresslimitexceed reach secondary
AWS-02|0a1 addres api creat createnetworkinterfac ec2 eni enough error fail free insufficientfreeaddressesinsubnet not oper subnet
AWS-07 INS-01 API-03|daemon entrypoint error ipam sh start timeout wait
AZR-01 AZR-02|#ip #n acquir addres availabl azur error fail ipam no node pool vnet
MCL-03 IPM-07|#ip #n both clust disabl globalnet
MCL-02|#n apiserv clust clustermesh connect context east error nodeport ready remot timeout unreachabl
MCL-05|annot backend cilium east global internet io list miss no servic shop show west
|#ip #n endpoint endpointslicecach internet name port portnam servic sett shop
|#n 003z 02t08 health upstream via via_upstream
|#n 11t09 12z clustermesh clusternam east finish info modul synchron
|action already approv certificat certificaterequest manag no taking
|#n 00z 09t10 envoy info proxy ready
|#n dns endpoint endpointid info map policy updat
|#n apiserv info kubernet plugin v1 vers
|#n creat event ingres internet kind messag occurr reason shop
|#d #n 8080 check durat haproxy internet layer# layer4 node pass reason shop shop_web_8080 srv srv_1 up
|#n backend endpoint health healthy internet rout
|#n bgp chang event info label main node nodelabelschang peer resync speak
RTE-06 RTE-07|accept acces cannot forward iptabl latest minikub network pod sudo work
RTE-06 RTE-07|acces adds behind cannot come external firewalld forward install internet last pod reject rule unconditional
DNS-04|#ip #n 53 clust error exampl plugin read test udp unreachabl
INS-01|#ip #n addres already bind endpoint error fail health listen restart tcp trying
RTE-06|#n accept docker# docker0 drop forward
RTE-14 RTE-06|#ip #n dock internal loss node packet pod reach receiv transmitt
API-03 RTE-07|#ip #n 443 apiserv connect dial error initializ kubernet reason tcp unreachabl vers
RTE-19 INS-07|#n allocat error fail match node not ofport request sdn startup
RTE-19 INS-01|#ip #mac #n bind configur fail install interfac openvswitch ovn pod port timeout wait
INS-02 INS-12 CFG-01|#n creat fail found kubelet network node not openshift openvswitch plugin redhat subnet
INS-01|#n calico connect dial fail felix localhost node not prob readines ready refus tcp
RTE-08|#n cilium configur coredn filt ipv# ipv4 net node not other pod reach rp_filt start ubuntu upgrad
INS-07 SVC-10|#n comment error execut exit extens fail iptabl kernel miss modul not proxi restor revis statu support warn
MSH-02 POL-01 MSH-01|#ip #n addres clust connect current error head incomplet last local messag mongo node peer read reset select servic stat tcp timeout topology type unknown
|#ip #n connect peer read reset tcp
SVC-02 SVC-06 SVC-03 MSH-06|#n 111 connect connectionerror dev error exampl except redi refus test
MSH-06 CFG-08 MSH-01|connect first istio other pod proxy refus servic sidecar start up
|#n #x 08s01 becaus break cj connect connectionimpl errorcod hikaripool jdbc mark mysql sqlstat
API-03|#ip #n 10z 31t10 443 apis apiserv clust connect db dial error harbor namespac postgresql reachabl refus tcp v1 wait
POL-11 SVC-01 MSH-02|#n 11t19 797714z clos configur envoy grpc healthy no stream streamaggregatedresourc upstream warn
IPM-10 CFG-10|#n adding becom default engin error exceed kubernet lead limit network pod storag wait whereabout
IPM-04 IPM-02 IPM-03 IPM-06|#n 500 adding alloc default error exhaust fail ip ipam ippool macvlan network overlay pod post postipamipfailur previou record retriev retry spiderpool statefulset test# test967 time updat
IPM-02 IPM-12|500 addres allocat auto availabl error eth# eth0 fail filter ip ipam ippool ipv# ipv4 logg mode no out post postipamipfailur spiderpool standard v4
IPM-02|addres allocat any auto eth# eth0 fail ip ippool ipv# ipv4 ns4518 out statefulset v4
API-03 IPM-02 IPM-03|addres allocat auto client error eth# eth0 fail interfac ip ipam ippool ipv# ipv4 limit logg rate return timeout v4 wait warn
CFG-10 IPM-06|#ip6 adding arp bind check client devic error fail init ip listen multu network no packet pod such test
|#x 0_default_8bf1_1 fail name reserv sandbox test# test967
ING-06|api caus certificatechain configur constraint envoy fail field filterchain googleapi grpc http ingres ingress_http listen listenervalidationerror name proto reason refus requir specifi tlscertificatevalidationerror type v2 valid warn
ING-06 ING-04|#n backendref certificat client fail fals found gateway httpbin invalidbackendtl messag namespac not proces reason resolvedref rout rule secret statu tls type
ING-06 ING-04|default e2e exampl external found httpbin invalid misconfigur not request rout secret servic test tls upstreamvalid
ING-06|#n 15t07 58z certificat conformanc error found gateway ingres invalid listen not secret test tls
|#n 04t16 09z cancel connect context error stream terminat timeout xds
ING-01|#n 403 action azur azure_backoff backoff client createorupdat error failur howev interfacesclient join link linkedauthorizationfail messag microsoft network networkinterfac not original perform permiss processhttpretryrespons request retry scop send statuscod subnet virtualnetwork writ
ING-01|creat creatingloadbalancerfail deploy error found gett kubernet loadbalanc not reason retry servic system till type warn
ING-01|#n cloud controll core external fail loadbalanc not provid servic start support
ING-01|cloud creat ensur ensureloadbalanc error fail hcloud hcop hetzn loadbalanc loadbalancerop locat neith network nor set sync zone
IPM-03 IPM-02|#ip #n addres allocat availabl fail ip network no rang sandbox set setup
INS-01 CFG-02 INS-02|diagnostic end error fail input json messag netplugin pars unexpect
NOD-01 NOD-04 NOD-02|bin cni containerd exec fork home local node opt resourc temporari unavailabl
CFG-09 CFG-02 CFG-07|#n addres cannot convert error fail fata ip network no pod run sandbox setup unknown valid
CFG-02 CFG-09 IPM-01|#n 42f1 add addres bridg cidr creat error fail invalid network plugin pod pod_cidr sandbox setup type unknown
IPM-03 IPM-02|#ip #n 4_default addres allocat availabl cni createpodsandbox dd error fail ip networkplugin no pod rang set unknown up
INS-01 CFG-01 CFG-02|#x fail find info network sandbox
|adding answ bridg cannot creat daemon docker# docker0 endpoint error fail find interfac ip net network no rout such veth# veth9
|#n 7pm7l cannot csi daemon endpoint endpointid error found ignor interfac k8spodnam kubernet lxc# lxc1c5525f58153 restor system warn
RTE-01 RTE-03 RTE-04 POL-01|#ip #n 4240 533 agent await client connect context endpoint exceed head hello icmp ok rtt stack timeout µ
RTE-04 RTE-17 POL-01 RTE-06 RTE-01|#ip #n await client dial exceed fail head prob readines readyz tcp timeout
DNS-02 DNS-05 DNS-04 DNS-07 SVC-03|443 connect default fail getaddrinfo known kubernet name not open servic socketerror tcp
|#n connect did localhost node port refus right specify
DNS-02 DNS-05 DNS-04 DNS-07 SVC-03|#n connect dask default errno known name not oserror root servic tcp timeout trying
DNS-02 DNS-05 DNS-04 DNS-07 SVC-03|#n 0x7f91 80 again caus connect errno establish exceed fail httpconnect httpconnectionpool max name new newconnectionerror node object port retry servic service_nam try url urllib# urllib3
NOD-01 API-03 RTE-07|#ip #n 10250 celery chat connect containerlog dial error node refus tcp
INS-09 BPF-06 BPF-02 BPF-03|#n argu bpf cali cali_v4_ct3 cannot creat ct3 error fail fs global invalid libbpf map mismatch paramet pinn reus sys tc
BPF-05 INS-07|#n allow calico calico_failsafe_ports_v1 creat dataplan disabl error exit fail failsaf int int_dataplan map not oper port set statu warn xdp
BPF-05 BPF-02|#n allow apply bpf bpf_ep_mgr error fail felix interfac load mgr not object oper policy program retry warn
BPF-05 BPF-02|#n allow basic bpf bpf_object__probe_nam cannot error libbpf load name not object oper prob program r0
|#n bpf calico calico_sockops_v1 debug directory error fail felix file fs no program remov sockmap sockmap_stat sockop stat such sys
|error filt found kernel libbpf messag not prior protocol specify
|#mac #n delet fsn# fsn1 info peer sb26 unreachabl
INS-07 SVC-07|#n br call intend iptabl may miss modul netfilt nf not proxi proxy sysctl unset work
|#n fail ignor internal ip_vs_sh kernel kubeproxy lib load messag modprob modul mount pod proxi runn without
INS-07|#n becaus cannot determin error follow ip_v ip_vs_rr ip_vs_wrr ipvs kernel load modul node not other proxi proxy requir server_oth wheth wrr
DNS-07 DNS-08|#ip #n apply dns exceed limit line nameserv omitt some
RTE-04 RTE-15 INS-01|creat fail networkunavailabl noroutecreat rout routecontroll true
|coredn custom etc file glob import match no overrid pattern warn
DNS-02|addres corp dns file forward ip not plugin
DNS-02|53 addres already bind listen tcp
DNS-02 DNS-10 RTE-10|#ip 53 addres assign bind cannot listen request tcp
DNS-05 DNS-02 SVC-01|#ip #n api cannot client clust error found local node not resolv servic shop
DNS-05 SVC-01 DNS-02|#n api configur default emerg etc found nginx node not upstream
ING-04 MSH-02|#ip #n answ client connect error fail head peer read recv reset upstream
SVC-01|#n controll endpoint error internet key local match no object obtain servic shop stor
ING-06|#n any certificat controll error exampl match name node not shop ssl test tls unexpect valid validat want
ING-06 ING-05|#n certificat controll default error found gett local not shop ssl tls
|admiss annot badrequest cannot configur deny error ingres io kubernet nginx node request snippet validat webhook
ING-05|403 404 acme answ author challeng error exampl ietf invalid known param test unauthoriz urn wait well
ING-05|429 acme already certificat creat domain error exact fail ietf issu many new order param ratelimit set too urn
BGP-01 BGP-03 BGP-02|addres bgp cannot connect endpoint error not port remot transport
|#n cooky flood port possibl request request_sock_tcp send sock syn tcp
|#n ena ens# ens5 netdev queu timeout transmit watchdog
|#d #n bug calico cpu lockup node soft stuck watchdog
SVC-01 SVC-05|#ip 443 availabl destin ipvs no rr tcp
RTE-20 RTE-04|cilium cilium_vxlan dead devic fix loop urgent virtual vxlan
|#n dns dve error featur mitigat node nxdomain potential reduc retry return transact udp viol
ING-03|#n 409 answ creat ensur error exceed expect fail floatingip loadbalanc quota resourc sync
ING-01 AWS-05|0a1 ensur error fail found instanc kubernet loadbalanc multipl only securitygroup sync tagg
DNS-02 DNS-05 DNS-04 DNS-07 SVC-03|#n dns gethostentryoraddressescor net resourc socket socketexcept system temporari unavailabl
POL-01 RTE-01 SVC-03 AWS-05 RTE-14|#ip #n 0x80004005 110 connect fail net npgsql npgsqlexcept socket socketexcept system timeout
RTE-07 RTE-06 RTE-04 SVC-01|#ip 80 connect error unreachabl
DNS-02 DNS-05 DNS-04 DNS-07 SVC-03|#n fail failur getaddress getaddrinfo hy000 name network php php_network_getaddress resolut sqlstat temporary
SVC-02 SVC-01 SVC-03|#ip #n adminclient availabl brok cannot clientid connect establish kafka may node not
SVC-02 SVC-06 SVC-03|111 connect error os refus tcp trying
SVC-02 SVC-06 SVC-03|#ip #n active becaus connect could made no node refus target
RTE-07 RTE-06 RTE-04|#ip 80 fehlgeschlagen kein rout verbindungsaufbau zielrechn zu zum …
SVC-02 SVC-06 SVC-03|#ip #n addres connect error fail ipv# ipv4 last node refus remot unavailabl unknown
SVC-03 POL-01 RTE-01|#n 110 cannot connect db error hy000 mysql node servic shop
ING-06 API-01 MSH-02|build cannot certific fail find javax net path pkix request ssl sslhandshakeexcept target valid
RTE-07 RTE-06 RTE-04|caus java net noroutetohostexcept unreachabl
API-02|api cannot delegat error fail forbidden group kubernet load multu namespac pod resourc serviceaccount shop system user w1
INS-07 SVC-10|#n 1a add cannot chain cni creat deny error exit fail hostport initializ iptabl legacy list must nat network permiss plugin pod portmap root runn sandbox sbin setmark setup statu tabl type unknown v1 wait
INS-07|add bandwidth fail not oper plugin qdisc set support type
SVC-10|#n add cannot exit fail hostport iptabl line plugin portmap resourc restor rule set statu temporari type unavailabl
|add core fail file net only open plugin proc read somaxconn sys system tuning type
IPM-01|#n acquir assign cidr error fail leas main network node not pod register w2
INS-12 SVC-10 INS-07|#n binary bootstrap fail found iptabl not restor setup
|#n bird cycl event loop ms took
BGP-03|#n bad bird error mesh mesh_10_0_1_4 peer
IPM-11|allocator error exhaust
IPM-11 IPM-02 IPM-01 AWS-01 AWS-02|#n alloc availabl back becom crd info ip ipam n3 name pool requir wait
IPM-01 IPM-11|cidr daemon error inform ipv# ipv4 kubernet node not pod present requir resourc wait warn
IPM-02 IPM-11 AWS-01 IPM-03 IPM-09|502 add agent allocat cannot cidr cilium cni creat error exhaust fail ip ipam local plugin pod post postipamfailur rang sandbox type unknown
|#n 14t09 2074602z allocat cannot comput error instanceid ipam name node# node22 not pend pod stor surg uninitializ vm22 warn
|ciliumnod custom discover info ipam name new node# node0 resourc
ING-01 AZR-02 AZR-01 INS-01 API-02|#n 26t13 50z action allocator author authorization_fail azur cannot cilium client creat error fail fatal ident microsoft network not operator perform read start token virtualnetwork
DNS-04|#ip #n 53 clust error plugin read test udp unreachabl
INS-01 INS-09|#ip #n addres already bind endpoint error fail health listen restart tcp trying
DNS-04 DNS-02 DNS-05 DNS-07 RTE-14|#n cannot clust curl node resolv test
RTE-06 RTE-14 RTE-09 RTE-07|#d #ip #n byte data loss packet ping receiv statistic transmitt
RTE-07 RTE-06|#n any anywher icmp node prohibit reject
RTE-04 RTE-14 RTE-07 RTE-06|connect unreachabl
IPM-07 RTE-04 IPM-06|#ip #n add dev error exit fail ip kernel link node plugin proto rout sbin scop sdn start startup statu tun# tun0 usr
RTE-19 INS-01 INS-07|#n allocat error fail match node not ofport request sdn startup
RTE-17 INS-01 RTE-04 RTE-19|#n addres cidr devic eth# eth0 exist fail hook invalid networkplugin not openshift openvswitch pod redhat rout statu subnet
|#n br0 call del exist info openvswitch port vsctl vxlan# vxlan0
|#ip #n #x add ca cni cni_add ip kgthq ofport openshift pod servic
IPM-01 INS-01 IPM-11|#n annot found kubernet n4 no node org ovn start subnet wait
INS-01 INS-09 API-03|#n cannot clust clusternetwork cmd default fail fetch found initializ io network not openshift sdn start
SVC-10 SVC-04 SVC-03 SVC-05|#ip #ip6 #n 53 delet destin directory error fail file no proxi such tcp
SVC-10 SVC-04 SVC-03|#ip6 #n 80 add destin error exist fail file proxi
RTE-04 RTE-01 RTE-09|#ip6 80 connect fail port unreachabl
CFG-02 IPM-01 INS-09 SVC-03|#n cidr clust contain error fami flag ip node one only strconv
RTE-12 RTE-04|#ip6 #n 1024 20t21 cali# cali2cdfcc6cfe1 delet dev medium metric pref
INS-07 RTE-09|cannot configur directory file forward ipv# ipv6 net no proc stat such sys sysctl
ING-07 ING-04 ING-01 SVC-01|allow any backendref condit fals internet messag not reason referencegrant refnotpermitt resolvedref shop statu type
SVC-01 ING-04|backendnotfound fals found internet messag not reason resolvedref servic statu type
ING-07 ING-01 ING-06|accept fals listen match messag name no nomatchingparent reason rout statu type
ING-01|addres addressnotassign assign edge fals gateway no programm reason
RTE-19|#d connect controll createovnportfail databas directory fail file nbctl no ovn ovnnb ovnnb_db run sock such unix var warn
IPM-02 IPM-12 INS-01 IPM-03|#n 500 9be8 adding availabl cni dxp dxp_wat error h7lfx ip kubernet network no ovn pod request return water
RTE-04 INS-01 RTE-19 API-03|#n 0_ns1 500 cni controll error fail find ip kubernet logs network networkplugin not ns1 ovn pleas pod provid ready request return rout see set sts up
INS-01 API-03 INS-09|#n contain declar default error hk4s6 key map merg name nginx not pod requeu sync
INS-01 RTE-19|#n 5e6c 6b add adding api args cmdadd cni connect containerid creat daemon dial dummy error eth# eth0 fail ifnam k8s_pod_nam kubernet multu name netn network openvswitch ovn path plugin pod post refus request run sandbox setup shim sock statu stdindata type unix unknown v1 var
CFG-10 RTE-17 RTE-10 INS-01 RTE-04|#n br bridg ens# ens37 fail found initializ link network not provid provider_network
GCP-01 WHK-01|#d 443 admiss await cancel client connect exceed head monitor mutat net operator post prom prometheusrul request servic timeout wait
WHK-01 GCP-01|#d #ip 443 8443 admitlabel call check dial error fail gatekeep gk ignor internal internalerror label node occurr post servic sh system tcp timeout v1 webhook
WHK-01 GCP-01|#d 443 call context creat error fail internal internalerror io kb mutat node occurr otel post servic stdin system timeout webhook
API-03 MSH-06 SVC-03 MSH-02|0x7f 111 api ci configmap connect errno establish except fail httpsconnect namespac new newconnectionerror object refus urllib# urllib3 v1
API-03 SVC-03|#ip 443 apiexcept client connect connectexcept fail io java kubernet net openapi
API-03|#ip 443 connect did node port refus right specify
POL-11 MSH-05 MSH-01 MSH-04 API-03|#n 503 agent becom command envoy error exit last pilot poststarthookerror proxy ready statu timeout wait
MSH-02 SVC-01 SVC-02 SVC-06 SVC-03 MSH-06|#n app client configur default error internet node org refus request resourceaccessexcept springframework
SVC-02 MSH-02 ING-04 SVC-06 SVC-01|111 connect delay disconnect error failur head reason reset transport upstream
BPF-02|#n bpf datapath error insn larg load process program too
|bin error exec format gunicorn local usr
|availabl cannot certificat crypto not pool root system warn window
|#n 00z 01t10 accept accept_ra advertise cannot configur disabl docker# docker0 error file ipv# ipv6 net only open proc read rout sys system warn
API-03 SVC-03|#ip 443 api apiserv authentic based ca cannot client configmap connect dial extens file head kubernet load namespac panic refus request system tcp v1
API-02|cannot cilium ciliumnod creat error fatal forbidden io kubernet resourc serviceaccount system user
MCL-02|cannot clust clusternam connect context error establish etcd remot timeout warn west
CFG-10|add creat error fail found link macvlan not plugin pod sandbox type unknown
WHK-01 SVC-01|#d 443 availabl azur call endpoint fail io kubernet mutat no pod post servic system timeout v1 webhook wi
DNS-04 DNS-07 DNS-03 DNS-02|#ip #n 53 lookup read refus registry test udp
BGP-03 BGP-01 BGP-02|#ip #n adjchang bgp clos down neighbor peer sess
BGP-03|#ip #n 179 badauth digest md5 no tcp
RTE-08|#ip dev eth# eth0 ipv# ipv4 martian sourc
SVC-09|conntrack dropp exhaust nf_conntrack packet tabl
NOD-01 NOD-04 INS-01 PRF-01|#d #n bug calico cpu lockup node soft stuck watchdog
|#ip 0x2 ect non tos vxlan
NOD-05 NOD-04|consid memory out tcp tcp_mem tuning
ING-04 SVC-13 PRF-01|request timeout upstream
|answ call superfluou writehead
RTE-14 POL-01 RTE-07 RTE-06 RTE-01|#ip 443 connect error fail network npm npmj org reason registry request timeout
DNS-02 DNS-05 DNS-04 DNS-07|fail getaddress getaddrinfo known name network not php php_network_getaddress servic
|#n cannot connect distribut erlang error fail node oper perform rabbit rmq succeed tcp
DNS-02 DNS-05 DNS-04 DNS-01 DNS-06|addres cannot connectionbad db failur name node pg resolut temporary translat
MSH-02 MSH-06 SVC-05 SVC-13 POL-01|cannot connect data error httprequestexcept io ioexcept net occurr peer read request reset send system transport
RTE-01 POL-01 SVC-03 SVC-01|110 connect net socket socketexcept system timeout
INS-03 INS-05|#d #n add adding bb5e bin cni creat data delegat demo error fail failedcreatepodsandbox find instanc ipvlan k3s kubelet lib longhorn manag multu network opt path plugin pod ranch sandbox system type var warn
CFG-10|args attach cannot cncf cni default definit delegat error fail find found getkubernetesdelegat getnetworkdelegat gett io kubernet load multu namespac network not pod some tryloadpoddelegat
BGP-01 BGP-03|#ip #n 179 bgp connect dial error fail getsockopt localasn op peer peerasn refus
BGP-01 BGP-03 BGP-02|#ip #n 6ks42 bgp bgp_start connect ec event fd fsm ignor prior start stat yzn# yzn21
BGP-01 BGP-03 BGP-02|#ip #n activ bgp connect fail fd fsm open tcp tcp_connection_open_fail
BGP-01 BGP-03 BGP-02|#ip #n activ bgp connect went
INS-01 BGP-02 API-03 RTE-10|#n calico fail node start startup terminat warn
BGP-02 RTE-10 IPM-06|#ip addres already calico check configur conflict ip ipv# ipv4 localdomain localhost node remov
CFG-02 INS-09 BPF-03 INS-01|#n configur ct daemon exce fatal invalid maximum must nat not size specify tabl
BPF-03 SVC-09|#ip #n 0xa08505e9 443 drop endpoint file flow ident ifindex jun mapp masquerad nat no nodeport syn tcp unknown xx
RTE-16 SVC-10|#n adding chain error exit fail incompatibl iptabl list nat network nf_tabl nftabl runn sbin statu tabl tool v1 wait
INS-07 CFG-09 SVC-10|add adding chain cni connect creat default directory fail file filt firewall forward ipv# ipv4 logg netlink nftabl no plugin receiv rule such tabl type
INS-07 CFG-05|add adding bridg cannot cni creat error fail network not oper pod podman podman# podman0 support
IPM-06|#ip #mac #n answer arp conflict default internet ip link mac pod
INS-06 CFG-03 INS-01|#n 00z 11t09 add adding calico deny error fail lib network nodenam permiss plugin pod stat type var
INS-04|amd# amd64 bin busy cannot cni cp crash creat ds file flannel init kubernet opt text
INS-02 CFG-03 INS-05|bin binary cni error fail file install istio node only open opt read system tmp
INS-11|#n kubelet lib mount not path pod shar spec templat var volumemount
INS-12 INS-02 INS-01|back bin cni error exec fail format install off opt pod restart
INS-07|#n cannot creat devic dummy error fata interfac kubernet peer type unknown
INS-10 INS-02 CFG-01|cni etc iptabl last net night node ran rf rm someon
CFG-02 CFG-01|#n bridg cni configur conflist crio empty error etc file key list load net no plugin
CFG-03 CFG-01|#n acces bin cni configur crio etc file net ovn prevent read selinux usr
CFG-04|#n addres bak cilium cni come configur conflist delet etc ls net pod though up weav
CFG-06|#n bak calico cilium cilium_bak cni conflist etc info net node renam
CFG-09|add call fail must plugin portmap prevresult type
CFG-10|adding creat ens# ens8f1 error fail found link macvlan network not pod storag
IPM-01|#d assign fail kind no node podcidr retry worker# worker3
IPM-04 IPM-02 IPM-12|#n addres allocat assign auto cannot fail ipam ipam_plugin ipv# ipv4 only plugin request
IPM-04 IPM-03|#d #ip #n 0f1e confirm handl info ip ipam kubernet leak lose network node pod
IPM-06 RTE-04|#ip #n add dev exist fail file nil rout veth# veth12ab34cd
IPM-07 IPM-08|#ip #n cidr clust offic overlap pod push tun# tun0 unreachabl user vpn
IPM-10 IPM-03 IPM-06|#ip #n alloc already any exist fail ip kubernet more multi not pod reserv whereabout
IPM-09 IPM-02 IPM-03|allocat availabl cannot endpoint error exhaust ip ipam more no rang warn
AWS-01 AWS-02 AWS-03|#n 00z 01t00 addres availabl datastor error ip ipamd no prefix
RTE-01 RTE-07 INS-01|#ip #n 8472 icmp ip length port udp unreachabl
RTE-01 RTE-07|#ip #n cilium cilium_wg0 complet handshak not peer retry second try wg0 wireguard
RTE-02 RTE-03|#ip #mac #n added addres annot flannel mac match not subnet vtep
RTE-03 RTE-02|#ip #n bridg dev entry fail fdb flannel ip neigh no node show
RTE-04 RTE-17|answ any destin ip noth pod print rout rtnetlink unreachabl
RTE-05|#n checksum curl ethtool exact fixe flannel generic ip node nodeport off second take tx
RTE-06|#n 109k byte chain dock drop forward node not other packet pod policy reachabl start
RTE-08|#n configur eth# eth1 filt ipreversepathfilt ipv# ipv4 net rising rp_filt
RTE-12 RTE-04|#n aws eni ip lose networkd node pod restart rule secondary systemd traffic
RTE-14 DNS-04|#ip #n agent conntrack contain ip masq nonmasqueradecidr not pod show src translat unreply
RTE-15|add addres allow allowed_address_pair drop neutron packet pair pod port secur them
RTE-17|cni# cni0 enslav goes mast no not nowher pod traffic vethd# vethd01
RTE-20 RTE-04|dead devic fix kernel loop tunl# tunl0 urgent virtual
BGP-03 BGP-05 BGP-02|168 192 bird configur de mesh mesh_192_168_10_4 peer receiv
BGP-02 RTE-10 BGP-03 BGP-01|254 addres assign bind bird cannot error node node_10_0_0_254 request socket
BGP-01 BGP-02 BGP-03|#ip connect mesh node opensent peer reset socket start
BGP-03|#ip #n bgp bgp_fsm_opensent fsm key notific opensent receiv stat subcod warn
BGP-03|#ip #n 179 hash md5 mismatch tcp
BGP-05|drain fals node nodetonodemeshenabl only reflector rout
BPF-01 BPF-05|allow bpf cannot error fail fatal filesystem mount not oper
BPF-02|#n argu bpf bpf_fib_lookup cil cil_from_netdev error fail fib from func invalid load lookup netdev program unknown
BPF-03|#n endpoint endpointid error exhaust map policy policymap pressur warn
BPF-03|#n backend bpf cilium cilium_bpf_map_ops_total fail lb4 lb4_backend map map_nam name oper ops outcom total updat
BPF-04 SVC-04|both bpfenabl felix kubeproxy node program runn servic still true
BPF-05 INS-09 BPF-02|#n bpf fatal kernel need newer nodeport servic
BPF-06 BPF-02|#d #n bpf bpf_lxc compil endpoint error fail last lxc not ready regenerat stat wait
MTU-01 MTU-03 MTU-04|#n 1450 1500 clon cni# cni0 fold git hang larg ls mtu node over ssh until work
MTU-02 MTU-01|#n 1500 cannot elsewher eth# eth0 file ip kb larg link mtu node only pod show upload
MTU-04 MTU-01|#ip #n applianc dropp frag icmp mtu need never pod reach secur sent unreachabl
PRF-02 PRF-01|#n 10mbit bandwidth carry dev dropp ingres io kubernet overlimit pod qdisc rate show tbf tc veth# veth2
|#d #n bpf bpf_lxc bpfcompilationtim cilium compil datapath f00 file info load lxc new path run stat templat var
|#n 140067660z 16t16 already br_netfilt info load modul netfilt
|#n 16t16 689145340z cfs cfs_period_u cpu disabl due miss period quota warn
|#n assum chang connect devic external flannel info interfac networkmanag reason stat sys unavailabl unmanag
|#n chang check conflict info ipv# ipv4 node startup
|#n califbf# califbf794317d check cidr info interfac name reachaddr
|#n 0f containerstart event id internet kubelet pleg pod shop syncloop type
|#n configur mountvolum operationexecutor reconcil start volum
|#d disconnect id info io kubernet namespac shim
|devic kernel left mode promiscuou veth# veth9f2c1
|compromis driv eth# eth0 gro implement kernel may performanc suspect tcp
|ah esp ipvs kernel protocol register sctp tcp udp
|#n controll iptabl network network_policy_controll periodic policy start sync
|#n agent annot mac node updat
|#n attach eni info instanc ipamd successful
|bean defaultlistablebeanfactory definit overrid warn
|error fail origin push refs some
INS-01|#ip #n 7x2vd cilium connect dial fail healthz kubelet pod prob refus startup tcp unhealthy warn
INS-01|#n back calico cni dock error imag imagepullbackoff io off pull v3
INS-01|#n add client cmdadd connect creat dial eni error fail grpc internet plugin pod refus run shop socket terway type unix var
INS-02|azur bin cni creat fail find opt path plugin pod sandbox vnet
INS-02 INS-03|add bin bond cni delegat error fail find invok multu opt path plugin
INS-03 INS-02|add bin cni directory exec fail file fork kindnet local name no node opt plugin such type
INS-04|aws bin busy cni copy fail file node open opt plugin text
INS-07|add agent creat devic fail fatal not oper start support wireguard
INS-07|#n br_netfilt directory fatal found lib modprob modul netfilt not pve
INS-08 IPM-01 API-03 INS-01|directory env file flannel no open run subnet such
INS-09|bpflogfilt crd error fail felix felixconfigur field json newer pars unknown vers
API-01|#ip 443 apis asked client credential error install io node operator provid reconcil tigera v1
API-02|cannot cilium coordin error forbidden io kubernet leas lock operator resourc retriev serviceaccount system user
API-03|#ip #n 443 api cannot clust connect dial fata kubernet namespac refus system tcp uid v1
API-03|#ip 443 api apiserv authentic based ca cannot client configmap dial extens file head kubernet load namespac panic request system tcp timeout v1
API-03|#d #ip #n 443 api dial error proxyconnect tcp timeout
WHK-01 GCP-01|#d 443 admit call context error fail gatekeep internal occurr post servic sh system timeout v1 valid webhook
WHK-01 GCP-01|443 call creat error fail internalerror io ipaddresspoolvalidationwebhook metallb node pool post servic system unreachabl validat webhook yaml
CFG-01|cni configur etc fail found initializ lastcniloadstatu load net network no not plugin
CFG-02|#n array charact cni configur conflist element error etc internet invalid list namespac net network pars
CFG-06|#n bak cilium cilium_bak cni configur etc file multu net renam stat
CFG-07|#n add cni configur fail firewall incompatibl plugin support type vers
CFG-10|attach cncf cni definit fail found io kubernet network not setpodnetworkstatusannot storag
IPM-01|acquir assign cidr error fail leas network node not pod register talo w1
IPM-02 IPM-03 CFG-05|#ip #n addres allocat availabl fail ip no rang set
IPM-02 IPM-03 IPM-11|#n addres assign cannot exhaust free ip node pod rang
IPM-04|#ip #n affin autoassign block calico cannot claim free ipam ipv# ipv4 more no
IPM-05|#ip #n addres already bridg cni different dock fail ip set
IPM-06|#ip #mac addres answ arping detect duplicat unicast
IPM-07 IPM-08|#ip #n overlap podsubnet servicesubnet warn
IPM-12|configur default disabl ip ippool ipv# ipv4 no node pool
RTE-01 RTE-04 MTU-01|#ip 8472 cilium connect endpoint health icmp node ok over port statu timeout udp vxlan
RTE-02|#mac #n addres already devic exist flannel link mac mismatch record vtepmac
RTE-04|#ip #n answ ip no rout rtnetlink unreachabl warn
RTE-06|accept dock drop each forward iptabl only other pod policy reach sets
RTE-09|#n disabl forward ip_forward ipv# ipv4 net node warn
RTE-12 RTE-04|#ip #n cali# cali1a2b delet dev devic networkmanag rout unmanag us
RTE-19|#n 00z 02t01 attempt connect db directory fail file idl no openvswitch ovsdb ovsdb_idl run sock such unix var warn
BGP-01 BGP-02|#ip activ mesh node refus socket start
BGP-03|#ip #n adjchang bad bgp down error messag neighbor notific open peer sent
BPF-01|allow bpf cannot fatal filesystem fs mount not oper sys
BPF-02 BPF-05|#n argu bpf bpf_get_netns_cooki cil cil_sock4_connect connect cooki error fail func get hook invalid load netn program sock sock4 start unknown
BPF-04|both detect kubeproxy kubeproxyreplace program runn servic true warn
DNS-03|#ip #n 53 coredn detect fatal io loop plugin see troubleshoot zone
DNS-04|#ip #n 53 api error exampl plugin read tcp timeout vendor
DNS-05 DNS-02 DNS-04 DNS-07|addres bad clust internet local servic till wget
DNS-05 DNS-02 DNS-04 DNS-07|80 httprequestexcept known name net not payment servic system
DNS-11|#ip 443 500 apis connect dial discovery endpoint fail io kubernet limit plugin tcp unreachabl v1 watch
SVC-01 ING-04|80 availabl balanc endpoint failur internet no peer ring servic till upstream
SVC-02 SVC-06|#ip #n connect dial error forward occurr portforward refus tcp# tcp4
SVC-09 BPF-03|#n ct dropp error fail insert map reason
SVC-10|#d ahead anoth app chanc current grab hold lock still xtabl
POL-01|#ip allow bpf cali# cali88aa deny dst interfac internet packet policy shop src
ING-01|becaus clas contain error ignor ingres ingressclas not valid validat
ING-02 AWS-04|auto build cannot discov elb fail internal io kubernet match model no role subnet tag unauthorizedoper
ING-03|#n 403 check error exceed global googleapi health health_check limit quota quotaexceed
ING-04 SVC-01 SVC-02|#n activ backup connect down info internet layer# layer4 left node problem reason refus srv srv_1
ING-05|#ip 80 acme challeng check connect dial exampl fail known perform refus request self tcp well
ING-06|#n certificat curl expir problem ssl
MSH-05 CFG-08 CFG-06|fail iptabl istio not pod ready valid
MTU-01|1450 1500 allow becaus hang larg lose mtu packet pod tls tunnel
AWS-01|#n attachmentlimitexceed count exceed interfac larg limit m5
AWS-06|#n amazonaw availabl eni insufficient node pod vpc
AZR-03|azur creat error fail json lock network plugin run stor timeout var vnet
MCL-05|clusterset internet local no nslookup nxdomain servic serviceimport till
RTE-06 RTE-01 SVC-12 RTE-07 RTE-04|answ calico clust controll drop external follow guid ingres kubeadm node nodeport only other policy runs traffic
RTE-05 RTE-18 MTU-01 RTE-01|#n back between come connect ever fine fresh node noth only ping pod send syns tcp two ubuntu
RTE-05 RTE-01 RTE-08 RTE-07|anoth dropp node pass pod udp
RTE-01 AWS-05 DNS-09 RTE-04 IPM-06|although cannot coredn direct leav many neighbour never node one other packet pod reach show up
AWS-01 RTE-04 RTE-14 RTE-12|added configur connect endpoint external interfac lose node plugin their wrong
DNS-02 DNS-11 API-03 INS-09|becom coredn everyth fail minor name need node not ready releas singl through walk
IPM-05|added addres bridg delet first new node pod rang re second still
ING-05|becaus certificat challeng clust keep letsencrypt manag reach runs timeout url wait within yet
MSH-06 SVC-05 MSH-02|#d connect deploy down pod scal see termin
MSH-02 CFG-08 MSH-05 POL-11 API-03|back brought cannot certify every ident morn node proxy servic
MCL-04 MCL-01 MCL-02 RTE-01|both calico clust connect gateway network not noth other pod reach side
CFG-06|cilium cni creat exclusiv fold interfac not ownership second silent sinc took
AWS-01|about attach fami fourth instanc interfac pod refus sixty start stop
AWS-04 AWS-07 AWS-01|api attach cannot ec2 hits hundred interfac limit node plugin rate
RTE-06|break chain clust communic each forward hand policy reboot set
RTE-12|alon cali fail flannel interfac leav networkmanag node ping rang some told until
SVC-07 SVC-08 SVC-03|began besid cannot clusterip days duplicat export fine node other prometheu runs scrap some target
DNS-10 DNS-05|allow cach dns hostnetwork kubernet lookup namespaceselector node one out per policy roll sinc stopp system uses
MTU-03 MTU-01 MTU-04|1450 byte cilium clust encrypt hang imag larg network node over privat pull reach registry top wireguard
POL-07 POL-02|came clust curl deny everyth kindnet policy still wrot
BGP-02 RTE-10 IPM-06|#ip #n addres chang could duplicat happen ipv# ipv4 k3 multipl name node original startup updat warn
CFG-03 CFG-01|#n calico cni configur conflist deny error etc fail load net open permiss
NOD-02|#n cri cri_stat error fail file init inotify inotify_init many open start stat too watch
BPF-04 SVC-04|chain daemon enabl found iptabl kubeproxy kubernet node replace runn seem servic warn
AZR-02|#n error exhaust fail ipampool monitor nnc podsubnet scal statu subnet subnetfull up
SVC-02 SVC-01|#n 80 cart connect containerport curl fail internet jsonpath kubectl name pod port refus servic spec targetport
RTE-08|#ip #n configur dev dmesg eth# eth1 filt ipv# ipv4 martian net rp_filt sourc sysctl tail
ING-06|#n alternativ certificat cn curl exampl match name no node old org shop ssl subject target
|alert dashboard fired load monday no show sinc usual
|#ip 443 connect nc port succeed tcp vz
API-03 SVC-03|#ip #n 443 api canal cannot cni creat dial error fatal install kubeconfig kubernet namespac nil post serviceaccount system tcp timeout token v1
CFG-01 INS-01|cni csinod error fals initializ messag network networkpluginnotready networkready not plugin ready reason return runtim yet
INS-12 INS-01|#n canal cni install miss not rancher# rancher1 rke sh v1 work
IPM-01|dock due kubenet lack like most netconfig network not plugin podcidr ready
API-03 RTE-04 RTE-07 SVC-03|#ip 443 dial getsockopt tcp unreachabl
DNS-08 DNS-07 DNS-05|#ip 53 addres cannot centos# centos02 centos03 find node nslookup nxdomain root
RTE-01 DNS-02 RTE-15 DNS-05 SVC-03|#ip #n addres cannot kubernet node nslookup resolv
IPM-05 CFG-05|#ip #n #x addres already bridg cni configur different error fail ip namespac network pod podman# podman0 set
CFG-01|#x cni configur default error miss namespac network pod
CFG-05 IPM-05 RTE-09 CFG-04 INS-07|#x add addres bridg cannot cni cni# cni0 coredn deny dhzdb dhzdb_kub fail ip kubernet network networkplugin permiss pod set system up
SVC-10 CFG-05 RTE-16 INS-07 CFG-09|#ip #n #x bridg cannot cni comment crio directory exit file iptabl legacy load name nat no postrout runn sbin statu such target usr v1 wait
CFG-02 INS-02 CFG-10|adding cni end error input json minikub network pod podman preload sidecar sidecar_minikub unexpect
AWS-01 AWS-02 AWS-03 AWS-06|#x add addres assign aws cmd cni combin creat error event fail ip name network plugin pod sandbox setup similar type unknown
AWS-08 AWS-01|#n assignedip cooldownip debug ip ipamd maxipspereni pool prefix stat total
MTU-01 RTE-01 MCL-02 API-03 MTU-04 RTE-07|#ip6 #n component connect controll dial error fail hello runtim talo tcp timeout transport unavailabl
RTE-20 RTE-10 RTE-04 IPM-07|cilium cilium_vxlan dead devic fix kernel loop urgent virtual vxlan
INS-07|#n cannot exit fatal ip_tabl load modul statu tabl
RTE-07 INS-01 SVC-06 RTE-01|#ip #n attempt connect dial during error info refus tcp# tcp4
BGP-03 BGP-05 BGP-01 BGP-02|#ip #n 05t00 42z cannot configur connect find info new passiv peer topic
RTE-10 BGP-02 BGP-01|#n adding bgp bgp_pe error fail find ip node peer policy unknown
DNS-02 RTE-10 BGP-02 DNS-05|#n add bgp bgp_pe due fail lookup nil no node peer such
SVC-01 SVC-05 SVC-12|#ip #n availabl destin ipvs no rr tcp
CFG-01 INS-01|cni error fals initializ kubeletnotready messag network networkpluginnotready networkready not plugin pod ready reason return runtim
API-03 RTE-07 AWS-05|#d #ip #n 6443 client clust context controll creat default error fail febri# febri4n kubernet not reachabl reconcil remot timeout
WHK-01 GCP-01 RTE-01 RTE-15|#d 443 call context controll creat error fail internal io kubermatic kubernet machinedeploy node occurr post servic system timeout v1alpha1 webhook
RTE-04 IPM-06 RTE-17|#n 26t02 already cannot creat entry error exist fata forward internal ip object
RTE-09 RTE-10 RTE-17 RTE-04|#n enabl error ethernet# ethernet0 fail forward found interfac main network node not register vethernet
RTE-10 RTE-17 INS-07|cbr# cbr0 fail gw ip manage mode network node window
MSH-05 RTE-10 DNS-02 INS-07|#n addres addrnotavailabl assign bind cannot error fail inpod kind messag os proxy request start workloadmanag
MSH-05 POL-11 INS-01|500 cni connect creat fail istio no pod ztunnel
INS-01 MSH-05 POL-11|500 cni fail healthy istio prob readines report statuscod ztunnel
BGP-02 RTE-10|#ip #n addres autodetect info interfac ipv# ipv4 lxdbr# lxdbr0 startup
INS-01|#n calico calicoisdown down may networkunavailabl node shutt thu true
INS-01 API-03|#d back calico controll crash error fail kubernet off pod restart skipp startcontain sync
DNS-04 RTE-14 CFG-04|#ip #n 53 error hinfo plugin read timeout udp
DNS-11 API-03 RTE-04 CFG-04|apiserv kubernet node plugin start unsync warn
AWS-05 RTE-07 NOD-01 API-03 RTE-01|#ip #n 10250 9wr95 aks baselin clust containerlog csi dial error node npuser# npuser01 secret sett stor tcp timeout vmss# vmss00000c
DNS-02 DNS-05 DNS-06 SVC-03 POL-01 DNS-09 RTE-01|clust cmd connect could default dig global kubernet local no node option reach servic timeout
SVC-08 POL-01 SVC-03 SVC-01 ING-04|#n 404 alwayshappy await client clust context exceed found head ingres kubenurs kubernet local me_ingres me_servic neighbourhood neighbourhood_stat not ok servic stat system timeout
RTE-19 INS-01 API-03|#n adding bind cni configur error fail interfac kubernet mast network openshift openvswitch ovn pod port prun request revis schedul statu timeout wait
INS-01 INS-06 RTE-19|#n add adding availabl cni delegat down error fail invok multu network not openshift plugin proces sdn tear yet
BPF-06 BPF-02|#n bpf endpoint endpointid error exit fail load prog program rewrit statu tc
BPF-06 BPF-02 BPF-03 BPF-01|00058 call cilium cilium_calls_00058 datapath error libbpf load map pinn reus warn
BPF-03 POL-10|#n add argu cannot descriptor element endpoint endpointid error fail file ingres key list long map policymap too updat
BPF-06 BPF-03|110 bpf cilium cilium_ipv6_frag_datagram committ datagram endpoint endpointid error exist file frag fs global ipv6 map pinn pins program reload sys tc
BPF-06 POL-09 MSH-03 POL-13|#n chang configur context endpoint endpointid error fail proxy redirect regener stat timeout warn
BPF-03 BPF-06 POL-10|argu becaus cannot desir element endpoint error fail invalid policy policymap regenerat stat synchron synchroniz updat
GCP-01 WHK-01|#d 443 call context creat error fail instrument internal internalerror io kb minstrument mutat node occurr opentelemetry operator post servic stdin system timeout v1alpha1 webhook
WHK-01 GCP-01 API-03|#d complet creat error node not request stdin timeout within
WHK-01 GCP-01|#d 443 admiss await cancel client connect exceed head monitor mutat net operator post prometheu prometheusrul request servic timeout wait
IPM-07 IPM-01 IPM-12 CFG-09 INS-01 CFG-01|#d #ip #n #x apply cidr coredn flannel init kubeadm kubectl kubernet network pend pod yml
RTE-01 RTE-06 POL-01 RTE-07 RTE-05 RTE-04 SVC-05|#n 0x0 0x4018 0x4519 0x4614 110 80 cksum df flag id incorrect ip length proto seq tcp tos traefik ttl xppdr
DNS-07 DNS-02 DNS-05|#ip 53 args busybox clust clusterip coredn default dns domain environ exec kubectl kubelet kubelet_dns_arg kubernet local none nslookup tcp udp
API-03 DNS-02 INS-01 DNS-07|addres api both calico coredn each loadbalanc name need node other point resolv servic start wait
RTE-05 RTE-18 RTE-01 MTU-01|#n bird calico different each ipip mode node not other pod reach solv switch ubuntu vxlan
RTE-16 SVC-03 RTE-06 RTE-07 SVC-04|#n addres calico each kubespray newest no other pod reach rhel servic sinc
DNS-07 SVC-03 DNS-02|answ dock ip iptabl name node not resolv runs servic themselv without
AWS-01 AWS-02 IPM-13 AWS-03|addres assign cron fail ip jobs ninety plenty recov second subnet themselv up
AWS-03 AWS-08 AWS-02|#n addres although deleg eks free new no node ones pod prefix show still subnet
AWS-01 AWS-08|addres deleg eks enabl enable_prefix_deleg fixed hold interfac maximum network node onto pod prefix schedul their true whos
BPF-04 INS-09 SVC-04 API-03 RTE-12|#n agent api cannot cilium going kubeproxy loadbalanc local lose network node open own replace soon start talo their
RTE-15 RTE-01 AWS-05 SVC-12 SVC-03 CFG-04|answ ask backend chosen fail gcp kubeproxy node nodeport ones only remot replace
BPF-06 POL-09 CFG-08 SVC-03 API-03 RTE-04|agent api cilium dns every internet neith new node nor pod restart some until
BPF-05 INS-07 SVC-03 API-02|agent cilium dead ip long pod reach runs servic talo unprivileg
RTE-04 RTE-08 IPM-07 RTE-14|everywher node not other pod reach runs weav
POL-01 POL-07 POL-09 POL-02|allow apply connect duplicat networkpolicy node nolong ones other pod soon
RTE-03 INS-01 RTE-01 RTE-04|any bounc days every few node other pod unreachabl until weav
RTE-04 RTE-03 BGP-05 BGP-01|advertis although bgp few lack node peer rout some their them
SVC-03 API-03 RTE-07|api becaus clust configur kubeproxy manage mistak not pod start unreachabl
RTE-15|check destin disabl ec2 gw instanc linux made node one putt sourc subnet window work
CFG-09 CFG-02 RTE-10|backend configur gw host_gw instead json net node type written
MSH-05 CFG-08 INS-01 NOD-01|autoscal fresh help kill never node one pod ready ten ztunnel
BGP-02 RTE-10|addres calico card find lo loopback name network no skip
INS-01 NOD-04 NOD-01|becaus calico firewall no node pod prob restart their timeout
AWS-05 RTE-07 NOD-01 RTE-01 POL-01 GCP-01|10250 aks kubectl logs nsg port put sinc subnet timeout without work
DNS-09 AWS-05 RTE-01 DNS-04|agent block dns everyth inbound internal kubelet kubernet network pod securitygroup system timeout
AWS-05 ING-01 RTE-07|addres aks associat internet loadbalanc made not nsg reachabl subnet
CFG-04 RTE-04 IPM-07|azur calico cni fine moved network no node pod restart
RTE-07 RTE-06 ING-04|allow clust disabl gateway give k3s rang servic timeout traefik ufw until
RTE-01 ING-04 AWS-05|404 504 answ auto backend default each give group ingres mast node own rout scal securitygroup their two
POL-16 POL-01 ING-04|cut default guid harden k3s loadbalanc off pod policy traefik
CFG-01 INS-05|although containerd coredn flannel letsencrypt minut pend restart runs start stay within
GCP-01 WHK-01|#n 10250 443 admiss clust control creat gke listen may node only plan pod port privat reach second take thirty webhook
INS-05 INS-02|#n add aws bin cni containerd creat error fail find home name network opt path plugin pod sandbox setup type unknown
INS-03 INS-05|add bin bridg cni concours fail find local net network path plugin setup start task usr
INS-03 INS-02|#n bin bridg cni containernetwork directory exec fata file github install need no opt plugin releas see stat such
API-02|#n api calico cannot cni configur creat error fail forbidden group kubernet monitor namespac node resourc retry serviceaccount system token token_watch updat user watch
API-02|#n api calico cannot client clust clusterinform configur connect controll crd default error forbidden gett group inform kubernet org projectcalico resourc scop serviceaccount system unauthoriz user
API-02|#n cach calico cannot client controll error fail forbidden io kubernet list logg mod pkg reflector resourc servic serviceaccount system tool unhandl unhandlederror user v0 v1 watch
API-03|0_ci allott answ cannot ci cni dron fail may namespac network networkplugin node pod process request return set still up
API-01|#x add adding cni error fail kubernet metric multu name network node plugin pod system t6sh2 type unauthoriz
NOD-02|ca certificat fail file many new open panic too watch
CFG-07|#n bridg cni configur conflist error file firewall home net not plugin portmap shop support tuning validat vers warn
CFG-02|#n beginn canal chang charact cni configur conflist error etc event fail file fs invalid key list load look net object pars receiv reload string writ
IPM-07|#ip #n addres cidr conflict default mast node ovn subnet v2
IPM-02 IPM-03|#n error exec kf noavailableaddres partit pod predict requeu sync
IPM-06 IPM-10|#n addressconflict bc error launch pod requeu sync test virt
IPM-03 IPM-06 IPM-10|#ip #n adding addres allocat availabl error external fail ip network not pod rang request set
CFG-10 CFG-09|#n 5f add adding cni core error fail found link multu n6 name network not plugin pod sandbox setup type upf
CFG-10 CFG-09 CFG-02|clusternetwork configur default delegat error least load loadnetconf multu must netconf network one pod samplepod specify
IPM-04|#ip #n affin block empty ipam ipam_block_reader_writ must node not read refus remov subnet writ
RTE-08|#n addres allow calico check configur dataplan endpoint fatal filt int int_dataplan ip ipv# ipv4 kernel loos net requir rp_filt rpf set spoof their
MCL-02 MCL-03|#n cabl cannot client install kind# kind2 peer rout submarin within
MCL-02|#ip #n 4500 args cabl cluster# cluster2 encrypt error exit id ikeport libreswan name node psk statu submarin whack
MCL-02|#n 10t18 506z activ cabl connect dbg found libreswan map member# member1 not obtain reswan submarin whack
BGP-03|#ip bad idle node peer receiv specific start
BGP-02 RTE-10|#n autodetect error eth# eth1 invalid ip method startup
BGP-02 RTE-10|#n addres auto cannot detect em en eth found interfac ipv# ipv4 no node regex startup valid warn
BPF-03|#ip #n 0x0 argu cannot descriptor element entry error file flag insert k8snamespac k8ssvcnam kubernet list loadbalanc long map podinfo servic too updat watch
BPF-02 BPF-06|#n argu attach bpf cilium cilium_host collect directory ebpf endpoint endpointid error fail fwd generat handl insn ipv6 keep kernel larg line list load long node omitt process program snat stal tail tail_handle_snat_fwd_ipv6 too
BPF-06 BPF-05 BPF-02 BPF-01|#n 01821 allow bpf cannot cilium cilium_policy_01821 creat endpoint endpointid error fail fs global ident map not oper policy regener sys tc
DNS-04 RTE-07 RTE-14|#ip #n 53 error hinfo plugin read udp unreachabl
DNS-11 API-03 RTE-07|#ip 443 apiserv connect dial error failur kubernet plugin tcp unreachabl vers
DNS-01|#d #n health local more plugin request took warn
SVC-10|#n error execut exit fail failedn iptabl line proxi restor statu
SVC-10|#d #n ahead anoth app chain chanc creat current ensur error exist exit fail filt grab hold kubernet lock proxi servic statu still xtabl
SVC-10|#n cannot directory drop execut exit fail file iptabl kubernet load mark no proxi restor statu such target v1
SVC-05 SVC-09|#ip #n 53 dport dst mark sport src udp unreply
DNS-05 POL-01 POL-08|#ip #n 001z 03t09 53 client deny dest ebpf flow info ip logg port proto src udp verdict
WHK-01 GCP-01|#d 443 call certificat context creat default error fail internal internalerror io manag mutat node occurr post servic timeout webhook
WHK-01 GCP-01|#d #n 8443 call clos configmap context data deny dispatch e2e fail io kubernet post servic test timeout unwant webhook
ING-02|availabil cannot controll different discover error find group ingres least logg name namespac reconcil subnet subnetid two zone
ING-02|#n 07z 26t08 cannot controll error grpc ingressgateway istio least name namespac object one reconcil resolv servic subnet system
ING-05|#ip #n 53 acme challeng check dial exampl fail known lookup no node org perform propag request self shop such tcp wait well x9
ING-04 SVC-05 RTE-07 RTE-04 RTE-01|#ip #n 113 client connect error exampl fail node org request shop unreachabl upstream
ING-04 SVC-01 ING-01|#n controll endpoint error internet key local match no object obtain servic shop stor
CFG-08 MSH-05 CFG-06|111 cannot connect ensur error expect iptabl linkerd linkerd_network_validator network os pleas refus rewrit rule traffic validator
MSH-01|default enabl inject injector io istio label match namespac no pod rev sidecar true ✘
MSH-02 ING-04 MSH-06 SVC-05|#ip #n 16t07 503 80 852z 95 bar clust configur dev exampl foo hub local mozilla outbound servic ui urx
AWS-06|#n amazonaw availabl backend eni frontend insufficient node nodetyp not pod taint tolerat vpc
AWS-06 AWS-05|#n allocat answ api branch creat createnetworkinterfac ec2 eni error exceed fail interfac invalidparametervalu limit membership network numb oper pod securitygroup statuscod user
AWS-01|#n 0aa attach attachmentlimitexceed awsutil count eni error exceed fail interfac limit medium t3
API-03 AWS-07 SVC-03 AWS-05|#d #ip #n 443 agent apiserv aws check connect dial fail info kubernet main tcp timeout vers
AZR-01 AZR-02|#n addres allocat availabl cni default delegat error fail jenkin network networkplugin no pod remot remote_runtim runpodsandbox runtim servic set slav slave_default unknown up
ING-03|#n 403 ensur error europ exceed fail forward forwarding_rul googleapi limit loadbalanc quota quota_exceed region rule sync west# west1
NOD-04 INS-01|#n 0kb 1048212kb 2312044kb 2780kb 71204kb adj agent anon cgroup cilium file kernel kill memory node oom_score_adj oomkill out pgtabl proces rss scor shmem total uid
NOD-03|cach ndisc ndisc_cach neighbor neighbour overflow tabl
MTU-01 MTU-02 MTU-03 MTU-04|#ip #n frag icmp ip length mtu need unreachabl
INS-07|#n directory fatal found ip_set lib modprob modul not rpi rpt set v8
INS-07 INS-12 POL-07|controll exec executabl fail file found ipset networkpolicy not path save skipp start warn
INS-09|calico cannot error kind match no poddisruptionbudget policy recogniz v1beta1 vers yaml
INS-11 BPF-01|9c1f bpf error fail fs generat mount not path pod shar spec sys
INS-08 IPM-01 API-03 INS-01|add directory env fail file flannel loadflannelsubnetenv no open plugin run subnet such type
API-01|#d #n #x add calico chang clusterinform connect containercreat controll creat error fail failedcreatepodsandbox fch# fch9w gett kill kubelet kubernet network normal plugin pod re sandbox sandboxchang setup type unauthoriz unknown warn
API-02|#n calico canal cannot clusterrol cni controll creat error forbidden grep install kubeconfig kubectl kubernet nil node resourc serviceaccount system token user
BGP-02 BGP-01 BGP-04|#ip #n addres autodetect bgp bird br calico eno# eno1 enp# enp7s0 establish fail interfac ip ipv# ipv4 kubelet node not prob readines ready startup unhealthy up warn
BGP-02 BGP-01|#ip #n 4f1c2 activ br calicoctl inet mesh node start statu
RTE-12|#ip #n default ip local lookup main networkd restart rule show systemctl systemd
RTE-12 RTE-04|#n cannot eth# eth0 gateway invalid ip local lookup networkctl nexthop reload rule set unreachabl
RTE-05|#ip #n 80 c1 curl ens# ens3 ethtool hang loss nginx off packet ping receiv titl transmitt tx welcom
RTE-07 RTE-06|#ip #n 443 accept connect dial dport establish icmp input iptabl new node prohibit reject relat stat tcp unreachabl
SVC-12|#n 503 curl external frontend healthcheck healthz loadbalanc local localendpoint localhost name namespac nodeport policy servic traffic type unavailabl xport
SVC-08|#ip #n any connect endpoint exec fail jsonpath kubectl nc other pod podip port statu succeed tcp test timeout tknfc traffic vz
SVC-08 SVC-07|#ip #n apach clust curl default exec ft848 generator kubectl load local ok php qo servic trying wget
INS-03 INS-05 INS-02|#n bin cni dec fail find libexec loopback lrwxrwxrwx ls opt path plugin root sampl usr vlan
IPM-04|#ip #n block blockaffin calicoctl ip ipam kubectl name node pool show wc
AZR-01 AZR-02|#ip #n add addres allocat availabl azur cni command complet error fail ipam nil no pool refresh releas result sourc vnet
IPM-10|#ip #n 7f3c aa01 alloc allocat cannot cncf cni id io ip ippool kubectl node notready pcrf podref rang sinc sm whereabout yaml yesterday
RTE-19|#n anyth br configur connect dump flow grep int n_packet no node ofctl open open_vswitch openvswitch other other_config packet pod restor true vsctl vswitch wait
RTE-19 RTE-17|#n 2e 9a addres br0 cannot delet dump exec gateway local miss new node oc ofctl openflow# openflow13 openshift openvswitch ping pod port sdn their tun# tun0 vethxxx vxlan# vxlan0 x7k2p
MCL-02|#n activ check connect diagnos gateway ip no subctl ✗
MCL-05|await awaitingsync brok cannot clusterset condit describ fals find kubectl local messag nginx node nslookup nxdomain reason servic serviceexport serviceimport statu sync test type valid
MSH-01|#d #n activ doesnotexist enabl inject internet io istio key kubectl label matchexpress namespac namespaceselector operator pod rev runn shop show valu
MSH-02|#n 503 connect curl disabl disconnect error failur head internal istio istio_mutual latest mode mtls multirout mutual numb openssl openssl_internal reason remot reset retry routin servic ssl tls tls_error trafficpolicy transport unavailabl upstream vers wrong wrong_version_numb
SVC-05|#ip #n 80 any conntrack dport dst grep kubectl mark more no pod sent sport src such syn syn_sent tcp unreply wide
IPM-07|#ip #n addres br cannot cidr dock eno# eno1 every init io ip kubeadm network node pod registry resolv show up
IPM-07|#ip #n addres bcast cni# cni0 every ifconfig inet kubernet mask network node offic pod rout soon switch timeout toward utun# utun3 vpn
DNS-05 POL-01 POL-04|#ip #n api connect could default deny download egres exec internet kind kubectl metadata name namespac networkpolicy no node nslookup podselector policytyp qo reach shop spec timeout wget
DNS-05 POL-12 POL-01|#ip #n 53 cidr coredn curl egres exampl except exec ipblock kubectl m5 millisecond org port protocol resolv tcp timeout udp
RTE-08|#n 403 client configur connect curl default exec filt ipv# ipv4 kind kubectl kubernet m3 net rp_filt statu sysctl timeout
DNS-07 DNS-02|#ip anyth app cannot configur done etc exec grep join kubectl kubelet name nameserv node old one pod prob resolv third
NOD-02|#n anon anon_inod crash fd find frr fs inod inotify instanc kubernet lnam max max_user_instanc metallb proc statusclean sysctl user wc
AWS-01 AWS-02 AWS-03 AWS-08|#d #n 110 add addres allocatabl assign aws cmd cni deleg fail failedcreatepodsandbox instanc interfac ip jsonpath kubectl kubelet name node off plugin pod prefix small statu t3 type warn
API-01|becaus certain cni delet ends formatt hang help initialis minut node once pod ten unauthoriz
API-01|cni day every init install leav live nobody node one other pod renew stuck teardown token
API-01|about aws containercreat days hundr new node pod restart stay unauthoriz until uptim
API-01|any apiserv cannot certificat chang clock log more now plugin rotat
API-02|agent blockaffin calico clusterrol ipamconfig lack pod sandbox several sinc their wait
API-02|agent crash manifest miss node rbac start updat verb
RTE-05|#n answ checksum each flannel generic internet ip lose neith nor off other pod reboot sett switch tx until
RTE-05|#n 0xffff anoth arriv away carry checksum goes ipvs node one out pod retry servic some through throw udp
RTE-05 MTU-01 RTE-01|backend between curl fine gener hang itself node ping pod second shap two udp work
RTE-01 AWS-05|addres appear fine ipv# ipv4 ipv6 leav never over packet receiv right send vxlan
RTE-07 RTE-01 RTE-06|accept between both cloud connect different forward instanc no oracl pod rang
IPM-03|addres back call del down form given never node not often pod shut sinc
IPM-03 IPM-02|addres delet left local near no node pod says though
IPM-10 IPM-06|addres being delet duplicat just later pod reconcil reserv secondary start two
IPM-06|addres duplicat node pod subnet virtual week
IPM-03 AZR-01 AZR-02|addres assign crash each loop more node noth old one pod pool recreat sandbox schedul stay subnet until up
AZR-02 AZR-01|addres cannot cns enough hand move node once out pod pool quick upgrad
AWS-01 AWS-02 IPM-03|addres any daemonset ipamd leak more node not pod seem small some start week
AWS-06|about addres complain eni few medium mode pod prefix r6g schedul too yet
AWS-06|#n 12xlarge branch c5 each interfac limit own pod securitygroup take them
AWS-01 AWS-06|cannot dens free instanc interfac kept lower one pod slot trunk
ING-02|any balanc clust controll find kubeadm name not subnet without
ING-02|auto carry discovery elb external fail nevertheles owned role subnet tag
BGP-02|addres announc calico compos dock network node
BGP-02 RTE-10|autodetect interfac one other out rout subnet take told two
BGP-03 BGP-05|bird configur default generat instead numb reflector rout sometim their
BGP-03 BGP-01|default ip keep larg long numb only peer work
SVC-05|addres becaus conntrack delet each entry hitt hour packet pod refresh scal send servic udp went zero
SVC-05|fixed keep phon pod port replac sip sourc talk
SVC-04 SVC-05|during iptabl ipvs kubeproxy kubernet migrat mode old reject rule servic stay upgrad
SVC-04 BPF-04|antrea kubeproxy kubernet node proxy replac rule servic still
SVC-04 SVC-10|back cannot chain clean delet going iptabl ipvs job not one up work
SVC-05 SVC-04|addres delet ipvs# ipvs0 ipvsadm kubernet list servic still their
SVC-10 SVC-03|come fail iptabl kubeproxy line load no node reboot restor rule some up
SVC-10 SVC-03|#ip #n arm exit no node restor rule tabl
SVC-12|#n answ connect external ip local no node policy refus replica run traffic
SVC-12|backend balanc fail list node pod shown thos without
ING-08 SVC-12|addres answ arp client every external half hour ingres lose one replica speak two
ING-08|addres between jump macs node sees servic switch two
MTU-01 MTU-03|#n 1450 fail nine sidecar ten through timeout tls top vpn vxlan wg0
MTU-01|carry interfac larg mtu node over packet pod take underlay vxlan
MTU-01 MTU-02 MTU-04|bond enabl ends few handshak jumbo node packet ping sinc timeout tls
CFG-08 MSH-05 CFG-06 CFG-04|aks calico cni fail linkerd new pod sinc upgrad validator young
CFG-08 MSH-05|chain ever first fresh itself loop mesh node out pod pool put scal schedul
CFG-08 MSH-05|controll crash delet init instead istio label only pod repair them valid
MSH-02|becaus client mtls no node proxy rule sidecar want
MSH-01 WHK-01|#n automatic give hand inject kubernet labell namespac
POL-07|chang cni cros default deny namespac noth other pod policy reach still talo
POL-07|anyth aws deny eks enough namespac node none policy wrot
POL-05 POL-02|anyth app kubernet label match namespac never rule system
POL-05 DNS-05|asks kubernet labell lookup name only policy start system work
POL-04|allow dash everyth namespac namespaceselector podselector two
RTE-07 RTE-06|between drop icmpv# icmpv6 ipv# ipv6 neighbour node not solicit ufw work
IPM-07|#ip #n becaus client docker# docker0 nobody node ssh uses vpn
DNS-08|allow client each lookup more name node per search second six suffix time two
DNS-06|every exact five lookup now reopen request second singl stop take
BPF-03 BPF-06|cannot endpoint ident map more no policy regenerat room some week
MCL-05|between both clust clusterset connect import list name not over resolv up
ING-04 SVC-02 SVC-06|502 answ curl debug fine ingres node one pod servic
DNS-04|alway company coredn dig dns domain external fail fine logs node now one timeout toward
|#ip #n addres handl info ip ipam ipip latest leak node query resurrect stat tunnel w7
|#n 00z 01t10 88af containerid creat daemon endpoint endpointid info internet k8spodnam shop successful
|#d #n complet elaps ipfami ipv# ipv4 proxi syncproxyrul
|#d #n controll kubernet node sync wait
|#n 01t10 01z 71d2 info return stoppodsandbox successful
|#n durat internet observ pod pod_startup_latency_track podstartslodur shop slow startup track
|#ip #mac #n answ arp eth# eth0 interfac ip request responsemac send servic
|#ip #n alloc db debug ip map match pod podip referenc shop
|app authentic fail fatal password user
|#n app exampl fail imag manifest org pull registry unknown
|#d #n compact finish info revis schedul took
|#n availabl deploy finish internet kubectl out replica roll rollout statu successful updat wait
|#n availabl cilium clustermesh daemonset desir disabl hubbl ok operator ready relay
|#d #n age control name none plan ready role statu v1 vers w1 w2
|#ip #n 80 connect internet nginx node ok port
|#n app call databas database_url file keyerror last line modul most py recent traceback url
|end front holiday how many over replica run should
|becaus build compar fail test unit zone
|came everyth first migr operator thank try up
|changelog new releas
|claim clas exist not pend persistent sinc storag volum
|becaus disk evict imag left no node pod spac
|link pleas readm renam repository updat
|cni kubectl numb pod show top usual
|clust first like mode new rout test try
INS-02 INS-12 INS-01|42k6p bin cni cp ds error exec flannel format install kubectl kubernet logs plugin
RTE-04 RTE-03 RTE-10 IPM-05 INS-07 IPM-07|#ip #n add argu fail invalid network vxlan vxlan_network vxlanrout
IPM-03 IPM-02|#d #ip #n #x add addres allocat availabl controll creat error fail failedcreatepodsandbox flannel ingres ip mmrdb network nginx no plugin pod rang sandbox set setup type unknown warn
IPM-02 IPM-03|#ip #n #x 381_default add addres allocat availabl cni cypres dht error fail geni internal ip miss network networkplugin nil no pod rang result set tg up
INS-02|#x add bin cni error fail find flannel network opt path plugin runpodsandbox runtim sandbox servic setup type unknown
API-03 SVC-03 RTE-16 RTE-07 RTE-06|#ip 443 api apiserv authentic configmap dial extens kubernet namespac panic system tcp timeout v1
RTE-18 RTE-01|8472 break drop node nsx overlay packet silent udp valid vmwar vxlan
IPM-01|#n acquir assign cidr ds error fail ipv# ipv6 leas main network node not pod register
IPM-07 IPM-05 IPM-01 RTE-10 IPM-08 CFG-09|#ip #n acquir atla configur contain error fail flannel leas net network node not npu podcidr register specify subnet
API-03 INS-09 INS-08|#n 502 acquir body fail redirect statu subnet temporary unhandl
INS-07 API-02|#n error main network not oper register support
RTE-01 RTE-07 SVC-03 DNS-07|#ip #n 53 domain filter ip nmap p53 pn port servic stat tcp ubuntu
MTU-03 MTU-01|#n broadcast cali# cali217c693643a if3 lower lower_up mtu multicast noarp none noqueu pointopoint qdisc stat tunl# tunl0 unknown up wg0
CFG-01 INS-01|#n apr cni elit error fals initializ kubelet messag network networkpluginnotready networkready not plugin pod ready reason return runtim
CFG-01 INS-01|#d casts# casts1 cni configur dock fals kubelet messag network networknotready networkpluginnotready networkready not over plugin ready reason runtim uninitializ warn x4964
API-01|clusterinform cni connect default demo demo_default error fail gett network networkplugin nodeselector pod teardown unauthoriz
API-01|#n authentic authenticat bear cannot error expir invalid request token
API-01|add cni error fail kmesh netplugin plugin pod type unauthorizedn
INS-05 INS-02|#x add bin cni fail find k3s lib multu name network path plugin ranch type var
IPM-05 IPM-06|#x add addres bridg cannot cni# cni0 error exist fail file ip network runpodsandbox runtim sandbox servic set setup unknown
CFG-09 IPM-06 RTE-04 CFG-10 IPM-03|add already error eth# eth0 execut exist name pod provid routeoverwrit test veth
CFG-07 CFG-02|#x destroy empty error fail invalid network sandbox stoppodsandbox vers
INS-03 INS-02 CFG-04|bin bridg cni fail find opt path plugin
API-01|#n #x calico clusterinform connect daemon delet destroy error fail gett killpodsandbox killpodsandboxerror killpodwithsyncresult kubelit microk# microk8 network plugin sandbox type unauthoriz unknown
RTE-17 RTE-04|#d #ip #n add answ args call dev down fail failedsystemcall ip network retcod rout rtnetlink stderr system tapdc# tapdc47bb82
IPM-12 IPM-02 IPM-04|add addres availabl calico error execut ipv# ipv4 kubernet network no pool
IPM-04 IPM-02|#n addres allocateip autoassign cannot exhaust fatal ipiptunneladdres like pool type
CFG-05|#ip csi driv ip node pod
RTE-12|lose networkmanag pod rout ubuntu
BGP-04 INS-07 INS-06|bird birdv# birdv4 calico cannot connect ctl dial error node not query ready refus run socket unix var
INS-06 INS-01 API-03|#d #n calico connect dial fail felix kubelet kubernet localhost node node# node131 not prob readines ready refus tcp unhealthy warn
POL-09 SVC-10 INS-09 INS-07 POL-10 INS-12|#n cali# cali4tmasq closeerr commiterr complet creat fail fami flusherr hash inet input ip ipam ipset maxelem may net nil out pool restor sets sync warn
SVC-10 POL-09 POL-10 INS-09|#n calico exist felix iptabl node not restor set v1
SVC-01 SVC-05 SVC-03|#ip #n availabl destin ipvs jul kernel kubernet no rr system tcp
INS-07 SVC-10 SVC-03|#n add aiolcm directory error fail file ipvs no proxi servic such svcnam zy
SVC-10 RTE-16|#n cannot directory drop execut exit fail file iptabl kubernet legacy load mark no proxi restor statu such target v1
INS-09 SVC-10 SVC-03 INS-07|#ip #n 9153 endpoint error fail ip parseip proxi servic sync tcp
SVC-10 SVC-03 SVC-04|#ip6 #n addres assign cannot dummy error fail interfac ipvs# ipvs0 kubernet proxi request servic unbind
SVC-09|#n conntrack dropp exhaust nf_conntrack nov packet tabl tue
NOD-03|#n ipv# ipv4 neighbour overflow tabl
DNS-04|#ip #n 53 agent datadog dogstatsd error europ plugin read servic srv timeout toyota udp
DNS-01 DNS-03 DNS-04|#ip #n 53 acju br error jus lcr plugin read timeout udp
DNS-05 DNS-02 RTE-14 SVC-03 RTE-06 DNS-11|#n #x 9xg8m cannot configur curl deploy googl node resolv root
WHK-01 SVC-01 INS-01 GCP-01|#d #ip 443 certificat clusterissu connect convers convert dial error fail io kind manag node post refus servic tcp timeout v1alpha2 webhook
WHK-01 SVC-01|#d 443 availabl call core dev endpoint error fail internal io kb mspinapp mutat no occurr operator post servic spin spinapp spinoperator timeout v1alpha1 webhook
AWS-04 ING-02 ING-01|#n accessdeniedexcept arn authoriz aws build configur controll due error fail getresourcesntstatu iam kops kubebuild loadbalanc not perform reconcil tag tags user
AWS-04 ING-01|#d #n accessdeny action addtag allow arn authoriz aws based becaus deploy due east elasticloadbalanc fail faileddeploymodel ident model no not over perform policy resourc servic us warn x5
ING-02|#n auto cannot discov error least match one reconcil resolv subnet tags vpc
AWS-04 ING-02|403 authoriz auto build cannot discov due fail model not ntstatu oper perform subnet unauthorizedoper
INS-01 NOD-04|137 aws caus containercreat crash exit node pod restart sporadical stat stuck
AWS-02|#n #x 02t03 067z addres allocat availabl eni enough error fail free insufficientfreeaddressesinsubnet ip ipamd not ntstatu request satisfy specify subnet warn
AWS-01|#n 30t15 4xlarge 53z allocat alloceni attach attacheni attachmentlimitexceed cannot count due eni error exceed fail increas interfac limit m5a pool size
AWS-03|#n 227z 26t22 debug error henc insufficientcidr ipamd mins recent retry wait
AWS-01 AWS-02 AWS-03 AWS-08|#n addrspereni availabl debug eni ip ipamd low pool target too
RTE-12|#n added attach aws cni delet eni eth# eth2 foreign lookup main new policy rout systemd
INS-01 AZR-02 INS-06|#ip #n add addres azur cns connect dial error fail invok ip ipam localhost network plugin post refus request requestipconfig tcp type vnet
AZR-03 CFG-02|#x azur burn# burn2 cni default end fail input json m2zbc m2zbc_default network networknam networkplugin networktyp pod set unexpect up vnet
INS-07 AZR-03 RTE-16 INS-09 INS-02|#n #x cc2p6 cc2p6_kub cni coredn creat exit fail kubernet network networkplugin pod set statu system up v20
CFG-02 CFG-10 INS-08|cbr# cbr0 cni conflistdel delegatedel delet delnetworklist end error fail gett input invok json multu name netconf network pars plugin result type unexpect
CFG-01 CFG-10|#n 12t07 38z canal clusternetwork cni conflist directory error etc fail file getdefaultnetwork kubernet namespac net no node stat such system
CFG-10|adding addnetworklist cento conflistadd def default delegateadd error found gett invok link multu network not pod result runtimeconfig
IPM-10|due error fail list node refus request reserv updat
RTE-19 IPM-02 INS-01 IPM-12|#n 0_dxp 500 availabl cni dxp fail ip network networkplugin no pod request return sampl set up
RTE-19 INS-01|connect databas directory fail file nbctl no ovn ovnnb ovnnb_db run sock such unix var
API-03 RTE-19 INS-01|111 annot cni connect error fail kubernet openvswitch overlay ovn pod refus
INS-06 INS-01 RTE-19|#n addres check controll init instanc kubernet logs no node ovn ovn# ovn0 pleas
RTE-19 INS-09 DNS-04 POL-08|#n error experiment messag ofpt ofpt_experiment openflow# openflow1 receiv type unknown vendor
RTE-19 INS-01|#n cannot directory error fail file no open openvswitch other ovsctl ovsctl_oth pid pidfil read run such var vswitchd
INS-07 BPF-06 BPF-05 BPF-02|#n answ datapath directory error file kernel load no rtnetlink such talk warn
INS-07 RTE-16 SVC-10 BPF-06|cannot cilium creat daemon datapath error fail fatal initializ install iptabl mangl old old_cilium_pre_mangl pre reinitializ rule run socket start
INS-06 INS-01|agent cilium connect dial directory fail file healthz no prob readines run runn sock such unix v1 var
BPF-06 NOD-04|#n #x bpf bpf_lxc compil containerid endpointid error fail joinep kill lxc signal warn
BGP-03|#ip #n 0x0202 179 bad bgp clos error event localasn notific peer peerasn peernotific sent sess
ING-08 API-02 ING-01 ING-09 INS-01|#n allow arp creat createarprespond error eth# eth0 fail interfac not op oper respond
SVC-01 ING-04 SVC-05|#n activ any controll endpoint not servic xxx# xxx1 yyy# yyy0
ING-05|#n 7b1myn3dcvoppbfez4xlun6beazdbystctgcimxpcge check expect fail fo3cawzk0usehb0jxli6jvaipcjrwwyh2p60ajgdcj4 key match not present propag sync
ING-05|#n answ certificat challeng check controll doctyp endpoint error expect fail html lan manag not propag query truncat type vkc# vkc3ayncpm2hxep
MSH-02 ING-04 SVC-02|#ip #n 16t07 503 80 852z 95 clust configur dev hub local mozilla oneapihub outbound servic ui urx
MSH-05 MSH-01 INS-07 RTE-16|#n cannot deny init initializ iptabl legacy linkerd must nat permiss root tabl v1
MCL-02 MCL-01 MCL-04|#d #ip #n clust endpoint error fail hazel ip libreswan no node ping remot successful
RTE-01 AWS-05|allow answ aws between cannot each node nodeport not only other pod reach run securitygroup tcp udp
RTE-10 RTE-01|block external facing firewall flannel instanc interfac one pick privat two udp wher
RTE-10 RTE-04|acros addres adds cannot external flannel interfac node pod reach rout sourc start wg0
RTE-18 RTE-01 RTE-17|already anoth cros default else moved never node one pod port someth traffic until vxlan work
MTU-02 MTU-03 MTU-01|#n fail fine flannel handshak interfac mtu node one run timeout tls wher wireguard
INS-02|bin binary cni delet every flannel hang kubernet lose new opt packag pod recreat until upgrad
INS-03 INS-02|absent becaus binary cni containercreat coredn few loopback node other pod sit standard such
IPM-03 IPM-02|addres although away cbr# cbr0 clear cni cronjob every goes lib like look many network node not pod reserv they var
RTE-12|#n any canal connect miss more network no node pod restart rhel rout servic some
RTE-12|apply becom cilium delet ip made netplan node rule run unavailabl
MTU-01 MTU-02 MTU-04|#n answ api below byte fine hang larg node ones only ping pod port telnet
MTU-03 MTU-01|#n 1450 between byte different encrypt larg lose network node over packet pod privat sinc upgrad wireguard
MTU-03 MTU-01|#n 1450 devic fail nine only out pod request ten their through tls vpn vxlan wg0 wireguard
IPM-10 IPM-06|addres anoth creat delet ip later list pod reconcil reserv well
IPM-10 IPM-06|arp duplicat empty end fight ip ippool network object often over pod secondary up
DNS-04 DNS-03|although coredn dns external fine hinfo internal logs name node pod read resolv startup timeout udp
DNS-05 POL-01|any creat default deny egres exampl like more name no pod resolv
POL-01 POL-16|#ip block clusterwid deny egres every now only pod policy want
RTE-07 RTE-06 SVC-03|#ip 443 connect disabl enabl iptabl node pod unreachabl
RTE-07 RTE-06|enabl evaluat firewall k3s kubeproxy not reachabl rule servic thos ufw
RTE-16 SVC-03 API-03|#n addres debian every iptabl kubernet legacy no node pod rest rule run save see show tell timeout
MCL-02 MCL-04 MCL-03 MCL-05|clust curl export globalnet name node other resolv says servic unreachabl
MCL-02|clust connect delet error gateway node pod resum runs stay submarin suspend until
CFG-08 MSH-05 MSH-06|cni initcontain network no outgo plugin proxy redirect rule start
MSH-02 MSH-03|#n 503 answ certificat client connect curl destinationrul error mutual now pod proxy sidecar tls turn upstream
MSH-02 MSH-03|503 call client destin disabl every give mtls node requir rule side tls
MSH-02 ING-04 ING-06|503 ambassador answ certificat every healthy istio mapp minut mtls no renew some upstream work
ING-08 ING-09|addres aliv arp day every external gratuitou half hand keep loadbalanc local send switch
SVC-05 ING-08 SVC-01 SVC-12|announc any endpoint externaltrafficpolicy local metallb no node not runs servic speak wher
BGP-01 BGP-03|anoth both connect duplicat establish frr never rout sess speak subnet
RTE-05|anoth checksum connect delet disabl every ip more node offload one pod second servic whos
RTE-08|#n apiserv configur distribut everyth filt ipv# ipv4 lose net pod rp_filt set soon work
RTE-08|answ back come dropp filter off other over path pod revers silent switch until
API-02 INS-06|crds every felix five info log may minut not once one read ready see
RTE-07 BGP-01 API-03 RTE-01|calico coreo fine node other runs suse typha unreachabl well without
ING-02|alb any cannot clust controll creat discov empty install left name never says subnet
CFG-01 INS-05|apply cni containerd initializ node not notready plugin pod restart run stay until
RTE-15 RTE-04 RTE-01 RTE-17 RTE-19|addres cannot gateway mac mode no pod resolv start underlay
SVC-05 ING-04 MSH-06|502 answ becaus deploy few ingres lose pod request roll second send still
ING-05|addres answ certificat challeng check clust external internal let not own reach rout self timeout url us
RTE-19|#ip #n checknbislead client connect error execut exit fail ovn ovsdb refus statu tcp
RTE-19|#n 09t13 367z br connect directory fail file int mgmt no openvswitch rconn run such unix var warn
RTE-19|#n 500 8b0ce8e6589f_h add br configur connect databas db error exist exit fail int interfac ip may openvswitch port protocol request return run sock statu timeout unix var vsctl
RTE-04 RTE-19 RTE-01 IPM-07|#ip 500 add configur fail gateway interfac ip kubernet no ovn packet plugin receiv request return type
RTE-10 RTE-19|#n 09t19 752z chassi encap info ip need specify type
API-03|111 annot cni connect error fail kubernet openvswitch overlay ovn pod refus
IPM-06 RTE-03 IPM-08 RTE-11 IPM-04|#ip #mac #n alloc connect different down due error host# host1 host2 ip ours peer receiv seed shutt
MCL-02 MCL-05|#d #n ago cilium clustermesh data directory etcd lib never read remot var
MCL-02|#d #n ago check endpoint fail failur heartbeat ident last node not quorum ready receiv remot row servic sinc time updat
MCL-02|48nr4 cilium clust configur connect east found not remot requir
CFG-02 AZR-03|cni configur decod end error info input json list unexpect validat vers
AZR-03|acquir add azur error fail initializ key lock network plugin stor timeout type valu vnet
AWS-03 AWS-02|#n addres allocat block cidr enough error fail free insufficientcidrblock ip ipamd not ntstatu prefix privat request satisfy specify subnet
AWS-03 AWS-01 AWS-02|#ip addres availabl cannot cidr ffffffff free ip no prefix
SVC-06 SVC-02 PRF-01|#ip #n dial fail getsockopt prob readines refus tcp
RTE-04 NOD-01 API-03|#ip 10250 connect containerlog dial ds error flannel kubernet node tcp unreachabl vtgxv
POL-01 POL-08 DNS-05|#ip #n 0x0 53 action deny ep flow id ingres local log match none policy proto remot udp verdict
RTE-15 RTE-01 RTE-08|#ip #n both encapsul node noth one second show tcpdump vxlancrosssubnet
RTE-15|#n 7f2c addres allow allowed_address_pair enabl extens fail not pair port rout updat
MSH-06 ING-04 SVC-05 MSH-02|#ip #n 503 8443 answ clust code durat failur flag inbound kong node proxy reason response_cod response_flag tls transport uf upstream upstream_clust upstream_host upstream_transport_failure_reason
ING-06|#n certificat controll error exampl internet node not org shop ssl tls unexpect valid validat
ING-06|#n backend backend_ssl certificat error internet key local match no object obtain shop ssl stor tls
IPM-05|#ip #n addres already bridg cni# cni0 different fail ip set
DNS-07 DNS-08|#ip apply dnsconfigform exceed kubelet limit line nameserv omitt some warn
IPM-12|add calico cannot fail find ippool node plugin qualify type w7
IPM-12|#n addres assign block calico configur fail free ipv# ipv4 more no node out pool request w7
IPM-11|#n accept add alloc allocat cidr clust controll controller_util error fail idx left no node process rang remain util
CFG-03|#n calico cni configur conflist deny during error etc fail init load net open permiss read
IPM-04 RTE-11 IPM-06 RTE-03 IPM-08|#ip #n 8a aa alloc connect da different establish fail fastdp host# host1 host2 ip ours peer receiv retry seed statu weav
CFG-04|#ip #n 443 apis calico clusterinform cni conflist crd error etc flannel found gett kube_network_plugin kubernet ls net network not org plugin projectcalico v1
CFG-04 CFG-01 CFG-09|#n addres calico cni cni_conf_nam configur conflist etc ls name net new no node old ones pod restart run sinc
RTE-14|#ip answ echo icmp ip new ni node old request tcpdump wlan# wlan0
RTE-14|#ip #n addrtyp back clust comment connect curl databas dst exec external internet iptabl kubectl kubenet local m4 masquerad nat no node outbound packet postrout rout sees snat timeout traffic type
AWS-08 AWS-01|#n 2xlarge add additional addres assign attach cmd deleg enabl enable_prefix_deleg eni fail ip m6i no pod prefix schedul target true warm warm_prefix_target
POL-08 POL-09|#ip #n 443 again cach cilium delet deny dropp flag fqdn googl grep id internet kubectl list lookup nov pod policy shop syn tcp work x7
ING-06|443 acme certificat client cn co connect controll error exampl fake found ing ingres issu jenkin jsonpath kubectl kubernet node not notfound openssl org s_client secret secretnam spec subject tls
SVC-09 DNS-01|#n both conntrack coredn dmesg dropp exhaust nf_conntrack node packet replica runs tabl tail
RTE-06|#n accept dock drop forward input kubernet nobody node output pod reach reboot user
SVC-01|#n 7d9c app describ endpoint front frontend grep internet kubectl label none pod runn selector servic show tier
SVC-02 SVC-06|#ip #n 80 api connect curl exec fail jsonpath kubectl listen ltn netstat port refus servic spec targetport tcp
SVC-07 SVC-03 SVC-08|answ clusterip endpoint iptabl node not own piped pod reboot repair restor save whos
RTE-06 RTE-02 SVC-03|anoth dock hand no node pod reach restart start stop unles
RTE-06|accept cannot forward node other ping pod policy sett solv
IPM-03 RTE-01 RTE-03|#n agent black cbr# cbr0 cni delet flannel help hole lib lock network restart seem var
RTE-10 RTE-11|card node one other pick rest some two weav
IPM-06|addres duplicat hand pod two weav
IPM-07|addres contain controll default mast overlay refus subnet
AWS-08 AWS-01 AWS-03|addres assign ec2 fail no node other pod prefix show some thos turn
AWS-02 AWS-01|addres any cannot clust drain grew more node older over pod start subnet thousand
AWS-03|addres free never row sixteen subnet thousand
AWS-03 AWS-01 AWS-02|addres although assign containercreat enough hang neith node nor operator pod prefix sinc subnet
AZR-03|azur lock many now once plugin pod says start stor
AZR-03 CFG-02|duplicat fail group lock moment pod start timeout window
RTE-14|added addres each instead internet laptop leav newly node not other packet pod reach
RTE-14|external masquerad not pod traffic
RTE-14|anoth behind hidden neith nobody node nor pod rule sets should traffic up
RTE-15 RTE-01|addres between chang drop made node one pod someth subnet two vxlan vxlancrosssubnet work
RTE-15|check dest instanc node not off pod reach sourc switch two without
RTE-01 RTE-15|#n allow calico ip ipip openstack protocol securitygroup timeout
POL-08 POL-09|allow based connect dropp first name node random rule some
POL-08 POL-09|addres away becaus cach deny limit many name node now old ones per rotat through throw
POL-08 POL-09 INS-09|#n drop egres name random sinc updat
MSH-06 SVC-05|503 deploy each gateway pod restart show spik
MSH-06|answ client empty envoy gateway give not restart roll sigterm sinc some wait
MSH-06 SVC-05|ambient fail forget lose mode moment pod request ztunnel
DNS-01|cpu fifty hundr limit lookup millisecond name node one pod take
DNS-01 DNS-06 DNS-08 DNS-04 SVC-09|hundr idle name node pod request resolv second see some though timeout twenty
DNS-04|answ coredn limit rate resolv seem servfail vpc
DNS-01 NOD-04|coredn cpu disk eats node read
ING-06|anoth certificat ingres lies made namespac nginx only secret self show stag
ING-06|certificat come configur controll default every fake few instead request
SVC-06|addres bind chang localhost prob refus solv
CFG-04 CFG-05 IPM-05|addres anoth apparent configur file kubelet kubernet one out pod podcidr rang read rout writ
CFG-04|chang file first form network one plugin sort still
IPM-06 IPM-03|addres given kubelet new ones pod restart runn
IPM-03|addres back cni come delet file lib network only pod terminat under var
MCL-02|accord agent both clust command connect data empty fold line other
MCL-02|apiserv bad certificat clust mesh one other refus
RTE-19|controll databas disconnect minut node southbound
INS-01 API-01 CFG-04 API-02|#n canal complete delet hostnetwork install now only pod start
|#n 000z 01t10 added br bridg info int interfac port veth# veth1
|#mac #n fastdp info master# master0 overlay overlay_switch site# site1 switch
|#ip #ip6 #n health jun kubernet prob
|#n clust clustermesh east endpoint global ident node ready remot servic
|#ip #n cach dev flannel ip rout src uid
|choos forty instanc pod small type
|anoth last night nobody node notic one reboot
|becaus cron divid fail job script zero
ING-02|#n auto cannot controll default discov echoserv error ingres least logg manag name namespac one reconcil runtim subnet
RTE-13 RTE-02|between caus chang disrupt macaddresspolicy network periodic pod
INS-03|bin cni fail find loopback opt path plugin portmap
INS-04|bin busy cannot cni cp creat file lots multu node opt problem regular result shim text
WHK-01 GCP-01|#d 443 call chao context controll error fail internal io kb manag mesh occurr org podnetworkchao post servic test timeout v1alpha1 validat vpodnetworkchao webhook
IPM-03|alloc cni detect due exhaust failur ip leak lib name network rang start var
RTE-13 RTE-02|#n addres arp assign azur clust cni connect creat duplicat entry hardwar issu mac not pod ubuntu veth
RTE-10 BGP-02|#ip #n communic incorrect instead intend interfac manage network node one pod rout storag traffic tunl# tunl0
INS-04|bin busy cni error fail file install node open opt portmap text
IPM-11|#d cidrallocator cidrnotavailabl node node# node1 normal now over statu x1025
INS-07 SVC-07|br_netfilt flannel ment modul netfilt network no not reachabl require servic within work
ING-08|answ arp more node off one packet proxy random should sinc turn
GCP-01 WHK-01|clust gke issu operator privat telegraf webhook
INS-06 INS-01|#d back calico check delet directory fail file fp44f fp44f_kub kubernet lib mount no node nodenam off plugin pod restart runn stat such system type var
CFG-08 CFG-06 CFG-09 MSH-05|cilium cni configur file found istio not overwrit plugin wrot
RTE-07 RTE-06|chain forward icmp jump node prohibit reject
CFG-07|#n adding cni configur error incompatibl ipvlan network plugin pod sabir support vers
RTE-06|docket drop forward policy prevent sett
INS-03 INS-02|#n calico ipam portmap root rwxr type xr
INS-09|#n agent aws eni failur initial instanc ip kubernet limit main resourc type unknown vpc
INS-03|bin cni coredn fail find loopback not opt path plugin start
IPM-10 IPM-06|addres duplicat ip lock possibl problem read scal writ
CFG-08 MSH-05|ambient inconsistent iptabl miss node pod reboot upon
INS-07|br_netfilt fail flannel kcli kernel kubernet miss modul netfilt plan revert snapshot
INS-05 INS-03|bin cni dir error fail find happen kubelet loopback not only path plugin pod set up
IPM-09 IPM-02|exhaust gke initial ipam pod rang return start
DNS-03|#ip #n 17t00 486z 53 coredn detect fatal io loop plugin see troubleshoot zone
IPM-07 MCL-01|cidr detect overlapp submarin
INS-09 RTE-04 RTE-12|break cni communic duplicat node pod upgrad vers within
BGP-02 BGP-01 BGP-04|#ip bgp bird calico establish fail node not prob readines ready
INS-03 INS-05|#n bin cni error fail fata find local loopback path plugin unknown usr
WHK-01|apiserv between cannot cni cnis configur connect control custom eks enabl mean node plan pod run runn
CFG-10|cannot cni error find gett issu kept multu namespac new saying
CFG-05 CFG-04|#ip #n bridg cat cni conflist etc linux net podman podman# podman0 subnet thwt
RTE-10|default external flannel interfac ip not respect rout
IPM-05|#ip #n addres already bridg cni different fail ip podman# podman1 set
API-01|assign cni error fail ip multu network pod unauthoriz wait
MTU-03 MTU-01 MTU-04|amount connect creat found group larg payload proxy request sent timeout
IPM-07|#ip #n api cidr cilium ipv# ipv4 kubelet made
CFG-08 CFG-06 CFG-09 MSH-05 MSH-01|mesh more no node pod restart
MSH-02|#n 503 error internal numb openssl openssl_internal routin ssl tls uf urx vers wrong wrong_version_numb
CFG-05 CFG-04 IPM-05|both bridg cni cni# cni0 conflist cri first install name podman runs set up whoev win
BPF-05 INS-07 BPF-02|#n bpf cannot clang daemon datapath error info initializ kernel kubeproxy linux need newer nodeport ok option replace servic vers
RTE-05 RTE-18|advertis checksum comput driv external ice incorrect offload udp vxlan
BPF-05|#n bpftool deny dump error id insn kernel kptr kptr_restrict prog retriev set xlat
INS-07|flannel kubernet not oper support
WHK-01 GCP-01|adding admiss document kubef solv timeout webhook
POL-04|acces allow creat everyth namespac namespaceselector podselector policy seem
CFG-07|#n cni cnivers configur edit etc fragil meshnet reinstall sett workaround
RTE-05|disabl interfac offload rx tx vxlan
SVC-09|#n conntrack dropp exhaust max net netfilt nf_conntrack nf_conntrack_max packet setup sysctl tabl
INS-07 BPF-02 BPF-06|#n answ bpf bpf_overlay cilium cilium_vxlan da datapath dev filt handl ingres load not obj oper overlay prio replac rtnetlink sec support tc vxlan warn
IPM-11|cidrnotavailabl node now statu
RTE-19|flow openvswitch restor start vswitchd wait
RTE-12|break kubernet networkd restart rout silent systemd
IPM-06|between detect duplicat interfac ip pod tun
CFG-09 INS-03|chain configur hostport includ kubernet plugin portmap support
AWS-02|addres client enough errorcod errormessag free insufficientfreeaddressesinsubnet not request satisfy specify subnet
INS-04|agent becaus binary bringup cni copy fail node other pod restart result
CFG-08 CFG-06 CFG-09|between chain cilium cni condit istio race
AZR-03|cni error lock stor timeout
RTE-13 RTE-02|#n aws cni macaddresspolicy ubuntu vpc
IPM-06|assign calico duplic duplicat interfac ip pod tunnel
MTU-03 MTU-01|encrypt mtu need node prop sett wireguard
DNS-03|configur etc forward itself plugin point recurs resolv
DNS-10 DNS-05|being block dns dnscach enabl nodelocal request
CFG-05 CFG-04|#ip cidr init kubeadm network pod remain still
CFG-10 INS-05 CFG-01|cni delegat error etc fail found getcniconfig getcniconfigfromfil getnetworkdelegat gett kubernet multu net network no pod
MTU-03 MTU-01|cni flannel issu k3s mtu operator over tailscal
RTE-06|able accept between current forward iptabl pod reach run sudo
DNS-06 AWS-05 DNS-09|#n ami dns eks intermittent issu kernel pod resolut securitygroup vers
DNS-11 API-03 SVC-03|#ip #n 443 500 api cach client dial fail info io kubernet limit list mod namespac pkg plugin ready reflector resourcevers still tcp timeout tool v0 v1 wait
GCP-01 WHK-01|443 80 8443 acces allow clust common default due firewall gke need node only port privat separat webhook
RTE-06 RTE-07 RTE-04 RTE-01 RTE-15|ipam network not pod proper work
INS-07|exit fatal flannel not oper support
GCP-01 WHK-01|clust creat gke network privat resourc timeout
SVC-04|cleanup fail ipvs kubeproxy mode proper
RTE-16 DNS-03 DNS-04|#ip detect kubernet loop no resolv systemd upstream
BPF-02 BPF-06|#n bpf bpf_lxc cilium fail load lxc ubuntu
MSH-02|gett internal numb openssl openssl_internal vers wrong wrong_version_numb
INS-09 AWS-01|a1 add c5n family instanc support
IPM-08|cidr clust conflict ipam mode node pod pool
BPF-02|#n argu bpf cont error handl insn ipv4 larg line list load long omitt process program tail tail_handle_ipv4_cont too verifi
RTE-02 RTE-13|addres assign flannel initial interfac kernel mac macaddresspolicy none not one set sett systemd up
INS-09 AWS-01|2xlarge due eni error fail info instanc ip limit r5 resourc retriev type unknown vpc
INS-03 CFG-09|bin cni mapp node not opt plugin port portmap see seem work
CFG-02|cannot cni configur containerd file pars
RTE-07 RTE-06|app cannot databas forward frontend icmp node out prohibit reach reject rule sampl take
SVC-07 SVC-03 SVC-08|acces anoth ip pod servic unstabl
AWS-04|#n amazon amd# amd64 authoriz aws client cni errorcod errormessag go1 kubernet linux not oper perform sdk unauthorizedoper useragent vpc
RTE-13 RTE-02|aws back chang cni disabl macaddresspolicy network pod revert switch systemd udev vpc
RTE-07 RTE-06 API-03|#n e2 hang instanc micro microk# microk8 oci
BGP-02 BGP-01 BGP-04|#ip #n bgp bird calico confd establish fail health info node not numb peer prob readines ready
INS-07|#n directory fatal found lib modprob modul not vxlan
ING-09|answ assign connect fine ip metallb not ping postgr servic tcp work
RTE-10 BGP-02|calico cannot consistent interfac network node right
INS-12|#n caus cni container_linux directory exec file install linux no pod proces sh start stat such
CFG-04 CFG-09|#n canal cni configur conflist etc file istio net node preempt warn
INS-02 CFG-01 INS-01|cni configur network not plugin ready uninitializ
RTE-13 RTE-02 RTE-19|addres chang creat devic later mac network systemd v242 virtual
INS-09 MCL-01 API-02 API-03|#ip #n apiserv calico cannot clusterid creat error find ippool member# member2 node org post projectcalico request resourc runn subnet
RTE-06|between bridg communic drop duplicat forward iptabl node not pod sudo work
IPM-01|acquir assign cidr error fail k8node001 leas network node not pod register
BPF-05 BPF-02|agent bpf bpf_jit_harden core datapath deny exceed gett harden icmp6 instruct jit kernel kptr kptr_restrict load maps modul net program send sysctl tail tail_icmp6_send_time_exceed time unus verify
AWS-04 ING-01|associ attach authoriz due error fail instanc not oper perform reconcil securitygroup unauthorizedoper
IPM-03|caus cni devic ip leak node reboot
POL-04|any appear entry like list match namespac not pod podselector selector they togeth two want
IPM-06 IPM-04|affin duplicat give ipam multipl node
CFG-06|#n any bak cilium cilium_bak clear cni configur disabl error etc logs multu net not rais renam why work
IPM-04|add allocat block calico cannot due fail limit new node per plugin type
INS-07|canal caus crash error kernel modul not obviou some stat stripp vxlan without
RTE-18 RTE-01|8472 becaus between communic conflict default infrastructur intraclust need node not nsx port vmwar work
CFG-02|#n calico chang cni configur conflist end error etc event fail file fs input invalid json list load net pars receiv reload unexpect writ
GCP-01 WHK-01|10250 443 clust communic default deny firewall kubelet mast node only port rule
INS-07|br_netfilt check fail netfilt
MCL-02 IPM-07 MCL-01|#ip #n alpha cabl clust driv error gateway ip kube remot statu strongswan subnet wn1
RTE-18 RTE-05|#n cilium communic deploy encapsul esxi except fail funct icmp inter may node nsx old ping pod releas some still vxlan
RTE-16 RTE-14|#n debian iptabl network nf_tabl node out tabl test unreachabl v1
RTE-08|#n cilium default deploy filt imperativ not rp_filt
DNS-10|becaus cach hostnetwork instead ipblock local node not requir rule solv true work
ING-01 ING-08|addres arp ip metallb not provid servic
BPF-02 BPF-06|#n bpf datapath endpoint error exit fail insn larg load process prog program regener statu tc too warn
IPM-07 IPM-09|cilium cloud connect deploy hetzn install lead outag quick yaml
CFG-07|#n cni configur detail incompatibl plugin support vers
ING-09 ING-08|#n ip loadbalanc metallb unreachabl upgrad v0
API-01|clusterinform cm_default cni connect default error fail gett network networkplugin pod teardown unauthoriz
RTE-08|default filt packet revers rp_filt sett
SVC-04|cleanup current iptabl ipvs kubeproxy left node not rule work
SVC-04 SVC-10|exist flush ipvs kubeproxy rule startup
GCP-01 WHK-01|10250 6443 bett chang compabil instead port webhook
MCL-01|#ip #n annotat cannot cidr clust cni error find interfac ip node retriev
RTE-02 RTE-03|#n chang etcd flannel flush keep mac neigh node not old other reboot reproduc tabl watch
IPM-11|cidrnotavailabl node only
INS-09 INS-01|aws crash flex instanc node r8i
CFG-02|#n conflist nov root rw tmp tnet
RTE-10 BGP-02|anoth auto calico cannot clust detect guess interfac k0s new node out pod reach somehow turn wrong
DNS-10|internet nodelocaldn pod seen
IPM-09 IPM-07|#ip #n 1450 cilium cilium_host dev eth# eth1 exhaust mtu node postipamfailur rang src
POL-04|combin duplicat namespaceselector networkpolicy podselector rule
MTU-03 MTU-01 MTU-04|#n break clamp connect current mtu onto seem tailscal
RTE-16|#n bust debian default iptabl mode nftabl operat
SVC-11|clust conntrack deny fail integr jobs k3s max nf_conntrack_max permiss
INS-07|br_netfilt expect flannel netfilt not see
API-01|6bd9 6bd9_default cni default error fail gett multu network networkplugin ops pod set unauthoriz up
INS-10 API-01 CFG-10 INS-01|client cni context delet directory error etc fail file getk# getk8sclient gett kubeconfig kubernet multu net no plugin stat such type
AWS-03|#n 0a1 addres allocat error fail free ip ipamd ipv# ipv4 not prefix privat subnet sufficient
SVC-03 RTE-01 DNS-02 SVC-07 RTE-07|#ip clust connect could default kubernet local no node nslookup reach servic timeout worker# worker1
DNS-04|#ip #n 53 backend error hinfo plugin read timeout udp unreachabl
RTE-08|#ip #n dev ip ipv# ipv4 kernel martian nov sourc tun
INS-01 MSH-05 MSH-01|500 cni fail istio node prob readines readyz serv statuscod wait ztunnel
POL-11 POL-01 MSH-05 MSH-02|#ip #n ambient dataplan dial fail io istio livenes mode namespac prob sinc tcp timeout
CFG-07 CFG-02|#n adding bridg cni configur error incompatibl network plugin pod support vers
CFG-07 CFG-02|#n cni configur conflist containerd etc fail file firewall list load net not plugin support vers
SVC-10 SVC-03|#n 0x1392 already creat exist fail hnscall object policy proxi win# win32
BGP-01 BGP-03|#ip #n 179 connect dial error fail localasn nativ peer peerasn timeout
API-03|#ip #n 500 api connect dial fail limit list node refus tcp v1
ING-04 RTE-01|#ip #n 110 client connect error exampl node oper org shop timeout upstream
MTU-04 MTU-01|#ip #n 0x0 443 ack bpf bpf_host drop endpoint file flow fragment ident ifindex len need node tcp unknown xx
CFG-09 INS-03|#n alon conflist hostport internet kubelet net plugin pod request weav
SVC-11|#n conntrack deny max net netfilt nf_conntrack_max node open permiss proc sys
RTE-10 INS-01 CFG-01|exe fail find flanneld interfac match provid regex
NOD-01 CFG-01 INS-06|#n node nodenotready now statu
RTE-05 RTE-01 SVC-03|#ip addres clust connect consul could dig infra local no node nslookup reach servic tcp timeout
RTE-10 RTE-01|#ip #n 51820 96p70ix addres allow b6lbohsi7rohryaq endpoint external iesp# iesp35vj8mopxkhrteelusjfiu6yytxpci ip jbyexfnhzjqpwmzoww kib m9ipc6mf node only peer receiv sent transf
AWS-03 AWS-01 AWS-02|#n addrspereni assignedip availabl cooldownip debug eni ip low maxipspereni pool prefix stat target too total
RTE-10 RTE-08 RTE-04|#ip calif# calif2badd712b3 clust dev ip known node src
POL-11 MSH-05 POL-01|#ip #n allow dial dst exist fail inpod istio kubelet match namespac networkpolicy node owner port prob readines set snat socket tcp timeout unhealthy v4 warn
DNS-11 DNS-04 API-03|#ip #n 443 53 api dial error fail hinfo info kubernet namespac plugin read ready reflector still tcp timeout udp v1 wait watch
ING-08 IPM-06|#d #ip #mac #n answ arping eth# eth0 fals ipvs kubeproxy mode strictarp unicast
SVC-03 SVC-10 SVC-04|#d #ip #n 443 app grep internet iptabl ipvsadm kubectl ln nodeport none noth save servic tcp wide
DNS-11 API-03 SVC-03 RTE-01|#d #n 503 5c8 apiserv coredn fail info kubernet node plugin prob readines runn start statuscod wait
IPM-07 RTE-04 RTE-01|#ip #n assign cni# cni0 dev flannel ip kernel laptop link offic onlink proto rout scop src vpn wg
RTE-10 RTE-01|addres behind cannot carry control external good home itself node other plan pod reach rout sits
RTE-10 RTE-01|addres endpoint external given install list node one privat though wg
RTE-10 RTE-01 RTE-04|anoth between flanneld interfac join no node over pod reach told until zeroti zt0
RTE-10 RTE-01|becaus clear default devic eth# eth0 flannel goes not over overlay rout take through wg0
SVC-07|br_netfilt built clust coredn cured duplicat fail hand live load lookup netfilt node pod
SVC-07 SVC-08|dns happen node noth only own pod resolv run
AWS-05 DNS-09|admit ask cannot coredn each eksctl group made node not one other pod privat securitygroup two
DNS-09 AWS-05|answ clust dns first no nodegroup one pod second thos
DNS-04|back capabil cri dns given net net_raw node pod raw resolv timeout toward under until
DNS-04 DNS-07 RTE-01|asked depend dns external half name node pod timeout two
RTE-08 POL-01 RTE-15|cali count duplicat forg grow interfac leav never other packet pod rpf skip sourc turn up
RTE-08|although away cali come filt foreign kernel prerout raw rp_filt sourc still tabl throw zero
RTE-08 INS-06 INS-07|#n calico configur filt ipv# ipv4 net node refus rp_filt run wher
ING-08 SVC-12|addres answ arp carry every external ipvs ipvs# ipvs0 kubernet node settl strictarp them
ING-08|addres anew anoth answ arp asks break loadbalanc long node rout sess upstream whenev
ING-09|addres curl destin fine gave metallb ping says unreachabl
ING-08 ING-01 RTE-07 SVC-12|addres answ external network node not noth offic says speak unusual
BGP-01 BGP-03|away came ebgpmultihop hops only rout sess switch two up
RTE-14|clust dual internet ipv# ipv4 ipv6 leav over packet pod reach sourc stack ula
RTE-14|anyth cannot default internet ipv# ipv6 masquerad off open pod releas v6
SVC-03 POL-24|addres entry ipvs none servic v4 v6
RTE-07 RTE-06 RTE-19|everyth firewalld kubernet leav lose node ovn pod runn stopp work
RTE-07 API-03 INS-06|5473 calico firewall never new node not open port ready sinc typha
SVC-03 SVC-10 SVC-04|answ ipvs ipvsadm list mode no nodeport not them upgrad
CFG-09 SVC-03|distribut hostport new releas stopp work
CFG-09|conflist ingres no node not open pod port portmap weav
BPF-04 SVC-04|answ cilium each kubeproxy left node now replac runs servic still yet
POL-01 POL-16|argocd becaus cannot chart letsencrypt metric monitor networkpolicy noth prometheu scrap
POL-01 WHK-01|apply context default deny fail ingres io kubernet namespac nginx sinc timeout validat
RTE-01 ING-04|504 backend controll give node not own whenev
AWS-08 AWS-03|addres deleg enabl enable_prefix_deleg instanc no pod prefix receiv some their true
AWS-03|addres block contiguou free hundred no sixteen subnet
AWS-01 AWS-08|addres allow hold instanc interfac keep many plac pod schedul type whos
API-01|containercreat install kubeconfig multu node old one pod second stay unauthoriz wait
CFG-10 API-01 CFG-04 INS-10|configur delet directory first multu no now pod start still
RTE-05|anoth answ dns does lookup no node retransmitt servic syn tcp udp
MTU-01 MTU-04|answ arriv cure encrypt larg mtu never pod small switch wireguard
MTU-01|byte devic eighty encrypt every nobody node packet pod subtract take
SVC-05 ING-04|ip keep kubectl nginx noth pod send show upstream wide
INS-06 INS-01|#n felix localhost not readines ready refus
|#ip #n 22z 24t07 add addres cbr# cbr0 cni# cni0 cnivers default eth# eth0 interfac internet ip name uid verbos
|#n assignedip cooldownip debug ip ipamd maxipspereni pool prefix stat total
|#ip #n announc default event info ip layer# layer2 main pool protocol servic serviceannounc
|#d #ip #n aa clust default errs fals info kubernet local no qr rd servic udp
|#ip #n 51820 ago allow endpoint handshak ip latest mib mjw# mjw9u4aqsg7zwyvjaym1uburqdijndvvactkunj peer receiv second sent transf
|daemon ds kubectl kubeproxy kubernet out roll rollout set statu successful system
|connect green join last new night nine node prob readines show typha
|addres announc how loadbalanc node see
API-02|#n api azur cach cannot client clust error fail forbidden group io kubernet list network networkpolicy not npm opin reflector resourc scop serviceaccount system tool unhandl user v0 v1 watch
API-02|#n 03t10 12z apiextens cannot cilium ciliumnod crd customresourcedefinit error forbidden io kubernet operator resourc serviceaccount system updat user
API-02|api cannot error forbidden group jane list namespac node pod resourc shop user
API-02|#n allow cannot ip modify node not patch resourc statu system
API-01|error logg must node unauthoriz
API-01|#n authentic authenticat bear cannot error expir invalid request serviceaccount token
API-01|#n authentic authenticat bear cannot cryptographic error invalid jose primitiv request squar token
API-01 API-03 ING-06|#n 02z 10t23 11t08 59z cannot certificat connect current expir fail node not tls valid verify yet
API-03 MTU-01 MTU-03|cannot connect handshak net node timeout tls
WHK-01 API-03 SVC-01|cannot current handl io kubernet list metric node request resourc v1beta1
API-03 SVC-03|#ip #n 443 500 apis await cach client context discovery endpoint exceed fail head io kubernet limit list mod pkg reflector resourcevers timeout tool v0 v1
API-03 API-01|cannot clust configur defin kubernet kubernetes_service_host kubernetes_service_port load must node panic port servic
API-01 API-03 API-02|#n build directory error file io kubeconfig kubernet main no open run secret serviceaccount such token var
WHK-01|#d 443 admiss call controll creat error fail ing ingres ingress internal internalerror io kubernet network nginx node occurr post remot servic timeout tls v1 validat webhook yaml
WHK-01|#d 443 author becaus call certificat creat crypto error fail inject injector internal io istio istiod namespac occurr possib post rsa servic sidecar sign system timeout tls unknown verific verify webhook
WHK-01|#d 443 addres allow certificat convers convert fail io kind manag not post servic timeout v1alpha2 webhook
WHK-01 SVC-01 SVC-05|#d #ip #n 443 8443 call connect dial dispatch fail injector io linkerd open post proxy refus servic tcp timeout webhook
GCP-01 WHK-01|#d 443 call context default error fail gke gmp googleapi internal monitor occurr operator podmonitor post servic system timeout webhook
DNS-01 NOD-01 PRF-01 DNS-02|#d #n health local more plugin request took warn
DNS-04 DNS-01|#n aaaa api concurrent error exceed lookup maximum plugin strip
DNS-04 RTE-14 RTE-07|#ip #n 53 error hinfo plugin read udp unreachabl
DNS-03|#ip #n 53 clust coredn detect fatal io local loop plugin see troubleshoot zone
DNS-02|#n coredn corefil directiv during error etc pars proxy unknown
DNS-11 API-03|#ip #n 443 500 api cach client connect dial fail info io kubernet limit list mod namespac pkg plugin reflector resourcevers tcp tool unreachabl v0 v1
DNS-11 API-03|apiserv kubernet node plugin start unsync warn
DNS-02 DNS-05 DNS-07 DNS-08 SVC-01 DNS-04|java known mast name net not redi servic unknownhostexcept
DNS-02 DNS-05 DNS-01 DNS-04 DNS-06 SVC-03|caus clust failur java local name net order resolut servic shop temporary unknownhostexcept
DNS-05 DNS-02 DNS-04 SVC-03|#n api cannot curl dns github node reach resolv timeout
DNS-02 DNS-05 DNS-01 DNS-06 DNS-04|#n again errno file gaierror getaddrinfo lib line py python# python3 socket try usr
DNS-02 DNS-05 DNS-04 DNS-11 SVC-03|#ip 53 clust data dial local lookup misbehav mongodb node servic tcp
DNS-02 SVC-03 DNS-05 RTE-07|#ip 53 communic error unreachabl
DNS-02 DNS-05 DNS-04 DNS-01 DNS-06 SVC-03|#n api dns error etimeout exampl internal node oncomplet onresolv promis querya queryreqwrap
DNS-02 DNS-05 DNS-04 DNS-01 DNS-06 SVC-03 DNS-07|#ip #n 53 availabl dns dnsnameresolvertimeoutexcept io lookup millisecond netty no resolv stack timeout trac udp
DNS-02 DNS-05 DNS-07 SVC-01 DNS-04|#n cart httprequestexcept known name net not servic system
DNS-07 DNS-08 DNS-02|cannot default find kubernet node nxdomain
DNS-07 DNS-08|#ip #n apply dns error exceed limit line nameserv omitt some
DNS-06 SVC-09|#n cpu drop early early_drop error fail found insert insert_fail invalid restart search search_restart
DNS-06 DNS-01 DNS-08|#n appconnect connect namelookup time time_appconnect time_connect time_namelookup time_total total
DNS-09 AWS-05|0ab12cd 53 coredn inbound itself no node other pod resolv rule securitygroup timeout udp
DNS-10 DNS-05 POL-01|#ip #n 113 53 deny egres id internet node none nov policy shop udp verdict
DNS-05 POL-01|#n #x 1024 53 6d8f coredn deny egres id internet kubernet none nov policy shop system udp verdict x2n8v
POL-14 DNS-05 POL-01|#n 1024 6d8f 7kq2x default deny dns egres id internet none openshift policy shop udp verdict
DNS-07 DNS-03 NOD-01|#n configur directory error etc file internet no node open pod pod_work resolv resolvconf run shop skipp such sync
DNS-04 DNS-02 DNS-07 DNS-05|#n corp dial exampl fail harbor head imag internet lookup manifest pull request shop tcp timeout v2
DNS-02 SVC-01 DNS-07 DNS-05 ING-04|#n api clust configur default emerg etc found local nginx node not servic shop upstream
DNS-02 DNS-05 SVC-03 DNS-04|#ip #n 110 api cannot client clust error local node oper request resolv servic shop timeout
ING-04 SVC-01 SVC-02 SVC-06|#d #n 8080 activ backup check connect down durat info internet layer# layer4 left node problem queu reason refus remain requeu sess shop shop_web_8080 srv srv_1 warn
SVC-01 DNS-02 SVC-05 MSH-03|children error no pick unavailabl
SVC-01 ING-04 ING-01|build due fail failedbuildmodel found ingres internet model not servic shop warn
SVC-02 SVC-01|#n 11t09 12z cannot creat error found http# http2 ingres internet kubernet name namespac not numb port providernam servic servicebackendport servicenam serviceport shop
SVC-02 SVC-01|#n cannot fail find ingres internet invalid port servic shop spec transl translat warn
SVC-02 SVC-06 ING-04 SVC-01 SVC-05 POL-01|#ip #n 111 ah00957 attempt connect error fail pid proxy refus tid
SVC-02 SVC-06|#ip #n connect dial fail internet pod prob readines refus tcp unhealthy warn
SVC-03 RTE-10 API-03|#n component error fail found info ip kubeproxy node not retriev
SVC-03 INS-09 INS-01 SVC-10|#n command complet configur decod error fail field kubeproxy lib nodeportaddres run strict unknown var
INS-07 SVC-11 SVC-03|#n conntrack directory error file max net netfilt nf_conntrack_max no node open proc proxyserv runn such sys
SVC-11|command conntrack error fail file max net netfilt nf_conntrack_max only open proc read sys system
INS-07 SVC-10|#n cannot directory error execut exit fail file ip6tabl ipfami iptabl ipv# ipv6 line load match nf_tabl nfacct no occurr proxi restor statu such tabl v1
SVC-10|#n add busy cannot comment dev devic error fail ip ipfami ipv# ipv4 kubeproxy nftabl proces proxi resourc rule stdin sync tabl
SVC-10|#n busy cannot chain delet dev devic error later proces proxi resourc retry rule stal stdin
SVC-03 SVC-10 INS-09|#ip #n 53 endpoint error fail ip parseip proxi servic sync udp
INS-07 SVC-04|#n becaus cannot error follow ip_vs_sh ip_vs_wrr ipvs kernel load modul node not other proxi requir server_oth wrr
SVC-04|#n chain ipvsadm kubernet list ln node rule servic still virtual
SVC-05 SVC-10 INS-07 SVC-03|#ip clear connect conntrack delet error exec executabl fail file found ip look not path servic stat track udp
INS-07 SVC-07|bridg call error exist filecontent iptabl net nf not proc sys
SVC-08 INS-07|add bridg fail hairpin mode mynet name not oper plugin setup support type veth# veth1a2b3c4d
SVC-09|#ip #n clos conntrack entry gett limit nodehighnumberconntrackentriesus numb
SVC-12|#n controll ingres localendpoint name namespac nginx servic serviceproxyhealthy true
SVC-13 PRF-01|apach connect connectionpooltimeoutexcept org pool timeout wait
SVC-13|#n clust internet local outbound overflow pend servic shop upstream upstream_rq_pending_overflow
SVC-01 SVC-05 SVC-03|#ip #n 0x5a3c 80 backend drop endpoint file flow found ident ifindex nodeport not servic syn tcp unknown xx
ING-03 ING-01|#n deploy due fail loadbalanc maximum model numb reach statu toomanyloadbalanc
ING-03 AWS-01|addres addresslimitexceed maximum numb reach
ING-03 ING-01|#n 403 access answ exampl expect faultstr instead lbaa loadbalanc met octavia post quota resourc v2
ING-02 ING-01|any cannot creat elb ensur error fail find loadbalanc subnet suitabl sync
AWS-04|#n 403 authoriz auto cannot controll discov error ingres internet logg name not ntstatu oper perform reconcil subnet unauthorizedoper
AWS-04|#n 0a1 accessdeny action allow arn assum authoriz aws based becaus describelistenerattribut eks elasticloadbalanc ident no node not perform policy role sts user
AWS-04|#n account amazonaw caus credential eks eu exampl fail found id invalididentitytoken no oidc openidconnect provid retriev webidentityerr west
AWS-04 AWS-07|cach cancel context credential describeavailabilityzon ec2 ec2imd error fail found getmetadata ident imds no oper refresh request role timeout
ING-01|alb aws build clas due elbv# elbv2 fail failedbuildmodel found ingres ingressclassparam internet invalid kubernet model not warn
ING-01|clas class context contour ignor info ingres internet kind kubernetescach name namespac nginx shop target unmatch
ING-01|admiss alb aws clas deny elbv# elbv2 found ingres ingressclas invalid io kubernet network not request vingres webhook
ING-01|#ip #n 16t22 31z alloc allocateip allow configur error fail ip not op servic
ING-01 ING-07|addres allocat allocationfail also cannot chang fail git gitea ip key servic shar ssh warn
ING-01 ING-02|cloud configur ensur error fail find id internet loadbalanc no not openstack provid servic set shop subnet sync syncloadbalancerfail warn
ING-04 POL-01 RTE-01 SVC-05|#ip #ip6 #n #x 504 80 dev exampl internet linux mar mozilla pc servic x11 x86 x86_64
SVC-01 ING-04|#ip #ip6 #n 503 80 9fa0c1 cart curl feb shop
ING-04 SVC-02 SVC-06 SVC-01|#ip #n 11t09 12z 502 bad caus connect debug dial gateway refus tcp
ING-04 SVC-01 SVC-02|#ip #n 503 haproxy internet mar sc shop shop_web_80 srv srv_2
ING-04 SVC-02 SVC-05 MSH-06|#ip #n #x 000000z 01t10 1a2b 502 73e2 80 app arn aws curl elasticloadbalanc eu exampl internet kubernet shop targetgroup west
ING-04 SVC-05 SVC-02|502 backend cloud connect fail failed_to_connect_to_backend googl googleapi httprequest jsonpayload loadbalanc loadbalancerlogentry statu statusdetail type
ING-04|#ip #n answ client error exampl head larg node read sent shop too upstream
ING-04 SVC-02|502 bad content error gateway html node receiv statu text transport type unavailabl unexpect
ING-05|#n acme author check dns domain error exampl exist ietf look nxdomain param problem record shop up urn
ING-05|#n 429 acme already certificat creat domain error exact fail hour ietf issu last many new order param ratelimit set too urn
ING-05|#n challeng configur determin domain fail internet no order set solv valid warn
ING-05|#n _acm api attempt certificat challeng controll domain due error exampl find found item logg make manag no pleas process queu re read right shop sure token zone
ING-05 ING-06|#n becom certificat complet fail internet invalid order ready request resourc retry stat wait warn
ING-05|#n certificat certificaterequest clusterissu found internet io issuernotfound letsencrypt manag normal not prod referenc
ING-05|certificatestatu domain domainstatu exampl failednotvisibl kind managedcertificat provision shop statu
ING-05 ING-06|#d ago certificat certmanagercertexpirysoon expiry internet over renew should tls week
ING-06|#n certificat controll error exampl internet node not old shop ssl tls unexpect valid validat
ING-06 ING-05|#n certificat controll default error found gett internet local not shop ssl tls
ING-06|error external internet key match not privat secret shop tls validat
ING-06|#x aux bio cannot certificat emerg error etc expect fail get get_nam internet line load name nginx no pem pem_read_bio_x509_aux read routin secret shop ssl start trust
ING-06 ING-07|alert connect during error exampl fail name occurr secur shop ssl ssl_error_unrecognized_name_alert unrecogniz
ING-06 MSH-02 ING-04|#n #x alert curl error internal routin ssl tlsv# tlsv1
ING-07|internet node other refus resourc shop taken virtualserv warn
ING-07|configur defin different dock error internet multipl rout routernam shop time
ING-07|duplicatevhost exampl fqdn httpproxy internet invalid multipl shop
ING-07|admitt already apps condit exampl expos fals hostalreadyclaim ingres internet messag old older reason rout shop statu type
ING-08 IPM-06|#d #ip #mac #n addres answ arping eth# eth0 metallb unicast
ING-08 IPM-06|#ip #mac arp en0 kernel moved
ING-09|#ip #n addres although answ curl loadbalanc not ping return
POL-01|#n 113 6b db deny dropp flag id internet nov policy shop syn tcp
POL-01|#ip #n 15t01 234858520z 80 bpf bpf_lxc destin destination_port direct drop drop_reason dropp egres file flag flow ip ipv# ipv4 ipvers l4 line lxc name port reason sourc source_port syn tcp traffic traffic_direct true verdict
POL-01|#n action all all_policy byte bytes_in db default deny dest dest_nam dest_namespac dest_port dst internet name namespac policy port proto report shop sourc source_nam tcp
POL-01|#ip #n 06t20 829z client deny dest ebpf event flow info ip logg port proto src tcp verdict
POL-01|#ip #n deny dip dport ec2 internal ip node policyverdict protocol sip sport tcp
POL-01|#ip #n antreanetworkpolicy antreapolicyegressrul db deny drop rule shop tcp
POL-01|#ip #n 09t10 0x0000 121z acl acl_log alert deny direct drop dst flag info ingres log lport name np nw_dst nw_src ovn ovn_pinctrl0 pinctrl0 sever shop src syn tci tcp tcp_flag tp_dst tp_src verdict vlan vlan_tci
POL-02|#n allow app internet match namespac networkpolicy no pod podselector select shop wbe
POL-05|ingres matchlabel monitor name namespaceselector
POL-08 DNS-05|#ip #n api debug dns dnsnam due endpoint endpointid ipaddr lookup policy reject strip
POL-08 DNS-05 POL-01|#n 53 7c api coredn dns dropp feb id internet kubernet lookup proxy request shop strip system
POL-09|#n endpoint error policy revis run timeout wait
POL-10 POL-09 SVC-10|#d #n exhaust kubernet networkpolicy policy rout rule sync took
POL-11 API-03 MSH-01 RTE-01 SVC-03|#d #ip #n addres clust connect controll endpoint error fail linkerd linkerd_reconnect local policy port reconnect servic threadid timeout warn watch
POL-11 MSH-02 POL-01 RTE-01|#ip #n context prometheu stat timeout
POL-12|#ip #n clusterip db egres evaluat ipblock match never rule shop transl
POL-13|80 app clust external fromendpoint froment ingres internet matchlabel method path port rule toport
POL-15 POL-01|#n addres first hpa ipblock list name new pod policy refus replica sinc ten went
POL-16 POL-01|app deny helm io kubernet label manag mast meta name networkpolicy other podselector redi releas sh traffic
POL-07|cni enforc flannel found install networkpolicy not object them warn
POL-01 POL-06 POL-16|affect allow connect deny egres ingres none not pod podselector policy select traffic type
MSH-02 MSH-03|#ip #n 003z 02t08 chain filt filter_chain_not_found found not nr
MSH-06 ING-04 MSH-02 SVC-05|#ip #n #x 0_372 503 80 95 abc answ apach api befor clust connect connection_termin health httpclient java local outbound product reset servic start statu termin uc upstream upstream_reset_before_response_start v1
SVC-02 SVC-06 MSH-02 SVC-01 ING-04 SVC-05|#n 11t01 127z 503 _111 answ befor connect curl delay delayed_connect_error demo error failur head remot remote_connection_failur reset start uf upstream upstream_reset_before_response_start
POL-01 MSH-03|#n 003z 02t08 403 a1 acces admin curl deny inbound internet match none policy rbac rbac_access_denied_matched_policy shop
MSH-03|#ip #n 003z 02t08 503 80 a1 clust cluster_not_found curl found internet nc not shop
POL-01|#d #ip #n admin api app client client_id clientid clust connect deny establish group ident inbound info io kind linkerd linkerd_app_inbound local metric name negotiat negotiated_protocol node none policy port prometheu protocol serviceaccount some tcp threadid tls viz
POL-01 MSH-02|#d #ip #n addres admin answ app client clust connect core daemon default error fail info linkerd linkerd_app_cor listen node request rescu threadid unauthenticat unauthoriz
MSH-02 MSH-01|#d #ip #n addres app authenticat client clos connect core direct error inbound info linkerd linkerd_app_cor must mutual serv sourc threadid
SVC-01 POL-11 SVC-05 MSH-01 POL-01|#ip #n 80 addres answ app backend core default error fail fast internet linkerd linkerd_app_cor logical outbound proxy request rout servic shop threadid warn
MSH-01|enabl info inject ist# ist0102 istio kubectl label namespac not run shop
MSH-01|#n internet ist# ist0103 istio miss often pod proxy redeploy resolv restart shop warn
MSH-03 ING-07|associat behavior defin duplicat gateway internet ist# ist0109 lead mesh node shop undefin virtualservic warn
MSH-04|#n 0kb 261000kb 812344kb adj anon cgroup envoy file kill memory node oom_score_adj oomkill out proces rss scor total
INS-01 CFG-08 POL-11 MSH-05 MSH-01|500 add cannot cni connect error event fail istio mesh name no partial plugin pod push statu type ztunnel
POL-11 API-03 MSH-01|#n cds configur envoy istiod lds node not proxy ready receiv refus runn successful updat warn xds
MSH-03 INS-09|#n cds configur envoy lds node not proxy ready receiv refus successful updat warn xds
POL-11 API-03 MSH-01 SVC-03|#ip 15012 citadelclient connect csr dial error fail sign tcp timeout transport unavailabl
AWS-05 POL-01|#ip #n #x eni ok reject
AWS-06|#n instanc interfac ip medium node not pod securitygroup support t3 trunk type unsupport warn
AWS-03|#n 1b2c block cidr enough free id not request satisfy specify statu subnet
AWS-01|addres exce limit numb privat privateipaddresslimitexceed
AWS-07 API-03|#ip #n 443 amazonaw call cannot caus describenetworkinterfac dial ec2 eu fail post request requesterror send tcp timeout west
AWS-08 AWS-01|back deleg fall instanc ip m4 mode not prefix secondary support type xlarg
INS-01 AZR-02|#ip #n add addres cns connect dial error fail invok ip ipam localhost network post refus request requestipconfig tcp
AZR-02 AZR-01|#ip #n addres capac enough fail ip ipam messag monitor not pod pool prefix scal subnet subnetisfull
AZR-03|azur fail initializ ipam json key lock plugin resourc run stor temporari unavailabl valu var vnet
AZR-04 AZR-01|add addres allocat availabl cni command complet delegat error fail net nil no pool result
IPM-07 GCP-03|#ip #n clust corporat overlap pod rang rout vpn
ING-01 SVC-05 ING-04|#n ab12 error fail field googleapi internet invalid k8s1 neg networkendpointtyp not resourc retry servic sync syncnetworkendpointgroupfail valu warn
MCL-01 MCL-03|#ip #n cidr clust discover node subctl
MCL-02|#n acceptabl answ cabl east exceed first ikev# ikev2 messag no parent retransmit second stat state_v2_parent_i1 submarin timeout
MCL-02|#n 443 apps c5 connect disconnect east exampl fail info inter io node proton refus rout skupp
MCL-02|#ip #n 443 abc apps claim connect controll dial east exampl fail post redeem refus servic skupp tcp
MCL-02 ING-06 API-01|author cannot certificat clust clustermesh clusternam east error fail reach remot sign tls unknown verify
MCL-02|#n 04z 16t06 client clusternam connect east error etcd exceed kvstoremesh modul observ reconnect setup timeout warn
MCL-03 IPM-07|#ip #n cidr clust duplicat east enabl globalnet not pod west
MCL-04 MCL-03|#ip #n clust drop felix ippool no other rang remot
MCL-05 SVC-01|exist export fals internet not servic serviceexport serviceunavailabl shop valid
MCL-02|#n 01z 02t10 clust connect context east error gateway linkerd mark mirror name problem servic timeout unhealthy warn
|#x configur info plugin reload runn sha# sha512
|#d #ip #n aa clust errs fals info internet local no qr rd servic shop udp
|#n 00z 01t10 controll deploy info ingres ingressgroup internet logg model shop successful
|certificat exist internet issu normal not secret
|#n any certificat challeng clean controll determin internet kind logg manag name need order resourc resource_kind resource_nam sync up
|#ip #n 003z 02t08 a1 curl default inbound internet shop upstream via via_upstream
|#d #n 003z 02t08 ads chang clust configur debounc info internet last local push servic serviceentry shop sinc stabl
|#d #n 00z 01t00 abc# abc1234 info linkerd linkerd# linkerd2 linkerd2_proxy proxy releas threadid
|#ip #n 26t06 677084247z announc default event ip layer# layer2 main metallb pool protocol servic serviceannounc system test
|#ip #n 16t22 31z announce event info internet ip layer# layer2 main notown protocol reason servic servicewithdrawn shop withdraw
|#n 04z 16t06 api daemon import info policy policyrevis recalculat
|#n 113 6b ack db endpoint flag forward id internet nov psh shop tcp
|#n c4 clos connect core info rout router_cor
|#ip #n 07t14 0x57ceac1998b38d8 748z cabl dbg dst ery nat numb receiv request request_numb request_send send site# site1 site2 src submarin using using_dst using_src
|#n 27t11 947z attach controll ebpf info logg namespac pod policyendpoint prob requir successful task timestamp
|#n backend chang configur controll detect reload requir
|#ip #ip6 #n 80 9fa0c1 cart curl feb shop
|#n 11t09 12z inf ingres provid start
|#d #ip #n 0f1 accept applic audit client id json list mar pod protocol resourc total trac
|#n iptabl linux node proxy server_linux
|#n 11t09 12z already date info record up
|#ip #n haproxy internet mar shop shop_web_80 srv srv_2
|#ip #n 003z 02t08 a1 dc disconnect downstream downstream_remote_disconnect inbound internet okhttp post remot shop upload
|#n apply dataplan felix info int int_dataplan updat
|#n 0x0 5c9f bpf bpf_lxc drop endpoint fe80 ff02 file flow ident ifindex l3 lxc protocol routersolicit unknown unsupport xx
|ensur ensuredloadbalanc internet loadbalanc normal servic
|#d controll event ingres nginx normal over schedul sync x2
|accept controll gateway gw info programm reconcil shop true
|#n acquir aws controll kubernet lead leaderelect leas loadbalanc successful system
INS-01|#ip #n 0_data addres allocat cannot cni connect db dial fail ip network networkplugin pod post refus set tcp up
INS-01 RTE-19|add api connect daemon dial dummy fail kubernet openvswitch ovn plugin post refus run sock type unix v1
INS-01 INS-09 BPF-02|#n calico crash error exit last node reason stat terminat wait
INS-01|#n agent availabl cilium failedschedul io node not ready taint true untolerat warn
INS-02 INS-03|#n bin check cni cni_path containernetwork default directory exec fail fata file firewall github install need network no opt path plugin releas see sett stat such verify
INS-03|add bin cni fail find local node opt path plugin type
INS-05 INS-02|cni fail find kubernet lib libexec overlay ovn path plugin usr
INS-06 INS-01|add calico creat directory error fail file lib no nodenam open plugin pod read sandbox such type var
INS-07|#n chain creat ensur error exist exit fail initializ iptabl kubernet nat nftabl not protocol servic statu support
INS-07|#n cannot chain ensur error exec exist exit fail format insert ip_tabl modprob proxi statu tabl
INS-07|#n add answ configur devic exit fail felix ipip not oper rtnetlink statu support tunl# tunl0 tunnel
INS-09|crds default ensur error fail felixconfigur first found install kind mapp match name namespac no not org projectcalico resourc upgrad v3 vers
INS-12|#n caus container_linux containerd creat directory entrypoint error exec fail file linux no oci pod proces runtim start stat such task thin thin_entrypoint unknown
INS-11|agent bpf cilium error fail fs generat mount not path pod shar spec sys
API-01|#n endpoint fail list reflector unauthoriz v1 watch
API-01|add cni fail linkerd name plugin type unauthoriz
API-02|api cannot controll coordin error forbidden group io kubernet leas lock memberlist metallb namespac resourc retriev serviceaccount system user
API-03|#ip #n 443 api configur connect dial fail kubernet node pars rout tcp timeout v1
API-03 MTU-03 MTU-01|#ip 443 agent api error handshak n4 net node register runn timeout tls v1
API-03 RTE-07 SVC-03|#d #ip 443 connect dial error pod storag tcp timeout unreachabl vers
WHK-01 SVC-01 SVC-02|#d #ip 443 call connect dial error fail inject injector internal io istio istiod namespac occurr post refus servic sidecar system tcp timeout webhook
CFG-01|cni configur dock messag network networkpluginnotready not plugin ready uninitializ
CFG-02|#n cni configur conflist during end error etc fail file init input invalid json list load net pars unexpect weav
CFG-04|#n becaus calico cni conflist delet etc flannel net never node old sort uses
CFG-07|#n bbc# bbc8 cni configur delet destroy fail incompatibl loopback network plugin sandbox support type vers
CFG-10|#n adding allow cni configur error fail n6 network not oper pod set sriov vf vlan
IPM-01 IPM-02 AWS-01|alloc availabl back becom crd info ip ipv# ipv4 not podcidr pool requir wait
IPM-02 IPM-03|acquireaddressfail controll kubernet noavailableaddres ovn warn
IPM-04|addres allocat assign auto block cannot due fail limit new node per
IPM-06|#ip addres allocat already anoth detect duplicat endpoint ip ipam warn
IPM-10|#ip alloc belong cannot control delet ip loop overlapp pod reconcil reserv
IPM-11|#n cidrallocator cidrnotavailabl node normal now statu
IPM-12|cannot find ip match no node pool selector zone
RTE-04 RTE-07 RTE-06 RTE-17|#ip #n connect dial fail healthz prob readines tcp unreachabl
RTE-06 RTE-07|#ip #n block chain cni# cni0 dpt dst flannel forward out proto src tcp ufw
RTE-08|#ip #n cbr# cbr0 configur default destin dev filt ipv# ipv4 martian net rp_filt
RTE-10 BGP-02|#n addres any enp# enp7s0 fail find found given interfac ipv# ipv4 main no valid
RTE-14|#ip curl internet itself name node pod resolv timeout unreachabl
RTE-16|#n backend between imag iptabl kubeproxy legacy nf_tabl node rule split tabl two uses v1
RTE-19|connect db dial fail openvswitch ovsdb refus run sock unix var
BGP-01|#ip #n 179 connect dial error fail nativ op peer timeout
BGP-03|#n bad bird error expect node node_10_9_0_1 peer
BPF-02|#n attach bf cil cil_to_host cilium cilium_host collect deny ebpf error kernel line load node omitt permiss program r2 r6 read read_ok
BPF-03|01021 cannot cilium cilium_policy_v2_01021 devic entry error exhaust insert left map mapnam no policy spac warn
DNS-02 DNS-05 SVC-03|#n connect coredn could deploy dig no node reach ready timeout
DNS-04|#ip #n 53 error exampl github plugin read timeout udp
DNS-11|#ip 443 api dial fail info kubernet list listandwatch namespac plugin reflector tcp timeout trac v1
DNS-05 DNS-02 DNS-04 DNS-07|addres again connect dns error fail inform lookup request send servic shop stock try trying url
SVC-01 ING-04 SVC-05|availabl backend front http no node till till_front_http warn
SVC-09|#n callback conntrack dropp exhaust net net_ratelimit nf_conntrack packet ratelimit suppress tabl
SVC-10|#n add append busy chain chain_add devic ensur error exit fail iptabl jump kubernet nf_tabl resourc rule servic statu tabl v1
POL-01 POL-02 POL-09|#n db deny dropp flag id internet mar policy shop syn tcp
POL-01|#ip #n deny dest flow info ip port proto src tcp verdict
ING-01|edge error found ingres ingressclas kubernet not skipp
ING-04 SVC-01|#ip balanc client connect exampl live no node test upstream upstream_balanc
ING-05|#ip #n acme author challeng connect during error exampl fetch firewall ietf known like param problem test timeout urn wait well
ING-06|certificat exampl fail ingres local not shop test tls valid verify
MSH-02|#n 503 answ befor connect connection_failur error failur internal numb openssl openssl_internal reset routin ssl ssl_routin start tls tls_error uf upstream upstream_reset_before_response_start urx vers wrong wrong_version_numb
NOD-02|cannot creat error file many node open proxyserv runn too watch
AWS-02 ING-02 ING-01|#n 0b7 addres availabl deploy due each elb enough fail free invalidsubnet ip least model not requir spac subnet
AWS-04|api attach attachnetworkinterfac authoriz ec2 eni error fail ipamd not perform unauthorizedoper
AZR-02|add addres allocat allocateipconfig availabl azur cns enough error fail invok ip ipam more network not plugin sandbox setup type vnet wait
MCL-02|#n activ cabl connect driv endpoint found gateway libreswan no not remot statu submarin
RTE-03 RTE-04|#ip #n flanneld found not rout vxlan
RTE-03 RTE-04|#ip #n flanneld l3 miss vxlan
RTE-06|#ip #n accept dock drop forward iptabl isol no reboot rule stag
RTE-02 RTE-03|addres bridg devic fdb keep mac new one other reboot stal vxlan
RTE-04 RTE-03 API-03|adds flannel node one only other rout two
BPF-02 BPF-05|#n argu bpf bpf_set_retval call cgroupsock detect error fail fatal fnsetretval help invalid line load not omitt prob program progtyp r1 retval scalar set support type
BPF-05 INS-09 BPF-02 INS-02|#n bin cgroup cilium cni execut fail kernel mount need nsent older opt
INS-09 API-02 API-03 INS-01|availabl cilium ciliumcidrgroup crds info io kubernet still wait
RTE-08|#n answ configur filt ipv# ipv4 lxc move net no node other pod rp_filt systemd
RTE-13 RTE-02|arp aws cni entry mac old one overwritten pod point static systemd udevd veth
RTE-19 INS-07 INS-01|br0 detail detect error fail log node openvswitch origin plugin see sett start up vsctl vswitchd
|4789 devic disconnect nmcli sys vxlan vxlan_sys_4789
CFG-01 INS-01|cni configur dock fals messag network networkpluginnotready networkready not plugin ready reason runtim uninitializ
INS-07 INS-01 CFG-09 RTE-10 CFG-02|#n 0x57 creat dataplan dataplane_window fail hns hnscall incorrect network paramet startup win# win32 window
INS-01 AZR-01 INS-07 AZR-02 RTE-17|add cni creat element error fail found hns not pod sandbox
CFG-09 INS-07 CFG-02 INS-01 CFG-10 INS-09|0x803b000d configur fail hcncreateendpoint invalid miss paramet policy provid win# win32
RTE-17 INS-01 INS-07 RTE-04|cannot creat endpoint find hns pod v2 vxlan# vxlan0
IPM-06 CFG-10 RTE-17 IPM-05|error eth# eth0 exist file interfac renam vethxxxxxxx
CFG-10|adding busy configur default devic error macvlan network pod resourc samplepod
CFG-10|add call cni fail found ipvlan link lookup mast not plugin setup type wlan# wlan0
API-02|#d #n cilium ciliumendpoint controll fail forbidden io kubeproxyreplace kubernet sinc sync true
RTE-10 INS-01|#ip #n cannot cmd controll creat daemon detect devic error fail find funct hook legacydaemon start
BPF-03|argu backend cannot cilium cilium_lb4_backends_v3 element error key larg lb4 list long map servic sync too updat
RTE-03 RTE-04 RTE-17 INS-07|#ip #n cannot cilium cilium_vxlan dev devic endpoint error insert no replac rout such tunnel vxlan warn
RTE-14 BPF-06 POL-01|#ip #n 0x1 drop flow ipv# ipv4 masquerad nat proto protocol unsupport xx
BPF-06 NOD-04 BPF-02|cannot clang compil error execut fail fatal kill program xdp
BPF-05 INS-09|#n ebpf fatal kernel legacy node not requir rout support
AWS-01 AWS-04 AWS-02 IPM-02|#n api availabl cilium ec2 ipam operator pool requir throttl wait warn
SVC-10|#n directory error fail felix iptabl lock open run tabl xtabl
INS-07 SVC-10 BPF-05|#n allow dataplan error exit fail fami felix inet ipset kernel not oper receiv resync statu v6 warn
BGP-02 IPM-06 RTE-10|#ip #n calico conflict info ip ipv# ipv4 node now previous startup
IPM-04 IPM-03|#ip #n addres collect controll garbag handl ip ipam kubernet leak lose network node pod
IPM-11 IPM-04 IPM-02|#ip #n block blocksiz error ip left no node pool small too unclaim
INS-01 PRF-01 NOD-01 API-03|client connect disconnect fail felix node peer read reset send slow sync sync_serv too typha w3
RTE-07 INS-01 API-03 RTE-01|#ip #n 5473 connect daemon dial error fail fatal felix open tcp timeout typha
IPM-06 IPM-04 IPM-08|#ip #n advertis allow both conflict error ip node peer w3 w8 wireguard
BGP-04 BGP-03|#n bird calico confd configur error etc id line may one only rout set
BGP-03|#n bird error mesh mesh_10_1_2_9 wrong
RTE-20 BGP-03 RTE-04|#ip #n addres bird hop next recursiv resolvabl rout through
BGP-02 RTE-10|#ip #n 179 addres assign bgp bind cannot controll error initializ listen network network_routes_controll node request rout tcp# tcp4
BGP-05 BGP-03 BGP-01|#n bgp bgp_pe external fail io ip kubernet no node peer rout though w4
BGP-03 BGP-01|#ip bgp bgp_read_packet bgpd connect error packet peer read reset
BGP-03 BGP-01|#ip #n below bgp configur due gtsm idle last minimum neighbor peer remot reset stat ttl
BGP-03 BGP-01 NOD-01 RTE-01|#ip bgp bgp_fsm_establish down establish expir fsm hold info key peer reason stat timer topic
NOD-01 INS-11 NOD-02|#n cni creat devic error fail left mount namespac net netn network no proc run runpodsandbox sandbox spac
INS-05 CFG-02 CFG-01|#n bin bin_dir both cannot configur containerd cri dir dirs error fail grpc invalid io load plugin set v1 warn
INS-05 INS-02 CFG-01|bin cni configur directory dirs entry fatal file invalid network no opt plugin plugin_dir stat such validat
CFG-07 INS-09|check cni cni_command command error fail invalid network ovn plugin pod skipp sysctl type unknown warn
API-01 API-03|#ip 443 add apis author becaus calico certificat clusterinform crd crypto default error fail failedcreatepodsandbox gett kubelet org plugin possib projectcalico rsa sign type unknown v1 verific warn
INS-12 INS-02 CFG-03|bin cni containerd creat deny error exec fail install kubelet oci permiss runtim shim task unknown usr warn
BPF-01 BPF-05|#n allow bpf bpff calico error fail filesystem fs init mount node nodeproc not root sys
INS-09|cannot crd crds customresourcedefinit error fail find install ippool node request resourc v1beta1 yaml
INS-05 INS-02 INS-01|bin check cni dir directory fail failedmount hostpath mountvolum not opt setup type volum
CFG-01 CFG-10 INS-01|#n adding calico cni conflist db default delegat error file found indicator multu net network not pg plugin pod readines ready run
CFG-10 CFG-02|configur expect given networkattachmentdefinit object schemaerror spec string
CFG-10 CFG-02 IPM-10 IPM-07|#ip #n end internal ipam not rang range_end whereabout
CFG-10 RTE-17|add allocat call dhcp error fail found link namespac net# net1 not plugin type
|#ip configur error fail found ip local node not pod pod_configur releas stor
IPM-02 IPM-03|#n addlogicalport allocat exhaust fail internet ip logical ovn rang shop switch w4
IPM-07|#ip #n cidr default overlap ovn servic subnet
IPM-04 IPM-02 IPM-03|#ip #n error free ipam lose network no owned peer ring seed spac
MTU-01 MTU-04 MTU-03|#n discovery dropp effectiv fail mtu pmtu sleev verific warn
INS-07|#n about disagre error kernel releas sock symbol tunnel udp udp_tunnel_sock_releas unknown vers vxlan
INS-07 SVC-03|error found group ip_vs_rr ipvs join kernel modul multicast not
BPF-05 BPF-02|#n bpf deny disabl fail kernel load permiss prog unprivileg unprivileged_bpf_disabl
BPF-06 INS-07 RTE-04|cannot clsact exclusiv flag kernel modify qdisc tc
NOD-03|#n 1024 entry exhaust gc_thresh3 kernel near neighbor tabl thresh3
NOD-01 NOD-04 INS-01|calico cgroup controll fork kernel kubepod node pids pod# pod12 refus
NOD-02|#n add descriptor devic fail inotify left no spac systemd user watch
MTU-01 MTU-03 MTU-04|#n 1450 answ app byte fail hello mtu never pass ping pod tls
MTU-02 MTU-01 MTU-04|1500 9001 answ eth# eth0 group jumbo lose mtu new node old
PRF-01 PRF-02 MTU-01 RTE-05|#n between exec gbit iperf# iperf3 ipip kubectl mbit node retr show without work
PRF-02|5mbit bandwidth clas htb plugin rate show tc
RTE-04 IPM-07 IPM-09|#ip #n docker# docker0 flannel goes instead node rout
RTE-20 RTE-04|#ip anoth answ bgp dev ip learn node rout tunl# tunl0
BGP-02 RTE-10|#ip calico card chos node thre two virbr# virbr0
RTE-11|alway calico half ipipmod ippool node other rout vxlanmod
RTE-01 AWS-05|#n answ no node not other pod protocol rule securitygroup
RTE-15|addres canipforward dropp gce instanc lack packet pod vpc
|#n accept chain chang default forward main policy
|auto back daemon disabl enabl external fall featur info ip legacy node nodeport rout
|daemon due exit info signal terminat
|#n 23t16 841838404z duplex eno# eno1 exhaust info kern link mbps tg3 up
|#n configmap io kubernet load node origin plugin volum
|devic kernel left mode promiscuou tun# tun0
|#ip #n affin info ipam node node# node02 startup trying win
|command discoverabl hns import includ less make might modul name some them unapprov verb warn
|#n controll exhaust not plugin requir sdn sdn_controll setup
|#n fail internet not output pod prob probetyp shop start startup yet
|#n 0f1e clean dir kubelet kubelet_volum orphan pod poduid up volum
|complet info reload
|#d apply durat expect long request too took warn
|#n 2e aa discover info mac remot w2
|complet info initial stat sync
|#n iptabl node other proxi server_oth
|call deletenetworkpolicy info noth
|creat dump file heap warn
|any directory fatal git not parent repository
SVC-10 SVC-03 RTE-16|#n cannot directory error execut exit fail file help inform iptabl kubeproxy kubernet line load more no nov occurr proxi restor sep statu such target try v1 x2
SVC-10 SVC-03|#d #n fail proxi retry sync
|#n cannot conn_reuse_mod connect ipv# ipv4 kernel least mode must net proxi reus set sysctl vers vs
|#n cidr clust clustercidr default defin detect ipv# ipv6 local mode no node op other server_oth set
RTE-04 RTE-07 SVC-05 ING-04 RTE-01|#ip #n 113 batch client connect error fail node post request rule shop test unreachabl upstream
INS-07 SVC-11 SVC-03 NOD-01|conntrack directory file k3s max net netfilt nf_conntrack_max no open proc such sys
INS-07 SVC-07|#n 07t05 144115137z bridg call directory fail file iptabl net nf no open proc such sys valu warn writ
INS-07 POL-07 SVC-10 NOD-01|#n 07t05 1z cannot fata ipset kernel open sess v7
INS-07|#n devic directory el8 el8_9 error fatal found lib modprob modul not type unknown wireguard x86 x86_64
INS-07 INS-01|#n 18t09 51820 add command cut del dev echo error exit export fail fata flannel ip link listen null port run set sh statu subnet subnet_ip wg
INS-07|#n 24t21 cannot creat edge# edge7 error exit fail flannel interfac k3s network not oct oper regist support wireguard
INS-07|#n 00z 11t09 exit fatal flannel not oper support
INS-01 API-03 RTE-19 IPM-02|#n #x adding annot cni condit creat default error fail internet kubernet network networkplugin ovn pod request sandbox set statu timeout unknown up wait
RTE-19 INS-01|#ip #mac #n #x ab adding apiserv apiserver_1_0 apiserver_apiserv bind cni configur creat error fail install interfac k8s_apiserv kubernet multu network openshift openvswitch ovn pod port request sandbox statu timeout unknown vfkpj vfkpj_openshift wait
IPM-01 INS-01 IPM-11 API-03|#n annot found kubernet no node org ovn start subnet wait wk2
API-03 INS-01|111 annot cni connect error fail kubernet openvswitch overlay ovn pod refus
RTE-19|configur db error fail file lock openvswitch ovsdb resourc run temporari tool unavailabl var
RTE-19 INS-07|#d #n addres again client connect db not openvswitch ovs_client ovsdb run sock try var yet
RTE-19|#n 02z 06t06 br connect dial error fail int mgmt openvswitch refus retry run second unix var
RTE-19|#ip6 #n bridg disconnect ofctrl ofctrl_bridg ofswitch
|#n board configur found interfac not pod pod_configur pzj# pzj5w stor updatemirror
|#n 02t22 824z allow cannot enabl info listen netlink netlink_socket not nsid oper socket
POL-07|#n antreaproxy correct enabl enforc might networkpolicy not option options_window servic traffic window
ING-08 ING-01|#ip #n 05t03 21z component could decrypt error fail install keys memberlist messag net no receiv
|#n 05t03 21z component fail lookup memberlist no node resolv such warn
|#ip #n 102933399z 15t11 announce edge event gw info ip layer# layer2 notown null pool protocol reason servic servicewithdrawn shop withdraw
SVC-01 ING-01 SVC-12|#n announce auth event info keycloak layer# layer2 main noactiveendpoint protocol reason servic servicewithdrawn withdraw
|#ip #n 15t19 54z addres announc announce assembl error fail gratuitou gratuitousannounc hardwar invalid ip make op operationrequest packet
|fail found memberlist metallb mountvolum not secret setup volum
MSH-02 ING-06|#d #ip #n addres certificat clust connect content controll endpoint error fail headles ident invalid linkerd linkerd_reconnect local peer reconnect servic sourc threadid unknownissu warn
MSH-02|#d #ip #n addres alert badcertificat clust connect controll endpoint fatal headles ident linkerd local rustl send servic threadid warn
|#d #ip #n 111 addres connect controll endpoint error fail linkerd linkerd_reconnect localhost os policy port reconnect refus threadid warn watch
MSH-02 MSH-05 POL-11 RTE-01 API-03|#d #n admin app bg cannot certify dispatch error fail fash grpc ident linkerd# linkerd2 linkerd2_proxy messag proxy request statu time unknown
RTE-01 POL-01 POL-11 SVC-03 MSH-02 RTE-04|#d #n addres clust connect controladdr error ident linkerd linkerd# linkerd2 linkerd2_proxy local name nameaddr port proxy reconnect request servic serviceaccount some timeout warn
ING-05 SVC-08|#n acme app await certificat challeng check client context dnsnam error exceed fail head known manag perform propag request self shop sync test timeout type well xhaz
ING-05|#n acme app challeng check eof fail known perform propag q1 request self shop test wait well
POL-10 POL-09 SVC-10 POL-07|#n abort chain controll error exist fail given ipset line miss name network network_policy_controll networkpolicy not perform policy restor set sync v7
SVC-10 SVC-03 POL-10|#n 19t00 460859076z 53 busyn endpoint error fail ipset iptabl ipvs kernel log permit receiv resourc rule servic service_endpoints_sync stderr stream sync traffic v7 vip
INS-07|#n controll creat error fail ipset kernel kubernet network not receiv rout run set support system type v6
|#ip #n 29t22 addres annot bgp cannot controll find io ip kubernet listen local network network_routes_controll node object rout stderr
DNS-08 DNS-04 DNS-02 DNS-05 DNS-07|#n addres brok cannot clas error eu factory invok java kafkaappend lang main method name net no runtimeexcept shop test unknownhostexcept usabl
DNS-02 DNS-04 DNS-05 DNS-07 DNS-08|dev inet# inet4addressimpl java kms known lookupallhostaddr method name nativ net not servic shop test unknownhostexcept
DNS-01 DNS-02 DNS-04 DNS-05 DNS-06|again event except java log net post retry test try unhandl unknownhostexcept vendor
DNS-02 DNS-05 DNS-04 DNS-08 DNS-07|addres bad internal ping some test
|#d #ip #n #x 071z 18t12 4bg84 coredn errs fals info internal no qr ra rd some tc test udp
RTE-05|#ip #n 8472 bad checksum udp ulen
RTE-05|#n 0x08 0x4e7f 0xbd67 4789 bad cksum flag udp vni vxlan
BPF-06 BPF-02|#n #x 58_next bpf bpf_lxc containerid datapath endpointid error exit fail file joinep load lxc lxc# lxc30e9e94e930d path prog program statu tc veth warn
BPF-06 BPF-02 BPF-03|#n 00058 argu call cilium cilium_calls_00058 creat datapath fail invalid libbpf load map warn
BPF-03 BPF-06|#n argu attach call cilium cilium_call_policy collect datapath ebpf endpointid error fail ident ingres joinep kernel key larg list load long lxc# lxc1f75a15d31e2 map policy populat program putt too updat valu veth warn
BPF-06 POL-09|#n #x cannot containerid disabl endpoint endpointid error fail networkpolicy policyrevis program proxy regener updat warn
BPF-02|#n buff byte datapath dump load log small too trie verifi warn
|endpoint ignor not prob processor recogniz target warn
|argu cannot cilium cilium_ipcach creat debug error hash instead invalid ipcach kernel lpm map maps not support tabl
SVC-01 ING-07 ING-04|#n ca controll endpoint error key local match no object obtain scal serv servic stor
|#n client client_config configur inclusterconfig kubeconfig mast might neith nor not specify work
SVC-01 SVC-02|#n 80 activ any api controll endpoint not polyaxon port servic
IPM-02 IPM-10 IPM-03|#ip #n 0x0 0x18 0xac 0xfe 0xff 1_prov 4e5a8a adding allocat cannot cni creat engin error fail gls ip ipmask ipnet mask n99prov net network networkplugin pod prov rang sandbox set storag unknown up
CFG-10 CFG-01|#n 1_a 9f533b args cni creat delegat error etc fail found getcniconfig getcniconfigfromfil getnetworkdelegat gett kubernet load multu net network networkplugin no pod sandbox set tryloadpoddelegat unknown up
IPM-03 IPM-02|#ip #n 82c575 add addres allocat availabl creat delegat down error fail invok ip macvlan multu network no plugin pod rang sandbox set setup tear unknown
|#ip #n #x 17t09 44z cni debug default fals mynet network nil samplepod setnetworkstatu true
AWS-06|#d 0xc00027d9d0 allocat already branch branchallocationfail cannot controll creat eni entry exist fail new older over pod resourc vpc warn x5
AWS-06|#n 10t21 301z addnetworkrep branch eni fail info pb resourc send
|#n 004z 01t19 504 datastor delnetworkrep devicenumb error info ipv# ipv4addr pb pod send unknown
|#ip #n 15t04 977z addnetworkrep devicenumb error info ipv# ipv4addr ipv6addr nil pb send
|#n #x 13t13 483z awsutil creat eni info securitygroup subnet
AWS-02|allocat allocator aws error fail insufficientfreeaddressesinsubnet ip ipam
POL-01 SVC-06 SVC-02 RTE-01 SVC-01 PRF-01|#ip6 80 await client context exceed fail head prob startup timeout
SVC-01 SVC-02 POL-01 POL-09|#n 111 cannot connect dump error mariadb node servic shop trying
PRF-01 POL-01 SVC-06 SVC-02 RTE-01 SVC-13 SVC-01|#ip #n await cancel client connect exceed fail head health livenes net prob request timeout wait
WHK-01 GCP-01 API-03|#d complet error node not request timeout within
POL-01 RTE-01 SVC-01 SVC-02 SVC-03|#n assign bootstrap call callnam concurrent controlplan describemetadataquorum java kafka node servic timeout timeoutexcept util wait
POL-11 POL-01|#d #ip #n 15008 26t17 80 953004z acces addres block byte bytes_sent complet connect deadlin direct dst durat elaps error hbon hbone_addr mayb networkpolicy outbound pod port sent shell src timeout
MSH-01 SVC-02 MSH-02 SVC-06 POL-11|#d #ip #n 111 15008 29t17 936188z acces addres api byte bytes_recv bytes_sent clust complet connect direct dst durat error hbon hbone_addr io local os outbound recv refus sent servic src webapp
SVC-01 MSH-01 MSH-02 SVC-02 POL-11 SVC-13 SVC-06|#ip #n 29t17 45z 80 cloudflar connect connindex dest down error event fail health ip may not origin peer read request reset respond servic tcp test traffic type unreachabl
SVC-02 SVC-06 ING-04 SVC-01 SVC-05|#ip #n #x 142z 27t20 503 80 _connection_refus answ befor clust connect curl default delay delayed_connect_error echo error failur local outbound refus remot remote_connection_failur reset servic shop start test uf upstream upstream_reset_before_response_start
MSH-02|#ip #n 15008 27t20 80 995z addres certificat certificate_verify_fail client connect connect_originat end envoy error fail internal internal_client_addres openssl openssl_internal originat routin ssl ssl_routin tls tls_error tls_error_end uf urx verify
MSH-02 MSH-01|#n 05t10 7ed3 909771z client connect error frame_size_error goaway h2 handshak hbon id kind library outbound packet perf proxy shell size tmp wl
|#n 25t19 381780z break error h2 ping pipe proxy
|#n 15021 15t19 254247z addres component establish hyper hyper_util info istio lcvtw listen proxy readines util ztunnel
MSH-05 INS-01 CFG-08|1eaf61 500 add cannot cni creat error event fail istio name network plugin pod push sandbox setup type unknown
POL-01|acces deny rbac
RTE-07 API-03 RTE-01|#ip 6443 again api clust configmap dial discovery external fail info kubernet namespac request tcp timeout try v1
API-03 NOD-01|#d #ip 6443 api apiserv cannot clust configmap connect dial error execut external ident info kubernet local namespac phas preflight refus tcp timeout v1 validat
API-01 API-03|#ip 6443 bootstrap certificat check connect endpoint expir fail not valid vers yet
|found not path preflight socat system warn
INS-08 INS-07|#n add creat directory env error fail file flannel loadflannelsubnetenv network no open plugin pod run sandbox setup subnet such type unknown
MTU-01 MTU-03 MTU-04|#n #x alert bad curl early eof errno error fail fatal git mac openssl read record routin ssl ssl_read tls warn
BPF-04 SVC-04|#n addres already bind edge fail failedtostartservicehealthcheck gw healthcheck listen node port start tcp w1 warn
|creat error fail not pod runsc runtimehandl sandbox support unknown
|cannot cgroup containerd creat driv error fail mismatch oci pod retriev runtim sandbox shim task unknown
RTE-14 RTE-07 RTE-01 NOD-01 RTE-15|#ip #n 443 creat dial error fail head imag io kubernet manifest paus pod pull registry request sandbox tcp timeout unknown v2
|61fe containerd content creat digest e3e5 error extract fail found imag layer not pod read sandbox sha# sha256 stor unknown unpack
INS-01 API-03 INS-07 SVC-10 BGP-02|503 calico fail felix node not prob readines ready report
BGP-04|bird birdv# birdv4 calico cannot connect ctl dial directory error fail file no node not prob query readines ready run socket such unix var
BGP-02 BGP-03|172 bird connect mesh mesh_172_18_0_1 receiv refus
NOD-03|#n cach ndisc ndisc_cach neighbor neighbour overflow tabl
|#n callback net net_ratelimit ratelimit suppress
NOD-02|bindexcept file java many net open too
INS-01|add api cni connect daemon dial directory dummy fail file jnzjz jnzjz_kub kubernet network networkplugin no openvswitch ovn ping pod post run set sock such system unix up v1
INS-01|#ip #n 713ed7 add addres allocat cannot connect dial fail ip name net plugin post refus tcp type weav
IPM-02 IPM-03 INS-01|#n 500 availabl dxp ip no pod request return sampl
INS-01|#n annot cni context fail pod request statu timeout wait
API-03 INS-01|abort annot cni connect error fail kubernet openvswitch overlay ovn pod refus
ING-06|although brows certificat controll fake ingres kubernet secret set show tls
IPM-03 IPM-02|addres availabl canal ip kubernet network no
INS-01|add adding api dummy eof error external fail network ovn pod post v1 vpc
DNS-04|#ip #n 53 acju br error jus lcr plugin read timeout udp
ING-02|auto cannot discov error least one subnet
API-02|api calico cannot clust controll fail forbidden group io kubernet list network networkpolicy resourc scop serviceaccount system user v1 watch
API-02|cannot clust default fail forbidden kubernet list pod scop serviceaccount system user v1
ING-05|#n 6os aarr acme challeng check context fail known mail perform propag request self timeout wait well xyz
BGP-04|bird birdv# birdv4 calico cannot connect error node not query ready socket
MCL-03|#n 4500 cabl clust endpoint overlapp port remot skip submarin subnet udp
WHK-01 GCP-01|#d 443 admiss api call context fail gateway io kubernet network node post servic system timeout validat webhook
IPM-03 IPM-02|#ip #n addres allocat availabl fail ip no rang set
CFG-08 MSH-05 CFG-06|#ip #n connect dial error new refus tcp validator
API-03|#ip 6443 cannot connect dial node tcp timeout
INS-02|add antrea bin cni fail find opt path plugin type
INS-03|bin cni delegat error fail find invok ipvlan opt path plugin
INS-05 INS-02|cilium cni fail find libexec path plugin usr
INS-07|add answ ip link not oper rtnetlink support type wg0 wireguard
INS-07|fail felix found ip6 ip6_tabl kernel load modul not tabl
INS-04|bin busy cannot cilium cni file move mv new node opt text
INS-11|mount netn not path run shar var
INS-12|bin directory exec file flanneld init no opt pod stat such
API-01|fail list namespac reflector unauthoriz v1
API-01|bear cni etc expir invalid kubeconfig multu net token
API-03|#d #ip 443 apiserv aws dial node tcp timeout unreachabl vers
CFG-01|cni configur network not plugin ready uninitializ
CFG-02|#n canal charact cni configur conflist error etc invalid key list net object pair pars valu
CFG-03|#n calico cni conflist deny etc fail net open permiss read
CFG-10|attach bond# bond0 cncf cni definit found io kubernet network not vlan# vlan7
IPM-01|availabl cilium ipv# ipv4 kubernet node not podcidr requir wait
IPM-04|autoassign cannot exhaust ipv# ipv4 like pool
IPM-05|#ip #n add addres already bridg cannot cni# cni0 different fail ip set
IPM-06|#ip #n add dst exist fail file ifindex rout
IPM-11|accept allocat cidr left no rang remain
IPM-12|enabl ip match n7 no node pool
RTE-02|#mac #n addres flannel mac mismatch vtep want wrong
RTE-07|#ip #n destin icmp icmp_seq node prohibit seq
RTE-09|disabl forward ipv# ipv4 network not work
RTE-16|cni iptabl kubeproxy legacy nftabl tabl uses writ
RTE-19|abort check fail node ovsdb pidfil
BGP-03|#ip bgp bird error expir hold peer timer
BPF-01|bpf bpff cilium fs mount not sys
BPF-02|#n argu bpf cil cil_to_contain insn larg list load long pod process program too
BPF-03|ct_tcp4_global exhaust fail global map tcp4 updat
DNS-01|#n cfs container_cpu_cfs_throttled_periods_total coredn cpu period pod throttl total
DNS-11|#ip 443 apiserv connect dial failur kubernet plugin tcp timeout vers
SVC-09|conntrack dropp exhaust ip_conntrack packet tabl
SVC-10|cannot error fail kubeproxy nftabl proces rule sync
NOD-02|creat fail file inotify instanc many open too
NOD-03|cach ndisc ndisc_cach neighbor overflow tabl
ING-03|#n addres creat exceed global limit loadbalanc not quota static static_address
AWS-04|accessdeny api assumerolewithwebident authoriz error not perform sts
AZR-02|allocat allocateipconfig availabl azur cns enough fail ip more nc not wait
CFG-01 INS-01 INS-05|#n 22t16 args cni configur containerd daemon error fail found initializ load microk# microk8 network no not plugin snap var
BPF-03|#n 14t00 823z argu cannot creat entry error list load long map maps ret too updat
BPF-06 BPF-03 BPF-02|#n argu cannot fail ingres invalid map pod stat updat
|#n 07t14 711z cannot client conntrack conntrack_client delet directory entry error file map no ret such
BPF-06 BPF-01 BPF-05|bpfdirectory cannot cmd execut fail fd walk
IPM-11 IPM-02 IPM-12|allocat allocator error exhaust fail ipam multi node podcidr pool warn
AWS-01 AWS-02 AWS-04 IPM-02 IPM-11 INS-01|#n alloc any availabl back becom check cilium crd error helpmessag info ip ipam messag name not operator pod pool requir runn wait warn
INS-07 RTE-04 RTE-10 IPM-06|#n configur devic error exit fail felix ipip ipip_mgr mgr retry statu tunnel warn
SVC-10 INS-07 RTE-16|#n 0x4 error exit fail felix filt iptabl ipvers program retry statu tabl warn
INS-07 POL-10 SVC-10|#n fail fami inet ip ipset multipl panic retry sets updat
IPM-06 IPM-04 IPM-08|#ip #n both carry node tunl# tunl0
BGP-03|#ip #n 22t15 84449563z asn bgpserverinstanc component data expect gobgp key mismatch notific numb peer receiv sent topic warn
BGP-01 RTE-04 BGP-02|#ip #n 179 19t16 59z connect debug dial fail key peer tcp topic unreachabl
BGP-03|auth bgp control empty error fail fetch found not password peer plan secret
API-03 SVC-03|#ip 443 api configmap dial error kubeproxy kubernet namespac system tcp timeout v1
NOD-02|500 cannot complet error fail file many node open start too
RTE-12 RTE-04|behind card cloud delet ip nm pod rule run second servic setup
|5aaa cannot cni fail find namespac network path pod retriev terminat
RTE-19 INS-01|appctl cannot connect ctl directory file no ovn ovnnb ovnnb_db run such var
RTE-19 INS-01|#d come info northd ovn up wait
INS-02 INS-12 CFG-02 INS-01 CFG-10|calico delet diagnostic dns end error fail input json kubernet messag netplugin network pars system system_kub unexpect
INS-01 RTE-19 NOD-01 API-03|#n add cancel cni creat error fail kubernet kuberuntim kuberuntime_sandbox overlay ovn plugin pod rst rst_stream sandbox stream terminat timeout type
INS-01 DNS-04 DNS-07 DNS-02 API-03|#ip #n 53 endpoint error fail felix health listen localhost lookup no node restart such tcp trying
API-03 SVC-03|#d #ip #n 443 api configmap configur context error fail fatal kubeadm kubernet lookup map namespac startup system timeout v1
RTE-10 INS-07 BGP-02|#ip #n addres creat devic error fail felix found interfac link mgr no node none parent vxlan vxlan_mgr
RTE-11 INS-09 RTE-03 RTE-04 IPM-06 RTE-18|#n anoth calico devic exist fail felix file link mgr port uses vni vxlan vxlan_mgr
API-03 IPM-12|#n cannot chang error etcdserv ip ipam ipam_plugin lead list plugin pool
IPM-07 IPM-12 CFG-09 INS-09 IPM-11|#ip #n caliconetwork cannot cidr configur error fail ippool kubeadm network not platform pod reconcil resolv within
API-02|#n cannot creat ds error fail flannel forbidden kubernet main pod resourc retriev serviceaccount spec subnetmanag system user
SVC-10 RTE-16 INS-07|#n apply cannot ensur error exit fail iptabl partial restor rule run sett statu up
RTE-10|addres cannot eth# eth1 fail find interfac ipv# ipv4 match valid
IPM-07 IPM-09|#ip #n added exist kubernet list myself network node overlap peer rout
INS-07 RTE-16 RTE-06 SVC-10|#n 431 chain controll enabl exist fail forward ip iptabl network network_routes_controll not pod rout traffic v1
API-03 INS-01 CFG-09 INS-09|#n cannot clust configur defin fail kubeconfig kubernet kubernetes_service_host kubernetes_service_port load must node pars port rout run servic
RTE-04 BGP-03 BGP-05|#ip #n fail found inject match no path prefix proces rout such warn
RTE-04 RTE-17|#ip #n add antrea client dev error fail gw0 linux onlink rout route_client_linux unreachabl
INS-01 RTE-10 API-03 CFG-09|#n agent error fail found initializ kubernet main n4 name node not runn
RTE-19 INS-01 RTE-17|#n allocat configur creat entry error fail install interfac internet node not ofport openvswitch pod port
RTE-19 RTE-04|#n 7a 9f bind chassi claim controll default default_web info internet lport not ovn request
RTE-10 RTE-04 INS-01 RTE-19|137 controll default fail find found gateway network no node ovn ovnkub run start
INS-07|cannot cilium cilium_host creat daemon error fatal node not oper pair support veth
API-03 SVC-03 RTE-07|#ip 443 apiserv cannot client connect creat dial error initializ kubernet tcp unreachabl
RTE-10 INS-01|cannot determin devic direct error fail fatal nativ rout specify
RTE-11|advertis conflict detect encapsul genev local manag mode node remot vxlan w4 warn
RTE-01 RTE-03 MTU-03|#n enabl error ipsec key no node spi w2 xfrm xfrminnostat
INS-01 INS-11 INS-07 BPF-01 BPF-05|agent allow cannot cgroup cgroup# cgroup2 cgroupv# cgroupv2 cilium fatal mount not oper requir run v2
BPF-06 BPF-02 BPF-05|argu attach cannot cgroup cil cil_sock4_connect connect creat invalid link program sock4 warn
BPF-02|#n bpf bpf_lxc byte cont exceed handl ipv4 limit lxc program stack tail tail_handle_ipv4_cont
BPF-05 BPF-02 INS-09|#n dataplan ebpf felix int int_dataplan kernel need old panic too vers
BPF-01 BPF-05 BPF-06 INS-11|allow anoth bpf cali cali_v4_nat_fe3 fail fe3 felix fs global map mount namespac nat not oper repin sys tc
BPF-03|#n bpf cali cali_v4_ct3 clean conntrack ct3 entry fail map maximum reach up
CFG-10 CFG-02|#n args charact configur delegat error fail getkubernetesdelegat internet invalid key kubernet load multu nad object pair shop unmarshal valu
INS-01 CFG-10|addres already bind cni creat daemon fail listen multu node run sock socket start unix
CFG-10 MTU-01|#n 1500 adding argu bond# bond0 creat error fail invalid macvlan mast mtu mv network pod request
CFG-10|#n adding addres anoth cni error fail ib0 infiniband network ov pci pod sri vf
IPM-10 IPM-04|#ip #n alloc control internet ip ippool kept loop mismatch orphan pod referenc
IPM-03 IPM-10 IPM-02 IPM-04|#n alloc dead fail internet ip ipam pod record retriev sandbox shop spiderendpoint statefulset still
IPM-12 IPM-02 CFG-02 CFG-10 IPM-07|#ip #n addres addressoutofrang allocat default fail ipam ovn subnet v4
IPM-01|add fail failedcreatepodsandbox gke kubelet netd no node object plugin podcidr type warn yet
IPM-01 IPM-11|110 alloc cidr clust controll empty ipam no node node_ipam_controll off provid secondary servic
IPM-11|#d #n cidrallocator cidrnotavailabl node now over statu warn x140
IPM-07 IPM-08|addres answ daemon error one other overlap pool spac
BGP-02 BGP-03|#ip #n addres bgp bird connect port unexpect unknown
BGP-01 BGP-03 BGP-02|bird connect error mesh mesh_10_2_0_9 peer reset socket
BGP-01 BGP-03|#ip #n 179 bgp connect error fail localasn nativ open peer read tcp timeout wait
BGP-03|#ip #n adjchang bgp default down error hold messag neighbor notific open receiv tor unacceptabl vrf
BGP-03 INS-07|#n bgpd cannot directory file md5sig no option set socket such tcp tcp_md5sig
BGP-04 BGP-03|#n bird calico cfg# cfg1234 checkcmd confd configur error errorn etc resourc syntax
SVC-09|back conntrack dropp exhaust fall nf_conntrack packet tabl vmalloc
RTE-05|bad calico checksum csum failur hw offload transmit vxlan
INS-07 RTE-19|0x1000 attribut cannot conntrack key load netlink openvswitch support unknown
RTE-20 RTE-17 IPM-06|addres br0 eth# eth0 own packet receiv renam sourc veth# veth3
RTE-02 RTE-13|#n addres apply cannot flannel mac macaddresspolicy networkd persistent policy set systemd
RTE-06 RTE-12 RTE-07|accept cali chain firewalld flush forward reload
RTE-07 RTE-06|#n admin chain count filt filter_forward firewalld forward icmpx inet nftabl packet prohibit reject tabl
RTE-09|#n forward harden ip_forward ipv# ipv4 net node playbook pod ran says sinc stop sysctl tracerout
RTE-14|#ip #n iptabl masquerad nat no node one only pod postrout request timeout
RTE-15|calico check destin ec2 encapsul node run sourc still without
RTE-16 SVC-04|forward iptabl kubernet legacy nftabl save show too
MTU-03 MTU-01|#n 1450 flannel hang join mtu node other over pod tailscal tls
MTU-01 MTU-03 MTU-04|#n anoth byte duplicat file fine hang mb node pod wget
PRF-01 PRF-02 NOD-05|#n ms netstat p99 retransmitt round segment trip
NOD-01|#n collect condit diskpressur fail garbag imag kubelet node not post ready statu
NOD-04 INS-01|8x calico condit evict eviction_manag manag memorypressur node pod
NOD-01 NOD-04|bin containerd exec fail fork resourc shim start temporari unavailabl usr
NOD-02|cni creat error etc fail file fsnotify many net open too watch
|#ip #n calid# calid75abf4f5e0 dpt dst ee input kernel len mac nat out policy proto spt src syn tcp trac
|#n 30t13 897z client ebpf egres info load logg prog progfd succeed
|client compar ebpf exist info init logg new prob
|#ip 179 bgp debug establish event localasn peer peerasn sess sessionup speak
|#ip #n 01t06 10z block cidr debug found ipv# ipv4 vpc
|#n generator oper operation_generator succeed teardown unmountvolum volum
|#n about cni containernet del flannel network type
|#n kubelet kubelet_node_statu node register statu successful w1
|#n 0x40000100 cgroup cpu creat directory error event file fs in_creat in_isdir isdir no process readdirent such sys watch
|#n cleanup info loop moby namespac signal start warn
|0f1e info network sandbox successful teardown
|addrconf becom chang ipv# ipv6 kernel link lxc# lxc8f1 netdev netdev_chang ready
|#n 02t02 2z bind chassi claim default default_web info internet lport
|#n 02t02 2z bind default default_web info internet lport sett southbound up
|#ip #n adding controll flow node node_route_controll podcidr rout w2
|#n 00z 03t10 0f1e add cnivers eth# eth0 internet kubernet network pod shop verbos
|#n 00z 03t10 debug elect lead start
|#n bootstrap done iptabl
|#ip #n announc event ip main servic serviceannounc
|acces googl illegal protobuf reflectiv unsafeutil warn
|#n declin error order payment
|#n acces deny error localhost password root user yes
INS-07|#n 0x6 cannot chang command directory directorynip# directorynip6tabl error exit fail felix file initializ insmod ip6tabl iptabl ipvers lib modprob modul nat need no save statu stderr such tabl v1 warn who
INS-07|#n 0x4 8ntry cannot command directorynnerror error erroroutput execut exit fail felix file help inform ip iptabl ipvers legacy line load match more nat no occurr restor set statu such tabl v1 warn
INS-07|#n 111 add devic error exit fail felix ipip ipip_mgr mgr statu tunnel warn
RTE-10 BGP-02|#n 113 addres auto autodetect autodetection_method cannot detect en eth found interfac ipv# ipv4 method no node regex startup valid warn
RTE-10 BGP-02|#n autodetect error eth# eth1 invalid ip method startup
API-03|#n acces cannot configur datastor dock error lookup may node node# node7
|#ip #n 0x12bab bad certificat client connid error fail info node read remot sync sync_serv thread tls typha
IPM-04|#ip #n affin block caliconod empty error fail ipam node not releas
|#ip #n affin already block blockkey cidr claim exist ipam ipam_block_reader_writ problem read resourc warn writ
INS-07 BPF-02 BPF-05|#n answ datapath directory error file kernel load no rtnetlink such talk warn
AZR-02|#x a18 ac1b add addres allocat allocateipconfig availabl azur cns configur creat desiredipaddres enough error eth# eth0 fail invok ip ipam ipconfigrequest more nc network not plugin pod podinterfaceid request sandbox setup statu type unknown vnet wait
RTE-04 RTE-03|#ip #n 0xd0249f47 ack bpf bpf_lxc drop endpoint fail fib file flow ident ifindex internet lookup lxc syn tcp xx
|80 again client clust context creat error expir fail hubbl kubernet local peer relay servic synchron system target timeout try warn
RTE-04 RTE-03|#ip #n add argu fail invalid network vxlan vxlan_network vxlanrout
INS-01|#n analys antrea cni connect dial directory dns error fail file latest network networkplugin no pod run set sock subconn such transientfailur transport unavailabl unix up var
INS-01|#n add agent cannot cilium client cni configur connect creat dial directory eda# eda8 error fail file jul kubelet localhost network no plugin run sandbox second setup sock st such timeout type unix unknown v1 var
NOD-05|#n availabl buff devic fail mar netlink no proxy receiv sdnotify spac w3
INS-01 AWS-07|#d #n 02t22 361z connect fail info local prob proc readines runtim servic src timeout usr within
INS-01 AWS-07|#ip #n 02t19 2ae6 667z call cni connect delnetwork dial eni error grpc plugin pod receiv rout tcp timeout transport unavailabl
INS-01 INS-09|#n amazon aws cni error github index ipamcontext ipamd kubernet length markunmanagednetworkcard node out panic pkg rang runtim vpc
IPM-06|0_spin add cni creat error exist fail file halyard namespac network networkplugin node pod rout sandbox set setup unknown up
IPM-06|7_shop add api cni command exist fail file network networkplugin pod rule set setup setupn up
|add addres aws cni command fail generat incomplet inconsistent mac may name network node pair plugin result setup setuppodnetwork side type uniqu veth
|#n cni directory fail file internet namespac net network networkplugin no pod proc set shop statf such up web_shop
SVC-10|#n cannot directory drop error execut exit fail file iptabl kubernet legacy line load mark no occurr proxi restor statu such target v1
INS-07|#n cannot chain check conntrack dstchain ensur error exit external fail filt find help inform input ip6tabl jump kubernet match more nf_tabl proxi rule servic srcchain statu tabl try v1
INS-07|#n conntrack directory error file max net netfilt nf_conntrack_max no node open proc proxyserv runn such sys
DNS-04|#ip #n 53 aaaa backend error exampl mirror read test timeout udp unreachabl
DNS-04|#n backend error hinfo no node unreachabl upstream
DNS-04|#ip #n 53 addres arpa error plugin ptr read timeout udp
DNS-04|#n cdn eof error exampl test
CFG-10 CFG-01|#n 9ca0 add alpin args cmdadd cni configur default delegat error etc fail found getcniconfig getcniconfigfromfil getnetworkdelegat gett kubernet load multu name net network no node plugin pod request shim statu tryloadpoddelegat type
CFG-10 CFG-02|#n 86_x args beginn charact cni configur delegat error fail getcniconfig getcniconfigfromspec getnetworkdelegat gett invalid key kubernet load look multu network networkplugin object pod set spec string tryloadpoddelegat unmarshal up
CFG-09 CFG-04|#n 6c92 adding call cbr# cbr0 chain error fail game mc must network plugin pod sandbox setup
IPM-06 CFG-10 IPM-10|#ip #n #x 0xc000208400 add adding addres already error fail gateway interfac ip mask mh0 nad net# net1 network nti pod test
CFG-10|client delegat error fail getkubeletclient getkubernetesdelegat getnetworkdelegat getpodresourc gett instanc list pod resourc resourceclient timeout
CFG-10|#n 1q adding argu cni configur error fail id invalid network pod proto qos set sriov sriovnet# sriovnet1 vf vlan
CFG-10|#n adding addnetwork cni configur delegateadd error fail gett invok link network not oper pod result set sriov stat support vf
CFG-10|#n adding bring busy devic enp# enp134s0f1 error fail interfac namespac net# net4 network pod resourc right set sett up
CFG-10|add cni devic error fail found geni internal ip link lookup network nil not result vf
INS-01 CFG-10 RTE-19|#n add adding annot c9a9 cni context error fail l2 multu nad name network node plugin pod request statu stev timeout type wait
|#n add annot cni error fail finish found not pod request result test
RTE-19 INS-01|7d64 condit configur dns error fail flow interfac pod test timeout wait
RTE-10|#n adding bgp controll error fail find ip network network_routes_controll node policy rout unknown
SVC-10 POL-10|#n busy error fail ipset kernel receiv resourc sync v6
AWS-04 RTE-15|#n attribut check controll cred disabl dst iam instanc modify necessary network network_routes_controll node not rout skipp src
BGP-03 BGP-02 BGP-05|#ip #n 05t00 42z cannot configur connect find info new passiv peer topic
|#n bgp bgp_policy defin fail found not podcidrprefixset policy replac set
ING-04|#ip #n 80 answ client clos connect error exampl head html node premature read request test upstream
WHK-01 ING-06|#d #n 13t13 14t05 40z 43z 443 admiss call certificat controll current error expir fail ing ingres ingress internal internalerror io kubernet network nginx node not occurr patch post servic timeout tls v1 valid validat verify webhook yaml yet
POL-11 MSH-01|#d 80 app cart clust error fetch internal kind linkerd# linkerd2 linkerd2_proxy local profil proxy servic shop timeout upstream warn
ING-04 ING-06|#ip #n 8443 balanc certificat error handshak match not ssl upstream upstream_balanc
ING-04|#n 502 bad content error gateway html receiv statu text transport type unavailabl unexpect
ING-04|#ip #n answ client error grpc head logan node read refus request test upstream
ING-05|#n 403 challeng expect propag statu wait wrong
ING-05|#n accept acme author challeng check dns domain error exampl exist fail ietf look nxdomain param problem record sub test up urn
|#n 11t16 221304z clos configur connect data debug due envoy eof error goaway grpc no_error node prior read receiv stream streamaggregatedresourc transport warn
|#n 101z 25t08 clos configur envoy grpc stream streamaggregatedresourc warn
POL-11 MSH-02|#n 14t21 766032z clos configur connect disconnect envoy error grpc head local reason reset stream streamaggregatedresourc upstream warn
|#d #ip #n 111 addres connect controll endpoint error fail linkerd linkerd_reconnect localhost os port reconnect refus threadid warn watch
MSH-04 POL-11 MSH-06 INS-01|fail kill kubelet linkerd livenes pod prob proxy restart
|#ip #n addres announc announce assembl error fail gratuitou gratuitousannounc hardwar invalid ip make op operationrequest packet
NOD-01|#n 29t13 832911834z component confirm fail info mark mast memberlist peer reach stat suspect timeout
|#n becom count eth# eth0 free kernel messag netdevic syslogd unregist unregister_netdevic usag w1 wait
IPM-05|#n add addres bridg cannot cni# cni0 error exist fail file ip network runpodsandbox runtim sandbox servic set setup unknown
CFG-01 INS-05|#ip #n aug cni default error fals kubelet messag miss network networkpluginnotready networkready not plugin pod ready reason return runtim
CFG-01|#n 07t10 cni configur crio dev error etc fals file health ignor initializ messag net network networkpluginnotready networkready no node not plugin provid reason return start statu warn yet а м р
CFG-01|#n cni configur creat crio e346 error fail infra network pod podsandbox# podsandbox1 redhat sandbox test uninitializ
IPM-10|#ip 0x4c 0x64 0xd0 0xd7 adding allocat bb cannot cni engin error fail ip ipnet ipvlan multu net network networkplugin nn nn_multu pod rang set storag up
IPM-06 IPM-04 IPM-03|#ip #mac #n alloc connect different down due error ex42 info ip m1 ours peer receiv sb26 seed shutt
|#ip #mac #n cannot connect down due error info n1 ourself shutt
|#mac #n action dst ethernetflowkey flow flowspec hairpin inportflowkey install keys outputact src veto vport warn
RTE-01 MTU-01 MTU-03|#ip #n a2 fastdp forward healthy heartbeat info mark miss n4 peer un
WHK-01|#d 443 addres allow aws call deploy due elbv# elbv2 error fail internal kubernet loadbalanc model mtargetgroupbind mutat not occurr post servic system targetgroupbind timeout v1beta1 webhook
AWS-07 DNS-04 DNS-02|#n amazonaw build caus dial due east ec2 fail lookup model post request requesterror sa send tcp timeout
WHK-01 INS-09|aws call cannot elbv# elbv2 error fail find internal kubernet node occurr request resourc vingres webhook
WHK-01 SVC-01|#d 443 alb availabl call certificat creat endpoint error fail internal internalerror io manag mutat no node occurr post servic timeout webhook yml
AZR-01|#n add addres allocat availabl cni command complet error fail ipam nil no result
CFG-02|98knf_logging cni end fail fluentd input json network networkplugin pod set unexpect up
ING-01 ING-03|#n a5ec51 allow comput conditionnotmet constraint creat default ensur error external external_network_tcp_udp fail forward frontend googleapi loadbalanc network not project restrictloadbalancercreationfortyp rule sync tcp test type udp violat
ING-03|#n 403 500 creat ensur error exceed fail firewall global googleapi kyma limit loadbalanc nginx quota quotaexceed retry servic
ING-01 ING-03|#ip #n a966 addres creat e2e ensureloadbalanc error esipp external fail field forward gce gce_loadbalanc googleapi invalid ip ipaddres loadbalanc local resourc rule specify updat us valu west# west1
SVC-01|#n 29t10 80 endpoint error found ingres ix kubernet name namespac nextcloud no numb providernam servic servicebackendport servicenam serviceport skipp
ING-06 ING-05|#n 24t15 43z api certificat configur error exist ingres internet not secret tls traefik
SVC-01 ING-07 ING-01 ING-04|#n 09t18 18z default error found not servic wensleydal
SVC-01 ING-04 ING-01|#n 03t12 22z acme cannot cm creat default error found gateway httprout kubernetesgateway load namespac not nt occurr providernam servic solver# solver5 statu
CFG-01 INS-01|#n cannot cni configur etc found kubelet net network no nov updat w3
NOD-01|#d #n 3m7 activ ago becam fals healthy kubelet kubelet_node_statu kubeletnotready last may messag node not pleg ready reason seen statu threshold type w1
API-03|#n apiserv error fail main nil reach
API-03 SVC-03|#ip #n 443 apis calico clusterinform connect crd datastor default dial error fail fatal initializ main org projectcalico tcp unreachabl v1
API-03|#n 6443 apis client clust clusterinform configur connect crd default dial error gett inform localhost org projectcalico refus tcp v1
|#n error install io kind no operator pkg register schem tigera v1 vers
RTE-04 RTE-20|#ip #n bird hop krt next receiv rout strang
BGP-02 BGP-03 RTE-20 RTE-10|#ip #n attribut bird hop invalid next next_hop node node_10_17_8_36 rout
BGP-02 RTE-10|#n 102 15_07 addres availabl bind bird error mesh mesh_10_0_5_102 not socket
RTE-12|added cni entry interfac ip leav lose networkd pod restart rule systemctl systemd through traffic vpc wrong
RTE-12|added attach aws cni delet eni foreign new policy rout systemd
NOD-03|#n arp arp_cach cach jun k8snode228 kernel neighbor neighbour overflow tabl
RTE-08|#ip #n datapath dev ipv# ipv4 martian sourc
SVC-05|addres conntrack datagram delet entry going hostport keep old pod still udp
API-03|#d #ip #n 6443 apis connect coordin cp dial error io kubernet leaderelect leas lock namespac plndr refus resourc retriev system tcp timeout v1
|#n 7c83 cannot configur dhcp error fail file filt ipv# ipv4 net only open proc read rp_filt sys system valu vip writ
ING-08|answ arp both bound node once two vip
|#n alert bad byte certificat curl error read routin ssl ssl# ssl3 ssl3_read_byt sslv# sslv3
MCL-02|#n 16t04 578361372z cannot clust cluster# cluster2 clusternam connect ensur error establish etcd exampl heartbeat kvstoremesh lead lifecycl mesh modul remot runn start test timeout warn watch
MCL-02|#d #n ago check clust clustermesh endpoint eu fail failur global heartbeat last node not quorum ready receiv row servic sinc time updat
MCL-02|#n 10t17 125z cabl discovery endpoint ery member# member1 nat natdiscovery submarin timeout wrn
MCL-02|#n cabl clusterid connect endpoint error found ike no sa statu statusmessag submarin
MCL-02|#d #ip #n connect domain harry libreswan no
DNS-05 DNS-02 DNS-04 DNS-07|#n 80 again api eai eai_again error exampl getaddrinfo test
DNS-04 DNS-05 DNS-02 DNS-07|443 aiohttp api cannot client client_except clientconnectordnserror connect default exampl except failur name node resolut ssl temporary test
DNS-04 DNS-05 DNS-02 DNS-07|#d #ip #n 113 exampl fals info local qr ra rd servfail test udp vtt
DNS-02 DNS-05 DNS-04 SVC-03|default dial kubernet lookup servic tcp timeout
|#n af_inet6 emsgsiz fami hton inet6 long messag pid port sa_fami sendto sin# sin6 sin6_port stderr stream too
DNS-02 DNS-05 DNS-04 DNS-07|connect could no node reach timeout
DNS-02 DNS-05 SVC-03 DNS-10|#ip 53 communic error timeout
MTU-01 MTU-04 MTU-03|#ip #n 0x4c8bbffd destinationunreachabl endpoint establish flow fragmentationneed ident ifindex lxcf# lxcf9eb stat
MTU-01 MTU-02 MTU-04 MTU-03|#n acces answ api byte cannot internet ipip more node ok pod port return small telnet work
MTU-01 MTU-04|1450 1500 devic external fetch hang more mtu node pod request servic soon veth
ING-04 SVC-02 SVC-01|#d #n 8443 activ backup check connect default down durat info internet layer# layer4 left node problem pub pub_8443 queu reason refus remain requeu sess srv srv_2 warn web_default
SVC-01 ING-04 SVC-05|#n 4bb2 alert availabl backend dev dev_task no node out pod port task test testing_out
SVC-01|#n availabl default endpoint ingres no releas servic warn
|#n connect cumulat fe healthz proxy stopp warn
INS-01 IPM-02 IPM-12|#n addres allocat controll error find handl kubernet lll logs no node ovn pleas pod provid see
IPM-02 IPM-03|#n 500 9be8 adding availabl cni dxp dxp_wat error ip kubernet network no ovn pod request return water
IPM-02 IPM-06|#ip #n error fail ip mac net# net1 nil noavailableaddres pod static subnet vpc
INS-01 IPM-02 IPM-12|#n addres check controll init instanc kubernet logs no node ovn ovn# ovn0 pleas
RTE-19 RTE-04 RTE-17|#ip 500 add configur fail gateway interfac ip kubernet no ovn packet plugin receiv request return type
RTE-04 RTE-19 RTE-15 RTE-03|#ip 500 add addres configur fail interfac ip kubernet mac ovn plugin request resolv return timeout type
DNS-02 DNS-04 SVC-03|#ip #n 53 clust dial error hinfo local plugin tcp timeout
|#d #ip 53 adding check dport due error info iptabl lock notrack prerout raw retry rule tcp xtabl
|#n base cach coredn corefil directory error etc fail file no node open read such
|#ip 53 added back dport info nodelocaldn notrack output raw rule udp
RTE-04 IPM-05 IPM-08|#n 234600717z 27t08 additional addres again configur ensur exit fail fatal flannel incompatibl interfac k3os1 k3s link nov remov try
INS-02 INS-03|#n apr bcs bin cni fail find flannel kubelet opt path plugin portmap
INS-08 IPM-01|#d #n 65aa attempt default directory env error fail file flannel name namespac network nginx no open podsandboxmetadata run runpodsandbox sandbox setup subnet such uid
INS-01|#n calico connect dial fail felix live livenes localhost node not prob ready refus tcp
|cannot construct envvar error least not once read servic yet
BPF-02|#n acces cil cil_from_netdev deny error external from id invalid line load netdev off offset omitt packet permiss program r4 size verifi
BPF-02|#d #n 0xdc06 argu instruct invalid limit over prog refus sect type
BPF-05 INS-07 BPF-02|#n allow bpf bpf_object__probe_load cannot config_bpf_syscall configur enough error kernel larg libbpf load make memlock not object oper prob program rlimit rlimit_memlock set support sure syscall trivial valu
INS-01|500 add cannot cni connect error event fail istio name no partial plugin push statu type ztunnel
MTU-01 MTU-03|#n back effectiv fail fall fastdp info mtu sleev verific
AWS-04 AWS-07|aws cannot caus cloud docu ec2 ec2metadata ec2metadatarequesterror error fail ident initializ instanc instead introspect logg region request requesterror send setup specify unavailabl
RTE-10 BGP-01 BGP-02|#ip #n 179 addres bgp connect dial error exist fail localasn node not op peer
|announce event gw info layer# layer2 notown pool protocol reason servic servicewithdrawn withdraw
|createcontainerconfigerror found not pod secret tls wait
RTE-12 RTE-04|iptabl lose miss nat network node other pod restart rout some tabl
POL-01 POL-02|#ip #n 443 cali# cali1f5a29e647c calico dpt dst eth# eth0 kernel len out packet proto spt src syn tcp ttl
MSH-02 SVC-02 ING-04|#ip #n 16t07 503 80 852z 95 clust configur dev exampl foo hub local mozilla outbound servic test ui urx
MSH-02 SVC-02 ING-04|#ip #n #x 27t17 503 765z curl exampl hello test uf
SVC-13|#n 503 answ api clust code flag local outbound response_cod response_flag servic shop uo upstream upstream_clust
SVC-01 SVC-05 SVC-13 ING-04|#ip #n 22t20 266e 503 765z default postmanruntim product scrapp uh
MSH-02|503 client destinationrul disabl fail inject mtls node request requir side
|#n authn cc certificat client connect consid eith envoy factory filt http http_filter_factory mode mtls omitt permissiv plaintext pleas src strict tls upgrad warn
AWS-02|#n 01t02 09z addres allocat cannot creat due eni enough error fail free increas insufficientfreeaddressesinsubnet interfac network not pool request satisfy size specify subnet
AWS-01|#n 27t13 34z a7b8 attach attachmentlimitexceed count eni error exceed fail interfac limit medium t2
AWS-01|#n additional addres answ api assign assignprivateipaddress cannot creat ec2 error exce interfac ip ipam limit new numb oper privat privateipaddresslimitexceed statuscod warn
AWS-01|#n 087b addres attach cannot count eni error exceed index interfac invalidinterfac ip ipaddresslimitexceed limit maintain medium node pool t3 warn
ING-03 AWS-01|#n addres addresslimitexceed bad ec2responseerror maximum messag numb reach request
INS-02 CFG-03 INS-12|bin calico cannot cni cp creat deny node opt permiss
INS-02 INS-12 CFG-03|bin cannot cni cp deny loopback node opt permiss stat
INS-04|#n 02z 20t07 bin busy cni error fail file install node open opt portmap text
INS-12|#n bin caus chdir cni configur container_linux creat cwd directory error fail file json linux no opt pod proces set start such
CFG-01 CFG-03 INS-05|#n calico cannot cni creat directory dock etc install kubeconfig line net node nonexistent sh
INS-02 CFG-03|#n 16t11 22z bin cni info node not opt skipp writeabl
|#n 02z 20t07 bin cni info install loopback node opt
SVC-10|cannot deny fatal file lock open permiss run xtabl
SVC-10|#n audit avc comm container_var_run_t deny dev file iptabl iptables_t lock name object object_r pid pod read run s0 scontext system system_r system_u tclas tcontext tmpf type var xtabl
CFG-03 INS-02|#n audit avc bin c229 c794 comm cp deny dev dir ino lxc name net object object_r permissiv pid s0 scontext sda# sda9 svirt svirt_lxc_net_t system system_r system_u tclas tcontext usr usr_t writ
CFG-03|#n cannot cni conflist cp creat deny etc flannel net permiss
INS-02|calico mount node noexec notready opt wher
BGP-01 BGP-03 BGP-02|#d #ip #n activ bgp cilium ipv# ipv4 node# node0 peer unicast
BGP-01 BGP-03 BGP-02|#ip #n activ never
BGP-03|#ip #n bgp byte expir hold neighbor notific receiv
|#ip #n adjchang bgp neighbor up
BGP-03|cilium ciliumbgppeerconfig fals io missingauthsecret reason statu type
SVC-12|comment default drop endpoint ext ickqe# ickqe4ptg2wgvxbf kubernet local mark nginx no xlb
SVC-12|#n 80 addrtyp comment dport drop dst eg endpoint external gw kubernet local no servic tcp type
SVC-01|#n addrtyp bad comment dport dst endpoint icmp kubernet local manage no port reject servic srv tcp type unreachabl
SVC-02 SVC-06 SVC-03 SVC-12|cannot connect node refus remot telnet
WHK-01 GCP-01|#d 443 call context error fail internal internalerror kyverno node occurr post servic timeout validat webhook
API-03 WHK-01|#d complet error node not request timeout within
GCP-01 WHK-01|#n admiss call clust controll every gke helm install privat timeout webhook
SVC-12 SVC-04|answ clusterip depend externaltrafficpolicy ipvs local masquerad mode node nodeport not pod remot
ING-01 ING-03|#n 403 acces agic appgw# appgw1 applic client contributor errorapplicationgatewayforbidden gateway ident least messag need perform statu unexpect
API-02|#n #x 2m2b4 agic api azur cannot context default environ error fetch forbidden group happen ingres may namespac pod resourc runn serviceaccount system test user
ING-04 ING-01 SVC-02|#n 443 agic applicationgatewayprobeprotocolmustmatchbackendhttpsettinsprotocol applicationgatewaysclient backend createorupdat error failur ingres istio match messag network not original pb prob protocol request send sett statuscod system
SVC-01 ING-01|80 backend default endpoint error found not
DNS-08 DNS-02 DNS-07 SVC-01 DNS-05 DNS-04|#n 80 balanc cach clust dns error execut fail hit internet kong local lua miss na name node resolut servic shop small tried
DNS-02 DNS-01 DNS-04 DNS-05 DNS-06 SVC-03|#n cach client clust dns empty error exceed execut fail init kong local lookup lua miss net pool receiv record resolut retry schedul servic timeout tried try xxx yyy
DNS-02 DNS-04 DNS-05 DNS-11|#ip #n 113 cannot client error failur kong node oauth# oauth2 request resolv servic
ING-07 ING-01 ING-04|match messag no rout thos valu
ING-01 SVC-01 SVC-03 POL-01 RTE-01 ING-04|#n #x 29t10 admin apisix await cancel client connect error exceed fail head net request timeout upstream url wait
ING-07|condit conflict listen messag protocolconflict reason statu true type
ING-01 MSH-03 ING-07|#ip #n 27t09 45z adding bind cannot cec certificat cilium ciliumenvoyconfignam deny envoy error exampl fail gateway handl hive info listen manag nack permiss receiv resourc retry updat upsert
ING-07 ING-01|accept allow fals gateway gw httprout infra internet listen namespac no notallowedbylisten rout shop
ING-07 ING-04 SVC-01|allow any api backendref fals httprout internet not prod referencegrant refnotpermitt resolvedref servic shop
POL-01|#d #ip #n 14t08 15008 194689z 80 acces addres byte bytes_recv bytes_sent clos complet connect direct dst due durat error gw hbon hbone_addr inbound pod policy recv reject sent src
POL-01|#ip #n 04t17 296113z 53 clust connect default id info local namespac notsleep outbound proxy rbac refus sa spiff ztunnel
INS-01 POL-11 MSH-01 CFG-08|connect dial directory fail file no node run sock such unix var ztunnel
POL-11 RTE-01 POL-01 MSH-02|#ip #n 15008 acces addres complet connect deadlin direct dst elaps error fail hbon hbone_addr outbound src
ING-08 IPM-06|#ip #n addres answ arp both eth# eth0 hold kubernet node rke# rke2 vip
SVC-12 SVC-01|#n 00z 03t10 cannot edge endpoint error find found local no node servic shortest sub
ING-01 API-03|#n added addres error event fail kubernet loadbalanc rke# rke2 servic system traefik type updat watch
API-03 SVC-03 SVC-01 INS-01 POL-09|#ip 3dfollower 443 antrea apis appliedtogroup connect dial fail fieldselector io networkpolicy nodenam refus tcp true v1beta1 watch
POL-09 API-03 INS-01|#n antrea appliedtogroup client controll error fail networkpolicy networkpolicy_controll not objecttyp ready start watch
API-01 INS-01 API-03 ING-06|#n antrea bundl ca cafil configmap configmap_cafile_content content crt fail kubernet miss system
DNS-02 DNS-05 DNS-07 SVC-01 DNS-08 DNS-04|#n 443 dns enotfound error getaddrinfo getaddrinforeqwrap node oncomplet onlookup payment servic shop
DNS-02 DNS-05 DNS-07 SVC-01 DNS-04|#n cart caus connect connectionerror errno exceed except fail httpconnect httpconnectionpool known max name nameresolutionerror node not object port request resolv retry servic url urllib# urllib3
DNS-02 DNS-05 DNS-07 DNS-08 SVC-01 DNS-04|addres bad internet shop wget
DNS-02 DNS-05 DNS-06 DNS-01 DNS-04 SVC-03|#n curl millisecond resolv timeout
DNS-02 DNS-05 DNS-01 DNS-06 DNS-04|addres again connect dns error fail inform lookup main panick thread try trying
DNS-02 DNS-05 DNS-07 DNS-08 SVC-01 DNS-04|fail getaddress getaddrinfo mysql name network not php php_network_getaddress resolv
DNS-04 RTE-14 DNS-09|#ip #n 53 api error github plugin read timeout udp
DNS-02|addres corp dns error exampl file forward ip not plugin
|coredn custom etc file glob import match no node pattern warn
DNS-08|api asks clust default every first kubelet local lookup ndot pod servic shop strip
DNS-06|#n conntrack cpu curl every fail insert insert_fail long take third
DNS-01|#n cfs container_cpu_cfs_throttled_periods_total coredn cpu period pod rate servfail throttl total
DNS-02 SVC-03 DNS-04 DNS-11|#ip #n 53 aaaa clust connect dial dns error internet local node plugin refus servic shop tcp
SVC-01|affin app endpoint internet none selector sess v2
SVC-01 ING-04|#n 503 availabl endpoint internet no return shop upstream
SVC-02|5d8f internet match no pod port servic shop targetport
SVC-06 SVC-02|#ip #n backend connect dial error listen refus show ss tcp
SVC-10 INS-07|#n cannot clean error exit nftabl not oper proces proxi rule statu support up
SVC-10 INS-07|#n abc append chain directory error execut exit fail file iptabl kubernet line nat nf_tabl no proxi restor rule rule_append servic statu such tabl v1
SVC-03 SVC-10|#d #n 503 ago healthz last more proxi updat
SVC-09|#n conntrack dropp exhaust nf_conntrack node packet tabl
SVC-13 PRF-01|#n connect exc limit overflow queuepool reach size sqlalchemy timeout timeouterror
SVC-13 PRF-01|already client fatal many sorry too
SVC-12|edge external externaltrafficpolicy local node only pod run servic shop through traffic work
SVC-08|#n brport cannot clusterip curl hairpin hairpin_mod mode other own pod
POL-01|#n db deny desc destin destination_port drop drop_reason_desc dropp info internet l4 name namespac pod pod_nam policy policy_deny port reason shop sourc tcp verdict
POL-01 RTE-06|#ip #n cali# cali1a2b3c cali9z8y7x calico dpt drop dst kernel out proto spt src syn tcp
POL-01|#ip #n drop ingressdefaultrul k8snetworkpolicy nil tcp
POL-05 POL-02|allow carry io kubernet metadata monitor name namespac namespaceselector only uses
POL-08 DNS-05|api dns entry lookup match no proxy refus rule strip tofqdn
POL-09|#n 95 desir endpoint policy realiz revis
ING-05|#n certificat check controll dns error exampl fail logg manag not propag propagat record shop sync yet
ING-05 RTE-14 DNS-04|account acme api clusterissu dial directory errinitissu error fail initializ issu letsencrypt org regist tcp timeout v02 warn
ING-06 MSH-02 WHK-01 API-01|#ip #n bad certificat error handshak remot tls
ING-06|#ip addres alternativ found ip javax match name net no ssl sslhandshakeexcept subject
ING-06|author certificat cn controll err_cert_authority_invalid error fake ingres invalid kubernet subject
SVC-01 SVC-02|#n activ any controll endpoint internet not port servic shop
ING-07|#ip 443 conflict exampl ignor name nginx node shop warn
ING-06 ING-05|#n configur error exist ingres internet kubernet namespac not providernam secret shop tls
ING-03 ING-01|#n balanc createtargetgroup deploy due elastic error fail faileddeploymodel group ingres internet load maximum model numb oper reach statuscod target toomanytargetgroup v2 warn
ING-01|answ cloud controll external implement ip loadbalanc no pend provid servic stay
MSH-02 ING-06 SVC-02|#n 503 alert answ befor certificat connect end error expir failedprecondit failur info internal openssl openssl_internal remot remote_connection_failur reset routin ssl ssl_routin sslv# sslv3 sslv3_alert_certificate_expir start tls tls_error tls_error_end uf upstream upstream_reset_before_response_start urx
MSH-02 ING-06|certificat check dataplan expir issu linkerd not proxy valid window within yet
MSH-01|5d8f annot enabl inject internet io linkerd namespac no pod proxy shop ×
MSH-03|both clust conflict current destinationrul internet istiod listen local name node outbound over pilot pilot_conflict_outbound_listener_tcp_over_current_tcp servic shop tcp
MSH-04|128mi crash istio last limit oomkill pod proxy reason stat terminat wait
MSH-06 SVC-05|#d client connect during every internet peer reset rollout second see shop some terminationdraindur
AWS-04|#n arn assignprivateipaddress assum authoriz aws ec2 error ipamd node not oper perform role sts unauthorizedoper user
AWS-05 DNS-09|#ip #n 0f 53 eni ok reject
AWS-06|#n amazonaw availabl eni insufficient node pod preempt vpc
AZR-02 AZR-01|#n azur cns exhaust fail more networkcontain reconcil request subnet subnetisfull
GCP-01 WHK-01|#ip #n 10250 443 admiss clust gke mast may node only privat rang reach timeout webhook
MCL-02|4500 block clust connect diagnos establish not statu subctl udp west ✗
MCL-02 PRF-01|#ip #n amqp c9 connect exceed expir fail idle info limit local node resourc rout skupp timeout
MCL-05|clusterset coredn found internet lighthous local no nxdomain servic serviceimport shop
|#ip #mac #n 22t07 22z arp broadcast eth# eth0 info updat
|#n 13z 28t17 addd addres assign external info kubernet modify no servic
|#n 18t00 511884z agentk ambient disabl info mesh namespac
|#d #ip #n 018724z 15008 16t13 acces addres byte bytes_recv bytes_sent complet connect direct dst durat gw hbon hbone_addr inbound info pod recv sent src
|#n complet controll event exhaust flow init install networkpolicy networkpolicy_controll sync watch
|#n epoll event method notic
|#d #n retry
|#n 30t11 40z addres info node start
|#ip #ip6 #n healthz kubernet nov prob
|#ip #ip6 #n 404 favicon ico mozilla nov
|ingres internet normal schedul sync
|#n certificat condit internet lasttransitiontim ready sett tls
|internet normal rang servic sourc updat
|#n 00z 09t10 certificat info proxy push resourc root rootca sds
|api cilium health info node serv
INS-01|agent cannot cilium cni connect delet destroy dial directory error fail file killpodsandbox name network no plugin pod run sandbox sock such sync type unix var
INS-01 RTE-19|#n bind cni configur fail interfac internet openvswitch pod port request statu till timeout wait
INS-01 NOD-04|512mi evict flannel kubelet kubernet low memory node pod resourc warn
INS-02|add bin cni fail find opt path plugin type whereabout
INS-03|add bin bridg cni creat fail find opt path plugin pod sandbox type
INS-04|bin busy cannot cilium cni creat file install node opt regular text
INS-07|#n argu cali# cali40all creat error fail invalid ipam ipset kernel pool receiv v7
INS-07|creat error fail network not oper register support vxlan
INS-12|bin containerd creat directory error exec fail file kubernet local no oci rout runtim stat such task unknown usr
API-01|asked client cncf cni credential engin error io ippool kubernet node provid storag whereabout
API-01|ciliumnod error fail k8serror kubernet list unauthoriz v2 watch
API-02|#n api cannot cni forbidden group internet istio namespac pod resourc serviceaccount system till user
API-02|calico cannot cni connect crd default forbidden ipamconfig kubernet org plugin projectcalico resourc serviceaccount system unauthoriz user
API-03|#d #ip 443 api connect dial error gett multu namespac pod refus tcp timeout v1
API-03|#ip 443 api dial error fail node retry tcp timeout v1
WHK-01|#d 443 call eof error fail injector internal io linkerd occurr post proxy servic timeout webhook
CFG-01|cni configur error etc fals file messag net network networkpluginnotready networkready no not plugin pod provid ready reason return runtim start
CFG-02|#n cni configur conflist end error etc fail file input json list load net ovn pars unexpect
CFG-03|#n cni configur conflist deny error etc kubernet net open permiss read rout
CFG-05|#ip #n although bridg cidr coredn kubectl pod podman show
CFG-07|#n cni configur incompatibl not plugin support vers
CFG-10|adding ens# ens9 error fail found link lookup macvlan mast network not pod
IPM-01|error k3 node not podcidr set spec
IPM-02 IPM-03 IPM-12|allocat availabl fail ip ippool ipv# ipv4 no out pool vlan# vlan100
IPM-05|#ip #n addres already bridg cni# cni0 different fail ip network set
IPM-06|#ip #n add already calif# calif00 exist fail interfac kubelet other pod rout
IPM-07|#ip #n cidr overlap pod rout tun# tun0 vpn
IPM-09|allocat cilium daemon error exhaust fail health ip rang
IPM-11|allocat cidr clust failedtoallocatenodecidr left no rang remain
RTE-01 AWS-05|4789 allow between duplicat fail node not securitygroup traffic udp vxlan work
RTE-03|add addfdb down fail network vxlanrout
RTE-05|#n bad checksum cksum dropp flannel generic ip over tx udp
RTE-07|#ip #n admin icmp length node prohibit unreachabl
RTE-09|#n forward ip_forward ipv# ipv4 net node other pod sysctl unreachabl
RTE-11|alway between crosssubnet encapsul ipipmod ippool mismatch node run some still vxlanmod
RTE-14|#ip #n cannot masquerad nat no out pod postrout rule
RTE-16|iptabl legacy present see tabl them warn
RTE-17|carri cni# cni0 down if3 ip link mast no stat veth# veth7aa
RTE-19|connect databas db directory fail file no openvswitch run sock such unix var vsctl
BGP-01|#ip 179 connect dial error fail info peer tcp topic unreachabl
BGP-03|bird error expir global global_10_1_0_1 hold timer
BGP-04|bird birdv# birdv4 calico cannot connect ctl dial error node not query ready refus run socket unix var
BPF-02|#n back deny edge error insn load permiss process program
BPF-03|argu cilium cilium_ct4_global conntrack ct4 entry error fail global key larg list long map too updat
DNS-02 SVC-01|#ip #n #x clusterip coredn crash endpoint none
DNS-03|#ip #n coredn detect io loop plugin see troubleshoot zone
DNS-04|#ip #n 53 error exampl plugin read timeout udp
DNS-05 DNS-02 DNS-04 DNS-07|clust failur internet local name ping resolut servic temporary till
DNS-06|#n aaaa alpin dns lookup now parallel pod second take
DNS-07|#ip between clusterdn diff kubelet nameserv node pod w1 w2
SVC-01|app endpoint internet match no none pod selector servic till web# web2
SVC-06|#ip #n app ip listen only pod refus
SVC-08|#n hairpin hairpin_mod itself mode own pod servic through unreachabl
SVC-10|#n execut exit fail iptabl line restor statu
POL-01 POL-08|#ip #n 0xaa 443 deny drop endpoint flow ident ifindex internet policy syn tcp xx
POL-07|flannel ignor kubenet networkpolicy not support
ING-01 ING-02|any cannot creat elb ensur error fail find loadbalanc subnet suitabl sync syncloadbalancerfail warn
ING-04 RTE-07 RTE-04 POL-01|#ip 113 80 connect fail unreachabl upstream
ING-06|alternativ certificat common contain exampl name node not ssl subject test till tls valid
ING-07|already api defin deny exampl ingres node path request test till
MSH-01|enabl inject istio label lack namespac not sidecar till
MTU-01 MTU-04|#n 1450 exchang fail hang identific kex kex_exchange_identific long messag mtu ping pod too
NOD-02|add cgroup devic fs inotify inotify_add_watch kubepod left no slic spac sys watch
AWS-01 AWS-02|#n addres assign eni fail ip larg m5 maximum node numb pod reach stuck
AWS-03|block cidr enough free insufficientcidrblock not request satisfy specify subnet
AZR-01|#ip #n addres allocat availabl azur fail ipam no pool vnet
MCL-03|cidr clust endpoint local overlapp process remot skip subnet
API-03 MTU-01 SVC-03|#ip 0a75 443 apis clusterinform crd creat ctl default dr6tx dr6tx_kub eof error fail gett k8s_ctl kubernet network org pod projectcalico sandbox system system_1_0 unexpect unknown v1
INS-01 INS-09 API-03|6e11 add calico clusterinform crd creat default error exist fail found network not org plugin pod projectcalico resourc sandbox setup type unknown
API-03 SVC-03|#ip 265b 443 add apis calico clusterinform crd creat default error fail gett network org plugin pod projectcalico sandbox servic setup type unavailabl unknown v1
API-03 API-02|#ip 443 add apis calico clusterinform crd creat default error f0c7 fail forbidden gett network org plugin pod projectcalico sandbox setup type unknown v1
API-03 SVC-03|#d #ip #n 443 apis calico clusterinform crd default delet destroy eof error fail gett kubelet m1 network org plugin podsandboxid projectcalico remot remote_runtim runtim sandbox servic stoppodsandbox type unknown v1 月
CFG-01|#n cni configur destroy error fail kubelet lab network nov remot remote_runtim runtim sandbox servic stoppodsandbox uninitializ unknown
CFG-01|#n cannot cni configur etc found jun n1 net network no node origin updat
|#n collect garbag imag kubelet succeed
ING-04 MSH-02 SVC-02|#n bad plain port request sent
ING-04 SVC-01 SVC-05|#n 17t03 502 54z bad caus debug eof gateway
ING-04 ING-06|#ip #n 22t15 500 52z any becaus cannot caus certificat contain debug error internal ip node not sans validat
ING-06|#n 22t15 52z app certificat debug default request serv shop test
SVC-01 ING-04 ING-07|app backend error flask frontend shop test undefin
ING-04 MSH-02|#ip #n #x client error fail handshak nginx node numb routin shop ssl ssl_do_handshak test upstream vers wrong
ING-04 SVC-01|#d #n 8080 activ answ backup check down durat failur handshak info invalid layer# layer6 left node prod prod_svc_8080 reason servic srv srv_1 ssl warn
MCL-02 MCL-01 MCL-03|#ip endpoint error fail ip ping remot statu successful
|#n connect control no passiv rackae# rackae2 ru2
MCL-02|#d #ip #n avg cabl clust connect driv gateway ip libreswan member# member2 nat no remot rtt statu subnet
|#n 218z 21t01 go1 inf main vers
AZR-02|#x 9c6a ac1b add addres allocat allocateipconfig availabl azur cns configur creat desiredipaddres enough error eth# eth0 fail invok ip ipam ipconfigrequest more nc network not plugin pod podinterfaceid request sandbox setup statu type unknown vnet wait
AZR-01|#n addres allocat availabl azur fail ipam no vnet
|#n addres ipam refresh sourc
AZR-03|#n cni error lock stor timeout
|#n activat affect azur becaus cni due error fail functional happen ignor not post return sendreport servic statuscod telemetry yet
DNS-01 DNS-02 DNS-06 DNS-05 DNS-04|#n again api dns eai eai_again error getaddrinfo getaddrinforeqwrap js oncomplet onlookup user
SVC-01 SVC-02 MSH-02 POL-11 SVC-06|#ip #n connect error fail redi refus
POL-01 RTE-01 SVC-03|#n cannot connect mast sep timeout
POL-01 DNS-05 DNS-02|#n cannot connect mar mast resourc temporari unavailabl
|#n backlog becaus cannot core enforc lower mar net proc set sett somaxconn sys tcp valu warn
|#ip #n connect error exceptionhandl nest pm refus
DNS-01 DNS-02 DNS-06 DNS-05 DNS-04|#n 0x7f91 80 again caus connect connectionerror errno establish exceed fail httpconnect httpconnectionpool max new newconnectionerror node object order port retry try url urllib# urllib3 v1
RTE-01 RTE-07 DNS-02 DNS-05 SVC-03 RTE-06|connect could no node reach timeout
RTE-01 DNS-02 DNS-05 DNS-04 RTE-18|#ip 53 clust default dial error local order resolv servic timeout udp
RTE-04 IPM-07 RTE-10 RTE-03|#ip #n add argu fail invalid network vxlan vxlan_network vxlanrout
DNS-04|#ip #n 53 backend error order read shop test timeout udp unreachabl
SVC-10 POL-09 INS-07 RTE-14 POL-10|#n args call exist fail failedsystemcall felix ipam iptabl masq noflush not pool restor retcod set stderr system v1 verbos
|#n batch calico felix fiptabl info iptablesupdat len live no none queu queue_len raw true updat v6
RTE-04 RTE-17 INS-01 INS-07|#n calico calie# calie9bcfbac84b configur endpoint fail failedsystemcall felix interfac orch warn wloadendpointid
IPM-04 IPM-06 IPM-03|#ip #mac #n caus connect data down due error incom info ip merg n4 own owns peer rang says shutt think
IPM-04 IPM-06 IPM-03|#ip #mac #n 1f 9e connect down due e3 error incom info ip messag own owner rang receiv says shutt updat v4959 v4961
RTE-07 RTE-01 NOD-01 RTE-04|#ip #n attempt connect dial during error info tcp# tcp4 unreachabl
|#n byte emsgsiz expect info ip packet payload pmtu send updat
|#mac #n debu ec2 internal kubernet lose n9 peer prepar remov
IPM-04 RTE-01 INS-01 NOD-01 RTE-07|#ip #n 0e 20t15 40z connect down due error info log peern read reset shutt stderr stream tcp# tcp4 u003 u003e172 w2
IPM-04 IPM-06 IPM-03|#ip #n 2e connect down due erro error invalid receiv shutt stat updat
BGP-03 BGP-01|#ip #n 179 19t16 41z connect debug dial fail key peer tcp timeout topic
BGP-03 BGP-01 BGP-02|#ip #n 179 activ addres asn configur local local_addres local_asn local_port neighbor neighbor_addres nil peer peer_asn port remot remote_port rout router_id sess session_stat stat transport type
BGP-03 BGP-01 INS-07|#ip #n 15t02 179 55z availabl connect dial error fail localasn not op peer peerasn protocol setsockopt
|#ip #n 179 bgp establish event info localasn peer peerasn sess sessionup
BGP-03 BGP-01 BGP-02|#ip #n 179 bgp down event localasn peer peerasn sess sessiondown warn
BGP-03 BGP-01 BGP-02|#ip #n 179 bgp connect eof error fail localasn op open peer peerasn read
BGP-03 BGP-01 BGP-02|#ip #n 06z 25t18 bgp bgp_fsm_idl bgp_fsm_openconfirm chang debug fsm idle invalid key new old openconfirm peer reason stat topic
|#ip6 #n 12t20 42z configur delet info key peer topic
ING-01 SVC-02|#n argocd controll createtargetgroupinput error field found ingres invalidparamet logg minimum name port reconcil valid valu
SVC-01 ING-01 ING-07 ING-04|#n alb controll default due edge error fail ingres key kubebuild load local match name namespac no object reconcil request service# service1 serviceannot stor targetgroup
ING-02|#n build clust configur contain controll due error fail io kubebuild kubernet loadbalanc must nameu# nameu003 owned qualify reconcil resolv retrieval shar subnet tag u003cclust valu
ING-01 ING-03 ING-02|due error fail found listen listenernotfound more not one reconcil rule
ING-01 ING-02 AWS-05|#n 0ab clust controll eni error exact expect io kubernet one prod reconcil securitygroup tagg targetgroupbind
|#ip #n 00z 29t07 arn aws deregister elasticloadbalanc eu id info kubernet port target targetgroup
MTU-01 MTU-04|#ip #n 1450 icmp icmp_seq long messag mtu seq too
MTU-01 MTU-03 MTU-04|#n byte drop inter larg node ones packet pass pod silent sinc small traffic upgrad
MTU-01 MTU-03 MTU-04 RTE-14|#n byte client connect curl handshak hello millisecond oper out receiv ssl timeout tls tlsv# tlsv1
MTU-01 MTU-03 MTU-04 ING-06 ING-04 MSH-02|#n #x curl eof error read routin ssl unexpect
MTU-01 ING-06 MSH-02 WHK-01 MTU-03|#ip #n eof error handshak tls
SVC-01 DNS-02 DNS-07|addres error name produc resolv unavailabl zero
DNS-02 DNS-05 DNS-04 DNS-07|_channel _rendezvou detail failur grpc name resolut statu statuscod terminat unavailabl
DNS-02 DNS-05 DNS-04 DNS-07|_channel _inactiverpcerror detail dns fail grpc resolut statu statuscod terminat unavailabl
SVC-01 DNS-02 DNS-07|#n addres children debug debug_error_str descript error fail pick receiv string subchannel updat
SVC-01 DNS-02 DNS-07 MSH-03|addr addres grpc io nameresolv no return statusruntimeexcept unavailabl usabl
DNS-02 DNS-07 DNS-05 SVC-01|#ip #n 07t15 364z 53 dns due fail grpc grpclog hello info logg lookup no node record servic such
INS-01 INS-06|#n #x add agent cannot cilium client cni configur connect creat dial error fail localhost network plugin pod refus run runn sandbox second setup sock timeout type unix unknown v1 var
INS-01|#n cmdadd cni connect dial directory dummy fail file multu no post request run send shim sock statu such unix
INS-01 RTE-19|6f5 add antrea cart cni connect dial directory error fail file name namespac network no plugin podsandboxmetadata run runpodsandbox sandbox setup sock such till transport type unavailabl unix var
INS-01|#n add adding bill billing_work cni dummy eof error fail kubernet multu name network node overlay ovn plugin pod post request send type
INS-01 AWS-07 API-03|#ip #n #x add addnetwork aws call cmd cni connect creat dial error fail grpc name network plugin pod receiv refus sandbox setup tcp transport type unavailabl unknown
INS-01 AZR-02|#ip #n add addres azur cns connect dial error fail invok ip ipam localhost network plugin post refus request requestipconfig tcp type vnet
INS-01 NOD-04 INS-09|9a1c back backoff fail kubelet kubernet off pod restart rout system vx8q2 vx8q2_kub warn
INS-01 NOD-04|a1 anetd bb2lk controll daemon daemonset fail faileddaemonpod found gke kill kubernet node pod prod system try warn
INS-02|#x add bin cni creat error fail find network opt path plugin pod sandbox setup spiderpool type unknown
INS-02|adding bin cni error exec fork format kubernet network opt ovn pod
INS-02|add bin calico cni deny exec fail fork opt permiss plugin type
INS-02|0_db bin cni diagnostic directory end error exec fail file fork input json messag net netplugin network networkplugin no opt pars pod repl set such unexpect up weav
INS-03|#x add bin cni creat error fail find network opt path plugin pod portmap sandbox setup type unknown
INS-03 INS-05|add cni error fail find lib libexec local path plugin tuning type usr
INS-03|#n 77ad adding bin cni delegat dhcp error fail find lab net network node opt path plugin pod vnf
INS-04|#n bin busy calico cni error fail file install ipam nil node open opt plugin text
INS-04|bin busy cannot cilium cni cp creat file node opt regular text
INS-05 INS-02|add calico cni fail find ipam lib path plugin type usr
INS-05 CFG-01|#n args calico cni configur conflist current etc found initializ microk# microk8 net network no not plugin snap var wrot
INS-05 CFG-01|agent check cni configur cri during error etc fail found init initializ k3s lib load net network no not pleas plugin pod ranch sett statu up var
INS-06 INS-01|#x add calico check creat directory error fail file lib mount network no node nodenam plugin pod runn sandbox setup stat such type unknown var
INS-07|#n cannot error ip_vs_rr ip_vs_sh ip_vs_wrr ipvs load modul node not proxi wrr
INS-07|#n cali creat error felix ifacenam link not oper support warn wireguard
INS-07|#n cannot controll creat fail ipset kernel kubernet network network_routes_controll open rout run sess v7
INS-07|cilium cilium_vxlan creat devic fail fatal not oper sett setup start support tunnel up vxlan
INS-07|#n directory fatal found kvm lib modprob modul not openvswitch vswitchd
INS-07|#n allow cannot ensur error exist exit fail flannel initializ insert insmod ip_tabl iptabl legacy modprob nat need not oper postrtg rule runn sbin sett statu tabl up usr v1 wait
INS-08 IPM-01 API-03 INS-01|#x add check creat directory env error fail file flannel load log network no node open plugin pod run sandbox setup subnet such type unknown
INS-09|bpf caliconetwork controll controller_install creat default error install invalid io iptabl linuxdataplan nftabl operator resourc spec support tigera unsupport updat valu vpp
INS-09 API-02|cannot cilium ciliumnodeconfig error fail find io kubernet list node request resourc v2
INS-09 AWS-01|#n 04t09 201z 4xlarge awsutil cannot determin eni error found instanc limit list m9g not support type
INS-11|88cc cgroup error fail fs generat mount not path pod shar spec sys
INS-11|answ daemon error mount not path shar slav
INS-12|cannot containerd cp creat error exec executabl fail file found not oci path pod proces runc runtim shim start task unknown
INS-12|bin cni creat directory error exec fail file install no oci opt pod runtim start stat such
API-01|#n asked client cni context credential error etc fail getk# getk8sclient gett kubeconfig kubernet multu net net# net1 node provid runn tool uid
API-01|#x calico clusterinform connect creat delet error fail gett network plugin pod sandbox setup type unauthoriz unknown
API-01|#n 401 cach client fail io kubernet mod network networkpolicy pkg reflector statu tool unauthoriz unknown v1 watch
API-01|add engin error fail kubernet overlappingrangeipreserv plugin storag type unauthoriz whereabout
API-02|#n agent antrea antreaagentinfo api cannot clust crd fail forbidden group io kubernet reflector resourc scop serviceaccount system user v1beta2 watch
API-02|#ip #n api cannot cncf cni engin error forbidden group io ippool kubernet namespac resourc serviceaccount storag system user whereabout
API-02|#n cannot cilium ciliuml# ciliuml2announcementpolicy error fail forbidden github io k8serror kubernet list pkg resourc serviceaccount system user v2alpha1 watch
API-03|#ip #n 443 adapt apis cannot clusterinform connect crd daemon datastor default dial error fail fatal initialis initializ org projectcalico tcp unreachabl v1
API-03 MTU-01|#d #ip #n 443 apiserv await cancel client connect exceed fail head healthz main net request timeout wait
API-03|#ip 443 connect dial error fail klog tcp unreachabl vers
API-03|#ip 443 api cannot dial node peer tcp timeout v1
API-03|#ip 443 api connect datastor dial error foo hit node refus retry tcp v1
API-03 WHK-01|adding apiserv cannot client connect deadlin elaps error linkerd rule tcp
WHK-01 GCP-01|#d 443 call certificat context creat error fail internal internalerror io issu manag node occurr post servic timeout validat webhook yaml
WHK-01 GCP-01 AWS-05|#d #ip #n 443 aws call dial elbv# elbv2 error fail internal kubernet loadbalanc mservic mutat occurr post servic system tcp timeout v1 webhook
WHK-01 SVC-01|#d 443 availabl call endpoint fail kyverno no post servic timeout validat webhook
WHK-01 API-03 GCP-01|#ip 10250 answ apis await cancel client connect exceed fail head io kubernet metric miss net request timeout v1beta1 wait
CFG-01|#n cni error fals initializ kubelet messag network networkpluginnotready networkready not plugin pod ready reason return runtim
CFG-01|#n cni configur etc file info kubernet net network no ocicni provid start
CFG-01|cni configur csinod error etc fals found initializ kubeletnotready messag net network networkpluginnotready networkready no not plugin pod ready reason return runtim yet
CFG-02|#n beginn chang charact cni configur error etc event fail file fs invalid key load look multu net object pars receiv reload string writ
CFG-02|#n antrea cni configur conflist error etc file key list load net no pars plugin
CFG-02|#n cannot cni configur conflist dev error field file home int json load mtu net netconf pars podman string struct type unmarshal warn
CFG-03|#n audit avc cilium comm conflist container_runtime_t containerd deny dev file home ino name object object_r permissiv pid pod read runtim s0 scontext sda# sda4 system system_r system_u tclas tcontext type user user_home_t
CFG-03|#n cni configur conflist deny etc fail kindnet load net open permiss read
CFG-04 CFG-05|#n canal cni configur conflist etc file found ignor multipl net old warn weav
CFG-05 CFG-04|#ip #n bridg cni conflist creat crio etc ip ipv# ipv4 net network pod successful
CFG-06|#n bak cilium cilium_bak cni configur conflist etc file info istio net node non renam
CFG-07|#n #x add cni configur creat error fail incompatibl network plugin pod ptp sandbox setup support type unknown vers
CFG-07|#n cannot cnivers convert mynet network no unsupport uses valid vers
CFG-08 MSH-05 CFG-06|#ip #n connect dial error refus tcp
CFG-09|#n 8443 asks bridg chain conflist contain hostport ignor not plugin pod portmap
CFG-10|attach cannot ceph cncf cni definit east find found io ipvlan kubernet multu namespac network nonetworkfound not storag warn
CFG-10|#n 1c2d adding addres cni du error fail load loadconf n3 netconf network pci pod ran requir sriov vf
IPM-01|#n acquir assign cidr edge error fail leas main network node not pod register
IPM-01|due kubenet lack like most netconfig not podcidr
IPM-01|#n agent allocat cidr clust controll edge empty enabl error initializ kubernet main make manag node pleas podcidr rang runn spec specify sufficient sure
IPM-02 IPM-03|#ip #n #x add addres allocat availabl creat error fail ip network no plugin pod ptp rang sandbox set setup type unknown
IPM-02 IPM-09 IPM-11 IPM-03|502 add agent allocat availabl cannot cilium cni fail ip ipam local more no plugin post postipamfailur type
IPM-02 IPM-03|#n acquir addres fail handl internet noavailableaddres ovn pod shop subnet
IPM-02 IPM-09 IPM-03|#n allocat assign base base_network_controller_pod controll exhaust fail internet ip logical network new pod port rang shop shop_web
IPM-03 IPM-06 IPM-02|#ip #n #x alloc allocat allow duplicat fail not rang
IPM-04|#n addres affin assign block enabl error free ipam ipam_plugin ipv# ipv4 more no out plugin request strict
IPM-04|#ip #n 77a candidat handl ip ipam kubernet leak lose network node pod
IPM-05|#ip #n add addres already bridg cni different fail ip plugin podman# podman1 set type
IPM-06|#ip #n adding already cali# cali5a1d44e0b11 dst error exist fail ifindex interfac network node other rout scop setup side
IPM-06|#ip #n addres cali# cali1 cali2 cidr claim duplicat endpoint felix interfac ip multipl pod rout route_tabl tabl warn
IPM-06|#ip #mac addres detect duplicat eth# eth0 ipv# ipv4 kubelet
IPM-07|#ip #n cidr networkprofil networkprofilecidroverlapvnet overlap reserv vnet
IPM-07 IPM-09|#ip #n cidr conflict daemon detect ip node overlap pod podcidr warn
IPM-08|#ip #n already anoth duplicat leas network node podcidr subnet vxlan vxlan_network
IPM-09 IPM-02|#ip #n allocat block cannot creat daemon exhaust fail fatal health ip local rang rout start
IPM-10 IPM-02|#ip #n adding allocat cannot engin error excluderang ip network pod rang storag storagenet
IPM-11|#n accept alloc allocat allocator cidr error fail left n129 no node podcidr rang range_allocator remain updat
IPM-11 IPM-02|#n allocat allocator cannot cidr error exhaust ip ipam name node warn
IPM-11 IPM-02 ING-03|1a creat detail exhaust fail gke instanc ip ip_space_exhausted_with_detail pod project rang region secondary spac subnetwork with
IPM-12|#n add addres calico configur edge fail ipv# ipv4 match no node nodeselector not plugin pool request type
IPM-12|#ip #n calico enabl exist given ipam not pool
RTE-01 AWS-05|8472 arriv cros duplicat leav node noth pod reach show tcpdump timeout traffic udp
RTE-01|#ip #n connect dial fail fallback heartbeat lose retry sleev tcp# tcp4 timeout udp
RTE-02|#mac #n addres chang flannel interfac mac systemd udevd v6 vxlan want
RTE-03|#ip #n cannot entry error fdb flannel insert neighbor no node remot vtep
RTE-04|connect default ip no ping pod rout show unreachabl
RTE-04 RTE-15 RTE-11|#ip #n add error eth# eth0 fail felix gateway ifacenam rout route_tabl tabl targetcidr unreachabl
RTE-05 MTU-01|#ip #n 8472 bad checksum connect nodeport second take udp ulen
RTE-06|#n cni# cni0 count dockerd drop forward iptabl packet policy set
RTE-07|#ip #n 10250 activ admin connect curl fail firewalld icmp ms node port prohibit unreachabl
RTE-07|#ip #n admin filt icmp ip length node prohibit unreachabl
RTE-08|#ip #n dev ff head ipv# ipv4 kernel ll lxc# lxc8821aa martian sourc
RTE-08|#n configur every filt grow ipv# ipv4 net rp_filt second tcpextipreversepathfilt
RTE-09|#n content error filecontent forward ip_forward ipv# ipv4 net not proc set sys
RTE-10 BGP-02|#ip #n addres duplicat enp# enp0s3 every interfac match name node report vagrant
RTE-10|#ip any assign fail find interfac ip local node not specify
RTE-11|#ip #n backend gw ignor leas node subnet type uses vxlan
RTE-12|#ip #n eth# eth0 manag manageforeignroutingpolicyrul networkd not policy remov rout rule systemd tabl us yes
RTE-13|#ip #mac arp eni# eni9a8b entry mac macaddresspolicy node permanent persistent pod veth
RTE-14|#ip #n dns eth# eth0 leav loss name nated packet ping pod resolv servic show sourc tcpdump un
RTE-15|#ip #n addres allow allowed_address_pair contain dropp neutron not packet pair port secur sourc
RTE-16|both iptabl legacy mode nftabl present rule save see tabl them warn
RTE-17|carri cni# cni0 disabl enter eth# eth0 link mast no node pod side stat vethab# vethab12cd34
RTE-18 RTE-01|4789 consum every guest lose node nsx overlay packet udp vmxnet# vmxnet3 vtep vxlan
RTE-19|#n 01z 03t10 attempt connect db fail openvswitch reconnect refus run sock unix var warn
RTE-19|br client connect dial fail int mgmt openflow openvswitch ovs_client refus run switch unix var
RTE-20|#ip #n addres bird cover kernel learn mesh mesh_10_3_0_12 node own rout tunl# tunl0
BGP-01|#ip 179 activ bgp connect expir fail fsm neighbor stat timeout timer
BGP-01|#ip 179 connect dial error fail key peer tcp timeout topic warn
BGP-01|#ip 179 bgp connect control dial error fail peer plan refus tcp topic warn
BGP-02|#ip #n addres already calico ipv# ipv4 node startup terminat warn
BGP-03|#ip #n bgp control data expect info key mismatch notific numb peer plan receiv sent subcod topic
BGP-03|#ip #n 179 fail hash index l3 md5 tcp
BGP-03|#ip bgp bird collis error id identifi node node_10_4_0_9 open own receiv rout
BGP-04 INS-06|bird bird# bird6 birdv# birdv6 calico cannot connect ctl dial directory fail file no node nodenam not prob readines ready run socket stat such unix var
BGP-05|bgp bgppe fals found ipv# ipv4 no node nodetonodemeshenabl peer select statu
BPF-01|#n bpf bpf_syscall fatal felix filesystem fs mount not sys syscall type
BPF-02|#n acces cil cil_from_overlay deny error fail from invalid line load memory omitt overlay permiss program r1 r6 scalar u64
BPF-02 BPF-05|#n argu begin bpf bpf_skb_change_tail calico calico_tc_main chang fail func invalid libbpf load log main prog program skb tail unknown
BPF-02|#n allow between bpf bpf_prog_load ebpf errno error fail load map map_valu math min not point prog program regist syscall unbound valu verifi
BPF-03|#n argu cannot descriptor element endpoint endpointid file ingres key list long map too updat warn
BPF-03|00912 cilium cilium_policy_v2_00912 devic endpoint error fail left map no policy spac syncpolicymap updat
BPF-03|#n bpf cilium cilium_bpf_map_pressur cilium_snat_v4_external external map map_nam name pressur snat
BPF-04 RTE-16 SVC-04|chain detect duplicat enabl handl iptabl kubeproxy kubernet may replace servic warn
BPF-05 BPF-02 INS-07|allow bpf check confidential configur down fatal gz kernel lock lockdown miss not ok prob proc system
BPF-06 BPF-02|#n attach endpoint fail internet joinep not ready regener shop stat warn
DNS-01|#n 7db6 coredn cpu cputhrottlinghigh kubernet namespac pod system throttl
DNS-02 DNS-11 DNS-03|#ip #n connect coredn dial endpoint fail no prob readines ready refus tcp
DNS-03|#ip #n 53 coredn detect fatal hinfo io lookup loop plugin see troubleshoot zone
DNS-04|#ip #n 53 aaaa acme error internal plugin read registry test udp unreachabl
DNS-04|#ip #n 53 dial error exampl login net plugin tcp timeout
DNS-05 DNS-02 DNS-04 DNS-07 SVC-03 DNS-09 DNS-06 DNS-10|#ip #n 53 bank clust dial ledg local lookup read servic tcp timeout udp
DNS-05 DNS-02 DNS-07 DNS-04|clust failur java local name net order resolut servic shop temporary unknownhostexcept
DNS-05 DNS-02 DNS-07 DNS-04|#n again cach dns eai eai_again error getaddrinfo getaddrinforeqwrap mast node oncomplet onlookup redi
DNS-05 DNS-02 DNS-07 DNS-04|addres cannot data error failur name node pg psql resolut rw temporary translat
DNS-05 DNS-02 DNS-07 DNS-04|#n 0x7f api connect errno except fail failur httpsconnect name nameresolutionerror object resolut resolv temporary test urllib# urllib3 vendor
DNS-06|#n conntrack dig every fail few insert insert_fail lookup take
DNS-07|#n back cannot clusterdn clusterfirst configur creat default fall internet ip kubelet missingclusterdn not pod policy warn
DNS-08|#d #ip #n aa api clust each external fals five info local lookup name ndot nxdomain partn qr rd servic shop test udp
DNS-08 DNS-07|apply clust corp dnsconfigform exceed kubelet limit line local omitt path search servic shop some test warn
DNS-10|#ip allow app configur coredn egres etc kubernet lookup nameserv resolv says timeout
DNS-11|#ip 443 apiserv connect dial failur kubernet plugin tcp unreachabl vers warn
DNS-11|apiserv info kubernet node plugin start wait
SVC-01|#n activ any checkout controll endpoint not servic till
SVC-01|#n cannot checkout creat error found ingres namespac not servic servicenam serviceport shop subset till
SVC-01 ING-04 SVC-13 SVC-05|healthy no upstream
SVC-02 ING-04|#n any checkout controll endpoint error found metric not obtain pod port servic targetport till
SVC-02 SVC-01 SVC-03 SVC-06 SVC-12|#ip 80 connect dial refus tcp
SVC-03 SVC-10|#d 503 ago fail healthz lastsucces proxi proxy retry rule servic sync unavailabl
SVC-04|cleanup detect iptabl ipvs ipvs# ipvs0 kubeproxy kubernet leftov mode node other run runn server_oth virtual
SVC-06|#ip #n connect dial listen pod refus show ss tcp though
SVC-07|#n bridg call content error filecontent iptabl net nf not proc set sys
SVC-09|#n conntrack dropp exhaust netn nf_conntrack packet tabl
SVC-09|conntrack dropp exhaust nf_conntrack openvswitch packet tabl
SVC-10|#d #n busy cannot dev devic error exit fail nftabl proces resourc retry rule run statu stdin transact
SVC-10 INS-07|#n append chain directory error execut exit extens fail file iptabl kernel kubernet line mark masq miss modul nf_tabl no not proxi restor revis rule rule_append statu such support tabl v1 warn
SVC-11|#n complet conntrack deny fail max net netfilt nf_conntrack_max node open permiss proc sys
SVC-12|#n answ endpoint externaltrafficpolicy local no node nodeport only other servic
SVC-13|break circuit connect disconnect error head open overflow pend reason reset uo upstream upstream_rq_pending_overflow
POL-01 POL-02 POL-09 POL-15|#n 8443 deny flag id ingres internet jun none pay policy syn tcp till verdict
POL-01 POL-02|#ip 443 action cali# cali77 calico default deny dpt dst eth# eth0 out packet policy proto src tcp
POL-01|#ip #n antreanetworkpolicy antreapolicyegressrul drop lockdown tcp till
POL-07|block clust exist flannel imple networkpolicy not noth object plain runs
POL-08|api deny dns dnsproxy exampl fqdn policy qnam request strip verdict warn
POL-11 MSH-01 API-03 POL-01|#d #n 15012 ago clos configur connect disconnect envoy error grpc head istio istiod reason reset servic sinc stream streamaggregatedresourc system timeout upstream warn xds
POL-11|#ip 15008 acces addres block complet connect deadlin dst elaps error hbon mayb networkpolicy port timeout
ING-01 ING-02 ING-03 AWS-04|cloud configur controll ensur error external fail ip loadbalanc no pend provid servic sync syncloadbalancerfail warn
ING-01|#n becaus clas error external front ignor ingres key local match nginx no object stor till validat
ING-01 ING-03 IPM-02|allocat allocationfail availabl controll fail front ip metallb no till warn
ING-02|#n auto build cannot discov due elb fail failedbuildmodel faileddeploymodel ingres io kubernet least match model one resolv role subnet tags vpc warn
ING-03|#n 403 error exceed forward googleapi internal internal_forwarding_rules_per_network limit loadbalanc network per quota quota_exceed rule sync
ING-03|#n addres cannot creat external ip messag more publicipcountlimitreach region subscript
ING-04 POL-01 SVC-02 PRF-01|#ip #n 110 client connect error exampl node oper test till timeout upstream
ING-04 SVC-02|#ip #n 8443 answ clos connect error head premature read upstream
ING-05|#n 503 certificat challeng check controll error expect fail kind logg manag propag resourc resource_kind statu type wrong
ING-05|#n challeng dns exampl not propag propagat record test till wait yet
ING-06|#n ago certificat date days err_cert_date_invalid error exampl expir invalid net node test till
ING-06|#n certificat controll error exampl front node not old ssl test till tls unexpect valid validat
ING-07|admiss already defin deny exampl front ingres io kubernet nginx node path request test till validat webhook
ING-08|#ip answ arp fals ipvs kubeproxy mode node strictarp two
MSH-01|#n install internet io istio label match namespac no pod proxy rev revis till
MSH-02 ING-06|#n certificat certificate_verify_fail connect disconnect end error fail failur head internal latest openssl openssl_internal reason remot reset retry routin ssl tls tls_error tls_error_end transport upstream verify
MSH-02|#n connect curl failur mesh mode no peer peerauthentic pod recv reset sidecar strict
MSH-05 CFG-08 CFG-06|#d configur ensur error expect fail iptabl linkerd linkerd_network_validator network pleas rewrit rule timeout traffic validat validator
MSH-04|#n 128mi internet istio limit oomkill pod proxy till
MSH-06 SVC-05|503 applic connect drain during each fail request reset rollout sidecar some terminat uc
MTU-01 MTU-04 MTU-03|#n answ arriv client curl error hang hello local long messag mtu over overlay ping small too
MTU-04 MTU-01 MTU-03|#ip #n frag icmp ip length mtu need unreachabl
NOD-02|cadvisor error fail file init inotify inotify_init many open start too watch
NOD-04 INS-01|#n 2099001kb 3911020kb agent anon cgroup cilium kill memory node out proces rss total
NOD-01 INS-01 CFG-01|#n controll kubelet node nodenotready normal now post statu stopp
AWS-01 AWS-02|#n alloc already debug eni ipamd limit max reach skipp
AWS-02|0a1 add addres assign aws cmd cni event fail failedcreatepodsandbox insufficientfreeaddressesinsubnet ip node plugin pod subnet type warn
AWS-03|#n allocat api assignprivateipaddress block cidr ec2 enough error fail free insufficientcidrblock not oper prefix specify statuscod subnet
AWS-04|#n 0a 403 53 accessdeny arn assum authoriz aws error fail host list listhostedzon node not oper perform record retrieval role rout route# route53 statuscod sts user zone
AWS-04|abc author authoriz describ encod error fail failur interfac messag network not oper perform unauthorizedoper
AWS-06|allocat already branch branchallocationfail cannot capac controll creat eni entry exist fail new pod reach resourc trunk vpc warn
AWS-07 INS-01 API-03|#ip #n 443 agent amazonaw aws caus central daemon dial ec2 eu fail info ipam kubernet main post request requesterror retry send start tcp timeout wait
AWS-08|back deleg enabl fall instanc ip medium nitro not prefix secondary t2
AZR-01|add addres allocat availabl azur delegat fail no plugin type vnet
AZR-02|7c1d allocat allocateipconfig availabl azur cns enough fail ip more nc not statu subnetisfull wait
AZR-03|azur fail held initializ json lock network plugin run stor timeout var vnet
GCP-01 WHK-01|#d #ip #n 10250 443 call cidr clust context fail gke inject io istio istiod mast only open pilot post privat servic system timeout webhook
MCL-02|#ip 4500 answ cableengin clust connect endpoint error natdiscovery no remot statu timeout udp west
MCL-03|#ip #n cidr clust east enabl globalnet not overlap west
MCL-05|annot backend cilium clust fals global io no pay remot servic till west
MCL-05|clusterset error found lighthous local not nxdomain pay plugin servic serviceimport till
INS-01 RTE-10 NOD-01 API-03 BGP-01|#n controll health health_controll heartbeat miss network rout
INS-01 NOD-04 BPF-06 BPF-02|1500 8472 bpf cilium cilium_host cilium_net cmd command datapath error eth# eth0 execut fail init kill lib load net node run sh signal stat tunnel var vxlan
INS-01 NOD-04 BPF-06 BPF-02|bpf cilium command creat daemon datapath error execut fail fatal init initializ lib reinitializ sh timeout var
INS-01 RTE-07 RTE-01 SVC-01 API-03|#n addres availabl connect daemon discover error fail fatal felix giving load next timeout tried try typha up
INS-01 CFG-10|cni connect daemon dhcp dial directory error file gett leas network no run sock such unix
INS-11 INS-01 CFG-10|#n #x 12t19 cc36 cni directory error establish fail file galaxy kubernet map metric name namespac netn network no node open podsandboxmetadata return run runpodsandbox sandbox setup statf such system var
INS-02 CFG-03|acces bin cilium cni cp deny fail new node opt permiss
INS-02 CFG-03|bin cannot cilium cni deny new node opt permiss remov rm
INS-02 CFG-03 INS-12|cannot cilium cp creat deny file hostbin mount permiss regular
INS-02 INS-12 CFG-03|#n bin calico cni found install line node not opt sh
INS-02|aws bin cni error exec fail fork format internet messag netplugin network networkplugin no opt pod shop teardown web_shop
INS-03|#n bin cni configur conflist crio error etc fail file find kindnet net opt path plugin ptp validat warn
INS-09 INS-05|cni configur dir error fail flag kubelet pars unknown
INS-06 INS-01|calico calicowindowsnodenam cannot check cni file find lib mount node pod runn specify stat system var
INS-07|add adding availabl bridg cannot cbr# cbr0 cni# cni0 creat default delegat error fail network not pod protocol testpod# testpod1
INS-07|cilium cilium_vxlan creat daemon datapath devic fail fatal not oper reinitializ setup start support tunnel vxlan
INS-07|#n felix info not support wireguard
INS-07|#n 05t10 512z datapath dpif dpif_netlink error exist fami generic kernel load modul netlink not openvswitch ovs_datapath probab
INS-07 PRF-02 CFG-09|add bandwidth creat directory fail file ifb no plugin qdisc such type
INS-07 CFG-09 IPM-05 CFG-10|#n add addres cannot cni# cni0 configur deny disabl disable_ipv6 ip ipv# ipv6 net permiss
RTE-19 INS-01 INS-07|#n agent dp error exit featur initializ list main runn statu
RTE-19 INS-01 CFG-10 INS-07|#n agent configur error exit fail flood initializ main no port runn set statu uplink
INS-09 CFG-10|#n client cncf cni io kind kubernet networkattachmentdefinit no regist register schem v1 vers
INS-12 INS-02 INS-09|#n 9xw caus ds error exec flannel format init kubernet linux proces standard standard_init_linux user
INS-12|answ cannot cni creat daemon directory error exec fail file install no oci pod proces runc runtim sh shim start stat such task unknown
INS-09 INS-01 CFG-10|#n 5c48_0 adding bf15 contiv dns error invalid k8s_kub kubernet moving name netn network nw run spac var
INS-01 API-03|#n 16t22 500 delendpoint empty error internal netn node return
INS-11|fail mount netn node not path pod privat run shar slav var
INS-04|bandwidth bin busy cni cp error file node opt text writ
INS-08 API-03 INS-01 IPM-01|#d controll directory env file flannel flanneld no node open run says still subnet such sync wait
INS-10 INS-02 INS-03|bin cni fail find kubelet opt path plugin ran reboot rf rm
CFG-01 INS-01|#n 00z 01t01 cni crio default info name network updat
CFG-02 CFG-10|add bridg cannot fail field int json load mtu netconf plugin string struct type unmarshal
CFG-02 CFG-10|beginn cannot charact configur invalid look network pars valu ï
CFG-03 CFG-01|#n audit avc cilium cni comm conflist container_runtime_t containerd deny dev dm etc net open path pid pod runtim s0 scontext system system_r system_u type
CFG-04|#n addres cilium cni conflist etc flannel hold migr net new pod still
CFG-05 CFG-04|#n 00z 08t12 5d7 adding bridg cni coredn crio info kubernet network pod system system_coredn type
CFG-07 CFG-02|#n crio delet empty error invalid network vers
CFG-07 CFG-10|#n add cannot convert fail multu no plugin type vers
CFG-07 CFG-09|#n add cannot cni fail pars plugin prevresult result sbr type unsupport vers
CFG-10 CFG-09|accept accept_redirect add adding allow configur error fail follow ifnam ipv# ipv4 net network not only plugin pod redirect sysctl tuning tuningnad type
CFG-10 IPM-02|adding allocat call dhcp error lan more network no pod trie
CFG-10|#x cach cni delegatedel delnetwork error gett invok lib name net# net1 netconf read result sriov var
CFG-10|#n 3b cni dpdk driv fail interfac load loadconf name netconf not sriov vf
CFG-10|#n availabl default failedschedul insufficient intel intel_sriov_netdevic netdevic node schedul sriov warn
CFG-10|#n allocat availabl devic due fail io kubelet numb openshift request sriovnic unavailabl unexpect unexpectedadmissionerror warn
CFG-09|8443 bridg conflist hostport listen no node noth only pod portmap tuning
IPM-01|#n addres cidr client confd error fail invalid n1 node pars podcidr
IPM-01|#n blank cidr kubelet kubenet kubenet_linux linux network no node plugin podcidr setup spec still yet
IPM-01 IPM-11 IPM-12|addres allocat allocator cannot cidr cilium configur error fami generic node not operator pod request v6 warn
IPM-02 IPM-12 IPM-03|addres allocat availabl fail ip ippool mode no out pool standard v4
IPM-02 AWS-02|#n creat eni enough error invalidvswitchid ipaddres ipnotenough not specify unknown vsw vswitch
IPM-02 IPM-09 IPM-03|502 agent allocat cannot cidr cilium creat endpoint error exhaust ip ipam local pod post postipamfailur rang
IPM-03 IPM-06 CFG-10 IPM-02|#ip #n addres allocat availabl fail ip not rang request set
IPM-03 IPM-06|#ip #n 5bfa77 add alloc allocat allow duplicat fail local node not plugin rang type
IPM-04 IPM-02|#ip #n addres assign availabl fail ip ipv# ipv4 no out pool request
IPM-04|#n addres assign block ipam ipv# ipv4 limit out reach request
IPM-04 IPM-06|#ip #n affin block ipam node owned says warn
IPM-06|#ip #n already cannot creat endpoint id ip ipv# ipv4 put putendpointidinvalid
IPM-06|#ip #n etl internet jobs node pod podip report runn shop two
IPM-07 IPM-02|addres among assign availabl cannot default find ipv# ipv4 network non overlapp pool
IPM-07 IPM-08|#ip #n cidr clust fatal overlap servic
IPM-07 GCP-03|#ip #n comput conflict corp engin googl ip network peer pod rang vpn
IPM-08|#ip #n both carry node podcidr spec w1 w4
IPM-11 IPM-07 IPM-08 IPM-01|#ip #n allocator cidr clust fail idx mark node occupy out rang range_allocator w1
IPM-11 IPM-08 IPM-01|#d #n cidrallocator cidrassignmentfail node normal now over statu x9
IPM-09 IPM-07|#ip #n addres conflict cover dock docker_gwbridg exclud gwbridg ipam local node pod rang rout warn
IPM-12 IPM-02|allocat availabl blue cannot ipam pool see spec unknown
IPM-12|#n candidat clust default eth# eth0 interfac internet ippool no pod shop
IPM-13|addres back cach client come every ip lose old other pod redeploy sess their
AWS-01 AWS-02 AWS-03 AWS-06 AWS-04|#n 16t15 389z addnetworkrep addres assignpodipv# assignpodipv4addressunsaf availabl devicenumb error info ip ipv# ipv4addr no send
AWS-01 AWS-02 AWS-03 AWS-07|#n 124z 16t15 6f3b addres assign default error fail ip namespac nginx pod
|#n 19z 21t09 403c default fail find mask namespac pod servic unassignipv# unassignipv4addres warn
RTE-01 MTU-01 RTE-07 NOD-01|#ip #mac #n connect down due error forward info kube# kube5 no shutt work
RTE-01 RTE-07 NOD-01 RTE-04|#ip #mac #n connect down due error info kubernet node read shutt tcp# tcp4 timeout
RTE-01 RTE-03 RTE-04 POL-01|#ip cilium connect endpoint health icmp node ok stack statu timeout
RTE-01 RTE-18 AWS-05|8472 eth# eth0 leav never node show tcpdump udp up
RTE-02 RTE-03|#ip #mac #n arp cm ether flannel link
RTE-02 RTE-13|#n addres cannot directory file flannel generat mac no persistent such systemd udevd
RTE-03 RTE-04 INS-07|#n addfdb devic fail no such vxlan
RTE-03 RTE-04|#n addarp argu fail invalid network vxlan vxlan_network
RTE-17 RTE-04 INS-07|answ down network rtnetlink stderr
RTE-04 IPM-06 RTE-03 RTE-17|#n 0x4 cali# cali21b92179d0a error fail ifacenam ipvers netlink oper rout route_tabl syncronis tabl updat warn
|#n calico cannot delet devic endpoint felix find interfac rout stderr tap# tap72415b26
NOD-03 RTE-04 SVC-09|argu invalid ping sendto
RTE-05 RTE-01|#n 0x08 0x1d2b 0x8c11 8472 bad cksum flag instanc ip otv overlay udp
RTE-06 RTE-07|#ip #n aa bb block cni# cni0 dst ens# ens3 kernel len mac out proto src tcp ufw
RTE-07 RTE-01|#ip #n 8472 aa dpt dst eth# eth0 external filt filter_in_public_reject kernel mac out proto reject spt src udp
RTE-09|#n configur forward ipv# ipv4 net sysctl
RTE-10|enp# enp7s0 exit fail fatal find flannel interfac ip net network no rout such
RTE-10 BGP-02|#ip #n error fail found interfac ip kubelet kubelet_node_statu network node nodeip not statu updat validat
RTE-10 RTE-04|#n any cannot default fail find interfac main rout valid
RTE-11|#ip #n gw ignor network node non type v4subnet vxlan vxlan_network
RTE-12 RTE-04|#n apply eth# eth1 lose netplan pod rule tabl their way
RTE-13 RTE-02|#ip #n addres anoth aws carry eni# eni3f2a entry mac node pod rewrot static systemd ubuntu veth
RTE-14|#ip #n 443 addres eth# eth0 ip leav masquerad no node own pod rule tcpdump
AWS-04 RTE-15|#n 0ac authoriz check controll destin disabl due fail instanc network network_routes_controll not oper perform rout sourc unauthorizedoper
RTE-17|#n 1450 bridg broadcast disabl down eth# eth0 if12 if3 link mast mtu multicast no pod stat veth# veth9f2c1
RTE-18 RTE-01|#n between moving node nsx segment stopp vxlan vxlanport work
RTE-19 RTE-17 RTE-04|#n 10t10 1z datapath dpif handler# handler4 info ofproto ofproto_dpif_upcall packet port receiv unassociat upcall
|#n addres bird interfac kif messag receiv unknown
RTE-20 RTE-04|#ip #n birdc itself learn mesh mesh_10_0_1_7 network node now over own rout show tunl# tunl0 tunnel unreachabl
BGP-01 RTE-07 BGP-02 BGP-03|activ bgp mast mesh mesh_10_0_0_7 socket start unreachabl
BGP-03 BGP-01 PRF-01|#n 168 192 201 bird error expir hold node node_192_168_2_201 timer
BGP-03|#n bad error global global_10_1_1_1 peer
BGP-03 BGP-01|#ip #n 0x0400 179 bgp clos error event localasn notific peer peerasn peernotific sent sess unknown
BGP-01 BGP-03 NOD-01 BGP-05|#ip #n 16z 29t05 activ bgp bgp_fsm_activ expir fsm graceful key peer restart stat timer topic warn
BGP-04 INS-01|bird birdv# birdv4 info not proces runn
BGP-04 INS-01 API-03|#n 12_11 bird calico cannot confd configur directory etc file no open such
BGP-04 INS-01 BGP-03|#n aggr bird bird# bird6 bird6_aggr calico cannot cfg# cfg161392533 confd configur directoryn error etc file includ line no open such
BGP-04 INS-01|#n cannot chang confd directory enabl error etc existn fail file not servic
BGP-03 RTE-10 BGP-05 BGP-02 BGP-01|#n add bgp bgp_pe due fail lookup nil no node peer such
BGP-05 RTE-04|any bgppe block every exist fals lose node nodetonodemeshenabl other set
BGP-03 BGP-01|#ip #n bgpd connect ec event failur fsm handl messag open opensent prior receiv receive_open_messag stat tcp tcp_connection_open
BGP-03 BGP-01 BGP-02|#ip bgp bgp_fsm_opensent bgpserverinstanc clos component connect control fsm gobgp key lose opensent peer plan reason sess stat warn
BPF-01|bpf bpff call cilium cilium_call filesystem global map not pin run tc
BPF-01 BPF-05|bpf deny fs mount permiss sys
BPF-02|#n acces any bound check insn limit make max max_states_per_insn memory per process r2 stat such sure unbound
BPF-02 BPF-05 BPF-06|#n call datapath disabl jit jited load maps owner program tail warn
BPF-05 BPF-02|#n agent bpf cilium deny kernel kernel_lockdown lockdown man ram read see
INS-07 BPF-05 BPF-02|bpf check cls config_net_cls_bpf configur error fatal kernel modul net not ok paramet requir system
BPF-06 BPF-02|#n bpf containerid endpoint endpointid error exit fail filt ident load program rewrit statu tc
BPF-06 BPF-02 BPF-03|#n 58_next_fail bpf containerid d0113b directory endpoint endpointid fail file generat ident keep path stal warn
BPF-06 BPF-02|#d #n 111x cilium controll endpoint fail nww# nww6k recovery regener sinc
BPF-06 RTE-17 BPF-02|#n datapath endpointid error fail found joinep link load lxc# lxc85a2df0e6d8c not program qdisc replac veth warn
BPF-06|#d #n bpfcompil chang configur context endpoint error fail proxy redirect regener stat timeout warn
BPF-06 BPF-02 INS-07|addres attach availabl devic ens# ens5 few free interfac net no program ring such too tx virtio virtio_net xdp
BPF-03|cannot cilium cilium_snat_v4_external devic entry error external left map nat no snat spac updat upsert
BPF-04 SVC-04|being besid chain kubeproxy kubeproxyreplace kubernet node pod runn servic still true w2 written yet
MTU-01 MTU-03 MTU-04|#n answ any byte caus gateway ingres more nginx timeout work
MTU-03 MTU-01 MTU-04 MTU-02|#n 1450 95 adds between byte drop interfac larg network node packet pod privat silent wireguard
MTU-01 MTU-04 MTU-03|#ip #n dst eth# eth0 icmp kernel larg mtu out packet proto src too type
MTU-03 MTU-01|#n larg mtu over runs tunl# tunl0 wg0
MTU-02 MTU-01|#n 1450 flannel hang mtu node only pod
MTU-01 MTU-03 MTU-04 RTE-14|add alpinelinux apk cdn client curl dl fetch hang hello org ping pod stop work
MTU-04 MTU-01|#n 1500 answ discard firewall icmp no pmtu pod tracepath type way
PRF-01 NOD-01|#n cpu doubl every grow ksoftirqd p99 servic softnet softnet_stat squeez stat time time_squeez
PRF-02|#d #n annot bandwidth between egres io iperf# iperf3 kubernet mbit pod stay
NOD-01|#d #n hasn last node nodecondit ready statu true type updat w1
NOD-01 CFG-01|#d #n activ ago down error healthy kubelet last not pleg pod runtim seen skipp synchron
NOD-02|exhaust inotify resourc tail
NOD-02|#n allocat directory fail file many open systemd too watch
NOD-03 NOD-05 PRF-01|availabl buff no ping sendmsg spac
NOD-04 INS-01|3914mi 512mi agent cilium exceed low memory node pod request resourc
NOD-04 INS-01|#n 1831020kb 261884kb anon calico cgroup kernel kill memory node out proces rss total
NOD-05 PRF-01|#n link load ms nstat over tcpextrcvprun udprcvbuferror under
SVC-11 INS-07|#n cannot conntrack error establish file net netfilt nf_conntrack_tcp_timeout_establish only open proc read set sys sysctl system tcp timeout
|#n cni# cni0 disabl enter kernel port stat veth# veth7a1b2c3d
|addrconf cali# cali38aee219176 ipv# ipv6 kernel link netdev netdev_up not ready
|eth# eth0 kernel renam tmp# tmp4f1a2
|assign attach automatic based conntrack ct default firewall found help instead iptabl kernel nf_conntrack not off reason rule secur target turn
|#n gain ipv# ipv6ll networkd systemd veth# veth53cd54f
|#n cali# cali9b13c26dc4d carri lose networkd systemd
|#ip #mac #n effectiv info kube# kube7 mtu sleev verify
|#n annot bgp cannot configur controll find info network network_routes_controll node peer rout skipp
|#ip #n 29t05 39z asn bgp bgp_fsm_opensent fsm info internal key negoti opensent peer skipp stat topic type
|#n annot any bgp commun controll current export find network network_routes_controll node not rout
|#n 0x8ac7969b attr backendtyp batch elem enableipv# enableipv4 enableipv6 event fals gw leas leaseattr node publicip subnet true type
|#n already devic exist vxlan
|#n addr calico calico_tmp_a chang dataplan felix ifacenam info int int_dataplan interfac linux mapset set tmp
|#ip #n adding back calico cidr felix ifacenam info no pend rout route_tabl tabl target updat vxlan
|#n cannot daemon default endpoint endpointid error found ignor k8spodnam kubernet not pod restor testclient warn xlzq# xlzq2
|#n cannot disconnect endpoint error id releas stat warn
|#n cilium endpoint health info kill old pid pidfil proces run stat var
|#ip #n #x 02t21 050z debug eni ip ipamd primary reconcil skip
|#n calico cni containerid count e095 info ipam ipam_plugin ipv# ipv4 ipv6 plugin request
|#n 19t03 491z action check check_pkt_len datapath dpif info len not ofproto ofproto_dpif openvswitch pkt support system
|#n env environ found namespac not pod pod_namespac variabl
|#n 2fcrio 2frun 2fvar connect crio dial directory factory fail file info no pod registr run sock such unix var
|#n cannot configur detect dev directory disabl event file kmsg manag no oomkill open sourc such
|#n #x 41a9 down found kubelet orphan tear volum
|#n bird# bird6 bird6_ipam calico confd configur etc info ipam out resourc sync target
|authentic fail fatal operationalerror password psycopg# psycopg2 shop user
|app enoent error json npm open packag path syscall
|heap java lang outofmemoryerror spac
INS-07|#n creat dataplan devic error fatal felix int int_dataplan kernel not oper support type vxlan
IPM-12|#n addres availabl batch error fail ip ipam ipam_plugin ipv# ipv4 k7 namespac no node nodeselector plugin pool request zone
API-03 SVC-03|#ip #n 000z 02t07 443 agent api apiserv cannot client connect dial error infra ipaddr kubernet modul namespac node reach system tcp timeout v1
IPM-09 IPM-07|#ip #n allocat bond# bond0 conflict creat daemon dev error exist fail fatal ip local podcidr rout
CFG-07 INS-09|#n acme add cni fail net plugin result support type unsupport vers
INS-04|antrea bin busy cannot cni cp creat file node opt regular text
RTE-10 INS-01|#n agent ens# ens7f1 error fail initializ interfac ip local main match no node obtain runn transportinterfac w9
BGP-01 RTE-07|#ip #n 00z 02t07 179 connect dial fail key peer tcp timeout topic warn
BGP-03|#ip #n administrative bgpd configur delet ec match not opensent refus remot went
BGP-03|#ip #n 179 hash index kernel l3 md5 mismatch tcp
DNS-04 RTE-07 RTE-14|#ip #n 53 crm error exampl partn plugin read udp unreachabl
SVC-11|#n conntrack deny error max net netfilt nf_conntrack_max node open permiss proc proxyserv runn sys
IPM-06|#ip #n addres allocat already assign fail internet ip pod provid shop shop_web switch w3
AWS-01 AWS-02|#n 02t07 9z addres assign attach availabl datastor eni handl ip ipamd no per prefix rpc rpc_handl unassignpodipaddres warn
AZR-02|#n 00z 02t07 allocat allocateipconfig availabl azur cns enough error fail ip logg more nc not pool privateip statu type wait
WHK-01 GCP-01 MSH-01 POL-11|#d #n 02t07 100z 443 call context creat error fail inject injector internal io istio istiod namespac occurr pod post servic sidecar system timeout webhook
ING-06|#n 00z 02t07 certificat error exist ingres internet kubernet load namespac not providernam secret shop tls
SVC-01 ING-04 SVC-05|availabl backend connect down endpoint http info internet layer# layer4 no node problem reason shop shop_web_http srv srv_1 warn
MCL-02|#ip #n 4500 cabl complet endpoint error handshak install never north not port reachabl submarin tunnel udp
INS-11|error fail generat mount netn not path pod run shar slav spec
IPM-02 IPM-03|#d #ip #n 6d5e add addres allocat availabl bridg creat crictl error fail failedcreatepodsandbox ip kubelet network no over plugin pod rang ready sandbox set setup stat type unknown warn wc x31
SVC-05 SVC-03 SVC-10|#ip #n aaa abc addres bbb default destin dnat endpoint grep internet iptabl jsonpath kubectl kubernet nat save sep tcp
RTE-14|#ip #n c2 echo eth# eth0 exec icmp id internet ip kubectl length loss ni node packet ping receiv request seq tcpdump transmitt
MSH-02 MSH-01|#d #ip #n age api connect curl default exec failur kubectl legacy mode name old peer peerauthentic port recv reset shop strict
RTE-05|#n 0x0 0x08 0x1e2f 0x77aa 8472 bad cksum ens# ens192 flag instanc ip ni otv overlay port tcpdump tos ttl udp vv
POL-04|any app ingres matchlabel meant monitor namespac namespaceselector not pod podselector prometheu team
RTE-12|#n answ eni external ip networkd nobody node pod restart rule secondary systemd unattend upgrad wc
DNS-07|#ip cat clusterip configur coredn etc exec jsonpath kubectl kubernet nameserv resolv servic spec system w1 w4
IPM-06 ING-08|#d #ip #mac #n answ arping eth# eth0 unicast
ING-05|#n 404 challeng expect pend present process propag reason stat statu true wait wrong
NOD-01|condit io kubelet kubernet memorypressur messag node nodestatusunknown noexecut post ready reason statu stopp taint type unknown unreachabl
CFG-02|#n cni configur conflist crio end error etc file input json net stat unexpect validat
MTU-01 MTU-03 MTU-04 MTU-02|#n 1450 1500 devic eth# eth0 lose mtu ok payload pod vxlan
SVC-06|#ip #n api connect curl exec fail forward kubectl listen ltn ms netstat pod port refus tcp work
ING-08|#ip a3 addres answ arping cm fals grep ipvs kubectl kubeproxy kubernet mac strictarp system thre yaml
SVC-07 SVC-08 SVC-03|addres alway each find node not other over own plac pod separat servic shar their they two
SVC-03 SVC-04 SVC-10|addres answ backend clusterip new no node noth own reach troubl
RTE-01 RTE-03 RTE-04 RTE-06 RTE-07 RTE-05|each node not one other over plac pod see soon spread they two
RTE-14 RTE-06|east fine internet no node out pod traffic way west
DNS-04 RTE-14|anyth back come ends external name once servfail servic
MTU-01 MTU-04 MTU-03 RTE-05|answ arriv between complet kilobyt more never node page small some
SVC-06 SVC-02|answ else loopback nobody own pod
POL-07 POL-02|although any clust connect databas deny everyth flannel only open pod policy still
SVC-12|addres client keep local lose no node policy replica servic sinc sourc traffic
IPM-03 IPM-02|any crash exhaust hard node pod rang said
RTE-06|dock dropp forward node packet pod sinc updat
RTE-07 RTE-06|#n everyth new node ping port unreachabl
INS-09|about agent bump came crds custom error field imag miss not resourc up
API-01 API-02|clock creat every fail jump node pod sinc unauthoriz
CFG-08 MSH-05|first fresh no node ones pod recreat redirect schedul second sidecar
ING-07|applic claim duplicat end ingress node path two up visitor wrong
BGP-02 RTE-10|addres announc bridg calico dock each node peer
DNS-06|few five hang hundr lookup one second succeed
AWS-06|branch instanc interfac left no own pend pod securitygroup small stay their
MCL-03 IPM-07|both cannot clust default install join now pod rang they
NOD-03|cach entry exhaust expir larg neighbour new node not old pod reachabl until
POL-01 POL-02|backend deny everyon frontend new only refus rule should well
|bird chang mesh mesh_10_9_0_12 stat up
|#ip #n cannot cidr daemon find ident previous warn
|#n conntrack max nf_conntrack_max nfconntrackmax sett
|#ip 53 added back dport info nodelocaldn notrack prerout raw rule udp
|#n cilium deploy hubbl install name revis statu successful
|#ip #n 80 connect content internet length ok port shop
|again did flow maintenanc node ready traffic
|age column does mean
CFG-01 CFG-02|cni conf_templat configur fail initial sometim templat
CFG-01 NOD-02 INS-02|clust cni install kubernet lastcniloadstatu network not ok plugin statu updat
CFG-01|cni delet etc initializ net not plugin recreat
CFG-01|chang cni configur etc event fail fs net receiv reload remov
RTE-19 INS-01|added antrea bridg crash manual openvswitch
IPM-09 IPM-07|blacklist cilium configur default exhaust node pod rang rout
BPF-03 BPF-06|failur insert map policymap silent
BPF-03 POL-10|cfp hard increas limit policymapmax
BPF-03|error overflow policymap startup swallow
IPM-04|cross fail inconsistency ipam rang reconcilli ring zero
IPM-04 IPM-02|addres alloc hang ip restart roll script weav
IPM-04 RTE-01 RTE-04|comm delet network peer stall unreachabl
IPM-04 IPM-08 IPM-07|attempt claim duplicat ip node rang
IPM-04|#n affin ipamblock more node not only work
IPM-04 IPM-12 INS-09|#n alway block calico ip ipam new pod upgrad
RTE-01 RTE-04 RTE-07 RTE-06|anoth cannot node one ping pod
RTE-10 RTE-01 RTE-06 RTE-07 RTE-04|communic cros node pod
RTE-04 RTE-01 RTE-06|flannel not pod request rout
RTE-01 RTE-06 RTE-07 RTE-04|cannot different node pod reach
RTE-06 RTE-14|#n caus dock kubernet outbound pod possib stop traffic v1 work
RTE-06 RTE-09|#n break due fix forward ip
RTE-06|#n access dock node nodeport remot support
RTE-06|#n atomic dock fedora kubernet nodeport open prevent servic
RTE-12|add custom delet ip networkd post restart rout set systemd
RTE-12|command creat delet fwmark iproute# iproute2 networkd restart rule systemd
RTE-02 RTE-13|admin app flannel macaddresspolicy none set wrapp
RTE-08|cilium interact iptabl rpfilt
RTE-16|backend ensur iptabl nftabl not tool
CFG-10 INS-05|additonal interfac k3s no pod
CFG-10|internal node not passthrough vf work
CFG-10|cannot creat devic net pod sriov
BGP-03 BGP-01|#ip #n cannot cento connect linux metallb quagga
RTE-04 BGP-05 BGP-03|kubernet not populat rib rout
RTE-04 RTE-03 BGP-05|entry miss node peer rout some
RTE-04 RTE-03 RTE-11 BGP-05|adding different kubernet node not rout subnet
RTE-04 BGP-05 BGP-03|accept bgp node not restart rout without
BGP-05 BGP-04 BGP-03 BGP-01|accept bgp calico need new node order peer restart
RTE-04 BGP-03 BGP-05 BGP-04|bird establish exchang failur no random rout sess
NOD-03|#n bump default gc_thresh3 ipv# ipv4 neigh net thresh3
NOD-03|adjust neighbour tabl threshold
PRF-01 DNS-01 NOD-01 MSH-04|alert cputhrottlinghigh fix
MTU-04 MTU-01|caus fragment handshak hang ipv# ipv6 packet ssl
MTU-01 MTU-04 MTU-03|#n fail handshak lower mss set tcp tls until
NOD-02|bug fs inotify low
NOD-02|add crash disclaim doc error file fs kubelet many notify open sometim too
IPM-07|addres creat dock network one other overlap pool spac
IPM-07|cidr clust node overlap pod provision servic specify yaml
RTE-10 RTE-01 RTE-04|#n addres calico cannot node reach wireguard
INS-07 RTE-10 INS-01|fail join keep network trying vxlan
RTE-17 INS-07 IPM-05|creat delet nerdctl# nerdctl0 not
RTE-14 RTE-06|#n addres any cni# cni0 deploy dns each external fine internal ip just lan lose no node other ping pod reach rout work
RTE-14 RTE-06 RTE-01 RTE-10 DNS-04|accept acces clust first forward help internet iptabl no node not one pod schedul second they
DNS-04 RTE-14|although cannot disabl dns external internal kubernet pod resolv runn ufw work
RTE-06 RTE-14 RTE-07|accept correspond external fedora firewall forward icmp network pod rule solv tcp udp unreachabl work
RTE-01 RTE-07 SVC-03 DNS-09 AWS-05|#ip accessibl addres dns filter first node only other pod
RTE-14 IPM-07 RTE-04|#ip cannot connect devic home network ping pod surpris though work
SVC-08 SVC-07 SVC-03|about access clusterip curl every one own pod random second servic tcp through timeout
SVC-05 MSH-06 SVC-03 ING-04 RTE-04|connect controll happen ingres node pod recycl restart timeout whenev
SVC-07 DNS-06 SVC-08 SVC-09 RTE-04|absolute between duplicat external five four node other pod request second sometim timeout two well work
POL-09 POL-01|client cni databas enabl most networkpolicy pod random read right sinc start timeout vpc
CFG-08 MSH-05 MSH-01|boot cni fail fine inject instanc later linkerd new node ones pod spot still
INS-01 API-03 CFG-01 INS-06 INS-02|calico containercreat fine kubeproxy node old ones pod run scal stuck up
CFG-01 INS-01|containercreat join network node not once pod ready schedul stay
RTE-06|accept acces back clust each forward iptabl network new no node pod ran reboot runn ufw until
RTE-06|anoth chain count drop forward grow ip node ping pod policy refus
RTE-07 RTE-06|accept acces adding chain curl ends external firewall node port rule unreachabl work
RTE-12 RTE-04|becaus cali configur connect creat everyth file interfac match network networkctl newly outbound pod show slow work
RTE-04 INS-06 RTE-10|agent configur creat name no pod rout set sinc wrong
RTE-17 RTE-03 RTE-12 RTE-04|again alway bring down goes interfac miss node one other rout second thre up vxlan
SVC-03 API-03|answ api becaus constant few ip kubeproxy look node pod reboot servic they thos unreachabl
SVC-09|connect grow limit lose numb out pod random tabl track turn
POL-09 RTE-04 SVC-09 IPM-13|connect first live lived long never pod request retry small succe their timeout
AWS-01 AWS-04 AWS-07 AWS-02|aws eni ip node operator outag restart several stay until without
IPM-02 AWS-02 IPM-04|alloc cidr exhaust fail ip plugin rang says
DNS-10 DNS-02 SVC-03|addres any asking cilium clust deploy direct dns link local more nodelocaldn not one timeout work
RTE-19|anyth bridg cannot connect count flow node one pod restor still true wait zero
RTE-19 INS-01 IPM-02|again answ availabl card databas ip network new no node off ovn pod switch test until
ING-08|bound chang ip lead node once two virtual
API-03 ING-08|answ died etcd instead kubectl name node one over own stopp vip work
ING-05|alway check dns entry external fail fine instead make node one pass point proxy revers self url
ING-04 AWS-05 SVC-12 SVC-01|504 client more one pod random soon target unhealthy
AWS-05 ING-04|allow balanc check group health loadbalanc node port securitygroup timeout until
ING-04 RTE-01 RTE-06|502 anoth answ node own pod runs thos traefik work
RTE-04 API-03 IPM-06 RTE-20|api argu connect fail invalid node not vip
CFG-10|addres asks carry complain definit funct name not pci plugin pod requir resourc virtual
MSH-02 ING-04 MSH-06 SVC-02|503 answ applic consistent correct istio itself one pod request sinc some upgrad
MCL-04 MCL-01 MCL-02|any calico clust gateway ipip no node not other ping pod pool rang remot
INS-01 CFG-01 RTE-04|creat daemon delet made network newly node pod stuck until
AWS-02|addres allow although five free instanc interfac left never node second small subnet type
AZR-01 IPM-03 INS-01 AZR-03|again cannot error help ip many more node once plugin pod read start stopp them
RTE-12 RTE-04|#ip #n adding anoth cali# cali1f2e3d4c5b6 delet dest felix proces re rout route_tabl tabl warn
RTE-08 RTE-04|#ip #n 0x77 back bpf bpf_host drop endpoint file filt flow ident ifindex internet no node path revers rout unknown xx
RTE-01 RTE-07 NOD-01|#ip #n 00z 10t08 3f2a11 6081 bfd chang control detect down expir genev genev_sys_6081 info monitor# monitor2 ovn remot stat sys up
SVC-01 ING-07 ING-04|#n backendnotfound backendref fail fals found httprout internet messag not proces reason resolvedref rout rule servic shop v2
IPM-02 IPM-03|#d #ip #n aa acme add addres bb cart fail failedcreatepodsandbox free last messag network no object plugin pod reason sandbox seen setup type warn
RTE-01 RTE-07|#ip #n 8472 arriv c1 loss nc noth packet ping receiv tcpdump transmitt vz w1 w2
DNS-04 RTE-14|#ip 53 clust connect coredn corefil could default dig exampl forward kubernet local no node org pod reach servic small timeout
|does long maxsurg one rollout take why
|again chang everyth firewall reachabl thank
|#n cach kubernet node pkg populat reflector subnet v1
|calico calicoisup condit fals kubelet kubeletready messag networkunavailabl node post ready reason runn statu true type
RTE-17 RTE-03 RTE-04 RTE-12|#ip #n 0x4 add calico down error fail felix ifacenam ifaceregex ipvers network rout route_tabl tabl targetcidr vxlan
RTE-07 RTE-04 INS-01 RTE-01|#ip #n 5473 connect daemon dial error fail felix retry tcp typha unreachabl
BGP-03|#n bad bird error mesh mesh_10_11_0_24 peer
BGP-01 RTE-01 MTU-01 BGP-03|192 bird error expir hold node node_192_0_2_17 timer
API-01|#ip #n 443 apis author certificat client clust clusterinform configur controll crd default error fail gett inform kubernet org projectcalico sign tls unknown v1 verify
API-03|#ip 443 77aa apis b0c1 calico clusterinform crd default delet destroy error fail gett kill killpodsandbox killpodsandboxerror network org plugin pod projectcalico sandbox servic type unavailabl unknown v1
BPF-02 BPF-06|#n 120z 14t06 acces agent attach bpf cil cil_from_contain cilium cilium_lxc collect controlplan deny ebpf endpoint endpointid error from ident invalid kernel line load lxc manag memory modul omitt permiss pod program r1 r2 reload scalar u8
AWS-02|#n 0aa11 14t06 20z additional addres answ api assign assignprivateipaddress cannot creat ec2 enough error free instanceid insufficientfreeaddressesinsubnet interfac ip ipam name new not oper request satisfy specify statuscod subnet warn
AWS-01|#n 0bb22 attach attachmentlimitexceed c6i cannot count eni error exceed index instanceid interfac ip larg limit maintain name node pool warn
RTE-07 RTE-01 AWS-05 INS-01|#d #ip #n 00z 14t06 addres client context creat error fail grpc hubbl next node peer prod relay timeout tls true try warn
INS-01 BPF-06|#n cilium clos config_subscript configur connect dial disconnect envoy error extens external grpc grpc_stream head refus reset run sock socket sourc stream streamlisten subscript unix upstream var warn xds
RTE-10|#n fail find interfac main match provid regex
NOD-03 RTE-03|#n addarp availabl buff fail network no spac vxlan vxlan_network
AWS-02 AWS-03|#n 118z 14t07 attach cannot carv cidr consid creat eni enough error ip ipamd new not prefix rang reserv seem subnet
AWS-07 RTE-14|#ip #n 0c33 14t07 300z 443 amazonaw awsutil call caus describenetworkinterfac dial ec2 eni error eu fail north post request requesterror send tcp timeout
AWS-06|#n amazonaw availabl default eni failedschedul found incom insufficient no node pod preempt schedul victim vpc warn
AZR-02|5ae1 addres fail free left messag network no nodenetworkconfig pod reconcil spok subnet subnetisfull vnet
AZR-03|#n azur error fail initializ key lock network plugin stor timeout valu vnet
RTE-19|#n br bridg connect dial directory error fail file int mgmt no ofctrl ofctrl_bridg ofswitch openvswitch run such unix var
API-03 RTE-07 SVC-03|#ip #n 443 agent api connect dial fail kubernet name node tcp unreachabl v1 w4
RTE-19 RTE-04 RTE-17 RTE-15|#ip #ip6 #n 500 add addres check configur eth# eth0 fail gateway interfac ip kubernet mac network not ovn packet plugin read ready request resolv return timeout type
IPM-02 IPM-04 IPM-03|#n acquir addres fail gpu ipam ml noavailableaddres pod pool subnet train
RTE-19 RTE-10 INS-01|#n 14t06 386z chassi encap info ip need specify type
API-02|#n 137 adminnetworkpolicy api cannot clust fail forbidden group io kubernet list manag network ovn ovnkub policy resourc run scop serviceaccount start system user
RTE-04 RTE-10|#n controll default fail found gateway init interfac network no node ovnkub rout start
CFG-10|#n adding addres cni error fail load loadconf ml netconf network pci pod rdma requir sriov train vf
INS-01 API-01 CFG-10|#n 1f2e client cni context db directory error etc fail file getk# getk8sclient gett kubeconfig kubernet multu net no pg stat such
IPM-10 IPM-02|#ip #n adding allocat cannot cnf default engin error excluderang ip lan network pod rang storag
SVC-10|#d #n ahead anoth app chanc current error execut exit fail grab hold iptabl lock proxi restor rulecount statu still xtabl
INS-07|#n becaus cannot error follow ip_vs_rr ip_vs_sh ip_vs_wrr ipvs kernel load modul node not proxi requir wrr
SVC-10|#n availabl buff cannot dev error fail ipfami ipv# ipv4 nftabl no proces proxi rule spac stdin sync
DNS-04|#ip #n 53 aaaa api connect dial error exampl partn plugin refus tcp
DNS-01 DNS-02|#d #n health local more plugin request took warn
DNS-02|#n coredn corefil directiv during error etc forwad pars unknown
DNS-02 DNS-07 DNS-10|#ip #n 53 addres already bind cach fail fatal listen node start tcp
DNS-11 API-03 MTU-01|#ip 443 500 apis discovery endpoint error fail handshak io kubernet limit list net plugin timeout tls v1 watch
CFG-01 INS-01|#n acme chang cni configur conflist error etc event fail found fs initializ load net network no not plugin receiv reload remov
IPM-03 IPM-02 IPM-06|#ip #n 77aa add addres allocat availabl error fail internet ip name network not plugin podsandboxmetadata ptp rang request runpodsandbox sandbox set setup type
CFG-02|#n acme beginn charact cni configur conflist error etc file invalid key list load look net object pars string warn
ING-04 RTE-07 RTE-01 RTE-04|#ip #n 113 client connect error exampl fail node org request shop unreachabl upstream
ING-06|#n certificat controll default error found gett internet local not shop ssl tls
ING-01|#n becaus clas contain error ignor ingres ingressclas internet not shop stor valid validat
ING-04 ING-06|#ip #n 00z 14t10 502 any bad becaus cannot certificat contain dbg error fail gateway github ip node not pkg proxy sans servic tls traefik v3 validat verify
ING-04 SVC-02 SVC-06|#ip #n 09z 14t10 502 bad caus connect debug dial gateway refus tcp
SVC-02 ING-04|#n api httpproxy invalid match not port referenc root rout servic serviceerror shop spec statu unresolv
ING-01 ING-03 IPM-02|addres addressnotassign assign external fals gateway infra messag no programm reason
ING-05|#n acme certificat challeng check controll eof error exampl fail k7 kind known logg manag org perform propag request resourc resource_kind self sync well
ING-05|#n certificat challeng check controll dns dnsnam error exampl fail kind logg manag not org propag propagat record resourc resource_kind sync type yet
WHK-01|#d 443 author call certificat creat error fail internal internalerror io issu manag node occurr post servic sign timeout tls unknown validat verify webhook yaml
POL-11 SVC-03 RTE-01 RTE-07|#d #ip #n 00z 14t10 15012 ago clos configur connect dial envoy error grpc scop sinc stream streamaggregatedresourc tcp timeout transport warn xds
MSH-02|#ip #n 000z 14t10 503 answ api befor certificat certificate_verify_fail client connect end error fail failur internal item openssl openssl_internal remot remote_connection_failur reset routin shop ssl ssl_routin start tls tls_error tls_error_end uf upstream upstream_reset_before_response_start urx v1 verify
MSH-02 API-01 ING-06|#n 00z 01t00 14t10 becaus ca cannot certificat csr current error expir failur not proces valid yet
MSH-02 POL-11 POL-02|#d #ip #n 51820 addres app client connect deny group inbound info io kind linkerd linkerd_app_inbound metric name noclienthello node none policy port tcp threadid tls
ING-01 IPM-02|#n alloc allocateip availabl error fail internet ip no op servic shop
RTE-07 RTE-01 ING-08 NOD-01|#n acks announc component error fail memberlist no receiv suspect w3
MCL-03|#ip #n check cidr clust distinct east overlap overlapp west ✗
MCL-02|#ip #n answ cabl discovery endpoint external ip nat natdiscovery not port privat submarin timeout wait west
NOD-03|#n cach kernel ndisc ndisc_cach neighbor neighbour overflow tabl
NOD-04 INS-01|#n 2109312kb 40112kb 524012kb adj agent anon antrea cgroup file kernel kill memory node oom_score_adj oomkill out proces rss scor total
RTE-12|#n 6a1b activ cali# cali1f2e3d4c5b6 connect devic info networkmanag start wired
RTE-06 RTE-07|#ip #n 0x00 cni# cni0 dpt dst external filt filter_fwd_public_reject flannel fwd kernel len out prec proto reject spt src tcp tos ttl
RTE-06 RTE-07 RTE-14|#ip #mac #n block cali# cali8e1f dpt dst ens# ens160 kernel len mac out proto spt src syn tcp ttl ufw window
RTE-09|#n 00z 14t10 disabl forward ipv# ipv4 warn
ING-02|#n addres availabl build cannot clust due evaluat fail insufficient ip least model one other resolv subnet tagg
ING-03|#n 403 addres ensur error europ exceed fail googleapi in_use_address limit loadbalanc quota quotaexceed region sync use west# west4
ING-01|#d 403 action author authorizationfail c0ffe client edge ensur error fail fals httpstatuscod loadbalanc microsoft network not over perform publicipaddress rawerror read resourcegroup retriabl retryaft scop subscript sync
RTE-15 ING-03|#d #ip #n 403 7f2a cannot creat error exceed gke global googleapi limit node pool quota rout
WHK-01 SVC-01|#d #n 443 acme availabl call clos dispatch endpoint exampl fail hook mutat no post servic timeout webhook
RTE-07 RTE-01 AWS-05 GCP-01 NOD-01|#ip 10250 backend dial error node tcp timeout
WHK-01 GCP-01 RTE-01 RTE-03 AWS-05|#ip #n 10250 answ apis availabl available_controll controll dial fail io kubernet metric miss tcp timeout v1beta1
RTE-07 RTE-01 NOD-01 PRF-01|#d #ip #n 14t10 1z 8e1f detect dial error id messag name peer prob probing_statu raft rafthttp remot round round_tripper_raft_messag rtt statu tcp timeout tripp unhealthy warn
AWS-04 ING-01|#n 00z 14t10 403 accessdeny answ api arn assum authoriz aws balanc controll describeloadbalanc elastic elasticloadbalanc error ingres load node not oper perform reconcil role statuscod sts user v2
INS-02|#d #n 5b6c a1b2c3 add adding bin cni creat error fail failedcreatepodsandbox find ib kubelet libexec ml multu name net network opt over path plugin pod sandbox setup sriov train type unknown usr warn x9
INS-02|#d 9f8e acme add age bin cni creat error event exec fail failedcreatepodsandbox fork format kubelet messag network opt plugin pod reason sandbox setup type unknown warn
INS-01 CFG-01|#d #n calico cni dial event exampl fail fals imag imagepullbackoff init install kubelet lookup network networknotready networkpluginnotready networkready not over pod pull ready reason referenc registry resolv runtim stat tcp timeout v3 wait warn x20 x4
CFG-01 INS-01|#n aug availabl cni condit configur error etc fals file fri kubelet kubelethassufficientmemory kubeletnotready lastheartbeattim memory memorypressur messag net network networkpluginnotready networkready no not plugin pod provid ready reason return runtim start statu sufficient type
API-02|#n api cach cannot client clust discovery endpoint factory fail flannel forbidden group inform io kubernet list panic reflector resourc scop serviceaccount sync system timeout user v1 wait
API-01|#n check connect datastor error info startup terminat unauthoriz warn
RTE-01 RTE-03 RTE-04 RTE-06 RTE-02 RTE-05|#ip #n connect curl duplicat exec hello internet kubectl m5 millisecond node other pod timeout
SVC-03 SVC-04 SVC-10 SVC-07 SVC-08|#d #ip #n 80 age code connect curl dev endpoint fail http http_cod internet kubectl m3 ms name null port timeout
SVC-01|#d #ip #n 80 addresstyp age app clusterip connect curl endpoint external fail internet ip ipv# ipv4 kubectl ms name none port refus servic shop tcp type unset x7x2k
SVC-06|#ip #n addres connect curl fail fd listen local ltnp node peer pid port recv refus send ss stat user
SVC-02|#ip #n 80 api app endpoint exec kubectl listen ltn name port selector ss targetport tcp
DNS-04 RTE-14 DNS-01|#ip #n 53 clust communic default dig error exampl head id kubernet local lookup opcod org servfail servic small statu timeout
DNS-02 DNS-03 DNS-11 DNS-01|#d #ip #n #x 2xk9q 9v4wl addres age ago app cannot coredn crash default kubectl kubernet name node nslookup pod ready resolv restart statu system
DNS-06|#d #n 0m0 0m5 api awk conntrack dig exampl fail insert insert_fail org print real runs small ten
DNS-08|#ip #n api cat clust configur corp etc exampl info local ndot nxdomain option resolv search servic shop strip udp
DNS-03|#ip #n 53 cat configur coredn detect etc fatal hinfo io lookup loop nameserv plugin resolv see troubleshoot zone
SVC-03 SVC-07 SVC-08 RTE-19 DNS-02|#ip #n 53 answ connect could expect no node reach sourc timeout unexpect
RTE-05|#ip #n 0x0 0x08 0x76dc 0xffff 4789 bad cksum df flag id ip length node none offset proto seq tcp tcpdump tos ttl udp vni vv vxlan w1 w3 win
RTE-05|#n az checksum checksumm csum curl ethtool flannel grep hang icmpincsumerror nstat over ping tcpincsumerror tx udpincsumerror work
MTU-01 MTU-04 MTU-03 MTU-02|#d #ip #n byte data icmp icmp_seq loss ms packet ping receiv seq statistic transmitt ttl
MTU-01 MTU-04 MTU-03|#ip #n 1450 1500 8443 api broadcast client connect eth# eth0 flannel if19 ip link lower lower_up minut more mtu multicast node noqueu noth openssl qdisc s_client servernam show two up
MTU-03 MTU-01 MTU-04|#n 1450 cilium cilium_genev cilium_wg0 eth# eth1 genev ip loss lxc# lxc4a1b mtu network packet payload pod privat veth wg0
MTU-02 MTU-01|#n 1450 flannel hang mtu pod upload w1 w2 w3 w4
ING-06|#n 443 acme aug certificat client cn co connect controll date dev exampl fake gmt ingres kubernet noout notbefor null openssl org s_client servernam shop subject
ING-06|#n certificat clos connect curl detail docs expir here html more problem se ssl sslcert
SVC-09|#n conntrack count max net netfilt nf_conntrack_count nf_conntrack_max sysctl
BGP-01 RTE-07 BGP-02|#ip addres bgp connect info ipv# ipv4 mesh node peer sinc socket start stat statu timeout type
BGP-02 BGP-01|#ip #n 5f2c addres annot bgp bird br brd calico establish fail global inet ip ipv# ipv4addres jsonpath kubectl metadata node not org prob projectcalico readines ready scop show w2
BGP-03|#ip #n bad bgpd byte down error idle inq messag msgrcvd msgsent neighbor never notific open outq peer pfxrcd sent stat tblv up
RTE-06|#n 1848k accept between byte chain destin drop forward head iptabl nvl once opt out packet ping pkts pod policy prot sourc target work
RTE-06|#ip #n accept cni# cni0 compar fail forward good icmp interfac miss node not packet ping pod reboot show wired
RTE-08|#n az configur filt ipv# ipv4 lxc# lxc4a1b net nstat rp_filt sysctl tcpextipreversepathfilt
RTE-12|#ip #n cali# cali0625307bdba cali2bd9ed59e74 carri configur degrad delet eth# eth0 ether gain idx journal link networkctl networkd operational rout routabl setup systemd type
RTE-02|#ip #mac #n brd bridg dev dst ether fdb flannel ip link morn nobody permanent pod reach reboot self show w1 w2
RTE-03|#n bridg dev fdb flannel ip kubectl neigh node show wc
RTE-04|#ip #n 1450 addres broadcast eth# eth0 global if41 inet ip lower lower_up mtu multicast network ping rout scop sendto show unreachabl up
RTE-07|#ip #n 10250 byte c1 connect fail icmp icmp_seq ms nc ping port seq tcp ttl unreachabl vz w3
RTE-16 SVC-04|#n iptabl legacy nftabl present save see tabl them warn wc
IPM-06|#d #ip #n 7d9c awk batch grep internet job kubectl pod print runn shop sort uniq w1 w5 wide xz
IPM-04|#ip #n 1024 affin allocat any block calicoctl check clust found ip ipam leak lose node not pod pool show
IPM-03|#ip #n addres allocat availabl cbr# cbr0 cni crictl fail ip lib ls network no pod rang ready set stat var wc
IPM-05|#ip #n 1_shop add addres already brd bridg cni cni# cni0 creat delegat different error fail global inet internet ip network networkplugin pod sandbox scop set show unknown up
IPM-07 RTE-04 IPM-09|#ip #n dev grep ip proto rout src static tun# tun0
IPM-08|#ip #n column custom kubectl metadata name node podcidr spec w1 w2 w3
IPM-11|#d accept age allocat cidr cidrallocator cidrnotavailabl controll error fail kubernet left manag messag no node normal now rang reason remain statu type w17
POL-06|apivers apply bypas connect debug io kind kubernet metadata name network networkpolicy noth pod podselector policytyp sinc spec thes v1
DNS-05|#n 53 7d9c aug coredn deny dropp egres id internet kubernet none policy shop system udp verdict
POL-14 DNS-05|#ip #n 0xf0433d07 53 allow coredn deny dns drop endpoint flow ident jsonpath kubectl kubernet name policy port protocol servic spec system targetport udp xx
DNS-05|again app clust db eai eai_again egres getaddrinfo internet kind local matchlabel networkpolicy podselector policytyp servic shop spec
ING-01|#d 443 80 addres age clas exampl found ingressclas internet kubectl name no node none org port resourc shop
ING-03 ING-01|#d #n account allow clust controll ensur error event exceed fail limit loadbalanc over servic sync syncloadbalancerfail type warn x5
ING-08|#ip #mac #n addres arping byte eth# eth0 global grep index inet ip ipvs# ipvs0 kubernet msec scop show w1 w2
SVC-09|#n about client connect conntrack cpu drop early early_drop error fail found insert insert_fail invalid java many net node one sockettimeoutexcept ten timeout
MSH-01 MSH-02|#d #n 6b activ age call connect error io kubectl kubernet label mesh metadata name namespac pay pod ready reason reset restart runn show statu termin upstream x11
MSH-03|associat behavior clust defin duplicat error gateway internet ist# ist0109 lead local mesh node servic shop undefin virtualservic
CFG-08 MSH-05 CFG-06|#n 111 acme append aug cannot cni conflist connect ensur error etc expect iptabl join linkerd ls net network node os pleas pod refus rewrit root rule rw sort start traffic validator
CFG-06|#n bak cilium cilium_bak cni configur conflist etc every interfac lose ls multu net pod secondary sinc start
CFG-04|#ip #n addres calico cni conflist etc flannel kubeconfig last ls moved net new pod though week
NOD-02|#n cannot creat error file fs fsnotify inotify instanc many max max_user_instanc open sysctl too user watch
BPF-03|#n 01733 add argu bpf cannot cilium cilium_policy_v2_01733 dbg element endpointid error fail key larg list long map policy too updat wc
CFG-05|#ip #n bridg cni conflist coredn crio etc head internet kubectl kubernet ls net pod runn shop system w1 w2 wide
INS-08 IPM-01|2x add cannot check cidr directory ds env error fail file flannel kubectl kubernet load log logs no node open plugin pod podcidr retriev run subnet such type w9
CFG-10|#ip acme annot cncf cni default eth# eth0 interfac io ip kubernet lan metadata name network only pod statu storag true v1
SVC-08|#ip #n anoth download internet ip ok only own pod qo reach replica servic t3 timeout troubl wget without
AWS-08|#n ago allocatabl aws creat days deleg enabl enable_prefix_deleg ip jsonpath kubectl node pod prefix set statu true yesterday
SVC-03 SVC-04 SVC-10|#n any behind direct ip node pod reach servic sinc them unreachabl upgrad
SVC-03 SVC-07 SVC-08 SVC-04|any cannot clusterip connect databas fixed internet kubelet mast more node other pod reboot restart work
SVC-07 SVC-08 SVC-03|acros anoth clusterip direct duplicat node pod servic through unreachabl work
SVC-03 SVC-07 RTE-06 RTE-07 SVC-04|acces cannot clusterip node pod telnet
RTE-06 RTE-01 RTE-04 RTE-05 SVC-12|answ clust externaltrafficpolicy node nodeport only other pod runs timeout wher
SVC-12|addres client dead every externaltrafficpolicy keep local node nodeport now replica set without
RTE-01 RTE-03 RTE-04 RTE-06 RTE-07|different each everyth local mast node nolong other pod reach sinc still upgrad work
RTE-05 MTU-01 RTE-18 RTE-01|#n acros between connect every hang icmp node only sinc tcp through udp vxlan
RTE-05|checksum cros ethtool interfac make node off offload traffic turn tx work
RTE-18 RTE-01 RTE-05 MTU-04|arriv encapsulat esxi guest leav never node nsx other packet run vspher
RTE-14 RTE-06 DNS-04 RTE-09|each fine internet node none other out pod reach them
RTE-14|#ip #n addres clust discovery internal leav lose own packet ping pod see servic wire work
RTE-06|#ip #n accept delet flannel forward iptabl network no node pod reboot run until
RTE-06|default deny dns forward node out pod policy reboot stopp turn ufw
RTE-09|back forward friday harden ip_forward leav node noth set sinc someon zero
RTE-07 RTE-06|connect enabl end firewalld new node now pod rhel their unreachabl
RTE-12|cali connect interfac lose manag networkmanag pod sporadical trie
RTE-12|break connect each establish networkd node pod restart systemd unattend upgrad
RTE-02|#n anoth each flannel mac nobody node one other pod reach reboot restart seem until
RTE-10|#ip card flannel nat network node one took two
RTE-15|addres instanc leav lose nativ never openstack packet pod port rout secur touch
RTE-19|antrea lose network node openvswitch pod restart soon their
RTE-11 RTE-01|encapsul half ipip node other run still switch vxlan
RTE-16 SVC-04|break debian exact iptabl kubeproxy legacy moved nftabl node rule servic still thos updat writ
MTU-01 MTU-03 MTU-04|between enabl encrypt flow larg node ones packet pass small stop
MTU-01 MTU-03 MTU-04|clon fine git handshak hang ping pod request small tls
MTU-03 MTU-01 MTU-04|answ arriv clust join larg never node over packet size small vpn
MTU-02 MTU-01|#n byte configur hang new node only packet them transf two
DNS-05 POL-01|addres any apply default deny egres more name not policy resolv soon still work
DNS-06 DNS-01|curl does every exact five ip load lookup most never now second take under
DNS-01|about coredn cpu dns fail limit lookup peak pod sit their third
DNS-03|coredn crash found keep loop resolv says systemd ubuntu
DNS-04 RTE-14|both every external give internal name node ones pod resolv servfail themselv
DNS-10 DNS-05|allow cach coredn dns install let local lookup node nolong pass policy sinc
DNS-07|addres clust configur dns node noth old pod pool previou resolv still
DNS-08|each external first five node nxdomain own resolv see slow suffix
SVC-01|answ app deploy label refus renam servic sinc
SVC-02|#n forward henc listen proces refus servic
SVC-05 MSH-06|about already during half lose minut pod request rollout still
SVC-06|any curl internal ip localhost other pod refus work
SVC-08|call other own pod reach servic timeout
SVC-09|busiest connect dmesg dropp exhaust load node random tabl under
SVC-04|answ backend chain delet iptabl ipvs kubeproxy old reboot servic some still switch without
POL-01|added connect could else ingres let moment monitor nobody one pod policy thos
POL-02|app carry effect frontend internet label networkpolicy no pod says selector
POL-07|accept any flannel networkpolicy other plain pod reach run still
POL-05|label match monitor name namespac namespaceselector never no such
POL-12|block clusterip does egres ipblock noth servic stay traffic
POL-16|along asked brought chart default deny nobody policy upgrad
ING-05|certificat challeng check clust internal laptop never open pend self stay succeed url
ING-04 POL-01|502 although anoth curl fine ingres pod servic
ING-01|addres bare clust external forev loadbalanc metal pend
ING-06|becaus brows certificat clust controll default ingres self show sign warn
ING-08|addres between every few ipvs jump kubeproxy metallb mode node second
WHK-01 GCP-01|#n admiss apply becaus cannot control every fail kubectl plan reach second webhook
GCP-01 WHK-01|8443 clust gke listen mast open port privat rang timeout until webhook
INS-01 NOD-04|calico containercreat hang new node one oomkill over pod
INS-02 INS-03|any becaus bin binary directory fail imag more new not os plugin pod updat
INS-09|agent crash field kubernet left minor network now old plugin two unknown upgrad vers
CFG-04|addres calico flannel migrat network node old pod still two
IPM-02 IPM-03|#n addres exist new node not ones pod run
IPM-03|#n addres claim cut node pod power runs sinc taken yet
IPM-06|addres connect duplicat end one pod rapid scal two up wrong
IPM-07 GCP-03|#ip #n clust creat node peopl pod rang sinc unreachabl vpn
IPM-11|#n becom cidr clust never node numb per ready
AWS-01|#n addres cannot ip medium more pod rest start t3 wait
AWS-02|addres eks ip new no node secondary small subnet their up
AWS-05 RTE-01|allow cannot each group new node not old one other pod reach securitygroup their
MCL-01 MCL-04 RTE-01 MCL-02|clust gateway node only other pod reach timeout
MCL-05|clust export name no not resolv servic serviceimport visibl
NOD-01|between every few flip minut node notready one ready
BGP-01|179 activ calico filt introduc network node sess sinc stay tcp team two
BGP-05|cros dead forgot mesh node off reflector rout set traffic turn up
BPF-04|although cilium half install kubeproxy misbehav replace runs servic still
MSH-02 MSH-01|client connect mtls reset sidecar strict turn without
MSH-01|deploy istio labell namespac pod proxy restart run without wrong
PRF-02|#n annot bandwidth between capp exact left mbit pod someon templat throughput two
PRF-01|#n app between blam everyon ms network ping pod slow
|#n env file flannel flannel_subnet found key main no run subnet
|arp availabl br_netfilt bridg default filter ip ip6tabl kernel load need netfilt nolong script updat
|#n cni# cni0 disabl enter kernel port stat veth# veth2a1b3c4d
|#d #n 1m3 avg dataplan felix info longest loop over reconcili summaris summary
|#n cannot conn_reuse_mod connect ipv# ipv4 kernel minimum minimumkernelvers mode net not proxi require reus satisfy set sysctl vers vs
|#ip #n announc edge event info ip layer# layer2 main pool protocol servic serviceannounc
|#d #n collector conntrack ct deleteratio garbag info interval map newinterval recalculat
|#n 000001z 14t11 1kb 7d9c ads info internet lds node push resourc shop size
|#d #ip #n aaaa errs exampl fals info no org qr ra rd shop udp
|#n certificat controll internet issu key logg manag messag must re reason renew renewal schedul shop tls trigg trigger_controll utc
|#n cali# cali77 devic freedesktop info manag networkmanag new org veth
|#n 14t11 1z assign card cooldown debug ip ipamd network stat total
|#d #ip #n apiserv averag bind check connect count loss node openvswitch ovn pass ping rtt sb succes w1
|#ip #mac #n 10z 13z 14t11 arp assum broadcast clust ens# ens160 info leadership node updat w1
|#d #ip #n add addedinterfac assign cbr# cbr0 default eth# eth0 internet kubelet multu normal pod schedul shop start successful w2
|#d #ip #n byte data icmp icmp_seq loss ms packet ping receiv seq statistic transmitt ttl
|#ip #n answ clust default dig errs head id kubernet local lookup no opcod sect servic statu
|bgp establish mast mesh mesh_10_9_0_12 mesh_10_9_0_13 up
|#n 0x11aa 0x89a8 0x8c4c 502 ack cksum correct eth# eth0 flag incorrect ip length out seq win
|#ip bgp calico establish found ipv# ipv6 mesh no node peer proces runn statu up
|#n acquir attempt cilium kubernet lead leaderelect leas lock operator resourc successful system
|#n behind everyth node pod reach servic sinc upgrad work
|disk drain how node replac
|disk out pod postgr refus spac writ
|finish ready replica rollout slow
|chart helm need vers
|becaus cannot chang imag password pull registry
ING-09|443 answ curl not ping port should vip work
|add month next node plan twenty
INS-02|3f1 add calico cni creat error fail find libexec network path plugin pod sandbox setup type unknown usr
CFG-01|#n cni configur error etc fals file kubelet kubernet messag net network networkpluginnotready networkready no not plugin pod provid ready reason return runtim start
API-01|#n add cmdadd cni fail getpod multu name network plugin request shim statu type unauthoriz
IPM-03|#ip #n addres allocat availabl fail ip no rang set
IPM-10|#ip adding allocat cannot engin error ip ipnet net pod rang storag
INS-08|add directory env fail file flannel loadflannelsubnetenv no open plugin run subnet such type
IPM-01|#n acquir assign cidr error fail leas main network node not pod register
IPM-11|#n accept alloc allocat allocator cannot cidr error fail left no node rang range_allocator remain
CFG-02|#n calico cni configur conflist end error etc fail file input json list load net pars unexpect warn
INS-06 INS-01|#n add agent cannot cilium client cni configur connect creat dial fail localhost plugin refus run second sock timeout type unix v1 var
INS-06|calico check directory file lib mount no node nodenam pod runn stat such var
API-03|#ip #n 443 500 api cach client dial fail io kubernet limit list mod pkg pod reflector tcp timeout tool v0 v1 watch
API-02|#n api cannot cilium clust discovery endpoint fail forbidden group io kubernet list reflector resourc scop serviceaccount system user v1 watch
BPF-01|bpf fatal filesystem fs mount not sys
BPF-03|argu cannot cilium cilium_ct4_global ct ct4 element global list long map too updat warn
BPF-02|#n acces bpf cil cil_from_contain deny endpoint error external from id invalid line load off offset omitt packet permiss pod program r2 rewrit size
INS-07|#n calico creat dataplan fail felix int int_dataplan kernel not oper support vxlan
INS-07|#n br_netfilt creat custom directory fail fatal found lib modprob modul netfilt not subnetmanag
INS-07 SVC-07|br_netfilt bridg call check directory fail file iptabl net netfilt nf no proc stat such sys
SVC-10|#d #n ahead anoth app chanc current error execut exit fail grab hold iptabl lock proxi restor statu still xtabl
SVC-09|#n conntrack dropp exhaust nf_conntrack packet tabl
NOD-03|#n arp arp_cach cach neighbor neighbour overflow tabl
NOD-02|#n cadvisor error fail file init inotify inotify_init kubelet many open start too
DNS-04|#ip #n 53 aaaa error internal plugin read registry timeout udp
DNS-06|#ip #n 53 dial every fifth lookup payment read take tcp timeout udp
WHK-01|#d 443 call context error fail internal kyverno mutat occurr post servic timeout webhook
WHK-01|#d 443 agent call certificat error expir fail hashicorp injector internal internalerror mutat node not occurr post servic timeout valid vault webhook yet
AWS-01|add addres assign aws cmd cni fail ip name plugin pod type
AWS-02|addres enough free insufficientfreeaddressesinsubnet not request satisfy specify subnet
AWS-03|#n block cidr enough free insufficientcidrblock not request satisfy specify statu subnet
AWS-04|#n 0a arn assignprivateipaddress assum authoriz aws ec2 node not oper perform role sts unauthorizedoper user
AZR-02 AZR-01|add addres allocat availabl azur cns error fail found invok ip ipam more no plugin request type vnet wait
AZR-03|add azur fail initializ key lock network plugin stor timeout type valu vnet
AZR-02|#ip #n addres allocat azur capac cns creat delegat enough error fail ip nnc not pod prefix subnet subnetisfull
ING-02|#n auto build cannot discov due elb fail io kubernet least match model one resolv role subnet tags vpc
ING-03|#n loadbalanc maximum numb reach statu toomanyloadbalanc
ING-04|#ip #n 111 client connect error exampl fail node refus shop upstream
ING-06|certificat exampl ingres local not shop valid
ING-07|admiss already defin deny exampl ingres internet io kubernet nginx node path request shop validat webhook
MSH-02|#n connect disconnect error failur head internal numb openssl openssl_internal reason reset routin ssl tls transport upstream vers wrong wrong_version_numb
MSH-05 INS-07|cannot init initializ ip_tabl iptabl iptable_nat istio load modul nat not restor tabl
MCL-02|#ip 4500 answ cabl connect east fail gateway ike ike_sa_init init ipsec no retransmitt submarin
MCL-03|#ip #n cidr clust enabl error globalnet overlap west
MCL-05|clusterset found internet lighthous local no nxdomain return servic serviceimport shop
RTE-08|#ip #n dev flannel ipv# ipv4 kernel martian sourc
RTE-07 RTE-06 RTE-04|#ip #n connect fail port unreachabl
RTE-01|#ip #n 8472 arriv eth# eth0 leav loss noth packet peer ping pod show tcpdump udp
RTE-12|#ip #n calico chang delet devic disconnect info networkmanag rout stat unmanag vxlan
RTE-18|8472 esxi guest never nsx packet port reach taken udp vxlan
RTE-19|connect databas db fail openvswitch refus run sock unix var vsctl
BGP-03|#n 192 bad bird mesh mesh_192_0_2_12 peer receiv
BGP-01|192 activ bgp bird connect node node_192_0_2_12 socket stat timeout
BGP-04|bird birdv# birdv4 calico cannot connect ctl dial directory error file no node not query ready run socket such unix var
BGP-02|#ip bgp bird calico establish node not ready
IPM-06|#ip6 #mac addres detect duplicat eth# eth0 ipv# ipv6 kernel
IPM-05|#ip #n add addres already bridg cni# cni0 different fail ip plugin set type
CFG-10|args attach cannot cncf cni definit delegat error find found gett internet io kubernet load multu namespac network not pod shop storag tryloadpoddelegat
CFG-09|#n chain fail hostport internet mapp no not plugin pod portmap shop type
INS-04|bin busy calico cannot cni cp creat file node opt regular text
INS-11|bpf error fail fs generat mount not path pod shar slav spec sys
INS-07 INS-09|#n cannot fatal kernel minimal runn start support vers
INS-12 INS-09|agent bpf cilium enabl flag masquerad unknown usag v2
MTU-01|1450 1500 df eth# eth0 fragment hang ipv# ipv4 kernel kexinit msg mtu need pod sent set ssh ssh# ssh2 ssh2_msg_kexinit
RTE-05|#n 0x1b2c 0x44aa answ arriv bad cksum dropp flannel larg over receiv udp
PRF-02|#n 10mbit 1mb burst dev dropp qdisc rate root tbf veth# veth12
NOD-01|#n kubelet node nodenotready now post statu stopp
NOD-04 INS-01|#n 2312312kb agent cgroup cilium kill memory node out proces total
SVC-06|#ip #n connect dial listen pod refus tcp
DNS-01|#n 5d7 coredn cpu lookup over period servfail throttl
IPM-04|#n affin allocat availabl block cannot felix ipam max more no node per reach
IPM-12|#n add addres assign auto calico cannot configur fail ipv# ipv4 no node plugin pool request type
AWS-07 API-03 AWS-05|aws check exit fail instanc ipamd kubernet node pleas proxy reach securitygroup sett
SVC-05|#ip #n 80 endpoint kubeproxy kubernet no pod refus send sep stal such xyz
INS-02|#n 9a1 add bin cni creat error fail find kuberuntim kuberuntime_sandbox multu network opt path plugin pod sandbox setup shim type unknown
INS-03|add cni creat error fail failedcreatepodsandbox find foo k8s_foo kubelet kubernet libexec network path plugin pod portmap sandbox type unknown usr warn
INS-04|bin busy cannot cni cp creat file flannel node opt regular text
INS-07|add cannot error interfac kernel load modul not oper support vxlan
INS-07|#n directory fatal found ip_tabl lib modprob modul not raspi tabl
INS-11|answ bpf daemon error fs mount not path shar sys
API-01|calico clusterinform connect delet error fail gett plugin type unauthoriz
API-02|amazonaw api aws cannot clust crd eniconfig fail forbidden group ipamd kubernet list node resourc scop serviceaccount system user
API-03|#ip 443 api apiserv cannot client dial error ipaddr kubernet namespac node reach system tcp timeout v1
WHK-01|#d 443 admiss call context controll error fail ingres ingress internal io kubernet network nginx occurr post servic timeout v1 validat webhook
CFG-01|cni error fals initializ messag network networkpluginnotready networkready not plugin pod ready reason return runtim
CFG-02|check cni configur cri during end error fail init input json list load network pars pleas plugin pod sett statu unexpect up
CFG-07|#n add bridg cni configur fail incompatibl plugin support type vers
CFG-10|adding attach cannot cncf cni configur default definit error find found getkubernetesdelegat gett io kubernet macvlan multu namespac network not pod samplepod
IPM-04|#n addres affin assign block enabl fail free ipv# ipv4 more no out request strict
IPM-11|#n accept alloc allocat allocator cidr error fail left no process rang range_allocator releas remain
IPM-10|#ip #n allocat cannot engin error excluderang ip rang storag
RTE-10|fail find interfac match provid regex
BGP-03|168 192 bad bird mesh mesh_192_168_1_12 peer receiv
BGP-01 BGP-02 BGP-03|#ip bgp bird calico establish node not ready
BPF-01|allow bpf error fail fatal filesystem fs mount not oper path sys
BPF-02|#n argu datapath handl ipv4 list load long prog refus sect tail tail_handle_ipv4 too warn
BPF-03|argu cannot cilium cilium_ct4_global ct4 element global key larg list long map too updat warn
BPF-06|#n endpoint endpointid error fail regener timeout wait warn
DNS-04|#ip #n 53 dock error io plugin read registry timeout udp
DNS-11|#ip 443 apis client connect dial discovery endpoint fail info io kubernet list mod pkg plugin tcp unreachabl v1
INS-07 SVC-03|#n becaus cannot error follow ip_vs_rr ip_vs_sh ip_vs_wrr ipvs kernel load modul not proxi requir wrr
ING-05|#ip 80 abc acme certificat challeng check connect dial error exampl fail known manag perform propag request self tcp timeout well
ING-06|#x certificat error expir fail handshak nginx routin ssl ssl_do_handshak upstream verify
ING-04|#ip #n 111 app client connect exampl fail node refus request upstream
ING-01|#n annot based contain controll default ignor ingres ingressclas internet not valid
MSH-05|#n cannot init initializ iptabl istio nat nf_tabl pod restor tabl v1
MTU-01 MTU-04|1450 error local long messag mtu ping too
NOD-03|arp arp_cach cach kernel neighbor neighbour overflow tabl
AWS-02|addres creat eni enough fail free insufficientfreeaddressesinsubnet ipamd not request satisfy specify subnet
AWS-04|403 answ api assignprivateipaddress authoriz ec2 error not oper perform statuscod unauthorizedoper
AWS-07 INS-01|#d #n agent aws bin connect fail info kubernet local prob readines servic timeout usr within
AWS-06|#n amazonaw availabl eni insufficient label node not pod vpc
AZR-01|addres allocat availabl fail no
AZR-03|error fail initializ key lock network plugin stor timeout valu
GCP-01 WHK-01|#ip #n 443 aws call dial elbv# elbv2 error fail internal internalerror kubernet mutat node occurr pod post servic system tcp timeout v1 vpod webhook
MCL-02|answ authentic complet endpoint fail gateway handshak ike ike_sa_init init no not remot submarin
MCL-05|agent default exist export lighthous nginx not servic serviceexport
POL-08|answ api contain deny dns exampl fqdn info ip lookup matchnam no policy verdict
NOD-01|io kubelet kubernet node not post ready statu stopp
IPM-02 IPM-03|#ip #n addres allocat availabl fail ip ipam no rang set
RTE-04|#ip add default fail plugin ptp rout type unreachabl
INS-02|add adding bin cni creat cri error fail find kubernet lib network overlay ovn path plugin pod sandbox type var
CFG-03|#n cilium cni configur conflist deny etc fail file load net open permiss
RTE-19|agent antrea connect db dial fail openvswitch ovsdb refus run sock unix var
INS-07|agent allow antrea cannot error fail insert kernel load modprob modul node not openvswitch oper pod runn try
API-03|#ip 443 500 api connect dial fail kubernet limit list node refus rout tcp v1
IPM-12 IPM-02|availabl controll default ip kubernet no noavailableaddres ovn subnet
IPM-06|#ip 5a2b addres already ipam owned weav
IPM-07|#ip #n cidr clustercidr clusterip found internalip multipl overlap rang servic type
RTE-01|#ip #n allow dest flannel not oper sendto subnet vxlan
BGP-03|#ip 179 bad bgp establish fail messag metallb notific open optional paramet peer report sess speak unsupport
BGP-01|#ip #n bgpd connect event fail fd frr refus unknown
BPF-02|#n bpf cil cil_from_netdev deny fail from insn libbpf limit load max max_states_per_insn netdev per permiss process prog program stat
BPF-02|#n attach back bpf calico edge error fail insn load log node program verifi
BPF-03|allocat be3 bpf cali cali_v4_nat_be3 cannot devic element fail felix fs global left map memory nat no spac sys tc updat
DNS-04|aaaa error forward healthy io kubernet no plugin registry upstream
DNS-06|#d #ip #n 53 api clust fail insert insert_fail local lookup payment read resolv servic timeout udp
DNS-02|#ip #n 53 clust default dial kafka local lookup read refus servic tcp udp
SVC-01|default endpoint internet no servic warn
SVC-04|annot chain iptabl ipvs kubeproxy kubernet mode node proxi remain says servic stal
SVC-13|#d #n availabl connect hikaripool java not request sql sqltransientconnectionexcept timeout
SVC-06|#ip #n connect dial error healthz listen prob proces refus tcp
ING-03|#n 403 backend backend_servic error exceed global googleapi limit quota quotaexceed servic
ING-03|loadbalanc maximum numb reach toomanyloadbalanc
ING-07|admiss already app badrequest defin deny error exampl ingres io kubernet nginx node path request team validat webhook
ING-06|app certificat exampl ingres local not valid
SVC-01 ING-01|cannot creat default found ingres internet kubernet namespac not providernam servic subset traefik
MSH-01|cannot linkerd miss pod proxy rout without
MSH-02|#n 503 answ befor connect connection_failur end envoy error failur internal numb openssl openssl_internal reset routin ssl ssl_routin start tls tls_error tls_error_end uf upstream upstream_reset_before_response_start urx vers wrong wrong_version_numb
MSH-04|137 exit istio oomkill pod proxy
MSH-05|cannot init initializ iptabl istio nat paramet problem restor tabl xtabl
MSH-05|add ambient cart fail found mesh namespac network not plac pod redirect shop ztunnel
MTU-01 MTU-03|#ip #n 1500 byte dockerd frag handshak mtu need net packet pod show tcpdump timeout tls
NOD-02|add devic inotify inotify_add_watch left limit no reach spac user watch
NOD-04 INS-01|#n 3987652kb 4187120kb agent anon cilium kernel kill memory node out proces rss total
RTE-12|assum cali# cali1234 calico chang connect devic info networkmanag reason remov rout stat unavailabl unmanag vxlan
RTE-07|#ip #n admin connect dial firewalld icmp kubelet node prohibit tcp unreachabl
AWS-01|#n 0a1 attach attachmentlimitexceed cannot count eni exceed interfac ipamd limit medium t3
AWS-05 DNS-09|0abc 53 allow aws branch coredn eni node not ok pod readines securitygroup timeout udp
AWS-02|#n addres assign insufficientfreeaddressesinsubnet ipamd no privateipaddresslimitexceed secondary subnet
AZR-02|addres allocat availabl azur cns delegat fail ip more not pool request wait
AZR-04|addres allocat availabl fail no pool
AZR-03|azur fail json lock lockfil run stor timeout var vnet
GCP-01|#ip 10250 443 8443 allow call clust context error fail firewall gke internal mast occurr only port privat resolv resourc timeout webhook
GCP-03|#ip #n certificat clust collid leav never pod prem rang rout traffic vpn
MCL-02|agent cannot cilium clust clustermesh connect context east etcd remot timeout
MCL-03|#ip #n cidr clust local overlap remot submarin west
IPM-03|#n cbr# cbr0 cni lib local network no node pod reserv runn var whereabout
IPM-08|#ip #n duplicat flanneld node podcidr
CFG-05|#ip #n addres bridg clust conflist crio instead network pod
API-01|#n expir fail list pod reflector serviceaccount token unauthoriz v1
API-02|api cannot cilium ciliumnod clust forbidden group io kubernet operator resourc scop serviceaccount statu system updat user
WHK-01|#d #ip 443 call connect dial fail inject io istio istiod post servic system tcp timeout unreachabl webhook
WHK-01|#d 443 certificat convers convert fail found io kind manag not post servic timeout v1 webhook
INS-01|#n agent availabl cilium io node not ready taint untolerat
INS-09 INS-12|#n error flag flanneld fully ip masq pass random unknown v0
INS-09|adminnetworkpolicy crd crds ensur first install io kind kubernet match network no only policy serv v1alpha1 v1alpha2 vers
BPF-03 POL-10|#n cannot capac cilium endpoint exhaust insert key map policy
PRF-02|#n 1mbit 256kb burst dropp overlimit qdisc rate tbf tc
API-03 SVC-03|#ip #n 443 apis calico connect crd current data dial during error fail info ippool list listroot org perform projectcalico refus resourc resync tcp v1 v3 watchercach
API-03 RTE-07 SVC-03|#ip #n 443 apis calico clusterinform connect crd datastor default dial error fail fatal initializ main org projectcalico tcp unreachabl v1
INS-01 CFG-03 CFG-01 INS-09|3d67 576fg 576fg_kube add calico client cni creat directory error etc fail file kc kubeconfig net network networkplugin no plugin pod sandbox set stat such system type unknown up
API-03 SVC-03|#ip #n 443 apis client clust clusterinform configur crd default dial error gett inform org projectcalico tcp timeout v1
|#ip #n affin cidr exist info ipam n9 need no node not releas
|#n data info ipam node sync
API-03|#ip #n 443 api controll dial fail getsockopt list pod pod_controll reflector refus resourcevers tcp v1
API-03 NOD-01|apiserv calico cannot docs down manifest org projectcalico recogniz shutt yaml
CFG-10|adding addres cni error fail load loadconf netconf network pci pod requir sriov vf
CFG-10|#n 3b 600a adding bus cni configur devic directory error external fail file inform load loadconf lstat net netconf network no pci physfn pod sriov such sys vf virt
INS-02|adding bin cni creat error fail find net network opt path plugin pod sandbox sriov unknown
|#n allocat allocaterequest call containerallocaterequest containerrequest devicesid node
CFG-10 INS-07 RTE-17|answ error input output rtnetlink
CFG-10|add cni devic error fail found geni internal ip kubernet link lookup network networkplugin nginx not pod set sriov sriov_kub system up vf
CFG-10|#n cni configur fail not oper set sriov support vf vlan
DNS-02 SVC-03 DNS-04|#ip #n 53 clust dial error local mongo plugin servic shop tcp test timeout
MSH-02 MSH-06 MTU-01 POL-01 SVC-05 ING-06|connect econnreset errno error peer reset ssl ssl_connect
|#n 08t06 391z during error found hit info link not teardown
|#n 08t06 397z cach info network node sett up
|#ip 53 added back dport info nodelocaldn notrack output raw rule tcp
DNS-04 DNS-02 SVC-03 RTE-01|#ip #n 53 addres arpa dial error hinfo plugin tcp timeout
POL-09 SVC-10 INS-09 INS-07 POL-10|#n cannot closeerr commiterr complet error exit fail fami felix inet ip ipset line may nil out pars processerr protocoln restor sets statu stderr sync syntax tcp v7 warn
ING-04|502 bad gateway
RTE-01 RTE-05 RTE-06 RTE-04|communic coredn different dns fail node pod timeout without
RTE-06 RTE-04 RTE-07 RTE-01|#ip #n echo icmp id ip length request seq
INS-12|#n caus cni container_linux creat directory exec fail file install linux no oci pod proces runtim sh start stat such unknown
POL-01 POL-02 POL-08|#ip #n 15t01 19z 80 deny desc destin destination_port drop drop_reason drop_reason_desc dropp flag flow ip l4 policy policy_deny port reason sourc source_port summary syn tcp verdict
RTE-04 SVC-05 RTE-03 BPF-06|#n db dropp flag id internet ip mar shop stal syn tcp unroutabl
POL-01 POL-08|#ip #n 443 deny egres flag id internet mar none policy shop syn tcp verdict
|#n allow api flag id ingres internet l3 l4 mar policy shop syn tcp verdict
BPF-03|#ip #n api ct dropp fail flag id insert map mar node shop syn tcp
SVC-01 SVC-02 SVC-06 SVC-03|#n 80 clust connect curl fail local payment port refus servic shop
SVC-01|#d #ip 80 age clusterip endpoint internet name none tcp
DNS-02 DNS-05 DNS-04 DNS-07 DNS-08|addres cannot db error known name node not psql servic shop translat
POL-01 RTE-01 SVC-03 SVC-01|#ip #n accept connect db error fail ip node port psql runn tcp timeout
POL-01 RTE-01 SVC-03 SVC-01|#n 110 cannot connect db error hy000 mysql node
RTE-07 RTE-04 SVC-03 RTE-06|#ip cannot connect node remot unreachabl wget
RTE-01 POL-01 SVC-01 SVC-03|#n apach common error kafka metadata ms not order org present timeoutexcept topic
SVC-01 SVC-02 SVC-06 SVC-03|#ip #n connect dial error refus tcp transport unavailabl
RTE-07 RTE-04 SVC-03 RTE-06 SVC-05|#ip 80 api connect fail fetcherror order reason request unreachabl
MTU-01 MTU-03 MTU-04 RTE-14|account handshak net test timeout tls token vendor
SVC-01 ING-04|#ip 80 client connect internet live no node shop test upstream
ING-04 POL-01 RTE-01|#ip #n 110 client connect timeout upstream
DNS-11 API-03 SVC-03|#d #ip 443 dial kubernet plugin tcp timeout vers
API-03 DNS-11 SVC-03|#ip #n #x 443 500 api cach client dial fail io kubernet limit list mod namespac pkg reflector resourcevers tcp timeout tool v0 v1
DNS-04 RTE-14|#ip #n #x 01t17 185z 53 coredn error hinfo hjzc# hjzc2 plugin read timeout udp
DNS-04 RTE-14|#ip #n 53 backend error hinfo plugin read timeout udp unreachabl
SVC-01 ING-04 ING-01|#n controll dummy endpoint error exist jbos not obtain ouvserpro servic soto
SVC-01|#n activ any appfla controll endpoint gscvi not servic
ING-06 ING-05|#n backend backend_ssl default error exist lab named net not obtain pem secret ssl tjpr tls
ING-06 ING-05|#n certificat controll default exist lab local net not ssl stor tjpr tls
ING-06 ING-05|#n backend backend_ssl bylo certificat default error key local match no object obtain ssl stor tech tls
SVC-01 ING-04 ING-01|#n bitbucket controll devop error gett key local match no object servic stor
POL-11 API-03 MSH-01 RTE-01 SVC-03 MSH-02|#ip #n 08t18 125880z 15012 certificat connect creat dial error fail generat pod sds tcp timeout transport unavailabl warm warn
POL-11 MSH-02 API-03 API-01|#d #n 08t18 264118z attempt ca fail request start warn
POL-11 MSH-04 MSH-02 SVC-06 CFG-08|#ip 15021 connect dial fail healthz prob readines ready refus tcp
MSH-04 POL-11 MSH-01 MSH-03|#ip #n 10t04 764934z connect dial envoy fail info not proxy ready refus retriev stat tcp usedon
POL-11 API-03 MSH-01 MSH-02|#n 28t15 548538z cds configur envoy info lds not pilot proxy ready receiv refus runn successful updat
DNS-02 DNS-05 SVC-03 POL-11 DNS-04|#ip #n 24t16 53 553587z certificat citadelclient connect creat dial error fail istio istiod lookup read servic system tcp timeout transport udp unavailabl
POL-11 SVC-01 API-03 MSH-01|#n 086786z 12t02 clos configur envoy grpc healthy no stream streamaggregatedresourc upstream warn
ING-01 AWS-05 ING-02|#n #x alb associ attach clust controll devclust due eni error expect fail ingres instanc io kubebuild kubernet one reconcil securitygroup tagg
AWS-04|#n author authoriz controll encod error failur ferefact kind kubernet logg manag messag name not oper perform reconcil runtim targetgroupbind unauthorizedoper
ING-01 AWS-04 ING-03|500 deploy due fail internalfailur model statu
AWS-04|#n 12t18 47z accessdeniedexcept arn assum authoriz aws cannot controll determin dev error getsubscriptionstat ingres logg node not perform policy reconcili role shield skipp stat sts subscript user
POL-01 POL-02 POL-09|#ip #n 0x0 0x2000000 509k cali drop hbo5cy7x mark match no packet pass policy rlza# rlza2 rlza2_t_hbo5cy7x
POL-01 RTE-06|#ip #n 443 b0 calico dpt drop dst ee ens# ens3 kernel len mac out proto spt src syn tap# tap6a7b3de7 tcp
SVC-05|#ip 80 conntrack default delet endpoint entry may portnam stal test udp
SVC-03 SVC-01 SVC-04 SVC-05|#ip #n no node other remoteaddres rr tcp two
SVC-05 SVC-03|#ip #n 443 exist ipvsadm ln masq nolong pod rr tcp
API-02|#n 14t15 379z api cach cannot client controll coordin fail forbidden group info io karpent kubernet leas list logg messag reflector resourc serviceaccount system tool user v0 v1
API-02 API-01|#n anonymou cannot controll coordin error forbidden io kubernet leaderelect leas lock manag resourc retriev system user
API-01|#n client component discovery error fail github k8s_client_runtim kubernet list main pod prometheu runtim unauthoriz v1
API-03 SVC-03|#ip #n 443 500 apis dial factory fail io istio limit list network reflector resourcevers tcp timeout v1alpha3 virtualservic
INS-09 ING-01|api controll customresourcedefinit disabl error found gateway gatewayapi gatewayclass io kubernet network not provid ready requir resourc
ING-01|clas ignor ingres internal internet not ours shop
ING-01|addres clas default empty found ingres ingressclas internet no set shop stay
SVC-02 SVC-01 ING-04|alt backend configur found haproxy ingres internet not port shop skipp
AWS-07 AWS-04 API-03|#ip #n 443 amazonaw call central connect dial error eu sts tcp timeout
AWS-04 AWS-07|aws chain controll deprecat loadbalanc no nocredentialprovid provid valid
IPM-06 AWS-01 AWS-02|#ip addres invalidparametervalu
AZR-02 AZR-01|#ip #n addres aks already az exhaust pod prefix subnet subnetisfull
AZR-03|#n azur exist file held lock not pid run var vnet
MCL-02|#d 4500 cabl connect dial driv error gateway libreswan remot stat udp unreachabl west
MCL-05 MCL-02|cannot clust clustermesh east global import internet mark not servic shop
MCL-05|clust endpoint internet miss namespac no serviceexport serviceimport shop west
MSH-02 ING-06 POL-11|15012 author certificat dial diff istiod pod root sign unknown
MSH-02 MSH-01|#ip #n clos connect filt listen mtls peer plaintext requir sent strict warn
MSH-03 ING-07|443 analyz conflict error exampl gateway gw infra ingressgateway ist# ist0145 istio istioctl node pod port selector shop
MSH-04|#n 50mi last limit linkerd memory oomkill pod proxy restart stat time
MSH-02 ING-04|#ip #n addrconn addres authentic connect createtransport error fail first grpc handshak like look not record tls transport
MSH-02 ING-04|#n envoy istio requir upgrad
POL-01|#n allow block db default deny egres internet no policy rule
POL-09 RTE-19|agent allow antrea bundl error fail internet networkpolicy openflow realiz rule shop
POL-02|#n app cilium endpoint fromendpoint internet io kubernet match namespac pod policy selectorcach shp
SVC-05|#ip #n 95 chain delet endpoint kubernet pod programm sep still warn
SVC-03 SVC-10|#ip #n 80 clusterip kubeproxy miss node present rule
SVC-06 SVC-02|#ip #n answ connect curl internal localhost pod refus
DNS-07|#ip #n clusterdn dns error kubelet node pod sync
DNS-08|#n alpin each external getaddrinfo lookup ms musl name ndot p95 search suffix trie
DNS-11 DNS-02|#n 503 coredn fail pod prob readines runn statuscod
|#d #n proxi syncproxyrul took
|#ip #n delet graceful graceful_termin rs tcp termin trying
|#n #x authoriz info ingres securitygroup securitygroupid
|#n #x arn aws central elasticloadbalanc eu id info port register target targetgroup
|#n 12t02 335964z cach certificat chang client info root rotat sds start
|#n 28t15 548349z envoy info proxy ready
|#n added annot bylo default ingres pars secret stor tech tls
|#ip #n 80 accept cali# cali1 calico dpt dst eth# eth0 kernel out proto spt src tcp
|controll group info io kind kubernet manag multiclust reconcil runtim serviceexport start
|#ip #ip6 #n 401 80 aa internet login mozilla nov post shop
|#n 00z 01t10 apply info policy revis updat
|#n 53 api coredn dns forward id internet kubernet lookup nov request shop system
API-01|#n client factory fail inform io kubernet list reflector servic unauthoriz v1
API-01|boundserviceaccounttokenvolum kubeproxy not reload serviceaccount token
API-01|#n fail info node retriev unauthoriz
API-01|#n auth authenticat bear cannot due error invalid not request serviceaccount token valid yet
API-01|aws cni containercreat due event fail node pod restart says set stuck unauthoriz until up
API-01|already date expir servic token
API-01|agent current install not serviceaccount token
API-01|#n bound compatibil kubernet serviceaccount token
API-01|#n 401 answ apivers body configmap encounter error failur kind messag reason retry second servic statu topology unauthoriz v1 watch
RTE-01 DNS-02 RTE-04 DNS-04|addres coredn due external internet ip more pod reach take timeout unreachabl
RTE-07 API-03 DNS-11 SVC-03|#ip #n 443 500 api connect dial limit namespac resourcevers tcp unreachabl v1
API-03 RTE-04 SVC-03|#ip #n 443 77abc api creat dial ds error fail flannel getsockopt kubernet main namespac pod retriev spec subnetmanag system tcp unreachabl v1
RTE-07 DNS-02 DNS-04 DNS-05|any coredn deploy dns fresh lookup not resolv
DNS-02 DNS-05 SVC-03 DNS-04|again cannot default kubernet name not nslookup null resolv try
MSH-06 SVC-05 ING-04|503 connect disconnect error head reason reset termin upstream
MSH-06|503 answ befor connect connection_termin environ facing random reset start termin upstream upstream_reset_before_response_start
MSH-06 MSH-02|#ip #n 03t23 230z 503 80 95 answ befor blackbox clust connect connect_originat connection_termin echo envoy export local originat outbound reset servic start termin uc upstream upstream_reset_before_response_start
POL-11 MSH-01 API-03 SVC-01|#n cc clos common configur envoy external grpc grpc_mux_impl healthy impl mux no sourc stream upstream warn
POL-11 MSH-01 API-03|503 cannot car connect error issu istio pilot proxy side sinc upsteam
ING-01 ING-08|addres announc arp ip loadbalanc metallb not provid servic
ING-08|announc layer# layer2 loadbalanc mode node select servic two
ING-08 ING-01|expos extern instead internal ip metallb only
ING-01 ING-08 SVC-12|announc layer# layer2 node only overlap pod servic speak
ING-08 ING-01|advertise being creat l2 node servicel# servicel2statu wrong
ING-06|alternat caus certificat controll fake ingres kubernet
ING-06|certificat configur fake ingres ingress kubernet one tls wrong
ING-06|certificat configur default etc fake instead key nginx pem specify ssl
ING-06|certificat consistent fake give kubernet
MCL-02|cilium clustermesh error intermittent result setup tls
MCL-02|ca certificat cilium clustermesh fail intermediat tls verific
MCL-02|#n avg clust connect max min node not
MCL-02 ING-06 MSH-02 API-01|#ip #n 114z 27t02 addres bad certificat config_logg configur connect embed error logg name node refus remot tls warn
MCL-02|apiserv certificat clustermesh due error fail start tls
MCL-02|answ clustermesh forward not originat pod request
POL-12|clust internal ip ipblock match
POL-12 POL-01|being block cidr egres ip networkpolicy part pod rule
POL-12|calico clusterip networkpolicy
POL-12 POL-07|cidr cover egres ip kubernet networkpolicy not pod support
POL-12 POL-07 POL-02|apply clusterip networkpolicy not rule
POL-12 POL-01|belong deny ipblock kubernet l3 network podcidr policy wher
POL-01 POL-12|#ip #n 0x0 deny drop echorequest endpoint flow ident policy xx
POL-07 POL-01 POL-02|egres networkpolicy not work
AWS-02 AWS-01|addres adress assign creat fail ip low node numb pod subnet
AWS-01 AWS-02|#n 02t02 895z debug ip maxipspereni pool stat total
AWS-02|#n 0b1d7c 0ee294 each free invalidrequestexcept ip least need oper provid subnet
AWS-01 AWS-02 AWS-03 AWS-06|#n addres assign cni eks fail ip larg latest pod privat subnet
AWS-03 AWS-08|#n addres assign cannot cni deleg ip pod prefix v1 vpc
ING-04|502 backend end error health issu result tls unhealthy
ING-04 POL-01 RTE-01|acces any block cannot check connect firewall node nsg udr wheth
ING-04 SVC-05|agic backend even keep pod pool runn saying unhealthy up
ING-04|502 agic error
MSH-02|anchor expir fail replac trust
MSH-02 WHK-01 ING-06|#n 20z 28t07 29t11 build cannot certificat configur current exist expir fail fetch injector not proxy secret upgrad valid yet
MSH-02|#d #n ceritficat certexpir certificat certify error ident invalid linkerd# linkerd2 linkerd2_proxy_ident proxy receiv
MSH-02|#n 12t12 15z anchor anymor expir invalid linkerd not period root their trust valid within ×
POL-11 MSH-02 API-03|certify error fail ident linkerd proxy
MSH-02 ING-06|502 bad certificat due error gateway linkerd proxy tls
AZR-04 AZR-01|allocat azur configur ipam network node not per pod specify subnet
MCL-02|between clust connect establish gateway not submarin
API-01|#n #x calico clusterinform connect delet destroy error fail gett kuberuntim kuberuntime_gc network plugin remov sandbox sandboxid stop type unauthoriz unknown
API-01|#n cni connect datastor error fatal install startup unauthoriz
API-01|#x cni crawl error fail gett media multu network networkplugin pod q2xpl q2xpl_media teardown unauthoriz
API-01|certificat cni expir multu
API-01|#n creat failur hour kubeconfig lead multu not pod refresh
DNS-03|conflict coredn resolv systemd
DNS-03|#n detect duplicat fatal hinfo loop more plugin seen
DNS-03|#ip #n #x 7wkqz ad configur coredn crash edns# edns0 man manag nameserv option resolv run stub systemd trust
SVC-11|#n conntrack deny max net netfilt nf_conntrack_max node open permiss proc set sys sysctl
SVC-11|#n conntrack error hashsiz modul nf_conntrack not oper paramet sett support sys writ
SVC-11|#n conntrack fail file hashsiz kubeproxy only read system try updat
GCP-01 WHK-01|#d 443 call context creat default dev error fail hello internal internalerror knativ node occurr post serv servic timeout webhook yaml
WHK-01 GCP-01|#d 443 await cancel client connect cosign exceed head mutat net post request servic system timeout wait webhook
WHK-01 POL-01|call context due eso networkpolicy timeout webhook
GCP-01 WHK-01|cannot collector creat timeout webhook
ING-02|#n cannot controll discov error front least logg name namespac one reconcil servic shop subnet
ING-02|any cannot creat elb ensur error fail find loadbalanc subnet suitabl sync
ING-08|arp fail fals kube_proxy_strict_arp kubernet metallb proxy strict
ING-08|addres answ arp each elect every ip ipvs# ipvs0 kubernet loadbalanc node not one only request them
ING-05|acme challeng check eof error exampl fail known net perform propag request self shop well zx81
ING-05|#ip #n 80 acme challeng check connect dev dial exampl fail known kwlq org perform propag refus rep request self tcp wait well
MSH-02|#n 07t08 157z 503 _268435703 answ befor clust connect connection_failur curl error failur hello internal legacy local node numb openssl openssl_internal outbound reset routin servic ssl ssl_routin start tls tls_error uf upstream upstream_reset_before_response_start urx vers wrong wrong_version_numb
CFG-06 CFG-08 MSH-05|#n 113 11t07 586457z cannot connect ensur error expect iptabl linkerd linkerd_network_validator network node os pleas rewrit rule traffic unreachabl validator
CFG-08 MSH-05|cni fail forv linkerd network pod schedul validator
AWS-01 AWS-02 AWS-03 AWS-06|addres assign fail ip ipamd pod
DNS-04|#ip #n 53 error hinfo plugin read timeout udp
DNS-04 DNS-01 DNS-08|coredn due external internet more reach take timeout
DNS-04|coredn domain external resolv timeout trying
DNS-10 DNS-05|apply cach connect could dns egres local nginx no node node_local_dns_cach nslookup policy reach timeout true
DNS-10 DNS-05|#ip #n 53 6b97dd client deny destin direct drop dropp egres ident internet ip label pod policy port reason reserv sourc traffic verdict w6n
POL-14 DNS-05|#ip #n 0xf0433d07 deny drop endpoint flow ident policy udp xx
POL-12 POL-01|honor ipblock local network networkpolicy not
POL-01 POL-12|#ip #n 7c6d 80 batch deny egres flag id node none policy report syn tcp verdict
DNS-05|block dns evalu networkpolicy node rule traffic
DNS-05|cannot dns egres resolv rule
SVC-10 POL-09|#n abort anoth app controll current exit fail hold iptabl lock network network_policy_controll option perhap policy restor run statu sync want xtabl
SVC-10|#n anoth app configur current help hold lock option perhap sh want xtabl
SVC-10|#n anoth app check current default ensur error exit fail hold lock option perhap portal proxi rule servic statu want xtabl zk zookeep
SVC-01 SVC-02 ING-04|#ip #n 111 actuator client connect error exampl fail health node open refus request upstream
SVC-01 SVC-02 ING-04|#ip #n 111 cafe client coffe connect error exampl fail node refus request upstream
MSH-02 ING-04|#n 502 bad envoy gateway ingres nginx result servic upstream
WHK-01 MSH-01|#d 443 admiss call control creat error fail found inject injector internal io istio not occurr post servic sidecar timeout webhook
API-03 SVC-03|#ip 443 admissionregistr apis connect dial error fail injector io istio kubernet mutatingwebhookconfigur patch refus sidecar tcp v1beta1 webhook
MSH-01 WHK-01|automatic inject not webhook work
MSH-01 WHK-01 ING-06|automatic cannot data inject pem read setup sidecar webhook
MCL-02|apiserv cilium clustermesh connect remot timeout
MCL-02|cilium clust configur connect east found not remot requir snvxk
SVC-08|acces behind cannot clusterip one only own pod
SVC-08|back cannot internal ip pod servic
SVC-08|cannot direct itself pod servic traffic
SVC-08 SVC-03|clusterip pod port servic 个 供 做 提 无 法 的 被 负 载 这 连 通
DNS-08|#n break cannot clust dns external name ndot option resolv
DNS-08|#n answ cannot clust default find googl local mydomain ndot no option search servic
DNS-08|#ip 53 clust debug default local nameserv query quest search servic
AWS-07|connect endpoint error fail ipamd logs no obviou sts
AWS-07 INS-01 API-03|#n 02t14 52z check connect daemon info ipam start
AWS-07 INS-01 API-03|#d #n connect fail prob readines servic timeout within
AZR-03|#n end input json lead lock stor timeout unexpect v1
AZR-03|#n acquir lock proces
AZR-04|#x addres allocat availabl clusterip cni delegat fail internet network networkplugin no pod pool set up zbvfj zbvfj_clusterip
MCL-03|#ip #n cidr configur detect global not pre specify
MCL-03|#ip #n cidr clust east local overlap remot rout servic
MCL-04 MCL-02|calico cni not submarin work
MCL-04 MCL-02|calico clust connect fail inter network
MCL-05|clustersetip contain not serviceimport
SVC-12|connetct external externaltrafficpolicy fail ip local node refus servic unload visit
SVC-12|comment default drop endpoint ext ickqe# ickqe4ptg2wgvxbf kubernet local mark no shop xlb
POL-08|associat ciliumnetworkpolicy ip many not record tofqdn tolerat
POL-08 POL-09|#n allow amazonaw cnp deny drop eu matchpattern partial policy sns tofqdn traffic west
SVC-07|#n acces bridg call iptabl local need net nf pod servic
SVC-07|#ip 53 answ expect sourc unexpect
SVC-07|coredn duplicat internal node not pod work
ING-03|bookinfo cannot demo deploy forward limit out ran rule
ING-03|#n 403 backend backend_servic error exceed fail gce googleapi limit oper quota servic
ING-01|403 controll error gce googleapi insufficient insufficientpermiss loadbalanc permiss quota warn
ING-03 ING-01|#n 413 53 actual controll element error field googleapi hostrul larg loadbalanc maximum resourc size too urlmap valu warn
DNS-08 DNS-04|answ dns name not nxdomain ranch unawar
DNS-08 DNS-07|alpin based configur dns fail musl node pod resolut resolv search system
SVC-05|continuous pod request rout terminat
ING-08 SVC-12|externaltrafficpolicy local most refus serviceloadbalanc
AWS-06 API-02|0xc0012f8a40 allocat already branch branchallocationfail cannot controll creat eni entry exist fail new older pod resourc vpc warn
AWS-06 AWS-05|#n body groupid invalid item most securitygroup securitygrouppolicy should spark spec valu
AWS-06 AWS-01|associat eni gett not pod
WHK-01|#d #n 13t13 14t05 40z 43z 443 admiss call certificat controll current error expir fail ingres ingress internal io kubernet network nginx not occurr post servic timeout tls v1 valid validat verify webhook yet
API-01 ING-06|#n 06z 14t07 18t02 34z akid authentic authenticat cannot certificat current error expir fail not request skid sn valid verify yet
WHK-01 ING-06|#n certificat common connect deprec detect extens field instead invalid io kubernet legacy miss name node opa reli san server_cert_deprec servic subject valid
WHK-01|#d 443 admiss call certificat common control default fail field io kuma legacy mesh name plan post reli sans servic system timeout v1alpha1 webhook
AWS-04 ING-01|#n accessdeny arn assum authoriz aws cloud controll createservicelinkedrol ensur error fail iam internet loadbalanc manag not perform resourc role servic sts sync syncloadbalancerfail user warn
ING-01|#n activ controll current default ensur error fail loadbalanc not pend process retry servic statu vultr yet
ING-01|403 action client createorupdat error failur howev interfacesclient join link linkedauthorizationfail messag microsoft network networkinterfac not original perform permiss request scop send statuscod subnet virtualnetwork writ
ING-01|#n addon becaus cannot controll ensur error fail kubernet loadbalanc messag nginx not oper pip proce process referencedresourcenotprovision resourc retry servic service_controll stat succeed system
ING-01 ING-02|#ip #n addres attempt default ensur error fail field googleapi invalid ip loadbalanc not rang request reserv resourc servic subnetwork valu within
SVC-02 SVC-06 SVC-01 SVC-03 SVC-05 POL-01|#n 111 connect connectionerror data error except mast redi refus
POL-08 POL-01|#ip #n 443 ai allocat deny dropp flag fqdn id ident internet ip nov policy reserv stay syn tcp
DNS-05 POL-08 DNS-02|ciliumnetworkpolicy connect could dig dns googl no node reach rule timeout
MCL-05 DNS-02|#n cannot clusterset curl local nginx node resolv servic test
MCL-02 MCL-01 MCL-04|agent answ cluster# cluster1 endpoint export gateway no node only other rout servic submarin vx
POL-01|#ip #n block connect npc tcp warn weav
SVC-01 ING-04|backend cannot find found internet no not rout servic shop
SVC-01 ING-04 ING-07 SVC-05|applic availabl current endpoint h1 html not request serv
SVC-01 ING-04 DNS-02|#ip #n balanc client error fail failur init kong lua peer retriev ring
SVC-01 ING-04|#n 01z 02t10 entrypointnam error exist internet kubernetescrd not routernam servic shop websecur
ING-05|#n acme cannot certificat connect domain during error exampl firewall generat ietf like more obtain one param problem shop timeout urn
ING-04 SVC-13 PRF-01|#ip #n 003z 02t10 504 answ api clust curl internet local outbound post response_timeout servic shop timeout ut
SVC-01 SVC-05 SVC-13 ING-04|503 80 answ clust code flag internet local node null outbound response_cod response_flag servic shop uh upstream upstream_clust upstream_host
MSH-03 INS-09|#ip #n 0_8080 ack adding ads chain clust duplicat error filt internal internet lds listen local match servic shop sidecar updat warn
MSH-01|#n added error fals inject install internet io istio no pod proxy sidecar templat
MSH-02 ING-06|#d #ip #n 443 addres certificat fail handshak invalid outbound peer proxy rustl threadid tls unknownissu warn
DNS-03|detect exit forward loop panic plugin zone
DNS-04 DNS-02|#n dns error head ntp overflow plugin size ubuntu
DNS-02 DNS-03 DNS-11|#x abcd abcde_kub back backoff coredn fail kubernet off pod restart system warn
DNS-08 DNS-02 DNS-05 DNS-07|#n addres associat connect errno establish except fail httpconnect name new newconnectionerror no object urllib# urllib3
POL-01 SVC-03 RTE-01 SVC-01|8443 clust connect connectexcept java local net node payment plainsocketimpl port servic shop socketconnect timeout
DNS-02 DNS-05 DNS-07 SVC-01 DNS-08|#n connect connectionerror data dbconnect domain exist non nxdomain postgr tcp
INS-07 SVC-03 INS-09 BPF-05|#n cannot error kernel later must nftabl node proxy proxyserv run runn vers
SVC-10|#n error execut exit fail iptabl kubernet line nat proxi restor rule servic statu
SVC-12|#n 503 answer healthcheck ingres loadbalanc localendpoint nginx nodeport servic
SVC-09|#n conntrack count dropp exhaust kubelet nf_conntrack nf_conntrack_count node packet tabl
AWS-03|#n addres answ assign assignprivateipaddress ec2 error fail insufficientcidrblock ip oper statuscod
AWS-06 AWS-01|add addres assign attach cmd eni fail failedcreatepodsandbox ip no pod trunk warn
AZR-02 AZR-01|allocat availabl azur cns enough fail ip ipconfigsrequest more nc not pod statu subnetfull wait
API-02|cannot coordin creat elect fail fatal forbidden io kubernet lead leas lock metallb resourc serviceaccount speak system user
API-03 API-02 WHK-01|#d #ip 409 443 api ended fail group node servic timeout unavailabl v1 watch
POL-08 POL-07 POL-13 INS-09|ciliumnetworkpolicy combin condit describ fals internet invalid kubectl not rule spec statu support tofqdn toport valid
|down info node shutt sigterm terminat
|#n accept configur ingres internet main shop successful validat
|#n 53 7c ai allow coredn egres id internet kubernet l3 l4 nov policy system udp verdict
|brok clust cluster# cluster1 endpoint found id label local nginx not resourc sync test v1beta1
|ensur ensuringloadbalanc internet loadbalanc normal servic
|certificat info internet issu shop successful tls
|#n 01z 02t10 healthcheck info prob succeed wle
|#n 003z 02t10 upstream via via_upstream
|cec ciliumenvoyconfignam gw handl info successful upsert
|#n acces api common internet kubelet kubernet operationexecutor pod reconcil reconciler_common shop start verifycontrollerattachedvolum volum
API-01|4a3c 6f8c4b calico clean clusterinform cni connect controll error fail gett kubernet nd2kj nd2kj_kub network networkplugin pod sandbox set system unauthoriz up
API-01|calico clientset fail keep killpodsandbox kubeconfig never own reload rotat token
API-01|caus clusterinform connect error gett miss refresh token unauthoriz
API-02|#n api calico cannot clust controll error fail forbidden group kubernet list namespac reflector resourc scop serviceaccount system type user v1 watch
API-02|calico controll insufficient kubernet rbac
API-02|#n calico miss permiss vers
API-02|#n canal install kubecontrollersconfigur miss rbac v2
API-02|#n calico cannot connect controll crd default error forbidden kubecontrollersconfigur kubernet list org projectcalico resourc runconfig serviceaccount system unauthoriz user warn
SVC-03 API-03|#ip 443 creat dial error fail flannel kubernet pod retriev spec subnetmanag tcp timeout
API-03 SVC-03|#ip #n 443 9hx2d api connect creat dial ds error fail flannel kubernet main namespac pod refus retriev spec subnetmanag tcp v1
API-03 SVC-03 RTE-10|#ip 443 creat dashboard dial fail subnetmanag tcp timeout 功 后 启 失 建 开 成 搭 群 败 集
ING-07 ING-01|#n 14t22 40z allow already becaus cnam conflict demo dns duplicat error exampl exist invalidchangebatch io name not rrset type zone
SVC-01|#n 02t09 49z 80 default editor endpoint error found ingres kubernet name namespac no numb providernam servic servicebackendport servicenam serviceport skipp
SVC-01|404 configur endpoint healthy ingres just kubernet no return traefik
ING-07 ING-01 SVC-01 ING-04|404 alway controll ingres kubernet return traefik
MCL-05 SVC-01 MCL-02|#n 80 connect curl deriv fail mcs ms port refus serv 一 不 个 务 另 服 群 能 访 过 通 问 集
MCL-05|chang deriv not origin servic
MCL-05|#n clust default exist fail kind member# member2 not objectwatch record resourc serv serviceimport updat vers
MCL-05 MCL-02|不 务 发 服 现 群 访 跨 通 问 集
POL-01|#n alway deny exist ingres kubelet no node policy policyenforcementmod prob reserv sinc v1
POL-01|anymor deny livenes not now pod prob readines traffic work
POL-01 POL-09|block k3s networkpolicy prob readines
POL-01|block livenes networkpolicy prob
POL-01|caus check cilium health networkpolicty problem
POL-01|drop k3s kubelet livenes mode netkit networkpolicy not packet prob readines veth
POL-11 MSH-01 API-03 INS-01|#n 032823z 28t18 7c95 default node pod prob stat synthetic timeout wait warn xds zj8c8
MSH-01 MSH-02 MSH-03|caus hbon instead passthrough proxy restart traffic ztunnel
AWS-05 POL-11 MSH-01 POL-01|ambient applic bookinfo eks mesh sampl timeout
SVC-03 BPF-04 ING-08 SVC-12|acces cannot keepaliv nodeport vip
SVC-03 BPF-04 SVC-12|cilium kind kubeproxyles nodeport unreachabl
SVC-03 BPF-04 SVC-12|kubeproxy loadbalanc local node nodeport not replace servic strict type work
SVC-05 SVC-03 SVC-10|connect kubeproxy not preserv restart servic udp
SVC-05|conntrack delet flush not pod tabl
SVC-05|connect during initiat not pod reach restart servic stuck udp
SVC-05|fail pod receiv restart traffic udp
SVC-05|connect conntrack entry having stal tabl udp
SVC-05|dropp packet pod restart udp
SVC-05|caus client conntrack continuou entry error iptabl kubeproxy node packet pod restart send udp
DNS-04 DNS-07|#n coredn dns issu lookup multipl nameserv node not nxdomain other serv tried vnet wrong
DNS-04|#ip #n 53 backend error exampl read rt servic timeout udp unreachabl
DNS-04|#ip #n 53 failur forward logs read request skydn timeout udp
DNS-09 DNS-02 DNS-05 RTE-01 SVC-03 DNS-07|acces cannot dns node one pod
DNS-02 DNS-01 DNS-05 SVC-03|#ip answ clust connect could default dig googl kubernet local no node reach servic timeout
DNS-01 DNS-04 DNS-06 DNS-02|coredn dns fail occasional resolut upgrad
SVC-09|complete conntrack coredn duplicat host lose node overflown packet pod tabl
DNS-01 SVC-09 DNS-02 DNS-06|coredn dnsmasq intermittent refus
DNS-06 SVC-09 DNS-02 DNS-01|data dns gb lookup receiv some timeout
SVC-09|#n conntrack dropp exhaust kernel nf_conntrack packet tabl
ING-07|accept condit fals listen match messag no nomatchingparent parent reason ref statu type
SVC-01 ING-04|backendnotfound cart condit fals found messag not reason resolvedref servic shop statu type v2
ING-07|any gateway httprout listen match not parentref sectionnam specify
SVC-01|endpoint found no servic skipp traefik
ING-03|#n addres cannot creat ensur error external fail fals httpstatuscod ip loadbalanc more publicipcountlimitreach rawerror region retriabl subscript sync
AZR-02 ING-01|#ip #n addres capac enough ensur error fail internal ip loadbalanc not prefix subnet subnetisfull sync
MSH-02 MSH-03|#ip #n 004z 22t07 8443 chain filt filter_chain_not_found found not nr
AWS-07 INS-01|aws continous crash eks gett node reboot
AWS-07 INS-01 API-03|error ipam start unreachabl without
AWS-03 AWS-08 AWS-02|assign mode node not other prefix some work
AZR-03|#n acquir add azur c99e creat default error fail gvn# gvn6 initializ key lock network par plugin pod sandbox setup stor timeout type unknown valu vnet
AZR-03 CFG-02|#n end error input json lock stor timeout unexpect v1
MCL-05 MCL-02 MCL-04|check diagnos discovery not pass servic subctl work
MCL-02|between clust connect error two
CFG-01 INS-01|#x 4a0a 90d4 9f42 cni destroy error fail initializ kill killpodsandbox killpodsandboxerror network not plugin pod sandbox unknown
INS-07 INS-02 INS-12 RTE-16 SVC-10 NOD-01|#x destroy error fail ip6tabl iptabl neith network nor runtim sandbox servic stoppodsandbox unknown usabl
INS-02|#n 0xc0003f7be0 110 111 acme bin cni configur error fail fals find opt path plugin validat
NOD-02|cni configur creat cri default fail file fsnotify many messag monitor open servic too watch
NOD-02|#n error fail file kubelet many open plugin start too watch
NOD-02|add agent configur creat file lib many open too var watch yml
CFG-02 CFG-10|add becaus call cni delegat error exec fail flannel miss name network os plugin
CFG-02|loopback miss name network plugin
CFG-07|#n cannot cni convert error pars plugin result vers
CFG-02|configur error key list name no pars
CFG-02 CFG-01|#n #x 88d6 busybox creat default error fail infra k8s_infra_busybox kubernet name network no plugin pod provid runpodsandbox runtim sandbox servic w7_default_88d6_0
CFG-02 CFG-01 CFG-10|#x cni configur error found lanvlan namespac network not pod
CFG-05 IPM-05 CFG-04 INS-07|#x add adding addres bridg cannot cni# cni0 coredn crio deny error fail ip kubernet network permiss set system system_coredn zz9j2
CFG-02 IPM-07 CFG-09|#n #x attempt default error fail internet name namespac network overlap podsandboxmetadata rang runpodsandbox sandbox set setup uid
INS-02 INS-03|#n bin cni configur error fail find flannel list opt path plugin validat
INS-03 INS-02 INS-10|#n bin cni delet directory kubernet opt packag recreat upgrad
INS-03 CFG-09|lose plugin portmap
INS-03 CFG-09 INS-02|binary caus flannel miss not portmap proper work
INS-02 INS-03|binary clust creat flannel gett kubernet not plugin
INS-02 INS-03 INS-12|bin cni copy flannel kubernet miss opt plugin step yml
INS-03 INS-02|bin cni kubernet opt 二 件 制 安 少 插 络 缺 网 装 进
INS-04|bug busy crash ds file kubernet multu text
INS-12|#n 14t13 cannot creat directory entrypoint error exec fail file no pod proces runc sh start stat such thin thin_entrypoint
INS-09 CFG-10|delegat error fail getnetworkdelegat getpodresourc gett instanc kubernet list network pod podresourceslist resourc resourceclient servic tryloadpoddelegat unimplement unknown v1
CFG-10|adding cni configur error fail guid ib3 infiniband network not ov pod rdma sri valid vf
INS-01 BPF-06|#n #x 4abcd_kube agent cilium cni command eof error exec exit fail hook lifecycl messag pod sh stderr stdout system uninstall unknown
RTE-08|#n addres allow check dataplan endpoint fatal int int_dataplan ip kernel loos rpf set spoof their
INS-07 BPF-06 BPF-02|answ datapath error kernel load not oper rtnetlink support talk warn
INS-07|#n argumentn bad error exit fami inet invalid ipset kernel list receiv return statu stderr v6
INS-07 SVC-10 RTE-16|#n calledprocesserror command exit ip6tabl nat non return save statu tabl zero
INS-07 SVC-10 RTE-16|#n 0x4 command fail felix filt iptabl ipvers legacy panic retry save tabl
CFG-04 CFG-01|#n calico caus chang cni cni_conf_nam configur conflist delet fail name not old yaml
CFG-04 IPM-06|alongsid assign calico duplicat flannel ip issu pod some
CFG-08 MSH-05 CFG-06|clust cni condit istio race restart
CFG-08 MSH-05 CFG-06|chain cni conflist fix install linkerd pod racy start
CFG-08 MSH-05 CFG-06|cni linkerd node not recov restart
IPM-04|dead ip owned peer rang rmpe they unreachabl
IPM-04|#mac #n ip node total unreachabl
IPM-10 IPM-02|#ip 0x0 0x14 0xa 0xa5 0xff adding allocat cannot engin error ip ipmask ipnet macvlan mask net network pod rang storag
IPM-10 IPM-06|bug duplicat empty ip ippool
IPM-10|actual alloc bug data ippool match may not overlappingrangeipreserv
IPM-12|500 addres alloc allocat auto candidat creat error fail ip ipam ippool match mode no post postipamipfailur spiderpool standard subnet
IPM-02 IPM-12 AWS-01|#n alloc default fail internet ip owner pend poolnam shop upsert
IPM-04|block clean hitt ipam limit node not per proper reus
IPM-04|assign ipblock not releas
IPM-02 IPM-04|clust enough fix how ip not
IPM-04 IPM-06|collect due error fail garbag ip node out scal
IPM-08 IPM-07|must node not overlap podcidr rang subnet
IPM-07|bridg cidr conflict dock might pod servic
IPM-07|cidr clust default dock must net network not openshift openshift_portal_net osm osm_cluster_network_cidr overlap portal subnet
IPM-07|#ip #n addres calico cidr crash ip node overlap pod
IPM-07|#ip #n cidr default dock intersect network
BGP-02 RTE-10|#ip #n #x addres autodetect br interfac ipv# ipv4 startup
RTE-10 BGP-02|addres auto cannot detect found ib0 interfac ipv# ipv4 no node regex valid
RTE-10 BGP-02|addres calico find ip wrong
RTE-10 BGP-02|autodetect calico crash default install ip_autodetection_method method node nodelocalcachedn
RTE-10 BGP-02|addres break calico consistent correct detect incorrect ipv# ipv4 minu one setup vxlan
RTE-10 INS-01|#n fail find interfac main match provid regex
BGP-03|#ip bad bgp error identifi idle node specific start
BGP-05 BGP-01 BGP-02|activ calicoctl enabl mesh network none peer think
BGP-05 BGP-03|bug client node peer reflector rout
BPF-02|#n acces deny error fwd handl invalid ipv4 line load map map_value_or_null memory null omitt permiss program r1 r5 snat tail tail_handle_snat_fwd_ipv4 u16 valu verifi
NOD-04 BPF-03 BPF-06 NOD-01|allocat any4 bpf btf cannot cilium cilium_ct_any4_global conntrack creat daemon error global initializ map maps memory open without
BPF-05 BPF-06 NOD-04|01821 allow bpf cannot cilium cilium_policy_01821 creat endpoint error fail fs global map not oper policy regener sys tc
BPF-03|#n 00777 argu cannot cilium cilium_policy_00777 consid descriptor element exhaust file list long map pleas policy resiz too updat
BPF-03|connect ct error fail insert lived map most small sporadic
BPF-03|bpf break caus cilium cilium_bpf_map_pressur connect creat ct exhaust fail map overflow pod policy pressur
BPF-03 POL-10|lockdown map overflow policy
RTE-08|balanc break case certain default filt free kubeproxy load mode rp_filt strict
RTE-08|#n break cilium node out pod systemd traffic
RTE-08 RTE-07|drop fw iptabl mangl nixo rpfilt
RTE-12|cilium ip networkd ruin rule systemd
RTE-12|cni lose networkd restart rout rule systemd
RTE-12 RTE-04|#ip #n addres configur eth# eth0 foreign forev mark networkd preferr remov systemd valid
RTE-12|default delet kernel main networkd policy rout rule systemd
RTE-02|#n addres boot chang every flannel mac v6
RTE-02|addres chang devic failur flannel mac vxlan
RTE-02|#n addres assign devic flannel interfac mac overrid systemd virtual
RTE-05 RTE-18 MTU-01|#n any break connect except icmp vxlan
RTE-05 RTE-18|between calico eth# eth2 ethtool node off over resolv tcp traffic tx vxlan
RTE-05|#n access bare clusterip externalip kubernet metal rout second servic slow
RTE-05|checksum destin dropp due encapsulat interfac node packet receiv udp vxlan
RTE-16|#n current incompatibl iptabl kubeproxy
INS-07 RTE-16 SVC-10|#n cannot chain creat ensur error exist exit fail initializ insmod iptabl kubernet nat need not servic statu tabl v1
RTE-16|#n iptabl kubelet kubeproxy nf_tabl not tabl work
RTE-16|#n break iptabl net node os uses weav
RTE-06 RTE-14|#n caus dock node outbound pod stop traffic upgrad work
RTE-06|#n default dock drop forward ip
RTE-06|bett drop forward handl iptabl node
RTE-06|#n dock drop forward pod 为 了 互 则 墙 改 更 有 火 的 规 认 通 问 间 防 题 默 ，
RTE-07 RTE-06|#ip #mac #n cni# cni0 dst external filt filter_fwd_public_reject flannel fwd kernel len mac out reject src
RTE-07 RTE-06|#ip #n 10250 cni# cni0 dpt dropp dst input len out physin proto spt src syn tcp veth# veth57177775
RTE-07 RTE-06 RTE-01|block firewalld flannel install kubeadm network traffic
RTE-18|conflict nsx port vxlan
RTE-18 RTE-01|#n allow default not nsx overrid port vmwar vspher vtep vtep_port vxlan
RTE-19 INS-01|#n agent br cim error found initializ int like lookup main match msft msft_netadapteradvancedpropertysettingdata name netadapteradvancedproperty netadapteradvancedpropertysettingdata no object runn set
RTE-19 INS-01|#n agent datapath error fail featur initializ lookup main openvswitch runn support
RTE-19 INS-01 RTE-17|#d #n 47c8e81 configur e19e7 e19e7_47c8e81_h fail handl interfac internet not openvswitch pod pod# pod47c8e816dc4 ready shop
RTE-19 INS-01 RTE-17|#n addres error fail found kubernet mac mac_addres manage no node port
INS-01 RTE-19 API-03|#n condit error node ovnkub readines timeout wait
MTU-01|1450 great interfac mtu not should size vxlan
MTU-01 MTU-03|1440 1500 calico mtu veth vxlan 上 主 于 包 发 大 失 宿 度 时 是 机 的 置 败 送 配 长
MTU-01 MTU-03|#n below calico deploy linux lower mtu should vxlan
MTU-01 MTU-02|#n 1500 cali# cali34d45bc515f if4 mtu none tunl# tunl0
MTU-01 MTU-04 MTU-03|agent cilium clustermesh connect fail high hubbl mtu relay
PRF-01 DNS-01 NOD-01|cfs lead quota throttl unnecessary
DNS-06 DNS-08 DNS-01 DNS-04 PRF-01|#n connect internal issu namelookup pod slow time time_connect time_namelookup time_total total
INS-02 INS-12 NOD-01 INS-01 NOD-04 CFG-02|#n 0_default 3fe3 clean cni error fail kafka messag netplugin network networkplugin no pod sandbox set up
AWS-01 AWS-02 AWS-03 AWS-06 AWS-04|0_default add addres assign cmd cni fail ip network networkplugin pod set up wesql
BGP-04 INS-01|#n bird calico confd exit fail live livenes node not prob ready statu
RTE-04 RTE-03 RTE-17|#ip cannot datapath error fail interfac ip ipvs# ipvs0 kubernet l2 linux neighbor node refresh remot retriev rout unreachabl
RTE-10 INS-01 INS-07 BPF-06|addres creat daemon determin devic error external fail fatal hardwar mac no tun# tun0
RTE-03 RTE-01 RTE-04|#n impact loss miss node packet peer ping pod some thos wireguard
INS-07|#n client creat error fail fami felix netlink no such wireguard
CFG-07 CFG-01 CFG-02|cni cnivers configur conflist key network no not plugin ready uninitializ
IPM-12 IPM-02 IPM-07 CFG-10|acquireaddressfail addressoutofrang reason type warn
IPM-02 IPM-03|#n addres assign controlplan errorallocatingpod exhaust fail ipam localnet nad pod rang updat virt warn
INS-01 IPM-02 IPM-12 API-03|#n addres handl launch ovn pod provid tenant virt wait
BPF-02|#n argu datapath list load long pod prog refus sect too warn
BPF-02 BPF-05|#n connect# connect6 datapath error load prog refus sect unknown warn
BPF-02|#n argu event event_execv execv func invalid line load omitt program unknown
BPF-02|fail regist safety type unreadabl verific
BPF-02 BPF-06|#n 0x0 argu collect ebpf endpoint endpointid error fail goto handl handle_lxc_traffic kernel line list load long lxc omitt pc program r8 regener too traffic truncat
INS-04|additional bin busy cannot cni error file init multu node open opt plugin tar text whereabout
INS-02 CFG-03|bin binary calico cni deny error install ipam node open opt permiss writ
INS-03|adding bin cni error fail find libexec loopback network opt path plugin pod usr
INS-02 INS-05|9df5 bin data fail find flannel k3s lib path plugin ranch var
INS-05 INS-02|bin bin_dir binary cni containerd dir home install kubernet opt written
INS-07 RTE-10|adding answ ip ipip not oper rtnetlink support tunl# tunl0 type
INS-07 SVC-03|#n cannot exit ip_vs_wrr ipvs kernel load modul not proxi statu wrr
INS-09 INS-01|#n cannot ciliumnod crd expect fatal older operator start vers
INS-11|answ bpf daemon dock error fs mount not path shar sys
INS-12|bin calico cannot directory error exec file no node oci pod proces runit runtim start start_runit stat such usr
CFG-01 CFG-02 INS-01|cni configur error etc fail found load net network no reload valid
CFG-02 CFG-01|#n cni configur conflist containerd eof etc fail file load net unexpect warn
CFG-03 CFG-01|#n calico cni conflist deny etc net open permiss warn
CFG-04 CFG-06|#n cilium cni configur conflist etc found instead multu net sort warn
CFG-05 CFG-04 IPM-12 IPM-07|#ip #n clust coredn ip not pod rang
CFG-06 CFG-08|#n bak calico cilium cilium_bak cni configur conflist delet error found istio plugin
CFG-07|#n add cni fail plugin support type unsupport vers vlan
CFG-08 MSH-05 CFG-06|#ip #n connect dial envoy error fail iptabl istio not pod ready refus tcp traffic valid
CFG-09|add earli fail firewall miss plugin prevresult type
CFG-10|add adding attach data def error fail failedcreatepodsandbox find multu namespac net network plugin pod prod shim type warn
IPM-04 IPM-02|#n addres assign block cannot handl ip kubernet max more network node per pod reach
IPM-06 AZR-01|#ip add anoth duplicat endpoint exist fail interfac ip node
IPM-07 IPM-09|#ip #n ens# ens160 hostnetwork interfac overlap pod subnet
IPM-08 IPM-06 IPM-07|#ip #n already conflict leas subnet
IPM-10 API-03|#ip #n attempt cncf cni conflict engin error giving io ippool storag up updat whereabout
IPM-11|#ip #n allocat cidr clust fail mask no node rang remain
IPM-12|#n ip match no node nodeselector not pool select zone
RTE-01 RTE-07|#n 51820 answ eth# eth0 every ip length no out repeat udp
RTE-02 RTE-03|#mac #n chang flannel interfac leas mac network node other stal vxlan vxlan_network
RTE-03 RTE-04 RTE-17|500 add controll devic error fail gateway neighbor no node node_route_controll peer rout such w7
RTE-04 RTE-17 IPM-05|#ip add default fail plugin ptp rout type unreachabl
RTE-05|#ip #n 8472 bad checksum csum failur flannel hw kernel udp ulen
RTE-06|#ip #n accept drop forward no
RTE-07 NOD-01|#ip 10250 connect external fail firewalld nc port refus tcp unreachabl zone
RTE-09|#n enabl fail file forward ip_forward ipv# ipv4 net only open proc read sys system
RTE-10|#ip addres fail fatal found interfac ip network no node
RTE-12|#ip #n 1024 lookup main manageforeignroutingpolicyrul networkd policy prior remov rout rule systemd yes
RTE-15|#n addres aks dropp enableipforward fals interfac node pod sourc traffic
RTE-16|#n both detect iptabl legacy nftabl node rule warn
RTE-17|#n 1450 broadcast cni# cni0 down if3 lower lower_up lowerlayerdown more mtu multicast no stat up vethb# vethb6
RTE-19 INS-01|#n anoth cannot daemon daemon_unix emer held initiat lock monitor node null openvswitch ovsdb proces unix vswitchd
BGP-01 BGP-02 BGP-03|bird connect mesh mesh_10_0_4_7 socket stat timeout
BGP-01|#ip 179 bgp connect dial error fail peer tcp timeout
BGP-03|#ip bad bgp bird error global global_10_0_0_1 identifi
BGP-04 INS-01|bird bird# bird6 calico control ctl dial directory error file no run socket such var
BPF-01|bpf fs maps mountpoint not restart surviv sys
BPF-03|#n bpf cali cali_v4_nat_b devic entry fail left map max nat no spac updat
BPF-04 SVC-04|enabl found iptabl kubeproxy kubernet replace rule servic warn
BPF-05|#n boot bpf bpftool deny kernel kernel_lockdown lockdown man secur see
BPF-06 BPF-02|#n bpf build endpoint exit fail not program ready stat statu
MTU-01 MTU-03 MTU-04|#n 1500 client handshak hello link mtu noth out request small tls tlsv# tlsv1 vxlan work
MTU-03 MTU-01|#n 1450 calico dropp larg mtu packet tailscale# tailscale0 tunnel vxlan
NOD-02|cni configur dir file fsnotify init1 inotify inotify_init1 many not open too watch
NOD-03|1024 arp arp_cach cach gc_thresh3 neighbour overflow tabl thresh3
NOD-04 INS-01|137 512mi 8xk2p cilium exit limit memory oomkill
|#n bgp confd establish health info node numb peer
|#ip #n allocat ip ipam net# net1 static subnet vpc
|#n agent file line main new receiv stat
|bpf bpf_execve_event event execv info lib load prob program tetragon type var
|#n failedservic info maps restor restoredservic servic
|1500 devic eth# eth0 external info inherit interfac mtu network
|#d internet kill kubelet normal pod stopp
|#n api delet internet kubelet pod shop sourc syncloop
|#d info removepodsandbox return successful
|#n inform kernel load see wireguard
|#n down health link lxc lxc_health networkd systemd
|bird kernel# kernel1 rout scann tabl
|#ip add configur info key peer topic
|#n add br call exist info int may openvswitch port veth# veth1 vsctl
|#n 00z 01t00 ip numb reconcil verbos
|call keyerror last most recent traceback user user_id
|#n deprec end life python reach
INS-12 SVC-10 INS-09 INS-07 POL-10|#n cannot complet error fail fami felix inet ip ipset line may out pars protocoln restor sets stderr sync syntax tcp v7
IPM-11|#n alloc consum each mine node only out podcidr
IPM-01|#n 53 agent cidr empty error initializ kind main node runn string
RTE-04 RTE-11 IPM-07|#ip #n argu configur dst error eu fail flag gw ifindex install invalid kubernet lej netlink nil node onlink peer requeu rout src sync tabl
RTE-12 RTE-04 RTE-17 CFG-10|break comput connect network node secondarynetwork
INS-01 API-03 RTE-19|agent antrea controll not pod ready restart
RTE-19 INS-01 CFG-04|already antrea install node openvswitch packag runn switch vswitchd
RTE-01 RTE-04 RTE-07 RTE-02 RTE-05 RTE-03|acces cannot node pod specific
INS-09 INS-01|#n calicovers cannot crd customresourc error find gett globalfelixconfig key name node org projectcalico request resourc
INS-01 INS-09 BGP-02|calico keep node pod restart
INS-06 INS-01 API-01 IPM-04 CFG-01|containercreat new node pod restor stuck
RTE-12 RTE-10 IPM-07 RTE-04|caus chang install interfac internet like microk# microk8 network outag seem
INS-01 RTE-04 API-03 IPM-03|calico minikub not restart surviv
RTE-17 RTE-04 INS-01|anymor calixxxx interfac no node pod reboot unreachabl
RTE-14 RTE-06|acces internet not pod reboot
RTE-10 RTE-04|cannot creat default fail found interfac ipv# ipv6 ipv6_rout net no node proc proxi rout select
RTE-01 RTE-15 RTE-04 RTE-06 RTE-07|different each node not other pod reach reboot start system up
RTE-17 RTE-12 RTE-10 INS-07|calico down int vxlan
RTE-17 RTE-04|#n args call cannot dev devic fail failedsystemcall find ip list retcod rout stderr system tap# tap72415b26
RTE-04 RTE-12 RTE-11 BGP-02 RTE-20|calico enabl ipip off quick rout
RTE-04 RTE-10 RTE-17|#n 0x6 add calico error fail felix ifacenam ipvers rout route_tabl tabl tableindex unreachabl v6 vxlan
RTE-04 RTE-17 RTE-03 INS-07|#n acces appear calico error fail felix ifacenam interfac netlink oper rout route_tabl tabl up updat v6 vxlan
RTE-11 RTE-10 RTE-04|#n crosssubnet send traffic vxlan vxlanmod
RTE-04 INS-06 RTE-10|configur creat felix local name no pod rout set wrong
CFG-10 API-03 INS-01 CFG-08|creat fail interfac multu node restart
CFG-10 IPM-06 CFG-08|adding already cannot cni delegateadd error exist interfac kubernet main mesh name network overlay ovn pod pod# pod21e2223678f set validateifnam
RTE-17 CFG-10|add bridg delegat down error fail flannel layer lower plugin port stat type
CFG-10 INS-05 CFG-01|cni delegat error etc found getcniconfig getcniconfigfromfil gett multu net network no
INS-01 CFG-08 CFG-10|cilium connect fail multu node reboot sock
CFG-10|adding afxdp cmdadd devic error fail find found link network not pod
CFG-06|#n bak cilium cilium_bak configur multu renam restart
CFG-10 CFG-06 INS-01 CFG-04|deploy fail multu network sandbox setup
INS-08 INS-11 CFG-10|directory env fail file flannel loadflannelsubnetenv mount multu no not open pod run subnet such thick
RTE-04 RTE-19 INS-01|#n cniserv exit fail gateway init node statu
RTE-19 RTE-04 INS-01|#ip #n exit fail gw openvswitch ovn# ovn0 ping statu
RTE-01 RTE-04 RTE-05 RTE-06 RTE-07 RTE-19 MTU-01|bug pod 不 流 点 节 跨 通 量
RTE-01 RTE-07 RTE-05 RTE-19 RTE-04|cannot clust kubernet other ovn ping pod
RTE-04 RTE-19|cannot centraliz fail gateway node pod subnet visit
RTE-19 INS-01|cni openvswitch pod 个 二 会 出 外 导 常 异 当 挂 掉 接 时 的 第 络 网 致 连 退 部 ，
RTE-10 INS-01|bootstrapp cilium determin devic direct due fail failur rout
RTE-10 INS-01 CFG-02|agent cilium devic directroutingdevic fail set start
INS-01 RTE-10|devic discovery rout sigsegv
RTE-10 INS-01|addres agent allocat devic lxc panic rout select
RTE-10 RTE-17 RTE-12|agent configur construct datapath devic direct error fail local modul node not orchestrator requir rout warn
RTE-10 INS-01 INS-07|bridg cilium funct install not prevent
RTE-10|alway annot external flannel ip kubernet node overwrit startup
RTE-10|#ip add bind default enp# enp0s3 enp0s8 flannel interfac ip vagrant
RTE-10|addres alpha annot based coreo determin external flannel interfac ip privat
RTE-10 RTE-01 RTE-04|between cannot different network pod reach them
RTE-14 DNS-04 RTE-06 MTU-01 RTE-01|dns internet kubernet not pod reach
RTE-10 BGP-02|#ip addres assign duplicat external first interfac ip node they think
RTE-10|external first gues interfac ip network trie
RTE-11 INS-07 RTE-17|calico howev indicat interfac ipip logs miss mode vxlan
RTE-04 RTE-19 RTE-17 IPM-06|ping pod 下 了 关 子 完 无 法 的 网 置 该 通 配
RTE-04 RTE-19 RTE-01 POL-01|between different node not ping subnet vpc work
NOD-01 NOD-04 INS-01|calico cgo creat fail felix node pthread pthread_creat resourc runtim temporari unavailabl
RTE-07 CFG-09 CFG-03|#ip #n add addres authoriz call cni configur fail fedoraproject firewall firewalld# firewalld1 not org plugin setup trust type uid zone
INS-03 INS-05 INS-02|#n bin bridg cni cni_path creat default directory exec fail fata file install need network no opt path plugin releas see sett stat such verify
INS-03 INS-05 INS-02|#n bin cni cni_path fata firewall install need opt path plugin
CFG-03 CFG-10 CFG-09|add allowlist call cni configur deny etc fail fatal open permiss plugin setup tuning type
INS-07 CFG-03 INS-01|add allow bridg call cannot cni creat fail nerdctl# nerdctl0 not oper plugin setup type
INS-07 SVC-10 RTE-16|#ip #n #x add append argu bridg chain cni exit fail invalid iptabl nat nf_tabl plugin postrout rule rule_append runn sbin statu tabl type usr v1 wait
INS-02 NOD-04 INS-01 INS-12 NOD-01|0_default cni error fail kafka messag netplugin network networkplugin no pod set up
INS-05|bin cni configur dir effect not take
INS-05 INS-02|bin cri different directory
INS-05 INS-02|bin chang cni dir k3s vers
INS-05 IPM-10 CFG-10 CFG-01|adding configur error file found network not pod rto
INS-05 CFG-01|agent cni configur containerd etc instead k3s lib look net ranch var
INS-05 CFG-10 CFG-02|#n cannot cniconfigdir configur generat multu multuscniconfig specify
API-01 API-03 INS-01|access calico cannot certificat client crt datastor directory error etcdv# etcdv3 file initializ no open secret such
INS-09|#n calico never run task upgrad
INS-09 INS-01|#n calico crush pod upgrad v1
INS-01 RTE-16 INS-07|#n added bust calico crash debian new node other pod scal stretch yml
DNS-07 DNS-02 DNS-03|configur creat directory fail file kubelet no open pod resolv run sandbox such systemd
RTE-10|#ip #n error found given interfac ip look main no up
INS-01 INS-07 RTE-04 RTE-10|argu exit fatal flannel invalid
RTE-12 RTE-04|#ip #n adding default dhcpcd flannel k3os1 rout
RTE-12 RTE-04 RTE-17|clust fail flannel interfac reload wireguard
RTE-10 INS-07|any availabl default fail find interfac not protocol valid
RTE-10|#n alway cannot find flannel interfac kubernet local v0 yml
IPM-06 IPM-03|acros alloc around cni ensur ipam lib make node persistent restart stick var
IPM-03 IPM-04|call fail ip leak may runpodsandbox
SVC-10 IPM-03 CFG-10|#n #x cannot cni cni# cni0 conflistdel delegatedel delnetworklist error exit gett invok iptabl ipv# ipv4 nat resourc result runn sbin sn snat statu teardown temporari unavailabl usr wait
IPM-03 IPM-02|#ip #n #x add adding addres allocat availabl cni crio error fail ip ipam network no rang request run set statu
IPM-03|clean cni ip node sandbox stal stor sync
IPM-03 IPM-10 IPM-04 IPM-02|addres alloc fail ip leak observ
IPM-06|addres assign duplicat ip pod
IPM-06 IPM-03|#n duplicat ip may pod receiv
IPM-06 IPM-03|addres duplicat ip pod
IPM-06 IPM-08 CFG-05 CFG-04|duplicat env error flannel ip kubernet pod two
CFG-05 CFG-04 IPM-05|allocat invalid ip node not pod podcidr respect
CFG-05 CFG-04 IPM-06 IPM-08|allocat distinct duplicat ip node not pod podcidr respect two
IPM-11 IPM-01|#n allocat custom kubernet node not pod podcidr subnet
IPM-11 IPM-01|cidr clust controll fail given kubernet manag rout small start too
IPM-01 IPM-11|cidr controll creat detail etcd# etcd3 fail mast network node not pod podcidr servic set spec
IPM-11 IPM-01|cidr ignor mask node size updat valu
INS-09 INS-01 CFG-02 RTE-17 CFG-09|#n #x b60761ca b60761ca_flannel endpoint error fail find flannel found hnsendpoint network not provisionendpoint sandbox setup
CFG-04 RTE-17 INS-01 CFG-02|#n #x 0x803b0010 already errorcod exist fail fals hcncreatenetwork name network sandbox setup succes win# win32
RTE-17 INS-01 INS-07 CFG-02 AZR-03|777f_default api cni creat element endpoint error fail found hns network networkplugin not pod set up
IPM-06 RTE-17 CFG-04 INS-01|0x1392 already exist fail hnscall object win# win32
RTE-04 RTE-03 BPF-06 RTE-01|cilium connect ip ipv# ipv6 loss node pod reboot result
INS-09 RTE-04 BPF-06 BPF-02 RTE-08|#n cilium connect lose network pod some upgrad
BPF-06 RTE-04 INS-01|cilium endpoint leav not restor some stal them
RTE-20 RTE-04 BPF-06|#ip #n byte data exceed icmp icmp_seq live ping seq
RTE-01 RTE-03 RTE-04|connect ipsec issu node reboot
BPF-06 RTE-04 INS-01 RTE-03 API-03|agent cilium connect endpoint lose restart roll
BGP-03|#ip #n 179 bgp messag not open read type want
BGP-03|#ip #n bgp byte corrupt invalid neighbor notific path sent
BGP-03 BGP-01 BGP-02 BGP-05|bgp cannot configur establish neighbor peer relationship rout two
BGP-03|#n 122 128 176 auth bgp down error fail kernel mast md5 node node_10_128_122_176
BGP-03 BGP-02 BGP-01|already bgp calico cannot metallb peer rout
BGP-01 BGP-02 BGP-03 BGP-04|bgp due establish fail not peer prob readines
BGP-03 BGP-01 BGP-02|#ip 179 backoff bird connect error goes itself
NOD-03 NOD-05|#n adding answ availabl buff entry neighbour no rtnetlink spac
NOD-03|#n argu callback invalid net net_ratelimit ping ratelimit sendmsg suppress
CFG-10 RTE-04|different interfac ipvlan l3 mast mode requir subinterfac subnetwork
BPF-06 RTE-04 INS-01 RTE-03|cilium cni disconnect manag network pod restart sometim
RTE-01 RTE-05 RTE-04 RTE-18 RTE-06 RTE-07|#n accessibl also between calico connect different fail issu locat node nodeport only pod
NOD-01 RTE-07 RTE-01 API-03 AWS-05|#ip 10250 calico containerlog dial error kubernet mxlr# mxlr5 node system tcp timeout
CFG-02 INS-02 INS-07 CFG-09|#d #n #x alloc cni command dreamy error exit fail foo infra pod rootles statu stderr stdout
INS-02 INS-03 INS-12|bin error exec format home kubernet network ptp stat
INS-03 INS-02|bandwidth bin chain cni creat exec exist fail file not opt plugin
CFG-03 CFG-01 INS-02 INS-05|#n cannot cilium cni conflist creat error etc file net node only read symlink system
CFG-02 CFG-01|charact cni configur fail init json kubelet kubenet network plugin unknown
CFG-07 CFG-10|#n cni configur macvlan mismatch not plugin understand vers
CFG-08 MSH-05 CFG-06|#n cannot connect error exit init istio listen not plac pod redirect rule valid
CFG-09 SVC-10 SVC-03|#n alon bridg chain cni conflist dnat edge exist hostport list loadbalanc not pod unreachabl
CFG-10 CFG-02|annot attach cncf cni end error fail format gett input invalid io json kubernet lan multu network pars parsepodnetworkannot pod prod select unexpect v1
CFG-10|#n allocatabl bound devic driv found io match mlxnic no node not openshift plugin pool vf w3
IPM-06 RTE-04|#ip #n addres already anoth cali# cali3f cali81 conflict dev felix hold interfac rout
IPM-04 IPM-06|#n already blockaffin claim error exist ipamd node resourc w4 w7
IPM-03 IPM-02|#n addres allocat cni fail free lib mynet network pod run var
IPM-09 IPM-07|#ip #n allocat cannot cover error eth# eth1 exist fully ip rang rout
IPM-11|#ip #n allocat cannot cidr clust more no node nodeipam room
IPM-12|addres assign cannot default disabl ippool ipv# ipv4 no other pod pool
IPM-01|acquisit allocat cidr fail leas main miss node podcidr set spec true
IPM-05 IPM-01|#ip #n carry cni# cni0 env now says subnet
IPM-07 GCP-03|#ip #n conflict docker# docker0 lose offic pod subnet vpn
INS-07|argu cannot error genev insert invalid kernel modprob symbol unknown
INS-07 SVC-10|add cannot error ip kubeproxy nftabl not numgen oper proces rule support
INS-07|availabl fatal iptabl kernel modul need not socket xt_socket
INS-09|calico crd degrad error ippool kind match no operator org projectcalico query tigerastatu v1 vers
INS-11|answ calico daemon error lib linux mount not path shar slav var
INS-04|bin busy cannot cni cp creat file loopback opt regular text
INS-06 INS-01|calico error lib miss node nodenam not plugin start var
INS-08 IPM-01 INS-01|env file flannel flannel_subnet miss read run subnet
RTE-01 RTE-07 AWS-05|#ip #n answ ip never node other packet proto
RTE-01 RTE-18 RTE-07|4789 cannot corporat count drop exchang filter firewall nmap node open port rise show udp
RTE-02 RTE-03|#mac #n annot devic flannel node vtepmac w3 watch
RTE-19 RTE-03|#ip controll creat give miss node not ofport peer port rout tunnel up
RTE-04 RTE-17|#n 10nping ip no output ping routen sendto unreachabl
RTE-05|#n checksum csum cure error eth# eth0 ethtool off segment slow tnl tx udp udp_tnl vxlan
RTE-06|#n chain cni# cni0 drop dropp eth# eth0 forward packet policy
RTE-09|#n forward ip ip_forward ipv# ipv4 net node off
RTE-10 RTE-01|#ip #n although any assign endpoint external interfac ip node not shar vxlan
RTE-11|diff duplicat encapsul felix ipip node pool uses vxlan w2
RTE-12 RTE-04|#n again aws came delet eth# eth1 ip lookup networkmanag node rule up
RTE-14 DNS-04|agent conntrack crash curl entry exampl ip masq no pod snat timeout
RTE-15|#ip #n 7f addres allow allowed_address_pair dropp empty packet pair port
RTE-16 SVC-10|#n chain incompatibl iptabl kubernet nat nf_tabl nftabl servic tabl tool v1
RTE-17|cali# cali9b13 carri down eth# eth0 lowerlayerdown no pod stat
RTE-18 RTE-01|#n 4789 chang eaten esxi node port switch vxlan work
RTE-19|#n br crash cut flow int node off openvswitch pod vswitchd
RTE-20 BGP-03|bgp default itself learn loop lose node one replac rout tor
BGP-01 BGP-03|#ip activ bgp# bgp1 connect refus stat
BGP-02 BGP-01|#ip addres bgp establish every node not virbr# virbr0
BGP-03|#n #x bad byte error messag notific open peer receiv
BGP-04 INS-01|bird connect ctl not refus run runn var
BGP-05|#n bgppe disabl mesh no node object peer
BPF-01|0x62656572 bpf cannot fs mount not pin program statf sys type
BPF-03|#n cannot endpoint entry hold insert map policy
BPF-04 SVC-04|activ both cilium kubeproxy replace strict w1
BPF-05 BPF-02 INS-07|btf co directory file kernel no program re skipp such sys vmlinux
BPF-06 BPF-02|attach busy cannot devic endpoint fail lxc# lxc81 program regener tcx
MTU-03 MTU-01 MTU-04|#n between byte df discovery fail ipip lose node over packet pass pmtu pppo
MTU-01 MTU-03 MTU-04|1450 1500 cali calico delta git gitlab hang interfac mtu pod pull resolv vxlan
MTU-02 MTU-01|1460 1500 eth# eth0 gcp mtu other w5
NOD-01|containergcfail eof error kubelet node notready read unavailabl warn
NOD-02|add devic etc fail inotify inotify_add_watch kubelet kubernet left manifest no spac watch
NOD-04 INS-01|#n agent cilium duplicat gib invok kernel kill limit oomkill today uses
NOD-05|#n buff core error max ms net path receiv rmem rmem_max small socket too
PRF-01 NOD-01|#n cpu# cpu0 doubl mpstat node off pod rps slow softirq
PRF-02|#d #n bandwidth download ingres io kubernet limit mb pod show
|#n apply chang error fail internet latest manag modify object pleas pod shop statu status_manag updat vers
|#n containerid endpoint info new
|#n 00z 01t00 commit fail forc info main next ovnsb recomput
|kernel lowerdir miss overlayf
|#n calico carri gain networkd systemd vxlan
|#n controll info reconcil servic service_controll start
|#n addrspereni availabl debug eni ip low pool target too
|#n data iptabl numservic proxi reload servic
|#n check imag info io kubernet paus registry statu
|bird start
|authentic cannot csrf token verify warn
|#n found gunicorn not sh
|#n data devic errno left lib no oserror spac var
INS-02|#x bin cni creat error fail find flannel network opt path plugin pod sandbox setup unknown
INS-02 INS-05|add bin cilium cni fail find kubernet name opt path plugin type
INS-05 INS-02|add aws bin cni containerd fail find home name opt path plugin type
INS-03|#x bin bridg clean clusterapi cni controll fail find loopback namespac network networkplugin opt path plugin pod ptn# ptn2 ptn2s_namespac sandbox set teardown up
INS-03|#x add bin cni combin creat error event fail find loopback network opt path plugin pod sandbox setup similar type unknown
INS-05|fail find loopback path plugin pod set up
INS-03|bin cni fail find loopback opt path plugin
INS-03|add adding bin cni configur delegat error fail find invok macvlan multu network opt path plugin pod
API-01|cannot cni creat error install kubeconfig nil token unauthoriz
API-01|#n 403 asked cannot client credential daemon error felix node provid read vers
API-01|calico controll fail kubernet list pod unauthoriz v1
API-01|clusterinform connect creat error fail gett pod sandbox unauthoriz
BPF-02|bpf datapath deny fail libbpf load permiss program warn
BPF-02|#n deny goto id imm ks load log map map_valu off pc permiss program r0 valu verifi vs
BPF-02 BPF-05|#n allow bpf bpf_object__probe_load cannot config_bpf_syscall configur error kernel libbpf load make not object oper prob program support sure syscall trivial
AWS-02|#n #x addres allocat eni enough error fail free insufficientfreeaddressesinsubnet ip ipamd not ntstatu prefix privat request satisfy specify subnet
AWS-03|#n addres allocat block cidr eni enough fail free insufficientcidrblock ip ipamd not request satisfy specify subnet warn
AWS-03|#d #n debug error henc insufficientcidr ipamd recent retry wait
AWS-01 AWS-02 AWS-03 AWS-06|add addres assign aws cmd cni fail ip name plugin pod type
AWS-02 AWS-03|addres assign cannot free interfac invalidparametervalu ipv# ipv4 not prefix sufficient
AWS-02|0aaa addres allocat eni enough error fail failur free initial insufficientfreeaddressesinsubnet ip not one privat request satisfy specify subnet
SVC-10|#n anoth app current execut exit fail hold iptabl lock option perhap proxi restor statu want xtabl
SVC-10|#n error execut exit fail ip6tabl iptabl line mark nf_tabl occurr option proxi restor statu tabl unknown v1 xor
SVC-10|#n anoth app chain creat current error exit fail hold initializ iptabl kubernet lock pod portal proxi statu xtabl
SVC-10|#d #n anoth app chain check current ensur error exit external fail filt hold input jump kubernet lock proxi rule servic statu stopp wait xtabl
SVC-10|anoth app cannot current hold lock resourc run temporari unavailabl xtabl
API-02|#n acces acquir allow fail leas network node not put regist request resourc ubuntu
IPM-11|#n acquir fail leas network out regist subnet
INS-07|#n error main network not oper register support
DNS-04|#ip #n 53 aaaa ai backend error mirror read timeout udp unisound unreachabl
BPF-03|#n #x argu cannot containerid element endpointid error fail l4 list long map policy port protocol too updat warn
BPF-03|#n 0x0 bpf bpf_host ct drop endpoint fail file flow ifindex insert map node xx
BPF-03|#n add argu cannot descriptor element error fail file ident ingres key list long map policymap too updat
INS-09 CFG-10|cannot fail find getdefaultnetdelegatecrd guid md multu network node readm refer request resourc usag
AZR-01|addres allocat availabl azur cni error fail ipam nil no plugin result return vnet
AZR-02|#x add addres allocat allocateipconfig availabl azur cns enough error fail invok ip ipam more nc not plugin statu type vnet wait
IPM-06|azur cns duplicat ip pod restart runn several
RTE-19|#d addres again connect db not openvswitch ovsdb run sock try var yet
INS-07|cannot chang directory fail file insert lib modprob modul no openvswitch such
RTE-19|connect db dial directory error file no openvswitch run sock such unix var
RTE-19|connect creat db dial error fail mark new node object openvswitch ovsdb refus run sock unix var
RTE-19|connect databas db directory fail file local no openvswitch run sock such unix usr var vsctl
ING-05|#n certificat challeng check controll dns error fail kind logg manag mydomain not propag propagat record resourc resource_kind type whoami yet
ING-05|acme await certificat challeng check client context error exampl exceed fail head known manag perform propag request self test timeout well xhaz
ING-05|#n check expect fail fo3cawzk0usehb0jxli6jvaipcjrwwyh2p60ajgdcj4 key match not present propag sync
CFG-08 CFG-06 MSH-05|cni error fail iptabl istio node not occur pod ready schedul valid
INS-01|500 add cannot cni connect creat event fail istio name no plugin pod push sandbox statu type ztunnel
BGP-01 BGP-02 BGP-03|#ip activ clos connect mesh node socket start
IPM-10|due error fail list node refus request reserv updat whereabout
CFG-02|#n cni configur end error etc file flannel input json load net pars unexpect
CFG-02|#n 113 beginn calico charact cni configur conflist error etc file invalid key kubernet list load look net object pars string
CFG-02|#n adding cni error name network no plugin provid
CFG-01|#n cannot cni configur etc found net network no updat
CFG-07|#n bridg cni configur conflist default echo echo_default error etc file net not plugin portmap support validat vers warn
CFG-02|cni configur error fail load miss pars type
NOD-02|#n complet fail file kubeproxy many node open run too
ING-02|auto build cannot discov due fail least model one subnet
ING-02|cannot controll error least one reconcil resolv servic subnet
ING-02|availabil cannot controll different discover error find ingres least reconcil subnet subnetid two zone
INS-07|builtin cannot detect fail load lsmod modul set warn xt_set
INS-07|#n error hash ip_set_hash_ip ip_set_type_unregist set symbol type unknown unregist
INS-07|#n iptabl kernel load modul not set v1 xt_set
INS-07|#n argu error invalid ipset kernel receiv v6
API-02|cannot cilium ciliumnetworkpolicy clust error fail forbidden io k8serror kubernet list scop serviceaccount system user v2
API-02|#n alpha canal cannot deny group kubernet list namespac network org projectcalico rbac resourc serviceaccount system systemnetworkpolicy user
API-02|acces adding allow error kubelet network node not request resourc
API-02|#n author calico canal cannot clusterrol cni creat error forbidden found install io kubeconfig kubernet node not rbac resourc serviceaccount system token token_watch user watch
API-02|#n canal cannot clusternetworkpolicy connect current data during error fail felix forbidden io kubernet list network perform policy resourc resync serviceaccount system unauthoriz user watchercach
API-02|blockaffin calico cannot connect crd forbidden kubernet list node org projectcalico resourc serviceaccount system unauthoriz user
MCL-03|#n cabl cloud datastoresync dssync endpoint nephel overlapp process remot skip submarin subnet
MCL-02|#n cabl clust connect error found ike nmano no sa statu statusfailur statusmessag submarin
MCL-02|#n cabl discovery endpoint member# member1 nat natdiscovery submarin timeout
IPM-03 IPM-02|#ip #n #x addres allocat availabl cni fail ip myzep network networkplugin no pod rang rz8ld rz8ld_myzep set up
IPM-03 IPM-02|addres availabl ip mynet network no
WHK-01 GCP-01|#d 443 aerospik call context fail io kb maerospikeclust mutat operator post servic test timeout webhook
WHK-01|443 action call context controll dev fail mutat post runn runnerdeploy servic summerwind system timeout webhook
WHK-01|#n admiss call context couchbas default dispatch fail open operator servic timeout webhook
API-03|#ip 443 api apiserv cannot client dial error kubernet namespac node reach system tcp timeout v1
API-03|#ip 443 api cannot client connect creat dial domain error fatal initializ kubernet namespac refus subsystem system tcp v1
API-03|#ip #n 443 500 api argocd dial fail limit list namespac reflector resourcevers secret tcp timeout v1 watch
API-03 API-02|#ip 443 apis clusterinform crd default error forbidden gett org projectcalico v1
SVC-10|#n execut exit fail iptabl kubeproxy restor statu
INS-01 NOD-04|2gi calico evict fail kubernet livenes low memory node pod prob resourc system unhealthy warn x2
INS-01 INS-06|#n add agent cannot cilium client cni configur connect creat dial directory fail file localhost network no plugin run sandbox second setup sock such timeout type unix v1 var
INS-01|add cni connect dial dummy fail kubernet node overlay ovn plugin post refus request run send sock type unix var
INS-01|add antrea cni connect dial error fail plugin refus run sock transport type unavailabl unix var
INS-02|bin cni error exec format kubernet opt ovn
INS-02|antrea bin cni directory exec file fork no opt such
INS-04|bin busy cannot cni creat file install istio node opt regular text
INS-04|bin busy calico cni file node open opt text
INS-05 INS-02|bin calico current data fail find k3s lib path plugin ranch var
INS-06 INS-01|calico directory file found lib no nodenam not stat such var
INS-07|answ devic error not oper rtnetlink support type unknown wireguard
INS-07|#n directory fatal found gentoo ip_v lib modprob modul not
INS-07|bridg call cannot directory file ip6tabl net nf no proc stat such sys sysctl
INS-07|cannot creat devic geneve# geneve0 not oper support vxlan
INS-09|cilium ciliumbgpclusterconfig io kind match no v2 vers
INS-09|caliconetwork decod error field linuxdataplan spec strict unknown
INS-11|answ cgroupv# cgroupv2 cilium daemon error mount not path run shar slav
INS-12|cni creat directory exec fail file install no oci runtim stat such unknown
INS-12|bin cannot cp directory file flannel no opt stat such
API-01|asked client credential fail node provid v1 watch
API-01|bear expir invalid serviceaccount token verify
API-01 ING-06|#ip #n 00z 01t00 443 api call certificat current expir not pod v1 valid yet
API-02|api cannot clust flannel forbidden group kubernet node patch resourc scop serviceaccount statu system user w1
API-02|cannot coordin forbidden io kubernet leas resourc serviceaccount system updat user whereabout
API-03|#ip 443 client connect creat dial fail tcp unreachabl vers
API-03|443 apiserv context default healthz kubernet servic timeout wait
CFG-01|cni configur error etc fals file kubeletnotready kubernet messag net network networkpluginnotready networkready no not plugin pod provid ready reason return runtim start
CFG-02|#n beginn charact cni configur conflist etc fail file invalid load look mynet net ufeff valu
CFG-02|#n cilium cni configur conflist eof error etc file list load net pars unexpect
CFG-03|#n canal cni conflist deny etc net open permiss
CFG-03|#n avc cni comm conflist containerd deny etc file flannel net open path permissiv pid tclas
CFG-05|#ip #n bridg clust conflist instead network pod podman
CFG-06|#n bak calico cilium cilium_bak cni conflist etc net
CFG-07|#n add cni configur fail incompatibl local node plugin support type vers
CFG-07|#n cni result unsupport vers
CFG-10|attach cannot cncf cni configur definit find found io kubernet macvlan namespac network not prod
CFG-10|attach definit delegat fail found getkubernetesdelegat getnetworkdelegat gett network not sriov
IPM-01|adding assign cidr error network node not pi4 pod
IPM-01|allocat cidr controll fail kubernet manag node not pod podcidr reli rout set spec w2
IPM-04|#n addres allocat assign block cannot due ipv# ipv4 limit new node out per request
IPM-04|affin block calico enabl free ipam more no strict
IPM-05|#ip #n addres already cbr# cbr0 different ip
IPM-06|#ip #n already cali# cali99aa11bb22c dst exist ifindex interfac link other rout scop
IPM-06|already eth# eth0 exist name pod provid veth
IPM-09|allocat cannot endpoint error exhaust fatal ip ipam rang restor rout
IPM-10|#n alloc db default delet ip list live not pod reconcil ref
IPM-11|cidrnotavailabl node now statu w7
IPM-11|#n accept alloc allocat allocator cidr clust fail idx left no rang range_allocator remain
IPM-12|addres calico configur fail ipv# ipv4 namespac no node pool request shop w3
RTE-02|#mac #n addres flannel mac wanto
RTE-06|#n 99k byte chain drop forward packet policy
RTE-07|#ip #n admin icmp ip length node prohibit unreachabl
RTE-08|#ip #n dev flannel ipv# ipv4 martian sourc
RTE-09|#n content filecontent forward ip_forward ipv# ipv4 net not proc set sys warn
RTE-12|#ip #n delet foreign lookup main networkd policy rout rule systemd
RTE-19|attempt connect directory fail file no not openvswitch runn such vswitchd
BGP-02|#ip addres already calico ipv# ipv4 node w1
BGP-03|bad bird mesh mesh_10_0_0_7 peer receiv
BGP-03|#ip #n bad error gobgpd messag notific open peer receiv subcod
BPF-01|bpf cannot felix filesystem fs maps mount not pin sys
BPF-02|#n argu cil cil_from_contain cilfromcontain collect ebpf fail field from insn invalid kernel load pod program unreachabl
BPF-03|consid exhaust map pleas resiz
BPF-06 BPF-02|#n endpoint endpointid error exit fail load program regener statu
DNS-02 SVC-01|availabl coredn endpoint kubernet no servic system
DNS-03|#ip #n 53 coredn detect hinfo io lookup loop plugin see zone
DNS-05 DNS-02 DNS-04 DNS-07|cannot default kubernet nslookup resolv
DNS-05 DNS-02 DNS-04 DNS-07|again clust eai eai_again getaddrinfo local payment servic shop
DNS-11|#ip 443 apis client connect dial discovery endpoint fail io kubernet list mod pkg plugin refus tcp v1
DNS-11|info kubernet plugin ready still wait
SVC-11|conntrack deny error max net netfilt nf_conntrack_max open permiss proc proxyserv runn sys
NOD-02|add cgroup devic directory fail fs inotify inotify_add_watch kubepod left no spac sys watch
NOD-02|creat fail fatal file fsnotify many open too watch
ING-01|clas contain controll ignor ingres ingressclas internet no not servic traefik valid
ING-03|#n 403 addres central# central1 error exceed googleapi in_use_address limit quota quota_exceed region us use
ING-06|certificat controll exampl fake ingres kubernet local not shop valid
ING-04 SVC-02|#ip 111 client connect error exampl fail node refus shop upstream
AWS-04|assignprivateipaddress authoriz ec2 not oper perform unauthorizedoper
AWS-04|#n accessdeny arn assum authoriz aws describeloadbalanc elasticloadbalanc not perform role sts user
AWS-01|#n attachmentlimitexceed c5 count exceed interfac larg limit
AWS-06|#n allocat branch cannot controll creat eni fail interfac limit new pod reach resourc vpc
AWS-07 INS-01 API-03|entrypoint info ipam retry sh wait
AZR-03|azur lock stor timeout vnet
GCP-01 WHK-01|call clust context fail gke kyverno privat servic timeout validat webhook
MCL-05|clust clustermesh db found not serviceimport shop west
POL-01 POL-02 POL-09|#ip #n 0x1 80 deny drop endpoint flow ident policy syn tcp xx
INS-01|agent fresh network node not pod runn their wait
INS-01|cni daemonset evict less node one replica
INS-01|agent crash creat hang node pod
INS-01|again agent cni kill limit lower memory sinc
INS-02|cni directory executabl miss plugin
INS-02|asks configur copi file never node onto
INS-02|anoth architectur binary processor
INS-02|imag lose operat plugin replac system
INS-03|fold loopback miss only own plugin portmap
INS-03|back clean fold not ones plugin put someon standard
INS-03|install node not packag plugin referenc
INS-04|becaus being cannot execut install overwrit plugin
INS-04|binary busy copy ends file text
INS-05|anoth daemonset fold look one plugin runtim writ
INS-05|chart cni elsewher file k3s keep plac them usual wrot
INS-05|configur containerd different directory point
INS-06|agent file name node not should written
INS-06|agent finish here never plugin says start
INS-07|kernel lack modul tunnel
INS-07|cannot devic kernel made updat vxlan
INS-07|compil kernel not wireguard
INS-07|br_netfilt fail imag modprob netfilt slim
INS-08|file flannel not subnet written yet
INS-08|absent boot environ file flannel
INS-09|agent kubernet old too vers
INS-09|agent behind bump custom definit left resourc
INS-09|fami instanc know newer plugin
INS-09|agent between controll half skew upgrad vers
INS-10|any clean everyth more noth now ran script someon start up
INS-10|daemonset delet lose node over plugin rule start
INS-11|cannot mount node pod privat shar
INS-11|directory mount off propag
INS-12|anoth entrypoint exist imag manifest not releas
INS-12|call imag init not pod script
API-01|nobody out plugin ran renew token
API-01|author cni kubeconfig refus rotat
API-01|clock credential hour node off refus
API-01|certificat creat exchang pod sinc unauthoriz
API-02|agent becaus clust delet may not pod read role
API-02|deny permiss rbac role someon tidi
API-02|asks lack new releas right serviceaccount
API-03|addres agent apiserv cannot servic
API-03|addres any cannot control more node plan reach
API-03|cannot connect controll down front loadbalanc mast
API-03|api elsewher proxy request send sett
WHK-01|admiss answ anyth becaus creat fail not webhook
WHK-01|apiserv call cannot clust validat webhook
WHK-01|deploy endpoint every injector refus timeout
CFG-01|configur file network no node notready sinc stay
CFG-01|configur directory empty join node
CFG-01|cni found network no runtim
CFG-02|configur cut file middl off
CFG-02|comma ignor json list many runtim too
CFG-02|byte conflist disk exhaust long zero
CFG-03|allow configur network not read runtim
CFG-03|file label selinux wrong
CFG-03|#n conflist mode
CFG-04|directory list network one two wins wrong
CFG-04|form leftov new plugin pod still
CFG-04|attach delet network node pod some
CFG-04|file new old one sort
CFG-05|boot bridg first own pod runtim sit
CFG-05|#n addres come instead rang
CFG-05|addres bridg coredn crio podman
CFG-06|cilium file interfac lose other plugin renam second
CFG-06|backup bypass cilium ends install list multu suffix
CFG-07|list old plugin too vers written
CFG-07|asks binary cni know list not vers
CFG-08|chain mesh no plugin pod redirect start
CFG-08|creat delet fail help join node only pod right them valid
CFG-09|becaus chain no node noth port portmap
CFG-09|annot bandwidth ignor list not plugin
CFG-10|becaus definit exist interfac miss not second
CFG-10|anoth attach namespac
CFG-10|definit funct hand name no not pod resourc virtual
CFG-10|annot name network typo
IPM-01|given no node own rang
IPM-01|assign controll manag node not rang
IPM-01|empty flannel node podcidr wait
IPM-02|addres belong every exhaust node pod rang runn simp
IPM-02|addres each few node plann too
IPM-02|addres many more new no pod rang room
IPM-03|addres exist nolong pod reserv still
IPM-03|behind crash exhaust left look pool reserv
IPM-03|any hard pod rang said up yet
IPM-03|entry local node pod stor without
IPM-04|belong block delet node still
IPM-04|block cannot empty half node pool
IPM-04|calico fill handl leak pool
IPM-04|affin behind block instanc leav spot their
IPM-05|addres bridg kept node rang
IPM-05|anoth cni# cni0 given network node
IPM-06|addres one own pod two
IPM-06|addres duplicat hand out second
IPM-06|addres lead node pod rout stal wrong
IPM-06|addres duplicat quick scal
IPM-07|addres collid network pod reach
IPM-07|offic rang servic well
IPM-07|acces becaus clust lose peopl rang their uses vpn
IPM-07|bridg dock node overlap
IPM-08|assign duplicat node one rang two
IPM-08|belong etcd node rang restor two
IPM-09|addres cilium cover leav node out rang rout sinc
IPM-09|allocator becaus everyth exclud exist rout
IPM-10|addres died duplicat hand node out whereabout
IPM-10|additional entry exhaust lose network pod pool
IPM-10|addres freed reconcil
IPM-11|anoth block clust left network no node
IPM-11|complete more no node overall rang room split up
IPM-11|hundr no node numb rang someth two
IPM-12|disabl namespac pool
IPM-12|no node pool select
IPM-12|annot exist name not pool
IPM-13|addres chang client keep lose pod sess their
IPM-13|addres anoth given pod releas second
RTE-01|between lose node only traffic well within
RTE-01|between eats firewall node packet tunnel
RTE-01|arriv encapsulat leav never packet
RTE-01|8472 between clos subnet two udp
RTE-02|addres announc anoth devic hardwar tunnel
RTE-02|agent nobody node one pod reach reboot restart until
RTE-03|entry miss peer some tabl tunnel
RTE-03|databas forward know new node not
RTE-03|neighbour not overlay programm
RTE-04|addres no pod rout
RTE-04|lose node other rang rout
RTE-04|default lose pod rout
RTE-04|hide node one pod rout static
RTE-05|card checksum help off offload switch virtual wrong
RTE-05|becaus between connect hang node offload only pass ping
RTE-05|answ minut node nodeport other take
RTE-06|drop forward node pod should
RTE-06|dock drop forward policy sets
RTE-06|forward refus traffic ufw
RTE-06|external firewall nobody node pod reach reload their
RTE-07|answ connect firewall node own ping refus
RTE-07|activ firewalld new node
RTE-07|cloud everyth imag reject rule ship ssh
RTE-07|rout though unreachabl
RTE-08|answ becaus filter lose path revers
RTE-08|filter sourc strict switch updat
RTE-09|forward kernel off switch
RTE-09|disabl harden node role rout
RTE-09|forward may node not says sysctl
RTE-10|agent card network took wrong
RTE-10|built interfac nat over tunnel
RTE-10|addres announc manage network node
RTE-10|autodetect card each guess node two wrong
RTE-11|encapsulat node not other some
RTE-11|anoth backend half node switch
RTE-12|lose network node restart rout rule servic whenev
RTE-12|interfac networkmanag pod take
RTE-12|apply cni delet netplan set up
RTE-12|dhcp lose policy renewal rout
RTE-13|chang entry mac node pair pod static systemd wrong
RTE-13|network new no plugin pod ubuntu vpc
RTE-14|addres leav node pod untranslat
RTE-14|internet node only pod unreachabl
RTE-14|masquerad no pod rang
RTE-14|addres answ becaus internet not out privat they
RTE-15|addres cloud drop instanc not packet
RTE-15|check destin sourc still
RTE-15|no pod rang rout virtual
RTE-15|discard packet pod port secur
RTE-16|filt flavour once packet two
RTE-16|legacy new ones read rule system tabl written
RTE-17|down interfac pod
RTE-17|bridg not pair plugg
RTE-17|down link stay tunnel
RTE-18|node overlay own packet port swallow uses
RTE-18|eats guest vmwar vxlan
RTE-19|daemon died flow lose openvswitch switch
RTE-19|dark node openvswitch pod restart went
RTE-19|agent cannot reach switch virtual
RTE-20|addres learn node own rout send tunnel
RTE-20|everyth fabric import loop rout sinc
BGP-01|179 come filter not port sess up
BGP-01|activ connect neighbour stay
BGP-02|bridg calico dock pick sess
BGP-02|addres every exist node one rout
BGP-03|anoth configur numb peer
BGP-03|disagre password rout
BGP-03|id one rout shar speak two
BGP-04|bird itself not runn
BGP-04|connect daemon refus rout socket
BGP-05|disabl mesh nobody reflect rout
BGP-05|hundr more no node reflector
BPF-01|bpf file mount not system
BPF-01|bpff each lose maps miss restart sinc
BPF-02|kernel new program refus verifi
BPF-02|cilium kernel load not program upgrad
BPF-03|data exhaust map path
BPF-03|apply beyond entry numb policy stop
BPF-03|cilium connect map overflow track
BPF-04|besid kubeproxy replace runs
BPF-04|both fight program servic they
BPF-05|agent claim harden hide kernel new old prob though too
BPF-06|endpoint regener stuck
BPF-06|attach cannot pod program
DNS-01|name node peak throttl
DNS-01|fail load lookup much part
DNS-01|coredn few replica too
DNS-02|anywher clust name no resolv
DNS-02|dns not pod ready
DNS-02|break corefil edit last sinc
DNS-03|asks circl itself name node
DNS-03|coredn forward localhost resolv stub
DNS-04|clust external fail name only own resolv
DNS-04|not pod reachabl resolv upstream
DNS-04|company forward lookup node timeout
DNS-05|came egres name policy resolv stopp
DNS-05|53 forget policy port
DNS-05|addres block name rule work
DNS-06|five lookup once second take
DNS-06|connect lookup parallel race track
DNS-07|ask exist name node nolong pod some
DNS-07|addres clust different dns kubelet
DNS-07|configur diff node resolv
DNS-08|each external first name suffix tried
DNS-08|becaus lookup many ndot too useles
DNS-08|give list musl search up
DNS-09|dns letsencrypt node only securitygroup through within
DNS-09|anoth block cloud firewall lookup node
DNS-10|allow answ cach clust dns local network node policy
DNS-10|cach local networkpolicy node not togeth
DNS-11|cannot coredn list not ready servic sinc
DNS-11|api connect name no node
SVC-01|no pod select servic
SVC-01|chang empty endpoint label
SVC-01|endpoint list none refus servic
SVC-01|behind fail noth prob readines servic
SVC-02|listen nobody port send servic wher
SVC-02|disagre pod port target
SVC-02|exist named not port
SVC-03|addres answ behind dead node one pod servic
SVC-03|kubeproxy not rule written
SVC-03|clust ip node not work
SVC-04|anoth mode node proxy run some
SVC-04|chang iptabl ipvs left over rule
SVC-05|down pod request shut
SVC-05|backend delet keep loadbalanc send
SVC-05|deploy during each error half minut
SVC-06|listen loopback only program
SVC-06|forward internal not other pod port work
SVC-06|#ip bound
SVC-07|backend duplicat fail node other servic work
SVC-07|bridg iptabl not pass traffic
SVC-08|belong call cannot pod servic
SVC-08|hairpin off
SVC-08|back come hang itself only request
SVC-09|connect exhaust kernel tabl
SVC-09|connect dropp heavy new random traffic under
SVC-09|flow gateway many node too track
SVC-10|cannot lock proxy rule taken writ
SVC-10|arriv chang minut node servic take
SVC-10|iptabl refus restor
SVC-11|conntrack crash kubeproxy limit may nest not pod set
SVC-12|backend local node policy refus sinc traffic without
SVC-12|balanc check design fail health most node
SVC-13|applic break circuit connect exhaust pool
SVC-13|break circuit open proxy
POL-01|cut off one other rule
POL-01|deny everyth list not pod policy select sinc
POL-01|applic databas networkpolicy new refus sinc
POL-02|label noth policy select typo
POL-02|apply becaus label no not pod rule
POL-04|far item let much namespac pod selector too two written
POL-04|list mean want
POL-05|label match namespac never no rule such
POL-06|clos meant open pod policy type without
POL-07|enforc nobody policy stor them
POL-07|imple networkpolicy not plugin
POL-07|although deny everyth open stay
POL-08|allow domain drop name rule should
POL-08|dns fqdn policy rule without
POL-09|allow first new not pod second
POL-09|arriv late node rule
POL-10|agent make policy slow thousand
POL-11|becaus control plan policy sidecar their unreachabl
POL-11|allow istiod not port
POL-12|addres match never rule servic
POL-12|clusterip effect ipblock no
POL-13|allow besid list path rule stand useles wider
POL-14|53 allow anoth listen node pod policy port
POL-14|#n dns openshift uses
POL-15|addres list new not policy replica
POL-15|block job night out scal
POL-16|chart deny install knew nobody rule
POL-16|creat itself namespac operator policy
ING-01|addres balanc pend stay
ING-01|controll feel ingres no responsibl
ING-01|addres external pool up
ING-01|gateway never programm
ING-02|balanc controll find not plac subnet
ING-02|lack subnet tag
ING-03|account addres balanc limit reach
ING-03|forward quota rule
ING-04|answ bad gateway internal servic though
ING-04|controll pod unreachabl
ING-04|backend plain proxy speak tls
ING-05|cannot certificat challeng issu never reach
ING-05|404 letsencrypt
ING-05|appear not record txt
ING-06|certificat clust expir show wrong
ING-06|brows certificat controll fake warn
ING-06|miss secret tls
ING-07|anoth applic becaus claim ends path rule two
ING-07|duplicat ingress node two
ING-07|404 exist rout
ING-08|addres answ arp balanc node several
ING-08|addres between jump node virtual
ING-08|addres bind everywher ipvs
ING-09|addres answ connect not ping servic work
MSH-01|no pod sidecar
MSH-01|happen inject label lack namespac not sinc
MSH-02|mutual not one other side speak tls
MSH-02|client external mesh mode refus sinc strict
MSH-02|certificat expir mesh
MSH-03|contradict each node one other servic two virtual
MSH-03|goes subset traffic wrong
MSH-04|eats kill memory sidecar
MSH-04|cpu much proxy too
MSH-05|fail miss pod redirect rule valid
MSH-06|cut down off proxy request shut
MSH-06|applic finish lose sidecar
MTU-01|hang larg ones pass request small
MTU-01|between finish handshak hang never node upload
MTU-01|arriv kilobyt more not page
MTU-02|anoth node one packet rest size
MTU-02|hang new node only transf
MTU-03|leav littl room too tunnel
MTU-03|join node packet small vpn
MTU-03|encrypt larg link make packet too
MTU-04|larg nobody packet path says swallow
MTU-04|filter fragment messag need
PRF-01|network round slow small though trip
PRF-01|applic come itself slow
PRF-01|answ doubl ever fast ping time
PRF-02|beyond cannot fixed pod rate
PRF-02|bandwidth limit pod someon
PRF-02|annot shap traffic
NOD-01|goes node notready
NOD-01|any kubelet more not report
NOD-02|cannot file many open too watch
NOD-02|inotify limit up
NOD-03|exhaust neighbour tabl
NOD-03|arp entry flat larg network overflow
NOD-04|agent down memory node take
NOD-04|agent kill memory network
NOD-05|buff fat line long small too
AWS-01|addres allow instanc interfac more no type
AWS-01|fit instanc many more no pod type
AWS-02|addres free no subnet
AWS-02|exhaust subnet vpc
AWS-03|addres block contiguou free no prefix
AWS-03|fragment subnet
AWS-04|call ec2 may not role
AWS-04|cni controll iam miss permiss
AWS-05|allow between group node not securitygroup traffic
AWS-05|block group pod port
AWS-06|branch interfac left no own pod securitygroup their
AWS-06|instanc not support trunk
AWS-07|ec2 endpoint ipamd metadata wait
AWS-07|api aws no privat subnet way
AWS-08|enabl numb pod prefix stay
AWS-08|keep max node old pod their
AZR-01|addres azur plugin stat
AZR-01|addres aks leak node
AZR-02|addres aks cannot give more subnet
AZR-02|addres azur cns enough not
AZR-03|azur died lock plugin stor
AZR-04|azur fami no plugin pool
GCP-01|allow control not plan port privat reach webhook
GCP-01|firewall mast not rang rule
GCP-03|collid company default googl network pod rang
MCL-01|clust know only other part rang
MCL-01|clust gateway node only other pod reachabl
MCL-02|each find gateway not other
MCL-02|between clust connect stay tunnel
MCL-02|4500 between block clust udp
MCL-03|both clust duplicat rang
MCL-03|cannot clust join overlap transl without
MCL-04|calico clust drop no other packet pool rang
MCL-05|clust found name not other servic
MCL-05|export not servic
INS-01|containercreat daemonset every land node not one pod ready show sits
INS-01|137 away cni come every exit few minut no node pod restart up
INS-01|block cannot daemonset imag network new node pull registry sinc
INS-02|binary cannot cni describ found lose node os plugin says updat
INS-02|arm board build copi not plugin run seem wrong
INS-02|executabl file mark not plugin
INS-03|binary bridg directory left local loopback lose node only own plugin provid
INS-03|cni debian fail fresh install plugin referenc sandbox without
INS-03|binary fail hostport imag not pod portmap shipp sinc
INS-04|becaus binary daemonset install loop pod replac want
INS-05|chart cni configur directory ones other runtim writ
INS-05|becaus bin contain directory each hash k3s look multu path upgrad wrong
INS-06|absent agent cni complain file finish node not plugin should start writ
INS-06|agent asks directory mount plugin runn wheth
INS-07|cannot creat kernel modul new not packag part tunnel upgrad
INS-07|br_netfilt cloud imag ip_v minimal netfilt ship without
INS-07|extra install modul not packag pi raspberry vxlan
INS-08|exist file flanneld node not plugin stop subnet writ
INS-09|api becaus crash kubernet lose minor network old plugin two upgrad vers
INS-09|agent crds expect field imag install new not
INS-09|brand cni instanc know new not type
INS-10|blog everyth flush node now ran reset script unreachabl
INS-11|becaus directory fail mount node not pod shar start want
INS-11|bidirectional distribut mount propag refus
INS-12|call file imag init not pod vers
INS-12|branch entrypoint found main mixed not older tag yaml
API-01|agent cni creat credential day kubeconfig no out pod ran restart until
API-01|401 fail key rotat sandbox serviceaccount sign sinc
API-01|apiserv behind clock hour node refus token
API-01|any cannot expir more multu pod read token
API-02|account agent lack list new permiss read resourc vers
API-02|allow clusterrolebind delet logs not now operator somebody
API-02|cannot custom felix forbidden one resourc says watch
API-03|agent cannot connect crash ip kubernet node one open servic
API-03|#ip boot cni kubeproxy pod right talk timeout
API-03|addres apiserv configur exist node nolong point
WHK-01|admiss apply call cannot hang kubectl says second ten webhook
WHK-01|chart configur creat every refus stay uninstall webhook
WHK-01|control healthy network plan pod unreachabl webhook
CFG-01|configur directory empty initialis messag network node not notready plugin says stay
CFG-01|apply containerd forgot install kubeadm network pod
CFG-02|comma conflist creat not pod stray
CFG-02|byte configur disk exhaust left network zero
CFG-02|byte file make mark order refus runtim
CFG-03|anoth configur file may only read user
CFG-03|acces configur deny network runtim selinux
CFG-04|addres calico flannel moved network old pod some still
CFG-04|alphabetical conflist directory first lie one two
CFG-04|configur leftov new one pick up weav
CFG-05|#n addres boot cannot creat fine later ones pod reach right
CFG-05|bridg coredn instead ip pod podman rang
CFG-05|bridg cni configur cri made node own ready real
CFG-06|anoth cilium ending file install multu nolong now runs sinc
CFG-06|agent anoth becaus being call cni configur istio renam stopp
CFG-07|#n binary conflist fail know older only pod says sinc spec vers
CFG-07|cni like list not runtim updat vers without
CFG-08|fail fine first join just mesh node pod recreat they valid
CFG-08|added cni mesh miss plugin pod redirect rule start
CFG-09|becaus chain does hostport not noth plugin portmap
CFG-09|backend configur make network typo unknown
CFG-10|although annotat anoth attach definit live namespac net# net1 no pod
CFG-10|definit interfac macvlan mast named node not pod start
CFG-10|interfac left miss no node second vf
IPM-01|flannel forgot kubeadm network no node option pod podcidr refus start
IPM-01|node object pod rang recreat without
IPM-02|#n addres cannot new node old ones pod simp up work
IPM-02|abov hold max node pod rais rang
IPM-02|#n addres autoscal out pod ran
IPM-03|#n addres claim eight node pod runs taken
IPM-03|addres dead hard never node pod reset return
IPM-03|cronjob each exhaust file ip leak rang until
IPM-04|belong block calico delet exhaust free most node pool says
IPM-04|anoth becaus block claim limit may node not
IPM-04|calicoctl handl leak many show
IPM-05|addres bridg fail form keep node pod start subnet
IPM-05|anyth chang cni# cni0 delet pod rang work
IPM-06|answ carry ip one pod two wrong
IPM-06|adding addres anoth becaus duplicat exist fail one pod rout veth
IPM-06|addres hold interfac new pod stal still
IPM-07|#n cannot colleagu connect duplicat home pod rang uses vpn
IPM-07|half internal lies network offic rang servic unreachabl
IPM-07|bridg collid default dock network pod
IPM-08|duplicat etcd node own pod rang restor two
IPM-08|clash given node one pod podcidr their two
IPM-09|addres becaus cilium cover find free no node pod rang rout
IPM-09|addres agent cidr dock internal leav network pod usabl without
IPM-10|addres duplicat hand network one out ran reconcil secondary
IPM-10|ago although delet exhaust long pod rang says whereabout
IPM-11|cidr clust complete divid new no node rang up
IPM-11|#n clust network node per seventeenth stay without
IPM-12|asks disabl pod pool
IPM-12|addres match new no node pod pool rack selector
IPM-13|addres client hold new old ones pod restart
RTE-01|arriv between drop duplicat firewall node noth pod rack reach tunnel
RTE-01|between dead letsencrypt node only overlay securitygroup tcp through
RTE-01|8472 between made node open udp work
RTE-02|anoth flannel mac nobody node one pod reach reboot restart tunnel until
RTE-03|entry forward new no node tabl tunnel
RTE-03|agent devic entry miss neighbour reconnect vxlan
RTE-04|internal ip noth pod rout show
RTE-04|node not one pod rang rout
RTE-04|anoth pod policy rule send somebody tabl traffic
RTE-05|checksumm every minut nodeport off request take through tunnel turn tx until
RTE-05|break checksum kernel over overlay packet udp wrong
RTE-05|anoth cure node off offload one only pod second servic slow
RTE-06|cannot dock drop forward leav node pod policy restart sinc
RTE-06|cros dead deny forward node pod sets ufw
RTE-06|firewalld forward packet pod refus
RTE-07|answ becaus firewall node open pod port unreachabl
RTE-07|cloud come everyth imag iptabl reject rule ssh
RTE-07|firewalld make off reachabl servic turn
RTE-08|answ count kernel lose martian node sourc
RTE-08|external filter path pod revers sets sinc strict systemd unreachabl
RTE-08|back card come dropp other packet silent two uplink
RTE-09|forward harden leav node noth off packet role switch
RTE-10|#ip agent announc chos interfac nat node vagrant
RTE-10|card external flannel instead one privat uses
RTE-10|carry interfac ip no node one
RTE-11|chang gw half node other run unfinish vxlan
RTE-11|ipip node other some vxlan
RTE-12|apply cni fine lose netplan network pod rule their week
RTE-12|make networkd not remov restart rout systemd
RTE-12|devic networkmanag over take veth
RTE-13|anoth becaus cni give mac network new no pod ubuntu udev veth vpc
RTE-14|addres each internet not noth other ping pod sourc their translat
RTE-14|clust external fail itself node only pod reach
RTE-14|addres centr data dropp leav pod traffic
RTE-15|check cloud cros destin discard node packet plain rout sourc
RTE-15|addres drop openstack pod port secur
RTE-15|let macs node not packet through unknown
RTE-16|distribut duplicat exist iptabl legacy nftabl rule
RTE-16|iptabl nftabl node not old pod servic uses work
RTE-17|down node pod side veth
RTE-17|attach bridg not veth
RTE-17|devic down noth pass stat stay tunnel
RTE-18|between itself node port swallow uses vxlan
RTE-18|anoth lose nsx overlay packet port vspher work
RTE-19|network no node openvswitch pod restart
RTE-19|crash flow lose openvswitch vswitchd
RTE-19|answ databas no northbound not pod port
RTE-20|bgp circl import node own rout send traffic wrong
RTE-20|hostnetwork learn node pod sess through
BGP-01|179 activ filter port sess stay
BGP-01|179 acros answ come not noth peer subnet tcp up
BGP-02|addres bgp bridg calico dock node not ready trie
BGP-02|added addres interfac mesh second uses wrong
BGP-03|numb refus rout
BGP-03|bgp diff ends password two
BGP-03|id node one rout two
BGP-04|bird cannot open prob readines socket
BGP-04|bird not pod runn
BGP-05|exhaust exist mesh off reflector rout switch
BGP-05|converg hundr mesh node not thre
BPF-01|bpf file mount node not system
BPF-01|bpff lose maps not restart sinc
BPF-02|agent kernel loop program refus updat verifi
BPF-02|cilium dies dump kernel long new regist
BPF-03|connect exhaust map policy refus some thousand
BPF-03|beyond loadbalanc map no numb room servic stop work
BPF-04|besid ebpf fail half kubeproxy replace runs servic still
BPF-05|agent although claim hide kernel lockdown new old prob too
BPF-06|cannot compil endpoint not program ready stay their
BPF-06|attach each fail filt new pod tc
DNS-01|coredn cpu fail five limit lookup name one peak throttl time
DNS-01|coredn pod replica thousand thre two
DNS-02|clust coredn not noth pod ready resolv
DNS-02|corefil edit fail lookup sinc
DNS-03|becaus coredn crash forward itself once
DNS-03|#ip configur coredn loop node point resolv
DNS-04|clust coredn external log name timeout work
DNS-04|corporat ignor lookup pod rang resolv
DNS-05|added cannot default deny ip name pod resolv sinc work
DNS-05|53 egres forgot policy port
DNS-06|exact five lookup second some take
DNS-06|alpin five help imag node random reopen request second singl slow
DNS-07|anoth configur nameserv node pod resolv upgrad
DNS-07|addres cannot dns given kubelet node old one only pool resolv
DNS-08|becaus caus each external five lookup ndot
DNS-08|alpin dots fail few name pod resolv
DNS-09|53 ask cannot dns new pod port securitygroup servic
DNS-10|allow ask block cach coredn dns local node pod policy still
DNS-11|api cannot coredn list not ready runn servic
SVC-01|deploy endpoint label no renam servic
SVC-01|503 becaus match no pod selector
SVC-02|#n app forward listen refus servic
SVC-02|named port target typo
SVC-03|answ clusterip down ip kubeproxy node not pod
SVC-03|new node not one reachabl servic
SVC-04|iptabl ipvs kubeproxy old remain rule switch
SVC-04|anoth mode node one proxy runs
SVC-05|pod request still terminat
SVC-05|dead keep loadbalanc minut send target
SVC-06|curl ip localhost not pod through work
SVC-06|app listen loopback only
SVC-07|anoth backend duplicat node not one pod reach servic
SVC-07|#n bridg call iptabl nf
SVC-08|call hang itself own pick pod servic
SVC-09|connect conntrack dropp load maximum new under
SVC-09|connect exhaust kernel says tabl
SVC-10|fail kubeproxy logs restor rule
SVC-10|held iptabl lock minut old rule
SVC-11|conntrack crash kind kubeproxy max may nf_conntrack_max not writ
SVC-12|answ local node nodeport only pod policy run traffic
SVC-12|addres external node other refus
SVC-13|databas exhaust fine network pool
SVC-13|connect outgo port small up
POL-01|allow else everyth namespac one refus sinc
POL-01|cut ingres monitor new off one policy
POL-02|carry effect isolat label no pod policy should
POL-04|allow far item list much namespaceselector podselector too two
POL-05|label name namespac not rule
POL-06|block empty everyth open policy policytyp should
POL-07|flannel networkpolicy noth plain
POL-07|deny effect enforc no not plugin policy
POL-08|becaus dns drop fqdn miss policy rule
POL-08|addres learn never tofqdn
POL-09|arriv block new pod rule second some until
POL-10|agent behind lag make policy rule slow thousand
POL-11|deny egres istiod sidecar unreachabl
POL-11|added mesh not policy proxy ready sinc
POL-12|addres ipblock match never servic
POL-12|allow cidr does ipblock noth pod
POL-13|besid l4 l7 make rule useles
POL-14|#n 53 allow dns enough listen not openshift pod port sinc
POL-15|addres block instanc list new night pod policy
POL-16|chart default deny install nobody notic
ING-01|addres clas handl ingres no nobody
ING-01|bare loadbalanc metal pend stay
ING-02|alb controll find miss no subnet tags
ING-03|cannot loadbalanc made quota up
ING-04|502 answ ingres internal servic through
ING-04|controll gateway ingres long only request timeout
ING-05|404 certificat challeng give not ready stay url
ING-05|80 letsencrypt port unreachabl
ING-05|appear dns# dns01 not record
ING-06|brows certificat fake ingres serv warn
ING-06|anoth node secret tls
ING-06|certificat expir yesterday
ING-07|answ applic claim ingress name node one path two under wrong
ING-08|addres between jump metallb node
ING-08|answ arp every node vip
ING-08|addres arp cach ends loadbalanc only reachabl until
ING-09|cannot ip loadbalanc ping port work
MSH-01|label miss namespac no pod sidecar
MSH-01|happen inject not upgrad
MSH-02|503 becam mtls one plain side sinc speak strict text
MSH-02|between numb servic vers wrong wrong_version_numb
MSH-03|node odd one rout servic two virtual
MSH-03|destin exist not rule subset
MSH-04|kill memory sidecar
MSH-04|cpu istio proxy uses
MSH-05|cannot init iptabl mesh pod rule set
MSH-05|fail pod valid
MSH-06|app becaus connect each ends proxy reset rollout
MTU-01|answ hang larg request small work
MTU-01|between handshak hang node tls
MTU-01|hang kilobyt over overlay scp some
MTU-02|anoth interfac larg lose mtu node one only packet
MTU-03|1450 join keep node pod wireguard
MTU-03|internal mtu runs small tunnel vpn whos
MTU-04|filter icmp learn mtu never path send small
PRF-01|cpu network out pod say slow user
PRF-01|collect come garbag slow
PRF-02|#n annot bandwidth mbit set stop throughput
NOD-01|between cannot flap kubelet node notready post ready statu
NOD-02|agent dies file inotify instanc many open too up
NOD-03|arp connect fail many overflow pod random tabl
NOD-04|agent gigabyt kill memory take
NOD-05|buff fast link long lose packet socket
AWS-01|addres allow cannot eks give instanc interfac more no node pod type
AWS-02|addres any eks free more new no pod subnet wait
AWS-03|addres block contiguou free no prefix show subnet
AWS-04|attach aws iam interfac no node right
AWS-04|controll deny iam
AWS-05|block databas each other pod securitygroup
AWS-06|branch interfac own pend pod securitygroup stay their up
AWS-07|aws ec2 endpoint forev ipamd no node privat vpc wait
AWS-08|capac chang deleg enabl node not prefix
AZR-01|addres although azur cni delet no node pod says
AZR-02|addres aks cannot cns exhaust hand out subnet
AZR-03|azur behind file hang leav lock pod vnet
AZR-04|addres azur dual no pool says stack
GCP-01|admiss clust firewall gke letsencrypt mast privat timeout until webhook
GCP-03|colleagu gke overlap rang unreachabl upgrad vpn
MCL-01|answ detect only pod rang remot small some submarin too
MCL-02|4500 block clust connect gateway never two udp
MCL-03|both cidr clust duplicat pod
MCL-04|calico clust drop no other pool rang sinc traffic
MCL-05|clust export found not other servic
|#ip #n 2379 cli configur coreo env etcdendpoint etcdprefix flag flannel ipmasq kubesubnetmgr main network run subnet subnetfil true
|#n controll kubernet node successful sync
|#n configur directrout fals gbp learn port vni vxlan
|#n env file flannel main run subnet wrot
|#n backend main runn
|#n leas network new subnet vxlan vxlan_network watch
|#n flannel iptabl mode start
|#n addres default determin interfac ip match
|#ip #n addres eth# eth0 interfac match name
|#ip #n addres default external interfac match
|#n cali# cali1a2b3c4d5e6 dataplan felix ifacestateupdat index info int int_dataplan intdataplan interfac name receiv stat up updat
|#d #n avg dataplan felix info longest loop nat over reconcili resync summaris summary v4
|#n chain endpoint endpoint_mgr endpointid eth# eth0 felix id info internet kubernet mgr orchestratorid per proto shop updat workloadendpointid workloadid
|#n chang felix health info live overall ready statu true
|#n early info log set startup
|#ip #n addres autodetect autodetection_method eth# eth0 info interfac ipv# ipv4 method startup
|#n environ fals felix felix_ipv6support info ipv6support startup through variabl
|#n based cni configur elaps info kubeconfig monitor token token_watch trigger updat watch
|#n calico cni configur etc file info kubeconfig monitor net node path token token_watch updat watch wrot
|#ip #n addres autodetect autodetection_method ens# ens18 info interfac ipv# ipv4 method monitor
|#n bin calico cni info install nil node opt
|#n already bandwidth bin cni date file info install nil node opt skipp up
|#n bin binary calico cni info install nil node opt wrot
|#n cni configur done fals info install nil sleep
|bird device# device1 initializ
|bird direct# direct1 initializ
|bird chang feed mesh mesh_10_20_0_13 stat
|bird chang mesh mesh_10_20_0_13 stat up
|bird done graceful restart
|bird reconfigur
|#n #x 17t00 amd# amd64 cilium daemon go1 info linux vers
|allocator cach ident info initializ
|#ip 443 apiserv client connect establish info kubernet node
|apiserv client connect info kubernet
|#n daemon info metric prometheu serv
|creat delet endpoint ident info manag more one reason regenerat
|#n 9f1 bpf containerid datapathpolicyrevis desiredpolicyrevis endpoint endpointid ident info program rewrot
|complet endpoint info no pend regener request
|#n 8aa containerid creat daemon endpoint endpointid info successful
|#d #n bpf bpfcompilationtim compil datapath info load new templat
|#n cilium cni configur conflist etc info net node writ
|6a add ciliumnetworkpolicy daemon endpointselector info policy policyaddrequest request
|#n 6a api daemon import info policy policyaddrequest policyrevis recalculat
|cgroup cgroupv# cgroupv2 cilium filesystem info mount run
|bpf detect filesystem fs info mount sys
|#n addres hubbl info listen node
|cannot hubbl local node peer servic warn
|health info launch node prob
|#n 06t02 101z background daemon entrypoint info ipam sh start
|#n 06t02 101z check connect entrypoint info ipam sh
|#n 06t02 101z configur copy entrypoint file info sh
|#n 06t02 101z binary cni configur copi entrypoint file info plugin sh successful
|#n 06t02 101z assign cooldown debug ip ipamd stat total
|#n 06t02 101z availabl current debug ip ipamd stat target total warm
|#n 06t02 101z 9a1 addnetwork cni eth# eth0 ifnam info namespac netn pb receiv run sandbox var
|#ip #n 06t02 101z addnetworkrep devicenumb error info ipv# ipv4addr ipv6addr nil pb send
|#n 06t02 101z increas info ip ipamd pool successful total
|53
|#n coredn
|#n a6338e9 amd# amd64 go1 linux
|#d #ip #n fals hinfo info nxdomain qr ra rd udp
|apiserv info kubernet node plugin start wait
|#ip #n ip node retriev successful
|#n configur controll servic start
|#n cach configur endpoint inform shar shared_inform sync
|#d #n complet elaps proxi syncproxyrul
|#n add api internet kubelet pod shop sourc syncloop
|#n acces api common kubernet operationexecutor reconcil reconciler_common start verifycontrollerattachedvolum volum
|#n attempt kubelet kubelet_node_statu node regist statu
|#n 06t02 101z 9a1 attempt id info internet name namespac podsandboxmetadata return runpodsandbox sandbox shop
|#n 06t02 101z 77b info return stoppodsandbox successful
|#n 06t02 101z event imageupdat info io kubernet name paus registry
|#n ab info internet name namespac netn network pod run shop var
|#n adding cilium cni info internet network pod shop shop_web type
|#n cni default info kubernet name network pod updat
|#n assign internet node shop successful
|#n already imag nginx node pod present
|creat internet pod
|internet pod start
|internet pod stopp
|#d #n internet replica scal set up
|#n controll event node register
|kubelet start
|acros allocatabl limit node pod updat
|#n node nodehassufficientmemory now statu
|#ip #n add cbr# cbr0 eth# eth0
|#n announc layer# layer2 node protocol
|#ip assign ip
|ensur loadbalanc
|reconcil successful
|#n backend controll reload successful
|#ip #ip6 #n internet kubernet mar prob shop
|#ip #ip6 #n api curl mar timeout v1
|#n 06t02 101z 15012 connect delta id info istio istiod node servic system upstream xds xdsproxy
|#d #n 06t02 101z cach certificat default generat info new pod resourcenam slow ttl
|#n 06t02 101z envoy info proxy ready
|#n 06t02 101z agent cni info internet pod repair shop
|#n certificat controll due item lock logg manag optimistic queu re readines resourc
|#n certificat condit lasttransitiontim ready sett shop tls
|#n account acme certificat issu logg manag verify
|#n agent antrea start v2 vers
|#n addres client connect db openvswitch ovs_client ovsdb run sock var
|#n 1450 agent mtu node sett
|#n antreaagentnoderoutecontroll controll node node_route_controll rout start
|#n 01z 06t02 a1 add cbr# cbr0 cni# cni0 cnivers eth# eth0 interfac name nas shop verbos
|#n 02z 06t02 cni configur debug default etc file flat net pars whereabout
|#n 03z 06t02 reconcil succes verbos
|#ip #n add addres cni command complet error ip ipam nil result vers
|#n azur plugin stopp vnet
|#n azur cns receiv request requestipconfigshandl returncod succes
|#n eth# eth0 renam veth# veth1a2b3c
|#n cni# cni0 enter forward port stat veth# veth9a1b2c3d
|#n addrconf becom cali# cali1a2b3c4d5e6 chang ipv# ipv6 link netdev netdev_chang ready
|#n apparmor audit containerd cri load name oper profil profile_load statu type
|2gi although every limit night oomkill pod
|becaus cannot credential imag miss privat pull registry secret
|claim clas default no pend persistent sinc stay storag volum
|anoth becaus fail helm oper progres upgrad
|chang clock cron duplicat job runs
|deploy kubectl metric new no show top
|autoscal below down horizontal never replica scal ten
|applic heap java much too updat uses
|becaus disk evict exhaust node pod
|annot chang not only out roll set stateful
|configur file how map mount singl
|#n ends exit fail job log stack trac
|password postgr rotat says secret wrong
|dashboard show wrong zone
|finaliz keep namespac terminat
|databas defragment etcd gigabyt grown need six
|node one puts replica schedul
|keep new node pod pool taint
|although pod root runasnonroot set start
|cannot detach node old volum
|applic argo cd forev out show sync
|applic new path prob readines releas renam
|base becaus build fail imag lose
|delet file log not old pod rotat var
|becaus devic gpu no pend plugin pod runs stay
|again duplicat object operator reconcil
|clust recreat terraform want
|although automount mount off serviceaccount token
|added label memory much new prometheu sinc too uses
|half hour need pod start window
|down replicaset scal somebody zero
|encrypt not rest secret
|collect delet garbag imag kubelet need
|complet job keep sidecar
|api deprecat ingres object return vers
|acces deny pod selinux volum
|memory night node out report runs start
|grow kernel kill memory node proces until
|build cpu laptop limit make slow
|applic help long prob slow startup
|collect during garbag kill livenes pod prob
|cpu exce namespac quota request resourc
|deny hostpath profil secur volum
|admiss asks becaus capabil extra fail pod
|budget disrupt drain forev pod wait
|branch main renam repository
|chart docu valu
|anoth architectur imag miss processor support
|fail now operator test unit
|log lose pod previou
|averag best effort evict high load node pod
|applic internet memory python request right
|dashboard graph scal wrong
|databas duplicat job migr start
|count deploy every replica reset
|databas disk high moved sinc slow storag volum
"""#
}
