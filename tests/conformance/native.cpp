// The scenarios on a desktop: conformance URL RUN immediate|queued polled|io-thread SCENARIO.
// Without arguments, prints the names of the scenarios.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "client.hpp"
#include "steady/native/native_runtime.hpp"

namespace {
bool has_io_thread = false;
}

namespace conformance {

std::unique_ptr<steady::Runtime> make_runtime() {
  steady::native::NativeOptions options;
  if (has_io_thread) options.threading = steady::native::Threading::io_thread;
  return std::make_unique<steady::native::NativeRuntime>(std::move(options));
}

}  // namespace conformance

int main(int count, char** arguments) {
  using namespace conformance;
  if (count == 1) {
    for (const Named& one : scenarios()) std::puts(one.name);
    return 0;
  }
  if (count != 6) return 2;
  const std::string_view wanted = arguments[5];
  has_io_thread = arguments[4] == std::string_view("io-thread");
  for (const Named& one : scenarios()) {
    if (one.name != wanted) continue;
    World world(arguments[1], arguments[2],
                arguments[3] == std::string_view("queued") ? steady::Dispatch::queued
                                                           : steady::Dispatch::immediate);
    Scenario scenario = one.run(world);
    // The frames of a game, at a high rate.
    while (!world.frame(scenario)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (const std::string& fault : world.faults()) std::puts(fault.c_str());
    return world.faults().empty() ? 0 : 1;
  }
  std::puts("unknown scenario");
  return 2;
}
