// What a header of option structs needs to say that a struct is described: its fields are stated
// once, in its .cpp (reprise/core/schema.hpp), for files, checks, documentation and identity alike.
#pragma once

#include <string_view>

namespace reprise {

class Schema;

/// The statement of a struct's fields; each described struct specialises it.
template <class Struct>
const Schema& schema() = delete;

/// The names of an enumeration's values: a specialisation has
/// `static constexpr std::pair<Enum, std::string_view> all[]`, its one list.
template <class Enum>
struct Names;

template <class Enum>
concept Enumerated = requires {
  Names<Enum>::all;
};

/// An enumerator's name; empty if it is none of those listed.
template <Enumerated Enum>
constexpr std::string_view name(Enum value) {
  for (const auto& entry : Names<Enum>::all) {
    if (entry.first == value) return entry.second;
  }
  return {};
}

}  // namespace reprise
