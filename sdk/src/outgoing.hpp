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
  bool is_batch_ = false;
};

}  // namespace steady::detail
