#pragma once

#include <openssl/ssl.h>

#include <string>

namespace steady::native {

// One of system_roots_*.cpp is compiled, by the system: see cmake/native.cmake.

/// Trusts the certificates that the system trusts as roots for servers, or, if the environment
/// variables SSL_CERT_FILE and SSL_CERT_DIR are set, those that they name. Returns the error, or an
/// empty string.
std::string add_system_roots(SSL_CTX* context);

}  // namespace steady::native
