#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

/// A private key and its certificate.
struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  /// The certificate in PEM format.
  std::string pem() const;
};

/// Creates a self-signed certificate authority.
Identity make_authority();

/// Contents of a certificate.
struct Subject {
  /// Subject alternative names in OpenSSL's syntax: "DNS:a.test,IP:127.0.0.1".
  std::string names;
  /// Seconds from now.
  long valid_from = -3600;
  long valid_until = 3600;
  /// Ignored by clients when they verify the host name.
  std::string common_name = "a test's server";
};
Identity issue(const Identity& authority, const Subject& subject);

/// Creates a context for a TLS server that presents the certificate.
std::shared_ptr<SSL_CTX> make_server_context(const Identity& identity);
