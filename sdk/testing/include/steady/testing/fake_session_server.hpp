#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "steady/testing/manual_runtime.hpp"

namespace steady::testing {

/// A server with one session (Options::session, docs/design/session-protocol.md) over any number of
/// FakeConnections of one Socket:
///
///     server.accept();                       // the newest connection
///     server.send("hello");
///     runtime.connection().drop();           // the network breaks
///     runtime.advance(10s);                  // the socket reconnects
///     server.accept();                       // the session continues
///     server.take();                         // what the socket has sent, each message once
class FakeSessionServer {
 public:
  /// `runtime` must outlive it.
  explicit FakeSessionServer(ManualRuntime& runtime) : runtime_(runtime) {}

  /// Accepts the newest connection, which must be connecting and offer sessions, greets it, and
  /// reads.
  void accept();
  /// Reads what the client has sent since the last call: answers its hello and its questions, and
  /// acknowledges its messages.
  void read();
  /// Reads. Returns the payloads of the client's messages since the last call.
  std::vector<std::string> take();
  /// Sends a text message, at once or when the session continues.
  void send(std::string_view text);
  /// Sends a binary message that is not kept: at once, or not at all.
  void send_volatile(std::string_view bytes);
  /// With false, messages are acknowledged in answers to questions only. Default: true.
  void acknowledge(bool does) { acknowledges_ = does; }
  /// Loses the session and everything that it has, as a server that starts anew.
  void forget();
  /// Ends the session.
  void end();
  /// Returns the number of sent messages that the client has not acknowledged.
  std::size_t unacknowledged() const { return unacknowledged_.size(); }

 private:
  struct Unacknowledged {
    std::uint64_t number;
    std::string text;
  };

  FakeConnection& connection() { return runtime_.connection(connection_); }
  bool is_connected() { return is_member_ && !connection().abandoned(); }
  void deliver(const std::string& control);
  /// Sends the number of the next message if the client does not know it.
  void begin_message(std::uint64_t number);
  void read_frame(const FakeConnection::Sent& sent);
  void read_control(const std::string& frame);
  void welcome(const std::string& id, const std::string& epoch, std::uint64_t received);
  void forget_through(std::uint64_t number);

  ManualRuntime& runtime_;
  std::size_t connection_ = 0;
  /// Frames of the connection that were read.
  std::size_t seen_ = 0;
  /// The hello of the connection was answered.
  bool is_member_ = false;
  bool acknowledges_ = true;

  std::uint64_t lives_ = 1;
  std::uint64_t epochs_ = 0;
  std::string id_;
  std::string epoch_;
  /// Number of the client's next frame; 0 if unknown.
  std::uint64_t expected_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t sent_ = 0;
  /// Number of the client's next message from here; 0 if unknown.
  std::uint64_t outgoing_ = 0;
  std::deque<Unacknowledged> unacknowledged_;
  std::vector<std::string> messages_;
};

}  // namespace steady::testing
