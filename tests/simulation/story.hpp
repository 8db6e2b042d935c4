#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

#include "steady/testing/life_log.hpp"

namespace model {

/// The context of a failure: the seed, the number of the life, and its last lines.
void begin_story(std::uint64_t seed);
void begin_life(std::uint64_t number);
/// `depth` is the number of running handlers.
void note(std::size_t depth, const std::string& line);

/// Sets the log of the current life. It must exist until the next begins.
void keep_if_it_fails(const steady::testing::LifeLog& log);

/// If `holds` is false, prints the story, writes the log to a file and ends the program.
void expect(bool holds, const char* what);

class Random {
 public:
  explicit Random(std::uint64_t from) : engine_(from) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool one_in(std::size_t many) { return below(many) == 0; }
  template <class T>
  T pick(std::initializer_list<T> list) {
    return *(list.begin() + below(list.size()));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace model
