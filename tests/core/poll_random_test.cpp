// Random sequences of messages and of calls of poll(), against a plain model.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "polled.hpp"

using steady::InboundOverflow;
using steady::Message;

namespace {

/// A simple model of the inbound queue.
struct Expected {
  struct Item {
    std::string line;
    /// The type of a message, or "-" without one.
    std::string type;
    std::size_t size = 0;
    bool is_message = true;
  };

  explicit Expected(steady::InboundOptions bounds) : options(std::move(bounds)) {}

  static bool is_wanted(const Item& item) { return item.type == "hit" || item.type == "state"; }
  std::size_t messages() const {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const Item& item) { return item.is_message; }));
  }
  bool fits(const Item& added) const {
    std::size_t bytes = added.size;
    for (const Item& item : items) bytes += item.size;
    return messages() < options.max_messages && bytes <= options.max_bytes;
  }

  void event(const std::string& line) { items.push_back({line, {}, 0, false}); }

  void receive(const Item& item) {
    if (items.empty() && !is_wanted(item)) return;
    if (item.type == "state") {
      std::erase_if(items, [](const Item& other) { return other.type == "state"; });
    }
    for (std::size_t i = 0; i < items.size() && !fits(item);) {
      const bool is_dropped = items[i].is_message && !is_wanted(items[i]);
      if (is_dropped) items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
      if (!is_dropped) ++i;
    }
    if (!fits(item) && !is_wanted(item)) return;
    while (!fits(item)) {
      items.erase(std::find_if(items.begin(), items.end(),
                               [](const Item& other) { return other.is_message; }));
      ++drops;
    }
    items.push_back(item);
  }

  Lines poll(std::size_t budget) {
    Lines lines;
    while (!items.empty()) {
      const Item item = items.front();
      if (item.is_message && budget-- == 0) break;
      items.erase(items.begin());
      if (!item.is_message || is_wanted(item)) lines.push_back(item.line);
    }
    return lines;
  }

  steady::InboundOptions options;
  std::vector<Item> items;
  std::uint64_t drops = 0;
};

/// Compares a random life with the model, step by step.
void live(std::uint64_t seed) {
  INFO("seed " << seed);
  steady::testing::ManualRuntime dice(seed);
  const auto draw = [&](int below) { return static_cast<int>(dice.random() * below); };

  Expected expected({.max_messages = static_cast<std::size_t>(1 + draw(8)),
                     .max_bytes = static_cast<std::size_t>(60 + draw(200)),
                     .overflow = InboundOverflow::drop_oldest,
                     .conflate = {"state"}});
  steady::testing::ManualRuntime runtime;
  steady::Socket socket(queued([&](auto& options) { options.inbound = expected.options; }),
                        runtime);
  Lines lines;
  const auto record = [&](const Message& message) { lines.emplace_back(message.data); };
  socket.on("hit", record).keep();
  socket.on("state", record).keep();
  socket.on_open([&] { lines.emplace_back("open"); }).keep();
  socket.on_close([&](const steady::CloseInfo&) { lines.emplace_back("close"); }).keep();
  runtime.run_posted();
  socket.poll();

  bool is_open = false;
  int number = 0;
  for (int step = 0; step < 300; ++step) {
    const int action = draw(10);
    if (action < 6 && is_open) {
      const std::string type = std::vector<std::string>{"hit", "state", "chat", "-"}.at(
          static_cast<std::size_t>(draw(4)));
      std::string text = type == "-" ? "plain" : R"({"type":")" + type + R"(","n":)";
      text += std::to_string(++number) + std::string(static_cast<std::size_t>(draw(20)), ' ');
      if (type != "-") text += "}";
      runtime.connection().deliver_text(text);
      expected.receive({text, type, text.size()});
    } else if (action == 6 && is_open) {
      runtime.connection().drop();
      is_open = false;
      expected.event("state");
      expected.event("close");
    } else if (action == 7 && !is_open) {
      if (socket.state() == State::waiting) {
        runtime.advance(10s);
        expected.event("state");
      }
      runtime.connection().accept();
      is_open = true;
      expected.event("state");
      expected.event("open");
    } else if (action > 7) {
      const auto budget = static_cast<std::size_t>(1 + draw(4));
      socket.poll({.max_messages = budget});
      Lines wanted = expected.poll(budget);
      std::erase(wanted, "state");
      REQUIRE(std::exchange(lines, {}) == wanted);
    }
    REQUIRE(socket.inbound_messages() == expected.messages());
    REQUIRE(socket.stats().inbound_dropped == expected.drops);
  }
}

}  // namespace

TEST_CASE("for random events and polls, poll() dispatches the same as a simple model") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) live(seed);
}
