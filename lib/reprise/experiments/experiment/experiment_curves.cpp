#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/core/random.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"

namespace reprise {

namespace {

/// Starts with a letter, a digit or a bracket: a name also becomes a folder inside curves.npz.
bool is_legal_name(std::string_view name) {
  constexpr std::string_view marks = " _.=,+-()";
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const auto is_allowed = [&](char c) { return is_plain(c) || marks.find(c) != marks.npos; };
  return !name.empty() && name.size() <= 80 && (is_plain(name.front()) || name.front() == '(') &&
         name.back() != ' ' && std::all_of(name.begin(), name.end(), is_allowed);
}

std::string read_name(const Section& curve, const std::set<std::string>& taken) {
  std::string name = curve.text("name");
  if (!is_legal_name(name)) {
    curve.reject(
        "name",
        "at most 80 letters, digits, spaces and _ . = , + - ( ), a letter, digit or ( first");
  }
  if (taken.count(name) != 0) curve.reject("name", "different from that of every other curve");
  return name;
}

/// One stream a curve, which neither the order of different engines nor the names change.
std::uint64_t stream_of(std::uint64_t seed, std::uint64_t engine, std::uint64_t ordinal) {
  return threefry({engine, ordinal}, {seed, 0})[0];
}
constexpr std::uint64_t stream_of_starts = 7;  // behind those of the rows

class CurveReader {
 public:
  CurveReader(const Section& root, const Experiment& experiment)
      : root_(root), problem_(experiment.problem), algorithm_(experiment.algorithm) {}

  CurveSpec read(const Section& curve, std::string name) const {
    const MethodRow& row = read_row(curve);
    CurveSpec spec{std::move(name), row.defaults, row.method};
    Faults faults;
    faults.collect([&] { refuse_keys_of_other_methods(curve, row); });
    faults.collect(
        [&] { read_fields(row.keys(), curve.fields(root_), spec.method.address(), row.without); });
    faults.throw_if_any();
    check_against_problem(curve, row, spec);
    return spec;
  }

 private:
  /// One of those that fit the algorithm; where another is asked for, the error says so.
  const MethodRow& read_row(const Section& curve) const {
    const AlgorithmRow& algorithm = row_of(algorithm_);
    const std::string method = curve.text("method");
    const std::vector<std::string_view> fitting = method_names(algorithm);
    if (std::ranges::find(fitting, method) == fitting.end()) {
      const std::vector<std::string_view> all = all_method_names();
      if (std::ranges::find(all, method) == all.end()) curve.choice("method", fitting);
      std::string rule = "one of";
      for (const std::string_view known : fitting) {
        rule.append(rule == "one of" ? " \"" : ", \"").append(known).append("\"");
      }
      curve.reject("method",
                   rule + " for training.algorithm = \"" + std::string(algorithm.name) + "\"");
    }
    std::vector<const MethodRow*> rows;
    std::vector<std::string_view> engines;
    for (const MethodRow& row : method_rows()) {
      if (row.system != algorithm.system || row.algorithm != algorithm.name) continue;
      if (row.method != method) continue;
      rows.push_back(&row);
      if (!row.engine.empty()) engines.push_back(row.engine);
    }
    if (engines.empty()) return *rows.front();
    const std::string engine = curve.choice("engine", engines, std::string(engines.front()));
    return **std::ranges::find_if(rows,
                                  [&](const MethodRow* row) { return row->engine == engine; });
  }

  static void refuse_keys_of_other_methods(const Section& curve, const MethodRow& own) {
    Faults faults;
    for (const std::string_view key : curve_keys()) {
      if (!curve.has(key)) continue;
      const bool is_without = std::ranges::find(own.without, key) != own.without.end();
      const bool applies = key == "engine" ? !own.engine.empty()
                                           : schema<CurveKeys>().find(key) != nullptr ||
                                                 (own.keys().find(key) != nullptr && !is_without);
      if (!applies) faults.collect([&] { curve.refuse(key, "method", own.method); });
    }
    faults.throw_if_any();
  }

  /// What a curve may not say of this problem: room for its directions, starts that are drawn.
  void check_against_problem(const Section& curve, const MethodRow& row,
                             const CurveSpec& spec) const {
    const auto* problem = problem_.get_if<Problem>();
    if (problem == nullptr) return;
    const bool draws = problem->student.second_layer_draw != SecondLayerDraw::once;
    if (curve.has("starts") && !problem->has_random_start && !draws) {
      curve.reject(
          "starts",
          "left out unless initial.kind = \"random\" or student.second_layer_draw = \"run\"");
    }
    if (spec.method.get_if<OdeOptions>() != nullptr && curve.has("dimension") &&
        !problem->has_random_start) {
      curve.reject("dimension", "left out unless initial.kind = \"random\": this is the limit");
    }
    if (!curve.has("dimension")) return;
    Range range = row.keys().find("dimension")->facts.range;
    range.least = least_dimension(*problem);
    check_dimension(curve, range);
  }

