#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
using ListenerBase = Catch::EventListenerBase;
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
using ListenerBase = Catch::TestEventListenerBase;
#endif

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

/// A test case counts as hanging if it was idle for this long, or used this much CPU time. Elapsed
/// time alone is no criterion on a loaded machine.
constexpr unsigned idle_seconds = 30;
constexpr double cpu_seconds = 60;

/// Read by a signal handler, so not a std::string.
char running_case[256] = "";
double cpu_at_start = 0;
double cpu_at_check = 0;

double cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void write_to_stderr(const char* text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
}

extern "C" void on_alarm(int) {
  const double now = cpu_time();
  if (now - cpu_at_check > 0.5 && now - cpu_at_start < cpu_seconds) {
    cpu_at_check = now;
    alarm(idle_seconds);
    return;
  }
  write_to_stderr("\naborted because it hangs: ");
  write_to_stderr(running_case);
  write_to_stderr("\n");
  std::_Exit(EXIT_FAILURE);
}

/// Prints `ok    0.012 s  socket_test: title` or `FAIL  ...` when a test case ends, and aborts the
/// program if one hangs.
class ProgressListener final : public ListenerBase {
 public:
  using ListenerBase::ListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    ListenerBase::testCaseStarting(info);
    const std::string_view path = info.lineInfo.file;
    const std::string_view file = path.substr(path.rfind('/') + 1);
    title_ = std::string(file.substr(0, file.find('.'))) + ": " + info.name;
    std::snprintf(running_case, sizeof running_case, "%s", title_.c_str());
    started_ = Clock::now();
    cpu_at_start = cpu_at_check = cpu_time();
    std::signal(SIGALRM, on_alarm);
    alarm(idle_seconds);
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    alarm(0);
    const std::chrono::duration<double> elapsed = Clock::now() - started_;
    const bool passed = stats.totals.assertions.allOk();
    std::printf("%-4s %7.3f s  %s\n", passed ? "ok" : "FAIL", elapsed.count(), title_.c_str());
    std::fflush(stdout);
    ListenerBase::testCaseEnded(stats);
  }

 private:
  std::string title_;
  Clock::time_point started_;
};

}  // namespace

CATCH_REGISTER_LISTENER(ProgressListener)

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
