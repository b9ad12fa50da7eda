#include "reprise/experiments/results/together.hpp"

#include <algorithm>
#include <set>

#include "reprise/core/error.hpp"

namespace reprise {

namespace {

using NamedRuns = std::vector<std::pair<std::string, Results>>;

bool have_equal_names(const NamedRuns& runs) {
  std::set<std::string> names;
  std::size_t n_curves = 0;
  for (const auto& [run, results] : runs) {
    for (const CurveResult& curve : results.curves) names.insert(curve.name);
    n_curves += results.curves.size();
  }
  return names.size() < n_curves;
}

void check_clocks(const NamedRuns& runs) {
  const CurveResult* first = nullptr;
  for (const auto& [run, results] : runs) {
    for (const CurveResult& curve : results.curves) {
      if (first == nullptr) first = &curve;
      const bool has_steps = curve.solution.clock == Clock::steps;
      if (has_steps == (first->solution.clock == Clock::steps)) continue;
      throw InputError(run + ": curve \"" + curve.name + "\": its time is \"" +
                       std::string(name(curve.solution.clock)) +
                       "\", which shares no axis with \"" +
                       std::string(name(first->solution.clock)) + "\" of \"" + first->name + "\"");
    }
  }
}

}  // namespace

Results together(NamedRuns runs) {
  check_clocks(runs);
  const bool wants_runs = have_equal_names(runs);
  Results all;
  all.has_log_times = !runs.empty();
  if (!runs.empty()) all.figure = runs.front().second.figure;
  for (auto& [run, results] : runs) {
    const std::string prefix = wants_runs ? run + ", " : "";
    for (CurveResult& curve : results.curves) {
      curve.name = prefix + curve.name;
      all.curves.push_back(std::move(curve));
    }
    for (PairComparison& pair : results.comparisons) {
      all.comparisons.push_back(
          {prefix + pair.theory, prefix + pair.simulation, std::move(pair.comparison)});
    }
    if (all.title.find(results.title) == std::string::npos) {
      all.title += (all.title.empty() ? "" : " / ") + results.title;
    }
    all.has_log_times &= results.has_log_times;
  }
  return all;
}

}  // namespace reprise
