#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "asio.hpp"
#include "steady/native/native_options.hpp"

namespace steady::native {

/// What all wss: connections of a runtime share, or why there is none.
std::shared_ptr<asio::ssl::context> make_tls(const TlsOptions& options, std::string& why);

/// What is asked of one connection: the name, and that the certificate is for it.
/// The error of OpenSSL if it refuses.
error_code expect_host(SSL* connection, const std::string& written_host, const TlsOptions& options);

/// What has gone wrong in a handshake, for people.
std::string explain_handshake(SSL* connection, const error_code& error);

}  // namespace steady::native
