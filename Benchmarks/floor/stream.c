// One TCP stream and what it costs.
//
//   stream serve PORT              takes one connection, reads until its end
//   stream send ADDRESS PORT SECONDS
//
// Each end prints one line when the stream is over: bytes, nanoseconds, and the microseconds of CPU (user and system) of
// its process. What the kernel does on behalf of a packet on its way through namespaces it does, nearly always, in the
// context of the process that sends or reads.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char block[128 * 1024];

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void report(long long bytes, long long nanoseconds) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%lld\t%lld\t%ld\n", bytes, nanoseconds,
         (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  fflush(stdout);
}

static int fail(const char *what) {
  perror(what);
  return 1;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  int stream = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in place = {.sin_family = AF_INET};
  long long bytes = 0, start;
  if (!strcmp(words[1], "serve")) {
    place.sin_port = htons(atoi(words[2]));
    setsockopt(stream, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(stream, (void *)&place, sizeof place) || listen(stream, 1)) return fail("serve");
    printf("listening\n");
    fflush(stdout);
    int peer = accept(stream, NULL, NULL);
    if (peer < 0) return fail("accept");
    start = now();
    for (ssize_t length; (length = read(peer, block, sizeof block)) > 0;) bytes += length;
  } else {
    if (count < 5) return 2;
    place.sin_port = htons(atoi(words[3]));
    inet_aton(words[2], &place.sin_addr);
    if (connect(stream, (void *)&place, sizeof place)) return fail("connect");
    start = now();
    long long end = start + (long long)(atof(words[4]) * 1e9);
    while (now() < end) {
      ssize_t length = write(stream, block, sizeof block);
      if (length < 0) return fail("write");
      bytes += length;
    }
    shutdown(stream, SHUT_WR);
    char last;
    if (read(stream, &last, 1) < 0) return fail("end");
  }
  report(bytes, now() - start);
  return 0;
}
