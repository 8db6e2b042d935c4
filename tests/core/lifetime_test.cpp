// A destroyed Socket leaves nothing in its Runtime. ASan detects the rest.
#include <functional>
#include <memory>
#include <utility>

#include "catch.hpp"
#include "fixture.hpp"

using steady::testing::ManualRuntime;

namespace {

/// A Runtime whose event loop outlives it, as in a browser.
struct Borrowed final : steady::Runtime {
  explicit Borrowed(std::function<void()>& posted) : posted(posted) {}

  std::chrono::milliseconds now() const override { return inner.now(); }
  steady::TimerId start_timer(std::chrono::milliseconds delay,
                              std::function<void()> callback) override {
    return inner.start_timer(delay, std::move(callback));
  }
  void cancel_timer(steady::TimerId timer) override { inner.cancel_timer(timer); }
  void post(std::function<void()> callback) override { posted = std::move(callback); }
  double random() override { return inner.random(); }
  void random_bytes(std::span<std::byte> bytes) override { inner.random_bytes(bytes); }
  std::unique_ptr<steady::Transport> make_transport() override { return inner.make_transport(); }

  ManualRuntime inner;
  std::function<void()>& posted;
};

}  // namespace

TEST_CASE("a socket destroyed while a message with a ttl is queued leaves no timer") {
  for (const bool by_handler : {false, true}) {
    ManualRuntime runtime;
    auto socket = std::make_unique<steady::Socket>(options_for_tests(), runtime);
    socket->send("x", {.ttl = 1s});
    if (by_handler) {
      socket->on_state_change([&](const steady::StateChange&) { socket.reset(); }).keep();
    } else {
      socket.reset();
    }
    runtime.run_posted();
    CHECK(socket == nullptr);
    CHECK(runtime.timers() == 0);
    runtime.advance(2s);
  }
}

TEST_CASE("a turn that runs after the socket and its Runtime are destroyed touches neither") {
  std::function<void()> posted;
  {
    steady::Socket socket(options_for_tests(), std::make_unique<Borrowed>(posted));
    socket.send("x", {.ttl = 1s});
  }
  posted();
}

TEST_CASE("a handler may send into a batch and destroy the socket with its Runtime") {
  std::function<void()> posted;
  auto owned = std::make_unique<Borrowed>(posted);
  ManualRuntime& runtime = owned->inner;
  auto socket = std::make_unique<steady::Socket>(
      with([](steady::Options& o) { o.batch = steady::BatchOptions{}; }), std::move(owned));
  posted();
  socket
      ->on_message([&](const steady::Message&) {
        socket->send(steady::Payload::json("{}"));
        socket.reset();
      })
      .keep();
  auto& connection = runtime.connection();
  connection.accept();
  posted = nullptr;
  connection.deliver_text("x");
  CHECK(socket == nullptr);
  CHECK_FALSE(posted);
}
