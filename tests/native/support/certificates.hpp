#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

/// A key and its certificate.
struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  /// The certificate as PEM text.
  std::string pem() const;
};

/// A certificate authority, which signs itself.
Identity make_authority();

/// What a certificate says.
struct Subject {
  /// As OpenSSL writes subject alternative names: "DNS:a.test,IP:127.0.0.1".
  std::string names;
  /// Seconds from now.
  long valid_from = -3600;
  long valid_until = 3600;
  /// Which is not for names any more.
  std::string common_name = "a test's server";
};
Identity issue(const Identity& authority, const Subject& subject);

/// A context of a TLS server that shows the certificate.
std::shared_ptr<SSL_CTX> make_server_context(const Identity& identity);
