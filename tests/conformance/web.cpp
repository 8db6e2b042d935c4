// The scenarios in a page, a worker or Node: functions for the tests, and the report of the end.
#include <emscripten/emscripten.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "client.hpp"

namespace conformance {

std::unique_ptr<steady::Runtime> make_runtime() { return steady::make_default_runtime(); }

namespace {

struct Running {
  Running(const Named& named, World&& in) : world(std::move(in)), scenario(named.run(world)) {}

  World world;
  Scenario scenario;
};

EM_JS(void, report_end, (const char* faults), { Module.ended(UTF8ToString(faults)); });

void frame(void* argument) {
  auto* const running = static_cast<Running*>(argument);
  if (!running->world.frame(running->scenario)) {
    emscripten_async_call(frame, running, 1);
    return;
  }
  std::string faults;
  for (const std::string& fault : running->world.faults()) faults += fault + "\n";
  delete running;
  report_end(faults.c_str());
}

}  // namespace
}  // namespace conformance

extern "C" {

/// The names of the scenarios, a line each.
EMSCRIPTEN_KEEPALIVE const char* conformance_names() {
  static std::string names;
  names.clear();
  for (const auto& one : conformance::scenarios()) names += std::string(one.name) + "\n";
  return names.c_str();
}

/// Runs a scenario by its line number, then calls Module.ended with its failures, a line each.
EMSCRIPTEN_KEEPALIVE void conformance_run(int number, const char* url, const char* run,
                                          int is_queued) {
  using namespace conformance;
  const auto dispatch = is_queued != 0 ? steady::Dispatch::queued : steady::Dispatch::immediate;
  frame(new Running(scenarios().at(static_cast<std::size_t>(number)), World(url, run, dispatch)));
}
}
