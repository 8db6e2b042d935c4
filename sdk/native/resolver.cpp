#include "resolver.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace steady::native {

Resolved resolve_by_system(const std::string& name) {
  Resolved resolved;
  asio::io_context unused;
  asio::ip::tcp::resolver resolver(unused);
  error_code error;
  const auto found = resolver.resolve(name, "", error);
  if (error) {
    resolved.error = error.message();
    return resolved;
  }
  for (const auto& entry : found) resolved.addresses.push_back(entry.endpoint().address());
  return resolved;
}

namespace {

Resolved ask(const Resolver::Lookup& lookup, const std::string& name) {
  try {
    return lookup(name);
  } catch (const std::exception& error) {
    return {{}, error.what()};
  }
}

}  // namespace

Resolver::Resolver(asio::io_context& context, Lookup lookup) : shared_(std::make_shared<Shared>()) {
  shared_->context = &context;
  shared_->lookup = std::move(lookup);
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->context = nullptr;
  // Lookup threads keep Shared alive, but the callbacks may hold sockets of the context, so they
  // are destroyed here.
  shared_->waiting.clear();
}

void Resolver::resolve(const std::string& name, Answer answer) {
  auto& waiting = shared_->waiting[name];
  waiting.push_back(std::move(answer));
  if (waiting.size() > 1) return;
  try {
    std::thread([shared = shared_, name] {
      Resolved resolved = ask(shared->lookup, name);
      const std::lock_guard lock(shared->mutex);
      if (shared->context == nullptr) return;
      asio::post(*shared->context, [shared, name, resolved = std::move(resolved)] {
        Resolver::answer(*shared, name, resolved);
      });
    }).detach();
  } catch (const std::system_error& error) {
    const std::string why = error.what();
    asio::post(*shared_->context, [shared = shared_, name, why] {
      Resolver::answer(*shared, name, {{}, why});
    });
  }
}

void Resolver::answer(Shared& shared, const std::string& name, const Resolved& resolved) {
  const auto found = shared.waiting.find(name);
  if (found == shared.waiting.end()) return;
  const std::vector<Answer> answers = std::move(found->second);
  shared.waiting.erase(found);
  for (const Answer& answer : answers) answer(resolved);
}

}  // namespace steady::native
