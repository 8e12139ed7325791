// Runs before any initialisation: no call into the C library, no thread-local storage, nothing that a compiler would
// turn into one of both. Headers serve for types and numbers. Every structure that is passed to the kernel is static,
// which is zero from the start and needs no memset.
#include "CEarlyRemoval.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#define PLUGIN "poplin"
#define DEFAULT_SOCKET CEARLYREMOVAL_SOCKET
#define SOCKET_KEY "\"agentSocket\""
#define TAKEN CEARLYREMOVAL_TAKEN

// Bytes; variables beside it, of which CNI has seven.
enum { MOST_INPUT = 1 << 16, MOST_VARIABLES = 16 };

static unsigned char input[MOST_INPUT];
static struct early_removal_rest rest;

struct early_removal_rest early_removal_rest(void) {
  rest.input = input;
  return rest;
}

#if defined(__x86_64__) || defined(__aarch64__)

#pragma clang attribute push(__attribute__((no_stack_protector, disable_sanitizer_instrumentation, no_builtin)), \
                             apply_to = function)

// MARK: System calls: a result, or the negative error number

#if defined(__x86_64__)
static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

// The kernel enters with the stack pointer at argc, and passes in rdx what _start expects there (x86-64 psABI 3.4.1).
__asm__(".text\n"
        ".globl poplin_early_start\n"
        ".type poplin_early_start, @function\n"
        "poplin_early_start:\n"
        "  xorl %ebp, %ebp\n"
        "  movq %rsp, %rdi\n"
        "  pushq %rdx\n"
        "  pushq %rdx\n"
        "  call poplin_early_removal\n"
        "  popq %rdx\n"
        "  popq %rdx\n"
        "  jmp _start\n"
        ".size poplin_early_start, .-poplin_early_start\n");
#else
static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

// The kernel enters with the stack pointer at argc, and passes in x0 what _start expects there.
__asm__(".text\n"
        ".globl poplin_early_start\n"
        ".type poplin_early_start, %function\n"
        "poplin_early_start:\n"
        "  mov x29, #0\n"
        "  mov x30, #0\n"
        "  stp x0, x30, [sp, #-16]!\n"
        "  add x0, sp, #16\n"
        "  bl poplin_early_removal\n"
        "  ldp x0, x30, [sp], #16\n"
        "  b _start\n"
        ".size poplin_early_start, .-poplin_early_start\n");
#endif

// MARK: Bytes

static size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

