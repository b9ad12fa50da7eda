#include "reprise/experiments/sweep/sweep_team.hpp"

#include <cstdlib>
#include <string_view>

namespace reprise {

bool is_launched_with_others() {
  for (const char* variable :
       {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"}) {
    const char* size = std::getenv(variable);
    if (size != nullptr && std::string_view(size) != "1") return true;
  }
  return false;
}

}  // namespace reprise
