#include "observed_transport.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "imports.hpp"
#include "steady/web/web_runtime.hpp"

namespace steady::web {

std::unique_ptr<Transport> make_observed_transport(std::uint32_t observer) {
  return std::make_unique<ObservedTransport>(observer);
}

TransportSend ObservedTransport::send(const Payload& payload) {
  if (!payload.is_external()) return WebTransport::send(payload);
  return static_cast<TransportSend>(
      steady_web_send_payload(observer(), socket(), payload.handle()));
}

TransportSend ObservedTransport::send_batch(std::span<const Payload* const> payloads) {
  std::vector<std::uint32_t> handles(payloads.size());
  std::transform(payloads.begin(), payloads.end(), handles.begin(),
                 [](const Payload* payload) { return payload->handle(); });
  return static_cast<TransportSend>(steady_web_send_batch(observer(), socket(), handles.data(),
                                                          static_cast<int>(handles.size())));
}

void ObservedTransport::grant(const Grant& grant) {
  steady_web_grant(observer(), socket(), grant.receive ? 1 : 0, grant.batched ? 1 : 0,
                   grant.seeks_reply ? 1 : 0, static_cast<double>(grant.send_credit));
}

std::size_t ObservedTransport::unasked_bytes() const {
  return observer() == 0 ? 0 : static_cast<std::size_t>(steady_web_unasked_bytes(observer()));
}

void ObservedTransport::forget_unasked() {
  if (observer() != 0) steady_web_forget_unasked(observer());
}

std::optional<Payload> ObservedTransport::take_unasked() {
  std::array<std::int32_t, 2> about{};
  const std::uint32_t handle =
      observer() == 0 ? 0 : steady_web_take_unasked(observer(), about.data());
  if (handle == 0) return {};
  return Payload::external(about[0] != 0 ? MessageKind::text : MessageKind::binary, handle,
                           static_cast<std::size_t>(about[1]), steady_web_release_payload);
}

bool ObservedTransport::take_heard() {
  return observer() != 0 && steady_web_take_heard(observer()) != 0;
}

}  // namespace steady::web
