import Addressing
import Diagnosis
import JSONTree
import Netlink
import Testing

@testable import MachineCollector

/// Matches and targets of xtables: bytes that Linux 6.18 handed out for rules of iptables 1.8.9 (NFTA_MATCH_INFO,
/// NFTA_TARGET_INFO on x86-64), and what iptables-save printed of the same rule. `zN` are N zero bytes.
@Suite struct XTablesTests {
    private static let recorded = """
        match v4 comment 0 | 63616c693a366777625438636c5864486443316231 z235 | -m comment --comment "cali:6gwbT8clXdHdC1b1"
        target v4 CT 2 | 01 z71 | -j CT --notrack
        target v4 CT 2 | 03 z71 | -j NOTRACK
        target v4 CT 2 | 000005 z69 | -j CT --zone 5
        match v4 comment 0 | 63616c693a78 z250 | -m comment --comment "cali:x"
        target v4 MARK 2 | 0000040000000400 | -j MARK --set-xmark 0x40000/0x40000
        match v4 rpfilter 0 | 0a z7 | -m rpfilter --validmark --invert
        match v4 rpfilter 0 | 05 z7 | -m rpfilter --loose --accept-local
        match v4 socket 3 | 01 z7 | -m socket --transparent
        target v4 MARK 2 | 00020000000f0000 | -j MARK --set-xmark 0x200/0xf00
        target v4 TPROXY 1 | ffffffff390500007f000001 z12 3a99 z6 | -j TPROXY --on-port 15001 --on-ip 127.0.0.1 --tproxy-mark 0x539/0xffffffff
        match v4 conntrack 3 | z146 0100000008 z17 | -m conntrack --ctstate NEW
        target v4 CONNMARK 2 | 8000000080000000ffffffff00000000 | -j CONNMARK --set-xmark 0x80/0x80
        target v4 CONNMARK 2 | 00000000800000008000000000000200 | -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80
        target v4 CONNMARK 2 | 00000000ffffffffffffffff00000100 | -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff
        match v4 connmark 1 | 2000000030 z11 | -m connmark --mark 0x20/0x30
        target v4 MARK 2 | 01000000ffffffff | -j MARK --set-xmark 0x1/0xffffffff
        target v4 TCPMSS 0 | ffff z6 | -j TCPMSS --clamp-mss-to-pmtu
        target v4 TCPMSS 0 | 5005 z6 | -j TCPMSS --set-mss 1360
        target v4 CHECKSUM 0 | 01 z7 | -j CHECKSUM --checksum-fill
        target v4 CLASSIFY 0 | 1000010000000000 | -j CLASSIFY --set-class 0001:0010
        target v4 DSCP 0 | 2e z7 | -j DSCP --set-dscp 0x2e
        match v4 dscp 0 | 2e z7 | -m dscp --dscp 0x2e
        target v4 TOS 1 | 103f z6 | -j TOS --set-tos 0x10/0x3f
        target v4 TTL 0 | 0040 z6 | -j TTL --ttl-set 64
        match v4 ttl 0 | 030a z6 | -m ttl --ttl-gt 10
        target v4 TTL 0 | 0201 z6 | -j TTL --ttl-dec 1
        target v4 DNAT 2 | 030000000a000001 z12 0a000004 z12 1f901f9a z8 | -j DNAT --to-destination 10.0.0.1-10.0.0.4:8080-8090
        target v4 REDIRECT 0 | 0100000002 z11 3a993a9900000000 | -j REDIRECT --to-ports 15001
        target v4 NETMAP 0 | 01000000010000000a6200000a6200ff z8 | -j NETMAP --to 10.98.0.0/24
        match v4 addrtype 1 | 0600200002000000 | -m addrtype --src-type UNICAST,LOCAL ! --dst-type MULTICAST
        match v4 owner 1 | 390500003905 z10 01 z7 | -m owner --uid-owner 1337
        match v4 owner 1 | z8 39050000390500000202 z6 | -m owner ! --gid-owner 1337
        match v4 addrtype 1 | 000004000a000000 | -m addrtype ! --dst-type LOCAL --limit-iface-out
        target v4 SNAT 0 | 0100000001000000c0000201c0000201 z8 | -j SNAT --to-source 192.0.2.1
        target v4 MASQUERADE 0 | 0100000002 z11 0400080000000000 | -j MASQUERADE --to-ports 1024-2048
        target v4 MARK 2 | 0040000000400000 | -j MARK --set-xmark 0x4000/0x4000
        target v4 MARK 2 | 0040 z6 | -j MARK --set-xmark 0x4000/0x0
        target v4 MASQUERADE 0 | 0100000010 z19 | -j MASQUERADE --random-fully
        match v4 udp 0 | 0000ffff0000ffff z8 | -m udp
        target v4 DNAT 2 | 030000000af40105 z12 0af40105 z13 350035 z8 | -j DNAT --to-destination 10.244.1.5:53
        target v4 DNAT 2 | 030000000af40205 z12 0af40205 z13 350035 z8 | -j DNAT --to-destination 10.244.2.5:53
        match v4 addrtype 1 | 0000040000000000 | -m addrtype --dst-type LOCAL
        match v4 statistic 0 | z7 40 z7 40 z8 | -m statistic --mode random --probability 0.50000000000
        match v4 statistic 0 | 01000000020000000100000001 z11 | -m statistic --mode nth --every 3 --packet 1
        target v4 REDIRECT 0 | 0100000002 z11 3a9e3a9e00000000 | -j REDIRECT --to-ports 15006
        match v4 conntrack 3 | z146 0100000006 z17 | -m conntrack --ctstate RELATED,ESTABLISHED
        match v4 conntrack 3 | z146 0120000008 z17 | -m state --state NEW
        match v4 conntrack 3 | z146 0100000080 z17 | -m conntrack --ctstate DNAT
        match v4 conntrack 3 | z32 0a z15 ff z87 060000005000000000000b1200000801000000005a z11 | -m conntrack --ctstate NEW,UNTRACKED --ctproto 6 --ctorigdst 10.0.0.0/8 --ctorigdstport 80:90 --ctdir ORIGINAL
        match v4 conntrack 3 | z128 0a00000014 z13 c0000000000005 z15 | -m conntrack --ctstatus EXPECTED,ASSURED --ctexpire 10:20
        match v4 multiport 1 | 01045000bb01401fa41f z24 01 z13 | -m multiport --dports 80,443,8000:8100
        match v4 multiport 1 | 00025000bb01 z41 01 | -m multiport ! --sports 80,443
        match v4 multiport 1 | 02021600bb01 z42 | -m multiport --ports 22,443
        match v4 tcp 0 | 0000ffff0000ffff05 z7 | -m tcp --tcp-option 5
        match v4 physdev 0 | 7665746831 z11 ffffffffffff z43 05 z6 | -m physdev --physdev-in veth1 --physdev-is-bridged
        match v4 physdev 0 | z32 766574682b z11 ffffffff z12 0206 z6 | -m physdev ! --physdev-out veth+ --physdev-is-bridged
        match v4 icmp 0 | 0304040000000000 | -m icmp --icmp-type 3/4
        match v4 icmp 0 | 0800ff0100000000 | -m icmp ! --icmp-type 8
        match v4 icmp 0 | ff00ff0000000000 | -m icmp --icmp-type any
        match v4 iprange 1 | 0a000001 z12 0a000007 z12 0a010001 z12 0a010007 z12 23 z7 | -m iprange --src-range 10.0.0.1-10.0.0.7 ! --dst-range 10.1.0.1-10.1.0.7
        match v4 mac 0 | 020000000001 z10 | -m mac --mac-source 02:00:00:00:00:01
        target v4 LOG 0 | 050063616c69636f2d7061636b65743a20 z15 | -j LOG --log-prefix "calico-packet: " --log-level 5
        target v4 LOG 0 | 040e612062 z27 | -j LOG --log-prefix "a b" --log-tcp-options --log-ip-options --log-uid
        match v4 bpf 1 | 000004000000000030000000090000001500000106000000060000000100000006 z495 | -m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"
        match v4 length 0 | 6400c80000000000 | -m length --length 100:200
        match v4 pkttype 0 | 01 z7 | -m pkttype --pkt-type broadcast
        target v4 REJECT 0 | 07 z7 | -j REJECT --reject-with tcp-reset
        target v4 REJECT 0 | 06 z7 | -j REJECT --reject-with icmp-host-prohibited
        target v4 REJECT 0 | 03 z7 | -j REJECT --reject-with icmp-port-unreachable
        match v4 cgroup 2 | 00010000010010 z521 | -m cgroup --cgroup 1048577
        match v4 conntrack 3 | z146 0100010086 z17 | -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT
        match v4 set 4 | 00000102 z44 | -m set --match-set cali40s:abc src
        match v4 set 4 | 01000201 z44 | -m set ! --match-set ports dst,dst
        match v4 set 4 | 000001020000000005 z7 04 z23 88 z7 | -m set --match-set cali40s:abc src --return-nomatch ! --update-counters --packets-gt 5
        target v4 SET 3 | 01000202ffff0000ffff0000010000003c z7 | -j SET --add-set ports src,dst --exist --timeout 60
        match v4 helper 0 | 00000000667470 z33 | -m helper --helper ftp
        target v4 NFQUEUE 3 | 0500010001000000 | -j NFQUEUE --queue-num 5 --queue-bypass
        target v4 AUDIT 0 | z8 | -j AUDIT --type accept
        match v4 tcpmss 0 | 6400c80000000000 | -m tcpmss --mss 100:200
        target v6 REDIRECT 0 | 02 z35 3a993a99 | -j REDIRECT --to-ports 15001
        target v6 NETMAP 0 | 01000000fd000098 z12 fd00009800000000ffffffffffffffff00000000 | -j NETMAP --to fd00:98::/64
        target v6 MASQUERADE 0 | 10 z39 | -j MASQUERADE --random-fully
        target v6 SNAT 1 | 01000000fd000007 z11 01fd000007 z11 0900000000 | -j SNAT --to-source fd00:7::1-fd00:7::9
        match v6 tcp 0 | 0000ffff0000ffff z8 | -m tcp
        target v6 DNAT 2 | 03000000fd00001002440001 z7 05fd00001002440001 z7 051f901f90 z8 | -j DNAT --to-destination [fd00:10:244:1::5]:8080
        target v6 DNAT 2 | 01000000fd00001002440001 z7 06fd00001002440001 z7 06 z12 | -j DNAT --to-destination fd00:10:244:1::6
        target v6 TPROXY 1 | ffffffff01 z18 013a99 z6 | -j TPROXY --on-port 15001 --on-ip ::1 --tproxy-mark 0x1/0xffffffff
        match v6 hl 0 | 0205 z6 | -m hl --hl-lt 5
        target v6 HL 0 | 0040 z6 | -j HL --hl-set 64
        match v6 icmp6 0 | 8700ff0000000000 | -m icmp6 --icmpv6-type 135
        match v6 icmp6 0 | 0104040000000000 | -m icmp6 --icmpv6-type 1/4
        match v6 iprange 1 | fd z14 01fd z14 09 z32 01 z7 | -m iprange --src-range fd00::1-fd00::9
        match v6 conntrack 3 | fd z15 ffff z128 04 z21 | -m conntrack --ctorigsrc fd00::/16
        target v6 REJECT 0 | 01 z7 | -j REJECT --reject-with icmp6-adm-prohibited
        target v6 REJECT 0 | 06 z7 | -j REJECT --reject-with tcp-reset
        match v4 recent 1 | 302a00000000000021004b5542452d5345502d414243 z190 ffffffff z16 | -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-ABC --mask 255.255.255.255 --rsource
        match v4 recent 1 | z8 02004b5542452d5345502d414243 z190 ffffffffffffffffffffffffffffffff z4 | -m recent --set --name KUBE-SEP-ABC --mask 255.255.255.255 --rsource
        match v4 recent 1 | 3c00000004000000040073736800554c54 z193 0100ffffffffffffffffffffffffffffffff z4 | -m recent --update --seconds 60 --hitcount 4 --name ssh --mask 255.255.255.255 --rdest
        match v4 recent 1 | 0000000003000000110178004641554c54 z195 ffffff z17 | -m recent ! --rcheck --hitcount 3 --rttl --name x --mask 255.255.255.0 --rsource
        match v4 hashlimit 3 | 666f6f z254 1bb7000000000005 z19 e803000060ea0000000000002020 z14 | -m hashlimit --hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-name foo
        match v4 hashlimit 3 | 626172 z253 a08601000000000014 z7 1600000064000000e8030000d0070000b80b0000000000001820 z14 | -m hashlimit --hashlimit-above 10/sec --hashlimit-burst 20 --hashlimit-mode srcip,dstport --hashlimit-name bar --hashlimit-htable-size 100 --hashlimit-htable-max 1000 --hashlimit-htable-gcinterval 2000 --hashlimit-htable-expire 3000 --hashlimit-srcmask 24
        match v4 hashlimit 3 | 6279746573 z251 fcff01 z13 34 z11 e8030000983a0000000000002020 z14 | -m hashlimit --hashlimit-above 512kb/s --hashlimit-mode srcip --hashlimit-name bytes
        match v4 hashlimit 3 | 627974657332 z250 ffff00000000000002 z7 39 z11 e803000060ea0000000000002020 z14 | -m hashlimit --hashlimit-above 1mb/s --hashlimit-burst 2mb --hashlimit-mode srcport,dstip --hashlimit-name bytes2
        match v4 hashlimit 3 | 686d z254 40420f000000000005 z7 45 z11 e803000080ee3600090000002010 z14 | -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstip --hashlimit-name hm --hashlimit-htable-expire 3600000 --hashlimit-dstmask 16 --hashlimit-rate-match --hashlimit-rate-interval 9
        match v4 connlimit 1 | ffffffffffffffffffffffffffffffff0a z15 | -m connlimit --connlimit-above 10 --connlimit-mask 32 --connlimit-saddr
        match v4 connlimit 1 | ffffff z13 0300000003 z11 | -m connlimit --connlimit-upto 3 --connlimit-mask 24 --connlimit-daddr
        match v4 connlimit 1 | z16 0a00000001 z11 | -m connlimit --connlimit-upto 10 --connlimit-mask 0 --connlimit-saddr
        match v4 string 1 | 0000ffff626d z14 474554 z125 03 z11 | -m string --string "GET" --algo bm
        match v4 string 1 | 2800c8006b6d70 z13 474554202f612062 z120 0802 z10 | -m string --string "GET /a b" --algo kmp --from 40 --to 200 --icase
        match v4 string 1 | 0000ffff626d z14 0a0d78 z125 0301 z10 | -m string ! --hex-string "|0a0d78|" --algo bm
        match v4 time 0 | 00000000ffffff7f907e000018f60000feffffff3e000000 | -m time --timestart 09:00:00 --timestop 17:30:00 --weekdays Mon,Tue,Wed,Thu,Fri --datestop 2038-01-19T03:14:07
        match v4 time 0 | a535576972a7626b000000007f510100fefffffffe010000 | -m time --datestart 2026-01-02T03:04:05 --datestop 2027-02-03T04:05:06 --kerneltz
        match v4 time 0 | 00000000ffffff7f6035010060540000fefffffffe020000 | -m time --timestart 22:00:00 --timestop 06:00:00 --datestop 2038-01-19T03:14:07 --contiguous
        match v4 time 0 | 00000000ffffff7f000000007f510100028000803e000000 | -m time --monthdays 1,15,31 --weekdays Mon,Tue,Wed,Thu,Fri --datestop 2038-01-19T03:14:07
        match v4 policy 0 | z304 05 z7 | -m policy --dir in --pol none
        match v4 policy 0 | z304 010001 z5 | -m policy --dir in --pol ipsec
        match v4 policy 0 | z68 0100000033002c z65 20 z7 32001404 z152 090002 z5 | -m policy --dir in --pol ipsec --strict --reqid 1 --proto ah --mode transport --next --spi 0x20 ! --proto esp
        match v4 connbytes 0 | 64 z7 c8 z8 02 z6 | -m connbytes --connbytes 100:200 --connbytes-mode packets --connbytes-dir both
        match v4 connbytes 0 | ffffffffffffffffe80300000000000001 z7 | -m connbytes ! --connbytes 1000 --connbytes-mode bytes --connbytes-dir original
        match v4 connbytes 0 | z8 0a z7 0201 z6 | -m connbytes --connbytes 0:10 --connbytes-mode avgpkt --connbytes-dir reply
        match v4 u32 0 | z8 ffff z79 0100000002 z82 0201 z1802 01000000 | -m u32 --u32 "0x0&0xffff=0x100:0x200"
        match v4 u32 0 | 06 z7 ff z79 0100000001 z83 0201 z10 16000000020000003c z11 030000001000000002 z51 35000000350000005000000050 z75 0502 z1622 02010000 | -m u32 ! --u32 "0x6&0xff=0x1&&0x0>>0x16&0x3c@0x0>>0x10=0x35,0x50"
        match v4 u32 0 | z8 16000000020000003c z7 0c000000030000001a000000020000003c z11 03 z35 01000000050000000900000009 z75 0702 z1802 01000000 | -m u32 --u32 "0x0>>0x16&0x3c@0xc>>0x1a&0x3c@0x0=0x1:0x5,0x9"
        match v4 devgroup 0 | 0100000005000000ffffffff z12 | -m devgroup --src-group 0x5
        match v4 quota 0 | z8 e803 z14 | -m quota --quota 1000
        match v4 esp 0 | 0500000007 z11 | -m esp --espspi 5:7
        match v4 cpu 0 | 01 z7 | -m cpu --cpu 1
        match v4 realm 0 | 05000000ffffffff z8 | -m realm --realm 0x5
        match v4 tos 1 | 3f10 z6 | -m tos --tos 0x10/0x3f
        match v4 tos 1 | ff0801 z5 | -m tos ! --tos 0x08/0xff
        match v6 frag 0 | 1000000010 z7 01000000 | -m frag --fragid 16
        match v6 frag 0 | 0100000005 z7 09000000 | -m frag --fragid 1:5 --fragfirst
        match v6 frag 0 | 0200000002 z7 15010000 | -m frag ! --fragid 2 --fragres --fragmore
        match v6 frag 0 | 00000000ffffffff0000000020000000 | -m frag --fraglast
        match v6 connlimit 1 | ffffffffffffffff z8 0a z15 | -m connlimit --connlimit-above 10 --connlimit-mask 64 --connlimit-saddr
        match v6 recent 1 | z8 020076360041554c54 z195 ffffffffffffffffffffffffffffffff z4 | -m recent --set --name v6 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource
        match v6 policy 0 | fd z15 ffffffffffffffff z49 0109 z229 010001 z5 | -m policy --dir in --pol ipsec --mode tunnel --tunnel-src fd00::/64
        match v6 hashlimit 3 | 736978 z253 400d03000000000005 z7 04 z11 e8030000e8030000000000004080 z14 | -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name six --hashlimit-srcmask 64
        match v4 policy 0 | 0a000001 z12 ffffffffffffffffffffffffffffffff0a z15 ffffff z13 070000000500000032013f z229 010001 z5 | -m policy --dir in --pol ipsec --reqid 5 --spi 0x7 --proto esp --mode tunnel --tunnel-dst 10.0.0.0/24 --tunnel-src 10.0.0.1
        match v4 policy 0 | z68 0500000000002828 z228 010001 z5 | -m policy --dir in --pol ipsec ! --reqid 5 ! --mode transport
        match v4 policy 0 | 0a z15 ffffff z53 6c010d01 z228 010001 z5 | -m policy --dir in --pol ipsec --proto ipcomp --mode tunnel ! --tunnel-src 10.0.0.0/24
        match v4 hashlimit 3 | 6231 z254 c2ae z14 34 z11 e8030000983a0000000000002020 z14 | -m hashlimit --hashlimit-above 1500kb/s --hashlimit-mode srcip --hashlimit-name b1
        match v4 hashlimit 3 | 6232 z254 83344803 z12 34 z11 e803000028230000000000002020 z14 | -m hashlimit --hashlimit-above 1232b/s --hashlimit-mode srcip --hashlimit-name b2 --hashlimit-htable-expire 9000
        match v4 hashlimit 3 | 6233 z254 102700000000000007 z7 0f z11 e8030000e8030000000000002020 z14 | -m hashlimit --hashlimit-upto 100/sec --hashlimit-burst 7 --hashlimit-mode srcip,srcport,dstip,dstport --hashlimit-name b3
        match v4 quota 0 | 01 z7 e803 z14 | -m quota ! --quota 1000
        match v4 cpu 0 | 0100000001000000 | -m cpu ! --cpu 1
        match v4 realm 0 | 05000000ff00000001 z7 | -m realm ! --realm 0x5/0xff
        match v4 string 1 | 0000ffff626d z14 6122625c5c63 z122 06 z11 | -m string --string "a\\"b\\\\\\\\c" --algo bm
        match v4 string 1 | 0000ffff626d z14 656e64735c5c z122 06 z11 | -m string --hex-string "|656e64735c5c|" --algo bm
        match v4 string 1 | 0000ffff626d z14 69742773 z124 04 z11 | -m string --string "it's" --algo bm
        match v4 time 0 | 00000000ffffff7f010000007f510100feffffff80000000 | -m time --timestart 00:00:01 --timestop 23:59:59 --weekdays Sun --datestop 2038-01-19T03:14:07
        match v4 esp 0 | 050000000500000001 z7 | -m esp ! --espspi 5
        match v4 devgroup 0 | 0100000005000000ff z15 | -m devgroup --src-group 0x5/0xff
        match v4 recent 1 | z8 040061206200554c54 z193 01 z21 | -m recent --update --name a b --mask 0.0.0.0 --rdest
        match v4 connlimit 1 | ffffffffffffffffffffffffffffffff0a z15 | -m connlimit --connlimit-above 10 --connlimit-mask 32 --connlimit-saddr
        match v4 connbytes 0 | 05 z7 ffffffffffffffff0002 z6 | -m connbytes --connbytes 5 --connbytes-mode packets --connbytes-dir both
        match v6 frag 0 | 0300000003 z7 11000000 | -m frag --fragid 3 --fragmore
        match v6 policy 0 | fd z14 01ffffffffffffffffffffffffffffffff z41 0109 z229 010001 z5 | -m policy --dir in --pol ipsec --mode tunnel --tunnel-src fd00::1
        match v6 time 0 | 00000000ffffff7f6035010060540000fefffffffe000000 | -m time --timestart 22:00:00 --timestop 06:00:00 --datestop 2038-01-19T03:14:07
        """

