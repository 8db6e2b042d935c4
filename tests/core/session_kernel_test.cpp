// The rules of docs/design/session-protocol.md in the kernel alone.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "../../sdk/kernel/kernel.hpp"
#include "catch.hpp"
#include "steady/send_result.hpp"

using steady::DropReason;
using steady::ErrorCode;
using steady::SessionState;
using steady::kernel::Command;
using steady::kernel::CommandKind;
using steady::kernel::InputKind;
using steady::kernel::Settings;

namespace {

constexpr double mebibyte = 1 << 20;

Settings with_session() {
  Settings settings;
  settings.sessions = 1;
  return settings;
}

/// A kernel with a session. Its commands are not executed, and time changes only if a test sets it.
struct Member {
  explicit Member(const Settings& settings = with_session()) : kernel(settings) {
    give(InputKind::start);
    give(InputKind::connect);
  }

  double give(InputKind kind, std::initializer_list<double> numbers = {}) {
    double of[5] = {};
    std::copy(numbers.begin(), numbers.end(), of);
    const double answer =
        kernel.input({.now = now, .random = 0.5, .buffered = 0, .received = received},
                     {kind, of[0], of[1], of[2], of[3], of[4]});
    for (std::size_t i = 0; i < kernel.commands().size(); ++i) note(kernel.commands().data()[i]);
    kernel.commands().clear();
    return answer;
  }
  double send(double size = 10, double flags = 0) {
    return give(InputKind::send, {++handle, size, flags, -1});
  }
  void control(char letter, double c = 0, double d = 0, double e = 0) {
    give(InputKind::control, {attempt(), static_cast<double>(letter), c, d, e});
  }
  double attempt() const { return kernel.attempt(); }

  void connect() {
    if (kernel.state() == steady::State::waiting) give(InputKind::connect);
    give(InputKind::opened, {attempt(), steady::kernel::opened_session, 1});
    control('G');
  }
  /// Opens a connection with a session that the server knows.
  Member& joined() {
    connect();
    control('W', 1, 0, -1);
    take();
    return *this;
  }
  void lose() { give(InputKind::closed, {attempt(), 1006, 0, -1}); }
  /// Runs the timers that are due within this time.
  void wait(double ms) {
    const double end = now + ms;
    for (double due = kernel.next_deadline(); due >= 0 && due <= end;
         due = kernel.next_deadline()) {
      now = due;
      give(InputKind::timer);
    }
    now = end;
  }

  /// The commands since the last call: messages as their numbers, control frames as letters with
  /// their numbers, hellos, changes of the session, and drops.
  std::string take() { return std::exchange(lines, {}); }

  double now = 1'000;
  double received = -1;
  double handle = 100;
  std::string lines;
  steady::kernel::Kernel kernel;

 private:
  void note(const Command& command) {
    const auto number = [](double value) { return std::to_string(static_cast<long long>(value)); };
    std::string line;
    switch (static_cast<CommandKind>(command.kind)) {
      case CommandKind::transmit:
        line = number(command.c);
        break;
      case CommandKind::control:
        line = std::string(1, static_cast<char>(command.a));
        if (line != "X") line += number(command.b);
        if (line[0] == '!') line += "," + number(command.c);
        break;
      case CommandKind::hello:
        line = "H" + number(command.a) + "," + number(command.b) + (command.c != 0 ? ",new" : "");
        break;
      case CommandKind::session:
        line = to_string(static_cast<SessionState>(command.a));
        break;
      case CommandKind::drop:
        line = std::string("drop:") + to_string(static_cast<DropReason>(command.b));
        break;
      case CommandKind::delivered:
        line = std::string("delivered:") + to_string(static_cast<ErrorCode>(command.a));
        break;
      case CommandKind::shut:
        line = "shut" + number(command.a);
        break;
      default:
        return;
    }
    lines += (lines.empty() ? "" : " ") + line;
  }
};

}  // namespace

