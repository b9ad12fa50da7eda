// Finds, between the accepted steps of an integration, the moments that OdeEvent asks for.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/core/solution.hpp"
#include "reprise/integration/integrate.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/ode_state.hpp"

namespace reprise {

/// Crossings of levels are located to 1e-9 of the step by repeating it with other sizes; plateaus
/// to the length of a step.
class OdeEventFinder {
 public:
  OdeEventFinder(const Problem& problem, std::vector<OdeEvent> events, OdeSystem& system,
                 std::int64_t replica);

  void start(double t, const OdeVector& y);
  void after_step(OdeStepper& stepper, double t0, const OdeVector& y0, double t1,
                  const OdeVector& y1);
  const std::vector<Event>& found() const { return found_; }

 private:
  double overlap(const OdeEvent& event, const OdeVector& y);
  void follow_plateau(std::size_t index, double t0, double t1, const OdeVector& y1);

  const Problem& problem_;
  std::vector<OdeEvent> events_;
  OdeSystem& system_;
  std::int64_t replica_;
  std::vector<bool> is_done_;
  std::vector<bool> on_plateau_;
  double error_ = 0;
  Overlaps overlaps_;
  Eigen::VectorXd weights_;
  std::vector<Event> found_;
};

/// "M[1, 2] above 0.5" and the like.
std::string name(const OdeEvent& event);

}  // namespace reprise
