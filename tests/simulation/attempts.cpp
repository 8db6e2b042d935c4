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

/// As ReconnectOptions::rules and default_close_rules() have it.
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
  const bool is_of_credentials = info.code == 1008 || info.code == 3000 || info.code == 3003 ||
                                 info.code == 4401 || info.code == 4403;
  const bool can_be_fresh = options_.provider || options_.greet;
  if (is_of_credentials && can_be_fresh && !std::exchange(asked_afresh_, true)) {
    return CloseAction::retry;
  }
  return other->action;
}

// --- What the user does. ---

void Attempts::connect_called(State before) {
  if (before == State::idle || before == State::waiting || before == State::suspended) {
    is_asked_for_ = true;
  }
}

void Attempts::resume_called(State before) {
  if (before == State::suspended) is_asked_for_ = true;
}

void Attempts::reconnect_called() {
  is_asked_for_ = true;
  count_anew();
  // Who has given up before may not have been told yet.
  is_count_sure_ = false;
}

// --- What servers, networks and the platform do. ---

void Attempts::server_says(const steady::CloseInfo& info) {
  // A connection that was stable counts first: the rules look at what came after it.
  connection_over();
  // Otherwise it is not over yet.
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

void Attempts::hint_comes(Hint hint, State before) {
  is_hinted_ = hint != Hint::offline;
  // It is made then what it would be made now.
  if (is_hinted_ && before == State::suspended && server_wants_) due_ = server_wants_;
  if (hint != Hint::online) return;
  if (before == State::waiting || before == State::suspended) {
    count_anew();
    // The one that is due was counted before.
    timed_ = -1;
  } else if (before == State::closing) {
    // It may have waited as well.
    timed_ = -1;
    is_count_sure_ = false;
  }
}

// --- What is seen and heard. ---

void Attempts::look(const steady::Socket& socket) {
  for (; over_ < runtime_.transports() && runtime_.connection(over_).abandoned(); ++over_) {
    connection_over();
  }
  for (; seen_ < runtime_.transports(); ++seen_) {
    expect(seen_ == 0 || runtime_.connection(seen_ - 1).abandoned(),
           "there is one connection at most");
    if (!options_.provider) {
      begin();
    } else {
      const std::string& url = runtime_.connection(seen_).request().url;
      expect(url.ends_with("/" + std::to_string(questions_)), "only the last answer counts");
      owes_ = false;
    }
  }

  const State state = socket.state();
  // A provider is asked later.
  if (state == State::connecting) note_first();
  if (state != State::connecting && state != State::open) owes_ = false;
  if (state == State::waiting || state == State::suspended || state == State::closed) {
    is_asked_for_ = false;
  }
  if (const auto in = socket.retry_in()) {
    due_ = runtime_.now() + *in;
  } else if (state == State::suspended && last_seen_ != State::suspended && !user_suspended_) {
    due_ = runtime_.now() + 30s;
  } else if (state == State::closing) {
    // A flush does not tell what it waits for.
    due_ = runtime_.now();
  }
  expect(!user_suspended_ || state == State::suspended || state == State::closing ||
             state == State::closed || is_asked_for_,
         "what the user has suspended stays so");
  last_seen_ = state;
}

void Attempts::connection_over() {
  const auto since = in_order_since_;
  in_order_since_.reset();
  if (since && runtime_.now() - *since >= options_.reconnect.stable_after) count_anew();
}

void Attempts::count_anew() {
  begun_ = 0;
  timed_ = 0;
  since_ = runtime_.now();
  is_count_sure_ = true;
  asked_afresh_ = false;
}

/// Time counts from the first attempt.
void Attempts::note_first() {
  if (!std::exchange(has_begun_, true)) since_ = runtime_.now();
}

void Attempts::begin() {
  const milliseconds now = runtime_.now();
  const bool is_first = questions_ + seen_ == 0 && options_.start == steady::Start::at_once;
  note_first();
  if (user_suspended_) count_anew();
  if (!is_asked_for_ && !is_first) {
    expect(!user_suspended_, "no attempt while the user has suspended");
    expect(!server_wants_ || now >= *server_wants_, "no attempt before the server wants it");
    if (!is_hinted_) {
      expect(due_ && now >= *due_, "no attempt before its time");
      ++timed_;
      expect(timed_ <= std::int64_t{options_.reconnect.max_attempts},
             "no more attempts than allowed");
      expect(!options_.reconnect.max_elapsed || last_seen_ != State::waiting ||
                 now - *since_ <= *options_.reconnect.max_elapsed,
             "no attempt after the time that is allowed");
    }
  }
  ++begun_;
  is_asked_for_ = user_suspended_ = is_decided_ = false;
  due_.reset();
  server_wants_.reset();
}

std::size_t Attempts::asked() {
  expect(!owes_, "the provider is not asked again while it owes an answer");
  expect(runtime_.transports() == 0 || runtime_.connection().abandoned(),
         "the provider is asked before there is a connection");
  begin();
  owes_ = true;
  return ++questions_;
}

void Attempts::decide_asked(const steady::CloseInfo& info) {
  expect(!is_decided_, "decide is asked once for every end");
  is_decided_ = true;
  ends_with(info, CloseAction::retry);
}

void Attempts::decided(const steady::CloseInfo& info, std::optional<CloseAction> word) {
  ends_with(info, word ? *word : by_rules(info));
}

void Attempts::gave_up() const {
  const auto& reconnect = options_.reconnect;
  milliseconds wait = std::max(reconnect.max_delay, reconnect.later_max);
  if (server_wants_) wait += *server_wants_ - runtime_.now();
  const bool is_late =
      reconnect.max_elapsed && since_ && runtime_.now() + wait > *since_ + *reconnect.max_elapsed;
  expect(!is_count_sure_ || begun_ >= reconnect.max_attempts || is_late,
         "only who may not try again gives up");
}

}  // namespace model
