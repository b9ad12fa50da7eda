#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "reprise/core/number_text.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/results/staged_files.hpp"
#include "reprise/experiments/results/tables.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"

namespace reprise {

namespace fs = std::filesystem;

namespace {

std::string number_field(double value) { return std::isfinite(value) ? shortest(value) : ""; }

// The columns of the axes; empty where an axis is used up.
std::string axes_header(const Sweep& sweep) {
  std::string text;
  for (const Axis& axis : sweep.axes) {
    for (const AxisKey& key : axis.keys) text += csv_field(key.key) + ',';
  }
  return text;
}

std::string axes_fields(const Sweep& sweep, const Sites& sites,
                        const std::vector<std::size_t>& used_up = {}) {
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    const bool is_used_up = std::ranges::find(used_up, a) != used_up.end();
    for (const AxisKey& key : sweep.axes[a].keys) {
      text += (is_used_up ? "" : csv_field(sweep.axes[a].label(key, sites[a]))) + ',';
    }
  }
  return text;
}

std::string measured_fields(const Sweep& sweep, std::size_t curve, std::size_t observable) {
  return csv_field(sweep.curves[curve]) + ',' + csv_field(sweep.observables[observable].text) + ',';
}

std::string fields_of(const Measurement& m) {
  return number_field(m.value) + ',' + number_field(m.error) + ',' + std::string(name(m.outcome));
}

std::string above_noise(const Measurement& m) {
  return m.is_above_noise ? *m.is_above_noise ? "yes" : "no" : "";
}

// Arrays.

double value_or_nan(const Measurement& m, bool wants_error) {
  if (m.outcome != Outcome::measured) return std::numeric_limits<double>::quiet_NaN();
  return wants_error ? m.error : m.value;
}

std::vector<NamedArray> arrays_of(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::vector<NamedArray> arrays;
  std::vector<Eigen::Index> shape;
  bool is_grid = true;
  for (const Axis& axis : sweep.axes) {
    shape.push_back(axis.n_values());
    is_grid &= axis.depth == 0;
    for (const AxisKey& key : axis.keys) {
      arrays.push_back({"axis/" + key.key, {axis.n_values()}, key.numbers});
    }
  }
  const std::vector<Eigen::Index> n_points{static_cast<Eigen::Index>(values.size())};
  is_grid &= values.size() == grid(sweep.axes).size();
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    for (const AxisKey& key : sweep.axes[a].keys) {
      NamedArray array{"points/" + key.key, n_points, {}};
      for (const auto& [sites, point] : values) {
        array.values.push_back(sweep.axes[a].number(key, sites[a]));
      }
      arrays.push_back(std::move(array));
    }
  }
  for (std::size_t c = 0; c < sweep.curves.size(); ++c) {
    for (std::size_t o = 0; o < sweep.observables.size(); ++o) {
      const std::string name = sweep.curves[c] + "/" + sweep.observables[o].text;
      for (const bool wants_error : {false, true}) {
        NamedArray array{"points/" + name + (wants_error ? "_se" : ""), n_points, {}};
        for (const auto& [sites, point] : values) {
          array.values.push_back(value_or_nan(point[c][o], wants_error));
        }
        if (is_grid) arrays.push_back({array.name.substr(7), shape, array.values});
        arrays.push_back(std::move(array));
      }
    }
  }
  return arrays;
}

