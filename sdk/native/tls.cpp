#include "tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <memory>

#include "address.hpp"
#include "system_roots.hpp"

namespace steady::native {

namespace {

error_code last_error() {
  const auto code = static_cast<int>(::ERR_get_error());
  // OpenSSL does not set an error for every failure. 0 would mean success.
  if (code == 0) return asio::error::invalid_argument;
  return {code, asio::error::get_ssl_category()};
}

/// The distinguished name, as in "CN=a.test,O=Example". Other characters than ASCII are escaped.
std::string subject_of(const X509& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out) return {};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253);
  char* begin = nullptr;
  const long size = BIO_get_mem_data(out.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

/// The DNS names of the extension subjectAltName, which count for the verification.
std::string names_of(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string list;
  for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), at);
    if (name->type != GEN_DNS) continue;
    const auto* const bytes = ASN1_STRING_get0_data(name->d.dNSName);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
    list += list.empty() ? "" : ", ";
    list.append(reinterpret_cast<const char*>(bytes), size);
  }
  return list;
}

}  // namespace

std::shared_ptr<asio::ssl::context> make_tls(const TlsOptions& options, std::string& why) {
  error_code error;
  const auto record_error = [&](const std::string& what) {
    if (error && why.empty()) why = what + ": " + error.message();
  };
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), options.min_version == TlsVersion::tls_1_3
                                                              ? TLS1_3_VERSION
                                                              : TLS1_2_VERSION);
  if (options.verification == Verification::required) {
    context->set_verify_mode(asio::ssl::verify_peer, error);
  }

  if (options.ca_file.empty() && options.ca_folder.empty()) {
    const std::string fault = add_system_roots(context->native_handle());
    if (!fault.empty()) why = "tls: the system's roots cannot be read: " + fault;
  }
  if (!options.ca_file.empty()) {
    context->load_verify_file(options.ca_file, error);
    record_error("tls: ca_file \"" + options.ca_file + "\" cannot be read");
  }
  if (!options.ca_folder.empty()) {
    context->add_verify_path(options.ca_folder, error);
    record_error("tls: ca_folder \"" + options.ca_folder + "\" cannot be read");
  }
  if (!options.extra_roots.empty()) {
    context->add_certificate_authority(asio::buffer(options.extra_roots), error);
    record_error("tls: extra_roots must be PEM certificates");
  }
  if (!options.certificate_file.empty()) {
    context->use_certificate_chain_file(options.certificate_file, error);
    record_error("tls: certificate_file \"" + options.certificate_file + "\" cannot be read");
    // OpenSSL's default callback would prompt for a password on the terminal.
    context->set_password_callback(
        [](std::size_t, asio::ssl::context::password_purpose) { return std::string(); }, error);
    context->use_private_key_file(options.key_file, asio::ssl::context::pem, error);
    record_error("tls: key_file \"" + options.key_file +
                 "\" cannot be read or does not match the certificate");
  }
  return why.empty() ? context : nullptr;
}

error_code expect_host(SSL* connection, const std::string& written_host,
                       const TlsOptions& options) {
  const std::string host = without_dot(written_host);
  // Servers that support HTTP/2 as well expect ALPN (RFC 7301).
  static constexpr unsigned char protocols[] = "\x08http/1.1";
  SSL_set_alpn_protos(connection, protocols, sizeof protocols - 1);
  const bool by_number = is_numeric(host);
  // RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted".
  if (!by_number && SSL_set_tlsext_host_name(connection, host.c_str()) != 1) return last_error();
  if (options.verification == Verification::dangerously_off) return {};
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  // RFC 9525 6.3: only names in the subjectAltName extension count, not the common name.
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int done = by_number ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str())
                             : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  return done == 1 ? error_code() : last_error();
}

std::string describe_tls(SSL* connection) {
  std::string text = SSL_get_version(connection);
  text += std::string(", ") + SSL_get_cipher_name(connection);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get_peer_certificate(connection), X509_free);
  if (certificate) {
    text += ", certificate of " + subject_of(*certificate);
    const std::string names = names_of(certificate.get());
    if (!names.empty()) text += " (" + names + ")";
  }
  if (SSL_get_verify_mode(connection) == SSL_VERIFY_NONE) return text + ", not verified";
  const long result = SSL_get_verify_result(connection);
  return text + (result == X509_V_OK ? std::string(", verified")
                                     : std::string(", ") + X509_verify_cert_error_string(result));
}

std::string explain_handshake(SSL* connection, const error_code& error) {
  const long verified = SSL_get_verify_result(connection);
  if (verified != X509_V_OK && SSL_get_verify_mode(connection) != SSL_VERIFY_NONE) {
    return std::string("certificate verify failed: ") + X509_verify_cert_error_string(verified);
  }
  return "the TLS handshake failed: " + error.message();
}

}  // namespace steady::native
