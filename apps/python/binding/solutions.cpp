#include "solutions.hpp"

#include <pybind11/stl.h>

#include "reprise/core/error.hpp"

namespace reprise::python {

namespace {

std::vector<py::ssize_t> shape_of(const Series& series) {
  if (series.is_scalar()) return {};
  if (series.cols == 0) return {series.rows};
  return {series.rows, series.cols};
}

py::dict dict_from(const Series& series) {
  py::dict result;
  result["quantity"] = series.quantity;
  result["value"] = rows_array(series.value, shape_of(series));
  result["se"] = series.has_standard_error()
                     ? py::object(rows_array(series.standard_error, shape_of(series)))
                     : py::none();
  return result;
}

Eigen::MatrixXd rows_from(const Array& array) {
  const py::ssize_t n_rows = array.shape(0);
  const py::ssize_t n_cols = n_rows == 0 ? 0 : array.size() / n_rows;
  Eigen::MatrixXd rows(n_rows, n_cols);
  for (py::ssize_t i = 0; i < n_rows; ++i) {
    for (py::ssize_t j = 0; j < n_cols; ++j) rows(i, j) = array.data()[i * n_cols + j];
  }
  return rows;
}

Series series_from(const py::dict& dict) {
  const auto value = dict["value"].cast<Array>();
  Series series{.quantity = dict["quantity"].cast<std::string>()};
  if (value.ndim() > 1) series.rows = value.shape(1);
  if (value.ndim() > 2) series.cols = value.shape(2);
  series.value = rows_from(value);
  if (!dict["se"].is_none()) series.standard_error = rows_from(dict["se"].cast<Array>());
  return series;
}

}  // namespace

py::dict dict_from(const Solution& solution) {
  py::dict result;
  result["method"] = solution.method;
  result["step"] = py::array_t<std::int64_t>(static_cast<py::ssize_t>(solution.step.size()),
                                             solution.step.data());
  result["time"] =
      py::array_t<double>(static_cast<py::ssize_t>(solution.time.size()), solution.time.data());
  result["clock"] = text_from(name(solution.clock));
  py::list series;
  for (const Series& one : solution.series) series.append(dict_from(one));
  result["series"] = series;
  py::list replicas;
  for (const Eigen::MatrixXd& one : solution.replicas) replicas.append(array_from(one));
  result["replicas"] = replicas;
  py::list events;
  for (const Event& event : solution.events) {
    events.append(py::make_tuple(event.name, event.time, event.replica));
  }
  result["events"] = events;
  py::list kernels;
  for (const Kernel& kernel : solution.kernels) {
    py::dict one;
    one["name"] = kernel.name;
    one["n_neurons"] = kernel.n_neurons;
    one["value"] = array_from(kernel.value);
    one["se"] = array_from(kernel.standard_error);
    kernels.append(one);
  }
  result["kernels"] = kernels;
  result["moments"] = solution.moments;
  result["ended"] = text_from(name(solution.ending.termination));
  result["ended_step"] = solution.ending.step;
  result["ended_detail"] = solution.ending.detail;
  result["advice"] = text_from(advice(solution.ending.termination));
  result["warnings"] = solution.warnings;
  result["wall_time_s"] = solution.cost.wall_time_s;
  result["n_replicas"] = solution.cost.replicas;
  result["samples_per_replica"] = solution.cost.samples_per_replica;
  return result;
}

Solution solution_from(const py::dict& dict) {
  Solution solution;
  solution.method = dict["method"].cast<std::string>();
  solution.step = dict["step"].cast<std::vector<std::int64_t>>();
  solution.time = dict["time"].cast<std::vector<double>>();
  for (const Clock clock : {Clock::steps, Clock::samples, Clock::flow}) {
    if (name(clock) == dict["clock"].cast<std::string>()) solution.clock = clock;
  }
  for (const py::handle one : dict["series"]) {
    solution.series.push_back(series_from(py::reinterpret_borrow<py::dict>(one)));
  }
  for (const py::handle one : dict["replicas"]) {
    solution.replicas.push_back(rows_from(py::cast<Array>(one)));
  }
  solution.moments = dict["moments"].cast<std::string>();
  solution.warnings = dict["warnings"].cast<std::vector<std::string>>();
  solution.cost = {.wall_time_s = dict["wall_time_s"].cast<double>(),
                   .replicas = dict["n_replicas"].cast<std::int64_t>(),
                   .samples_per_replica = dict["samples_per_replica"].cast<std::int64_t>()};
  return solution;
}

}  // namespace reprise::python
