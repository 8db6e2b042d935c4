#include "session_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace model {

namespace {

constexpr char mark = '\x10';

std::uint64_t number_of(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

/// The frame as it is printed.
std::string readable(std::string text) {
  std::replace(text.begin(), text.end(), mark, '^');
  return text;
}

}  // namespace

const char* to_string(Fault fault) {
  switch (fault) {
    case Fault::no_fencing:
      return "no fencing";
    case Fault::no_generation:
      return "no generations";
    case Fault::no_epoch:
      return "no epochs";
    case Fault::same_life:
      return "the same life";
    case Fault::no_gaps:
      return "no gaps";
    case Fault::no_count:
      return "no count of what was handled";
    case Fault::no_replay:
      return "no replay";
    case Fault::early_receipts:
      return "early receipts";
    default:
      return "no fault";
  }
}

std::vector<std::uint64_t> numbers_in(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  bool is_inside = false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit && !is_inside) numbers.push_back(0);
    if (is_digit) numbers.back() = numbers.back() * 10 + static_cast<std::uint64_t>(c - '0');
    is_inside = is_digit;
  }
  return numbers;
}

// --- Links. ---

void SessionServer::accept() {
  links_.resize(runtime_.transports());
  links_.back().down.push_back(mark + ("G 1 " + life()));
  runtime_.connection().accept("steady.1");
}

void SessionServer::die(std::size_t at, bool is_noticed) {
  Link& link = links_[at];
  if (link.is_dead) return;
  link.is_dead = true;
  auto& connection = runtime_.connection(at);
  const std::size_t on_the_way = connection.sent().size() - link.up;
  link.up_end = link.up + random_.below(on_the_way + 1);
  if (is_noticed && !connection.abandoned()) {
    // Some frames in transit to the client arrive first.
    for (std::size_t left = random_.below(link.down.size() + 1); left > 0; --left) {
      deliver_down(at);
    }
    if (!connection.abandoned()) connection.drop();
  }
}

void SessionServer::look() {
  for (std::size_t at = 0; at < links_.size(); ++at) {
    if (!links_[at].is_dead && runtime_.connection(at).abandoned()) die(at, false);
  }
}

bool SessionServer::deliver_down(std::size_t at) {
  Link& link = links_[at];
  if (link.down.empty()) return false;
  const std::string frame = std::move(link.down.front());
  link.down.pop_front();
  auto& connection = runtime_.connection(at);
  note(0, "down " + std::to_string(at) + ": " + readable(frame));
  const bool is_old = connection.abandoned();
  const bool passes = connection.deliver_text(frame);
  witness_.expect(!is_old || !passes, "a late frame is dropped");
  return true;
}

bool SessionServer::deliver_up(std::size_t at) {
  Link& link = links_[at];
  auto& connection = runtime_.connection(at);
  if (link.up >= std::min(link.up_end, connection.sent().size())) {
    if (link.is_dead || !connection.close_requested() || connection.abandoned()) return false;
    link.is_dead = true;
    link.up_end = link.up;
    connection.close(1000);
    return true;
  }
  const std::string text = connection.sent()[link.up++].data;
  note(0, "up " + std::to_string(at) + ": " + readable(text));
  if (text.size() > 1 && text[0] == mark && text[1] != mark) {
    control(at, std::string_view(text).substr(1));
  } else {
    message(at, text);
  }
  return true;
}

// --- The server. ---

SessionServer::Session* SessionServer::session_of(std::size_t at) {
  const Link& link = links_[at];
  const auto found = sessions_.find(link.id);
  if (link.id.empty() || found == sessions_.end()) return nullptr;
  if (witness_.fault() == Fault::no_fencing) return &found->second;
  return link.is_over || found->second.link != at ? nullptr : &found->second;
}

