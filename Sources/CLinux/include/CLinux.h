// The kernel's uapi headers as Swift can import them, and the few calls Swift cannot make itself because they are
// variadic or macros. No logic lives here.
//
// <netinet/in.h> stands before every linux/ header: glibc and the kernel both define `in_addr`, and the kernel's
// headers step aside only when glibc's came first.
//
// _GNU_SOURCE must not be defined: it gives members of glibc's structures (`fd_set`, `re_pattern_buffer`) other names,
// Foundation's modules are built without it, and Swift refuses a program that sees both. The GNU calls that are needed
// are declared below.
#pragma once

#include <netinet/in.h>
#include <net/if.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <linux/neighbour.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/veth.h>

// What glibc declares for _GNU_SOURCE only.
extern char **environ;
int setns(int fd, int type);
int unshare(int flags);
int pipe2(int ends[2], int flags);
int memfd_create(const char *name, unsigned int flags);
const char *strerrorname_np(int number);
const char *strerrordesc_np(int number);
const char *sigabbrev_np(int number);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int lowest);

// open(2), openat(2), fcntl(2) are variadic in glibc.
static inline int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}
// A macro of two flags.
static inline int clinux_o_tmpfile(void) { return __O_TMPFILE; }
// A macro of an expression.
static inline long clinux_utime_omit(void) { return UTIME_OMIT; }
static inline int clinux_fcntl_int(int fd, int command, int argument) { return fcntl(fd, command, argument); }

// prctl(2) is variadic.
static inline int clinux_prctl(int option, unsigned long argument) { return prctl(option, argument, 0, 0, 0); }
// glibc names it for _GNU_SOURCE only (POSIX_SPAWN_SETSID).
static inline short clinux_posix_spawn_setsid(void) { return 0x80; }

// Any of the `sockaddr_*` structures.
static inline int clinux_bind(int fd, const void *address, socklen_t length) {
  return bind(fd, (const struct sockaddr *)address, length);
}
static inline int clinux_connect(int fd, const void *address, socklen_t length) {
  return connect(fd, (const struct sockaddr *)address, length);
}

// ioctl(2) is variadic; requests of type _IO take no argument, others a pointer or an integer.
static inline int clinux_ioctl(int fd, unsigned long request, uintptr_t argument) {
  return ioctl(fd, request, argument);
}
// The request numbers are function-like macros in <linux/nsfs.h>.
static inline int clinux_ns_get_nstype(int fd) { return ioctl(fd, NS_GET_NSTYPE); }

// `environ` is a mutable global, which Swift 6 refuses to read.
static inline char **clinux_environ(void) { return environ; }

// SIG_IGN is an integer cast to a function pointer.
static inline int clinux_ignore_signal(int number) {
  struct sigaction action = {.sa_handler = SIG_IGN};
  return sigaction(number, &action, NULL);
}

// errno is a macro over a thread-local.
static inline int clinux_errno(void) { return errno; }
static inline void clinux_clear_errno(void) { errno = 0; }

// wait(2) status macros.
static inline int clinux_exited(int status) { return WIFEXITED(status); }
static inline int clinux_exit_status(int status) { return WEXITSTATUS(status); }
static inline int clinux_signaled(int status) { return WIFSIGNALED(status); }
static inline int clinux_term_signal(int status) { return WTERMSIG(status); }
