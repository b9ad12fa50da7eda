// The last numbers of every curve of every shipped experiment, reduced in points, dimension and
// runs, against those that were recorded: what moves is meant to, and the changelog says so.
// REPRISE_RECORD=1 verification_tests -tc="shipped curves*" records them again.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "reprise/core/number_text.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/catalogue.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/one_pass/chain.hpp"

namespace {

using namespace reprise;

const std::filesystem::path root = REPRISE_SOURCE_DIR;
const std::filesystem::path recorded_file = root / "tests/verification/shipped_curves.csv";

std::string reduced(std::string text) {
  const auto set = [&](const char* key, const char* value) {
    text = std::regex_replace(text, std::regex("(^|\n)" + std::string(key) + " *=[^\n]*"),
                              "$1" + std::string(key) + " = " + value);
  };
  set("points", "512");
  set("scrambles", "2");
  set("runs", "2");
  if (text.find("batch_size") == std::string::npos) set("dimension", "100");
  return text;
}

// Some 10^4 steps of one pass amplify the last bit of a sum until other numbers of the same law
// come out; dense products sum in an order of their own.
bool depends_on_rounding(const CurveSpec& curve) {
  return curve.method.get_if<ExactChain>() != nullptr ||
         curve.method.get_if<DenseSgdSimulation>() != nullptr ||
         curve.method.get_if<DenseSimulation>() != nullptr;
}

// "experiment,curve,quantity,entry" and the last finite value.
std::map<std::string, double> last_values(const std::string& name, Experiment experiment) {
  std::map<std::string, double> values;
  std::erase_if(experiment.curves, depends_on_rounding);
  const Results results = run(experiment);
  for (std::size_t c = 0; c < results.curves.size(); ++c) {
    std::string curve = results.curves[c].name;
    std::erase(curve, ',');
    for (const Series& series : results.curves[c].solution.series) {
      for (Eigen::Index e = 0; e < series.n_entries() && series.n_times() > 0; ++e) {
        const std::string key =
            name + "," + curve + "," + series.quantity + "," + std::to_string(e);
        values[key] = series.value(series.n_times() - 1, e);
      }
    }
  }
  return values;
}

std::map<std::string, double> recorded() {
  std::map<std::string, double> values;
  std::istringstream lines(read_text_file(recorded_file));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t comma = line.rfind(',');
    values[line.substr(0, comma)] = std::strtod(line.c_str() + comma + 1, nullptr);
  }
  return values;
}

}  // namespace

TEST_CASE("shipped curves: their last numbers are those that were recorded") {
  std::map<std::string, double> values;
  for (const ShippedGroup& group : shipped_experiments(root / "data")) {
    for (const ShippedExperiment& shipped : group.experiments) {
      if (shipped.is_sweep) continue;
      CAPTURE(shipped.name);
      values.merge(last_values(shipped.name, parse_experiment(reduced(read_text_file(shipped.file)),
                                                              shipped.file.string())));
    }
  }
  if (std::getenv("REPRISE_RECORD") != nullptr) {
    std::ofstream file(recorded_file);
    for (const auto& [key, value] : values) file << key << ',' << shortest(value) << '\n';
  }
  const std::map<std::string, double> expected = recorded();
  CHECK(values.size() == expected.size());
  for (const auto& [key, value] : values) {
    CAPTURE(key);
    REQUIRE(expected.contains(key));
    const double known = expected.at(key);
    CAPTURE(value);
    CAPTURE(known);
    if (std::isfinite(known)) {
      CHECK(std::abs(value - known) <= 1e-9 * std::abs(known) + 1e-13);
    } else {
      CHECK_FALSE(std::isfinite(value));
    }
  }
}
