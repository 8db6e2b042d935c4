#include "steady/testing/life_log.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "../../kernel/kernel.hpp"
#include "life_recorder.hpp"

namespace steady::testing {

namespace {

constexpr const char* title = "steadysocket life 1";

/// Adds a line: a word and numbers. 17 significant digits reproduce every double exactly.
template <std::size_t count>
void add_line(std::string& text, const char* word, const std::array<double, count>& numbers) {
  text += word;
  for (const double number : numbers) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), " %.17g", number);
    text += digits.data();
  }
  text += '\n';
}

using SettingNumbers = std::array<double, kernel::setting_count>;

SettingNumbers numbers_of(const kernel::Settings& settings) {
  SettingNumbers numbers{};
  const auto* const first = reinterpret_cast<const double*>(&settings);
  std::copy(first, first + numbers.size(), numbers.begin());
  return numbers;
}

/// Reads the remaining numbers of a line. Returns false if the number of them is different.
template <std::size_t count>
bool read_numbers(std::istringstream& line, std::array<double, count>& numbers) {
  std::string word;
  for (double& number : numbers) {
    if (!(line >> word)) return false;
    char* end = nullptr;
    number = std::strtod(word.c_str(), &end);
    if (*end != '\0') return false;
  }
  return !(line >> word);
}

/// Converts an integer from 0 to `limit`. Returns false for other numbers.
template <class Whole>
bool to_whole(double number, double limit, Whole& whole) {
  if (!(number >= 0 && number <= limit && std::trunc(number) == number)) return false;
  whole = static_cast<Whole>(number);
  return true;
}

bool is_equal(const kernel::Command& one, const kernel::Command& other) {
  return one.kind == other.kind && one.a == other.a && one.b == other.b && one.c == other.c;
}

}  // namespace

void LifeLog::Recorder::on_start(const kernel::Settings& settings_of_socket,
                                 std::span<const CloseRule> rules_of_socket) {
  settings = settings_of_socket;
  rules.assign(rules_of_socket.begin(), rules_of_socket.end());
  entries.clear();
  commands.clear();
}

void LifeLog::Recorder::on_input(const kernel::Moment& moment, const kernel::Input& input,
                                 bool is_nested, const detail::KernelResult& result) {
  entries.push_back(
      {moment, input, is_nested, result.answer, result.deadline, result.commands.size()});
  commands.insert(commands.end(), result.commands.begin(), result.commands.end());
}

LifeLog::LifeLog() : recorder_(std::make_unique<Recorder>()) {}
LifeLog::LifeLog(LifeLog&&) noexcept = default;
LifeLog& LifeLog::operator=(LifeLog&&) noexcept = default;
LifeLog::~LifeLog() = default;

std::size_t LifeLog::inputs() const { return recorder_->entries.size(); }

std::string LifeLog::text() const {
  std::string text = std::string(title) + "\n";
  add_line(text, "settings", numbers_of(recorder_->settings));
  for (const CloseRule& rule : recorder_->rules) {
    add_line<3>(text, "rule",
                {static_cast<double>(rule.first), static_cast<double>(rule.last),
                 static_cast<double>(rule.action)});
  }
  auto command = recorder_->commands.begin();
  for (const Recorder::Entry& entry : recorder_->entries) {
    const auto& [kind, a, b, c, d, e] = entry.input;
    const auto& [now, random, buffered, has_heard, received] = entry.moment;
    add_line<12>(text, "input",
                 {static_cast<double>(kind), a, b, c, d, e, entry.is_nested ? 1.0 : 0.0, now,
                  random, buffered, has_heard ? 1.0 : 0.0, received});
    for (std::size_t left = entry.commands; left > 0; --left, ++command) {
      add_line<4>(text, "command", {command->kind, command->a, command->b, command->c});
    }
    add_line<2>(text, "result", {entry.answer, entry.deadline});
  }
  return text;
}

std::optional<LifeLog> LifeLog::parse(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != title) return std::nullopt;
  LifeLog log;
  Recorder& recorder = *log.recorder_;
  bool has_settings = false;
  bool has_result = true;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    std::array<double, 12> input{};
    std::array<double, 4> command{};
    std::array<double, 3> rule{};
    std::array<double, 2> result{};
    if (word == "settings") {
      SettingNumbers numbers{};
      if (!read_numbers(words, numbers)) return std::nullopt;
      std::copy(numbers.begin(), numbers.end(), reinterpret_cast<double*>(&recorder.settings));
      has_settings = true;
    } else if (word == "rule") {
      CloseRule read;
      if (!read_numbers(words, rule) || !to_whole(rule[0], 65'535, read.first) ||
          !to_whole(rule[1], 65'535, read.last) ||
          !to_whole(rule[2], static_cast<double>(CloseAction::later), read.action)) {
        return std::nullopt;
      }
      recorder.rules.push_back(read);
    } else if (word == "input" && has_result) {
      Recorder::Entry entry{};
      if (!read_numbers(words, input) ||
          !to_whole(input[0], static_cast<double>(kernel::InputKind::inbound_drained),
                    entry.input.kind)) {
        return std::nullopt;
      }
      entry.input = {entry.input.kind, input[1], input[2], input[3], input[4], input[5]};
      entry.is_nested = input[6] != 0;
      entry.moment = {input[7], input[8], input[9], input[10] != 0, input[11]};
      recorder.entries.push_back(entry);
      has_result = false;
    } else if (word == "command" && !has_result) {
      if (!read_numbers(words, command)) return std::nullopt;
      recorder.commands.push_back({command[0], command[1], command[2], command[3]});
      ++recorder.entries.back().commands;
    } else if (word == "result" && !has_result) {
      if (!read_numbers(words, result)) return std::nullopt;
      recorder.entries.back().answer = result[0];
      recorder.entries.back().deadline = result[1];
      has_result = true;
    } else {
      return std::nullopt;
    }
  }
  if (!has_settings || !has_result) return std::nullopt;
  return log;
}

bool LifeLog::write(const std::string& path) const {
  std::ofstream file(path, std::ios::binary);
  file << text();
  return static_cast<bool>(file.flush());
}

std::optional<LifeLog> LifeLog::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return parse({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

std::string LifeLog::replay() const {
  std::string different;
  kernel::Kernel kernel(recorder_->settings);
  for (const CloseRule& rule : recorder_->rules) kernel.add_close_rule(rule);
  const kernel::Command* expected = recorder_->commands.data();
  for (std::size_t i = 0; i < recorder_->entries.size(); ++i) {
    const Recorder::Entry& entry = recorder_->entries[i];
    if (!entry.is_nested) kernel.commands().clear();
    const std::size_t before = kernel.commands().size();
    const double answer = kernel.input(entry.moment, entry.input);
    const kernel::Command* const added = kernel.commands().data() + before;
    const bool is_same = answer == entry.answer && kernel.next_deadline() == entry.deadline &&
                         std::equal(added, added + (kernel.commands().size() - before), expected,
                                    expected + entry.commands, is_equal);
    if (!is_same) different += (different.empty() ? "" : " ") + std::to_string(i);
    expected += entry.commands;
  }
  return different;
}

}  // namespace steady::testing
