#include <map>
#include <optional>

#include "bindings.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"
#include "reprise/experiments/sweep/sweep_store.hpp"

namespace reprise::python {

namespace {

using Values = std::map<Sites, PointValues>;

py::dict dict_from(const Axis& axis, const std::vector<std::int64_t>& sites) {
  py::dict result;
  py::list keys;
  for (const AxisKey& key : axis.keys) {
    py::dict one;
    py::list values;
    for (const std::int64_t site : sites) {
      if (key.names.empty()) {
        values.append(axis.number(key, site));
      } else {
        values.append(axis.label(key, site));
      }
    }
    one["key"] = key.key;
    one["scale"] = text_from(name(key.scale));
    one["values"] = values;
    keys.append(one);
  }
  result["keys"] = keys;
  result["sites"] = sites;
  result["is_refined"] = axis.depth > 0;
  return result;
}

/// Every site of an axis that some point has.
std::vector<std::int64_t> sites_of(const Values& values, const Axis& axis, std::size_t a) {
  std::vector<std::int64_t> sites;
  for (std::int64_t v = 0; v < axis.n_values(); ++v) sites.push_back(v * axis.spacing());
  for (const auto& [point, measured] : values) sites.push_back(point[a]);
  std::sort(sites.begin(), sites.end());
  sites.erase(std::unique(sites.begin(), sites.end()), sites.end());
  return sites;
}

py::tuple tuple_from(const Measurement& m) {
  return py::make_tuple(text_from(name(m.outcome)), m.value, m.error,
                        m.is_above_noise ? py::object(py::bool_(*m.is_above_noise)) : py::none());
}

py::list list_from(const Sweep& sweep, const std::vector<Reduced>& reduced) {
  py::list result;
  for (const Reduced& one : reduced) {
    py::dict row;
    row["sites"] = one.sites;
    row["curve"] = sweep.curves[one.curve];
    row["observable"] = sweep.observables[one.observable].text;
    row["measured"] = tuple_from(one.value);
    row["where"] = one.where;
    result.append(row);
  }
  return result;
}

py::list list_from(const Sweep& sweep, const std::vector<SweepFit>& fits) {
  py::list result;
  for (const SweepFit& fit : fits) {
    py::dict row;
    row["sites"] = fit.sites;
    row["curve"] = sweep.curves[fit.curve];
    row["observable"] = sweep.observables[fit.observable].text;
    row["exponent"] = fit.law ? py::object(py::float_(fit.law->exponent)) : py::none();
    row["error"] = fit.law ? py::object(py::float_(fit.law->error)) : py::none();
    row["prefactor"] = fit.law ? py::object(py::float_(fit.law->prefactor)) : py::none();
    row["n_points"] = fit.law ? fit.law->n_points : 0;
    row["p_value"] = fit.law ? fit.law->p_value : 1.0;
    row["expected"] = fit.expected ? py::object(py::float_(*fit.expected)) : py::none();
    row["is_as_expected"] = fit.is_as_expected;
    result.append(row);
  }
  return result;
}

py::list points_from(const Values& values) {
  py::list result;
  for (const auto& [sites, curves] : values) {
    py::list measured;
    for (const std::vector<Measurement>& curve : curves) {
      py::list row;
      for (const Measurement& m : curve) row.append(tuple_from(m));
      measured.append(row);
    }
    result.append(py::make_tuple(sites, measured));
  }
  return result;
}

py::list failures_of(const Sweep& sweep, const SweepRecords& records) {
  py::list result;
  for (const auto& [point, record] : records) {
    if (record.failure.empty()) continue;
    result.append(py::make_tuple(point.sites, describe(sweep, point), record.failure));
  }
  return result;
}

py::dict dict_from(const Sweep& sweep, const SweepRecords& records) {
  const Values values = values_of(sweep, records);
  py::dict result;
  result["title"] = sweep.title;
  result["plan"] = sweep.plan;
  result["seeds"] = sweep.seeds;
  py::list axes;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    axes.append(dict_from(sweep.axes[a], sites_of(values, sweep.axes[a], a)));
  }
  result["axes"] = axes;
  result["curves"] = sweep.curves;
  py::list observables;
  for (const Observable& observable : sweep.observables) observables.append(observable.text);
  result["observables"] = observables;
  result["points"] = points_from(values);
  result["n_missing"] = missing_points(sweep, records).size();
  result["boundary"] = sweep.boundary ? list_from(sweep, boundary(sweep, values)) : py::list();
  result["boundary_axis"] =
      sweep.boundary ? py::object(py::int_(sweep.boundary->axis)) : py::none();
  result["maxima"] = sweep.maximum_over ? list_from(sweep, maxima(sweep, values)) : py::list();
  result["maximum_axis"] =
      sweep.maximum_over ? py::object(py::int_(*sweep.maximum_over)) : py::none();
  result["fits"] = sweep.fit ? list_from(sweep, fits(sweep, values)) : py::list();
  result["fit_used"] = sweep.fit ? py::cast(used_up_by_fit(sweep)) : py::object(py::list());
  result["failures"] = failures_of(sweep, records);
  result["is_as_expected"] = is_as_expected(sweep, values);
  result["report"] = brief_report(sweep, records);
  result["curves_csv"] =
      sweep.keep == SweepKeep::curves ? py::cast(sweep_curves_csv(sweep, records)) : py::none();
  return result;
}

OnChange on_change_of(const std::string& word) {
  if (word == "update") return OnChange::update;
  if (word == "restart") return OnChange::restart;
  return OnChange::refuse;
}

std::string progress_text(const SweepProgress& progress) {
  return std::to_string(progress.done) + " of " + std::to_string(progress.known) + " points" +
         (progress.failed > 0 ? ", " + std::to_string(progress.failed) + " failed" : "");
}

/// The dictionary of the sweep and the interruption, or None. `store` is the SQLite file, which the
/// program goes on from as this does; the files of `reprise sweep` go to `folder` unless it is
/// empty and the sweep is whole.
py::tuple run_a_sweep(const std::string& text, const std::string& source,
                      const std::vector<std::string>& overrides, const py::dict& callables,
                      const std::string& store_file, const std::string& folder,
                      const std::string& on_change, const std::pair<int, int>& shard, int threads,
                      const py::object& progress) {
  const CallableScope lent(callables_from(callables));
  std::optional<Sweep> sweep;
  SweepRecords records;
  const py::object interruption = in_background(progress, [&](const Report& report) {
    sweep = parse_sweep(text, source, overrides);
    SweepStore store(store_file, *sweep, on_change_of(on_change));
    SweepOptions options{.shard = {.index = shard.first, .count = shard.second}};
    options.progress = [&](const SweepProgress& now) {
      report(progress_text(now), static_cast<double>(now.done) /
                                     static_cast<double>(std::max<std::int64_t>(now.known, 1)));
    };
    try {
      records = run_sweep(*sweep, store, on_threads(*sweep, threads), options);
    } catch (const Stopped&) {
      records = store.read(*sweep);
      return;
    }
    if (!folder.empty() && shard.second == 1) write_sweep(folder, *sweep, records);
  });
  if (!sweep) return py::make_tuple(py::none(), interruption);
  return py::make_tuple(dict_from(*sweep, records), interruption);
}

/// How many experiments there are, all checked.
std::int64_t check_sweep(const std::string& text, const std::string& source,
                         const std::vector<std::string>& overrides, const py::dict& callables) {
  const CallableScope lent(callables_from(callables));
  const py::gil_scoped_release interpreter_is_free;
  const Sweep sweep = parse_sweep(text, source, overrides);
  return static_cast<std::int64_t>(grid(sweep.axes).size()) * sweep.seeds;
}

}  // namespace

void bind_sweeps(py::module_& module) {
  module.def("run_sweep", &run_a_sweep);
  module.def("check_sweep", &check_sweep);
}

}  // namespace reprise::python
