#include "trust.hpp"

#include <windows.h>
// Needs windows.h.
#include <wincrypt.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace {

std::string contents_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

PCCERT_CONTEXT parsed(const std::string& bytes) {
  return CertCreateCertificateContext(X509_ASN_ENCODING,
                                      reinterpret_cast<const BYTE*>(bytes.data()),
                                      static_cast<DWORD>(bytes.size()));
}

/// The part of the store "ROOT" that is the user's own. Closed after each change: Wine writes it
/// then, and does not write what is deleted from the whole store.
HCERTSTORE user_roots() {
  return CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER,
                       L"ROOT");
}

}  // namespace

TrustedRoot::TrustedRoot(const std::string& file) : bytes_(contents_of(file)) {
  const HCERTSTORE store = user_roots();
  const PCCERT_CONTEXT root = parsed(bytes_);
  if (!CertAddCertificateContextToStore(store, root, CERT_STORE_ADD_REPLACE_EXISTING, nullptr)) {
    std::fprintf(stderr, "the root cannot be added: error %lu\n", GetLastError());
    std::exit(1);
  }
  CertFreeCertificateContext(root);
  CertCloseStore(store, 0);
}

TrustedRoot::~TrustedRoot() {
  const HCERTSTORE store = user_roots();
  const PCCERT_CONTEXT root = parsed(bytes_);
  const PCCERT_CONTEXT added =
      CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, root, nullptr);
  // Frees `added`.
  if (added != nullptr) CertDeleteCertificateFromStore(added);
  CertFreeCertificateContext(root);
  CertCloseStore(store, 0);
}
