#include <steady/socket.hpp>
#include <steady/testing/manual_runtime.hpp>

int main() {
  steady::testing::ManualRuntime runtime;
  steady::Socket socket({.url = "ws://host"}, runtime);
  socket.send("hello");
  runtime.connection().accept();
  return runtime.connection().sent().size() == 1 ? 0 : 1;
}
