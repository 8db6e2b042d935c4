#include "shared_transport.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "../sdk/kernel/commands.hpp"
#include "shared_imports.hpp"

namespace steady::bindings {

std::unique_ptr<Transport> make_shared_transport(std::uint32_t observer) {
  return std::make_unique<SharedTransport>(observer);
}

TransportSend SharedTransport::send(const Payload& payload) {
  if (!payload.is_external()) return WebTransport::send(payload);
  const std::uint32_t handle = payload.handle();
  return static_cast<TransportSend>(steady_js_send_payloads(observer(), &handle, 1, 0));
}

TransportSend SharedTransport::send_batch(std::span<const Payload* const> payloads) {
  std::vector<std::uint32_t> handles(payloads.size());
  std::transform(payloads.begin(), payloads.end(), handles.begin(),
                 [](const Payload* payload) { return payload->handle(); });
  return static_cast<TransportSend>(
      steady_js_send_payloads(observer(), handles.data(), static_cast<int>(handles.size()), 1));
}

void SharedTransport::grant(const Grant& grant) {
  const std::uint32_t bits = (grant.receive ? kernel::grant_receive : 0U) |
                             (grant.batched ? kernel::grant_batched : 0U) |
                             (grant.seeks_reply ? kernel::grant_seeks_reply : 0U) |
                             (grant.in_session ? kernel::grant_in_session : 0U);
  steady_js_grant(observer(), bits, static_cast<double>(grant.send_credit));
}

void SharedTransport::take_sent(std::vector<Payload>& sent) {
  std::array<std::int32_t, 2> about{};
  while (const std::uint32_t handle = steady_js_take_sent(observer(), about.data())) {
    sent.push_back(Payload::external(about[0] != 0 ? MessageKind::text : MessageKind::binary,
                                     handle, static_cast<std::size_t>(about[1]),
                                     steady_js_release_payload));
  }
}

bool SharedTransport::take_heard() { return steady_js_take_heard(observer()) != 0; }

}  // namespace steady::bindings
