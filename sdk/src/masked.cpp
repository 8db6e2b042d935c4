#include "masked.hpp"

#include <algorithm>

namespace steady::detail {

namespace {

void append_query(std::string& out, std::string_view query) {
  while (!query.empty()) {
    // Begins with ? or &.
    const std::size_t end = std::min(query.find('&', 1), query.size());
    const std::size_t equals = query.find('=');
    out += query.front();
    if (equals < end) out += query.substr(1, equals);
    out += "***";
    query.remove_prefix(end);
  }
}

/// `rest` follows "://". Appends the URL, and returns its length.
std::size_t append_url(std::string& out, std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("\"' "), rest.size());
  const std::string_view url = rest.substr(0, end);
  const std::size_t authority = std::min(url.find_first_of("/?"), url.size());
  const std::size_t at = url.substr(0, authority).rfind('@');
  const std::size_t query = std::min(url.find('?'), url.size());
  std::size_t begin = 0;
  if (at != url.npos) {
    out += "***";
    begin = at;
  }
  out += url.substr(begin, query - begin);
  append_query(out, url.substr(query));
  return end;
}

}  // namespace

std::string masked(std::string_view text) {
  constexpr std::string_view separator = "://";
  std::string out;
  for (;;) {
    const std::size_t found = text.find(separator);
    if (found == text.npos) return out += text;
    out += text.substr(0, found + separator.size());
    text.remove_prefix(found + separator.size());
    text.remove_prefix(append_url(out, text));
  }
}

}  // namespace steady::detail
