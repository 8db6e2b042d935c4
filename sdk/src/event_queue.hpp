#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "steady/socket.hpp"

namespace steady::detail {

/// Calls the callbacks of Options that the kernel's questions `provide` and `greet` are for.
class QuestionListener {
 public:
  virtual void ask_for_details(Generation attempt) = 0;
  virtual void ask_to_greet(Generation attempt) = 0;

 protected:
  ~QuestionListener() = default;
};

/// An event that was not dispatched yet, or a question.
class Event {
 public:
  virtual ~Event() = default;
  /// Returns true for an event. For a question, asks it and returns false.
  virtual bool is_event(QuestionListener& listener) const noexcept {
    static_cast<void>(listener);
    return true;
  }
  /// Dispatches the event.
  virtual void notify(SocketListener& listener) const noexcept { static_cast<void>(listener); }
  /// Called once, when handlers are called.
  virtual void run() noexcept {}
  /// Size of its payload, in bytes.
  virtual std::size_t payload_bytes() const { return 0; }
  /// True if it completes a request of the user, by run(). Such an event is never discarded.
  virtual bool is_requested() const { return false; }

 private:
  friend class EventQueue;
  std::unique_ptr<Event> next_;
};

class OpenEvent final : public Event {
 public:
  void notify(SocketListener& listener) const noexcept override { listener.on_open(); }
};

/// An event with data, and the member function of the listener that it is dispatched to.
template <class What, void (SocketListener::*on_event)(const What&)>
class EventWith final : public Event {
 public:
  explicit EventWith(What what) : what_(std::move(what)) {}
  void notify(SocketListener& listener) const noexcept override { (listener.*on_event)(what_); }

 private:
  What what_;
};

using CloseEvent = EventWith<CloseInfo, &SocketListener::on_close>;
using ErrorEvent = EventWith<Error, &SocketListener::on_error>;
using StateEvent = EventWith<StateChange, &SocketListener::on_state_change>;
using OutcomeEvent = EventWith<Outcome, &SocketListener::on_outcome>;
using SessionEvent = EventWith<SessionChange, &SocketListener::on_session>;

/// A question about an attempt.
template <void (QuestionListener::*ask)(Generation)>
class Question final : public Event {
 public:
  explicit Question(Generation attempt) : attempt_(attempt) {}
  bool is_event(QuestionListener& listener) const noexcept override {
    (listener.*ask)(attempt_);
    return false;
  }

 private:
  Generation attempt_;
};

using ProvideQuestion = Question<&QuestionListener::ask_for_details>;
using GreetQuestion = Question<&QuestionListener::ask_to_greet>;

/// Owns the dropped message.
class DropEvent final : public Event {
 public:
  explicit DropEvent(Drop drop) : drop_(std::move(drop)) {}
  void notify(SocketListener& listener) const noexcept override { listener.on_drop(drop_); }
  std::size_t payload_bytes() const override { return drop_.payload.size(); }

 private:
  Drop drop_;
};

/// Completes a call of Socket::drained() or Socket::delivered(): calls its handler, or without one
/// the listener.
template <void (SocketListener::*on_event)(const Error&)>
class AnswerEvent final : public Event {
 public:
  explicit AnswerEvent(Handler<Error>&& handler) : handler_(std::move(handler)) {}
  void notify(SocketListener& listener) const noexcept override {
    if (!handler_) (listener.*on_event)(error);
  }
  bool is_requested() const override { return static_cast<bool>(handler_); }
  void run() noexcept override {
    if (handler_) handler_(error);
  }

  /// Why it was not drained or delivered.
  Error error;

 private:
  Handler<Error> handler_;
};

using DrainedEvent = AnswerEvent<&SocketListener::on_drained>;
using DeliveredEvent = AnswerEvent<&SocketListener::on_delivered>;

/// FIFO queue of events. May be changed while an event is being dispatched.
class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue() { clear(); }

  void push(std::unique_ptr<Event> event) { link(event.release()); }
  template <class What, class... Arguments>
  void emplace(Arguments&&... arguments) {
    link(new What(std::forward<Arguments>(arguments)...));
  }

  /// The queue must not be empty.
  std::unique_ptr<Event> pop() {
    std::unique_ptr<Event> event = std::move(first_);
    first_ = std::move(event->next_);
    if (--size_ == 0) last_ = nullptr;
    return event;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void clear() {
    while (!empty()) pop();
  }

 private:
  void link(Event* event) {
    (last_ != nullptr ? last_->next_ : first_).reset(event);
    last_ = event;
    ++size_;
  }

  std::unique_ptr<Event> first_;
  Event* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace steady::detail
