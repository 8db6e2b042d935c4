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

namespace steady::native {

/// What a Dialer is to reach.
struct DialTarget {
  std::string host;
  std::uint16_t port = 0;
  /// The addresses of the host, or of the proxy, if they are known.
  Addresses known = {};
  std::optional<Proxy> proxy = {};
  /// As the User-Agent field has it.
  std::string agent = {};
};

/// Makes one TCP connection: resolves the name, tries its addresses as RFC 8305 has it (both
/// families in turn, a new attempt every 250 ms, the first that is answered wins), and asks a proxy
/// for a tunnel if there is one.
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  /// `error` is empty if `socket` is connected.
  using Done = std::function<void(Tcp socket, const std::string& error)>;

  Dialer(asio::io_context& context, DialTarget target);
  void start(Resolver& resolver, Done done);
  /// Nobody is told any more.
  void cancel();

 private:
  void try_addresses(const Addresses& addresses);
  void try_next();
  void tried(std::size_t attempt, error_code error);
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
  Done done_;
  std::vector<asio::ip::tcp::endpoint> endpoints_;
  std::size_t next_ = 0;
  /// Each a socket that is being connected; closed when it has failed.
  std::vector<std::unique_ptr<Tcp>> attempts_;
  std::size_t running_ = 0;
  error_code first_error_;
  Timer next_attempt_;
  Tcp socket_;
  std::string proxy_buffer_;
};

/// Of the first address's family one, of the other one, and so on (RFC 8305 4).
Addresses interleaved(const Addresses& addresses);

}  // namespace steady::native