  void check_dimension(const Section& curve, const Range& range) const {
    const std::int64_t dimension = curve.integer("dimension", range);
    const auto* descent = algorithm_.get_if<GradientDescent>();
    if (descent == nullptr) return;
    constexpr double most_samples = 0x1p40;
    for (const double alpha : descent->samples_per_dimension) {
      const double n = std::round(alpha * static_cast<double>(dimension));
      if (n >= 1 && n <= most_samples) continue;
      curve.reject("dimension", "such that every block has from 1 to 2^40 samples, " +
                                    std::to_string(alpha) + " per dimension");
    }
  }

  const Section& root_;
  const Settings& problem_;
  const Settings& algorithm_;
};

bool read_kernels(const Section& root, const Settings& algorithm) {
  const Section output = root.subsection("output", keys_of<OutputKeys>());
  const bool kernels = output.flag("kernels", false);
  if (kernels && algorithm.get_if<GradientDescent>() == nullptr) {
    output.reject("kernels", "false for training.algorithm = \"" +
                                 std::string(row_of(algorithm).name) + "\", which has none");
  }
  return kernels;
}

}  // namespace

CurveSpec read_curve(const Section& root, const Section& curve, const Experiment& experiment,
                     CurvesBefore& before) {
  Faults faults;
  std::string name;
  CurveSpec spec;
  bool kernels = false;
  faults.collect([&] { name = read_name(curve, before.names); });
  before.names.insert(name);
  faults.collect([&] { kernels = read_kernels(root, experiment.algorithm); });
  faults.collect([&] { spec = CurveReader(root, experiment).read(curve, std::move(name)); });
  faults.throw_if_any();
  const MethodRow& row = row_of(experiment, spec);
  row.set_streams(spec.method,
                  stream_of(experiment.seed, row.stream, before.n_of_stream[row.stream]++),
                  stream_of(experiment.seed, stream_of_starts, 0), kernels);
  return spec;
}

void share_start_dimension(const Section& root, const Settings& problem, const Settings& algorithm,
                           std::vector<CurveSpec>& curves) {
  const auto* two_layer = problem.get_if<Problem>();
  if (two_layer == nullptr || !two_layer->has_random_start) return;
  std::set<double> dimensions;
  for (const CurveSpec& curve : curves) {
    const double dimension = row_of(algorithm, curve).dimension(curve.method);
    if (dimension > 0) dimensions.insert(dimension);
  }
  for (std::size_t c = 0; c < curves.size(); ++c) {
    auto* ode = curves[c].method.get_if<OdeOptions>();
    if (ode == nullptr || ode->start_dimension > 0) continue;
    const Section section(root.require("curve").items[c], "curve", curve_keys());
    if (dimensions.size() == 1) {
      ode->start_dimension = *dimensions.begin();
    } else if (section.has("starts")) {
      section.require("dimension");
    }
  }
}

namespace {

/// The d that the ODE or the recursion stands for: its own, for an ODE without one the lowest of
/// the simulations beside it; infinity where there is none.
double dimension_of(const Settings& method, const Experiment& experiment) {
  if (const auto* recursion = method.get_if<FiniteBatchOptions>()) return recursion->dimension;
  const auto* ode = method.get_if<OdeOptions>();
  double lowest = std::numeric_limits<double>::infinity();
  if (ode == nullptr) return lowest;
  if (ode->start_dimension > 0) lowest = ode->start_dimension;
  for (const CurveSpec& curve : experiment.curves) {
    const MethodRow& row = row_of(experiment, curve);
    if (row.role == Role::simulation) lowest = std::min(lowest, row.dimension(curve.method));
  }
  return lowest;
}

/// Batches used again, where a theory that leaves out what they do to themselves is asked for.
void check_repeats(const Section& root, const Experiment& experiment) {
  const auto* sgd = experiment.algorithm.get_if<OnePassSgd>();
  if (sgd == nullptr) return;
  for (const CurveSpec& curve : experiment.curves) {
    const double dimension = dimension_of(curve.method, experiment);
    if (!(self_coupling(*sgd, dimension) > largest_self_coupling)) continue;
    root.subsection("training", training_keys())
        .reject("repeats", self_coupling_rule(*sgd, dimension),
                std::to_string(sgd->repeats) + " with curve \"" + curve.name + "\"");
  }
}

}  // namespace

void check_curves(const Section& root, const Experiment& experiment) {
  check_repeats(root, experiment);
  const std::vector<DocumentValue>& list = root.require("curve").items;
  for (std::size_t c = 0; c < experiment.curves.size(); ++c) {
    try {
      const CurveSpec& curve = experiment.curves[c];
      row_of(experiment, curve).check(experiment.problem, experiment.algorithm, curve.method);
    } catch (const InputError& error) {
      throw InputError(list[c].origin + ": curve \"" + experiment.curves[c].name +
                       "\": " + error.what());
    }
  }
}

}  // namespace reprise
