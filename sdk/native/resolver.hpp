#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "asio.hpp"

namespace steady::native {

using Addresses = std::vector<asio::ip::address>;

/// The addresses of a name, or the error if there are none.
struct Resolved {
  Addresses addresses;
  std::string error;
};

/// Calls the system's resolver. Blocks.
Resolved resolve_by_system(const std::string& name);

/// Resolves names on detached threads, because the system's resolver may block for minutes and
/// cannot be cancelled. Concurrent requests for one name share one lookup.
class Resolver {
 public:
  using Lookup = std::function<Resolved(const std::string& name)>;
  /// Called on the network thread.
  using Answer = std::function<void(const Resolved&)>;

  explicit Resolver(asio::io_context& context, Lookup lookup = resolve_by_system);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// No answer is delivered after this.
  ~Resolver();

  void resolve(const std::string& name, Answer answer);

 private:
  /// Outlives the resolver while a lookup runs.
  struct Shared {
    std::mutex mutex;
    /// Null after the resolver was destroyed.
    asio::io_context* context;
    Lookup lookup;
    /// Used on the network thread only.
    std::map<std::string, std::vector<Answer>> waiting;
  };

  static void answer(Shared& shared, const std::string& name, const Resolved& resolved);

  std::shared_ptr<Shared> shared_;
};

}  // namespace steady::native
