// The parts that an experiment file is read in. Not for users: see experiment.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/io/experiment.hpp"
#include "reprise/io/section.hpp"

namespace reprise {

/// [target], [inputs], [student], [initial] and training.loss.
Problem read_problem(const Section& root, std::uint64_t seed);

/// [training].
GradientDescent read_training(const Section& root);

/// Every [[curve]]; needs the problem and the algorithm for the sizes that a simulation can have.
std::vector<CurveSpec> read_curves(const Section& root, std::uint64_t seed, const Problem& problem,
                                   const GradientDescent& algorithm);

/// output.times as steps: "all", "log 20" (20 a decade), "linear 50", or a list.
std::vector<std::int64_t> read_output_steps(const Section& root, std::int64_t n_steps);

}  // namespace reprise
