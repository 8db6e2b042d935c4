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
#include <string>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

/// No test case takes as long, also under sanitizers on a busy machine.
constexpr unsigned hang_seconds = 60;

/// Read by a signal handler, so not a std::string.
char running_case[256] = "";

void write_to_stderr(const char* text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
}

extern "C" void on_alarm(int) {
  write_to_stderr("still running after 60 s: ");
  write_to_stderr(running_case);
  write_to_stderr("\n");
  std::_Exit(EXIT_FAILURE);
}

/// Prints `ok    0.012 s  socket_test: title` or `FAIL  ...` when a test case ends, and ends the
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
    std::signal(SIGALRM, on_alarm);
    alarm(hang_seconds);
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
