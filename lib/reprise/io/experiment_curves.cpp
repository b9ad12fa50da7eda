#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/random.hpp"
#include "reprise/io/experiment_parts.hpp"

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

/// One stream per curve, which neither the order of different engines nor the names change: the
/// n-th curve of an engine has the same numbers whatever stands between.
enum class Engine : std::uint64_t {
  dmft = 1,
  exact = 2,
  dense = 3,
  ode = 4,
  recursion = 5,
  gradient_flow = 6,
  starts = 7
};

std::uint64_t stream_of(std::uint64_t seed, Engine engine, std::uint64_t ordinal) {
  return threefry({static_cast<std::uint64_t>(engine), ordinal}, {seed, 0})[0];
}

DmftOptions read_dmft(const Section& curve, bool kernels) {
  DmftOptions options;
  options.kernels = kernels;
  options.target_error = curve.number("target_error", nonnegative, 0.0);
  options.max_points =
      curve.integer("max_points", {.least = 64, .most = std::int64_t{1} << 30}, options.max_points);
  options.points =
      curve.integer("points", {.least = 32, .most = std::int64_t{1} << 30}, options.points);
  options.scrambles =
      static_cast<int>(curve.integer("scrambles", {.least = 2, .most = 4096}, options.scrambles));
  return options;
}

constexpr std::int64_t most_samples = std::int64_t{1} << 40;

/// A dimension with room for `least_dimension` directions and at least one sample in every block.
std::int64_t read_dimension(const Section& curve, std::int64_t least_dimension,
                            const GradientDescent& algorithm) {
  const std::int64_t dimension =
      curve.integer("dimension", {.least = least_dimension, .most = most_samples});
  for (const double alpha : algorithm.samples_per_dimension) {
    const double n = std::round(alpha * static_cast<double>(dimension));
    if (n >= 1 && n <= static_cast<double>(most_samples)) continue;
    curve.reject("dimension", "such that every block has from 1 to 2^40 samples, " +
                                  std::to_string(alpha) + " per dimension");
  }
  return dimension;
}

template <class Simulation>
Simulation read_simulation(const Section& curve, std::int64_t least_dimension,
                           const GradientDescent& algorithm) {
  Simulation simulation;
  simulation.dimension = read_dimension(curve, least_dimension, algorithm);
  simulation.runs =
      static_cast<int>(curve.integer("runs", {.least = 1, .most = 100'000'000}, simulation.runs));
  return simulation;
}

class CurveReader {
 public:
  CurveReader(std::uint64_t seed, const Problem& problem, const Algorithm& algorithm, bool kernels)
      : seed_(seed), problem_(problem), algorithm_(algorithm), kernels_(kernels) {}

  Method read(const Section& curve) {
    const std::string method = read_method(curve);
    curve.refuse_keys_of_others(vocabulary::method_keys, method, "method");
    const Engine engine = engine_of(curve, method);
    const std::uint64_t stream = stream_of(seed_, engine, n_of_engine_[engine]++);
    const auto* descent = std::get_if<GradientDescent>(&algorithm_);
    if (descent == nullptr) {
      return read_one_pass(curve, {.method = method,
                                   .problem = problem_,
                                   .stream = stream,
                                   .start_seed = stream_of(seed_, Engine::starts, 0)});
    }
    Method result = read_descent(curve, engine, *descent);
    std::visit([&](auto& chosen) { chosen.seed = stream; }, result);
    return result;
  }

 private:
  /// One of those that fit the algorithm; where another is asked for, the error says so.
  std::string read_method(const Section& curve) const {
    const std::string method = curve.text("method");
    const std::span<const Choice> fitting = vocabulary::methods_of(name(algorithm_));
    const auto is_it = [&](const Choice& choice) { return choice.name == method; };
    if (std::any_of(fitting.begin(), fitting.end(), is_it)) return method;
    const std::span<const Choice> all = vocabulary::methods;
    if (std::none_of(all.begin(), all.end(), is_it)) return curve.choice("method", fitting);
    std::string rule = "one of";
    for (const Choice& choice : fitting) {
      rule += (rule == "one of" ? " \"" : ", \"") + std::string(choice.name) + "\"";
    }
    curve.reject("method",
                 rule + " for training.algorithm = \"" + std::string(name(algorithm_)) + "\"");
  }

  static Engine engine_of(const Section& curve, std::string_view method) {
    if (method == "dmft") return Engine::dmft;
    if (method == "ode") return Engine::ode;
    if (method == "recursion") return Engine::recursion;
    if (method == "gradient_flow") return Engine::gradient_flow;
    return curve.choice("engine", vocabulary::engines, "exact") == "dense" ? Engine::dense
                                                                           : Engine::exact;
  }

  Method read_descent(const Section& curve, Engine engine, const GradientDescent& descent) const {
    if (engine == Engine::dmft) return read_dmft(curve, kernels_);
    const Eigen::Index least = least_dimension(problem_);
    if (engine == Engine::dense) return read_simulation<DenseSimulation>(curve, least, descent);
    return read_simulation<ExactSimulation>(curve, least, descent);
  }

  std::uint64_t seed_;
  const Problem& problem_;
  const Algorithm& algorithm_;
  bool kernels_;
  std::map<Engine, std::uint64_t> n_of_engine_;
};

bool read_kernels(const Section& root, const Algorithm& algorithm) {
  const Section output = root.subsection("output", vocabulary::output);
  const bool kernels = output.flag("kernels", false);
  if (kernels && !std::holds_alternative<GradientDescent>(algorithm)) {
    output.reject("kernels", "false for training.algorithm = \"" + std::string(name(algorithm)) +
                                 "\", which has none");
  }
  return kernels;
}

}  // namespace

std::vector<CurveSpec> read_curves(const Section& root, std::uint64_t seed, const Problem& problem,
                                   const Algorithm& algorithm) {
  const DocumentValue& list = root.require("curve");
  if (list.kind != DocumentValue::Kind::array || list.items.empty()) {
    root.reject("curve", "a list of sections, [[curve]]");
  }
  CurveReader reader(seed, problem, algorithm, read_kernels(root, algorithm));
  std::set<std::string> names;
  std::vector<CurveSpec> curves;
  for (const DocumentValue& item : list.items) {
    const Section section(item, "curve", vocabulary::curve);
    std::string name = read_name(section, names);
    names.insert(name);
    curves.push_back({std::move(name), reader.read(section)});
  }
  share_start_dimension(root, problem, curves);
  return curves;
}

}  // namespace reprise
