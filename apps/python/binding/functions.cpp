#include <algorithm>
#include <optional>

#include "bindings.hpp"
#include "reprise/experiments/exponents/exponents_report.hpp"
#include "reprise/exponents/exponents.hpp"
#include "reprise/exponents/reach.hpp"

namespace reprise::python {

namespace {

/// A text, or the dictionary of a callable.
TargetFunction target_of(const py::object& target) {
  if (py::isinstance<py::str>(target)) return Expression::parse(target.cast<std::string>());
  return target_from(target.cast<py::dict>());
}

Activation activation_of(const py::object& activation) {
  if (py::isinstance<py::str>(activation)) return Activation::parse(activation.cast<std::string>());
  return activation_from(activation.cast<py::dict>());
}

Loss loss_of(const py::object& loss) {
  if (py::isinstance<py::str>(loss)) return Loss::parse(loss.cast<std::string>());
  return loss_from(loss.cast<py::dict>());
}

/// g of samples (k, n), k at least as many as it has variables.
py::array_t<double> evaluate_target(const py::object& target, const Array& fields) {
  const TargetFunction g = target_of(target);
  std::vector<const double*> columns;
  for (py::ssize_t r = 0; r < fields.shape(0); ++r) columns.push_back(fields.data(r, 0));
  if (fields.shape(0) < g.n_variables()) {
    throw InputError("target: z must be of " + std::to_string(g.n_variables()) +
                     " variables, got " + std::to_string(fields.shape(0)));
  }
  columns.resize(static_cast<std::size_t>(g.n_variables()));
  py::array_t<double> labels(fields.shape(1));
  g.evaluate(columns, static_cast<std::size_t>(fields.shape(1)), labels.mutable_data());
  return labels;
}

/// sigma and sigma' of h (n).
py::tuple evaluate_activation(const py::object& activation, const Array& h) {
  py::array_t<double> value(h.shape(0)), slope(h.shape(0));
  activation_of(activation)
      .evaluate(h.data(), static_cast<std::size_t>(h.shape(0)), value.mutable_data(),
                slope.mutable_data());
  return py::make_tuple(value, slope);
}

/// l and dl/df of outputs f (n) and labels y (n).
py::tuple evaluate_loss(const py::object& loss, const Array& f, const Array& y) {
  if (f.shape(0) != y.shape(0)) {
    throw InputError("loss: f and y must be of one shape, got (" + std::to_string(f.shape(0)) +
                     ",) and (" + std::to_string(y.shape(0)) + ",)");
  }
  py::array_t<double> value(f.shape(0)), slope(f.shape(0));
  loss_of(loss).evaluate(f.data(), y.data(), static_cast<std::size_t>(f.shape(0)),
                         value.mutable_data(), slope.mutable_data());
  return py::make_tuple(value, slope);
}

/// (JSON, text, interruption)
py::tuple exponents(const py::object& target, double noise_variance, const py::object& gram,
                    const py::object& activation, const py::object& loss, const py::dict& options) {
  Target learned{.g = target_of(target), .noise_variance = noise_variance};
  if (!gram.is_none()) {
    const auto rows = Array::ensure(gram);
    if (!rows || rows.ndim() != 2) throw InputError("exponents: gram must be a matrix");
    learned.gram.resize(rows.shape(0), rows.shape(1));
    for (py::ssize_t i = 0; i < rows.shape(0); ++i) {
      for (py::ssize_t j = 0; j < rows.shape(1); ++j) learned.gram(i, j) = rows.at(i, j);
    }
  }
  const ExponentTarget what = learned.gram.size() == 0
                                  ? ExponentTarget{learned.g, learned.noise_variance}
                                  : exponent_target(learned);
  ExponentOptions chosen;
  chosen.effort = options["effort"].cast<int>();
  chosen.tolerance = options["tolerance"].cast<double>();
  chosen.max_order = options["max_order"].cast<int>();
  chosen.seed = options["seed"].cast<std::uint64_t>();
  chosen.threads = options["threads"].cast<int>();
  std::optional<Activation> student;
  if (!activation.is_none()) student = activation_of(activation);
  const Loss its_loss = loss_of(loss);
  std::string json, text;
  const py::object interruption = in_background(py::none(), [&](const Report&) {
    const Exponents found = find_exponents(what, chosen);
    std::optional<Reach> reach;
    if (student) reach = find_reach(what, *student, its_loss, chosen);
    json = exponents_json(found, reach);
    text = exponents_text(found, reach);
  });
  return py::make_tuple(json, text, interruption);
}

}  // namespace

void bind_functions(py::module_& module) {
  module.def("n_variables",
             [](const py::object& target) { return target_of(target).n_variables(); });
  module.def("check_activation", [](const py::object& activation) { activation_of(activation); });
  module.def("check_loss", [](const py::object& loss) { loss_of(loss); });
  module.def("evaluate_target", &evaluate_target);
  module.def("evaluate_activation", &evaluate_activation);
  module.def("evaluate_loss", &evaluate_loss);
  module.def("exponents", &exponents);
}

}  // namespace reprise::python
