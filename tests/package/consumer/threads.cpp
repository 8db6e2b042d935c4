// A program with threads: a Socket on the main thread or, with the argument "worker", on another
// thread, which continues after its function returns. Prints the thread of each handler.
#include <emscripten/emscripten.h>
#include <emscripten/html5.h>
#include <pthread.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <steady/socket.hpp>
#include <string>

namespace {

std::string url;
pthread_t main_thread;

class Player {
 public:
  Player() : socket_({.url = url, .dispatch = steady::Dispatch::queued}) {
    socket_
        .on_state_change(
            [this](const steady::StateChange& change) { print("state", to_string(change.state)); })
        .keep();
    socket_
        .on("hello",
            [this](const steady::Message& message) {
              print("hello", std::string(message.data).c_str());
              socket_.close();
            })
        .keep();
    socket_.send(R"({"type":"hello","text":"é€😀"})");
  }

  bool poll() {
    polling_ = true;
    socket_.poll();
    polling_ = false;
    return socket_.state() != steady::State::closed;
  }

 private:
  /// Prints the event and its thread.
  void print(const char* event, const char* value) const {
    const bool is_main = pthread_equal(pthread_self(), main_thread) != 0;
    const bool is_own = pthread_equal(pthread_self(), thread_) != 0;
    std::printf("%s thread, %s, %s: %s %s\n", is_main ? "main" : "worker",
                is_own ? "its own" : "another", polling_ ? "in poll" : "outside of poll", event,
                value);
  }

  pthread_t thread_ = pthread_self();
  bool polling_ = false;
  steady::Socket socket_;
};

EM_BOOL poll(double, void* player) {
  if (static_cast<Player*>(player)->poll()) return EM_TRUE;
  static_cast<Player*>(player)->poll();
  return EM_FALSE;
}

void* play(void*) {
  emscripten_set_timeout_loop(poll, 5, new Player);
  // The thread continues in its event loop.
  emscripten_exit_with_live_runtime();
}

}  // namespace

int main(int, char** arguments) {
  main_thread = pthread_self();
  url = arguments[2];
  if (std::strcmp(arguments[1], "worker") == 0) {
    pthread_t thread;
    pthread_create(&thread, nullptr, play, nullptr);
    pthread_detach(thread);
    emscripten_exit_with_live_runtime();
  }
  play(nullptr);
}
