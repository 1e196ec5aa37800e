// kill-at N UNDER LOG COMMAND…: runs a command and kills it as by SIGKILL when it enters the Nth call, over all of its
// threads, that gives, changes or takes a name below the directory UNDER; N = 0 kills nothing. Writes each of these calls to the file LOG.
// Ends as the command does. (strace can inject a signal too, but counts each thread's calls by themselves.)
//
//   cc -o kill-at kill-at.c
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// Which arguments hold the path that changes, and the directory that it is relative to (-1: the working directory).
static const struct { long number; const char *name; int path, directory; } calls[] = {
#ifdef SYS_rename
  {SYS_rename, "rename", 1, -1}, {SYS_link, "link", 1, -1}, {SYS_symlink, "symlink", 1, -1},
  {SYS_unlink, "unlink", 0, -1}, {SYS_rmdir, "rmdir", 0, -1},
#endif
#ifdef SYS_renameat
  {SYS_renameat, "rename", 3, 2},
#endif
  {SYS_renameat2, "rename", 3, 2}, {SYS_linkat, "link", 3, 2}, {SYS_symlinkat, "symlink", 2, 1},
  {SYS_unlinkat, "unlink", 1, 0},
};
enum { COUNT = sizeof calls / sizeof calls[0] };

static void start(char **command) {
  struct sock_filter filter[COUNT * 2 + 2];
  int length = 0;
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int index = 0; index < COUNT; index++) {
    filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[index].number, 0, 1);
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {length, filter};
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("seccomp");
    _exit(126);
  }
  execvp(command[0], command);
  perror(command[0]);
  _exit(127);
}

// The path of a call below `under`, made absolute; returns 0 where it is somewhere else.
static int path_of(pid_t pid, const struct __ptrace_syscall_info *info, int index, const char *under, char *full) {
  char path[PATH_MAX] = "", link[64];
  struct iovec here = {path, sizeof path - 1};
  struct iovec there = {(void *)info->seccomp.args[calls[index].path], sizeof path - 1};
  // The string may end just before a page that is not there.
  while (there.iov_len > 0 && process_vm_readv(pid, &here, 1, &there, 1, 0) < 0) there.iov_len = there.iov_len / 2;
  full[0] = '\0';
  if (path[0] != '/') {
    int directory = calls[index].directory < 0 ? AT_FDCWD : (int)info->seccomp.args[calls[index].directory];
    snprintf(link, sizeof link, directory == AT_FDCWD ? "/proc/%d/cwd" : "/proc/%d/fd/%d", pid, directory);
    ssize_t length = readlink(link, full, PATH_MAX);
    if (length < 0) return 0;
    strcpy(full + length, "/");
  }
  strcat(full, path);
  return strncmp(full, under, strlen(under)) == 0;
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  int kill_at = atoi(arguments[1]), seen = 0, ended = 0;
  FILE *log = fopen(arguments[3], "w");
  pid_t child = fork();
  if (child == 0) start(arguments + 4);
  int status;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, 0,
         PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
             PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, child, 0, 0);
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (pid == child) ended = status;
      continue;
    }
    int number = WSTOPSIG(status), event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      struct __ptrace_syscall_info info;
      char path[PATH_MAX * 2];
      ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
      for (int index = 0; index < COUNT; index++) {
        if (calls[index].number != (long)info.seccomp.nr) continue;
        if (!path_of(pid, &info, index, arguments[2], path)) continue;
        seen++;
        fprintf(log, "%s %s\n", calls[index].name, path);
        if (seen == kill_at) kill(child, SIGKILL);
      }
    }
    // A new thread begins with SIGSTOP; other signals are the command's own.
    ptrace(PTRACE_CONT, pid, 0, event != 0 || number == SIGSTOP ? 0 : number);
  }
  fclose(log);
  if (WIFSIGNALED(ended)) {
    signal(WTERMSIG(ended), SIG_DFL);
    kill(getpid(), WTERMSIG(ended));
  }
  return WEXITSTATUS(ended);
}
