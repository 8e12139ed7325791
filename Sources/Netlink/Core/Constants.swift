// Numbers that Swift cannot import from the headers, or that are newer than the headers we build with (6.1).

/// The type without NLA_F_NESTED and NLA_F_NET_BYTEORDER (linux/netlink.h; a macro over a complement).
let NLA_TYPE_MASK = 0x3fff
