// The test vectors of the session protocol, docs/design/session-vectors.json, for the C++ client.
// Their format is described in docs/design/session-protocol.md, "Vectors".
#include <fstream>
#include <map>
#include <regex>

#include "catch.hpp"
#include "session_fixture.hpp"
#include "steady/json.hpp"

using nlohmann::json;
using steady::MessageKind;
using steady::testing::FakeConnection;

namespace {

constexpr char mark = '\x10';

/// A message of the vectors.
struct Data {
  explicit Data(const json& value) {
    if (value.is_string()) {
      text = value.get<std::string>();
    } else if (value.contains("hex")) {
      kind = MessageKind::binary;
      const auto hex = value["hex"].get<std::string>();
      for (std::size_t i = 0; i < hex.size(); i += 2) {
        text += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
      }
    } else {
      text = value["text"].get<std::string>() +
             std::string(value["count"].get<std::size_t>(), value["repeat"].get<std::string>()[0]);
    }
  }
  bool is_control() const { return kind == MessageKind::text && is_control(text); }
  static bool is_control(const std::string& text) {
    return text.starts_with(mark) && (text.size() == 1 || text[1] != mark);
  }

  MessageKind kind = MessageKind::text;
  std::string text;
};

/// Plays one case.
class Player {
 public:
  Player(const json& vector, const std::string& bad) : names_{{"BAD", bad}} {
    message_ = socket_.on_message([this](const steady::Message& message) {
      handled_.emplace_back(message.kind, std::string(message.data));
    });
    drop_ = socket_.on_drop(
        [this](const steady::Drop& drop) { dropped_.emplace_back(drop.payload.data()); });
    session_ = socket_.on_session(
        [this](const steady::SessionChange& change) { changes_.push_back(change); });
    for (const json& step : vector["steps"]) {
      CAPTURE(step.dump().substr(0, 200));
      for (int left = step.value("times", 1), at = 0; left > 0; --left, ++at) take(step, at);
    }
  }

 private:
  void take(const json& step, int at) {
    if (step.contains("connect")) {
      wait([this] { return runtime_.transports() > links_.size(); });
      links_[step["connect"]] = runtime_.transports() - 1;
      seen_ = 0;
      number_ = 1;
      connection().accept("steady.1");
    } else if (step.contains("send")) {
      send(Data(step["send"]));
    } else if (step.contains("receive")) {
      receive(step, at);
    } else if (step.contains("app")) {
      act(step);
    } else if (step.contains("handled")) {
      const Data data(step["handled"]);
      wait([this] { return !handled_.empty(); });
      CHECK(handled_.front() == std::pair(data.kind, data.text));
      handled_.erase(handled_.begin());
    } else if (step.contains("cut")) {
      connection().drop();
    } else if (step.contains("close")) {
      connection().close(step["close"].get<std::uint16_t>());
    } else if (step.contains("closed")) {
      wait([this] { return connection().close_requested(); });
      CHECK(connection().close_code() == step["closed"].get<std::uint16_t>());
    } else {
      REQUIRE(step.contains("told"));
      check_end(step);
    }
    runtime_.run_posted();
  }

  void send(const Data& data) {
    if (data.kind == MessageKind::binary) {
      connection().deliver_binary(data.text);
    } else {
      connection().deliver_text(data.is_control() ? filled(data.text) : data.text);
    }
  }

  void act(const json& step) {
    if (step["app"] == "end") {
      const auto reason = step.value("reason", std::string());
      socket_.close({.code = 1000, .reason = reason});
      return;
    }
    REQUIRE(step["app"] == "send");
    const Data data(step["message"]);
    if (data.kind == MessageKind::binary) {
      socket_.send_binary(data.text.data(), data.text.size());
    } else {
      socket_.send(data.text);
    }
  }

  void receive(const json& step, int at) {
    const Data expected(step["receive"]);
    const bool is_receipt = expected.text.starts_with(
        "\x10"
        "A ");
    FakeConnection::Sent frame;
    do {
      frame = next_frame(is_receipt);
    } while (is_receipt && frame.data != expected.text);
    if (expected.is_control()) {
      match(expected.text, frame.data);
    } else {
      CHECK(frame.kind == expected.kind);
      CHECK(frame.data == expected.text);
      CHECK(number_++ == step["number"].get<int>() + at);
    }
    if (!step.contains("above")) return;
    CHECK(std::stoll(names_[step["above"][0]]) > std::stoll(names_[step["above"][1]]));
  }

