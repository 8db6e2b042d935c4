// The kernel alone: its inputs, and the commands it returns.
#include "../../sdk/kernel/kernel.hpp"

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <vector>

#include "catch.hpp"
#include "steady/hint.hpp"

using steady::CloseAction;
using steady::DropReason;
using steady::ErrorCode;
using steady::State;
using steady::kernel::Command;
using steady::kernel::CommandKind;
using steady::kernel::DecidedBy;
using steady::kernel::InputKind;
using steady::kernel::Settings;
using steady::kernel::TextId;

namespace {

constexpr double none = -1;

template <class Enumeration>
double number(Enumeration value) {
  return static_cast<double>(value);
}

/// A command as comparable numbers.
struct Line {
  Line(CommandKind of_kind, double first = 0, double second = 0, double third = 0)
      : kind(of_kind), a(first), b(second), c(third) {}
  explicit Line(const Command& command)
      : Line(static_cast<CommandKind>(command.kind), command.a, command.b, command.c) {}

  friend bool operator==(const Line&, const Line&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Line& line) {
    return out << static_cast<int>(line.kind) << ' ' << line.a << ' ' << line.b << ' ' << line.c;
  }

  CommandKind kind;
  double a, b, c;
};
using Lines = std::vector<Line>;

/// A kernel whose commands are not executed. Time changes only if a test sets it.
struct Bare {
  explicit Bare(const Settings& settings = {}) : kernel(settings) {}

  double give(InputKind kind, std::initializer_list<double> numbers = {}) {
    double of[5] = {};
    std::copy(numbers.begin(), numbers.end(), of);
    return kernel.input({now, 0.5, buffered, false}, {kind, of[0], of[1], of[2], of[3], of[4]});
  }
  double send(double handle, double flags = 0) {
    return give(InputKind::send, {handle, 10, flags, none, 0});
  }
  /// The commands since the last call.
  Lines take() {
    Lines lines;
    for (std::size_t i = 0; i < kernel.commands().size(); ++i) {
      lines.emplace_back(kernel.commands().data()[i]);
    }
    kernel.commands().clear();
    return lines;
  }
  std::size_t count(const Lines& lines, CommandKind kind) const {
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [kind](const Line& line) { return line.kind == kind; }));
  }
  Bare& open() {
    give(InputKind::start);
    give(InputKind::connect);
    take();
    give(InputKind::opened, {1});
    take();
    return *this;
  }

  /// Fills the platform's buffer with a ping.
  void fill() {
    give(InputKind::hint, {static_cast<double>(steady::Hint::wake)});
    take();
    buffered = 1;
  }

  double now = 1'000;
  double buffered = 0;
  steady::kernel::Kernel kernel;
};

}  // namespace

