// Compiled without exceptions and RTTI: no message of a server terminates the program.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "steady/json.hpp"
#include "steady/socket.hpp"
#include "steady/testing/manual_runtime.hpp"

namespace {

struct Hit {
  int x = 0;
};

bool from_json(const steady::json& j, Hit& hit) { return steady::read(j, "x", hit.x); }

void to_json(steady::json& j, const Hit& hit) { j = {{"type", "hit"}, {"x", hit.x}}; }

void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "failed: %s\n", what);
  std::exit(1);
}

}  // namespace

int main() {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket({.url = "ws://host"}, runtime);
  auto& server = runtime.connection();
  server.accept();
  int hits = 0;
  int errors = 0;
  socket.on<Hit>("hit", [&](const Hit& hit) { hits += hit.x; }).keep();
  socket.on_error([&](const steady::Error&) { ++errors; }).keep();

  for (const std::string_view bad :
       {R"({"type":"hit"})", R"({"type":"hit",)", R"({"type":"hit","x":"1"})",
        R"({"type":"hit","x":1e999})", R"({"type":"hit","x":99999999999})",
        "{\"type\":\"hit\",\"x\":\"\xff\"}"}) {
    server.deliver_text(bad);
  }
  server.deliver_text(R"({"type":"hit","x":)" + std::string(100'000, '['));
  expect(errors == 7 && hits == 0, "a message that does not decode is an error");

  socket.send(Hit{5});
  expect(server.sent().back().data == R"({"type":"hit","x":5})", "a value is sent as JSON");
  server.deliver_text(server.sent().back().data);
  expect(hits == 5, "a value is received from JSON");
  socket.send(steady::json("\xff"));
  expect(server.sent().back().data == "\"\xef\xbf\xbd\"", "invalid UTF-8 is replaced");
}
