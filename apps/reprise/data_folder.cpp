#include "reprise/data_folder.hpp"

#include <cstdlib>

namespace reprise::app {

namespace fs = std::filesystem;

fs::path data_folder() {
  if (const char* named = std::getenv("REPRISE_DATA"); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path() / ".." / "share" / "reprise" / "data";
  if (!error && fs::is_directory(installed, error)) return fs::weakly_canonical(installed);
  return REPRISE_SOURCE_DATA;
}

}  // namespace reprise::app