  void check_end(const json& step) {
    wait([this] { return !changes_.empty() && is_over(changes_.back().state); });
    const steady::SessionChange& change = changes_.back();
    if (step["told"] == "lost") {
      CHECK(change.state == steady::SessionState::lost);
    } else {
      CHECK(change.state == steady::SessionState::ended);
      CHECK(change.reason == step["reason"].get<std::string>());
    }
    Lines undelivered;
    for (const json& message : step["undelivered"]) undelivered.push_back(Data(message).text);
    CHECK(dropped_ == undelivered);
    changes_.clear();
    dropped_.clear();
  }

  static bool is_over(steady::SessionState state) {
    return state == steady::SessionState::lost || state == steady::SessionState::ended;
  }

  FakeConnection& connection() { return runtime_.connection(); }

  /// Returns the next frame, without those that an implementation may send at any time.
  FakeConnection::Sent next_frame(bool wants_receipts) {
    while (true) {
      wait([this] { return connection().sent().size() > seen_; });
      const FakeConnection::Sent frame = connection().sent().at(seen_++);
      const bool is_control = frame.kind == MessageKind::text && Data::is_control(frame.data);
      const char letter = is_control ? frame.data.at(1) : '\0';
      if (letter == '@') {
        number_ = std::stoi(frame.data.substr(3));
      } else if (letter == '?') {
        connection().deliver_text("\x10! " + frame.data.substr(3) + " 0 0");
      } else if (letter != 'A' || wants_receipts) {
        return frame;
      }
    }
  }

  template <class Condition>
  void wait(const Condition& holds) {
    runtime_.run_posted();
    for (int turn = 0; turn < 200 && !holds(); ++turn) runtime_.advance(10ms);
    REQUIRE(holds());
  }

  std::string filled(std::string text) {
    for (const auto& [name, value] : names_) {
      const std::string braced = '{' + name + '}';
      const auto at = text.find(braced);
      if (at != std::string::npos) text.replace(at, braced.size(), value);
    }
    return text;
  }

  /// Binds new names to the values in a frame, and compares known ones.
  void match(const std::string& expected, const std::string& frame) {
    std::string pattern;
    Lines names;
    const std::regex name_pattern(R"(\{([A-Z]+\d*)\})");
    auto at = expected.cbegin();
    for (std::sregex_iterator found(expected.begin(), expected.end(), name_pattern), end;
         found != end; ++found) {
      pattern += std::string(at, (*found)[0].first) + "([^ ]+)";
      names.push_back((*found)[1]);
      at = (*found)[0].second;
    }
    pattern += std::string(at, expected.cend());
    std::smatch values;
    CAPTURE(expected, frame);
    REQUIRE(std::regex_match(
        frame, values, std::regex(std::regex_replace(pattern, std::regex(R"([?.])"), R"(\$&)"))));
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto [known, is_new] = names_.emplace(names[i], values[i + 1]);
      CHECK((is_new || names[i] == "CLOCK" || known->second == values[i + 1]));
    }
  }

  std::map<std::string, std::string> names_;
  steady::testing::ManualRuntime runtime_;
  steady::Socket socket_{
      with_session([](auto& o) { o.reconnect.initial_delay = o.reconnect.max_delay = 100ms; }),
      runtime_};
  steady::Subscription message_, drop_, session_;
  std::map<std::string, std::size_t> links_;
  std::size_t seen_ = 0;
  int number_ = 1;
  std::vector<std::pair<MessageKind, std::string>> handled_;
  Lines dropped_;
  std::vector<steady::SessionChange> changes_;
};

}  // namespace

TEST_CASE("the client passes the test vectors of the session protocol") {
  std::ifstream file(SESSION_VECTORS);
  const json vectors = json::parse(file);
  int played = 0;
  for (const json& vector : vectors["cases"]) {
    if (vector["role"] != "client") continue;
    CAPTURE(vector["name"].get<std::string>());
    for (const json& bad : vector.value("each", json::array({""}))) {
      CAPTURE(bad);
      const Player player(vector, bad.get<std::string>());
      ++played;
    }
  }
  CHECK(played > 80);
}
