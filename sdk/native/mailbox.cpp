#include "mailbox.hpp"

#include <utility>

namespace steady::native {

namespace {

/// Memory that is kept for the messages to come, in bytes.
constexpr std::size_t most_spare_bytes = std::size_t{1} << 20;

}  // namespace

void Mailbox::ring() {
  if (std::exchange(has_rung_, true)) return;
  bell_->mailboxes.push_back(shared_from_this());
  bell_->rung.notify_one();
}

void Mailbox::open(std::string subprotocol) {
  const std::lock_guard lock(bell_->mutex);
  opened_ = std::move(subprotocol);
  ring();
}

bool Mailbox::put(std::unique_ptr<Letter>& letter) {
  const std::lock_guard lock(bell_->mutex);
  ++messages_;
  bytes_ += letter->bytes.size();
  letters_.push_back(std::move(letter));
  if (spare_.empty()) {
    letter = std::make_unique<Letter>();
  } else {
    letter = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= letter->bytes.capacity();
  }
  ring();
  is_stopped_ = is_full();
  return !is_stopped_;
}

bool Mailbox::has_room() {
  const std::lock_guard lock(bell_->mutex);
  return !is_stopped_;
}

void Mailbox::end(Ending ending) {
  const std::lock_guard lock(bell_->mutex);
  ending_ = std::move(ending);
  ring();
}

void Mailbox::take(Taken& taken) {
  const std::lock_guard lock(bell_->mutex);
  has_rung_ = false;
  taken.opened = std::exchange(opened_, {});
  taken.ending = std::exchange(ending_, {});
  std::swap(taken.letters, letters_);
  // They take turns: both have room for the most that there was.
  letters_.reserve(taken.letters.capacity());
}

bool Mailbox::give_back(std::vector<std::unique_ptr<Letter>>& letters) {
  const std::lock_guard lock(bell_->mutex);
  for (std::unique_ptr<Letter>& letter : letters) {
    --messages_;
    bytes_ -= letter->bytes.size();
    letter->bytes.set_size(0);
    if (spare_bytes_ + letter->bytes.capacity() > most_spare_bytes) continue;
    spare_bytes_ += letter->bytes.capacity();
    spare_.push_back(std::move(letter));
  }
  letters.clear();
  if (!is_stopped_ || is_full()) return false;
  is_stopped_ = false;
  return true;
}

}  // namespace steady::native
