// A line on standard error that shows how far a run is, for people only.
#pragma once

#include <chrono>
#include <string_view>

namespace reprise::app {

/// Shows nothing where standard error is not a terminal; clears its line when it ends.
class ProgressLine {
 public:
  explicit ProgressLine(bool is_wanted);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(std::string_view curve, double fraction);
  /// Any text, at most ten times a second.
  void show(std::string_view text);
  void clear();

 private:
  bool is_shown_;
  int last_percent_ = -1;
  std::chrono::steady_clock::time_point last_time_ = {};
};

}  // namespace reprise::app
