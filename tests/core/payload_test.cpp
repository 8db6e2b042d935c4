#include "steady/payload.hpp"

#include <string>
#include <utility>

#include "allocations.hpp"
#include "catch.hpp"
#include "recorder.hpp"

using steady::MessageKind;
using steady::Payload;

namespace {

int released = 0;

/// Accepts every message without copying it.
class Sink final : public steady::Transport {
 public:
  steady::Error open(const steady::ConnectRequest& request,
                     steady::TransportListener& of_events) override {
    attempt = request.generation;
    listener = &of_events;
    return {};
  }
  steady::TransportSend send(const Payload& payload) override {
    seen = payload.data().data();
    return steady::TransportSend::taken;
  }
  void close(std::uint16_t, std::string_view) override {}
  std::size_t buffered_amount() const override { return 0; }
  std::string subprotocol() const override { return {}; }

  steady::Generation attempt = 0;
  steady::TransportListener* listener = nullptr;
  /// Address of the last message's bytes.
  const char* seen = nullptr;
};

/// Creates a Sink.
class SinkRuntime final : public steady::Runtime {
 public:
  std::chrono::milliseconds now() const override { return 0ms; }
  steady::TimerId start_timer(std::chrono::milliseconds, std::function<void()>) override {
    return 1;
  }
  void cancel_timer(steady::TimerId) override {}
  void post(std::function<void()>) override {}
  double random() override { return 0; }
  void random_bytes(std::span<std::byte>) override {}
  std::unique_ptr<steady::Transport> make_transport() override {
    auto made = std::make_unique<Sink>();
    sink = made.get();
    return made;
  }

  Sink* sink = nullptr;
};

}  // namespace

TEST_CASE("the handle of an external payload is released exactly once") {
  released = 0;
  {
    Payload payload = Payload::external(MessageKind::text, 7, 100, [](std::uint32_t handle) {
      CHECK(handle == 7);
      ++released;
    });
    CHECK(payload.size() == 100);
    Payload moved = std::move(payload);
    payload = Payload::text("other");
    CHECK(released == 0);
    CHECK(moved.handle() == 7);
  }
  CHECK(released == 1);
}

TEST_CASE("keep() copies borrowed bytes, and forget() leaves only their size") {
  char bytes[] = "abc";
  Payload kept = Payload::borrowed(MessageKind::binary, bytes);
  Payload forgotten = Payload::borrowed(MessageKind::binary, bytes);
  CHECK(kept.data() == "abc");
  kept.keep();
  forgotten.forget();
  bytes[0] = 'x';
  CHECK(kept.data() == "abc");
  CHECK(forgotten.data().empty());
  CHECK(forgotten.size() == 3);
}

TEST_CASE("a message that is sent at once is not copied, whatever its size") {
  SinkRuntime runtime;
  steady::Socket socket(options_for_tests(), runtime);
  runtime.sink->listener->on_open(runtime.sink->attempt);
  for (const std::size_t size : {std::size_t{60}, std::size_t{256} << 10}) {
    const std::string text(size, 'x');
    for (int i = 0; i < 10; ++i) socket.send(text);
    const std::size_t before = allocations();
    for (int i = 0; i < 100; ++i) socket.send(text);
    CHECK(runtime.sink->seen == text.data());
    // The kernel's record of each, and the occasional growth of a table.
    CHECK(allocations() - before < 110);
  }
}
