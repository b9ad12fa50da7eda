#include "reprise/core/stop.hpp"

namespace reprise {

namespace {

thread_local const StopFlag* flag_of_thread = nullptr;

}  // namespace

StopScope::StopScope(const StopFlag* flag) : outer_(flag_of_thread) { flag_of_thread = flag; }

StopScope::~StopScope() { flag_of_thread = outer_; }

const StopFlag* stop_flag() { return flag_of_thread; }

bool is_stop_requested() {
  return flag_of_thread != nullptr && flag_of_thread->load(std::memory_order_relaxed);
}

void check_stop() {
  if (is_stop_requested()) throw Stopped();
}

}  // namespace reprise
