// Computing without the interpreter: on a thread of its own, while the one that asked for it looks
// for signals and reports progress.
#pragma once

#include <pybind11/pybind11.h>

#include <functional>
#include <string>
#include <string_view>

namespace reprise::python {

namespace py = pybind11;

/// What the thread that computes has last said; any thread may.
using Report = std::function<void(std::string_view what, double fraction)>;

/// Runs `work` with the interpreter free, a StopFlag around it, and returns when it is done.
///
/// progress  called with (text, fraction) from the calling thread, 20 times a second at most; None:
///           not at all
/// What `work` throws comes out. A signal's exception (KeyboardInterrupt), or one of `progress`,
/// raises the flag; when the work has ended it is returned, to be raised by those who have first
/// saved what is finished; otherwise None.
py::object in_background(const py::object& progress,
                         const std::function<void(const Report& report)>& work);

}  // namespace reprise::python
