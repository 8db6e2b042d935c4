#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "steady/message.hpp"
#include "steady/payload.hpp"
#include "steady/transport.hpp"

namespace steady::native {

/// A message on its way out.
struct Parcel {
  MessageKind kind = MessageKind::text;
  std::string bytes;
};

/// How a connection is to be closed.
struct Farewell {
  /// 0 is none.
  std::uint16_t code = 0;
  std::string reason;
};

/// What one connection is still to send: filled by the user's thread, emptied where the network is
/// served.
class Outlet {
 public:
  // --- The user's thread. ---

  struct Put {
    TransportSend result;
    /// Nobody was looking: the connection has to be woken.
    bool wakes = false;
  };
  Put put(const Payload& payload);
  /// After what was put. True as Put::wakes.
  bool close(std::uint16_t code, std::string_view reason);
  std::size_t amount() const;

  // --- Where the network is served. ---

  /// Swaps the next one with what `parcel` has, whose memory is used again. False if there is none:
  /// what is put then wakes.
  bool take(Parcel& parcel);
  /// The farewell was said.
  bool is_leaving() const;
  /// What comes after everything, once.
  std::optional<Farewell> take_farewell();
  void written(std::size_t bytes);
  /// Nothing more is taken.
  void shut();

 private:
  bool wakes();

  mutable std::mutex mutex_;
  /// A ring; `count_` of it from `first_` on.
  std::vector<Parcel> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  /// Put and not written.
  std::size_t amount_ = 0;
  bool is_shut_ = false;
  bool is_watched_ = false;
  std::optional<Farewell> farewell_;
};

}  // namespace steady::native
