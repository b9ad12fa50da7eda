// Where the runs of one-pass SGD start: from the given overlaps, or from draws of their own.
#pragma once

#include <cstdint>

#include "reprise/model/normalise.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// The overlaps of weights W with independent N(0, 1) entries in d dimensions: M = Z L_P^T /
/// sqrt(d) and Q = (Z Z^T + Wishart_p(d - k)) / d, L_P L_P^T = P. Random of run `run` of this seed:
/// the ODE, the chain and the dense simulation of a run start from the same draw. Throws InputError
/// unless d >= k + 1.
Overlaps random_start(const Problem& problem, double dimension, std::uint64_t seed,
                      std::uint64_t run);

/// Whether runs differ in where they start: in random overlaps of a finite dimension, or in a
/// second layer that each draws.
bool is_ensemble(const Problem& problem, double dimension);

/// Where run `run` of one-pass SGD starts: random_start where problem.has_random_start and
/// dimension > 0, else problem.initial; neurons are moved to Q_jj = 1 where training keeps them
/// there. dimension 0 is the limit.
Overlaps start_of_run(const Problem& problem, Normalise normalise, double dimension,
                      std::uint64_t seed, std::uint64_t run);

}  // namespace reprise