static int is_same(const void *one, const void *other, size_t length) {
  const unsigned char *a = one, *b = other;
  for (size_t i = 0; i < length; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

// The value of `NAME=value` if it has this name, which ends with the `=`.
static const char *value_of(const char *variable, const char *name) {
  size_t length = length_of(name);
  for (size_t i = 0; i < length; i++)
    if (variable[i] != name[i]) return NULL;
  return variable + length;
}

// MARK: The message

// Head, the socket in two parts, variables, the empty one that ends them, configuration.
static struct iovec parts[3 + MOST_VARIABLES + 2];
static size_t part_count;
static size_t part_total;

static void append(const void *bytes, size_t length) {
  parts[part_count].iov_base = (void *)(uintptr_t)bytes;
  parts[part_count].iov_len = length;
  part_count++;
  part_total += length;
}

static struct sockaddr_un address;

// The agent's socket: what the configuration names, or the usual one. It is looked for by its bytes; the agent, which
// reads the configuration, refuses what came to another place than that says.
static int find_socket(void) {
  const char *path = DEFAULT_SOCKET;
  size_t length = sizeof DEFAULT_SOCKET - 1, count = 0;
  for (size_t i = 0; i + sizeof SOCKET_KEY - 1 <= rest.length; i++) {
    if (input[i] != '"' || !is_same(input + i, SOCKET_KEY, sizeof SOCKET_KEY - 1)) continue;
    if (count++) return 0;
    size_t at = i + sizeof SOCKET_KEY - 1;
    while (at < rest.length && (input[at] == ' ' || input[at] == ':')) at++;
    if (at >= rest.length || input[at++] != '"') return 0;
    path = (const char *)input + at;
    for (length = 0; at + length < rest.length && path[length] != '"'; length++)
      if (path[length] < ' ' || path[length] == '\\' || length + 1 >= sizeof address.sun_path) return 0;
    if (at + length >= rest.length || path[0] != '/') return 0;
  }
  address.sun_family = AF_UNIX;
  for (size_t i = 0; i < length; i++) address.sun_path[i] = path[i];
  return 1;
}

static char head[40] = "call 1 ";

static void append_head(size_t total) {
  char digits[20];
  size_t count = 0, at = 7;
  do digits[count++] = (char)('0' + total % 10);
  while (total /= 10);
  while (count) head[at++] = digits[--count];
  head[at++] = '\n';
  parts[0].iov_base = head;
  parts[0].iov_len = at;
}

// MARK: The call

// Whether the path leads to this process's own network namespace. What that means for a DEL, the program knows.
static int is_own_namespace(const char *path) {
  static struct stat theirs, ours;
  if (call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&theirs, 0, 0, 0) < 0) return 0;
  if (call(SYS_newfstatat, AT_FDCWD, (long)"/proc/thread-self/ns/net", (long)&ours, 0, 0, 0) < 0) return 0;
  return theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

// All of standard input, if it fits.
static int read_input(void) {
  while (rest.length < sizeof input) {
    long count = call(SYS_read, 0, (long)(input + rest.length), (long)(sizeof input - rest.length), 0, 0, 0);
    if (count < 0) return 0;
    if (count == 0) return rest.ended = 1;
    rest.length += (unsigned long)count;
  }
  return 0;
}

// Whether the agent has taken the attachment over.
static int ask(int socket) {
  static struct msghdr message;
  static struct pollfd entry;
  static struct timespec left = {.tv_sec = CEARLYREMOVAL_PATIENCE / 1000};
  static char answer[sizeof TAKEN];
  // EAGAIN, a full backlog, is the program's to wait for.
  if (call(SYS_connect, socket, (long)&address, sizeof address, 0, 0, 0) < 0) return 0;
  message.msg_iov = parts;
  message.msg_iovlen = part_count;
  long sent = call(SYS_sendmsg, socket, (long)&message, MSG_NOSIGNAL, 0, 0, 0);
  if (sent < 0 || (size_t)sent != parts[0].iov_len + part_total) return 0;
  entry.fd = socket;
  entry.events = POLLIN;
  // The kernel leaves in `left` what is left of it.
  long ready = call(SYS_ppoll, (long)&entry, 1, (long)&left, 0, 0, 0);
  rest.waited = CEARLYREMOVAL_PATIENCE - (int)(left.tv_sec * 1000 + left.tv_nsec / 1000000);
  if (ready != 1) return 0;
  long count = call(SYS_recvfrom, socket, (long)answer, sizeof answer, 0, 0, 0);
  return count == sizeof TAKEN - 1 && is_same(answer, TAKEN, sizeof TAKEN - 1);
}

// Comes back when the program has to do the call.
__attribute__((used, visibility("hidden"))) void poplin_early_removal(const uintptr_t *stack) {
  size_t count = stack[0];
  char *const *arguments = (char *const *)(stack + 1);
  char *const *environment = arguments + count + 1;
  if (!count) return;
  const char *name = arguments[0];
  for (const char *at = name; *at; at++)
    if (*at == '/') name = at + 1;
  if (length_of(name) != sizeof PLUGIN - 1 || !is_same(name, PLUGIN, sizeof PLUGIN - 1)) return;

  const char *command = NULL, *container = NULL, *interface = NULL, *path = NULL, *namespace = NULL;
  part_count = 3;
  for (; *environment; environment++) {
    const char *variable = *environment, *value;
    if (!value_of(variable, "CNI_")) continue;
    if (part_count == 3 + MOST_VARIABLES) return;
    append(variable, length_of(variable) + 1);
    // Of a name that is there twice the first counts, as with getenv(3).
    if (!command && (value = value_of(variable, "CNI_COMMAND="))) command = value;
    if (!container && (value = value_of(variable, "CNI_CONTAINERID="))) container = value;
    if (!interface && (value = value_of(variable, "CNI_IFNAME="))) interface = value;
    if (!path && (value = value_of(variable, "CNI_PATH="))) path = value;
    if (!namespace && (value = value_of(variable, "CNI_NETNS="))) namespace = value;
  }
  if (!command || length_of(command) != 3 || !is_same(command, "DEL", 3)) return;
  // What is missing is said before standard input is read.
  if (!container || !*container || !interface || !*interface || !path || !*path) return;
  if (namespace && *namespace && is_own_namespace(namespace)) return;
  if (!read_input() || !find_socket()) return;

  append("", 1);
  append(input, rest.length);
  parts[1].iov_base = "AGENT_SOCKET=";
  parts[1].iov_len = sizeof "AGENT_SOCKET=" - 1;
  parts[2].iov_base = address.sun_path;
  parts[2].iov_len = length_of(address.sun_path) + 1;
  part_total += parts[1].iov_len + parts[2].iov_len;
  append_head(part_total);

  long socket = call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0, 0);
  if (socket < 0) return;
  if (ask((int)socket)) call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
  call(SYS_close, socket, 0, 0, 0, 0, 0);
}

#pragma clang attribute pop

#endif
