// Parallel loops whose results cannot depend on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace reprise {

/// The number of threads that a request stands for: itself, or all cores for 0.
/// Throws InputError if negative.
int resolve_threads(int requested);

/// Calls body(worker, index) once for each index in 0..count-1, on up to `threads` threads; worker
/// is in 0..threads-1 and no two calls run at once on the same worker. Indices are taken in
/// increasing order. The first exception stops further calls and is rethrown, and so does a raised
/// StopFlag. Where the system has no more threads there are fewer.
/// A body must write only to what belongs to its index, or to scratch of its worker: then the
/// outcome is the same for every number of threads.
void parallel_for(std::size_t count, int threads,
                  const std::function<void(std::size_t worker, std::size_t index)>& body);

}  // namespace reprise
