#include "reprise/exponents/moment_estimation.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/column_kernels.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

constexpr std::size_t chunk = LabelPoints::chunk;

using Table = HermiteMoments::Table;

// Sums of f_j h_alpha over the points of one scramble.
class MomentSum {
 public:
  MomentSum(const MultiIndices& indices, std::size_t n_functions)
      : k_(static_cast<std::size_t>(indices.n_variables())),
        degrees_(static_cast<std::size_t>(indices.max_degree()) + 1),
        n_functions_(n_functions),
        sums_(Table::Zero(indices.size(), static_cast<Eigen::Index>(n_functions))) {
    for (std::size_t v = 0; v < k_; ++v) {
      hermite_.emplace_back(degrees_ * chunk);
      prefix_.emplace_back(chunk);
    }
    for (std::size_t f = 0; f < n_functions; ++f) {
      functions_.emplace_back(chunk);
      weighted_.emplace_back(chunk);
    }
  }

  double* function(std::size_t f) { return functions_[f].data(); }
  Table& sums() { return sums_; }

  void add(const double* const* z, std::size_t n) {
    for (std::size_t v = 0; v < k_; ++v) {
      double* table = hermite_[v].data();
      for (std::size_t l = 0; l < degrees_; ++l) {
        double* out = table + l * chunk;
        // Normalised recurrence: sqrt(l) h_l = x h_{l-1} - sqrt(l - 1) h_{l-2}.
        if (l == 0) {
          std::fill_n(out, n, 1.0);
        } else if (l == 1) {
          std::copy_n(z[v], n, out);
        } else {
          const double a = 1 / std::sqrt(static_cast<double>(l));
          const double b = std::sqrt(static_cast<double>(l - 1)) * a;
          const double* one = out - chunk;
          const double* two = one - chunk;
          for (std::size_t i = 0; i < n; ++i) out[i] = a * z[v][i] * one[i] - b * two[i];
        }
      }
    }
    row_ = 0;
    descend(0, degrees_ - 1, nullptr, n);
  }

 private:
  void descend(std::size_t v, std::size_t rest, const double* product, std::size_t n) {
    if (v + 1 == k_) return add_last(rest, product, n);
    for (std::size_t l = 0; l <= rest; ++l) {
      const double* factor = hermite_[v].data() + l * chunk;
      if (l == 0) {
        descend(v + 1, rest, product, n);
      } else if (product == nullptr) {
        descend(v + 1, rest - l, factor, n);
      } else {
        double* next = prefix_[v].data();
        for (std::size_t i = 0; i < n; ++i) next[i] = product[i] * factor[i];
        descend(v + 1, rest - l, next, n);
      }
    }
  }

  void add_last(std::size_t rest, const double* product, std::size_t n) {
    left_.clear();
    right_.clear();
    for (std::size_t l = 0; l <= rest; ++l) left_.push_back(hermite_[k_ - 1].data() + l * chunk);
    for (std::size_t f = 0; f < n_functions_; ++f) {
      const double* values = functions_[f].data();
      if (product != nullptr) {
        double* out = weighted_[f].data();
        for (std::size_t i = 0; i < n; ++i) out[i] = product[i] * values[i];
        values = out;
      }
      right_.push_back(values);
    }
    add_inner_products(left_, right_, n, sums_.row(row_).data());
    row_ += static_cast<Eigen::Index>(rest) + 1;
  }

  std::size_t k_;
  std::size_t degrees_;
  std::size_t n_functions_;
  Table sums_;
  Eigen::Index row_ = 0;
  std::vector<AlignedArray> hermite_;    // by variable: (degree, chunk)
  std::vector<AlignedArray> prefix_;     // products of the first variables' factors
  std::vector<AlignedArray> functions_;  // f_j at the points
  std::vector<AlignedArray> weighted_;   // times the product
  std::vector<const double*> left_;
  std::vector<const double*> right_;
};

double factorial(int n) { return std::tgamma(n + 1.0); }

}  // namespace

HermiteMoments estimate_moments(const ExponentTarget& target, const LabelRanks& ranks,
                                const std::vector<LabelFunctions>& families, int max_degree,
                                const MomentOptions& options) {
  check_at_least("exponents", "scrambles", options.scrambles, 8);
  const int k = target.n_directions();
  int n_functions = 1;
  for (const auto& family : families) n_functions += family.size();
  HermiteMoments moments(MultiIndices(k, max_degree), n_functions, options.scrambles);
  const int S = options.scrambles;
  parallel_for(static_cast<std::size_t>(S), resolve_threads(options.threads),
               [&](std::size_t, std::size_t scramble) {
    LabelPoints points(target, Stream(options.seed, Purpose::scrambling, scramble),
                       options.log2_points);
    const std::size_t n = std::min(chunk, points.n_points());
    MomentSum sum(moments.indices(), static_cast<std::size_t>(n_functions));
    AlignedArray inputs(static_cast<std::size_t>(k) * chunk);
    AlignedArray labels(chunk);
    std::vector<double*> z;
    for (int v = 0; v < k; ++v) z.push_back(inputs.data() + static_cast<std::size_t>(v) * chunk);
    std::vector<double*> functions;
    for (int f = 1; f < n_functions; ++f) functions.push_back(sum.function(f));
    for (std::size_t first = 0; first < points.n_points(); first += n) {
      points.fill(first, n, z.data(), labels.data());
      for (std::size_t i = 0; i < n; ++i) sum.function(0)[i] = labels.data()[i] - ranks.mean();
      std::size_t f = 0;
      for (const auto& family : families) {
        family.evaluate(labels.data(), n, functions.data() + f);
        f += static_cast<std::size_t>(family.size());
      }
      sum.add(z.data(), n);
    }
    const double scale = 1 / static_cast<double>(points.n_points());
    for (int f = 0; f < n_functions; ++f) {
      moments.values().col(f * S + static_cast<int>(scramble)) = scale * sum.sums().col(f);
    }
  });
  return moments;
}

std::optional<HermiteMoments> exact_moments(const ExponentTarget& target, int max_degree) {
  const auto polynomial = target.g.as_polynomial();
  if (!polynomial) return std::nullopt;
  const int k = target.n_directions();
  if (target.input_map.size() != 0) {
    const auto& map = target.input_map;
    if (map.rows() != k || !(map * map.transpose()).isIdentity(1e-12)) return std::nullopt;
  }
  const int degree = polynomial->degree();
  int kept = std::max(1, degree);
  while (kept > max_degree && n_multi_indices(k, kept) > 20000) --kept;
  HermiteMoments moments(MultiIndices(k, kept), 1, 2);
  // x^m = sum_l c_l h_l with c_l = m! / (2^j j! sqrt(l!)), l = m - 2j, factor by factor.
  for (const auto& [exponents, coefficient] : polynomial->terms()) {
    std::vector<int> powers = exponents;
    powers.resize(static_cast<std::size_t>(k), 0);
    for (int i = 0; i < moments.indices().size(); ++i) {
      const auto alpha = moments.indices()[i];
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
      if (value != 0) moments.values().row(i).array() += value;
    }
  }
  // g(map z) = polynomial in w = map z; its table in coordinates w turns to z = map^T w.
  if (target.input_map.size() != 0) moments.rotate(target.input_map.transpose());
  return moments;
}

}  // namespace reprise
