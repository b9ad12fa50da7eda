// Functions of Python, or compiled ones by their address, as targets, activations and losses.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <exception>
#include <string>

#include "reprise/experiments/experiment/callables.hpp"

namespace reprise::python {

namespace py = pybind11;

/// What a function of Python's threw, or returned that it may not. No std::exception: a sweep would
/// keep it as the failure of a point.
struct CallableFailure {
  std::exception_ptr cause;
};

/// From {"name", "k", "values", "columns", "polynomial"..}: see reprise/_callables.py, which makes
/// these dictionaries.
///
/// A Python function is called with arrays of a chunk of samples and the interpreter's lock, from
/// any thread, and must return an array of real numbers of shape (n,). A compiled one, given by its
/// address, is called without:
///   target      void (int64_t n, int64_t k, const double* z, double* y)   z[r n + i] = z_r, sample
///   i activation  void (int64_t n, const double* h, double* out)            value and slope loss
///   void (int64_t n, const double* f, const double* y, double* out)
TargetFunction target_from(const py::dict& callable);
Activation activation_from(const py::dict& callable);
Loss loss_from(const py::dict& callable);

/// {"targets": [..], "activations": [..], "losses": [..]} of such dictionaries.
Callables callables_from(const py::dict& callables);

}  // namespace reprise::python
