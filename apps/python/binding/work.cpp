#include "work.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "reprise/core/stop.hpp"

namespace reprise::python {

namespace {

constexpr std::chrono::milliseconds time_between_looks{50};

/// Shared by the two threads.
struct State {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
  bool has_report = false;
  std::string what;
  double fraction = 0;
};

/// Signals first: their handlers are Python's, and run here.
void look(State& state, const py::object& progress) {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  if (progress.is_none()) return;
  std::string what;
  double fraction = 0;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.has_report) return;
    state.has_report = false;
    what = state.what;
    fraction = state.fraction;
  }
  progress(what, fraction);
}

}  // namespace

py::object in_background(const py::object& progress,
                         const std::function<void(const Report& report)>& work) {
  State state;
  StopFlag flag{false};
  std::exception_ptr failure;
  std::optional<py::error_already_set> interruption;
  const bool reports = !progress.is_none();
  const Report report = [&](std::string_view what, double fraction) {
    if (!reports) return;
    const std::lock_guard lock(state.mutex);
    state.has_report = true;
    state.what = what;
    state.fraction = fraction;
  };
  {
    const py::gil_scoped_release interpreter_is_free;
    std::jthread worker([&] {
      try {
        const StopScope scope(flag);
        work(report);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock(state.mutex);
      state.is_done = true;
      state.changed.notify_one();
    });
    std::unique_lock lock(state.mutex);
    while (!state.changed.wait_for(lock, time_between_looks, [&] { return state.is_done; })) {
      lock.unlock();
      if (!interruption) {
        const py::gil_scoped_acquire interpreter;
        try {
          look(state, progress);
        } catch (py::error_already_set& error) {
          interruption.emplace(error);
          flag = true;
        }
      }
      lock.lock();
    }
  }
  if (!failure && !interruption && reports) {
    try {
      look(state, progress);
    } catch (py::error_already_set& error) {
      interruption.emplace(error);
    }
  }
  if (failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const Stopped&) {
      if (!interruption) throw;
    }
  }
  return interruption ? py::object(interruption->value()) : py::none();
}

}  // namespace reprise::python
