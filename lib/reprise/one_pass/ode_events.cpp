#include "reprise/one_pass/ode_events.hpp"

#include <cmath>
#include <sstream>

#include "reprise/model/cosines.hpp"

namespace reprise {

std::string name(const OdeEvent& event) {
  std::ostringstream text;
  switch (event.kind) {
    case OdeEvent::Kind::overlap_above:
      text << "overlap [" << event.neuron << ", " << event.direction << "] above " << event.level;
      break;
    case OdeEvent::Kind::any_overlap_above:
      text << "max_overlap above " << event.level;
      break;
    case OdeEvent::Kind::plateau:
      text << "plateau";
      break;
  }
  return text.str();
}

OdeEventFinder::OdeEventFinder(const Problem& problem, std::vector<OdeEvent> events,
                               OdeSystem& system, std::int64_t replica)
    : problem_(problem),
      events_(std::move(events)),
      system_(system),
      replica_(replica),
      is_done_(events_.size(), false),
      on_plateau_(events_.size(), false),
      weights_(problem.student.output_weights()) {}

double OdeEventFinder::overlap(const OdeEvent& event, const OdeVector& y) {
  system_.unpack(y, overlaps_, weights_);
  if (event.kind == OdeEvent::Kind::any_overlap_above) {
    return max_overlap(overlaps_, problem_.target.gram);
  }
  const Eigen::Index i = event.neuron - 1, r = event.direction - 1;
  return std::abs(without_norms(overlaps_.M(i, r), overlaps_.Q(i, i), problem_.target.gram(r, r)));
}

void OdeEventFinder::start(double t, const OdeVector& y) {
  for (std::size_t e = 0; e < events_.size(); ++e) {
    if (events_[e].kind == OdeEvent::Kind::plateau) {
      error_ = system_.generalisation_error(y);
    } else if (overlap(events_[e], y) >= events_[e].level) {
      found_.push_back({name(events_[e]), t, replica_});
      is_done_[e] = true;
    }
  }
}

// |d ln eps / d ln t| over the step, compared with the level.
void OdeEventFinder::follow_plateau(std::size_t index, double t0, double t1, const OdeVector& y1) {
  const double error = system_.generalisation_error(y1);
  if (t0 > 0 && error > 0 && error_ > 0) {
    const bool is_flat =
        std::abs(std::log(error / error_) / std::log(t1 / t0)) < events_[index].level;
    if (is_flat != on_plateau_[index]) {
      found_.push_back({is_flat ? "plateau entered" : "plateau left", t0, replica_});
      on_plateau_[index] = is_flat;
    }
  }
  error_ = error;
}

void OdeEventFinder::after_step(OdeStepper& stepper, double t0, const OdeVector& y0, double t1,
                                const OdeVector& y1) {
  for (std::size_t e = 0; e < events_.size(); ++e) {
    const OdeEvent& event = events_[e];
    if (event.kind == OdeEvent::Kind::plateau) {
      follow_plateau(e, t0, t1, y1);
      continue;
    }
    if (is_done_[e] || !(overlap(event, y1) >= event.level)) continue;
    double low = 0, high = t1 - t0;  // below the level at low, not below it at high
    OdeVector y;
    for (int halving = 0; halving < 30; ++halving) {
      const double middle = 0.5 * (low + high);
      y = y0;
      stepper.fixed_step(y, t0, middle);
      (overlap(event, y) >= event.level ? high : low) = middle;
    }
    found_.push_back({name(event), t0 + high, replica_});
    is_done_[e] = true;
  }
}

}  // namespace reprise
