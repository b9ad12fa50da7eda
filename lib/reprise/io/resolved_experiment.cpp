#include "reprise/io/resolved_experiment.hpp"

#include <nlohmann/json.hpp>

#include "reprise/core/number_text.hpp"

namespace reprise {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Eigen::MatrixXd& matrix) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) row.push_back(matrix(i, j));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// One number where the file may have one, else the list.
Json json_of(const std::vector<double>& values) {
  return values.size() == 1 ? Json(values.front()) : Json(values);
}

Json json_of(const Schedule& schedule) {
  if (schedule.has_step_after_last()) return schedule.name();
  Json blocks = Json::array();
  for (int t = 0; t < schedule.n_steps(); ++t) blocks.push_back(schedule.block(t));
  return blocks;
}

Json second_layer_rate(const GradientDescent& algorithm) {
  return json_of(algorithm.second_layer_learning_rate);
}
template <class OnePass>
Json second_layer_rate(const OnePass& algorithm) {
  return algorithm.second_layer_learning_rate;
}

/// The numbers, or the law that each run draws from.
Json json_of_second_layer(const Student& student) {
  const auto& a = student.second_layer;
  switch (student.second_layer_draw) {
    case SecondLayerDraw::once:
      return std::vector<double>(a.data(), a.data() + a.size());
    case SecondLayerDraw::gaussian:
      return "gaussian";
    case SecondLayerDraw::rademacher:
      return "rademacher";
  }
  return {};
}

Json json_of(const Problem& problem, const Json& second_layer_learning_rate) {
  return {{"target",
           {{"expression", problem.target.g.text()},
            {"noise_variance", problem.target.noise_variance},
            {"gram", json_of(problem.target.gram)}}},
          {"student",
           {{"activation", problem.student.activation.name()},
            {"neurons", problem.n_neurons()},
            {"second_layer", json_of_second_layer(problem.student)},
            {"second_layer_draw",
             problem.student.second_layer_draw == SecondLayerDraw::once ? "once" : "run"},
            {"output_scale", name(problem.student.output_scale)},
            {"train_second_layer",
             second_layer_learning_rate != 0 && second_layer_learning_rate != Json::array()},
            {"second_layer_learning_rate", second_layer_learning_rate}}},
          {"inputs", {{"covariance", json_of(problem.input_covariance)}}},
          {"initial",
           {{"kind", problem.has_random_start ? "random" : "given"},
            {"M", json_of(problem.initial.M)},
            {"Q", json_of(problem.initial.Q)}}}};
}

Json json_of(const GradientDescent& algorithm, const Loss& loss, double) {
  return {{"algorithm", "gradient_descent"},
          {"loss", loss.name()},
          {"learning_rate", json_of(algorithm.learning_rate)},
          {"weight_decay", algorithm.weight_decay},
          {"momentum", algorithm.momentum},
          {"normalise", name(algorithm.normalise)},
          {"samples_per_dimension", json_of(algorithm.samples_per_dimension)},
          {"schedule", json_of(algorithm.schedule)},
          {"steps", algorithm.schedule.n_steps()},
          {"displacement", algorithm.displacement}};
}

Json json_of(const OnePassSgd& algorithm, const Loss& loss, double duration) {
  return {{"algorithm", "sgd"},
          {"loss", loss.name()},
          {"learning_rate", algorithm.learning_rate},
          {"normalise", name(algorithm.normalise)},
          {"batch_size", algorithm.batch_size},
          {"repeats", algorithm.repeats},
          {"displacement", algorithm.displacement},
          {"duration", duration}};
}

Json json_of(const PopulationFlow& flow, const Loss& loss, double duration) {
  return {{"algorithm", "gradient_flow"},
          {"loss", loss.name()},
          {"normalise", name(flow.normalise)},
          {"duration", duration}};
}

