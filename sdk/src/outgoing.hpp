#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "payload_table.hpp"
#include "steady/options.hpp"
#include "steady/transport.hpp"

namespace steady::detail {

/// What the kernel's handles stand for, and how it is handed to a Transport.
class Outgoing {
 public:
  /// `options` must outlive it.
  explicit Outgoing(const Options& options)
      : options_(options), first_message_(options.first_message) {}
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  PayloadTable& payloads() { return payloads_; }

  /// What the next connections begin with. Returns its bytes, negative for none.
  double set_first_message(std::optional<std::string>&& message);

  /// From now on so many bytes may be sent without asking the kernel: see CommandKind::grant.
  void set_credit(double bytes) { credit_ = bytes; }
  /// Sends a message within the credit. False if it was not sent, and the kernel has to be asked.
  /// Afterwards borrowed bytes are copied if they are `kept`.
  bool send_on_credit(Transport* transport, Payload& payload, bool kept);
  /// Moves what was sent so since the last call to the end of `sent`, unless it has left already.
  void take_sent(const Transport& transport, std::vector<Payload>& sent);
  /// There is another connection, or none.
  void end_connection();

  /// Adds a message to the frame that is being made. `bits`: TransmitBit. False if more follow.
  bool add(std::uint32_t handle, std::uint32_t bits);
  /// Hands the frame over. `transport` may be null.
  TransportSend send(Transport* transport);
  /// The messages of the frame.
  const std::vector<std::uint32_t>& frame() const { return frame_; }
  /// The next message begins another frame.
  void end_frame() { frame_.clear(); }

 private:
  const Options& options_;
  PayloadTable payloads_;
  std::optional<std::string> first_message_;
  std::vector<std::uint32_t> frame_;
  double credit_ = 0;
  /// Within the credit, and not reported to the kernel yet.
  std::vector<Payload> sent_;
  bool is_batch_ = false;
};

}  // namespace steady::detail
