#include "CKernelProbe.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

int kernel_probe_bpf(unsigned int command, void *attributes, unsigned int size) {
  long result;
  do {
    result = syscall(SYS_bpf, command, attributes, size);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : (int)result;
}

void kernel_probe_read_clock(struct kernel_probe_clock *clock) {
  struct timex request = {.modes = 0};
  int state = adjtimex(&request);
  clock->state = state < 0 ? -errno : state;
  clock->status = request.status;
  clock->offset = request.status & STA_NANO ? request.offset : (int64_t)request.offset * 1000;
  clock->most_error = request.maxerror;
  clock->likely_error = request.esterror;
}
