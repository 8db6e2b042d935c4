#include "root_variables.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstdlib>

namespace steady::native {

namespace {

/// The value of an environment variable; null if it is not set or empty.
const char* value_of(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

}  // namespace

std::optional<std::string> add_roots_of_variables(SSL_CTX* context) {
  const char* const file = value_of("SSL_CERT_FILE");
  const char* const folder = value_of("SSL_CERT_DIR");
  if (file == nullptr && folder == nullptr) return {};
  if (SSL_CTX_load_verify_locations(context, file, folder) == 1) return std::string();
  const char* const reason = ERR_reason_error_string(ERR_get_error());
  return reason == nullptr ? "SSL_CERT_FILE cannot be read" : reason;
}

void add_root(SSL_CTX* context, const unsigned char* bytes, long size) {
  X509* const certificate = d2i_X509(nullptr, &bytes, size);
  if (certificate != nullptr) X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
  X509_free(certificate);
  // A certificate that is left out must not be reported by a later operation.
  ERR_clear_error();
}

}  // namespace steady::native
