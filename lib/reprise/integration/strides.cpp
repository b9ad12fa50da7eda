#include "reprise/integration/strides.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "reprise/core/stop.hpp"

namespace reprise {

namespace {

constexpr int most_differences = 4;
// Of the tolerance, for the differences left out: their errors add from stride to stride.
constexpr double at_the_beginning = 0.02, at_the_end = 0.1;
constexpr double largest_radius = 1.5, largest_radius_at_the_end = 1.9;
constexpr std::int64_t most_wasted = 200;  // evaluations of strides that fail in a row
constexpr std::int64_t plain_streak = 10;  // plain steps for each evaluation that was wasted

bool all_finite(const OdeVector& x) {
  return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
}

// Evaluations of the flow in a step of the method.
double n_stages(Integrator integrator, std::size_t size) {
  switch (integrator) {
    case Integrator::dormand_prince_5_4:
      return 7;
    case Integrator::cash_karp_5_4:
      return 6;
    case Integrator::fehlberg_7_8:
      return 13;
    case Integrator::rodas_4_3:
      return 2 * static_cast<double>(size) + 6;  // the Jacobian by central differences
    case Integrator::rosenbrock_4_3:
      break;
  }
  return 2 * static_cast<double>(size) + 3;
}

}  // namespace

void IterateDifferences::start(const OdeVector& x) {
  iterate_ = x;
  count_ = 0;
}

void IterateDifferences::extend(const OdeFunction& change) {
  const auto k = static_cast<std::size_t>(count_++);
  if (row_.size() <= k) {
    row_.emplace_back(iterate_.size());
    leading_.emplace_back(iterate_.size());
  }
  OdeVector& newest = leading_[k];  // becomes the difference of order k, from f on
  change(iterate_, newest);
  for (std::size_t i = 0; i < iterate_.size(); ++i) {
    iterate_[i] += newest[i];
    for (std::size_t order = 0; order < k; ++order) {
      const double higher = newest[i] - row_[order][i];
      row_[order][i] = newest[i];
      newest[i] = higher;
    }
    row_[k][i] = newest[i];
  }
}

Strides::Strides(const OdeFunction& change, std::size_t size, const Options& options)
    : options_(options),
      change_([this, change](const OdeVector& x, OdeVector& step) {
        ++n_evaluations_;
        change(x, step);
      }),
      step_(size) {
  if (options.rtol == 0) return;
  const auto flow = [this](const OdeVector& x, OdeVector& dxdn) { this->flow(x, dxdn); };
  stepper_ = make_stepper(options.integrator, flow, size, options.rtol, options.atol);
}

std::int64_t Strides::advance(OdeVector& x, std::int64_t n) {
  std::int64_t left = n, n_plain = options_.rtol == 0 ? n : 0, wasted = 0;
  is_at_x_ = false;
  while (left > 0 && !is_exhausted()) {
    check_stop();
    if (n_plain == 0 && static_cast<double>(left) >= least_length(1)) {
      const std::int64_t before = n_evaluations_;
      const Attempt attempt = try_stride(x, left);
      wasted = attempt == Attempt::made ? 0 : wasted + n_evaluations_ - before;
      if (attempt == Attempt::made) left -= length_;
      if (attempt == Attempt::vain || wasted > most_wasted) {
        n_plain = plain_streak * std::max<std::int64_t>(wasted, 1);
        wasted = 0;
        natural_ = 0;
      }
      continue;
    }
    plain_step(x);
    --left;
    n_plain = std::max<std::int64_t>(n_plain - 1, 0);
    if (!all_finite(x)) break;
  }
  return n - left;
}

void Strides::plain_step(OdeVector& x) {
  change_(x, step_);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += step_[i];
  is_at_x_ = false;
}

Strides::Attempt Strides::try_stride(OdeVector& x, std::int64_t left) {
  if (!is_at_x_) {
    here_.start(x);
    radius_ = -1;
  }
  is_at_x_ = true;
  if (radius_ < 0) radius_ = radius(x);
  if (!(radius_ < largest_radius)) return Attempt::vain;
  if (natural_ == 0) natural_ = first_length(x);
  double h = std::floor(std::min(natural_, static_cast<double>(left)));
  order_ = order_for(x, h);
  if (!(h >= least_length(order_))) return Attempt::vain;
  // A count near 2^62 may round up on its way to a double.
  length_ = std::min(static_cast<std::int64_t>(h), left);
  const auto length = static_cast<double>(length_);
  before_ = x;
  double t = 0, next = length;
  stepper_->reset();
  const bool is_accepted = stepper_->try_step(x, t, next);
  bool is_good = is_accepted && all_finite(x);  // Odeint takes an error of NaN for a small one
  if (is_good) {
    here_.start(x);
    is_good = neglected(x, order_) * length <= at_the_end;
    if (is_good) {
      radius_ = radius(x);
      is_good = radius_ < largest_radius_at_the_end;
    }
    if (!is_good) next = 0.5 * length;
  } else if (is_accepted || !(next < length)) {
    next = 0.1 * length;
  }
  if (!is_good) {
    x = before_;
    is_at_x_ = false;
    natural_ = next;
    return Attempt::rejected;
  }
  natural_ = length_ == left ? std::max(natural_, next) : next;  // cut short, not its accuracy
  ++n_strides_;
  return Attempt::made;
}

int Strides::order_for(const OdeVector& x, double& h) {
  for (int k = 1; k < most_differences; ++k) {
    if (h * neglected(x, k) <= at_the_beginning) return k;
  }
  const double rate = neglected(x, most_differences);
  if (!(h * rate <= at_the_beginning)) h = std::floor(at_the_beginning / rate);
  return most_differences;
}

double Strides::neglected(const OdeVector& x, int k) {
  while (here_.count() <= k) here_.extend(change_);
  const OdeVector& difference = here_(k + 1);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double scale = options_.atol + options_.rtol * std::abs(x[i]);
    const double ratio = std::abs(difference[i]) / scale;
    if (difference[i] == 0) continue;
    if (!std::isfinite(ratio)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, ratio / (k + 1));
  }
  return largest;
}

