// A desktop client that survives its server. Arguments: the URL; "caller" or "io_thread";
// optionally the file of a certificate that the user's store trusts while it runs. Sends "first";
// when the connection is lost, "second" and "third", which wait in the queue; ends when it has
// received the last of them. Prints lines of JSON: see tests/support/program.mjs.
#include <chrono>
#include <cstdio>
#include <optional>
#include <steady/native/native_runtime.hpp>
#include <steady/socket.hpp>
#include <string>

#include "trust.hpp"

namespace {

void report(const char* name, const std::string& value) {
  std::printf("[\"%s\",\"%s\"]\n", name, value.c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  using namespace std::chrono_literals;
  using steady::native::Threading;
  std::optional<TrustedRoot> root;
  if (count > 3) root.emplace(arguments[3]);
  const bool has_thread = std::string(arguments[2]) == "io_thread";
  steady::native::NativeRuntime runtime(
      {.threading = has_thread ? Threading::io_thread : Threading::caller, .proxy = ""});
  steady::Socket socket(
      {.url = arguments[1], .reconnect = {.initial_delay = 100ms, .max_delay = 500ms}}, runtime);
  bool was_open = false;
  socket
      .on_state_change([&](const steady::StateChange& change) {
        if (change.state == steady::State::open) {
          was_open = true;
          report("open", arguments[2]);
        }
        if (change.state == steady::State::waiting && was_open) {
          was_open = false;
          report("lost", std::to_string(change.last_close->code));
          for (const char* const text : {"second", "third"}) socket.send(text);
        }
      })
      .keep();
  socket
      .on_message([&](const steady::Message& message) {
        report("received", std::string(message.data));
        if (message.data == "third") socket.close();
      })
      .keep();
  socket
      .on_error([&](const steady::Error& error) {
        // A server that is away is expected; one that cannot be trusted stays so.
        if (error.message.find("certificate") == std::string::npos) return;
        report("error", error.message);
        socket.close();
      })
      .keep();
  socket.send("first");
  while (socket.state() != steady::State::closed) runtime.run_for(1s);
}
