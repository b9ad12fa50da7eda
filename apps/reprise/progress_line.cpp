#include "reprise/progress_line.hpp"

#include <unistd.h>

#include <iostream>

#include "reprise/printable.hpp"

namespace reprise::app {

ProgressLine::ProgressLine(bool is_wanted) : is_shown_(is_wanted && isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(std::string_view curve, double fraction) {
  const int percent = static_cast<int>(100 * fraction);
  if (!is_shown_ || percent == last_percent_) return;
  last_percent_ = percent;
  std::clog << "\r\033[K" << printable(curve) << "  " << percent << " %" << std::flush;
}

void ProgressLine::show(std::string_view text) {
  const auto now = std::chrono::steady_clock::now();
  if (!is_shown_ || now - last_time_ < std::chrono::milliseconds(100)) return;
  last_time_ = now;
  last_percent_ = 0;
  std::clog << "\r\033[K" << text << std::flush;
}

void ProgressLine::clear() {
  if (is_shown_ && last_percent_ >= 0) std::clog << "\r\033[K" << std::flush;
  last_percent_ = -1;
}

}  // namespace reprise::app
