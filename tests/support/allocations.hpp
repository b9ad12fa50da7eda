// Counts what the test program allocates, for the claim "no allocation".
#pragma once

#include <cstddef>

namespace reprise::test {

/// Calls of operator new by this thread so far.
std::size_t n_allocations();

/// How often operator new is called while function() runs.
template <class Function>
std::size_t allocations_of(Function&& function) {
  const std::size_t before = n_allocations();
  function();
  return n_allocations() - before;
}

}  // namespace reprise::test
