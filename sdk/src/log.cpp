// Options::log. Alone in its file, so that only programs with a log link it.
#include <atomic>
#include <string>
#include <utility>

#include "logged_transport.hpp"
#include "masked.hpp"
#include "session_frames.hpp"
#include "socket_impl.hpp"
#include "type_scanner.hpp"
#include "utf8.hpp"

namespace steady {

namespace {

using Write = std::function<void(std::string_view)>;

std::string in_brackets(std::string_view text) {
  return text.empty() ? std::string() : " (" + detail::masked(text) + ")";
}

std::string described(MessageKind kind, std::string_view data, std::size_t size) {
  const bool is_text = kind == MessageKind::text && (!data.empty() || size == 0);
  return is_text ? detail::beginning_of(data) : std::to_string(size) + " bytes";
}

const char* name_of(CloseAction action) {
  switch (action) {
    case CloseAction::fatal:
      return "fatal";
    case CloseAction::retry:
      return "retry";
    case CloseAction::at_once:
      return "at_once";
    case CloseAction::later:
      return "later";
  }
  return "";
}

/// Names the source of a decision.
const char* name_of(kernel::DecidedBy by) {
  switch (by) {
    case kernel::DecidedBy::nobody:
      return "the platform or the program";
    case kernel::DecidedBy::decide:
      return "reconnect.decide";
    case kernel::DecidedBy::rule:
      return "reconnect.rules";
    case kernel::DecidedBy::server:
      return "the server's retry-after";
    case kernel::DecidedBy::fresh_answers:
      return "fresh answers before the default rule";
    case kernel::DecidedBy::default_rule:
      return "the default rule";
  }
  return "";
}

std::uint32_t next_number() {
  static std::atomic<std::uint32_t> last = 0;
  return ++last;
}

}  // namespace

/// The log of a socket: makes a line of each step, and writes it when the events before it have
/// been dispatched, because the function may call the socket.
class Socket::Impl::LogPart final : public detail::SocketLog, private detail::FrameListener {
 public:
  LogPart(Impl& impl, const Write& write)
      : impl_(impl),
        write_(write),
        name_("steadysocket #" + std::to_string(next_number()) + " +"),
        last_(impl.platform_.now()) {}

  void created() override {
    const std::string& url = impl_.options_.url;
    const bool is_provided = static_cast<bool>(impl_.options_.provider);
    later("created for " + (is_provided ? "a URL to be provided" : detail::masked(url)));
  }
  std::unique_ptr<Transport> wrap(std::unique_ptr<Transport> transport) override {
    return std::make_unique<detail::LoggedTransport>(std::move(transport),
                                                     impl_.options_.max_message_bytes,
                                                     static_cast<detail::FrameListener&>(*this));
  }
  void queued(const Payload& payload) override {
    later("queued " + described(payload.kind(), payload.data(), payload.size()));
  }
  void decided(kernel::DecidedBy by, CloseAction action, std::uint32_t rule) override {
    const std::uint32_t first = rule >> 16;
    const std::uint32_t last = rule & 0xffff;
    std::string text = std::string("next: ") + name_of(action) + " by " + name_of(by);
    if (rule != 0) text += " for " + std::to_string(first);
    if (first != last) text += "-" + std::to_string(last);
    later(std::move(text));
  }
  void set_next(SocketListener& listener) override { next_ = &listener; }

  /// Writes a line now. `write_` may destroy the socket.
  void write(std::string_view text) {
    const double now = impl_.platform_.now();
    const auto passed = static_cast<std::int64_t>(now - std::exchange(last_, now));
    write_(name_ + std::to_string(passed) + "ms " + std::string(text));
  }

 private:
  // --- Events of the socket, when they are dispatched. ---

