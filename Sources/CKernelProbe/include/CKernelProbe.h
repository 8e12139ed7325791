// Two calls that only the doctor of a machine makes, so that neither the plugins nor the agent see them: bpf(2), which
// glibc has no wrapper for, and adjtimex(2).
#pragma once

#include <stdint.h>

// `attributes` is a `union bpf_attr` (linux/bpf.h). A new descriptor or 0, or the negated errno.
int kernel_probe_bpf(unsigned int command, void *attributes, unsigned int size);

struct kernel_probe_clock {
  // What adjtimex(2) answers: TIME_OK 0 ... TIME_ERROR 5 (not synchronised); or the negated errno.
  int state;
  // STA_... bits; STA_UNSYNC is 0x40.
  int status;
  // Nanoseconds, whatever the unit the kernel keeps them in.
  int64_t offset;
  // Microseconds.
  int64_t most_error;
  int64_t likely_error;
};

// Reads and changes nothing.
void kernel_probe_read_clock(struct kernel_probe_clock *clock);
