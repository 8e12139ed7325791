// Numbers that Swift cannot import from the headers, or that are newer than the headers we build with (6.1).

/// The type without NLA_F_NESTED and NLA_F_NET_BYTEORDER (linux/netlink.h; a macro over a complement).
let NLA_TYPE_MASK = 0x3fff

/// The routing protocol number that Poplin's routes carry (`rtm_protocol`), so that they can be told from others'.
/// It is in none of iproute2's rt_protos.d, FRR's zebra, BIRD's or Calico's lists.
public let RTPROT_POPLIN: UInt8 = 112

/// Index of `arp_notify` in IFLA_INET_CONF (linux/ip.h, which cannot be included beside netinet/ip.h).
let IPV4_DEVCONF_ARP_NOTIFY = 22