    /// Of these nothing is told: they have to be seen as unknown.
    private static let unknown = """
        v4 hashlimit 1 | 666f6f z253 a08601000000000005 z7 04 z11 e8030000e803 z6 2020 z14
        v4 ecn 0 | 20 z7
        v4 connlabel 0 | 03 z7
        v4 cluster 0 | 0200000001000000efbeadde z4
        v6 rt 0 | z8 ffffffff0000000001 z263
        v6 ipv6header 0 | a000ff z5
        v6 hbh 0 | 0800000001 z35
        """

    private static let sets: [UInt16: String] = [0: "cali40s:abc", 1: "ports"]

    static func bytes(_ text: Substring) -> [UInt8] {
        text.split(separator: " ").flatMap { word -> [UInt8] in
            if word.hasPrefix("z") { return [UInt8](repeating: 0, count: Int(word.dropFirst()) ?? 0) }
            return stride(from: 0, to: word.count, by: 2).compactMap { offset in
                UInt8(word.dropFirst(offset).prefix(2), radix: 16)
            }
        }
    }

    private static func text(_ kind: String, _ family: String, _ name: String, _ revision: UInt32, _ info: [UInt8])
        -> String
    {
        let family: IPFamily = family == "v6" ? .v6 : .v4
        let subject = XTablesExtension(name, revision, info, family, sets: sets)
        return kind == "match" ? subject.matchText : subject.targetText
    }

