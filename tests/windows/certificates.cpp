// Writes into the folder of its first argument: authority.pem, authority.der, and a certificate of
// that authority for 127.0.0.1 with its key, certificate.pem and key.pem.
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "../native/support/certificates.hpp"

namespace {

std::string key_of(const Identity& identity) {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* begin = nullptr;
  const long size = BIO_get_mem_data(out, &begin);
  std::string text(begin, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

std::string der_of(const Identity& identity) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(identity.certificate.get(), &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

int main(int, char** arguments) {
  const std::string folder = std::string(arguments[1]) + "/";
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder + name, std::ios::binary) << bytes;
  };
  const Identity authority = make_authority();
  const Identity server = issue(authority, {.names = "IP:127.0.0.1"});
  write("authority.pem", authority.pem());
  write("authority.der", der_of(authority));
  write("certificate.pem", server.pem());
  write("key.pem", key_of(server));
  std::printf("[\"written\",true]\n");
}
