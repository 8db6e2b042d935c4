#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "asio.hpp"
#include "steady/native/native_options.hpp"

namespace steady::native {

/// Creates the context for all wss: connections of a runtime. Returns null and sets `why` on
/// failure.
std::shared_ptr<asio::ssl::context> make_tls(const TlsOptions& options, std::string& why);

/// Sets SNI, ALPN and the host that the server's certificate must match. Returns OpenSSL's error
/// on failure.
error_code expect_host(SSL* connection, const std::string& written_host, const TlsOptions& options);

/// Returns protocol, cipher, certificate and the result of the verification of a completed
/// handshake, as in "TLSv1.3, TLS_AES_256_GCM_SHA384, certificate of CN=a.test (a.test), verified".
std::string describe_tls(SSL* connection);

/// Returns a readable message for a failed handshake.
std::string explain_handshake(SSL* connection, const error_code& error);

}  // namespace steady::native
