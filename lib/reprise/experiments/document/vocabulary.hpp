// The sections of an experiment file and the keys above them.
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

}  // namespace vocabulary

}  // namespace reprise