  void on_open() override {
    if (next_ != nullptr) next_->on_open();
  }
  void on_close(const CloseInfo& info) override {
    const bool is_alive =
        say("closed with " + std::to_string(info.code) + in_brackets(info.reason) +
            (info.will_retry ? ", another attempt follows" : ", no other attempt follows"));
    if (is_alive && next_ != nullptr) next_->on_close(info);
  }
  void on_error(const Error& error) override {
    const bool is_alive =
        say(std::string("error ") + to_string(error.code) + ": " + detail::masked(error.message));
    if (is_alive && next_ != nullptr) next_->on_error(error);
  }
  void on_state_change(const StateChange& change) override {
    std::string text = std::string(to_string(change.previous)) + " -> " + to_string(change.state);
    if (change.state == State::waiting) {
      text += ", " + attempt() + " in " + std::to_string(change.retry_in.count()) + " ms";
    }
    if (change.state == State::open) {
      const std::string subprotocol = impl_.subprotocol();
      if (!subprotocol.empty()) text += ", subprotocol " + subprotocol;
    }
    if (change.last_close) text += in_brackets(change.last_close->reason);
    if (say(text) && next_ != nullptr) next_->on_state_change(change);
  }
  void on_drop(const Drop& drop) override {
    const Payload& payload = drop.payload;
    detail::TypeScanner scanner(impl_.options_.type_member);
    const bool has_type = payload.kind() == MessageKind::text &&
                          scanner.scan(payload.data()) == detail::TypeScanner::Result::found;
    const std::string what = has_type ? std::string(scanner.type())
                                      : described(payload.kind(), payload.data(), payload.size());
    const bool is_alive = say("dropped " + what + in_brackets(to_string(drop.reason)));
    if (is_alive && next_ != nullptr) next_->on_drop(drop);
  }
  void on_outcome(const Outcome& outcome) override {
    if (next_ != nullptr) next_->on_outcome(outcome);
  }
  void on_drained(const Error& error) override {
    if (next_ != nullptr) next_->on_drained(error);
  }
  void on_delivered(const Error& error) override {
    if (next_ != nullptr) next_->on_delivered(error);
  }
  void on_session(const SessionChange& change) override {
    const bool is_alive =
        say(std::string("session ") + to_string(change.state) + in_brackets(change.reason));
    if (is_alive && next_ != nullptr) next_->on_session(change);
  }

  // --- Frames, and steps of the platform. ---

  void connecting(std::string_view url) override {
    later("connecting to " + detail::masked(url) + ", " + attempt());
  }
  void sent(MessageKind kind, std::string_view data, std::size_t size) override {
    frame("sent ", kind, data, size);
  }
  void received(MessageKind kind, std::string_view data, std::size_t size) override {
    frame("received ", kind, data, size);
  }
  void step(std::string_view text) override { later(std::string(text)); }

  /// Control frames of a session are omitted, and the mark of escaped messages is removed.
  void frame(const char* verb, MessageKind kind, std::string_view data, std::size_t size) {
    if (impl_.session_.is_agreed() && kind == MessageKind::text &&
        data.starts_with(detail::session_mark)) {
      data.remove_prefix(1);
      --size;
      if (!data.starts_with(detail::session_mark)) return;
    }
    later(verb + described(kind, data, size));
  }

  std::string attempt() const {
    return "attempt " + std::to_string(impl_.kernel_->retries(impl_.platform_.now()) + 1);
  }

  /// Writes a line now. Returns false if that has destroyed the socket.
  bool say(std::string_view text) {
    write(text);
    return !impl_.is_gone_;
  }

  /// Writes a line after the events that are queued.
  void later(std::string text);

  Impl& impl_;
  const Write& write_;
  const std::string name_;
  double last_;
  SocketListener* next_ = nullptr;
};

namespace {

/// Writes a line in the order of the events.
template <class Part>
class LineEvent final : public detail::Event {
 public:
  LineEvent(Part& part, std::string text) : part_(part), text_(std::move(text)) {}
  bool is_event(detail::QuestionListener& listener) const noexcept override {
    static_cast<void>(listener);
    part_.write(text_);
    return false;
  }

 private:
  Part& part_;
  const std::string text_;
};

}  // namespace

void Socket::Impl::LogPart::later(std::string text) {
  if (impl_.is_gone_) return;
  impl_.events_.add<LineEvent<LogPart>>(*this, std::move(text));
  impl_.post_turn();
}

detail::SocketLog* detail::LogMaker::make(LogTarget& target, const Write& write) {
  return new Socket::Impl::LogPart(static_cast<Socket::Impl&>(target), write);
}

}  // namespace steady
