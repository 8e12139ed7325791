// The floor of ADD: the kernel work of attaching one container to a bridge, and nothing else.
//
// A veth pair whose host end is created up and in the bridge and whose peer is created in the container's namespace;
// in the container the address, the link up, the default route. Two netlink sockets, two messages sent, no output.
//
//   CNI_NETNS=path CNI_IFNAME=eth0 FLOOR_BRIDGE=name FLOOR_ADDRESS=10.1.0.2/16 FLOOR_GATEWAY=10.1.0.1 attach
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

static char buffer[2048];
static size_t used;
static struct nlmsghdr *message;
static unsigned sequence;

static void fail(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void *append(const void *data, size_t length) {
  void *place = buffer + used;
  memcpy(place, data, length);
  memset((char *)place + length, 0, NLMSG_ALIGN(length) - length);
  used += NLMSG_ALIGN(length);
  return place;
}

static void begin(int type, int flags) {
  struct nlmsghdr header = {
      .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags, .nlmsg_seq = ++sequence};
  message = append(&header, sizeof header);
}

static void end(void) { message->nlmsg_len = buffer + used - (char *)message; }

static struct nlattr *attribute(int type, const void *data, size_t length) {
  struct nlattr header = {.nla_type = type, .nla_len = NLA_HDRLEN + length};
  struct nlattr *place = append(&header, sizeof header);
  if (length) append(data, length);
  return place;
}

static void close_nest(struct nlattr *nest) { nest->nla_len = buffer + used - (char *)nest; }

static int open_socket(void) {
  int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (number < 0) fail("socket");
  return number;
}

// Sends what was collected and reads one acknowledgement for each message.
static void commit(int socket, unsigned count) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(socket, buffer, used, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) fail("send");
  used = 0;
  while (count) {
    char answer[8192];
    ssize_t length = recv(socket, answer, sizeof answer, 0);
    if (length < 0) fail("recv");
    for (struct nlmsghdr *m = (void *)answer; NLMSG_OK(m, length); m = NLMSG_NEXT(m, length)) {
      struct nlmsgerr *error = NLMSG_DATA(m);
      errno = -error->error;
      if (errno) fail("netlink");
      count--;
    }
  }
}

int main(void) {
  const char *interface = getenv("CNI_IFNAME");
  unsigned bridge = if_nametoindex(getenv("FLOOR_BRIDGE"));
  struct in_addr address, gateway;
  char text[32];
  snprintf(text, sizeof text, "%s", getenv("FLOOR_ADDRESS"));
  char *slash = strchr(text, '/');
  *slash = 0;
  if (!bridge || !inet_aton(text, &address) || !inet_aton(getenv("FLOOR_GATEWAY"), &gateway)) fail("parameters");
  int namespace = open(getenv("CNI_NETNS"), O_RDONLY | O_CLOEXEC);
  if (namespace < 0) fail("namespace");

  int host = open_socket();
  begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  struct ifinfomsg link = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer = {0};
  append(&link, sizeof link);
  attribute(IFLA_MASTER, &bridge, 4);
  struct nlattr *info = attribute(IFLA_LINKINFO, 0, 0);
  attribute(IFLA_INFO_KIND, "veth", 4);
  struct nlattr *data = attribute(IFLA_INFO_DATA, 0, 0);
  struct nlattr *other = attribute(VETH_INFO_PEER, 0, 0);
  append(&peer, sizeof peer);
  attribute(IFLA_IFNAME, interface, strlen(interface) + 1);
  attribute(IFLA_NET_NS_FD, &namespace, 4);
  close_nest(other);
  close_nest(data);
  close_nest(info);
  end();
  commit(host, 1);

  if (setns(namespace, CLONE_NEWNET)) fail("setns");
  int container = open_socket();
  unsigned index = if_nametoindex(interface);
  begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  struct ifaddrmsg own = {.ifa_family = AF_INET, .ifa_prefixlen = atoi(slash + 1), .ifa_index = index};
  append(&own, sizeof own);
  attribute(IFA_LOCAL, &address, 4);
  end();
  begin(RTM_NEWLINK, 0);
  struct ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  append(&up, sizeof up);
  end();
  begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  struct rtmsg route = {
      .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT, .rtm_type = RTN_UNICAST};
  append(&route, sizeof route);
  attribute(RTA_GATEWAY, &gateway, 4);
  end();
  commit(container, 3);
  return 0;
}
