// Which block of samples each step of batch gradient descent uses.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

/// A schedule b(0), b(1), ..., b(T-1) of blocks, numbered from 0.
class Schedule {
 public:
  /// Reuse, for a number of steps that with_steps() sets.
  Schedule() : n_steps_(0), n_blocks_(1), name_("reuse") {}
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

  /// The same pattern for another number of steps. A list of blocks has its own length: with
  /// another it is not complete.
  Schedule with_steps(int n_steps) const;
  /// The blocks of a list as it was given.
  std::vector<int> listed_blocks() const;
  bool is_list() const { return name_.starts_with('['); }
  /// A list has a block for every step, and there is a step.
  bool is_complete() const { return n_steps_ > 0 && uses_.size() >= std::size_t(n_steps_); }

  int n_steps() const { return n_steps_; }
  /// Blocks that the steps 0..T-1 use.
  int n_blocks() const { return n_blocks_; }
  /// The block of a step 0..T-1, and of step T where has_step_after_last().
  int block(int step) const { return uses_[static_cast<std::size_t>(step)].block; }
  /// Whether the pattern says which block a step after the last would use: the training loss at
  /// time T is that block's. An explicit pattern does not.
  bool has_step_after_last() const { return static_cast<int>(uses_.size()) > n_steps_; }
  /// The next step, T included, that uses the block of this one; none if this is its last use.
  std::optional<int> next_use(int step) const;
  /// When each block is used, step T included where it exists; by block number.
  struct Life {
    int first_use = 0;
    int last_use = 0;
    int n_uses = 0;
  };
  const std::vector<Life>& lives() const { return lives_; }
  /// The text form: "repeat 3", or the list "[0, 0, 1]".
  const std::string& name() const { return name_; }

 private:
  struct StepUse {
    int block = 0;
    int next = -1;
  };
  Schedule(std::vector<int> blocks, std::optional<int> after_last, std::string name);

  int n_steps_;
  int n_blocks_;
  std::string name_;
  std::vector<StepUse> uses_;
  std::vector<Life> lives_;
};

/// The largest sum, over all steps, of size(block, life) over the blocks in use at that step.
double peak_over_lives(const Schedule& schedule,
                       const std::function<double(int, const Schedule::Life&)>& size);

}  // namespace reprise
