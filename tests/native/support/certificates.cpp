#include "certificates.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace {

void check(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL failed to create a certificate");
}

std::shared_ptr<EVP_PKEY> make_key() {
  const std::shared_ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr),
                                              EVP_PKEY_CTX_free);
  check(EVP_PKEY_keygen_init(context.get()) == 1);
  check(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1);
  EVP_PKEY* made = nullptr;
  check(EVP_PKEY_keygen(context.get(), &made) == 1);
  std::shared_ptr<EVP_PKEY> key(made, EVP_PKEY_free);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> make_certificate(EVP_PKEY* key, const std::string& name,
                                       const Subject& subject) {
  static long serial = 1;
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), subject.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), subject.valid_until);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const about = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(about, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

}  // namespace

std::string Identity::pem() const {
  BIO* const out = BIO_new(BIO_s_mem());
  check(PEM_write_bio_X509(out, certificate.get()) == 1);
  char* begin = nullptr;
  const long size = BIO_get_mem_data(out, &begin);
  std::string text(begin, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

Identity make_authority() {
  Identity authority{make_key(), nullptr};
  authority.certificate = make_certificate(authority.key.get(), "a test's authority", {});
  X509* const certificate = authority.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  check(X509_sign(certificate, authority.key.get(), EVP_sha256()) > 0);
  return authority;
}

Identity issue(const Identity& authority, const Subject& subject) {
  Identity identity{make_key(), nullptr};
  identity.certificate = make_certificate(identity.key.get(), subject.common_name, subject);
  X509* const certificate = identity.certificate.get();
  X509* const issuer = authority.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_subject_alt_name, subject.names);
  check(X509_sign(certificate, authority.key.get(), EVP_sha256()) > 0);
  return identity;
}

std::shared_ptr<SSL_CTX> make_server_context(const Identity& identity) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  check(SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1);
  check(SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1);
  return context;
}
