// TLS: verification of the server's certificate, and client options.
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>

#include "support/certificates.hpp"
#include "support/seen.hpp"
#include "support/server.hpp"
#include "support/threadings.hpp"
#include "support/variable.hpp"

using steady::native::NativeOptions;
using steady::native::TlsVersion;
using steady::native::Verification;

namespace {

/// A wss: server with a certificate from its own authority.
struct SecureServer {
  explicit SecureServer(const Subject& subject = {"DNS:chat.test,IP:127.0.0.1"})
      : authority(make_authority()),
        context(make_server_context(issue(authority, subject))),
        server([this](Peer& peer) {
          names.add(peer.start_tls(*context));
          echo(peer);
        }) {}

  std::string url(const std::string& host) const {
    return "wss://" + host + ":" + std::to_string(server.port()) + "/";
  }
  /// Options that trust the authority. chat.test and other.test resolve to this machine.
  NativeOptions trusting() const {
    return {.tls = {.extra_roots = authority.pem()},
            .hosts = {{"chat.test", {"127.0.0.1"}}, {"other.test", {"127.0.0.1"}}}};
  }

  Identity authority;
  std::shared_ptr<SSL_CTX> context;
  Seen<std::string> names;
  Server server;
};

std::string failure_of(const NativeOptions& options, const std::string& url) {
  Wire wire(options);
  REQUIRE_FALSE(wire.open(url));
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK_FALSE(wire.is_open);
  return wire.error();
}

}  // namespace

