#include "validate.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace std::chrono_literals;
using steady::ErrorCode;
using steady::Options;

namespace {

ErrorCode check(const Options& options) { return validate(options).code; }

Options good() {
  Options options;
  options.url = "ws://host";
  return options;
}

steady::Error check_url(std::string url) {
  Options options = good();
  options.url = std::move(url);
  return validate(options);
}

steady::Error check_subprotocols(std::vector<std::string> subprotocols) {
  Options options = good();
  options.subprotocols = std::move(subprotocols);
  return validate(options);
}

}  // namespace

TEST_CASE("a WebSocket URL is ws: or wss:, has a host and no fragment") {
  for (const char* url : {"ws://h", "wss://example.org:8443/a/b?c=d", "WS://H", "ws://[::1]:9/",
                          "ws://user:pw@h/%20", "ws://xn--bcher-kva.example/"}) {
    INFO(url);
    CHECK_FALSE(check_url(url));
  }
  for (const std::string& url :
       {std::string(), std::string("ws:"), std::string("ws://"), std::string("wss:///path"),
        std::string("ws://?q"), std::string("http://h"), std::string("host"), std::string("/path"),
        std::string("ws://h/#f"), std::string("ws://h/a b"), std::string("ws://h/\n"),
        std::string("ws://h/\0x", 9)}) {
    INFO(url);
    CHECK(check_url(url).code == ErrorCode::invalid_url);
  }
}

TEST_CASE("subprotocols are tokens and not repeated") {
  CHECK_FALSE(check_subprotocols({"chat.v1", "a!#$%&'*+-.^_`|~9"}));
  for (const auto& list : {std::vector<std::string>{""},
                           {"a,b"},
                           {"a b"},
                           {"a", "b", "a"},
                           {"\x7f"},
                           {"caf\xc3\xa9"}}) {
    INFO(list.front());
    CHECK(check_subprotocols(list).code == ErrorCode::invalid_subprotocol);
  }
}

TEST_CASE("close codes are 1000 and 3000-4999, reasons at most 123 bytes") {
  const auto code = [](int value, std::string_view reason = {}) {
    return steady::validate(steady::CloseOptions{static_cast<std::uint16_t>(value), reason}).code;
  };
  for (const int good_code : {1000, 3000, 3999, 4000, 4999}) {
    CHECK(code(good_code) == ErrorCode::none);
  }
  for (const int bad : {0, 1, 999, 1001, 1005, 1006, 2999, 5000, 65535}) {
    CHECK(code(bad) == ErrorCode::invalid_close_code);
  }
  CHECK(code(1000, std::string(123, 'x')) == ErrorCode::none);
  CHECK(code(1000, std::string(124, 'x')) == ErrorCode::invalid_close_reason);
  CHECK_FALSE(steady::validate(steady::CloseOptions{}));
}

TEST_CASE("options out of range are rejected with an error that names them") {
  CHECK(check(good()) == ErrorCode::none);
  const auto refused = [](auto change, const char* word) {
    Options options = good();
    change(options);
    const steady::Error error = validate(options);
    INFO(error.message);
    CHECK(error.code == ErrorCode::invalid_option);
    CHECK(error.message.find(word) != std::string::npos);
  };
  refused([](Options& o) { o.reconnect.initial_delay = 0ms; }, "reconnect.initial_delay");
  refused([](Options& o) { o.reconnect.initial_delay = -1ms; }, "reconnect.initial_delay");
  refused([](Options& o) { o.reconnect.max_delay = 999ms; }, "reconnect.max_delay");
  refused([](Options& o) { o.reconnect.max_delay = 25h; }, "reconnect.max_delay");
  refused([](Options& o) { o.reconnect.factor = 0.5; }, "reconnect.factor");
  refused([](Options& o) { o.reconnect.factor = std::numeric_limits<double>::quiet_NaN(); },
          "reconnect.factor");
  refused([](Options& o) { o.reconnect.factor = std::numeric_limits<double>::infinity(); },
          "reconnect.factor");
  refused([](Options& o) { o.reconnect.stable_after = -1ms; }, "reconnect.stable_after");
  refused([](Options& o) { o.connect_timeout = 0ms; }, "connect_timeout");
  refused([](Options& o) { o.close_timeout = 0ms; }, "close_timeout");
  refused([](Options& o) { o.high_water_mark = 0; }, "high_water_mark");
  refused([](Options& o) { o.type_member.clear(); }, "type_member");
  refused([](Options& o) { o.type_member = "/a~2"; }, "type_member");
  refused([](Options& o) { o.type_member = "/a~"; }, "type_member");
  refused([](Options& o) { o.batch.emplace().max_messages = 0; }, "batch.max_messages");
  refused([](Options& o) { o.batch.emplace().max_bytes = 0; }, "batch.max_bytes");
  refused([](Options& o) { o.batch.emplace().subprotocol = "not-offered"; }, "batch.subprotocol");
}
