// Values of experiment files as plain Python data, and back.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <Eigen/Core>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/value.hpp"

namespace reprise::python {

namespace py = pybind11;

/// A bool, number, text, list, tuple, array or dictionary of texts, with everything inside it.
/// Throws InputError naming the path for anything else, and for integers of more than 64 bits.
Value value_from(py::handle object, const std::string& origin, const std::string& path = "value");

/// None, bool, int, float, str, list or dict.
py::object object_from(const Value& value);
py::dict dict_from(const Value& table);

py::str text_from(std::string_view text);

/// Numbers of anything that numpy makes an array of.
using Array = py::array_t<double, py::array::c_style | py::array::forcecast>;

/// Copies, of the shape of the matrix or of (rows, ...shape).
py::array_t<double> array_from(const Eigen::Ref<const Eigen::MatrixXd>& matrix);
py::array_t<double> rows_array(const Eigen::Ref<const Eigen::MatrixXd>& rows,
                               std::vector<py::ssize_t> shape);

}  // namespace reprise::python
