#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver.hpp"

namespace conformance {

/// Creates the Runtime of this environment.
std::unique_ptr<steady::Runtime> make_runtime();

/// A Socket, and a record of its events.
class Client {
 public:
  Client(World& world, steady::Options options)
      : world_(world), socket_(std::in_place, std::move(options), make_runtime()) {
    world_.poll_with(&*socket_);
    socket_
        ->on_message([this](const steady::Message& message) {
          auto& list = message.kind == steady::MessageKind::text ? texts : binaries;
          list.emplace_back(message.data);
        })
        .keep();
    socket_->on_open([this] { ++opened; }).keep();
    socket_->on_close([this](const steady::CloseInfo& info) { closes.push_back(info); }).keep();
    socket_->on_error([this](const steady::Error& error) { errors.push_back(error); }).keep();
    socket_->on_drop([this](const steady::Drop& drop) { drops.push_back(drop.reason); }).keep();
  }
  explicit Client(World& world) : Client(world, world.options()) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { destroy(); }

  steady::Socket* operator->() { return &*socket_; }
  void destroy() {
    if (!socket_) return;
    world_.forget(&*socket_);
    socket_.reset();
  }

  bool is_open() const { return socket_->state() == steady::State::open; }
  bool has_reported(steady::ErrorCode code) const {
    for (const steady::Error& error : errors) {
      if (error.code == code) return true;
    }
    return false;
  }

  World::Until opens() {
    return world_.until("the connection opens", [this] { return is_open() && opened > 0; });
  }
  World::Until opens_again(int times) {
    return world_.until("the connection opens again",
                        [this, times] { return is_open() && opened >= times; });
  }
  World::Until receives(std::size_t count) {
    return world_.until("text messages are received",
                        [this, count] { return texts.size() >= count; });
  }
  World::Until ends(std::size_t count = 1) {
    return world_.until("the end of a connection is reported",
                        [this, count] { return closes.size() >= count; });
  }

  std::vector<std::string> texts;
  std::vector<std::string> binaries;
  std::vector<steady::CloseInfo> closes;
  std::vector<steady::Error> errors;
  std::vector<steady::DropReason> drops;
  int opened = 0;

 private:
  World& world_;
  std::optional<steady::Socket> socket_;
};

}  // namespace conformance
