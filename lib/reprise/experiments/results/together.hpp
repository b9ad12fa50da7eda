// Curves of several runs side by side.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

/// The curves and comparisons of several runs, for one figure. Where curves of two runs have the
/// same name all get that of their run in front: "plain, theory". The figure is that of the first
/// run.
///
/// runs  each with its name
/// Throws InputError where times count different things: steps, samples / d.
Results together(std::vector<std::pair<std::string, Results>> runs);

}  // namespace reprise