TEST_CASE("a new session needs no round trip") {
  Member m;
  m.send();
  m.connect();
  CHECK(m.take() == "H1,0,new 1 ?1");
  m.control('W', 1, 0, -1);
  CHECK(m.take() == "new");
}

TEST_CASE("an unacknowledged message is sent again with its number") {
  Member m;
  m.joined();
  m.send();
  m.send();
  m.control('A', 1);
  m.lose();
  m.take();
  m.connect();
  CHECK(m.take() == "H2,0");
  m.control('W', 1, 1, -1);
  CHECK(m.take() == "resumed @2 2 ?2");
}

TEST_CASE("failed attempts do not extend the ttl of a session") {
  Settings settings = with_session();
  settings.session_ttl = 10'000;
  Member m(settings);
  m.joined();
  m.lose();
  m.wait(6'000);
  m.give(InputKind::connect);
  m.lose();
  m.take();
  m.wait(4'100);
  CHECK(m.take().find("lost") != std::string::npos);
}

TEST_CASE("a session does not expire while a hello is unanswered") {
  Settings settings = with_session();
  settings.session_ttl = 5'000;
  Member m(settings);
  m.joined();
  m.lose();
  m.wait(4'000);
  m.connect();
  m.wait(2'000);
  m.take();
  m.control('W', 1, 0, -1);
  CHECK(m.take().find("resumed") == 0);
}

TEST_CASE("messages handled after the hello was sent are acknowledged") {
  Member m;
  m.joined();
  m.received = 5;
  m.lose();
  m.connect();
  CHECK(m.take() == "H2,5");
  // Meanwhile poll() has dispatched a message of the previous connection.
  m.received = 6;
  m.control('W', 1, 0, -1);
  m.take();
  m.wait(250);
  CHECK(m.take() == "A6");
}

TEST_CASE("a request of a lost session is repeated with a number of the new one") {
  Member m;
  m.joined();
  m.send();
  const double answer =
      m.send(10, steady::kernel::expects_reply | steady::kernel::repeat_unanswered);
  CHECK(answer > steady::kernel::sent_with_id);
  m.control('A', 2);
  m.lose();
  m.connect();
  m.take();
  m.control('W', 0, 0, -1);
  CHECK(m.take() == "lost @1 1 ?2");
}

TEST_CASE("delivered() between two sessions waits for the next") {
  Member m;
  m.joined();
  m.control('X');
  m.take();
  m.send();
  m.give(InputKind::delivered);
  CHECK(m.take().empty());
  m.lose();
  m.connect();
  m.control('W', 1, 0, -1);
  m.take();
  m.control('A', 1);
  CHECK(m.take() == "delivered:none");
}

TEST_CASE("a window is at most 1 MiB, or one longer message") {
  Member m;
  m.joined();
  m.send(mebibyte / 2);
  m.send(mebibyte / 2 - 1'000);
  CHECK(m.take() == "1 2");
  m.send(1'000);
  CHECK(m.take().empty());
  m.control('A', 1);
  CHECK(m.take() == "3");
  m.send(2 * mebibyte);
  CHECK(m.take().empty());
  m.control('A', 2);
  CHECK(m.take().empty());
  m.control('A', 3);
  CHECK(m.take() == "4");
}

TEST_CASE("a batch does not exceed the window") {
  Settings settings = with_session();
  settings.batches = 1;
  settings.batch_max_bytes = mebibyte;
  settings.batch_max_messages = 10;
  Member m(settings);
  m.give(InputKind::opened,
         {1, steady::kernel::opened_session | steady::kernel::opened_batching, 1});
  m.control('G');
  m.control('W', 1, 0, -1);
  m.take();
  for (int i = 0; i < 5; ++i) m.send(250'000, steady::kernel::is_json);
  m.give(InputKind::task_over);
  // Four messages in one frame.
  CHECK(m.take() == "1 1 1 1");
  m.control('A', 1);
  CHECK(m.take() == "2");
}

TEST_CASE("after the end of a session no more frames are sent on its connection") {
  Member m;
  m.joined();
  m.received = 1;
  m.give(InputKind::received);
  m.control('X');
  CHECK(m.take() == "ended shut1000");
  m.send();
  m.wait(2'900);
  CHECK(m.take().empty());
}

TEST_CASE("messages after a first hello are sent again if the server has lost the session") {
  Member m;
  m.send();
  m.connect();
  m.take();
  m.control('W', 0, 0, -1);
  CHECK(m.take() == "lost @1 1");
}

TEST_CASE("messages after a repeated first hello may have arrived, and are unconfirmed") {
  Member m;
  m.send();
  m.connect();
  m.lose();
  m.connect();
  m.take();
  m.control('W', 0, 0, -1);
  CHECK(m.take() == "drop:unconfirmed lost @1 ?2");
}

TEST_CASE("a closing socket sends no acknowledgements") {
  Member m;
  m.joined();
  m.received = 1;
  m.give(InputKind::received);
  m.give(InputKind::close, {0, -1});
  CHECK(m.take() == "X ended shut0");
  m.received = 200;
  m.give(InputKind::received);
  m.wait(1'000);
  CHECK(m.take().empty());
}

TEST_CASE("a rejected message leaves a gap in the numbers only if later ones were sent") {
  Member m;
  m.joined();
  m.send();
  m.give(InputKind::not_transmitted, {101, 1});
  CHECK(m.take() == "1 drop:refused");
  m.send();
  m.send();
  m.send();
  m.give(InputKind::not_transmitted, {103, 1});
  CHECK(m.take() == "1 2 3 drop:refused");
  m.control('A', 3);
  m.send();
  CHECK(m.take() == "4");
}

TEST_CASE("an acknowledgement of a message that was not sent closes the socket") {
  Member m;
  m.joined();
  m.send();
  m.take();
  m.control('A', 2);
  CHECK(m.take().find("shut4400") == 0);
  CHECK(m.kernel.state() == steady::State::closed);
}

TEST_CASE("a rejected message does not widen the window") {
  Settings settings = with_session();
  settings.session_window = 1;
  Member m(settings);
  m.joined();
  m.send();
  m.give(InputKind::not_transmitted, {101, 1});
  m.control('A', 0);
  m.take();
  m.send();
  m.send();
  CHECK(m.take() == "1");
}

TEST_CASE("a reply to an unknown ping is ignored as a whole") {
  Member m;
  m.joined();
  m.send();
  m.give(InputKind::delivered);
  m.take();
  m.control('!', 7, 1, 0);
  CHECK(m.take().empty());
  m.control('!', 1, 1, 0);
  CHECK(m.take() == "delivered:none");
}

TEST_CASE("a welcome that acknowledges a message that was not sent closes the connection") {
  for (const auto& [is_same, handled, before] :
       {std::array{1, 2, -1}, std::array{0, 1, -1}, std::array{0, 0, 2}}) {
    Member m;
    m.send();
    m.connect();
    m.take();
    m.control('W', is_same, handled, before);
    CHECK(m.take().find("shut4400") == 0);
  }
}

TEST_CASE("X before the hello closes the connection, and the session continues") {
  Member m;
  m.joined();
  m.send();
  m.lose();
  m.give(InputKind::connect);
  m.give(InputKind::opened, {2, steady::kernel::opened_session, 1});
  m.take();
  m.control('X');
  CHECK(m.take() == "shut1000");
  m.lose();
  m.connect();
  m.take();
  m.control('W', 1, 0, -1);
  CHECK(m.take() == "resumed @1 1 ?2");
}

TEST_CASE("close ends the session, also if reconnect() follows before the close completes") {
  Member m;
  m.joined();
  m.send();
  m.give(InputKind::close, {0, -1});
  m.give(InputKind::reconnect);
  m.connect();
  CHECK(m.take() == "1 X drop:unconfirmed ended shut0 H2,0,new ?2");
}