std::string summary_of(const Sweep& sweep, const SweepRecords& records) {
  using Json = nlohmann::ordered_json;
  Json axes = Json::array();
  for (const Axis& axis : sweep.axes) {
    Json keys = Json::array();
    for (const AxisKey& key : axis.keys) {
      keys.push_back({{"key", key.key}, {"scale", name(key.scale)}});
      if (key.names.empty()) {
        keys.back()["values"] = key.numbers;
      } else {
        keys.back()["values"] = key.names;
      }
    }
    axes.push_back(keys);
  }
  Json observables = Json::array();
  for (const Observable& observable : sweep.observables) observables.push_back(observable.text);
  Json failures = Json::array();
  for (const auto& [point, record] : records) {
    if (record.failure.empty()) continue;
    failures.push_back({{"point", describe(sweep, point)}, {"reason", record.failure}});
  }
  return Json{{"title", sweep.title},          {"reprise", version()},       {"axes", axes},
              {"curves", sweep.curves},        {"observables", observables}, {"seeds", sweep.seeds},
              {"experiments", records.size()}, {"failures", failures}}
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace

std::string sweep_csv(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::string csv =
      axes_header(sweep) + "curve,observable,value,standard_error,outcome,above_noise\n";
  for (const auto& [sites, point] : values) {
    for (std::size_t c = 0; c < point.size(); ++c) {
      for (std::size_t o = 0; o < point[c].size(); ++o) {
        csv += axes_fields(sweep, sites) + measured_fields(sweep, c, o) + fields_of(point[c][o]) +
               ',' + above_noise(point[c][o]) + '\n';
      }
    }
  }
  return csv;
}

std::string reduced_csv(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  if (!sweep.boundary && !sweep.maximum_over) return "";
  std::string csv = axes_header(sweep) + "curve,observable,value,standard_error,outcome," +
                    (sweep.boundary ? "expected\n" : "at\n");
  if (!sweep.boundary) {
    for (const Reduced& m : maxima(sweep, values)) {
      csv += axes_fields(sweep, m.sites, {*sweep.maximum_over}) +
             measured_fields(sweep, m.curve, m.observable) + fields_of(m.value) + ',' +
             shortest(m.where) + '\n';
    }
    return csv;
  }
  for (const Reduced& b : boundary(sweep, values)) {
    const std::optional<double> expected = expected_boundary(sweep, b.sites);
    csv += axes_fields(sweep, b.sites, {sweep.boundary->axis}) +
           measured_fields(sweep, b.curve, b.observable) + fields_of(b.value) + ',' +
           (expected ? shortest(*expected) : "") + '\n';
  }
  return csv;
}

std::string fits_csv(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  if (!sweep.fit) return "";
  std::string csv = axes_header(sweep) +
                    "curve,observable,exponent,standard_error,prefactor,points,left_out,"
                    "chi_squared,p_value,expected,as_expected\n";
  for (const SweepFit& fit : fits(sweep, values)) {
    csv += axes_fields(sweep, fit.sites, used_up_by_fit(sweep)) +
           measured_fields(sweep, fit.curve, fit.observable);
    if (fit.law) {
      csv += shortest(fit.law->exponent) + ',' + number_field(fit.law->error) + ',' +
             shortest(fit.law->prefactor) + ',' + std::to_string(fit.law->n_points) + ',' +
             std::to_string(fit.n_left_out) + ',' + shortest(fit.law->chi_squared) + ',' +
             shortest(fit.law->p_value) + ',';
    } else {
      csv += ",,,0," + std::to_string(fit.n_left_out) + ",,,";
    }
    csv += (fit.expected ? shortest(*fit.expected) : "") + ',';
    if (fit.expected && fit.law) csv += fit.is_as_expected ? "yes" : "no";
    csv += '\n';
  }
  return csv;
}

std::string sweep_curves_csv(const Sweep& sweep, const SweepRecords& records) {
  if (sweep.keep != SweepKeep::curves) return "";
  std::string csv;
  for (const auto& [point, record] : records) {
    std::string_view rows = record.curves;
    const std::size_t end = rows.find('\n');
    if (end == rows.npos) continue;  // a point that failed
    if (csv.empty()) csv = axes_header(sweep) + "repeat," + std::string(rows.substr(0, end + 1));
    rows.remove_prefix(end + 1);
    const std::string prefix =
        axes_fields(sweep, point.sites) + std::to_string(point.repeat + 1) + ',';
    while (!rows.empty()) {
      const std::size_t line = std::min(rows.find('\n'), rows.size() - 1) + 1;
      csv += prefix;
      csv += rows.substr(0, line);
      rows.remove_prefix(line);
    }
  }
  return csv;
}

const std::vector<std::string>& files_of_sweep() {
  static const std::vector<std::string> names{
      "sweep.csv",  "sweep.npz",  "sweep_curves.csv", "boundary.csv", "maxima.csv", "fits.csv",
      "sweep.json", "figure.svg", "figure.png",       "figure.pdf",   "figure.gp",  "figure.txt"};
  return names;
}

void write_sweep(const fs::path& folder, const Sweep& sweep, const SweepRecords& records) {
  const std::map<Sites, PointValues> values = values_of(sweep, records);
  std::error_code error;
  fs::create_directories(folder, error);
  remove_staged(folder, files_of_sweep());
  StagedFiles files(folder);
  files.add("sweep.csv", sweep_csv(sweep, values));
  files.add("sweep.npz", [&](const fs::path& file) { write_npz(file, arrays_of(sweep, values)); });
  if (sweep.boundary || sweep.maximum_over) {
    files.add(sweep.boundary ? "boundary.csv" : "maxima.csv", reduced_csv(sweep, values));
  }
  if (sweep.fit) files.add("fits.csv", fits_csv(sweep, values));
  if (sweep.keep == SweepKeep::curves) {
    files.add("sweep_curves.csv", sweep_curves_csv(sweep, records));
  }
  files.add("sweep.json", summary_of(sweep, records));
  files.commit(files_of_sweep());
}

}  // namespace reprise
