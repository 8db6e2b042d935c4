#include "story.hpp"

#include <cstdio>
#include <cstdlib>
#include <deque>

namespace model {

namespace {

std::uint64_t story_seed = 0;
std::uint64_t life = 0;
std::deque<std::string> story;
const steady::testing::LifeLog* log = nullptr;

}  // namespace

void begin_story(std::uint64_t seed) { story_seed = seed; }

void begin_life(std::uint64_t number) {
  life = number;
  story.clear();
}

void keep_if_it_fails(const steady::testing::LifeLog& of_life) { log = &of_life; }

void note(std::size_t depth, const std::string& line) {
  story.push_back(std::string(depth * 2, ' ') + line);
  if (story.size() > 400) story.pop_front();
}

void expect(bool holds, const char* what) {
  if (holds) return;
  std::printf("seed %llu, life %llu: %s\n", static_cast<unsigned long long>(story_seed),
              static_cast<unsigned long long>(life), what);
  for (const std::string& line : story) std::printf("  %s\n", line.c_str());
  const std::string path =
      "life-" + std::to_string(story_seed) + "-" + std::to_string(life) + ".log";
  if (log != nullptr && log->write(path)) std::printf("see lives --replay %s\n", path.c_str());
  std::exit(EXIT_FAILURE);
}

}  // namespace model
