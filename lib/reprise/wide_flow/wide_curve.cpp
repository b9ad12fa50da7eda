#include "reprise/wide_flow/wide_curve.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

#include "reprise/wide_flow/mean_field.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// A number that is watched until it falls to zero.
struct Passage {
  std::string name;
  std::function<double(const VectorXd& y)> value;
  bool is_awaited = true;
};

std::vector<Passage> passages_of(WideReader& reader, const VectorXd& phi, const VectorXd& y) {
  std::vector<Passage> passages;
  for (Index l = 0; l < phi.size(); ++l) {
    if (phi[l] == 0) continue;
    const double half = 0.5 * std::abs(phi[l]);
    passages.push_back(
        {"residual " + std::to_string(l) + " half", [&reader, l, half](const VectorXd& at) {
           return std::abs(reader.residual(at)[l]) - half;
         }});
    passages.back().is_awaited = passages.back().value(y) > 0;
  }
  return passages;
}

void report(const StiffStep& step, Passage& passage, std::vector<Event>& events) {
  if (!passage.is_awaited || passage.value(step.y1()) > 0) return;
  passage.is_awaited = false;
  events.push_back({.name = passage.name, .time = step.root(passage.value)});
}

std::string text_of(double number) {
  std::ostringstream text;
  text.precision(3);
  text << number;
  return text.str();
}

void warn_of_tail(std::string_view what, double tail, double norm, Solution& solution) {
  if (!(tail > 1e-12 * (norm + tail))) return;
  solution.warnings.push_back("The degrees of the " + std::string(what) +
                              " above max_degree have " + text_of(tail / (norm + tail)) +
                              " of its squared norm and are left out.");
}

}  // namespace

Solution follow_wide_flow(StiffSystem& system, WideReader& reader, VectorXd y,
                          const WideStart& start, const WideCurveOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const WideIntegration& how = options.integration;
  StiffTolerance tolerance{.rtol = how.rtol, .atol = VectorXd::Constant(y.size(), how.atol)};
  tolerance.atol.tail(options.n_overlaps) *= std::min(1.0, std::sqrt(options.epsilon));

  const auto n_times = static_cast<Index>(options.times.size());
  Trajectory trajectory{.values = Eigen::MatrixXd::Zero(n_times, n_entries(options.quantities)),
                        .detail = ""};
  Record record(options.quantities);
  const Index n_residual = place_of(options.quantities, "residual").second;
  std::vector<Event> events;
  std::vector<Passage> passages = passages_of(reader, start.phi, y);
  Passage floor{"risk floor", [&](const VectorXd& at) { return reader.risk(at) - how.risk_floor; }};
  const StiffIntegration integration = integrate_stiff(
      system, y, options.times,
      {.tolerance = tolerance,
       .max_steps = how.max_steps,
       .first_step = 1e-3 * std::min({1.0, options.epsilon, options.times.back()})},
      [&](const StiffStep& step) {
        for (Passage& passage : passages) report(step, passage, events);
        if (reader.risk(step.y0()) > how.risk_floor) report(step, floor, events);
        return reader.risk(step.y1()) > how.risk_floor;
      },
      [&](std::size_t index, const VectorXd& at) {
        reader.record(at, record);
        record.put("residual", reader.residual(at).head(n_residual))
            .put("generalisation_error", reader.risk(at));
        trajectory.values.row(static_cast<Index>(index)) = record.entries();
        trajectory.n_times = static_cast<Index>(index) + 1;
        if (options.progress) {
          options.progress(static_cast<double>(index + 1) / static_cast<double>(n_times));
        }
      });
  trajectory.detail = integration.detail;

  Solution solution = average(options.quantities, {trajectory});
  solution.method = options.method;
  solution.clock = Clock::flow;
  solution.time.assign(options.times.begin(), options.times.begin() + trajectory.n_times);
  std::ranges::stable_sort(events, {}, &Event::time);
  solution.events = std::move(events);
  solution.ending.termination = integration.termination;
  solution.ending.detail = integration.detail;
  if (integration.is_stopped) {
    solution.ending.detail = "the risk came down to risk_floor = " + text_of(how.risk_floor) +
                             " at t = " + text_of(integration.last_time);
  }
  warn_of_tail("activation", start.sigma_tail, start.sigma.squaredNorm(), solution);
  warn_of_tail("target", start.phi_tail, start.phi.squaredNorm(), solution);
  solution.cost = {.replicas = 0, .samples_per_replica = integration.n_steps};
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return solution;
}

}  // namespace reprise
