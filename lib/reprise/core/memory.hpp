// How much memory a computation may take.
#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

/// The memory in bytes that this process may take: that of the machine, or what limits of the
/// process (ulimit -v) or of its control groups (containers, batch systems) leave of it; 0 if
/// unknown.
std::uint64_t available_memory_bytes();

/// Throws InputError "<where>: needs <x> GB of memory, this process may take <y> GB" if `bytes`
/// exceeds nine tenths of it.
void check_memory(std::string_view where, double bytes);

}  // namespace reprise
