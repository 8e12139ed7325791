// Executes plugins as a container runtime does and says what each execution cost.
//
// It exists so that nothing of the harness is inside what is measured: standard input and output are files in memory,
// so no pipe has to be served while the plugin runs; the clock stands around vfork, execve and wait4 alone; CPU time is
// what wait4 reports, which includes every process the plugin waited for.
//
// One request per line on standard input, fields separated by tabs:
//
//   VERB  container  namespace  interface  result  NAME=value,NAME=value  plugin=configuration  plugin=configuration ...
//
// VERB is ADD, DEL, CHECK or VERSION. `result` names the file that ADD writes the last plugin's result to and DEL and
// CHECK read. A plugin is a path, a configuration a file whose last `}` is replaced by `,"prevResult":...}` where
// there is one. DEL runs the list backwards. One answer per line:
//
//   status  wall,cpu,rss  wall,cpu,rss ...      (nanoseconds, microseconds, kilobytes; one for each plugin executed)
//
// `status` is the first exit code that is not 0, and ends the chain for ADD; its output then goes to standard error.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAXIMUM 64

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static char *slurp(const char *path) {
  int number = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (number < 0 || fstat(number, &status)) return NULL;
  char *text = calloc(1, status.st_size + 1);
  if (read(number, text, status.st_size) != status.st_size) return NULL;
  close(number);
  return text;
}

static void store(int number, const char *text) {
  size_t length = strlen(text);
  if (ftruncate(number, 0) || pwrite(number, text, length, 0) != (ssize_t)length) abort();
  lseek(number, 0, SEEK_SET);
}

static int input, output;

static int execute(const char *program, char **environment, long long *wall, long *cpu, long *rss) {
  char *arguments[] = {(char *)program, NULL};
  lseek(input, 0, SEEK_SET);
  if (ftruncate(output, 0)) abort();
  lseek(output, 0, SEEK_SET);
  struct rusage usage;
  int status;
  long long start = now();
  pid_t child = vfork();
  if (child == 0) {
    dup2(input, 0);
    dup2(output, 1);
    execve(program, arguments, environment);
    _exit(127);
  }
  while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {}
  *wall = now() - start;
  *cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  *rss = usage.ru_maxrss;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static char *printed(void) {
  off_t length = lseek(output, 0, SEEK_END);
  char *text = calloc(1, length + 1);
  if (pread(output, text, length, 0) != length) abort();
  return text;
}

int main(void) {
  input = memfd_create("input", MFD_CLOEXEC);
  output = memfd_create("output", MFD_CLOEXEC);
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    line[strcspn(line, "\n")] = 0;
    char *fields[MAXIMUM], *rest = line;
    int count = 0;
    for (char *field; count < MAXIMUM && (field = strsep(&rest, "\t"));) fields[count++] = field;
    if (count < 7) return 2;
    char *verb = fields[0], *result = fields[4];

    char *environment[MAXIMUM], text[5][4096];
    int variables = 0;
    snprintf(text[0], 4096, "CNI_COMMAND=%s", verb);
    snprintf(text[1], 4096, "CNI_CONTAINERID=%s", fields[1]);
    snprintf(text[2], 4096, "CNI_NETNS=%s", fields[2]);
    snprintf(text[3], 4096, "CNI_IFNAME=%s", fields[3]);
    char directory[4096];
    snprintf(directory, sizeof directory, "%.*s", (int)strcspn(fields[6], "="), fields[6]);
    snprintf(text[4], 4096, "CNI_PATH=%s", dirname(directory));
    for (int i = 0; i < 5; i++) environment[variables++] = text[i];
    environment[variables++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    rest = fields[5];
    for (char *pair; (pair = strsep(&rest, ","));) if (*pair) environment[variables++] = pair;
    environment[variables] = NULL;

    int adds = !strcmp(verb, "ADD"), deletes = !strcmp(verb, "DEL"), failure = 0, plugins = count - 6, done = 0;
    char *previous = adds || !strcmp(verb, "VERSION") ? NULL : slurp(result);
    static char answer[MAXIMUM * 80];
    char *place = answer;
    for (int i = 0; i < plugins && !(failure && !deletes); i++) {
      char *field = fields[6 + (deletes ? plugins - 1 - i : i)];
      char *program = strsep(&field, "=");
      char *configuration = field && *field ? slurp(field) : strdup("");
      if (!configuration) return 3;
      char *stdin_text = configuration;
      if (previous && *previous && *configuration) {
        char *close = strrchr(configuration, '}');
        if (asprintf(&stdin_text, "%.*s,\"prevResult\":%s}", (int)(close - configuration), configuration, previous) < 0)
          abort();
        free(configuration);
      }
      store(input, stdin_text);
      long long wall;
      long cpu, rss;
      int status = execute(program, environment, &wall, &cpu, &rss);
      place += sprintf(place, "\t%lld,%ld,%ld", wall, cpu, rss);
      done++;
      char *text_out = printed();
      if (status && !failure) {
        failure = status;
        fprintf(stderr, "%s %s %s: %d\n%s\ninput: %s\n", program, verb, fields[1], status, text_out, stdin_text);
      }
      free(stdin_text);
      if (adds) {
        free(previous);
        previous = text_out;
      } else {
        free(text_out);
      }
    }
    if (adds && !failure && *result && previous) {
      int number = open(result, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      if (number < 0 || write(number, previous, strlen(previous)) < 0) return 4;
      close(number);
    }
    free(previous);
    printf("%d%s\n", failure, answer);
    fflush(stdout);
  }
  return 0;
}
