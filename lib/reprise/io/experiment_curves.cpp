#include <algorithm>
#include <charconv>
#include <cmath>
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

/// Keys that only another method has would be silently without effect.
void refuse_keys_of_others(const Section& curve, std::string_view method,
                           std::span<const Key> keys_of_others) {
  for (const Key& key : keys_of_others) {
    if (!curve.has(key.name)) continue;
    throw InputError(curve.origin(key.name) + ": " + curve.path(key.name) +
                     " does not apply to method \"" + std::string(method) + "\"");
  }
}

/// One stream per curve, which neither the order of different engines nor the names change: the
/// n-th curve of an engine has the same numbers whatever stands between.
enum class Engine : std::uint64_t { dmft = 1, exact = 2, dense = 3 };

std::uint64_t stream_of(std::uint64_t seed, Engine engine, std::uint64_t ordinal) {
  return threefry({static_cast<std::uint64_t>(engine), ordinal}, {seed, 0})[0];
}

DmftOptions read_dmft(const Section& curve, bool kernels) {
  refuse_keys_of_others(curve, "dmft", vocabulary::simulation);
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

struct CurveReader {
  std::uint64_t seed;
  const Problem& problem;
  const GradientDescent& algorithm;
  bool kernels;
  std::uint64_t n_dmft = 0, n_exact = 0, n_dense = 0;

  Method read(const Section& curve) {
    const std::string method = curve.choice("method", vocabulary::methods);
    if (method == "dmft") {
      DmftOptions options = read_dmft(curve, kernels);
      options.seed = stream_of(seed, Engine::dmft, n_dmft++);
      return options;
    }
    refuse_keys_of_others(curve, "simulation", vocabulary::dmft);
    const Eigen::Index k = problem.n_directions();
    if (curve.choice("engine", vocabulary::engines, "exact") == "dense") {
      auto dense = read_simulation<DenseSimulation>(curve, k + problem.n_neurons(), algorithm);
      dense.seed = stream_of(seed, Engine::dense, n_dense++);
      return dense;
    }
    auto exact = read_simulation<ExactSimulation>(curve, k + 1, algorithm);
    exact.seed = stream_of(seed, Engine::exact, n_exact++);
    return exact;
  }
};

/// N of "log N"; 0 if there is no such number after the word.
std::int64_t count_after(std::string_view word, std::string_view text) {
  if (!text.starts_with(word)) return 0;
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + word.size(), end, count);
  return parsed.ec == std::errc{} && parsed.ptr == end && count > 0 && count <= 1'000'000 ? count
                                                                                          : 0;
}

std::set<std::int64_t> steps_from_text(const Section& output, std::int64_t n_steps) {
  const std::string text = output.text("times", "all");
  std::set<std::int64_t> steps{0, n_steps};
  if (text == "all") {
    for (std::int64_t step = 0; step <= n_steps; ++step) steps.insert(step);
  } else if (const std::int64_t per_decade = count_after("log ", text); per_decade > 0) {
    for (int i = 0;; ++i) {
      const double step = std::pow(10.0, i / static_cast<double>(per_decade));
      if (!(step < static_cast<double>(n_steps))) break;
      steps.insert(std::llround(step));
    }
  } else if (const std::int64_t n = std::min(count_after("linear ", text), n_steps); n > 0) {
    for (std::int64_t i = 0; i <= n; ++i) {
      steps.insert(std::llround(static_cast<double>(i * n_steps) / static_cast<double>(n)));
    }
  } else {
    output.reject("times", "\"all\", \"log N\" or \"linear N\" with N >= 1, or a list of steps");
  }
  return steps;
}

}  // namespace

std::vector<CurveSpec> read_curves(const Section& root, std::uint64_t seed, const Problem& problem,
                                   const GradientDescent& algorithm) {
  const DocumentValue& list = root.require("curve");
  if (list.kind != DocumentValue::Kind::array || list.items.empty()) {
    root.reject("curve", "a list of sections, [[curve]]");
  }
  const bool kernels = root.subsection("output", vocabulary::output).flag("kernels", false);
  CurveReader reader{.seed = seed, .problem = problem, .algorithm = algorithm, .kernels = kernels};
  std::set<std::string> names;
  std::vector<CurveSpec> curves;
  for (const DocumentValue& item : list.items) {
    const Section section(item, "curve", vocabulary::curve);
    std::string name = read_name(section, names);
    names.insert(name);
    curves.push_back({std::move(name), reader.read(section)});
  }
  return curves;
}

std::vector<std::int64_t> read_output_steps(const Section& root, std::int64_t n_steps) {
  const Section output = root.subsection("output", vocabulary::output);
  const DocumentValue* times = output.find("times");
  if (times == nullptr || times->kind != DocumentValue::Kind::array) {
    const std::set<std::int64_t> steps = steps_from_text(output, n_steps);
    return {steps.begin(), steps.end()};
  }
  const std::vector<std::int64_t> given = output.integers("times", {.least = 0, .most = n_steps});
  const std::set<std::int64_t> steps(given.begin(), given.end());
  return {steps.begin(), steps.end()};
}

}  // namespace reprise
