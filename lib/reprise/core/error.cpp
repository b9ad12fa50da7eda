#include "reprise/core/error.hpp"

namespace reprise {

std::string_view name(Termination termination) {
  switch (termination) {
    case Termination::completed:
      return "completed";
    case Termination::diverged:
      return "diverged";
    case Termination::step_underflow:
      return "step_underflow";
    case Termination::max_steps:
      return "max_steps";
    case Termination::not_converged:
      return "not_converged";
  }
  return "unknown";
}

std::string_view advice(Termination termination) {
  switch (termination) {
    case Termination::completed:
      return "Every requested time was reached.";
    case Termination::diverged:
      return "The dynamics left the finite numbers: lower training.learning_rate, or use a bounded "
             "activation or target.";
    case Termination::step_underflow:
      return "The time step fell below the resolution of time: the solution may blow up there, or "
             "the tolerances are too tight.";
    case Termination::max_steps:
      return "The budget of steps ran out: raise it, loosen the tolerances, or use a stiff method.";
    case Termination::not_converged:
      return "The requested accuracy was not reached: allow more points or iterations.";
  }
  return "";
}

}  // namespace reprise
