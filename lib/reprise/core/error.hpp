// What Reprise throws, and how a computation ends.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace reprise {

/// Everything that Reprise throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The caller or a file is wrong: shape, range, missing or unknown key. Thrown before work starts.
class InputError : public Error {
 public:
  using Error::Error;
};

/// A computation that had to succeed did not; see require_completed.
class NumericalError : public Error {
 public:
  using Error::Error;
};

/// How a computation ended. All but `completed` keep what was finished before.
enum class Termination {
  completed,       ///< every requested step or time was reached
  diverged,        ///< overlaps, labels or gradients stopped being finite
  step_underflow,  ///< the integrator's step fell below the resolution of time
  max_steps,       ///< the integrator's budget of steps ran out
  not_converged,   ///< an iteration or a requested accuracy was not reached
};

/// The name that results carry, "diverged" for example.
std::string_view name(Termination termination);

/// One sentence that says what happened and what to try.
std::string_view advice(Termination termination);

/// The end of a computation.
struct Ending {
  Termination termination = Termination::completed;
  std::int64_t step = 0;  ///< last step with finite results
  std::string detail;     ///< what was seen, empty when completed

  bool is_completed() const { return termination == Termination::completed; }
};

}  // namespace reprise
