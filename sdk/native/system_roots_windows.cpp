// Windows: the store "ROOT" of the user, which includes the machine's.
#include <windows.h>
// Its macros collide with names of OpenSSL, which removes them.
#include <wincrypt.h>

#include <cstddef>
#include <cstring>
#include <vector>

#include "root_variables.hpp"
#include "system_roots.hpp"

namespace steady::native {

namespace {

/// True if the certificate is trusted for servers. The store also has roots for other purposes
/// only, such as for signed programs.
bool is_for_servers(PCCERT_CONTEXT certificate) {
  // Only the store's property. The extension of the same name limits the certificate itself, and
  // OpenSSL checks it.
  constexpr DWORD property = CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG;
  DWORD size = 0;
  if (!CertGetEnhancedKeyUsage(certificate, property, nullptr, &size)) {
    return GetLastError() == static_cast<DWORD>(CRYPT_E_NOT_FOUND);
  }
  std::vector<std::max_align_t> memory(size / sizeof(std::max_align_t) + 1);
  auto* const usage = reinterpret_cast<CERT_ENHKEY_USAGE*>(memory.data());
  if (!CertGetEnhancedKeyUsage(certificate, property, usage, &size)) return false;
  // An empty list: any purpose without the property, no purpose with it.
  if (usage->cUsageIdentifier == 0) return GetLastError() == static_cast<DWORD>(CRYPT_E_NOT_FOUND);
  for (DWORD at = 0; at < usage->cUsageIdentifier; ++at) {
    if (std::strcmp(usage->rgpszUsageIdentifier[at], szOID_PKIX_KP_SERVER_AUTH) == 0) return true;
  }
  return false;
}

}  // namespace

std::string add_system_roots(SSL_CTX* context) {
  if (const auto result = add_roots_of_variables(context)) return *result;
  const HCERTSTORE store = CertOpenSystemStoreW(0, L"ROOT");
  if (store == nullptr) return "error " + std::to_string(GetLastError());
  PCCERT_CONTEXT certificate = nullptr;
  while ((certificate = CertEnumCertificatesInStore(store, certificate)) != nullptr) {
    if (!is_for_servers(certificate)) continue;
    add_root(context, certificate->pbCertEncoded, static_cast<long>(certificate->cbCertEncoded));
  }
  CertCloseStore(store, 0);
  return {};
}

}  // namespace steady::native
