// Ends a computation that is under way: from another thread, a callback or a handler of signals.
#pragma once

#include <atomic>
#include <stdexcept>

namespace reprise {

/// Raised once, from anywhere.
using StopFlag = std::atomic<bool>;
static_assert(StopFlag::is_always_lock_free, "a handler of signals may raise it");

/// A computation was asked to stop before it had its result. Not an Error: nothing is wrong.
class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("stopped before the end") {}
  using std::runtime_error::runtime_error;
};

/// While it lives, all that its thread computes, with the threads of the loops in it, throws
/// Stopped within a step or a chunk of samples after the flag was raised. Scopes nest; the
/// innermost counts.
///
///   StopFlag flag;  // raised elsewhere: flag = true
///   const StopScope scope(flag);
///   const Solution solution = solve(problem, algorithm, options);
class StopScope {
 public:
  explicit StopScope(const StopFlag& flag) : StopScope(&flag) {}
  /// Nothing stops it where there is no flag.
  explicit StopScope(const StopFlag* flag);
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  const StopFlag* outer_;
};

/// The flag of this thread's scope; nullptr where there is none.
const StopFlag* stop_flag();

bool is_stop_requested();

/// Throws Stopped if the flag of this thread's scope was raised. A few nanoseconds.
void check_stop();

}  // namespace reprise