    @Test(arguments: recorded.split(separator: "\n").map(String.init))
    func asIPTablesSavePrintsIt(_ line: String) throws {
        let parts = line.split(separator: "|", maxSplits: 2).map { $0 }
        let words = parts[0].split(separator: " ").map(String.init)
        let info = Self.bytes(parts[1])
        let revision = try #require(UInt32(words[3]))
        let text = Self.text(words[0], words[1], words[2], revision, info)
        #expect(text == parts[2].dropFirst())
        // Bytes that end early are told as they are, and nothing traps.
        for length in 0..<min(info.count, 64) {
            let cut = Self.text(words[0], words[1], words[2], revision, Array(info.prefix(length)))
            #expect(cut.hasPrefix("-"))
        }
        // Another revision is another structure.
        #expect(Self.text(words[0], words[1], words[2], 77, info).hasPrefix(words[0] == "match" ? "-m " : "-j "))
    }

    @Test(arguments: unknown.split(separator: "\n").map(String.init))
    func unknownOnesSplitTheWalk(_ line: String) throws {
        let parts = line.split(separator: "|", maxSplits: 1).map { $0 }
        let words = parts[0].split(separator: " ").map(String.init)
        let revision = try #require(UInt32(words[2]))
        let text = Self.text("match", words[0], words[1], revision, Self.bytes(parts[1]))
        #expect(text.hasPrefix("-m \(words[1]) --undecoded \(revision):"))
        var filter = PacketFilter()
        let saved = """
            *filter
            :INPUT ACCEPT [0:0]
            -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
            -A INPUT \(text) -j DROP
            COMMIT
            """
        filter.read(iptables: Array(saved.utf8), program: "iptables", family: .v4)
        let simulation = PacketFilterSimulation(filter, localAddresses: [])
        func verdict(_ port: Int) throws -> PacketFilterSimulation.Outcome.Verdict {
            let packet = PacketFilterSimulation.Packet(
                from: try #require(IPAddress("192.0.2.1")), to: try #require(IPAddress("192.0.2.2")), "tcp", port: port,
                input: "eth0")
            return simulation.pass(packet, through: [.prerouting, .input]).verdict
        }
        #expect(try verdict(22) == .accepted)
        guard case .cannotSay = try verdict(80) else {
            Issue.record("\(text) was taken for known")
            return
        }
    }

