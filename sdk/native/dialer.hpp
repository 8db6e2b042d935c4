#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "address.hpp"
#include "asio.hpp"
#include "resolver.hpp"
#include "step_log.hpp"

namespace steady::native {

/// The server to connect to, and the proxy to use.
struct DialTarget {
  std::string host;
  std::uint16_t port = 0;
  /// Addresses of the host, or of the proxy if there is one. If empty, the host is resolved.
  Addresses known = {};
  std::optional<Proxy> proxy = {};
  /// Value of the User-Agent field for the proxy. Not sent if empty.
  std::string agent = {};
};

/// Opens one TCP connection: resolves the host, tries its addresses as in RFC 8305 (both address
/// families interleaved, a new attempt every 250 ms, the first to connect wins), and requests a
/// tunnel if there is a proxy.
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  /// `error` is empty on success.
  using Done = std::function<void(Tcp socket, const std::string& error)>;

  Dialer(asio::io_context& context, DialTarget target, StepLog steps = {});
  void start(Resolver& resolver, Done done);
  /// Aborts. `done` is not called after this.
  void cancel();

 private:
  void resolve(Resolver& resolver);
  void resolved(const Resolved& resolved);
  void try_addresses(const Addresses& addresses);
  void try_next();
  void tried(std::size_t attempt, error_code error);
  void connected(Tcp& attempt);
  void request_tunnel();
  void on_proxy_response(error_code error, std::size_t size);
  void succeed();
  void fail(const std::string& error);
  void close_all();

  const std::string& dialed_host() const {
    return target_.proxy ? target_.proxy->host : target_.host;
  }
  std::uint16_t dialed_port() const { return target_.proxy ? target_.proxy->port : target_.port; }

  asio::io_context& context_;
  const DialTarget target_;
  const StepLog steps_;
  Done done_;
  std::vector<asio::ip::tcp::endpoint> endpoints_;
  std::size_t next_ = 0;
  /// Sockets being connected. Closed after a failure.
  std::vector<std::unique_ptr<Tcp>> attempts_;
  std::size_t running_ = 0;
  error_code first_error_;
  Timer next_attempt_;
  Tcp socket_;
  /// The CONNECT request, then the response to it.
  std::string proxy_buffer_;
};

/// Alternates between the address families, beginning with that of the first address (RFC 8305 4).
Addresses interleaved(const Addresses& addresses);

}  // namespace steady::native
