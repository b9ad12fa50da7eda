// SweepTeam without MPI.
#include "reprise/core/error.hpp"
#include "reprise/experiments/sweep/sweep_team.hpp"

namespace reprise {

SweepTeam::SweepTeam(bool joins) : has_others_(joins && is_launched_with_others()) {
  if (!has_others_) return;
  throw InputError(
      "sweep: this reprise was built without MPI, and its processes would all do the same; build "
      "it with -DREPRISE_WITH_MPI=ON, or give each its --shard");
}

SweepTeam::~SweepTeam() = default;

Executor SweepTeam::executor(const Sweep&, int) {
  throw Error("sweep: there is no team without MPI");
}

void SweepTeam::follow(const std::optional<Sweep>&, int) {}

}  // namespace reprise
