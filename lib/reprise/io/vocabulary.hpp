// The words of experiment format 1: every key and every name that a file may use, and which of them
// wait for a later version. This is the one place to edit when a capability arrives.
#pragma once

#include <span>
#include <string_view>

namespace reprise {

/// A key of a section.
struct Key {
  std::string_view name;
  /// The only value that this version accepts, as TOML; empty: any. A key that waits as a whole has
  /// `absent`: only leaving it out is accepted.
  std::string_view only = "";
};
inline constexpr std::string_view absent = "<absent>";

/// A name that a key takes as its value.
struct Choice {
  std::string_view name;
  bool is_available = true;
};

/// A name with the keys that it has and others of its kind may not have.
struct Topic {
  std::string_view name;
  std::span<const std::string_view> keys;
};

namespace vocabulary {

extern const std::span<const Topic> algorithm_keys;  ///< of [training]
extern const std::span<const Topic> method_keys;     ///< of [[curve]]
/// The methods that fit an algorithm.
std::span<const Choice> methods_of(std::string_view algorithm);

extern const std::span<const Key> root;
extern const std::span<const Key> target;
extern const std::span<const Key> inputs;
extern const std::span<const Key> student;
extern const std::span<const Key> initial;
extern const std::span<const Key> training;
extern const std::span<const Key> curve;
extern const std::span<const Key> adaptive;
extern const std::span<const Key> output;
extern const std::span<const Key> sweep;
extern const std::span<const Key> range;     ///< of an axis
extern const std::span<const Key> boundary;  ///< of [sweep], as the next three
extern const std::span<const Key> refine;
extern const std::span<const Key> fit;
extern const std::span<const Key> claim;

extern const std::span<const Choice> output_scales;
extern const std::span<const Choice> algorithms;
extern const std::span<const Choice> methods;
extern const std::span<const Choice> engines;
extern const std::span<const Choice> integrators;
extern const std::span<const Choice> moment_routes;
extern const std::span<const Choice> ode_terms;
extern const std::span<const Choice> recursion_terms;
extern const std::span<const Choice> normalisations;
extern const std::span<const Choice> initial_kinds;
extern const std::span<const Choice> second_layer_draws;
extern const std::span<const Choice> range_scales;
extern const std::span<const Choice> sweep_figures;

}  // namespace vocabulary

/// Whether "training.steps" or "curve.<name>.runs" takes whole numbers only.
bool is_whole_number_key(std::string_view key);

}  // namespace reprise