Json json_of(const DmftOptions& dmft) {
  return {{"method", "dmft"},
          {"points", dmft.points},
          {"scrambles", dmft.scrambles},
          {"target_error", dmft.target_error},
          {"max_points", dmft.max_points},
          {"stream", dmft.seed}};
}

template <class Simulation>
Json json_of_simulation(const Simulation& simulation, const char* engine) {
  return {{"method", "simulation"},
          {"engine", engine},
          {"dimension", simulation.dimension},
          {"runs", simulation.runs},
          {"stream", simulation.seed}};
}

Json json_of(const ExactSimulation& exact) { return json_of_simulation(exact, "exact"); }
Json json_of(const DenseSimulation& dense) { return json_of_simulation(dense, "dense"); }

Json json_of(const ExactChain& exact) { return json_of_simulation(exact, "exact"); }
Json json_of(const DenseSgdSimulation& dense) { return json_of_simulation(dense, "dense"); }

std::string text_of(const OdeEvent& event) {
  switch (event.kind) {
    case OdeEvent::Kind::overlap_above:
      return "overlap " + std::to_string(event.neuron) + " " + std::to_string(event.direction) +
             " " + shortest(event.level);
    case OdeEvent::Kind::any_overlap_above:
      return "max_overlap " + shortest(event.level);
    case OdeEvent::Kind::plateau:
      return "plateau " + shortest(event.level);
  }
  return "";
}

Json json_of(const OdeOptions& ode) {
  Json events = Json::array();
  for (const OdeEvent& event : ode.events) events.push_back(text_of(event));
  return {{"method", "ode"},
          {"terms", name(ode.terms)},
          {"integrator", name(ode.integrator)},
          {"rtol", ode.rtol},
          {"atol", ode.atol ? Json(*ode.atol) : Json()},
          {"max_steps", ode.max_steps},
          {"events", events},
          {"moments", name(ode.moments.route)},
          {"points", ode.moments.points},
          {"scrambles", ode.scrambles},
          {"starts", ode.starts},
          {"dimension", ode.start_dimension},
          {"stream", ode.seed}};
}

Json json_of(const FiniteBatchOptions& recursion) {
  Json terms = Json::array();
  if (recursion.terms.linear) terms.push_back("linear");
  if (recursion.terms.noise) terms.push_back("noise");
  if (recursion.terms.batch) terms.push_back("batch");
  Json json{{"method", "recursion"},
            {"dimension", recursion.dimension},
            {"terms", terms},
            {"rtol", recursion.rtol},
            {"integrator", name(recursion.integrator)},
            {"max_steps", recursion.max_steps},
            {"moments", name(recursion.moments.route)},
            {"points", recursion.moments.points},
            {"scrambles", recursion.scrambles},
            {"starts", recursion.starts},
            {"stream", recursion.seed}};
  const AdaptiveLoss& adaptive = recursion.adaptive;
  if (adaptive.is_on) {
    json["adaptive"] = {
        {"threshold", adaptive.threshold}, {"drop", adaptive.drop}, {"decay", adaptive.decay}};
  }
  return json;
}

}  // namespace

std::string resolved_experiment(const Experiment& experiment) {
  Json json{{"format", 1}, {"title", experiment.title}, {"seed", experiment.seed}};
  std::visit(
      [&](const auto& algorithm) {
        json.update(json_of(experiment.problem, second_layer_rate(algorithm)));
        json["training"] = json_of(algorithm, experiment.problem.loss, experiment.duration);
      },
      experiment.algorithm);
  json["curve"] = Json::array();
  for (const CurveSpec& spec : experiment.curves) {
    Json curve{{"name", spec.name}};
    curve.update(std::visit([](const auto& method) { return json_of(method); }, spec.method));
    json["curve"].push_back(std::move(curve));
  }
  json["output"] = {{"times", experiment.output_steps.empty() ? Json(experiment.output_times)
                                                              : Json(experiment.output_steps)}};
  json["source"] = experiment.source;
  return json.dump(2);
}

}  // namespace reprise
