// Which block of samples each step of batch gradient descent uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

/// A schedule b(0), b(1), ..., b(T-1) of blocks, numbered from 0 (theory.md of the library, "State").
class Schedule {
 public:
  /// Every step uses block 0: full-batch gradient descent.
  static Schedule reuse(int n_steps);
  /// Step t uses block t: one pass over the data.
  static Schedule fresh(int n_steps);
  /// Each block is used `uses` times in a row, then a new one comes.
  static Schedule repeat(int uses, int n_steps);
  /// `n_blocks` blocks in turn: cyclic mini-batches.
  static Schedule cyclic(int n_blocks, int n_steps);
  /// Any pattern. Blocks must be >= 0 and no number may be left out.
  static Schedule explicit_blocks(std::vector<int> blocks);
  /// "reuse", "fresh", "repeat 3" or "cyclic 4". Throws InputError for anything else.
  static Schedule parse(std::string_view text, int n_steps);

  int n_steps() const { return static_cast<int>(blocks_.size()); }
  int n_blocks() const { return n_blocks_; }
  int block(int step) const { return blocks_[static_cast<std::size_t>(step)]; }
  /// The block that a step after the last would use; none for an explicit pattern.
  std::optional<int> block_after_last() const { return after_last_; }
  /// The text form: "repeat 3", or the list "[0, 0, 1]".
  const std::string& name() const { return name_; }

 private:
  Schedule(std::vector<int> blocks, std::optional<int> after_last, std::string name);

  std::vector<int> blocks_;
  std::optional<int> after_last_;
  std::string name_;
  int n_blocks_ = 0;
};

}  // namespace reprise
