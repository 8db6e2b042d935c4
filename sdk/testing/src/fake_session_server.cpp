#include "steady/testing/fake_session_server.hpp"

#include <cstdlib>
#include <sstream>
#include <utility>

namespace steady::testing {

namespace {

constexpr char mark = '\x10';

std::string marked(std::string_view text) {
  return text.starts_with(mark) ? mark + std::string(text) : std::string(text);
}

}  // namespace

void FakeSessionServer::accept() {
  connection_ = runtime_.transports() - 1;
  seen_ = 0;
  is_member_ = false;
  expected_ = 0;
  connection().accept(connection().request().subprotocols.back());
  deliver("G 1 life" + std::to_string(lives_));
  read();
}

void FakeSessionServer::deliver(const std::string& control) {
  connection().deliver_text(mark + control);
}

void FakeSessionServer::read() {
  // Answering may cause further frames.
  while (seen_ < connection().sent().size()) {
    const FakeConnection::Sent sent = connection().sent()[seen_++];
    read_frame(sent);
  }
  if (acknowledges_ && is_connected() && received_ > acknowledged_) {
    acknowledged_ = received_;
    deliver("A " + std::to_string(received_));
    read();
  }
}

void FakeSessionServer::read_frame(const FakeConnection::Sent& sent) {
  const bool is_marked = sent.kind == MessageKind::text && sent.data.starts_with(mark);
  if (is_marked && (sent.data.size() == 1 || sent.data[1] != mark)) {
    read_control(sent.data.substr(1));
    return;
  }
  if (is_member_) {
    if (expected_ == 0) return;
    const std::uint64_t number = expected_++;
    if (number <= received_) return;
    received_ = number;
  }
  messages_.push_back(is_marked ? sent.data.substr(1) : sent.data);
}

void FakeSessionServer::read_control(const std::string& frame) {
  std::istringstream fields(frame.substr(1));
  std::string id;
  std::string epoch;
  std::uint64_t number = 0;
  switch (frame.front()) {
    case 'H': {
      std::uint64_t generation = 0;
      fields >> id >> epoch >> generation >> number;
      welcome(id, epoch, number);
      break;
    }
    case '@':
      fields >> expected_;
      break;
    case 'A':
      fields >> number;
      forget_through(number);
      break;
    case '?':
      fields >> number;
      acknowledged_ = received_;
      deliver("! " + std::to_string(number) + " " + std::to_string(received_) + " " +
              std::to_string(runtime_.wall_clock().count()));
      break;
    case 'X':
      forget();
      break;
    default:
      break;
  }
}

void FakeSessionServer::welcome(const std::string& id, const std::string& epoch,
                                std::uint64_t received) {
  const bool is_new = id != id_ && epoch == "life" + std::to_string(lives_);
  const bool is_known = id == id_ && epoch == epoch_;
  if (!is_known) {
    id_ = id;
    epoch_ = is_new ? epoch : "epoch" + std::to_string(++epochs_);
    received_ = sent_ = 0;
    unacknowledged_.clear();
  }
  is_member_ = true;
  expected_ = is_new ? 1 : 0;
  acknowledged_ = received_;
  deliver("W " + epoch_ + " " + std::to_string(received_) + " 60000");
  outgoing_ = is_new ? 1 : 0;
  if (is_new || connection().abandoned()) return;
  forget_through(received);
  if (unacknowledged_.empty()) begin_message(sent_ + 1);
  const auto again = unacknowledged_;
  for (const Unacknowledged& message : again) {
    begin_message(message.number);
    connection().deliver_text(message.text);
    outgoing_ = message.number + 1;
  }
}

void FakeSessionServer::begin_message(std::uint64_t number) {
  if (outgoing_ != number) deliver("@ " + std::to_string(number));
  outgoing_ = number;
}

void FakeSessionServer::forget_through(std::uint64_t number) {
  while (!unacknowledged_.empty() && unacknowledged_.front().number <= number) {
    unacknowledged_.pop_front();
  }
}

std::vector<std::string> FakeSessionServer::take() {
  if (runtime_.transports() > connection_) read();
  return std::exchange(messages_, {});
}

void FakeSessionServer::send(std::string_view text) {
  unacknowledged_.push_back({++sent_, marked(text)});
  if (!is_connected()) return;
  begin_message(sent_);
  outgoing_ = sent_ + 1;
  connection().deliver_text(unacknowledged_.back().text);
}

void FakeSessionServer::send_volatile(std::string_view bytes) {
  if (!is_connected()) return;
  begin_message(++sent_);
  outgoing_ = sent_ + 1;
  connection().deliver_binary(bytes);
}

void FakeSessionServer::forget() {
  ++lives_;
  id_.clear();
  epoch_.clear();
  is_member_ = false;
  received_ = acknowledged_ = sent_ = 0;
  unacknowledged_.clear();
}

void FakeSessionServer::end() {
  read();
  if (is_connected()) deliver("X");
  forget();
}

}  // namespace steady::testing
