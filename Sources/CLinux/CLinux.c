#include "CLinux.h"

#ifndef CLONE_VFORK
#define CLONE_VFORK 0x00004000
#endif

pid_t clinux_spawn(unsigned long flags, const struct clinux_step *steps, int count, const char *path,
                   char *const arguments[], char *const environment[], int *failure) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  pid_t child = (pid_t)syscall(SYS_clone, flags | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
  int number = errno;
  if (child != 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return child;
  }
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < 65; signal++) sigaction(signal, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int index = 0; index < count; index++) {
    const unsigned long *a = steps[index].arguments;
    if (syscall(steps[index].number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 && !steps[index].sink) {
      failure[0] = index + 1;
      failure[1] = errno;
      _exit(127);
    }
  }
  execve(path, arguments, environment);
  failure[0] = count + 1;
  failure[1] = errno;
  _exit(127);
}
