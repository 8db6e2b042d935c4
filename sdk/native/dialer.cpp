#include "dialer.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

#ifndef _WIN32
#include <fcntl.h>
#endif

namespace steady::native {

namespace {

/// RFC 8305 5: "Connection Attempt Delay".
constexpr std::chrono::milliseconds attempt_delay{250};
/// Maximum size of a proxy's response header, in bytes.
constexpr std::size_t max_response_header = std::size_t{16} << 10;

/// Opens the socket with close-on-exec, so that child processes do not inherit it. Errors are
/// ignored, because async_connect reports them for a socket that is not open.
void open_close_on_exec(Tcp& socket, const asio::ip::tcp& protocol) {
  error_code error;
  socket.open(protocol, error);
#ifndef _WIN32
  if (!error) ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
#endif
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  return authority(endpoint.address().to_string(), endpoint.port());
}

std::string joined(const Addresses& addresses) {
  std::string list;
  for (const auto& address : addresses) list += (list.empty() ? "" : ", ") + address.to_string();
  return list;
}

}  // namespace

Addresses interleaved(const Addresses& addresses) {
  Addresses first;
  Addresses second;
  for (const auto& address : addresses) {
    (address.is_v4() == addresses.front().is_v4() ? first : second).push_back(address);
  }
  Addresses order;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) order.push_back(first[i]);
    if (i < second.size()) order.push_back(second[i]);
  }
  return order;
}

Dialer::Dialer(asio::io_context& context, DialTarget target, StepLog steps)
    : context_(context),
      target_(std::move(target)),
      steps_(std::move(steps)),
      next_attempt_(context.get_executor()),
      socket_(context.get_executor()) {}

void Dialer::start(Resolver& resolver, Done done) {
  done_ = std::move(done);
  const std::string& host = dialed_host();
  error_code error;
  const auto numeric = asio::ip::make_address(host, error);
  if (!error) return try_addresses({numeric});
  if (target_.known.empty()) return resolve(resolver);
  if (steps_) steps_("resolved " + host + " by NativeOptions::hosts: " + joined(target_.known));
  try_addresses(target_.known);
}

void Dialer::resolve(Resolver& resolver) {
  if (steps_) steps_("resolving " + dialed_host());
  resolver.resolve(dialed_host(), [weak = weak_from_this()](const Resolved& resolved) {
    const auto self = weak.lock();
    if (self && self->done_) self->resolved(resolved);
  });
}

void Dialer::resolved(const Resolved& resolved) {
  if (resolved.addresses.empty()) {
    const std::string why =
        "the name " + dialed_host() + " could not be resolved: " + resolved.error;
    if (steps_) steps_(why);
    return fail(why);
  }
  if (steps_) steps_("resolved " + dialed_host() + ": " + joined(resolved.addresses));
  try_addresses(resolved.addresses);
}

void Dialer::cancel() {
  done_ = nullptr;
  close_all();
}

void Dialer::close_all() {
  error_code ignored;
  next_attempt_.cancel();
  for (const auto& attempt : attempts_) attempt->close(ignored);
  socket_.close(ignored);
}

void Dialer::try_addresses(const Addresses& addresses) {
  for (const auto& address : interleaved(addresses))
    endpoints_.emplace_back(address, dialed_port());
  try_next();
}

void Dialer::try_next() {
  const auto endpoint = endpoints_[next_++];
  const std::size_t attempt = attempts_.size();
  attempts_.push_back(std::make_unique<Tcp>(context_.get_executor()));
  ++running_;
  if (steps_) steps_("connecting to " + text_of(endpoint));
  open_close_on_exec(*attempts_.back(), endpoint.protocol());
  attempts_.back()->async_connect(endpoint, [self = shared_from_this(), attempt](error_code error) {
    self->tried(attempt, error);
  });
  if (next_ == endpoints_.size()) return;
  next_attempt_.expires_after(attempt_delay);
  next_attempt_.async_wait([self = shared_from_this()](error_code error) {
    const bool is_over = !self->done_ || self->socket_.is_open();
    if (!error && !is_over && self->next_ < self->endpoints_.size()) self->try_next();
  });
}

void Dialer::tried(std::size_t attempt, error_code error) {
  --running_;
  if (!done_ || socket_.is_open()) return;
  if (steps_) {
    // Attempts are made in the order of the endpoints.
    const std::string where = text_of(endpoints_[attempt]);
    steps_(error ? "could not connect to " + where + ": " + error.message()
                 : "connected to " + where);
  }
  if (!error) return connected(*attempts_[attempt]);
  if (!first_error_) first_error_ = error;
  attempts_[attempt]->close(error);
  if (next_ < endpoints_.size()) {
    // After a failure the next attempt does not wait for the delay.
    next_attempt_.cancel();
    try_next();
  } else if (running_ == 0) {
    fail(std::string("could not connect to ") + (target_.proxy ? "the proxy " : "") +
         authority(dialed_host(), dialed_port()) + ": " + first_error_.message());
  }
}

void Dialer::connected(Tcp& attempt) {
  socket_ = std::move(attempt);
  next_attempt_.cancel();
  error_code ignored;
  for (const auto& other : attempts_) other->close(ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  if (target_.proxy) {
    request_tunnel();
  } else {
    succeed();
  }
}

void Dialer::request_tunnel() {
  const std::string target = authority(target_.host, target_.port);
  if (steps_) {
    steps_("requesting a tunnel to " + target + " from the proxy " +
           authority(dialed_host(), dialed_port()));
  }
  proxy_buffer_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!target_.proxy->credentials.empty()) {
    proxy_buffer_ += "Proxy-Authorization: Basic " + base64(target_.proxy->credentials) + "\r\n";
  }
  if (!target_.agent.empty()) proxy_buffer_ += "User-Agent: " + target_.agent + "\r\n";
  proxy_buffer_ += "\r\n";
  asio::async_write(socket_, asio::buffer(proxy_buffer_),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      if (!self->done_) return;
                      if (error) {
                        self->fail("the proxy closed the connection: " + error.message());
                        return;
                      }
                      self->proxy_buffer_.clear();
                      asio::async_read_until(
                          self->socket_,
                          asio::dynamic_buffer(self->proxy_buffer_, max_response_header),
                          "\r\n\r\n", [self](error_code failed, std::size_t size) {
                            if (self->done_) self->on_proxy_response(failed, size);
                          });
                    });
}

void Dialer::on_proxy_response(error_code error, std::size_t size) {
  if (error == asio::error::not_found) return fail("the proxy's response header exceeds 16 KiB");
  if (error) return fail("the proxy closed the connection: " + error.message());
  const std::string line = proxy_buffer_.substr(0, proxy_buffer_.find('\r'));
  const bool is_http = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ';
  if (!is_http) return fail("the proxy's response is not HTTP");
  if (steps_) {
    steps_("the proxy " + authority(dialed_host(), dialed_port()) + " answered " + line.substr(9));
  }
  if (line[9] != '2') return fail("the proxy answered " + line.substr(9));
  // In TLS and in WebSocket the client speaks first, so these bytes are not from the server.
  if (proxy_buffer_.size() > size) return fail("the proxy sent data after its response header");
  succeed();
}

void Dialer::succeed() { std::exchange(done_, nullptr)(std::move(socket_), {}); }

void Dialer::fail(const std::string& error) {
  close_all();
  std::exchange(done_, nullptr)(Tcp(context_.get_executor()), error);
}

}  // namespace steady::native
