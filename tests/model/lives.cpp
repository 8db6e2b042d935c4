// Random lives of a Socket on a virtual clock: what users call, from outside and from inside
// handlers, what servers and networks do, and time. A simple model says what must hold all the
// while:
//
//   - messages are handed over in the order of the calls, over all connections, none twice
//   - every message ends as sent or as dropped, told once and with a reason, or still waits
//   - the queue keeps its bounds, and rejects only what it has no room for
//   - the first message comes first on every connection
//   - there is one connection at most, and no attempt before its time
//   - states are told in their order, nobody is called from inside a call, and nothing is told
//     after the end
//
//   lives [steps] [seed]
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steady/socket.hpp"
#include "steady/testing/manual_runtime.hpp"

namespace {

using namespace std::chrono_literals;
using steady::DropReason;
using steady::Options;
using steady::Payload;
using steady::SendStatus;
using steady::Socket;
using steady::State;
using steady::Subscription;
using steady::TransportSend;
using steady::testing::FakeConnection;
using steady::testing::ManualRuntime;

constexpr std::string_view first_message = "first";
constexpr std::string_view ping = "ping";

/// Where it happened, for who has to find out why.
std::uint64_t seed = 0;
std::uint64_t life_number = 0;
std::vector<std::string> story;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::printf("seed %llu, life %llu: %s\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(life_number), what);
  for (const std::string& line : story) std::printf("  %s\n", line.c_str());
  std::exit(EXIT_FAILURE);
}

class Random {
 public:
  explicit Random(std::uint64_t from) : engine_(from) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool one_in(std::size_t many) { return below(many) == 0; }
  template <class T>
  T pick(std::initializer_list<T> list) {
    return *(list.begin() + below(list.size()));
  }

 private:
  std::mt19937_64 engine_;
};

class Life {
 public:
  explicit Life(Random& random) : random_(random), options_(draw_options()) {
    takes_grants_ = random_.one_in(2);
    socket_ = std::make_unique<Socket>(options_, runtime_);
    listen();
    look();
  }

  void run(std::size_t steps) {
    for (; steps > 0 && socket_; --steps) {
      happen();
      look();
    }
    if (socket_) {
      note("the end");
      end();
    }
    // Nothing may be told any more.
    runtime_.advance(10s);
  }

 private:
  struct Message {
    enum class Fate : std::uint8_t { unknown, waits, sent, rejected, dropped };
    Fate fate = Fate::unknown;
    std::size_t size = 0;
    bool told = false;
  };
  using Fate = Message::Fate;

  void note(std::string line) { story.push_back(std::string(depth_ * 2, ' ') + std::move(line)); }

