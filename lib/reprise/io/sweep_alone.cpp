// SweepTeam without MPI.
#include <cstdlib>
#include <string>

#include "reprise/core/error.hpp"
#include "reprise/io/sweep_team.hpp"

namespace reprise {

SweepTeam::SweepTeam() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"}) {
    const char* size = std::getenv(variable);
    if (size == nullptr || std::string_view(size) == "1") continue;
    throw InputError(
        "sweep: this reprise was built without MPI, and its processes would all do the same; build "
        "it with -DREPRISE_WITH_MPI=ON, or give each its --shard");
  }
}

SweepTeam::~SweepTeam() = default;

Executor SweepTeam::executor() { throw Error("sweep: there is no team without MPI"); }

void SweepTeam::follow(const std::optional<Sweep>&, int) {}

}  // namespace reprise
