// Must not compile without exceptions: a message of another shape would terminate the program.
#include "steady/json.hpp"
#include "steady/socket.hpp"

struct Hit {
  int x = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Hit, x)

steady::Subscription subscribe(steady::Socket& socket) {
  return socket.on<Hit>("hit", [](const Hit&) {});
}