    /// A target that was not read must not pass for one that does nothing.
    @Test func anUnknownTargetIsNotNothing() throws {
        let text = XTablesExtension("MARK", 1, [1, 2, 3], .v4, sets: [:]).targetText
        #expect(text == "-j MARK --undecoded 1:010203")
        var filter = PacketFilter()
        let saved = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT \(text)\nCOMMIT\n"
        filter.read(iptables: Array(saved.utf8), program: "iptables", family: .v4)
        let packet = PacketFilterSimulation.Packet(
            from: try #require(IPAddress("192.0.2.1")), to: try #require(IPAddress("192.0.2.2")), "tcp", input: "eth0")
        let outcome = PacketFilterSimulation(filter, localAddresses: []).pass(packet, through: [.prerouting, .input])
        #expect(outcome.verdict == .cannotSay("target MARK"))
    }

    /// A set whose number nobody named is no set at all.
    @Test func aSetWithoutANameIsUnknown() {
        let info = Self.bytes("090001020000000000000000 z36")
        #expect(XTablesExtension("set", 4, info, .v4, sets: Self.sets).matchText.hasPrefix("-m set --undecoded 4:"))
    }

    @Test(arguments: [
        (UInt64(10_000), "1/sec"), (120_000, "5/min"), (100, "100/sec"), (600_000, "1/min"), (36_000_000, "1/hour"),
        (864_000_000, "1/day"), (1_200_000, "30/hour"), (1, "10000/sec"),
    ])
    func rates(_ period: UInt64, _ expected: String) { #expect(IPTablesWords.rate(period) == expected) }

    /// As nft prints what iptables wrote, with the words of iptables-save beside it, and without them.
    @Test func extensionsInRulesOfNFTables() throws {
        func verdict(_ expressions: String) throws -> PacketFilterSimulation.Outcome.Verdict {
            let text = """
                {"nftables":[{"table":{"family":"ip","name":"filter"}},
                {"chain":{"family":"ip","table":"filter","name":"INPUT","type":"filter","hook":"input","prio":0,"policy":"accept"}},
                {"rule":{"family":"ip","table":"filter","chain":"INPUT","expr":[\(expressions)]}}]}
                """
            var filter = PacketFilter()
            filter.read(nftables: try JSONTree(parsing: text).root)
            let packet = PacketFilterSimulation.Packet(
                from: try #require(IPAddress("192.0.2.1")), to: try #require(IPAddress("192.0.2.2")), "tcp", port: 80,
                input: "eth0")
            return PacketFilterSimulation(filter, localAddresses: []).pass(packet, through: [.prerouting, .input])
                .verdict
        }
        let comment = #"{"xt":{"type":"match","name":"comment"}}"#
        #expect(try verdict(comment + #",{"drop":null}"#) == .dropped)
        let ports = #"{"xt":{"type":"match","name":"multiport","text":"-m multiport --dports 22,80"}}"#
        #expect(try verdict(ports + #",{"drop":null}"#) == .dropped)
        let others = #"{"xt":{"type":"match","name":"multiport","text":"-m multiport ! --dports 22,80"}}"#
        #expect(try verdict(others + #",{"drop":null}"#) == .accepted)
        let reject = #"{"xt":{"type":"target","name":"REJECT","text":"-j REJECT --reject-with tcp-reset"}}"#
        #expect(try verdict(reject) == .rejected("tcp-reset"))
        guard case .cannotSay = try verdict(#"{"xt":{"type":"target","name":"REJECT"}}"#) else {
            Issue.record("a target without words was taken for known")
            return
        }
    }
}
