#include "reprise/model/target_function.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>
#include <vector>

#include "reprise/core/callable.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/random.hpp"

namespace reprise {

namespace {

using Eigen::Index;

constexpr std::size_t most_variables = 256;  // as an expression may have
constexpr std::size_t n_checked = 64;

void call(const TargetCallable& callable, std::span<const double* const> columns, std::size_t n,
          double* out) {
  std::fill_n(out, n, std::numeric_limits<double>::quiet_NaN());
  callable.values(SampleColumns(columns, n), {out, n});
}

double value_of(const RidgeForm& form, std::span<const double> z) {
  const Eigen::Map<const Eigen::VectorXd> point(z.data(), static_cast<Index>(z.size()));
  double value = form.sum.constant;
  for (Index m = 0; m < form.sum.coefficients.size(); ++m) {
    const double x = form.sum.directions.row(m).dot(point);
    value += form.sum.coefficients[m] *
             (form.kind == RidgeKind::erf ? std::erf(x / std::numbers::sqrt2) : std::max(x, 0.0));
  }
  return value;
}

// A callable at fixed points: each label by itself, and against what it is said to be.
class CallableCheck {
 public:
  explicit CallableCheck(const TargetCallable& callable)
      : callable_(callable),
        k_(static_cast<std::size_t>(callable.n_variables)),
        z_(k_ * n_checked) {
    for (std::size_t r = 0; r < k_; ++r) {
      fill_normals(Stream(3, Purpose::generalisation), r, 0, n_checked, z_.data() + r * n_checked);
    }
  }

  void samples_are_independent() const {
    check_samples_are_independent(
        "target", "label of a callable", n_checked,
        [&](std::size_t first, std::size_t n, double* out) { evaluate(first, n, out); });
  }

  template <class Form>
  void has_the_values_of(std::string_view name, const Form& form) const {
    std::vector<double> labels(n_checked);
    evaluate(0, n_checked, labels.data());
    double largest = 0;
    for (const double label : labels) largest = std::max(largest, std::abs(label));
    std::vector<double> z(k_);
    for (std::size_t i = 0; i < n_checked; ++i) {
      for (std::size_t r = 0; r < k_; ++r) z[r] = z_[r * n_checked + i];
      const double claimed = form(std::span<const double>(z));
      if (std::abs(claimed - labels[i]) <= 1e-9 * largest) continue;
      std::ostringstream text;
      text << claimed << " instead of " << labels[i] << " at z = (" << z[0]
           << (k_ > 1 ? ", .." : "") << ")";
      reject("target", name, "what the callable gives", std::string_view(text.str()));
    }
  }

 private:
  void evaluate(std::size_t first, std::size_t n, double* out) const {
    std::vector<const double*> columns;
    for (std::size_t r = 0; r < k_; ++r) columns.push_back(z_.data() + r * n_checked + first);
    call(callable_, columns, n, out);
  }

  const TargetCallable& callable_;
  std::size_t k_;
  std::vector<double> z_;  // (n_checked, k)
};

void check_callable(const TargetCallable& callable) {
  if (callable.n_variables < 1 || callable.n_variables > static_cast<int>(most_variables)) {
    reject("target", "n_variables of a callable", "from 1 to 256", callable.n_variables);
  }
  if (!callable.values) {
    reject("target", "values of a callable", "callable", std::string_view("an empty one"));
  }
  const CallableCheck at_points(callable);
  at_points.samples_are_independent();
  if (const auto& polynomial = callable.polynomial) {
    if (polynomial->n_variables() > callable.n_variables) {
      reject("target", "variables of the polynomial", "at most n_variables",
             polynomial->n_variables());
    }
    at_points.has_the_values_of("polynomial of a callable", [&](std::span<const double> z) {
      return (*polynomial)(z.first(static_cast<std::size_t>(polynomial->n_variables())));
    });
  }
  if (const auto& ridge = callable.ridge) {
    check_shape("target", "directions of the ridge form", ridge->sum.directions,
                ridge->sum.coefficients.size(), callable.n_variables);
    at_points.has_the_values_of("ridge form of a callable",
                                [&](std::span<const double> z) { return value_of(*ridge, z); });
  }
}

using Form = std::variant<Expression, TargetCallable>;

}  // namespace

TargetFunction::TargetFunction(Expression expression)
    : form_(std::make_shared<const Form>(std::move(expression))) {}

TargetFunction::TargetFunction(TargetCallable callable) {
  check_callable(callable);
  form_ = std::make_shared<const Form>(std::move(callable));
}

const Expression* TargetFunction::expression() const { return std::get_if<Expression>(&*form_); }

int TargetFunction::n_variables() const {
  const Expression* const tree = expression();
  return tree ? tree->n_variables() : callable().n_variables;
}

void TargetFunction::evaluate(std::span<const double* const> columns, std::size_t n, double* out,
                              ExpressionWorkspace& workspace) const {
  if (const Expression* const tree = expression()) {
    return tree->evaluate(columns, n, out, workspace);
  }
  const auto k = static_cast<std::size_t>(callable().n_variables);
  if (columns.size() < k) {
    reject("target", "columns", "at least the variables of g", static_cast<double>(columns.size()));
  }
  call(callable(), columns.first(k), n, out);
}

void TargetFunction::evaluate(std::span<const double* const> columns, std::size_t n,
                              double* out) const {
  ExpressionWorkspace workspace;
  evaluate(columns, n, out, workspace);
}

double TargetFunction::operator()(std::span<const double> z) const {
  if (const Expression* const tree = expression()) return (*tree)(z);
  const auto k = static_cast<std::size_t>(callable().n_variables);
  if (z.size() < k) {
    reject("target", "values", "at least the variables of g", static_cast<double>(z.size()));
  }
  std::array<const double*, most_variables> columns;
  for (std::size_t r = 0; r < k; ++r) columns[r] = z.data() + r;
  double label = 0;
  call(callable(), {columns.data(), k}, 1, &label);
  return label;
}

std::optional<Polynomial> TargetFunction::polynomial() const {
  const Expression* const tree = expression();
  return tree ? tree->as_polynomial() : callable().polynomial;
}

std::optional<RidgeTarget> TargetFunction::ridge(RidgeKind kind, Index n_directions) const {
  if (const Expression* const tree = expression())
    return as_ridge_target(*tree, kind, n_directions);
  const auto& form = callable().ridge;
  if (!form || form->kind != kind) return {};
  RidgeTarget target = form->sum;
  const Index k = target.directions.cols();
  target.directions.conservativeResize(Eigen::NoChange, n_directions);
  target.directions.rightCols(n_directions - k).setZero();
  return target;
}

std::string TargetFunction::name() const {
  if (const Expression* const tree = expression()) return tree->text();
  return callable().name.empty() ? "callable" : callable().name;
}

std::string TargetFunction::text() const {
  if (const Expression* const tree = expression()) return tree->text();
  return callable_text("target", "g", callable().name);
}

}  // namespace reprise
