#include "steady/error.hpp"
#include "steady/send_result.hpp"
#include "steady/state.hpp"

namespace steady {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::none:
      return "none";
    case ErrorCode::invalid_option:
      return "invalid_option";
    case ErrorCode::invalid_url:
      return "invalid_url";
    case ErrorCode::invalid_subprotocol:
      return "invalid_subprotocol";
    case ErrorCode::invalid_close_code:
      return "invalid_close_code";
    case ErrorCode::invalid_close_reason:
      return "invalid_close_reason";
    case ErrorCode::invalid_state:
      return "invalid_state";
    case ErrorCode::not_supported:
      return "not_supported";
    case ErrorCode::blocked:
      return "blocked";
    case ErrorCode::connection_failed:
      return "connection_failed";
    case ErrorCode::connect_timeout:
      return "connect_timeout";
    case ErrorCode::message_too_large:
      return "message_too_large";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::malformed_message:
      return "malformed_message";
    case ErrorCode::heartbeat_timeout:
      return "heartbeat_timeout";
    case ErrorCode::provider_failed:
      return "provider_failed";
    case ErrorCode::session_failed:
      return "session_failed";
    case ErrorCode::gave_up:
      return "gave_up";
    case ErrorCode::inbound_overflow:
      return "inbound_overflow";
  }
  return "";
}

const char* to_string(State state) {
  switch (state) {
    case State::idle:
      return "idle";
    case State::connecting:
      return "connecting";
    case State::open:
      return "open";
    case State::waiting:
      return "waiting";
    case State::suspended:
      return "suspended";
    case State::closing:
      return "closing";
    case State::closed:
      return "closed";
  }
  return "";
}

const char* to_string(SendStatus status) {
  switch (status) {
    case SendStatus::sent:
      return "sent";
    case SendStatus::queued:
      return "queued";
    case SendStatus::dropped:
      return "dropped";
    case SendStatus::rejected:
      return "rejected";
  }
  return "";
}

const char* to_string(DropReason reason) {
  switch (reason) {
    case DropReason::none:
      return "none";
    case DropReason::queue_full:
      return "queue_full";
    case DropReason::closed:
      return "closed";
    case DropReason::refused:
      return "refused";
    case DropReason::expired:
      return "expired";
    case DropReason::replaced:
      return "replaced";
    case DropReason::cancelled:
      return "cancelled";
    case DropReason::not_now:
      return "not_now";
    case DropReason::session_ended:
      return "session_ended";
    case DropReason::unconfirmed:
      return "unconfirmed";
    case DropReason::unanswered:
      return "unanswered";
  }
  return "";
}

}  // namespace steady
