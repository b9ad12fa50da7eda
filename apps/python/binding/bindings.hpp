// The parts of the module _reprise, which the package reprise dresses in Python's manners.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "callables.hpp"
#include "values.hpp"
#include "work.hpp"

namespace reprise::python {

void bind_tables(py::module_& module);       // what there is, and checks of single objects
void bind_documents(py::module_& module);    // TOML, JSON, the catalogue
void bind_functions(py::module_& module);    // targets, activations and losses by themselves
void bind_experiments(py::module_& module);  // experiments and their results
void bind_sweeps(py::module_& module);       // grids of experiments

}  // namespace reprise::python
