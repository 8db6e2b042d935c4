#include "native_transport.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "header_fields.hpp"
#include "proxy.hpp"

namespace steady::native {

namespace {

/// Reads from a queued message.
class NativeInbound final : public Inbound {
 public:
  explicit NativeInbound(ReceivedMessage& message) : message_(message) {}

  MessageKind kind() const override { return message_.kind; }
  std::size_t size() const override { return message_.bytes.size(); }

  Error read(InboundBuffer& buffer, std::size_t bytes) override {
    const std::size_t there = buffer.size();
    if (bytes <= there) return {};
    const std::string_view rest = message_.bytes.view().substr(read_, bytes - there);
    if (!buffer.reserve(there + rest.size())) {
      return {ErrorCode::out_of_memory, "a received message does not fit in memory"};
    }
    std::copy(rest.begin(), rest.end(), buffer.data() + there);
    buffer.set_size(there + rest.size());
    read_ += rest.size();
    return {};
  }

 private:
  ReceivedMessage& message_;
  std::size_t read_ = 0;
};

Addresses known_addresses(const std::vector<HostAddresses>& hosts, const std::string& name) {
  const auto found = std::find_if(hosts.begin(), hosts.end(), [&](const HostAddresses& host) {
    return is_same_field(without_dot(host.name), without_dot(name));
  });
  Addresses addresses;
  if (found == hosts.end()) return addresses;
  for (const std::string& address : found->addresses) {
    addresses.push_back(asio::ip::make_address(address));
  }
  return addresses;
}

}  // namespace

NativeTransport::NativeTransport(std::shared_ptr<Engine> engine,
                                 std::shared_ptr<const NativeOptions> options, Error failure)
    : engine_(std::move(engine)), options_(std::move(options)), failure_(std::move(failure)) {}

NativeTransport::~NativeTransport() {
  if (!connection_) return;
  events_->transport = nullptr;
  connection_->abandon();
}

Error NativeTransport::open(const ConnectRequest& request, TransportListener& listener) {
  if (failure_) return failure_;
  try {
    Opening opening;
    DialTarget target;
    if (Error error = prepare(request, opening, target)) return error;
    listener_ = &listener;
    generation_ = request.generation;
    events_ = std::make_shared<EventQueue>(
        engine_->wakeup(),
        EventQueue::Limits{options_->max_waiting_messages, options_->max_waiting_bytes});
    events_->transport = this;
    if (request.reports_steps) opening.steps = StepLog(events_);
    send_buffer_ = std::make_shared<SendBuffer>();
    connection_ = std::make_shared<Connection>(*engine_, std::move(opening), std::move(target),
                                               events_, send_buffer_);
    connection_->start();
    return {};
  } catch (const std::exception& error) {
    return {ErrorCode::connection_failed, error.what()};
  }
}

Error NativeTransport::prepare(const ConnectRequest& request, Opening& opening,
                               DialTarget& target) {
  std::string why;
  const auto address = parse_url(request.url, why);
  if (!address) return {ErrorCode::invalid_url, why};
  why = fault_in_headers(request.headers);
  if (!why.empty()) return {ErrorCode::invalid_option, why};
  if (address->is_secure) {
    opening.tls = engine_->tls(options_->tls, why);
    if (!opening.tls) return {ErrorCode::invalid_option, why};
  }
  const std::string proxy = options_->proxy ? *options_->proxy : proxy_from(std::getenv, *address);
  if (!proxy.empty()) {
    target.proxy = parse_proxy(proxy, why);
    if (!target.proxy) return {ErrorCode::invalid_option, why};
  }
  target.host = address->host;
  target.port = address->port;
  target.known = known_addresses(options_->hosts, target.proxy ? target.proxy->host : target.host);
  target.agent = options_->user_agent.empty() ? default_agent : options_->user_agent;
  opening.address = *address;
  opening.subprotocols = request.subprotocols;
  opening.headers = request.headers;
  opening.agent = target.agent;
  opening.options = options_;
  return {};
}

TransportSend NativeTransport::send(const Payload& payload) {
  const SendBuffer::Enqueued enqueued = send_buffer_->enqueue(payload);
  if (enqueued.needs_wakeup) connection_->wake();
  return enqueued.result;
}

void NativeTransport::close(std::uint16_t code, std::string_view reason) {
  is_closing_ = true;
  if (send_buffer_->close(code, reason)) connection_->wake();
}

std::size_t NativeTransport::buffered_amount() const {
  return send_buffer_ ? send_buffer_->amount() : 0;
}

std::string NativeTransport::subprotocol() const { return subprotocol_; }

std::size_t NativeTransport::dispatch(EventQueue& events, EventQueue::Taken& taken,
                                      const bool& is_over) {
  std::size_t calls = 0;
  auto step = taken.steps.begin();
  // Null once a listener call has destroyed the transport or the runtime.
  const auto transport = [&] { return is_over ? nullptr : events.transport; };
  const auto report_steps = [&](const auto& is_due) {
    for (; step != taken.steps.end() && is_due(*step) && transport(); ++step) {
      ++calls;
      transport()->listener_->on_step(transport()->generation_, step->text);
    }
  };
  report_steps([](const EventQueue::Step& one) { return one.is_before_open; });
  if (taken.opened && transport()) {
    NativeTransport& self = *transport();
    self.subprotocol_ = std::move(*taken.opened);
    ++calls;
    self.listener_->on_open(self.generation_);
  }
  for (std::size_t at = 0; at < taken.messages.size(); ++at) {
    report_steps([at](const EventQueue::Step& one) { return one.messages_before <= at; });
    if (!transport() || transport()->is_closing_) break;
    NativeInbound message(*taken.messages[at]);
    ++calls;
    transport()->listener_->on_message(transport()->generation_, message);
  }
  report_steps([](const EventQueue::Step&) { return true; });
  if (events.recycle(taken.messages) && transport()) transport()->connection_->wake();
  if (taken.ending && transport()) {
    ++calls;
    Ending& ending = *taken.ending;
    if (ending.error) {
      transport()->listener_->on_error(transport()->generation_, ending.error);
    }
    if (transport()) {
      transport()->listener_->on_close(transport()->generation_, std::move(ending.info));
    }
  }
  return calls;
}

}  // namespace steady::native
