// A socket on a virtual clock, which needs the library and its testing component.
#include <cstdio>
#include <steady/json.hpp>
#include <steady/socket.hpp>
#include <steady/testing/manual_runtime.hpp>

int main() {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket({.url = "ws://host"}, runtime);
  int hits = 0;
  socket
      .on("hit",
          [&](const steady::Message& message) {
            if (const auto json = steady::parse(message)) hits += (*json)["by"].get<int>();
          })
      .keep();
  socket.send(steady::json{{"type", "hello"}});
  runtime.connection().accept();
  runtime.connection().deliver_text(R"({"type":"hit","by":3})");
  const auto& sent = runtime.connection().sent();
  std::printf("[\"sent\",%s]\n[\"hits\",%d]\n", sent.at(0).data.c_str(), hits);
}
