#include "reprise/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "reprise/core/check.hpp"
#include "reprise/core/stop.hpp"

namespace reprise {

int resolve_threads(int requested) {
  check_at_least("options", "threads", requested, 0);
  if (requested > 0) return requested;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(std::size_t count, int threads,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  const std::size_t n_workers = std::min(count, static_cast<std::size_t>(std::max(threads, 1)));
  if (n_workers <= 1) {
    for (std::size_t index = 0; index < count; ++index) {
      check_stop();
      body(0, index);
    }
    return;
  }
  const StopFlag* flag = stop_flag();
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&](std::size_t worker) {
    const StopScope scope(flag);
    try {
      for (std::size_t index; (index = next.fetch_add(1)) < count;) {
        check_stop();
        body(worker, index);
      }
    } catch (...) {
      next.store(count);
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> helpers;
    helpers.reserve(n_workers - 1);
    try {
      for (std::size_t worker = 1; worker < n_workers; ++worker) helpers.emplace_back(work, worker);
    } catch (const std::system_error&) {
      // A limit on processes or memory: those that there are do the work.
    }
    work(0);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace reprise
