#include "reprise/experiments/sweep/sweep_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

#include "reprise/core/parallel.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/results/presentation.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/experiments/results/tables.hpp"
#include "reprise/experiments/sweep/sweep_parts.hpp"
#include "reprise/experiments/sweep/sweep_store.hpp"
#include "reprise/experiments/sweep/sweep_values.hpp"
#include "reprise/one_pass/chain.hpp"

namespace reprise {

namespace {

using SweepJson = nlohmann::ordered_json;

// JSON has no NaN: a number that is none is null.
SweepJson json_number(double value) {
  return std::isfinite(value) ? SweepJson(value) : SweepJson();
}
double number_from(const SweepJson& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

// Counts the points of the grid, which shards take in turn. Points of the refinement are not in it:
// a shard does not know the others' points, between which they lie.
std::int64_t rank_of(const Sweep& sweep, const SweepPoint& point) {
  std::int64_t rank = 0;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    rank = rank * sweep.axes[a].n_values() + point.sites[a] / sweep.axes[a].spacing();
  }
  return rank * sweep.seeds + point.repeat;
}

// What a unit is worth: samples / d in it.
double unit_of(Observable::Unit unit, double dimension, double batch_size) {
  return unit == Observable::Unit::samples ? dimension
         : unit == Observable::Unit::steps ? dimension / batch_size
                                           : 1.0;
}

// Runs of the exact chain may end once they have passed.
bool asks_for_passages_only(const Sweep& sweep) {
  return std::ranges::all_of(sweep.observables, [](const Observable& observable) {
    return observable.kind == Observable::Kind::passage && observable.is_upward &&
           observable.quantity == "max_overlap" && observable.level > 0;
  });
}

std::vector<Measurement> passages_of(const Sweep& sweep, const Experiment& experiment,
                                     ExactChain chain, int threads, SweepRecord& record) {
  chain.threads = threads;
  const auto& sgd = experiment.algorithm.get<OnePassSgd>();
  std::vector<double> levels;
  for (const Observable& observable : sweep.observables) levels.push_back(observable.level);
  Eigen::MatrixXd times = first_passages(experiment.two_layer(), sgd, chain, levels);
  const bool has_diverged = times.hasNaN();
  if (has_diverged) {
    record.failure = "a run of the chain diverged: " + std::string(advice(Termination::diverged));
    times = times.array().isNaN().select(std::numeric_limits<double>::infinity(), times);
  }
  std::vector<Measurement> result(levels.size());
  for (std::size_t o = 0; o < levels.size(); ++o) {
    const double unit =
        unit_of(sweep.observables[o].unit, chain.dimension, static_cast<double>(sgd.batch_size));
    const Eigen::VectorXd passages = unit * times.col(static_cast<Eigen::Index>(o));
    result[o] = median_passage({passages.begin(), passages.end()}, unit * chain.times.back());
    if (has_diverged && result[o].outcome == Outcome::censored) result[o] = {};
  }
  return result;
}

std::vector<Measurement> measure_curve(const Sweep& sweep, const Experiment& experiment,
                                       const CurveSpec& spec, int threads, SweepRecord& record) {
  const Experiment& own = experiment_of(experiment, spec);
  CurveResult curve = run_curve(experiment, spec, {.threads = threads, .keeps_replicas = true});
  if (sweep.keep == SweepKeep::curves) {
    CurveResult kept = curve;
    present(kept.solution, own, own.choice);
    const std::string csv = curves_csv({kept});
    record.curves += record.curves.empty() ? csv : csv.substr(csv.find('\n') + 1);
  }
  present(curve.solution, own, {.aligns = own.choice.aligns});
  const Solution& solution = curve.solution;
  const Ending& ending = solution.ending;
  if (!ending.is_completed() && record.failure.empty()) {
    record.failure = "curve \"" + spec.name + "\" " + std::string(name(ending.termination)) +
                     last_moment(solution) + ": " + ending.detail;
  }
  std::vector<Measurement> result;
  for (const Observable& observable : sweep.observables) {
    result.push_back(measure(observable, solution, row_of(experiment, spec).dimension(spec.method),
                             system_of(own.problem).squared_norms(own.problem)));
  }
  return result;
}

/// squared_overlap subtracts the noise that replicas differ by.
void check_has_replicas(const Sweep& sweep, const Experiment& experiment) {
  for (const CurveSpec& curve : experiment.curves) {
    if (std::ranges::find(sweep.curves, curve.name) == sweep.curves.end()) continue;
    const MethodRow& row = row_of(experiment, curve);
    if (row.keys().find("runs") == nullptr || row.runs(curve.method) >= 2) continue;
    throw InputError(sweep.source + ": sweep.observable \"squared_overlap\": curve \"" +
                     curve.name + "\" must have runs >= 2, whose difference is its noise");
  }
}

}  // namespace

void check_observables(const Sweep& sweep, const Experiment& experiment) {
  if (experiment.choice.has_runs) {
    throw InputError(sweep.source +
                     ": output.runs must be false in a sweep, which keeps no single runs");
  }
  const bool has_steps = row_of(experiment.algorithm).has_steps;
  for (const std::string& name : sweep.curves) {
    if (std::ranges::find(experiment.curves, name, &CurveSpec::name) == experiment.curves.end()) {
      throw InputError(sweep.source + ": [sweep]: curve \"" + name + "\" is not there everywhere");
    }
  }
  for (const Observable& observable : sweep.observables) {
    const auto refuse = [&](const std::string& why) {
      throw InputError(sweep.source + ": sweep.observable \"" + observable.text + "\": " + why);
    };
    if (observable.kind == Observable::Kind::diverged) continue;
    if (observable.quantity == "squared_overlap") {
      if (experiment.problem.get_if<Problem>() == nullptr) refuse("this system has no M and Q");
      check_has_replicas(sweep, experiment);
      continue;
    }
    for (const CurveSpec& curve : experiment.curves) {
      if (std::ranges::find(sweep.curves, curve.name) == sweep.curves.end()) continue;
      const MethodRow& row = row_of(experiment, curve);
      const Experiment& own = experiment_of(experiment, curve);
      const std::vector<Quantity> quantities =
          row.quantities(own.problem, own.algorithm, curve.method);
      const auto found = std::ranges::find(quantities, observable.quantity, &Quantity::name);
      if (found == quantities.end()) refuse("these curves have no such quantity");
      if (observable.i >= found->rows + first_index(found->name) || observable.j > found->cols) {
        refuse("beyond its size, " + std::to_string(found->rows) +
               (found->cols > 0 ? " x " + std::to_string(found->cols) : ""));
      }
      const bool is_timed =
          observable.kind == Observable::Kind::passage && observable.unit != Observable::Unit::time;
      if (!is_timed) continue;
      const bool wants_samples = observable.unit == Observable::Unit::samples;
      if (has_steps && wants_samples) {
        refuse("with gradient_descent ask for steps to, or sweep samples_per_dimension");
      }
      const bool has_none =
          wants_samples ? !row_of(own.algorithm).counts_samples || row.dimension(curve.method) == 0
                        : !has_steps && row.step_time(own.algorithm, curve.method) == 0;
      if (has_none) {
        refuse("curve \"" + curve.name + "\" has no " + (wants_samples ? "samples" : "steps") +
               "; ask for time to");
      }
    }
  }
}

SweepRecord compute(const Sweep& sweep, const SweepPoint& point, int threads) {
  const auto start = std::chrono::steady_clock::now();
  SweepRecord record{.version = std::string(version())};
  try {
    const Experiment experiment = experiment_at(sweep, point);
    record.seed = experiment.seed;
    record.experiment = identity_of(experiment);
    for (const std::string& name : sweep.curves) {
      const auto spec = std::ranges::find(experiment.curves, name, &CurveSpec::name);
      const auto* chain = spec->method.get_if<ExactChain>();
      record.measured.push_back(
          chain != nullptr && sweep.keep == SweepKeep::values && asks_for_passages_only(sweep)
              ? passages_of(sweep, experiment_of(experiment, *spec), *chain, threads, record)
              : measure_curve(sweep, experiment, *spec, threads, record));
    }
  } catch (const Stopped&) {
    throw;
  } catch (const std::bad_alloc&) {
    record.failure = "not enough memory: fewer --threads, points or runs need less";
    record.is_transient = true;
  } catch (const std::system_error& error) {  // a limit of the system, not of the experiment
    record.failure = error.what();
    record.is_transient = true;
  } catch (const std::exception& error) {
    record.failure = error.what();
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  record.wall_time_s = elapsed.count();
  return record;
}

std::string to_json(const SweepRecord& record) {
  SweepJson measured = SweepJson::array();
  for (const auto& curve : record.measured) {
    measured.push_back(SweepJson::array());
    for (const Measurement& m : curve) {
      measured.back().push_back({name(m.outcome), json_number(m.value), json_number(m.error)});
      if (m.is_above_noise) measured.back().back().push_back(*m.is_above_noise);
    }
  }
  SweepJson json{{"seed", record.seed},       {"experiment", record.experiment},
                 {"version", record.version}, {"wall_time_s", record.wall_time_s},
                 {"failure", record.failure}, {"is_transient", record.is_transient},
                 {"measured", measured}};
  if (!record.curves.empty()) json["curves"] = record.curves;
  return json.dump(-1, ' ', false, SweepJson::error_handler_t::replace);
}

SweepRecord record_from_json(std::string_view text) {
  const SweepJson json = SweepJson::parse(text);
  SweepRecord record{.seed = json.at("seed").get<std::uint64_t>(),
                     .experiment = json.at("experiment").get<std::string>(),
                     .version = json.at("version").get<std::string>(),
                     .wall_time_s = json.at("wall_time_s").get<double>(),
                     .failure = json.at("failure").get<std::string>(),
                     .is_transient = json.at("is_transient").get<bool>(),
                     .measured = {},
                     .curves = json.value("curves", "")};
  for (const SweepJson& curve : json.at("measured")) {
    record.measured.emplace_back();
    for (const SweepJson& m : curve) {
      Measurement measurement{.value = number_from(m.at(1)), .error = number_from(m.at(2))};
      for (const Outcome outcome : {Outcome::measured, Outcome::censored}) {
        if (m.at(0).get<std::string>() == name(outcome)) measurement.outcome = outcome;
      }
      if (m.size() > 3) measurement.is_above_noise = m.at(3).get<bool>();
      record.measured.back().push_back(measurement);
    }
  }
  return record;
}

std::vector<SweepPoint> missing_points(const Sweep& sweep, const SweepRecords& records) {
  std::map<Sites, std::optional<Side>> known;
  for (const auto& [sites, values] : values_of(sweep, records))
    known[sites] = side_of(sweep, values);
  std::vector<SweepPoint> missing;
  for (const Sites& sites : missing_points(sweep.axes, known)) {
    for (std::int64_t repeat = 0; repeat < sweep.seeds; ++repeat) {
      if (!records.contains({sites, repeat})) missing.push_back({sites, repeat});
    }
  }
  return missing;
}

Executor on_threads(const Sweep& sweep, int threads) {
  return [&sweep, threads](const std::vector<SweepPoint>& points, const auto& keep) {
    const int all = resolve_threads(threads);
    const int workers =
        std::min<int>(all, static_cast<int>(std::min<std::size_t>(points.size(), 1024)));
    std::mutex mutex;
    parallel_for(points.size(), workers, [&](std::size_t, std::size_t index) {
      SweepRecord record = compute(sweep, points[index], std::max(1, all / workers));
      const std::lock_guard lock(mutex);
      keep(points[index], std::move(record));
    });
  };
}

SweepRecords run_sweep(const Sweep& sweep, SweepStore& store, const Executor& executor,
                       const SweepOptions& options) {
  SweepRecords records = store.read(sweep);
  const auto start = std::chrono::steady_clock::now();
  SweepProgress progress{.done = static_cast<std::int64_t>(records.size())};
  for (const auto& [point, record] : records) progress.failed += record.failure.empty() ? 0 : 1;
  std::int64_t computed = 0;
  while (true) {
    std::vector<SweepPoint> points = missing_points(sweep, records);
    std::erase_if(points, [&](const SweepPoint& point) {
      return rank_of(sweep, point) % options.shard.count != options.shard.index - 1;
    });
    if (points.empty()) return records;
    progress.known = progress.done + static_cast<std::int64_t>(points.size());
    executor(points, [&](const SweepPoint& point, SweepRecord record) {
      if (!record.is_transient) store.write(sweep, point, record);
      progress.failed += record.failure.empty() ? 0 : 1;
      records.emplace(point, std::move(record));
      ++progress.done;
      ++computed;
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      progress.rate = static_cast<double>(computed) / elapsed.count();
      progress.left_s = static_cast<double>(progress.known - progress.done) / progress.rate;
      if (options.progress) options.progress(progress);
    });
  }
}

}  // namespace reprise