// J^16 by squaring, in units of what each entry is measured in: any norm of it bounds the 16th
// power of the radius, and its 16th root is not far above.
double Strides::radius(const OdeVector& x) {
  constexpr double shift = 1e-6;
  const auto size = static_cast<Eigen::Index>(x.size());
  if (here_.count() == 0) here_.extend(change_);
  const auto unit = [&](std::size_t i) {
    return std::abs(x[i]) + options_.atol / options_.rtol + std::numeric_limits<double>::min();
  };
  Eigen::MatrixXd jacobian(size, size);
  shifted_ = x;
  for (std::size_t j = 0; j < x.size(); ++j) {
    shifted_[j] = x[j] + shift * unit(j);
    change_(shifted_, step_);
    shifted_[j] = x[j];
    for (std::size_t i = 0; i < x.size(); ++i) {
      jacobian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          (step_[i] - here_(1)[i]) / (shift * unit(i));
    }
  }
  if (!jacobian.allFinite()) return std::numeric_limits<double>::infinity();
  double log_scale = 0;  // keeps the powers in range
  for (int power = 1; power <= 16; power *= 2) {
    const double norm = jacobian.norm();
    if (norm == 0) return 0;
    jacobian /= norm;
    log_scale += std::log(norm) / power;
    if (power < 16) jacobian = (jacobian * jacobian).eval();
  }
  return std::exp(log_scale);
}

// A tenth of the time in which an entry would change by itself, or by what it is negligible to.
double Strides::first_length(const OdeVector& x) {
  if (here_.count() == 0) here_.extend(change_);
  const double size = options_.atol / options_.rtol;
  double length = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double speed = std::abs(here_(1)[i]);
    if (speed > 0) length = std::min(length, 0.1 * (std::abs(x[i]) + size) / speed);
  }
  return length;
}

double Strides::least_length(int order) const {
  const auto size = static_cast<double>(step_.size());
  return 2 * ((n_stages(options_.integrator, step_.size()) + 1) * order + 1 + size);
}

void Strides::flow(const OdeVector& x, OdeVector& dxdn) {
  std::fill(dxdn.begin(), dxdn.end(), 0.0);
  stage_.start(x);
  for (int k = 1; k <= order_; ++k) {
    stage_.extend(change_);
    const double weight = (k % 2 == 1 ? 1.0 : -1.0) / k;
    for (std::size_t i = 0; i < x.size(); ++i) dxdn[i] += weight * stage_(k)[i];
  }
}

}  // namespace reprise