  Options draw_options() {
    Options options;
    options.url = "ws://host";
    options.reconnect.initial_delay = 100ms;
    options.reconnect.max_delay = 1s;
    options.reconnect.stable_after = random_.pick({0ms, 200ms});
    if (random_.one_in(4)) options.reconnect.max_attempts = 3;
    options.queue.max_messages = 1 + random_.below(12);
    options.queue.max_bytes = random_.pick<std::size_t>({40, 100, 1'000});
    options.high_water_mark = random_.pick<std::size_t>({1, 30, 1'000});
    options.connect_timeout = 300ms;
    options.close_timeout = 200ms;
    if (random_.one_in(2)) options.first_message = std::string(first_message);
    if (random_.one_in(2)) {
      options.batch = steady::BatchOptions{};
      options.batch->max_messages = 1 + random_.below(5);
      options.batch->max_bytes = 10 + random_.below(60);
    }
    if (random_.one_in(2)) {
      options.heartbeat = steady::HeartbeatOptions{};
      options.heartbeat->interval = 400ms;
      options.heartbeat->timeout = 100ms;
      options.heartbeat->message = std::string(ping);
    }
    return options;
  }

  // --- What is heard. ---

  void listen() {
    Socket& socket = *socket_;
    keep(socket.on_open([this] {
      hear("open");
      act_inside();
    }));
    keep(socket.on_close([this](const steady::CloseInfo& info) {
      hear(info.will_retry ? "close, retry" : "close");
      act_inside();
    }));
    keep(socket.on_error([this](const steady::Error& error) {
      hear(to_string(error.code));
      act_inside();
    }));
    keep(socket.on_state_change([this](const steady::StateChange& change) {
      hear(to_string(change.state));
      expect(change.previous == told_state_, "states are told in their order");
      told_state_ = change.state;
      act_inside();
    }));
    keep(socket.on_drop([this](const steady::Drop& drop) {
      hear(to_string(drop.reason));
      dropped(std::string(drop.payload.data()), drop.reason);
      act_inside();
    }));
    if (random_.one_in(2)) read_messages();
  }

  void read_messages() {
    keep(socket_->on_message([this](const steady::Message& message) {
      hear("message");
      expect(delivering_, "messages are told when they come");
      // The first handler of a message may close; the others hear it all the same.
      if (std::exchange(told_, message.data.data()) != message.data.data()) {
        expect(socket_->state() == State::open, "messages are told while open");
      }
      act_inside();
    }));
  }

  void keep(Subscription subscription) { subscriptions_.push_back(std::move(subscription)); }

  void hear(const char* what) {
    note(std::string("hears ") + what);
    expect(socket_ != nullptr, "nothing is told after the end");
    expect(!calling_, "nobody is called from inside a call");
  }

  void dropped(const std::string& text, DropReason reason) {
    if (text == first_message) return;
    Message& message = messages_.at(number_in(text));
    expect(!message.told, "a drop is told once");
    if (reason == DropReason::unconfirmed) {
      expect(message.fate == Fate::sent, "only what was sent is unconfirmed");
    } else {
      expect(message.fate == Fate::rejected || message.fate == Fate::waits,
             "only what was not sent is dropped");
    }
    message.told = true;
    message.fate = Fate::dropped;
  }

  static std::size_t number_in(std::string_view text) {
    const auto digit = text.find_first_of("0123456789");
    expect(digit != std::string_view::npos, "every message has a number");
    return std::strtoull(std::string(text.substr(digit)).c_str(), nullptr, 10);
  }

  // --- What happens. ---

  FakeConnection& connection() { return runtime_.connection(); }

  void happen() {
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        act();
        break;
      case 3:
      case 4:
        serve();
        break;
      case 5:
        note("time passes");
        runtime_.advance(std::chrono::milliseconds(random_.below(30)));
        break;
      case 6:
        note("the next timer");
        runtime_.advance_to_next_timer();
        break;
      default:
        note("the event loop turns");
        runtime_.run_posted();
    }
  }

  /// The server and the network.
  void serve() {
    if (runtime_.transports() > 1 && random_.one_in(6)) {
      note("an old connection speaks");
      FakeConnection& old = runtime_.connection(random_.below(runtime_.transports() - 1));
      expect(!old.deliver_text("late"), "what is late is dropped");
      if (random_.one_in(2)) old.drop();
      return;
    }
    const State state = socket_->state();
    if (state == State::connecting) {
      switch (random_.below(4)) {
        case 0:
          note("the attempt fails");
          connection().fail();
          break;
        default:
          note("the server accepts");
          if (takes_grants_) connection().take_grants();
          platform_takes_ = true;
          connection().accept();
      }
    } else if (state == State::open || state == State::closing) {
      switch (random_.below(10)) {
        case 0: {
          const auto code = random_.pick<std::uint16_t>({1000, 1001, 1006, 1011, 1012, 4001});
          // One in four is the server's last word.
          const std::uint16_t said = code == 4001 && !random_.one_in(4) ? 1001 : code;
          note("the server closes with " + std::to_string(said));
          connection().close(said);
          break;
        }
        case 1:
          note("the network breaks");
          connection().drop();
          break;
        case 2:
          note("the platform's buffer holds");
          connection().hold_buffer();
          break;
        case 3:
        case 4:
          note("the platform's buffer drains");
          connection().drain();
          break;
        case 5: {
          const auto answer = random_.pick({TransportSend::taken, TransportSend::taken,
                                            TransportSend::refused, TransportSend::not_open});
          note("the platform answers " + std::to_string(static_cast<int>(answer)));
          if (answer != TransportSend::taken) platform_takes_ = false;
          connection().answer_send_with(answer);
          break;
        }
        default:
          note("the server sends");
          deliver(random_.pick({R"({"type":"a"})", R"([{"type":"a"},{"type":"b"}])", "[1,", "x"}));
      }
    }
  }

  void deliver(const char* text) {
    if (connection().granted().receive) {
      connection().deliver_unshown();
      return;
    }
    delivering_ = true;
    told_ = nullptr;
    connection().deliver_text(text);
    delivering_ = false;
  }

  /// The user, in a handler.
  void act_inside() {
    if (depth_ > 2 || !random_.one_in(4)) return;
    ++depth_;
    act();
    --depth_;
  }

  /// The user.
  void act() {
    calling_ = true;
    call();
    calling_ = false;
  }

  void call() {
    const std::size_t what = random_.below(100);
    if (what < 80) {
      send();
    } else if (what < 90) {
      note("connect");
      connect_called_ = true;
      socket_->connect();
    } else if (what < 93) {
      note("listens");
      if (subscriptions_.size() < 30) read_messages();
    } else if (what < 97) {
      note("stops to listen");
      if (subscriptions_.size() > 5) subscriptions_.pop_back();
    } else if (what < 99) {
      close();
    } else {
      note("destroys the socket");
      end();
    }
  }

  void close() {
    note("close");
    const bool is_open = socket_->state() == State::open;
    socket_->close();
    look_at_sent();
    if (is_open && platform_takes_) expect(waiting().count == 0, "close hands over what waits");
  }

  void send() {
    const std::size_t number = messages_.size();
    const bool is_json = random_.one_in(2);
    std::string text = (is_json ? "{\"n\":" : "text ") + std::to_string(number);
    if (random_.one_in(10)) text.append(random_.below(120), ' ');
    if (is_json) text += "}";
    messages_.push_back({Fate::unknown, text.size(), false});
    note("sends " + text);

    const State before = socket_->state();
    const auto result = socket_->send(is_json ? Payload::json(text) : Payload::text(text));
    Message& message = messages_[number];
    const bool over = before == State::closing || before == State::closed;
    expect(!over || result.reason == DropReason::closed, "after close everything is rejected");
    look_at_sent();
    switch (result.status) {
      case SendStatus::sent:
        expect(message.fate == Fate::sent, "what is said to be sent was handed over");
        break;
      case SendStatus::queued:
        if (message.fate == Fate::unknown) message.fate = Fate::waits;
        break;
      case SendStatus::dropped:
      case SendStatus::rejected:
        expect(message.fate == Fate::unknown, "what is rejected was not handed over");
        message.fate = Fate::rejected;
        if (result.reason == DropReason::queue_full) {
          expect(socket_->queued_messages() >= options_.queue.max_messages ||
                     waiting().bytes + text.size() > options_.queue.max_bytes,
                 "only a full queue is full");
        }
    }
  }

  void end() {
    look_at_sent();
    socket_.reset();
  }

  // --- What must hold. ---

  void look() {
    look_at_sent();
    look_at_attempts();
    if (!socket_) return;
    expect(socket_->queued_messages() <= options_.queue.max_messages, "the queue has its bound");
    if (socket_->state() == State::waiting) due_ = runtime_.now() + *socket_->retry_in();

    if (!random_.one_in(4)) return;
    runtime_.run_posted();
    look_at_sent();
    look_at_attempts();
    if (!socket_) return;
    const auto [count, bytes] = waiting();
    expect(count == socket_->queued_messages(), "every message was sent, dropped, or waits");
    expect(bytes <= options_.queue.max_bytes, "the queue has its bound in bytes");
    expect(told_state_ == socket_->state(), "every state is told");
    expect(socket_->state() != State::closed || count == 0, "nothing waits for a closed socket");
    for (const Message& message : messages_) {
      expect(message.fate != Fate::rejected, "what is rejected is told");
    }
    forget();
  }

  struct Waiting {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  Waiting waiting() const {
    Waiting all;
    for (std::size_t i = settled_; i < messages_.size(); ++i) {
      if (messages_[i].fate != Fate::waits) continue;
      ++all.count;
      all.bytes += messages_[i].size;
    }
    return all;
  }

  /// Messages at the front that will not change any more.
  void forget() {
    while (settled_ < messages_.size() && messages_[settled_].fate != Fate::waits) ++settled_;
    if (story.size() > 400) story.erase(story.begin(), story.end() - 200);
  }

  /// What was handed over since the last look.
  void look_at_sent() {
    for (; looked_at_ < runtime_.transports(); ++looked_at_, sent_ = 0) {
      const auto& sent = runtime_.connection(looked_at_).sent();
      for (; sent_ < sent.size(); ++sent_) look_at_frame(sent[sent_].data, sent_ == 0);
      if (looked_at_ + 1 == runtime_.transports()) return;
    }
  }

  /// The payload of one frame.
  void look_at_frame(std::string_view text, bool is_first) {
    if (is_first && options_.first_message) {
      expect(text == first_message, "the first message comes first");
    }
    if (text == first_message || text == ping) return;
    if (!text.starts_with('[')) {
      handed_over(text);
      return;
    }
    expect(options_.batch.has_value(), "batches were asked for");
    expect(text.size() <= std::max(options_.batch->max_bytes, text.find(',')),
           "a batch has its bound in bytes");
    text.remove_prefix(1);
    std::size_t count = 0;
    for (std::size_t end; (end = text.find_first_of(",]")) != std::string_view::npos; ++count) {
      expect(text.starts_with('{'), "only JSON is joined");
      handed_over(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    expect(count <= options_.batch->max_messages, "a batch has its bound");
  }

  void handed_over(std::string_view text) {
    const std::size_t number = number_in(text);
    Message& message = messages_.at(number);
    expect(message.fate == Fate::unknown || message.fate == Fate::waits, "nothing is sent twice");
    expect(!last_sent_ || number > *last_sent_, "order is kept");
    message.fate = Fate::sent;
    last_sent_ = number;
  }

  void look_at_attempts() {
    if (runtime_.transports() == attempts_) return;
    for (; attempts_ < runtime_.transports(); ++attempts_) {
      if (attempts_ == 0) continue;
      expect(runtime_.connection(attempts_ - 1).abandoned(), "there is one connection at most");
      expect(connect_called_ || (due_ && runtime_.now() >= *due_), "no attempt before its time");
    }
    connect_called_ = false;
    due_.reset();
  }

  Random& random_;
  const Options options_;
  ManualRuntime runtime_;
  bool takes_grants_ = false;
  /// The present connection has taken everything so far.
  bool platform_takes_ = false;
  std::unique_ptr<Socket> socket_;
  std::vector<Subscription> subscriptions_;
  std::size_t depth_ = 0;
  bool calling_ = false;

  std::vector<Message> messages_;
  std::size_t settled_ = 0;
  std::optional<std::size_t> last_sent_;
  std::size_t looked_at_ = 0;
  std::size_t sent_ = 0;
  bool delivering_ = false;
  /// The message that was told last.
  const char* told_ = nullptr;
  State told_state_ = State::idle;
  std::size_t attempts_ = 0;
  bool connect_called_ = false;
  std::optional<std::chrono::milliseconds> due_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t steps = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  Random random(seed);
  for (std::uint64_t done = 0; done < steps; ++life_number) {
    story.clear();
    const std::size_t length = 1 + random.below(400);
    Life life(random);
    life.run(length);
    done += length;
  }
  std::printf("%llu steps in %llu lives\n", static_cast<unsigned long long>(steps),
              static_cast<unsigned long long>(life_number));
}
