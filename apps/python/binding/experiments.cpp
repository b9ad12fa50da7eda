#include <memory>
#include <optional>

#include "bindings.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/results/folder_lock.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "solutions.hpp"

namespace reprise::python {

namespace {

/// From a document, with its functions lent while it is read.
std::shared_ptr<Experiment> read(const py::dict& document, const std::string& source,
                                 const py::dict& callables) {
  const CallableScope lent(callables_from(callables));
  return std::make_shared<Experiment>(experiment_from(value_from(document, source), source));
}

/// From a text with lines, which errors then name.
std::shared_ptr<Experiment> parse(const std::string& text, const std::string& source,
                                  const std::vector<std::string>& overrides,
                                  const py::dict& callables) {
  const CallableScope lent(callables_from(callables));
  return std::make_shared<Experiment>(parse_experiment(text, source, overrides));
}

py::list curves_of(const Experiment& experiment) {
  py::list result;
  for (const CurveSpec& curve : experiment.curves) {
    const MethodRow& row = row_of(experiment, curve);
    py::dict one;
    one["name"] = curve.name;
    one["method"] = text_from(row.method);
    one["engine"] = text_from(row.engine);
    one["role"] = text_from(name(row.role));
    result.append(one);
  }
  return result;
}

/// (results, interruption)
py::tuple run_experiment(const Experiment& experiment, int threads, bool keeps_runs,
                         const py::object& progress) {
  auto results = std::make_shared<Results>();
  const py::object interruption = in_background(progress, [&](const Report& report) {
    *results =
        run(experiment, {.threads = threads, .keeps_replicas = keeps_runs, .progress = report});
  });
  return py::make_tuple(results, interruption);
}

py::dict comparison_dict(const Comparison& comparison) {
  py::dict result;
  result["verdict"] = text_from(name(comparison.verdict));
  result["largest_z"] = comparison.largest_z;
  result["allowed_z"] = comparison.allowed_z;
  result["quantity"] = comparison.quantity;
  result["i"] = comparison.i;
  result["j"] = comparison.j;
  result["step"] = comparison.step;
  result["moment"] = comparison.moment;
  result["n_values"] = comparison.n_values;
  result["notes"] = comparison.notes;
  result["report"] = comparison.brief_report();
  return result;
}

py::list comparisons_of(const Results& results) {
  py::list list;
  for (const PairComparison& pair : results.comparisons) {
    py::dict one = comparison_dict(pair.comparison);
    one["theory"] = pair.theory;
    one["simulation"] = pair.simulation;
    list.append(one);
  }
  return list;
}

py::list curves_of(const Results& results) {
  py::list list;
  for (const CurveResult& curve : results.curves) {
    py::dict one;
    one["name"] = curve.name;
    one["role"] = text_from(name(curve.role));
    one["solution"] = dict_from(curve.solution);
    list.append(one);
  }
  return list;
}

void save(const Results& results, const std::string& folder) {
  const py::gil_scoped_release interpreter_is_free;
  require_writable_by_run(folder);
  const FolderLock lock(folder);
  write_results(folder, results);
}

/// "drawn", "no gnuplot", "nothing" or "unwanted".
std::string draw(const Results& results, const std::string& folder) {
  const py::gil_scoped_release interpreter_is_free;
  switch (draw_figure(folder, results)) {
    case Drawing::drawn:
      return "drawn";
    case Drawing::no_gnuplot:
      return "no gnuplot";
    case Drawing::nothing:
      return "nothing";
    case Drawing::unwanted:
      return "unwanted";
  }
  return "";
}

std::shared_ptr<Results> load(const std::string& folder) {
  const py::gil_scoped_release interpreter_is_free;
  require_one_run(folder);
  return std::make_shared<Results>(read_results(folder));
}

}  // namespace

void bind_experiments(py::module_& module) {
  py::class_<Experiment, std::shared_ptr<Experiment>>(module, "Experiment")
      .def_readonly("title", &Experiment::title)
      .def_readonly("seed", &Experiment::seed)
      .def_readonly("warnings", &Experiment::warnings)
      .def_property_readonly("curves", [](const Experiment& e) { return curves_of(e); })
      .def("resolved", [](const Experiment& e) { return dict_from(resolved_experiment(e)); });
  py::class_<Results, std::shared_ptr<Results>>(module, "Results")
      .def_readonly("title", &Results::title)
      .def_readonly("version", &Results::version)
      .def_readonly("is_stopped", &Results::is_stopped)
      .def_readonly("wall_time_s", &Results::wall_time_s)
      .def_readonly("peak_memory_bytes", &Results::peak_memory_bytes)
      .def_readonly("has_log_times", &Results::has_log_times)
      .def_readonly("resolved_experiment", &Results::resolved_experiment)
      .def_property_readonly("curves", [](const Results& r) { return curves_of(r); })
      .def_property_readonly("comparisons", [](const Results& r) { return comparisons_of(r); })
      .def("report", [](const Results& r) { return brief_report(r); })
      .def("save", &save)
      .def("draw", &draw);
  module.def("read", &read);
  module.def("parse", &parse);
  module.def("run", &run_experiment);
  module.def("load", &load);
  module.def("compare", [](const py::dict& first, const py::dict& second) {
    return comparison_dict(compare(solution_from(first), solution_from(second)));
  });
}

}  // namespace reprise::python
