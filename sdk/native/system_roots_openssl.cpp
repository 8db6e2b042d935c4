// Linux, BSD and others whose OpenSSL knows the system's file or folder of roots.
#include <openssl/err.h>

#include "system_roots.hpp"

namespace steady::native {

std::string add_system_roots(SSL_CTX* context) {
  if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
  return ERR_reason_error_string(ERR_get_error());
}

}  // namespace steady::native
