// macOS: the anchors of the keychains, which are the system's roots and those that the user or an
// administrator trusts.
#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include "root_variables.hpp"
#include "system_roots.hpp"

namespace steady::native {

std::string add_system_roots(SSL_CTX* context) {
  if (const auto result = add_roots_of_variables(context)) return *result;
  CFArrayRef anchors = nullptr;
  const OSStatus status = SecTrustCopyAnchorCertificates(&anchors);
  if (status != errSecSuccess) return "error " + std::to_string(status);
  const CFIndex count = CFArrayGetCount(anchors);
  for (CFIndex at = 0; at < count; ++at) {
    // Borrowed from the array.
    const void* const anchor = CFArrayGetValueAtIndex(anchors, at);
    const CFDataRef bytes =
        SecCertificateCopyData(static_cast<SecCertificateRef>(const_cast<void*>(anchor)));
    if (bytes == nullptr) continue;
    add_root(context, CFDataGetBytePtr(bytes), static_cast<long>(CFDataGetLength(bytes)));
    CFRelease(bytes);
  }
  CFRelease(anchors);
  return {};
}

}  // namespace steady::native
