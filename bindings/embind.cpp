// Binds the kernel and the connections of the npm package to JavaScript. The only file that uses
// embind.
#include <emscripten/bind.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

#include "../sdk/kernel/readings.hpp"
#include "../sdk/web/browser_socket.hpp"
#include "../sdk/web/imports.hpp"
#include "border.hpp"

namespace steady::bindings {

namespace {

using kernel::InputKind;

/// Address of a Host, for JavaScript. It is passed to free functions, because embind's classes and
/// values take several kilobytes of glue.
using Handle = std::uintptr_t;

std::array<double, border_count> border;
/// A kernel::Settings, written by JavaScript before it calls create().
std::array<double, kernel::setting_count> settings;

kernel::Settings given_settings() {
  kernel::Settings given;
  std::memcpy(&given, settings.data(), sizeof given);
  return given;
}

double& at(Border field) { return border[static_cast<std::size_t>(field)]; }

/// The kernel and the connection of one socket. JavaScript carries out the kernel's commands, and
/// calls dial(), shut() and abandon() for those that concern the connection.
class Host final : private web::BrowserSocketListener {
 public:
  explicit Host(std::uint32_t observer) : observer_(observer), kernel_(given_settings()) {}

  kernel::Kernel& kernel() { return kernel_; }

  double input(const kernel::Input& input) {
    const kernel::Moment moment{at(Border::now), at(Border::random), at(Border::buffered),
                                at(Border::has_heard) != 0, at(Border::received)};
    const double answer = kernel_.input(moment, input);
    kernel::Commands& commands = kernel_.commands();
    at(Border::commands) = static_cast<double>(reinterpret_cast<std::uintptr_t>(commands.data()));
    at(Border::command_count) = static_cast<double>(commands.size());
    at(Border::deadline) = kernel_.next_deadline();
    at(Border::receipt_due) = kernel_.receipt_due();
    return answer;
  }

  /// Returns an ErrorCode. The string passed to SteadyWeb.leaveText (steady_web.js) is the URL and,
  /// after U+0000, the subprotocols.
  int dial(double attempt, std::size_t url_size) {
    const std::size_t size = steady_web_take_text(nullptr);
    const std::unique_ptr<char[]> text(new char[size + 1]);
    steady_web_take_text(text.get());
    text[size] = '\0';
    const char* const subprotocols = text.get() + url_size + 1;
    attempt_ = attempt;
    return static_cast<int>(connection_.open(
        text.get(), *subprotocols != '\0' ? subprotocols : nullptr, observer_, *this));
  }

  /// The string passed to SteadyWeb.leaveText is the reason.
  void shut(int code) { connection_.close(static_cast<std::uint16_t>(code)); }

  void abandon() { connection_.abandon(); }

 private:
  /// Gives an input about the current attempt.
  double report(InputKind kind, double b = 0, double c = 0, double d = 0) {
    return input({kind, attempt_, b, c, d});
  }
  void on_open() override { report(InputKind::opened, at(Border::argument), /*takes_grants=*/1); }
  void on_error(ErrorCode code) override { report(InputKind::error, static_cast<double>(code)); }
  void on_close(std::uint16_t code, bool was_clean) override {
    report(InputKind::closed, code, was_clean ? 1.0 : 0.0, at(Border::argument));
  }
  bool on_message(bool, std::size_t) override { return report(InputKind::message) != 0; }

  const std::uint32_t observer_;
  kernel::Kernel kernel_;
  web::BrowserSocket connection_;
  double attempt_ = 0;
};

Host& host(Handle handle) { return *reinterpret_cast<Host*>(handle); }

Handle address_of_border() { return reinterpret_cast<Handle>(border.data()); }
Handle address_of_settings() { return reinterpret_cast<Handle>(settings.data()); }

Handle create(std::uint32_t observer) { return reinterpret_cast<Handle>(new Host(observer)); }
void destroy(Handle handle) { delete &host(handle); }

void add_close_rule(Handle handle, int first, int last, int action) {
  host(handle).kernel().add_close_rule({static_cast<std::uint16_t>(first),
                                        static_cast<std::uint16_t>(last),
                                        static_cast<CloseAction>(action)});
}

double input(Handle handle, int kind, double a, double b, double c, double d, double e) {
  return host(handle).input({static_cast<InputKind>(kind), a, b, c, d, e});
}
/// Called when all commands were carried out.
void clear(Handle handle) { host(handle).kernel().commands().clear(); }

int dial(Handle handle, double attempt, std::size_t url_size) {
  return host(handle).dial(attempt, url_size);
}
void shut(Handle handle, int code) { host(handle).shut(code); }
void abandon(Handle handle) { host(handle).abandon(); }

double read(Handle handle, int reading) {
  return kernel::read(host(handle).kernel(), static_cast<kernel::Reading>(reading),
                      at(Border::now));
}

/// Numbers only: embind's strings take 0.7 KB of glue. Strings are passed by steady_web_take_text.
template <class Result, class... Arguments>
void bind(const char* name, Result (*function)(Arguments...)) {
  static_assert(std::is_void_v<Result> || std::is_arithmetic_v<Result>);
  static_assert((std::is_arithmetic_v<Arguments> && ...));
#ifdef STEADYSOCKET_MINIMAL_EMBIND
  // minimal.js needs neither types nor invokers.
  emscripten::internal::_embind_register_function(
      name, 0, nullptr, nullptr, nullptr,
      reinterpret_cast<emscripten::internal::GenericFunction>(function));
#else
  emscripten::function(name, function);
#endif
}

}  // namespace

EMSCRIPTEN_BINDINGS(steadysocket) {
  bind("border", &address_of_border);
  bind("settings", &address_of_settings);
  bind("create", &create);
  bind("destroy", &destroy);
  bind("addCloseRule", &add_close_rule);
  bind("input", &input);
  bind("clear", &clear);
  bind("dial", &dial);
  bind("shut", &shut);
  bind("abandon", &abandon);
  bind("read", &read);
}

}  // namespace steady::bindings
