// How much memory a computation may take.
#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

/// Physical memory of this machine in bytes; 0 if unknown.
std::uint64_t physical_memory_bytes();

/// Throws InputError "<where>: needs <x> GB of memory, this machine has <y> GB" if `bytes` exceeds
/// nine tenths of it.
void check_memory(std::string_view where, double bytes);

}  // namespace reprise
