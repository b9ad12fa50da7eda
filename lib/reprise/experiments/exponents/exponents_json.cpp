#include <cmath>
#include <nlohmann/json.hpp>

#include "reprise/experiments/exponents/exponents_report.hpp"
#include "reprise/exponents/cost.hpp"

namespace reprise {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Eigen::VectorXd& vector) {
  Json list = Json::array();
  for (double value : vector) list.push_back(value);
  return list;
}

// A list of the columns.
Json json_of_columns(const Eigen::MatrixXd& matrix) {
  Json list = Json::array();
  for (Eigen::Index c = 0; c < matrix.cols(); ++c) list.push_back(json_of(matrix.col(c)));
  return list;
}

Json json_of(const std::vector<StaircaseStage>& stages, bool is_statistical) {
  Json list = Json::array();
  for (const StaircaseStage& stage : stages) {
    const SampleCost samples = sgd_samples(stage.order);
    Json json{{"order", stage.order},
              {"directions", json_of_columns(stage.directions)},
              {"strength", json_of(stage.strength)},
              {"error", json_of(stage.error)},
              {"direction_error", json_of(stage.direction_error)},
              {"samples", {{"power_of_d", samples.power}, {"logarithm", samples.has_logarithm}}}};
    const auto batch = best_batch_power(stage.order);
    json["batch_power_of_d"] = batch ? Json(*batch) : Json();
    if (is_statistical) json["best_samples_power_of_d"] = best_samples(stage.order).power;
    if (is_statistical && stage.recovery_rate > 0) {
      json["alpha_c_at_most"] = 1 / stage.recovery_rate;
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json json_of_zeros(const Staircase& staircase) {
  Json list = Json::array();
  for (const ZeroOrder& zero : staircase.zeros) {
    list.push_back({{"stage", zero.stage + 1},
                    {"order", zero.order},
                    {"bound", zero.bound},
                    {"decided", zero.is_decided}});
  }
  return list;
}

Json leap_json(std::optional<int> leap) { return leap && *leap >= 0 ? Json(*leap) : Json(); }

Json bound_json(const Staircase& staircase) {
  const bool is_bounded = staircase.never_reached.cols() + staircase.undecided.cols() == 0;
  return is_bounded ? Json(staircase.largest_order()) : Json();
}

Json json_of(const Reach& reach) {
  const auto part = [](const Staircase& staircase, bool is_statistical) {
    return Json{{"decided", staircase.is_decided()},
                {"leap", leap_json(staircase.leap())},
                {"stages", json_of(staircase.stages, is_statistical)},
                {"never_reached", json_of_columns(staircase.never_reached)},
                {"undecided", json_of_columns(staircase.undecided)},
                {"zeros", json_of_zeros(staircase)}};
  };
  return {{"activation", reach.queries.activation},
          {"loss", reach.queries.loss},
          {"one_pass", part(reach.one_pass, false)},
          {"reuse", part(reach.reuse, true)}};
}

}  // namespace

std::string exponents_json(const Exponents& exponents, const std::optional<Reach>& reach) {
  const Staircase& correlational = exponents.correlational;
  const Staircase& statistical = exponents.statistical;
  const auto alpha = exponents.alpha_c();
  Json json{{"expression", exponents.expression},
            {"leap", leap_json(exponents.leap())},
            {"generative_leap", leap_json(exponents.generative_leap())},
            {"alpha_c", alpha && std::isfinite(*alpha) ? Json(*alpha) : Json()},
            {"alpha_c_error",
             exponents.recovery_rate ? Json(exponents.recovery_rate->alpha_c_error()) : Json()},
            {"correlational", json_of(correlational.stages, false)},
            {"statistical", json_of(statistical.stages, true)},
            {"never_reached", json_of_columns(statistical.never_reached)},
            {"never_reached_in_one_pass", json_of_columns(correlational.never_reached)},
            {"undecided",
             {{"correlational", json_of_columns(correlational.undecided)},
              {"statistical", json_of_columns(statistical.undecided)}}},
            {"irrelevant", json_of_columns(statistical.irrelevant)},
            {"decided",
             {{"leap", exponents.leap().has_value()},
              {"generative_leap", exponents.generative_leap().has_value()},
              {"alpha_c", alpha.has_value()}}},
            {"at_most",
             {{"leap", bound_json(correlational)}, {"generative_leap", bound_json(statistical)}}},
            {"zeros",
             {{"correlational", json_of_zeros(correlational)},
              {"statistical", json_of_zeros(statistical)}}},
            {"reached_in_constant_steps",
             {{"fresh", json_of_columns(correlational.reached_in_one_order())},
              {"reuse", json_of_columns(statistical.reached_in_one_order())}}},
            {"tolerance", exponents.tolerance},
            {"max_order", statistical.max_order}};
  if (reach) json["student"] = json_of(*reach);
  return json.dump(2) + "\n";
}

}  // namespace reprise