void SessionServer::control(std::size_t at, std::string_view frame) {
  std::istringstream words{std::string(frame)};
  std::vector<std::string> fields;
  for (std::string word; words >> word;) fields.push_back(word);
  const char letter = fields[0][0];
  if (letter == 'H') {
    hello(at, fields);
    return;
  }
  Session* const session = session_of(at);
  if (session == nullptr) return;
  Link& link = links_[at];
  switch (letter) {
    case '@':
      if (witness_.fault() == Fault::no_gaps && link.has_number) break;
      link.has_number = true;
      link.expected = number_of(fields[1]);
      break;
    case 'A':
      receipt(*session, number_of(fields[1]));
      break;
    case '?':
      session->pending = 0;
      link.down.push_back(mark + ("! " + fields[1] + " " + std::to_string(session->received) + " " +
                                  std::to_string(runtime_.wall_clock().count())));
      break;
    case '!':
      if (number_of(fields[1]) == questions_) receipt(*session, number_of(fields[2]));
      break;
    case 'X':
      lose(*session);
      remember(link.id, *session);
      sessions_.erase(link.id);
      if (repeats) may_repeat = true;
      break;
    default:
      witness_.expect(false, "the client sends only frames of the protocol");
  }
}

void SessionServer::hello(std::size_t at, const std::vector<std::string>& fields) {
  Link& link = links_[at];
  witness_.expect(fields.size() == 5 && fields[1].size() == 22, "a hello has five fields");
  witness_.expect(link.id.empty(), "a connection has one hello");
  const std::string& id = fields[1];
  const std::string& epoch = fields[2];
  const std::uint64_t generation = number_of(fields[3]);
  const std::uint64_t received = number_of(fields[4]);
  const auto found = sessions_.find(id);
  const auto trace = traces_.find(id);
  const bool is_known = found != sessions_.end();
  const std::uint64_t newest = is_known                 ? found->second.generation
                               : trace != traces_.end() ? trace->second.generation
                                                        : 0;
  const bool is_older = generation <= newest;
  if (is_older && witness_.fault() != Fault::no_generation) {
    link.is_over = true;
    return;
  }
  if (is_known && is_older)
    witness_.expect(!is_alive(found->second.link),
                    "a session is taken over only from a dead connection");
  link.id = id;
  link.has_number = false;
  std::string old;
  bool is_new = false;
  if (is_known && found->second.epoch == epoch) {
    Session& session = found->second;
    if (!links_[session.link].is_dead && session.link != at) links_[session.link].is_over = true;
    receipt(session, received);
  } else if (!is_known && trace == traces_.end() &&
             (epoch == life() || witness_.fault() == Fault::no_epoch)) {
    is_new = true;
    sessions_[id].epoch = epoch;
  } else {
    if (is_known) lose(found->second);
    if (trace != traces_.end() && trace->second.epoch == epoch) {
      old = " " + std::to_string(trace->second.received);
    } else if (repeats) {
      may_repeat = true;
    }
    sessions_[id] = {};
    sessions_[id].epoch = "epoch" + std::to_string(++epochs_);
  }
  traces_.erase(id);
  if (at + 1 == links_.size()) newest_ = id;
  Session& session = sessions_[id];
  session.generation = generation;
  session.link = at;
  session.pending = 0;
  link.has_number = is_new;
  link.expected = 1;
  const std::uint64_t count = witness_.fault() == Fault::no_count ? 0 : session.received;
  link.down.push_back(mark + ("W " + session.epoch + " " + std::to_string(count) + " 60000" + old));
  // The first message to a new session may omit its number.
  link.next = is_new && random_.one_in(2) ? 1 : 0;
  if (witness_.fault() == Fault::no_replay) return;
  for (const Frame& frame : session.unacknowledged) transmit(link, frame);
}

void SessionServer::receipt(Session& session, std::uint64_t number) {
  witness_.expect(number < session.next, "only sent messages are acknowledged");
  auto& left = session.unacknowledged;
  for (; !left.empty() && left.front().number <= number; left.pop_front()) {
    for (const std::uint64_t one : numbers_in(left.front().text)) {
      witness_.expect(dispatched.contains(one), "only handled messages are acknowledged");
    }
  }
}

