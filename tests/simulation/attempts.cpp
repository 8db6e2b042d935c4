#include "attempts.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "story.hpp"

namespace model {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using steady::CloseAction;
using steady::Hint;
using steady::State;

namespace {

constexpr std::string_view retry_after = "retry-after=";

}  // namespace

/// The action by ReconnectOptions::rules and default_close_rules().
CloseAction Attempts::by_rules(const steady::CloseInfo& info) {
  const auto& rules = options_.reconnect.rules;
  const auto has = [&info](const steady::CloseRule& rule) {
    return rule.first <= info.code && info.code <= rule.last;
  };
  const auto rule = std::find_if(rules.begin(), rules.end(), has);
  if (rule != rules.end()) return rule->action;
  if (info.reason.starts_with(retry_after)) return CloseAction::later;
  const auto defaults = steady::default_close_rules();
  const auto other = std::find_if(defaults.begin(), defaults.end(), has);
  if (other == defaults.end()) return CloseAction::retry;
  const bool is_credentials_code = info.code == 1008 || info.code == 3000 || info.code == 3003 ||
                                   info.code == 4401 || info.code == 4403;
  const bool can_refresh = options_.provider || options_.greet;
  if (is_credentials_code && can_refresh && !std::exchange(has_retried_credentials_, true)) {
    return CloseAction::retry;
  }
  return other->action;
}

// --- Calls of the user. ---

void Attempts::connect_called(State before) {
  if (before == State::idle || before == State::waiting || before == State::suspended) {
    is_requested_ = true;
  }
}

void Attempts::resume_called(State before) {
  if (before == State::suspended) is_requested_ = true;
}

void Attempts::reconnect_called() {
  is_requested_ = true;
  reset_count();
  // An earlier gave_up may not be reported yet.
  is_count_sure_ = false;
}

// --- Actions of servers, networks and the platform. ---

void Attempts::connection_ends(const steady::CloseInfo& info) {
  // A stable connection resets the count before the rules are applied.
  connection_over();
  // With decide() the action is not known yet.
  if (!options_.reconnect.decide) ends_with(info, by_rules(info));
}

void Attempts::ends_with(const steady::CloseInfo& info, CloseAction action) {
  server_wants_.reset();
  if (info.reason.starts_with(retry_after)) {
    const int seconds = std::stoi(info.reason.substr(retry_after.size()));
    server_wants_ = runtime_.now() + std::chrono::seconds(seconds);
  } else if (action == CloseAction::later) {
    server_wants_ = runtime_.now() + options_.reconnect.later_min;
  }
  if (action != CloseAction::fatal) return;
  was_refused_ = true;
  ++fatal_ends_;
}

void Attempts::hint_begins(Hint hint, State before) {
  is_hinted_ = hint != Hint::offline;
  // A hint does not shorten a delay that the server asked for.
  if (is_hinted_ && before == State::suspended && server_wants_) due_ = server_wants_;
  if (hint != Hint::online) return;
  if (before == State::waiting || before == State::suspended) {
    reset_count();
    // The attempt that is due was already counted.
    timed_ = -1;
  } else if (before == State::closing) {
    // It may have been waiting before it closed.
    timed_ = -1;
    is_count_sure_ = false;
  }
}

// --- Observations. ---

void Attempts::look(const steady::Socket& socket) {
  for (; over_ < runtime_.transports() && runtime_.connection(over_).abandoned(); ++over_) {
    connection_over();
  }
  for (; seen_ < runtime_.transports(); ++seen_) {
    expect(seen_ == 0 || runtime_.connection(seen_ - 1).abandoned(),
           "there is at most one connection");
    if (!options_.provider) {
      begin();
    } else {
      const std::string& url = runtime_.connection(seen_).request().url;
      expect(url.ends_with("/" + std::to_string(questions_)),
             "the attempt uses the last reply of the provider");
      owes_ = false;
    }
  }

  const State state = socket.state();
  // With a provider the attempt begins later.
  if (state == State::connecting) note_first();
  if (state != State::connecting && state != State::open) owes_ = false;
  if (state == State::waiting || state == State::suspended || state == State::closed) {
    is_requested_ = false;
  }
  if (const auto in = socket.retry_in()) {
    due_ = runtime_.now() + *in;
  } else if (state == State::suspended && last_seen_ != State::suspended && !user_suspended_) {
    due_ = runtime_.now() + 30s;
  } else if (state == State::closing) {
    // retry_in() is not set during a flush.
    due_ = runtime_.now();
  }
  expect(!user_suspended_ || state == State::suspended || state == State::closing ||
             state == State::closed || is_requested_,
         "a socket that the user has suspended stays suspended");
  last_seen_ = state;
}

void Attempts::connection_over() {
  const auto since = in_order_since_;
  in_order_since_.reset();
  if (since && runtime_.now() - *since >= options_.reconnect.stable_after) reset_count();
}

void Attempts::reset_count() {
  begun_ = 0;
  timed_ = 0;
  since_ = runtime_.now();
  is_count_sure_ = true;
  has_retried_credentials_ = false;
}

/// max_elapsed counts from the first attempt.
void Attempts::note_first() {
  if (!std::exchange(has_begun_, true)) since_ = runtime_.now();
}

void Attempts::begin() {
  const milliseconds now = runtime_.now();
  const bool is_first = questions_ + seen_ == 0 && options_.start == steady::Start::at_once;
  note_first();
  if (user_suspended_) reset_count();
  if (!is_requested_ && !is_first) {
    expect(!user_suspended_, "no attempt while the user has suspended");
    expect(!server_wants_ || now >= *server_wants_,
           "no attempt before the time that the server asked for");
    if (!is_hinted_) {
      expect(due_ && now >= *due_, "no attempt before its time");
      ++timed_;
      expect(timed_ <= std::int64_t{options_.reconnect.max_attempts},
             "no more attempts than max_attempts");
      expect(!options_.reconnect.max_elapsed || last_seen_ != State::waiting ||
                 now - *since_ <= *options_.reconnect.max_elapsed,
             "no attempt after max_elapsed");
    }
  }
  ++begun_;
  is_requested_ = user_suspended_ = is_decided_ = false;
  due_.reset();
  server_wants_.reset();
}

std::size_t Attempts::provider_called() {
  expect(!owes_, "the provider is not called again before it has replied");
  expect(runtime_.transports() == 0 || runtime_.connection().abandoned(),
         "the provider is called before the transport is made");
  begin();
  owes_ = true;
  return ++questions_;
}

void Attempts::decide_called(const steady::CloseInfo& info) {
  expect(!is_decided_, "decide is called once for every end");
  is_decided_ = true;
  ends_with(info, CloseAction::retry);
}

void Attempts::decided(const steady::CloseInfo& info, std::optional<CloseAction> action) {
  ends_with(info, action ? *action : by_rules(info));
}

void Attempts::gave_up() const {
  const auto& reconnect = options_.reconnect;
  milliseconds wait = std::max(reconnect.max_delay, reconnect.later_max);
  if (server_wants_) wait += *server_wants_ - runtime_.now();
  const bool is_late =
      reconnect.max_elapsed && since_ && runtime_.now() + wait > *since_ + *reconnect.max_elapsed;
  expect(!is_count_sure_ || begun_ >= reconnect.max_attempts || is_late,
         "a socket gives up only if no attempt is allowed");
}

}  // namespace model
