// The sections of an experiment file, and the keys of [sweep].
#pragma once

#include <span>
#include <string_view>

namespace reprise {

/// A key of a section.
struct Key {
  std::string_view name;
  std::string_view only = "";  ///< the only value that this version accepts, as TOML; empty: any
};

namespace vocabulary {

extern const std::span<const Key> root;
extern const std::span<const Key> sweep;
extern const std::span<const Key> range;     ///< of an axis
extern const std::span<const Key> boundary;  ///< of [sweep], as the next three
extern const std::span<const Key> refine;
extern const std::span<const Key> fit;
extern const std::span<const Key> claim;

}  // namespace vocabulary

}  // namespace reprise
