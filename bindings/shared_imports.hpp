#pragma once

#include <cstddef>
#include <cstdint>

// Implemented and documented in shared.js.
extern "C" {
std::uint32_t steady_js_share(void* socket, const char* name, std::size_t name_size,
                              const char* version, std::size_t version_size);
void steady_js_describe(std::uint32_t observer, const char* url, std::size_t url_size,
                        const char* type_member, std::size_t type_member_size);
void steady_js_unshare(std::uint32_t observer);
void steady_js_tell(std::uint32_t observer, int kind, double a, double b, double c,
                    const char* text, std::size_t text_size);
std::uint32_t steady_js_keep(int is_text, const char* begin, std::size_t size);
void steady_js_release_payload(std::uint32_t handle);
int steady_js_send_payloads(std::uint32_t observer, const std::uint32_t* handles, int count,
                            int in_batch);
void steady_js_grant(std::uint32_t observer, std::uint32_t bits, double credit);
std::uint32_t steady_js_take_sent(std::uint32_t observer, std::int32_t* about);
int steady_js_take_heard(std::uint32_t observer);
}
