// A root directory without /proc, such as a folder that holds nothing but this program. Swift's runtime looks there twice
// before `main`: for the path of the program, without which it aborts ("Unable to obtain Swift runtime path"), and for the
// arguments, without which there are none. Both can be told before it looks, by what runs earlier than its own
// initialisers. Where /proc is mounted nothing happens here.
#include <stdlib.h>
#include <unistd.h>

// stdlib/public/stubs/CommandLine.cpp; absent in programs without Swift.
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count) __attribute__((weak));

__attribute__((constructor(101))) static void tell_what_proc_would(int count, char **arguments, char **environment) {
  (void)environment;
  if (!access("/proc/self/exe", F_OK)) return;
  setenv("SWIFT_ROOT", "/", 0);
  if (_swift_stdlib_overrideUnsafeArgvArgc) _swift_stdlib_overrideUnsafeArgvArgc(arguments, count);
}