TEST_CASE("a server with a valid certificate is accepted, and receives the host name as SNI") {
  SecureServer secure;
  Wire wire(in_both(secure.trusting()));
  REQUIRE(wire.open_and_wait(secure.url("chat.test")));
  CHECK(secure.names.last() == "chat.test");
  const std::string much(300'000, 'x');
  wire.send("hello");
  wire.send(much);
  REQUIRE(wire.eventually([&] { return wire.messages.size() == 2; }));
  CHECK(wire.messages[0].data == "hello");
  CHECK(wire.messages[1].data == much);
  wire.transport->close(4000, "bye");
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK(wire.closed->code == 4000);
  CHECK(wire.closed->was_clean);
}

TEST_CASE("a certificate may be for an IP address, which is not sent as SNI") {
  SecureServer secure;
  Wire wire(secure.trusting());
  REQUIRE(wire.open_and_wait(secure.url("127.0.0.1")));
  CHECK(secure.names.last().empty());
}

TEST_CASE("a trailing dot and the case of a host name are ignored") {
  SecureServer secure;
  NativeOptions options = secure.trusting();
  options.hosts = {{"CHAT.test", {"127.0.0.1"}}};
  Wire wire(options);
  REQUIRE(wire.open_and_wait(secure.url("Chat.Test.")));
  CHECK(secure.names.last() == "chat.test");
}

TEST_CASE("an address with a zone is rejected, since no certificate can match it") {
  SecureServer secure;
  Wire wire(secure.trusting());
  const steady::Error error = wire.open(secure.url("[::1%lo]"));
  CHECK(error.code == steady::ErrorCode::invalid_url);
  CHECK(error.message == "\"[::1%lo]\" has a zone (%), which is not allowed in a URL");
}

TEST_CASE("a certificate from an untrusted authority is rejected") {
  SecureServer secure;
  NativeOptions options = secure.trusting();
  options.tls = {};
  CHECK(failure_of(in_both(options), secure.url("chat.test")) ==
        "certificate verify failed: unable to get local issuer certificate");
}

TEST_CASE("a self-signed certificate is rejected") {
  const Identity alone = make_authority();
  const auto context = make_server_context(alone);
  Server server([&](Peer& peer) { peer.start_tls(*context); });
  const std::string message =
      failure_of({}, "wss://127.0.0.1:" + std::to_string(server.port()) + "/");
  // OpenSSL 3 writes it with a hyphen.
  CHECK((message == "certificate verify failed: self-signed certificate" ||
         message == "certificate verify failed: self signed certificate"));
}

TEST_CASE("a certificate for another host is rejected") {
  SecureServer secure;
  CHECK(failure_of(secure.trusting(), secure.url("other.test")) ==
        "certificate verify failed: hostname mismatch");
  SecureServer named({"DNS:chat.test"});
  CHECK(failure_of(named.trusting(), named.url("127.0.0.1")) ==
        "certificate verify failed: IP address mismatch");
}

TEST_CASE("a certificate with the host only in its common name is rejected") {
  SecureServer old({.names = "IP:127.0.0.1", .common_name = "chat.test"});
  CHECK(failure_of(old.trusting(), old.url("chat.test")) ==
        "certificate verify failed: hostname mismatch");
}

TEST_CASE("an encrypted key is rejected without prompting for its password") {
  const Identity identity = make_authority();
  const std::string file = "native-tests-key.pem";
  std::ofstream(file) << identity.pem();
  std::FILE* const out = std::fopen(file.c_str(), "ab");
  REQUIRE(out != nullptr);
  const unsigned char password[] = "secret";
  CHECK(PEM_write_PrivateKey(out, identity.key.get(), EVP_aes_128_cbc(), password, 6, nullptr,
                             nullptr) == 1);
  std::fclose(out);
  Wire wire({.tls = {.certificate_file = file, .key_file = file}});
  const steady::Error error = wire.open("wss://127.0.0.1:1/");
  std::remove(file.c_str());
  CHECK(error.code == steady::ErrorCode::invalid_option);
  CHECK(error.message.starts_with("tls: key_file \"" + file + "\" cannot be read"));
}

TEST_CASE("a certificate that is expired or not yet valid is rejected") {
  SecureServer expired({"DNS:chat.test", -7200, -3600});
  CHECK(failure_of(expired.trusting(), expired.url("chat.test")) ==
        "certificate verify failed: certificate has expired");
  SecureServer early({"DNS:chat.test", 3600, 7200});
  CHECK(failure_of(early.trusting(), early.url("chat.test")) ==
        "certificate verify failed: certificate is not yet valid");
}

TEST_CASE("verification can be turned off") {
  SecureServer secure;
  NativeOptions options = secure.trusting();
  options.tls = {.verification = Verification::dangerously_off};
  Wire wire(options);
  CHECK(wire.open_and_wait(secure.url("other.test")));
}

TEST_CASE("a server that supports only TLS 1.1 or older is rejected") {
  SecureServer secure;
  SSL_CTX_set_max_proto_version(secure.context.get(), TLS1_1_VERSION);
  CHECK(failure_of(secure.trusting(), secure.url("chat.test"))
            .starts_with("the TLS handshake failed: "));
}

TEST_CASE("min_version rejects a server that supports only older versions") {
  SecureServer secure;
  SSL_CTX_set_max_proto_version(secure.context.get(), TLS1_2_VERSION);
  NativeOptions options = secure.trusting();
  {
    Wire wire(options);
    CHECK(wire.open_and_wait(secure.url("chat.test")));
  }
  options.tls.min_version = TlsVersion::tls_1_3;
  CHECK(failure_of(in_both(options), secure.url("chat.test"))
            .starts_with("the TLS handshake failed: "));
}

TEST_CASE("the variables SSL_CERT_FILE and SSL_CERT_DIR replace the system's roots") {
  SecureServer secure;
  NativeOptions options = secure.trusting();
  const std::string file = "native-tests-roots-" + std::to_string(secure.server.port()) + ".pem";
  std::ofstream(file) << options.tls.extra_roots;
  options.tls = {};
  {
    const Variable roots("SSL_CERT_FILE", file);
    Wire wire(options);
    CHECK(wire.open_and_wait(secure.url("chat.test")));
  }
  std::remove(file.c_str());
  CHECK(failure_of(options, secure.url("chat.test")) ==
        "certificate verify failed: unable to get local issuer certificate");
}

TEST_CASE("a server without TLS fails the TLS handshake") {
  Server plain([](Peer& peer) {
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_end();
  });
  CHECK(failure_of(in_both(), "wss://127.0.0.1:" + std::to_string(plain.port()) + "/")
            .starts_with("the TLS handshake failed: "));
}

TEST_CASE("ca_file is read, and reported if it is missing") {
  SecureServer secure;
  NativeOptions options = secure.trusting();
  const std::string file = "native-tests-" + std::to_string(secure.server.port()) + ".pem";
  std::ofstream(file) << options.tls.extra_roots;
  options.tls = {.ca_file = file};
  {
    Wire wire(options);
    CHECK(wire.open_and_wait(secure.url("chat.test")));
  }
  std::remove(file.c_str());
  Wire wire(options);
  const steady::Error error = wire.open(secure.url("chat.test"));
  CHECK(error.code == steady::ErrorCode::invalid_option);
  CHECK(error.message.starts_with("tls: ca_file \"" + file + "\" cannot be read: "));
}

TEST_CASE("extra_roots that are not certificates are rejected") {
  Wire wire({.tls = {.extra_roots = "nonsense"}});
  const steady::Error error = wire.open("wss://127.0.0.1:1/");
  CHECK(error.code == steady::ErrorCode::invalid_option);
  CHECK(error.message.starts_with("tls: extra_roots must be PEM certificates"));
}

TEST_CASE("a reset of a wss: connection is reported as 1006") {
  SecureServer secure;
  Server killer([&](Peer& peer) {
    peer.start_tls(*secure.context);
    peer.upgrade();
    peer.read_frame();
    peer.reset();
  });
  Wire wire(in_both(secure.trusting()));
  REQUIRE(wire.open_and_wait("wss://chat.test:" + std::to_string(killer.port())));
  wire.send("x");
  REQUIRE(wire.eventually([&] { return wire.closed.has_value(); }));
  CHECK(wire.closed->code == 1006);
  CHECK_FALSE(wire.closed->was_clean);
}
