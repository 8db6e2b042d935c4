// Calls and implements the virtual functions of the library. UBSan checks their types.
#include <cstdio>
#include <memory>
#include <steady/json.hpp>
#include <steady/socket.hpp>
#include <steady/testing/manual_runtime.hpp>
#include <utility>

namespace {

/// A Runtime of the program that forwards every call.
class LoggedRuntime final : public steady::Runtime {
 public:
  explicit LoggedRuntime(steady::Runtime& inner) : inner_(inner) {}
  std::chrono::milliseconds now() const override { return inner_.now(); }
  steady::TimerId start_timer(std::chrono::milliseconds delay,
                              std::function<void()> callback) override {
    return inner_.start_timer(delay, std::move(callback));
  }
  void cancel_timer(steady::TimerId timer) override { inner_.cancel_timer(timer); }
  void post(std::function<void()> callback) override { inner_.post(std::move(callback)); }
  double random() override { return inner_.random(); }
  void random_bytes(std::span<std::byte> bytes) override { inner_.random_bytes(bytes); }
  std::unique_ptr<steady::Transport> make_transport() override { return inner_.make_transport(); }

 private:
  steady::Runtime& inner_;
};

/// Listens to a transport, as a socket does.
struct Listener final : steady::TransportListener {
  void on_open(steady::Generation) override { ++events; }
  bool on_message(steady::Generation, steady::Inbound& message) override {
    steady::InboundBuffer buffer;
    if (!message.read(buffer, steady::Inbound::all)) events += static_cast<int>(message.size());
    return true;
  }
  void on_error(steady::Generation, const steady::Error&) override {}
  void on_close(steady::Generation, steady::CloseInfo) override { ++events; }
  int events = 0;
};

struct Log final : steady::SocketListener {
  void on_open() override { ++events; }
  void on_close(const steady::CloseInfo&) override { ++events; }
  void on_error(const steady::Error&) override {}
  void on_state_change(const steady::StateChange&) override { ++events; }
  void on_drop(const steady::Drop&) override {}
  void on_outcome(const steady::Outcome&) override {}
  int events = 0;
};

}  // namespace

int main() {
  using namespace std::chrono_literals;
  steady::testing::ManualRuntime clock;
  LoggedRuntime runtime(clock);
  auto socket = std::make_unique<steady::Socket>(
      steady::Options{
          .dispatch = steady::Dispatch::queued,
          .provider = [](const steady::ConnectReply& reply) { reply.connect({.url = "ws://h"}); },
          .greet =
              [](const steady::Greeting& connection) {
                connection.send("first");
                connection.ready();
              }},
      runtime);
  Log log;
  socket->listen(log);
  int hits = 0;
  const auto subscription = socket->on<steady::json>(
      "hit", [&](const steady::json& json) { hits += json.value("by", 0); });
  socket->on_message([](const steady::Message&) {}).unsubscribe();
  socket->send(steady::json{{"type", "hello"}});
  clock.run_posted();
  clock.connection().accept();
  clock.connection().deliver_text(R"({"type":"hit","by":3})");
  socket->poll();
  std::printf("[\"sent\",%zu]\n[\"hits\",%d]\n", clock.connection().sent().size(), hits);
  clock.connection().drop();
  clock.advance(1s);
  std::printf("[\"events\",%d]\n", log.events);
  socket.reset();

  Listener listener;
  const auto transport = runtime.make_transport();
  if (transport->open({.url = "ws://h", .generation = 1}, listener)) return 1;
  clock.connection().accept();
  clock.connection().deliver_text("four");
  transport->send(steady::Payload::text("x"));
  transport->close(1000, "");
  std::printf("[\"transport\",%d]\n", listener.events);
}
