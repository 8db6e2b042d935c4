#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <functional>

enum Outcome : int { returned = 1, caught = 2, terminated = 3 };

/// Runs `program` in a child process, and returns its exit status.
inline int outcome_of(const std::function<void()>& program) {
  const pid_t child = fork();
  if (child == 0) {
    std::set_terminate([] { std::_Exit(terminated); });
    try {
      program();
    } catch (...) {
      std::_Exit(caught);
    }
    std::_Exit(returned);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
