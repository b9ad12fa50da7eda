#include <cstdio>

#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/results/results.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::vector<std::string> overrides{"training.steps=2", "curve.theory.points=256"};
  const reprise::Results results = reprise::run(reprise::read_experiment(argv[1], overrides));
  std::puts(reprise::brief_report(results).c_str());
  return results.has_completed() ? 0 : 1;
}
