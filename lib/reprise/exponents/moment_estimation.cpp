#include "reprise/exponents/moment_estimation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/column_kernels.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/exponents/hermite_products.hpp"
#include "reprise/model/expression_polynomial.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

constexpr std::size_t chunk = LabelPoints::chunk;

using Table = HermiteMoments::Table;

// Sums of f_j h_alpha over points.
class MomentSum {
 public:
  MomentSum(const MultiIndices& indices, std::size_t n_functions)
      : sums_(Table::Zero(indices.size(), static_cast<Eigen::Index>(n_functions))) {
    for (std::size_t f = 0; f < n_functions; ++f) {
      functions_.emplace_back(chunk);
      weighted_.emplace_back(chunk);
    }
  }

  /// The values of f_j at the points, to be filled in before add().
  double* function(std::size_t f) { return functions_[f].data(); }
  const Table& sums() const { return sums_; }
  /// Multiplies all functions by the weights of n points.
  void scale_functions(const double* weight, std::size_t n) {
    for (auto& values : functions_) {
      for (std::size_t i = 0; i < n; ++i) values.data()[i] *= weight[i];
    }
  }

  void add(HermiteProducts& products, std::size_t max_degree) {
    Eigen::Index row = 0;
    products.for_each(max_degree, [&](const double* product, std::size_t rest) {
      left_.clear();
      right_.clear();
      for (std::size_t l = 0; l <= rest; ++l) left_.push_back(products.last(l));
      for (std::size_t f = 0; f < functions_.size(); ++f) {
        const double* values = functions_[f].data();
        if (product != nullptr) {
          double* out = weighted_[f].data();
          for (std::size_t i = 0; i < products.n_points(); ++i) out[i] = product[i] * values[i];
          values = out;
        }
        right_.push_back(values);
      }
      add_inner_products(left_, right_, products.n_points(), sums_.row(row).data());
      row += static_cast<Eigen::Index>(rest) + 1;
    });
  }

 private:
  Table sums_;
  std::vector<AlignedArray> functions_;
  std::vector<AlignedArray> weighted_;  // times the product
  std::vector<const double*> left_;
  std::vector<const double*> right_;
};

// A Hermite expansion of low degree that follows the label: subtracted from y before integration
// and added to its moments afterwards, so that only what it leaves is integrated with an error.
// That helps where y grows, and harms where y is bounded.
class LabelTrend {
 public:
  LabelTrend(const ExponentTarget& target, int max_degree)
      : indices_(target.n_directions(), std::min(4, max_degree)) {
    LabelPoints points(target, Stream(0, Purpose::scrambling, ~std::uint64_t{2}), 14);
    HermiteProducts products(indices_.n_variables(), indices_.max_degree());
    MomentSum sum(indices_, 1);
    points.for_each_chunk([&](double* const* z, const double* y, std::size_t n) {
      products.set_points(z, n);
      std::copy_n(y, n, sum.function(0));
      sum.add(products, degree());
    });
    coefficients_ = sum.sums().col(0) / static_cast<double>(points.n_points());
  }

  void subtract(HermiteProducts& products, double* y) const {
    Eigen::Index row = 0;
    products.for_each(degree(), [&](const double* product, std::size_t rest) {
      for (std::size_t l = 0; l <= rest; ++l) {
        const double c = coefficients_[row++];
        const double* factor = products.last(l);
        for (std::size_t i = 0; i < products.n_points(); ++i) {
          y[i] -= c * factor[i] * (product == nullptr ? 1 : product[i]);
        }
      }
    });
  }

  /// rest: (indices, replicates), moments of the label less the trend.
  void add_to(const MultiIndices& indices, Table& rest) const {
    for (int i = 0; i < indices_.size(); ++i) {
      rest.row(indices.find(indices_[i])).array() += coefficients_[i];
    }
  }

 private:
  std::size_t degree() const { return static_cast<std::size_t>(indices_.max_degree()); }

  MultiIndices indices_;
  Eigen::VectorXd coefficients_;
};

