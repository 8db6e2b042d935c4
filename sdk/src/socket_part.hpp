#pragma once

namespace steady::detail {

/// An optional part of a socket, which programs that do not use it do not link: the socket knows it
/// by this interface only.
class SocketPart {
 public:
  virtual ~SocketPart() = default;
  /// The Socket is being destroyed: no handler is called, and no timer is used, after this.
  virtual void shut_down() = 0;
};

}  // namespace steady::detail
