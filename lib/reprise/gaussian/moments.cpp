#include "reprise/gaussian/moments.hpp"

#include <optional>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/gaussian/committee_moments.hpp"
#include "reprise/gaussian/point_moments.hpp"
#include "reprise/gaussian/polynomial_moments.hpp"

namespace reprise {

namespace {

std::optional<RidgeKind> ridge_of(const Problem& problem) {
  switch (problem.student.activation.kind()) {
    case ActivationKind::erf:
      return RidgeKind::erf;
    case ActivationKind::relu:
      return RidgeKind::relu;
    default:
      return {};
  }
}

}  // namespace

std::optional<RidgeForm> ridge_form(const Problem& problem) {
  const std::optional<RidgeKind> kind = ridge_of(problem);
  if (!kind) return {};
  auto target = problem.target.g.ridge(*kind, problem.n_directions());
  // sigma' = step has a mean, so a constant in the target would need functions of its own.
  if (!target || (*kind == RidgeKind::relu && target->constant != 0)) return {};
  return RidgeForm{*kind, std::move(*target)};
}

template <>
const Schema& schema<MomentOptions>() {
  using S = MomentOptions;
  static const Schema result = describe<S>(
      {"moments", "curve", "how Gaussian moments are taken"},
      {field(&S::route, {.key = "moments",
                         .meaning = "Closed forms where there are some, always, or points always"}),
       field(&S::points, {.key = "points",
                          .symbol = "N",
                          .range = integers_from(32, std::int64_t{1} << 30),
                          .meaning = "Points that stand for the expectations where they have no "
                                     "closed form, rounded up to a power of two",
                          .aliases = "n_points samples"}),
       hidden(&S::seed), hidden(&S::scramble)});
  return result;
}

GaussianMoments::GaussianMoments(const Problem& problem, const MomentOptions& options)
    : scale_(factor(problem.student.output_scale, problem.n_neurons())),
      error_(problem, Stream(options.seed, Purpose::generalisation, options.scramble),
             static_cast<std::size_t>(options.points),
             options.route == MomentRoute::points ? ErrorRoute::points : ErrorRoute::automatic) {}

double GaussianMoments::generalisation_error(const Overlaps& overlaps,
                                             const Eigen::VectorXd& weights) {
  return error_(overlaps, weights / scale_);
}

std::string reason_for_points(const Problem& problem, const SampleUse& use) {
  if (!use.is_plain()) return "samples are repeated or displaced";
  if (problem.loss.slope_kind() == LossSlope::other) return "the loss is " + problem.loss.name();
  if (ridge_of(problem)) {
    return ridge_form(problem) ? ""
                               : "the target is not a sum of ridge functions of the activation";
  }
  return reason_against_polynomial_moments(problem);
}

void check_route(const Problem& problem, const SampleUse& use, const MomentOptions& options) {
  check_at_least("moments", "points", options.points, 16);
  const std::string reason =
      options.route == MomentRoute::points ? "asked for" : reason_for_points(problem, use);
  if (reason.empty()) return;
  if (options.route == MomentRoute::exact) {
    reject("moments", "route", "\"points\" or \"automatic\"", "exact although " + reason);
  }
  check_memory("moments",
               8.0 * 2 * static_cast<double>(options.points) *
                   static_cast<double>(problem.n_directions() + problem.n_neurons() + 2));
}

std::unique_ptr<GaussianMoments> gaussian_moments(const Problem& problem, const SampleUse& use,
                                                  const MomentOptions& options) {
  check_route(problem, use, options);
  if (options.route == MomentRoute::points || !reason_for_points(problem, use).empty()) {
    return point_moments(problem, use, options);
  }
  if (const auto form = ridge_form(problem)) {
    return committee_moments(problem, form->kind, form->sum, options);
  }
  return polynomial_moments(problem, options);
}

FieldCovariance::FieldCovariance(const Problem& problem)
    : is_isotropic_(problem.input_covariance == problem.target.gram),
      target_(problem.input_covariance) {
  const Eigen::MatrixXd gram_inverse = inverse(problem.target.gram);
  to_target_ = gram_inverse * target_;
  excess_ = gram_inverse * (target_ - problem.target.gram) * gram_inverse;
}

void FieldCovariance::evaluate(const Overlaps& overlaps, Overlaps& fields) const {
  fields.M = overlaps.M;
  fields.Q = overlaps.Q;
  if (is_isotropic_) return;
  fields.M.noalias() = overlaps.M * to_target_;
  fields.Q += overlaps.M * excess_ * overlaps.M.transpose();
}

}  // namespace reprise
