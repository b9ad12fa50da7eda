#include "reprise/core/memory.hpp"

#include <unistd.h>

#include <sstream>

#include "reprise/core/error.hpp"

namespace reprise {

std::uint64_t physical_memory_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_bytes <= 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

void check_memory(std::string_view where, double bytes) {
  const auto available = static_cast<double>(physical_memory_bytes());
  if (available == 0 || bytes <= 0.9 * available) return;
  std::ostringstream text;
  text.precision(3);
  text << where << ": needs " << bytes * 1e-9 << " GB of memory, this machine has "
       << available * 1e-9 << " GB";
  throw InputError(text.str());
}

}  // namespace reprise
