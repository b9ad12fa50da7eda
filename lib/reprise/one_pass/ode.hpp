// The ODE of the overlaps under one-pass SGD: d -> infinity at time t = samples / d.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/gaussian/moments.hpp"
#include "reprise/integration/integrator.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// Which terms of the right-hand side are kept (Veiga2022: regimes of width and step size).
enum class OdeTerms {
  all,
  drift_only,  ///< gradient flow, gamma -> 0: no gamma^2 term; gamma t is its time
  noise_only,  ///< dQ/dt = gamma^2 E[G G^T], M frozen
};

template <>
struct Names<OdeTerms> {
  static constexpr std::pair<OdeTerms, std::string_view> all[] = {
      {OdeTerms::all, "all"}, {OdeTerms::drift_only, "drift"}, {OdeTerms::noise_only, "noise"}};
};

/// Something to look out for; reported as Solution::events with its time.
struct OdeEvent {
  enum class Kind {
    overlap_above,      ///< the first time |M_ir| / sqrt(Q_ii P_rr) reaches `level`
    any_overlap_above,  ///< the same for max_overlap
    plateau,  ///< |d ln eps / d ln t| falls below `level` ("plateau entered"), rises above ("left")
  };
  Kind kind = Kind::any_overlap_above;
  double level = 0.5;
  int neuron = 1;     ///< i, from 1
  int direction = 1;  ///< r, from 1
};

struct OdeOptions {
  std::vector<double> times;  ///< output times in samples / d
  double rtol = 1e-8;         ///< of the overlaps; the generalisation error has some 100 times that
  std::optional<double> atol = {};  ///< none: relative to what is left to learn (OdeTolerance)
  /// none: rodas_4_3 for the flow of ReLU neurons with a ReLU target, whose Jacobian has a closed
  /// form, up to 200 coordinates; else dormand_prince_5_4
  std::optional<Integrator> integrator = {};
  OdeTerms terms = OdeTerms::all;
  std::int64_t max_steps = 1'000'000;  ///< tries, accepted or not, of one run
  double first_step = 0;               ///< 0: chosen
  std::vector<OdeEvent> events = {};
  MomentOptions moments = {};
  int scrambles =
      8;  ///< runs on independent point sets, where points are used; their spread is the error
  /// Runs, where the problem draws their second layers or random starts: the latter of this
  /// dimension; 0 is the limit, M = 0
  int starts = 64;
  double start_dimension = 0;
  std::uint64_t start_seed = 1;
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
  Progress progress = {};
};
template <>
const Schema& schema<OdeOptions>();

/// dM/dt = -gamma E[G h*^T],  dQ/dt = -gamma E[G h^T + h G^T] + gamma^2 E[G G^T]      (Saad1995)
///
/// with the total gradient where samples are repeated or displaced, and, for trained second layers,
/// da/dt = -eta_a E[dl/da]. Normalised neurons: Q_jj stays 1, and what moves it is taken off along
/// w_j. Batches of any fixed size have the same limit, repeated ones included: as d -> infinity at
/// fixed n_b, so that self_coupling vanishes; beside a d where it does not, this is not the theory.
///
/// M, Q, a where it is trained, generalisation_error and the cosines at the output times,
/// deterministic where moments are exact and there is one start, else means over runs with standard
/// errors. A run that ends early (step_underflow, max_steps, diverged) says where, and the curve
/// ends at its last time. A warning says where the generalisation error has fallen to what the
/// errors of the integration can make of it.
Solution solve(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options);

}  // namespace reprise
