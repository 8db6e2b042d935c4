// A C++ program without exceptions that receives JSON, driven by tests/node/json.test.mjs through
// these calls. Events are passed to Module.log, a line each.
#include "steady/json.hpp"

#include <emscripten/emscripten.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "steady/socket.hpp"

EM_JS(void, json_log, (const char* line), { Module.log(UTF8ToString(line)); });

namespace {

struct Hit {
  int x = 0;
  std::vector<std::string> by;
};

bool from_json(const steady::json& j, Hit& hit) {
  return steady::read(j, "x", hit.x) && steady::read(j, "by", hit.by);
}

void to_json(steady::json& j, const Hit& hit) {
  j = steady::json{{"type", "hit"}, {"x", hit.x}, {"by", hit.by}};
}

struct Program {
  explicit Program(steady::Options options) : socket(std::move(options)) {
    const auto log = [](const std::string& line) { json_log(line.c_str()); };
    socket.on_open([log] { log("open"); }).keep();
    socket.on_close([log](const steady::CloseInfo&) { log("close"); }).keep();
    socket
        .on_error([log](const steady::Error& error) {
          log(std::string(to_string(error.code)) + " " + error.message);
        })
        .keep();
    socket
        .on<Hit>(
            "hit",
            [log](const Hit& hit) {
              log("hit " + std::to_string(hit.x) + (hit.by.empty() ? "" : " " + hit.by.back()));
            })
        .keep();
    socket
        .on("hit",
            [log](const steady::Message& message) {
              const auto parsed = steady::parse(message);
              log(parsed ? "parsed" : "not parsed");
            })
        .keep();
  }

  steady::Socket socket;
};

std::unique_ptr<Program> program;

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void json_open(const char* url, int batched) {
  steady::Options options;
  options.url = url;
  if (batched != 0) options.batch.emplace();
  program = std::make_unique<Program>(std::move(options));
}

EMSCRIPTEN_KEEPALIVE void json_send_text(const char* text) { program->socket.send(text); }

EMSCRIPTEN_KEEPALIVE void json_send_hit(int x, const char* by) {
  program->socket.send(Hit{x, {by}});
}

EMSCRIPTEN_KEEPALIVE const char* json_state() { return to_string(program->socket.state()); }

EMSCRIPTEN_KEEPALIVE void json_destroy() { program.reset(); }

}  // extern "C"
