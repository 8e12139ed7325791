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
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/tcp.h>

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
#include <sys/prctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
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
int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int posix_openpt(int flags);
int unlockpt(int fd);
int ptsname_r(int fd, char *name, size_t size);
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

// `stdout` is a mutable global, and IFF_LOOPBACK is both a macro and an enumerator.
static inline FILE *clinux_standard_output(void) { return stdout; }
static inline unsigned int clinux_iff_loopback(void) { return IFF_LOOPBACK; }

// errno is a macro over a thread-local.
static inline int clinux_errno(void) { return errno; }
static inline void clinux_clear_errno(void) { errno = 0; }

// wait(2) status macros.
static inline int clinux_exited(int status) { return WIFEXITED(status); }
static inline int clinux_exit_status(int status) { return WEXITSTATUS(status); }
static inline int clinux_signaled(int status) { return WIFSIGNALED(status); }
static inline int clinux_term_signal(int status) { return WTERMSIG(status); }

// One system call that a child makes between clone(2) and execve(2). With `sink` its result goes nowhere: a failure
// does not matter.
struct clinux_step {
  long number;
  unsigned long arguments[6];
  int sink;
};

// posix_spawn(3) knows no namespaces and no mounts. This makes a child with clone(2) (`flags`: CLONE_NEW...), which has
// a copy of the memory as after fork(2) and therefore does nothing but raw system calls: `steps` in their order, then
// execve(2). All signals are as a new program expects them. The calling thread waits for the exec. `failure` points to
// two integers of shared memory: the number of the step that was refused, counted from 1 (count + 1 is the exec), and
// errno.
pid_t clinux_spawn(unsigned long flags, const struct clinux_step *steps, int count, const char *path,
                   char *const arguments[], char *const environment[], int *failure);