// Takes, degree by degree, the estimate with the smaller spread for function 0. Whole degrees, so
// that the choice does not depend on the basis.
void take_better(HermiteMoments& moments, const Table& other) {
  const MultiIndices& indices = moments.indices();
  auto own = moments.values().leftCols(moments.n_replicates());
  std::vector<double> gain(static_cast<std::size_t>(indices.max_degree()) + 1, 0.0);
  const double size = std::max(own.cwiseAbs().maxCoeff(), other.cwiseAbs().maxCoeff());
  if (size == 0) return;
  for (int i = 0; i < indices.size(); ++i) {
    const auto spread = [size](const auto& row) {
      return ((row.array() - row.mean()) / size).matrix().squaredNorm();
    };
    gain[static_cast<std::size_t>(indices.degree(i))] += spread(own.row(i)) - spread(other.row(i));
  }
  for (int i = 0; i < indices.size(); ++i) {
    if (gain[static_cast<std::size_t>(indices.degree(i))] > 0) own.row(i) = other.row(i);
  }
}

}  // namespace

HermiteMoments estimate_moments(const ExponentTarget& target, double mean,
                                const ExponentTarget& told,
                                const std::vector<LabelFunctions>& families, int max_degree,
                                const EstimationOptions& options) {
  check_at_least("exponents", "scrambles", options.scrambles, 8);
  const int k = target.n_directions();
  int n_functions = 1;
  for (const auto& family : families) n_functions += family.size();
  const int S = options.scrambles;
  HermiteMoments moments(MultiIndices(k, max_degree), n_functions, S);
  const LabelTrend trend(target, max_degree);
  Table without_trend(moments.indices().size(), S);
  parallel_for(static_cast<std::size_t>(S), resolve_threads(options.threads),
               [&](std::size_t, std::size_t scramble) {
                 const auto s = static_cast<int>(scramble);
                 LabelPoints points(target, Stream(options.seed, Purpose::scrambling, scramble),
                                    options.log2_points, moment_spread(k));
                 LabelPoints told_points(told, Stream(options.seed, Purpose::scrambling, scramble),
                                         options.log2_points, moment_spread(k));
                 const bool is_own = told.g.name() == target.g.name();
                 AlignedArray told_label(chunk);
                 HermiteProducts products(k, max_degree);
                 AlignedArray weight(chunk);
                 MomentSum sum(moments.indices(), static_cast<std::size_t>(n_functions) + 1);
                 std::vector<double*> functions;
                 for (int f = 1; f < n_functions; ++f) functions.push_back(sum.function(f));
                 points.for_each_chunk([&](double* const* z, const double* y, std::size_t n) {
                   products.set_points(z, n);
                   for (std::size_t i = 0; i < n; ++i) sum.function(0)[i] = y[i] - mean;
                   double* const* out = functions.data();
                   if (!is_own) told_points.evaluate(z, n, told_label.data());
                   for (const auto& family : families) {
                     family.evaluate(is_own ? y : told_label.data(), n, out);
                     out += family.size();
                   }
                   std::copy_n(y, n, sum.function(n_functions));
                   trend.subtract(products, sum.function(n_functions));
                   points.weights(z, n, weight.data());
                   sum.scale_functions(weight.data(), n);
                   sum.add(products, static_cast<std::size_t>(max_degree));
                 });
                 const double scale = 1 / static_cast<double>(points.n_points());
                 for (int f = 0; f < n_functions; ++f) {
                   moments.values().col(f * S + s) = scale * sum.sums().col(f);
                 }
                 without_trend.col(s) = scale * sum.sums().col(n_functions);
               });
  trend.add_to(moments.indices(), without_trend);
  const double largest =
      std::max(moments.values().cwiseAbs().maxCoeff(), without_trend.cwiseAbs().maxCoeff());
  if (!moments.values().allFinite() || !without_trend.allFinite() ||
      !std::isfinite(largest * largest)) {
    reject("exponents", "variance of the label", "within the range of numbers",
           std::numeric_limits<double>::infinity());
  }
  take_better(moments, without_trend);
  return moments;
}

