// A fast hash of text, for seeds and checksums; not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

/// FNV-1a, 64 bits; of a text in parts with what the parts before gave.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 14695981039346656037U) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}
static_assert(fnv1a("a") == 0xaf63dc4c8601ec8cU);

}  // namespace reprise
