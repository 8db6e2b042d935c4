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

/// The addresses of a name, or why there are none.
struct Resolved {
  Addresses addresses;
  std::string error;
};

/// Asks the system, and waits for as long as that takes.
Resolved resolve_by_system(const std::string& name);

/// Asks in a thread that nobody waits for: the system's resolver may hang for minutes, and cannot
/// be stopped. For one name there is no second question while the first is not answered.
class Resolver {
 public:
  using Lookup = std::function<Resolved(const std::string& name)>;
  /// Called where the network is served.
  using Answer = std::function<void(const Resolved&)>;

  explicit Resolver(asio::io_context& context, Lookup lookup = resolve_by_system);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// Nobody is answered any more.
  ~Resolver();

  void resolve(const std::string& name, Answer answer);

 private:
  /// What the threads know.
  struct Shared {
    std::mutex mutex;
    /// Null when there is nobody to answer.
    asio::io_context* context;
    Lookup lookup;
    /// Touched only where the network is served.
    std::map<std::string, std::vector<Answer>> waiting;
  };

  static void answer(Shared& shared, const std::string& name, const Resolved& resolved);

  std::shared_ptr<Shared> shared_;
};

}  // namespace steady::native
