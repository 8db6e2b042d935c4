#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <string>

namespace steady::native {

/// For systems whose roots are in a store of their own, not in OpenSSL's folder. Trusts the
/// certificates that SSL_CERT_FILE and SSL_CERT_DIR name, and returns the error, or an empty
/// string. Returns no value if neither is set.
///
/// Does not read OpenSSL's folder: it was chosen where OpenSSL was built, and on Windows such a
/// folder may be writable by every user (CVE-2019-1552).
std::optional<std::string> add_roots_of_variables(SSL_CTX* context);

/// Trusts a certificate in DER form. One that OpenSSL cannot parse is left out.
void add_root(SSL_CTX* context, const unsigned char* bytes, long size);

}  // namespace steady::native