TEST_CASE("a kernel asks for a connection, and reports its state and that it is open") {
  Bare f;
  f.give(InputKind::start);
  CHECK(f.take() == Lines{{CommandKind::watch, 1}});
  CHECK(f.give(InputKind::connect) == 0);
  CHECK(f.take() == Lines{{CommandKind::state, number(State::connecting), number(State::idle)},
                          {CommandKind::dial, 1}});
  CHECK(f.kernel.next_deadline() == 11'000);
  f.give(InputKind::opened, {1});
  CHECK(f.take() == Lines{{CommandKind::state, number(State::open), number(State::connecting)},
                          {CommandKind::open}});
  CHECK(f.kernel.next_deadline() == none);
}

TEST_CASE("close code 4001 closes the socket, and a queued message is dropped with `closed`") {
  Bare f{{.high_water_mark = 1, .pings = 1, .ping_size = 1}};
  f.open().fill();
  CHECK(f.send(3) == 1);
  CHECK(f.take().empty());
  f.give(InputKind::closed, {1, 4001, 1, none});
  const double text = number(TextId::given_reason);
  CHECK(f.take() == Lines{{CommandKind::abandon},
                          {CommandKind::last_close, 4001, steady::kernel::was_clean, text},
                          {CommandKind::verdict, number(DecidedBy::default_rule),
                           number(CloseAction::fatal), 0x1p16 * 4000 + 4999},
                          {CommandKind::error, number(steady::ErrorCode::fatal_close),
                           number(TextId::given_verdict)},
                          {CommandKind::last_close, 4001, steady::kernel::was_clean, text},
                          {CommandKind::state, number(State::closed), number(State::open)},
                          {CommandKind::watch, 0},
                          {CommandKind::close, 4001, steady::kernel::was_clean, text},
                          {CommandKind::drop, 1, number(DropReason::closed), 3},
                          {CommandKind::release, 3}});
  CHECK(f.kernel.next_deadline() == none);
}

TEST_CASE("a rule in the options overrides the default rule for its close code") {
  Bare f;
  f.kernel.add_close_rule({4001, 4001, CloseAction::retry});
  f.open();
  f.give(InputKind::closed, {1, 4001, 1, none});
  CHECK(f.kernel.state() == State::waiting);
  CHECK(f.kernel.next_deadline() == 1'500);
}

TEST_CASE("the return value of send says whether a message was sent, queued or rejected") {
  Bare f{{.queue_max_messages = 1}};
  f.give(InputKind::start);
  f.give(InputKind::connect);
  f.take();
  CHECK(f.send(3) == 1);
  CHECK(f.send(4) == -number(DropReason::queue_full));
  CHECK(f.send(5, steady::kernel::is_volatile) ==
        -number(DropReason::not_now) - steady::kernel::was_dropped);
  f.take();
  f.give(InputKind::opened, {1});
  CHECK(f.take().back() == Line{CommandKind::transmit, 3});
  CHECK(f.send(6) == 0);
  CHECK(f.send(7, steady::kernel::track) > steady::kernel::sent_with_id);
}

TEST_CASE("an input of an earlier attempt has no effect") {
  Bare f;
  f.open();
  f.give(InputKind::closed, {1, 1006, 0, none});
  f.now = 2'000;
  f.give(InputKind::timer);
  CHECK(f.kernel.attempt() == 2);
  f.take();
  for (const InputKind kind :
       {InputKind::provided, InputKind::provider_failed, InputKind::open_failed, InputKind::opened,
        InputKind::greeted, InputKind::greeting_failed, InputKind::error, InputKind::closed,
        InputKind::message}) {
    CHECK(f.give(kind, {1, 1000, 1}) == 0);
  }
  CHECK(f.take().empty());
  CHECK(f.kernel.state() == State::connecting);
}

TEST_CASE("the payload of a greeting that is not sent is released") {
  Bare f{{.greets = 1}};
  f.open();
  const auto greet = [&f](double attempt, double handle) {
    return f.give(InputKind::greeting, {attempt, handle, 10, 0});
  };
  CHECK(greet(1, 3) == 1);
  CHECK(f.take() == Lines{{CommandKind::transmit, 3}});
  CHECK(greet(7, 4) == 0);
  CHECK(f.take() == Lines{{CommandKind::release, 4}});
  CHECK(greet(1, 5) == 1);
  f.take();
  CHECK(f.give(InputKind::not_transmitted, {5, 0}) < 0);
  CHECK(f.take() == Lines{{CommandKind::release, 5}});
  // The connection accepts no more messages.
  CHECK(greet(1, 6) == 0);
  CHECK(f.take() == Lines{{CommandKind::release, 6}});
}

TEST_CASE("a closed kernel rejects messages, and reacts only to reconnect") {
  Bare f;
  f.open();
  f.give(InputKind::close, {1000, none});
  f.give(InputKind::closed, {1, 1000, 1, none});
  REQUIRE(f.kernel.state() == State::closed);
  f.take();
  for (const InputKind kind : {InputKind::connect, InputKind::suspend, InputKind::resume}) {
    CHECK(f.give(kind) == static_cast<double>(ErrorCode::invalid_state));
  }
  for (const InputKind kind :
       {InputKind::close, InputKind::timer, InputKind::hint, InputKind::pong, InputKind::again,
        InputKind::spent, InputKind::task_over, InputKind::decided, InputKind::inbound_full,
        InputKind::inbound_drained, InputKind::not_transmitted}) {
    f.give(kind);
  }
  CHECK(f.take().empty());
  CHECK(f.send(3) == -number(DropReason::closed));
  CHECK(f.take() ==
        Lines{{CommandKind::drop, 0, number(DropReason::closed), 3}, {CommandKind::release, 3}});
  f.give(InputKind::drained);
  CHECK(f.take() == Lines{{CommandKind::drained, static_cast<double>(ErrorCode::invalid_state)}});
  f.give(InputKind::reconnect);
  CHECK(f.count(f.take(), CommandKind::dial) == 1);
}

TEST_CASE("a message that was not transmitted is queued again in its place") {
  Bare f{{.high_water_mark = 1, .pings = 1, .ping_size = 1}};
  f.open().fill();
  for (const double handle : {3, 4, 5}) f.send(handle);
  f.take();
  f.give(InputKind::close, {1000, none});
  // All transmit commands precede the first report that one failed.
  f.give(InputKind::not_transmitted, {3, 0});
  CHECK(f.kernel.queued_messages() == 3);
  f.give(InputKind::not_transmitted, {4, 0});
  f.give(InputKind::not_transmitted, {5, 0});
  CHECK(f.kernel.queued_messages() == 3);
}

TEST_CASE(
    "a message that was not transmitted is not confused with an older one of the same handle") {
  Bare f;
  f.open();
  constexpr double expects = steady::kernel::expects_reply;
  const double id = f.send(3, expects) - steady::kernel::sent_with_id;
  f.take();
  // It may still be in the platform's buffer, and its handle is free.
  CHECK(f.give(InputKind::answered, {id}) == 1);
  CHECK(f.take() == Lines{{CommandKind::release, 3}});
  CHECK(f.send(4) == 0);
  CHECK(f.send(3) == 0);
  f.give(InputKind::not_transmitted, {3, 0});
  CHECK(f.kernel.queued_messages() == 1);
  f.give(InputKind::not_transmitted, {3, 0});
  CHECK(f.kernel.queued_messages() == 1);
}

TEST_CASE("buffered_amount is ignored until all messages were transmitted") {
  Bare f;
  f.open();
  CHECK(f.send(3, steady::kernel::track) == steady::kernel::sent_with_id + 1);
  // The command is not executed yet, so an empty buffer means nothing.
  f.give(InputKind::drained);
  CHECK(f.count(f.take(), CommandKind::drained) == 0);
  f.now += 20;
  f.give(InputKind::timer);
  CHECK(f.take() == Lines{{CommandKind::outcome, 1, number(DropReason::none)},
                          {CommandKind::release, 3},
                          {CommandKind::drained}});
}

TEST_CASE("an empty message counts as buffered until it must have been sent") {
  Bare f;
  f.open();
  f.give(InputKind::send, {3, 0, steady::kernel::track, none, 0});
  f.give(InputKind::drained);
  CHECK(f.count(f.take(), CommandKind::outcome) == 0);
}

TEST_CASE("a kernel that needs buffered_amount and did not get it requests another turn") {
  Bare f{{.high_water_mark = 100}};
  f.open();
  for (const double handle : {3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) CHECK(f.send(handle) == 0);
  CHECK(f.kernel.needs_amount());
  f.take();
  f.buffered = none;
  CHECK(f.send(13) == 1);
  CHECK(f.take() == Lines{{CommandKind::again}});
  f.buffered = 0;
  f.give(InputKind::again);
  // The other messages were sent.
  const Lines lines = f.take();
  CHECK(f.count(lines, CommandKind::release) == 10);
  CHECK(lines.back() == Line{CommandKind::transmit, 13});
}

TEST_CASE("a message that needs the room of others is deferred until those were transmitted") {
  constexpr double json = steady::kernel::is_json;
  const Settings settings{.queue_max_messages = 1, .queue_overflow = 1, .batches = 1};
  Bare f{settings};
  f.open();
  f.give(InputKind::closed, {1, 1006, 0, none});
  f.now = 2'000;
  f.give(InputKind::timer);
  f.give(InputKind::opened, {2, 1});
  f.take();
  CHECK(f.send(3, json) == 1);
  CHECK(f.take() == Lines{{CommandKind::defer}});
  // No message is dropped to make room yet.
  CHECK(f.send(4, json) == 0);
  CHECK(f.take() ==
        Lines{{CommandKind::transmit, 3, steady::kernel::in_batch}, {CommandKind::again}});
  SECTION("transmitted") {
    CHECK(f.give(InputKind::again) == 2);
    CHECK(f.count(f.take(), CommandKind::drop) == 0);
  }
  SECTION("not transmitted, and the oldest is dropped") {
    CHECK(f.give(InputKind::not_transmitted, {3, 0}) == 0);
    CHECK(f.give(InputKind::again) == 2);
    CHECK(f.take() == Lines{{CommandKind::drop, 1, number(DropReason::queue_full), 3},
                            {CommandKind::release, 3}});
  }
  CHECK(f.kernel.queued_messages() == 1);
}

TEST_CASE("two inputs that need buffered_amount request one turn") {
  Bare f{{.high_water_mark = 10}};
  f.open();
  CHECK(f.send(3) == 0);
  f.buffered = none;
  f.send(4);
  f.send(5);
  CHECK(f.count(f.take(), CommandKind::again) == 1);
}

TEST_CASE("the result of decide is applied unless the user has called the socket meanwhile") {
  const Settings settings{.decides = 1};
  Bare f{settings};
  f.open();
  f.give(InputKind::closed, {1, 1006, 0, none});
  CHECK(f.take().back().kind == CommandKind::decide);
  CHECK(f.kernel.state() == State::waiting);
  f.give(InputKind::decided, {static_cast<double>(CloseAction::fatal)});
  CHECK(f.kernel.state() == State::closed);

  Bare other{settings};
  other.open();
  other.give(InputKind::closed, {1, 1006, 0, none});
  other.give(InputKind::connect);
  CHECK(other.kernel.state() == State::connecting);
  other.give(InputKind::decided, {static_cast<double>(CloseAction::fatal)});
  CHECK(other.kernel.state() == State::connecting);
  CHECK(other.count(other.take(), CommandKind::close) == 1);
}

TEST_CASE("spent credit is renewed while the platform's buffer has room") {
  Bare f({.high_water_mark = 100'000});
  f.give(InputKind::start);
  f.give(InputKind::connect);
  f.give(InputKind::opened, {1, 0, 1});
  const Lines opened = f.take();
  constexpr double receive = steady::kernel::grant_receive;
  CHECK(opened.back() == Line(CommandKind::grant, receive, 65'536));

  f.buffered = 65'536;
  f.give(InputKind::spent);
  CHECK(f.take() == Lines{{CommandKind::grant, receive, 100'000 - 65'536}});
  f.buffered = 100'000;
  f.give(InputKind::spent);
  CHECK(f.take() == Lines{{CommandKind::grant, receive, 0}});
  f.give(InputKind::spent);
  CHECK(f.take().empty());
}

TEST_CASE("an untracked message takes at most two commands and no lasting memory") {
  Bare f;
  f.open();
  for (int i = 0; i < 10'000; ++i) {
    CHECK(f.send(3) == 0);
    CHECK(f.take().size() <= 2);
    f.now += 20;
    f.give(InputKind::timer);
    f.take();
  }
  CHECK(f.kernel.queued_messages() == 0);
}
