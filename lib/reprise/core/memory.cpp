#include "reprise/core/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "reprise/core/error.hpp"

namespace reprise {

namespace {

constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t physical_memory_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_bytes <= 0) return no_limit;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

std::uint64_t limit_of_process(decltype(RLIMIT_AS) resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return no_limit;
  return limit.rlim_cur;
}

/// The least of a group of processes and those that it is in; a file that is not there is no limit.
std::uint64_t limit_of_groups(const std::filesystem::path& root, std::filesystem::path group,
                              const char* file) {
  std::uint64_t least = no_limit;
  while (true) {
    std::ifstream in(root / group.relative_path() / file);
    if (std::uint64_t limit = 0; in >> limit) least = std::min(least, limit);  // "max" is no number
    if (!group.has_relative_path()) return least;
    group = group.parent_path();
  }
}

/// Of control groups, version 2 ("0::/group") and 1 ("4:memory:/group"): containers and batch
/// systems.
std::uint64_t limit_of_groups() {
  std::uint64_t least = no_limit;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t name = line.find(':') + 1, path = line.find(':', name) + 1;
    if (name == 0 || path == 0) continue;
    const std::string controllers = line.substr(name, path - name - 1);
    if (controllers.empty()) {
      least = std::min(least, limit_of_groups("/sys/fs/cgroup", line.substr(path), "memory.max"));
    } else if (controllers == "memory") {
      least = std::min(least, limit_of_groups("/sys/fs/cgroup/memory", line.substr(path),
                                              "memory.limit_in_bytes"));
    }
  }
  return least;
}

}  // namespace

std::uint64_t available_memory_bytes() {
  const std::uint64_t least = std::min({physical_memory_bytes(), limit_of_process(RLIMIT_AS),
                                        limit_of_process(RLIMIT_DATA), limit_of_groups()});
  return least == no_limit ? 0 : least;
}

void check_memory(std::string_view where, double bytes) {
  const auto available = static_cast<double>(available_memory_bytes());
  if (available == 0 || bytes <= 0.9 * available) return;
  std::ostringstream text;
  text.precision(3);
  text << where << ": needs " << bytes * 1e-9 << " GB of memory, this process may take "
       << available * 1e-9 << " GB";
  throw InputError(text.str());
}

}  // namespace reprise