void SessionServer::message(std::size_t at, std::string_view text) {
  Session* const session = session_of(at);
  if (session == nullptr) {
    const Link& link = links_[at];
    witness_.expect(!link.id.empty() || link.is_over, "messages follow the hello");
    return;
  }
  Link& link = links_[at];
  if (!link.has_number) return;
  const std::uint64_t number = link.expected++;
  if (number <= session->received && witness_.fault() != Fault::no_count) return;
  session->received = number;
  if (witness_.fault() == Fault::early_receipts) session->received = number + random_.below(2);
  witness_.expect(++session->pending <= window, "the window is limited");
  for (const std::uint64_t one : numbers_in(text)) {
    witness_.expect(++handled[one] == 1 || may_repeat, "a message is handled once");
    witness_.expect(one > session->last || may_repeat, "messages are handled in order");
    session->last = std::max(session->last, one);
  }
}

std::uint64_t SessionServer::send(bool in_batch) {
  const auto found = sessions_.find(newest_);
  if (found == sessions_.end()) return 0;
  Session& session = found->second;
  std::string text = random_.one_in(8) ? std::string(2, mark) : std::string();
  if (in_batch) {
    text = "[{\"s\":" + std::to_string(++last_sent_) + "},";
    text += "{\"s\":" + std::to_string(++last_sent_) + "}]";
  } else {
    text += "s" + std::to_string(++last_sent_);
  }
  // A gap in the numbers.
  if (random_.one_in(8)) ++session.next;
  session.unacknowledged.push_back({session.next++, text});
  if (session_of(session.link) != nullptr) {
    transmit(links_[session.link], session.unacknowledged.back());
  }
  return last_sent_;
}

void SessionServer::transmit(Link& link, const Frame& frame) {
  if (link.next != frame.number || random_.one_in(16)) {
    link.down.push_back(mark + ("@ " + std::to_string(frame.number)));
  }
  link.down.push_back(frame.text);
  link.next = frame.number + 1;
}

void SessionServer::acknowledge() {
  const auto found = sessions_.find(newest_);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  session.pending = 0;
  links_[session.link].down.push_back(mark + ("A " + std::to_string(session.received)));
}

void SessionServer::ask() {
  const auto found = sessions_.find(newest_);
  if (found == sessions_.end()) return;
  links_[found->second.link].down.push_back(mark + ("? " + std::to_string(++questions_)));
}

void SessionServer::lose(Session& session) {
  for (const Frame& frame : session.unacknowledged) {
    for (const std::uint64_t one : numbers_in(frame.text)) undelivered.insert(one);
  }
  session.unacknowledged.clear();
}

void SessionServer::remember(const std::string& id, const Session& session) {
  traces_[id] = {session.epoch, session.generation, session.received};
}

void SessionServer::forget(bool remembers) {
  for (auto& [id, session] : sessions_) {
    lose(session);
    links_[session.link].is_over = true;
    if (remembers) remember(id, session);
  }
  for (std::size_t at = 0; at < links_.size(); ++at) {
    if (links_[at].is_dead) continue;
    links_[at].is_over = true;
    die(at, true);
  }
  sessions_.clear();
  if (remembers) return;
  traces_.clear();
  if (witness_.fault() != Fault::same_life) ++lives_;
}

void SessionServer::end_session() {
  const auto found = sessions_.find(newest_);
  if (found == sessions_.end()) return;
  const std::size_t at = found->second.link;
  if (!is_alive(at) || session_of(at) == nullptr) return;
  lose(found->second);
  remember(found->first, found->second);
  links_[at].down.push_back(std::string(1, mark) + "X bye");
  links_[at].is_over = true;
  sessions_.erase(found);
  if (repeats) may_repeat = true;
}

void SessionServer::expire() {
  for (auto& [id, session] : sessions_) {
    if (id != newest_) lose(session);
  }
}

bool SessionServer::is_settled() const {
  const auto found = sessions_.find(newest_);
  return found != sessions_.end() && found->second.unacknowledged.empty();
}

}  // namespace model
