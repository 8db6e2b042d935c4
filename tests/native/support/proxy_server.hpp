#pragma once

#include <cstdint>
#include <string>

#include "seen.hpp"
#include "server.hpp"

/// A proxy that connects every tunnel to the same local port, whatever its target.
struct ProxyServer {
  explicit ProxyServer(std::uint16_t to)
      : server([this, to](Peer& peer) {
          requests.add(peer.read_head());
          peer.write("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n");
          peer.tunnel_to(to);
        }) {}

  std::string url(const std::string& credentials = "") const {
    return "http://" + credentials + "127.0.0.1:" + std::to_string(server.port());
  }

  Seen<std::string> requests;
  Server server;
};