namespace {

// The factorials of larger powers, and with them the moments, leave the range of numbers.
constexpr int max_power = 170;

void check_powers(const Polynomial& polynomial) {
  for (const auto& [exponents, coefficient] : polynomial.terms()) {
    for (std::size_t v = 0; v < exponents.size(); ++v) {
      if (exponents[v] <= max_power) continue;
      reject("exponents", "power of z" + std::to_string(v + 1) + " in the target",
             "at most 170, whose moments are within the range of numbers", exponents[v]);
    }
  }
}

// E[polynomial h_alpha]: x^m = sum_l c_l h_l with c_l = m! / (2^j j! sqrt(l!)), l = m - 2j, factor
// by factor. All c_l are positive: moments of magnitudes are magnitudes of moments.
Eigen::VectorXd moments_of(const Polynomial& polynomial, const MultiIndices& indices) {
  const int k = indices.n_variables();
  Eigen::VectorXd moments = Eigen::VectorXd::Zero(indices.size());
  for (const auto& [exponents, coefficient] : polynomial.terms()) {
    std::vector<int> powers = exponents;
    powers.resize(static_cast<std::size_t>(k), 0);
    for (int i = 0; i < indices.size(); ++i) {
      const auto alpha = indices[i];
      double value = coefficient;
      for (int v = 0; v < k && value != 0; ++v) {
        const int twice = powers[v] - alpha[v];
        if (twice < 0 || twice % 2 != 0) {
          value = 0;
        } else {
          value *= factorial(powers[v]) /
                   (std::ldexp(factorial(twice / 2), twice / 2) * std::sqrt(factorial(alpha[v])));
        }
      }
      moments[i] += value;
    }
  }
  return moments;
}

// What an input map that is not quite orthogonal changes: moments of degree n by parts of those of
// degrees n and n + 2.
void add_map_error(const Eigen::MatrixXd& map, HermiteMoments& moments) {
  const Eigen::Index k = map.rows();
  const double error =
      1e-15 + (matrix_product(map, map.transpose()) - Eigen::MatrixXd::Identity(k, k))
                  .cwiseAbs()
                  .maxCoeff();
  const MultiIndices& indices = moments.indices();
  std::vector<double> size(static_cast<std::size_t>(indices.max_degree()) + 3, 0.0);
  for (int i = 0; i < indices.size(); ++i) {
    double& norm = size[static_cast<std::size_t>(indices.degree(i))];
    norm = std::hypot(norm, moments.mean(i, 0));
  }
  auto rounding = moments.rounding();
  for (int i = 0; i < indices.size(); ++i) {
    const int n = indices.degree(i);
    const auto at = static_cast<std::size_t>(n);
    rounding.row(i).array() += error * (n + 2) * (size[at] + size[at + 2]);
  }
  moments.set_rounding(std::move(rounding));
}

}  // namespace

namespace {

std::optional<RoundedPolynomial> polynomial_of(const TargetFunction& g) {
  if (const Expression* const tree = g.expression()) return rounded_polynomial(*tree);
  const auto given = g.polynomial();
  if (!given) return std::nullopt;
  RoundedPolynomial result{*given, Polynomial(given->n_variables())};
  for (const auto& [exponents, coefficient] : given->terms()) {
    result.magnitude.add(exponents, std::abs(coefficient));
  }
  return result;
}

}  // namespace

std::optional<HermiteMoments> exact_moments(const ExponentTarget& target, int max_degree) {
  const auto polynomial = polynomial_of(target.g);
  if (!polynomial) return std::nullopt;
  check_powers(polynomial->magnitude);
  const int k = target.n_directions();
  if (target.input_map.size() != 0) {
    const auto& map = target.input_map;
    if (map.rows() != k || !matrix_product(map, map.transpose()).isIdentity(1e-12))
      return std::nullopt;
  }
  const int degree = polynomial->value.degree();
  int kept = std::max(1, degree);
  while (kept > max_degree && n_multi_indices(k, kept) > 20000) --kept;
  HermiteMoments moments(MultiIndices(k, kept), 1, 2);
  moments.values().colwise() = moments_of(polynomial->value, moments.indices());
  moments.set_rounding(RoundedPolynomial::precision *
                       moments_of(polynomial->magnitude, moments.indices()));
  if (!moments.values().allFinite() || !moments.rounding().allFinite()) {
    reject("exponents", "moments of the label", "within the range of numbers",
           std::numeric_limits<double>::infinity());
  }
  // g(map z) = polynomial in w = map z; its table in coordinates w turns to z = map^T w.
  if (target.input_map.size() != 0) {
    moments.rotate(target.input_map.transpose());
    add_map_error(target.input_map, moments);
  }
  return moments;
}

}  // namespace reprise
