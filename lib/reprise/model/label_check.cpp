#include "reprise/model/label_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/random.hpp"

namespace reprise {

namespace {

using Eigen::Index;

constexpr std::uint64_t fixed_seed = 1;  // fixed: a file is refused always or never
constexpr double stretch = 2;            // of the second half of the points

std::string not_finite(double value, const char* name, const double* at, std::size_t n) {
  std::ostringstream text;
  text.precision(3);
  text << (std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf") << " at " << name << " = (";
  for (std::size_t i = 0; i < n; ++i) text << (i == 0 ? "" : ", ") << at[i];
  text << ")";
  return text.str();
}

/// L with L L^T the covariance, (k, rank).
Eigen::MatrixXd input_factor(const Eigen::MatrixXd& covariance) {
  return semidefinite_factor("inputs", "covariance", covariance);
}

// Rays on which growth is measured: axes, diagonals of two, and random ones, of length 1.
Eigen::MatrixXd rays(Index k) {
  constexpr Index n_random = 16;
  std::vector<Eigen::VectorXd> all;
  for (Index r = 0; r < k; ++r) {
    all.push_back(Eigen::VectorXd::Unit(k, r));
    for (Index s = 0; s < r && k <= 32; ++s) {
      for (const double sign : {-1.0, 1.0}) {
        all.push_back((Eigen::VectorXd::Unit(k, r) + sign * Eigen::VectorXd::Unit(k, s)) /
                      std::sqrt(2.0));
      }
    }
  }
  Eigen::MatrixXd random(n_random, k);
  for (Index r = 0; r < k; ++r) {
    fill_normals(Stream(fixed_seed, Purpose::generalisation), static_cast<std::uint64_t>(r), 0,
                 n_random, random.col(r).data());
  }
  for (Index i = 0; k > 1 && i < n_random; ++i) {
    all.push_back(random.row(i).transpose().normalized());
  }
  Eigen::MatrixXd result(k, 2 * static_cast<Index>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    result.col(2 * static_cast<Index>(i)) = all[i];
    result.col(2 * static_cast<Index>(i) + 1) = -all[i];
  }
  return result;
}

/// The largest log g^2 near each distance on each ray, (distances, rays): near, because g may
/// vanish at the distance itself. One call of g, whose callable may take long to call.
Eigen::MatrixXd log_squares(const TargetFunction& g, const Eigen::MatrixXd& rays,
                            const std::vector<double>& distances) {
  constexpr int n_near = 4;
  constexpr Index n_around = 2 * n_near + 1;
  const auto n_distances = static_cast<Index>(distances.size());
  Eigen::MatrixXd z(rays.cols() * n_distances * n_around, rays.rows());
  Index row = 0;
  for (Index ray = 0; ray < rays.cols(); ++ray) {
    for (const double t : distances) {
      for (int i = -n_near; i <= n_near; ++i) {
        z.row(row++) = (t + 0.5 * i / n_near) * rays.col(ray).transpose();
      }
    }
  }
  std::vector<const double*> columns;
  for (Index r = 0; r < rays.rows(); ++r) columns.push_back(z.col(r).data());
  Eigen::VectorXd labels(z.rows());
  g.evaluate(columns, static_cast<std::size_t>(z.rows()), labels.data());
  Eigen::MatrixXd result(n_distances, rays.cols());
  row = 0;
  for (Index ray = 0; ray < rays.cols(); ++ray) {
    for (Index d = 0; d < n_distances; ++d, row += n_around) {
      double& largest = result(d, ray);
      largest = -std::numeric_limits<double>::infinity();
      for (Index i = row; i < row + n_around; ++i) {
        largest = std::max(largest, 2 * std::log(std::abs(labels[i])));
      }
    }
  }
  return result;
}

/// On one of the rays.
bool outgrows_the_density(const TargetFunction& g, Eigen::MatrixXd rays) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double t : {26.0, 18.0, 12.0, 8.0}) {
    // A wide second difference: the zeros of an oscillating g move log g^2 by some t / 3.
    const double h = 0.45 * t;
    const Eigen::MatrixXd seen = log_squares(g, rays, {t, t - h, t - 2 * h});
    std::vector<Index> open;  // overflows there
    for (Index ray = 0; ray < rays.cols(); ++ray) {
      const double far = seen(0, ray);
      if (!(far < infinity)) {
        open.push_back(ray);
        continue;
      }
      const double curvature = (far - 2 * seen(1, ray) + seen(2, ray)) / (h * h);
      // log g^2 = t^2 / 2 is where the integral stops to converge: second derivative 1.
      if (far > t * t / 8 && curvature > 1 - 1e-6) return true;
    }
    if (open.empty()) return false;
    rays = Eigen::MatrixXd(rays(Eigen::all, open));
  }
  // Overflows within eight standard deviations, unless the ray lies in a singularity, log(abs(z1)).
  return (log_squares(g, rays, {1.5}).array() < infinity).any();
}

}  // namespace

std::optional<std::string> find_label_that_is_no_number(const Target& target,
                                                        const Eigen::MatrixXd& input_covariance,
                                                        std::int64_t n_points) {
  constexpr std::size_t chunk = 512;
  const Eigen::MatrixXd factor = input_factor(input_covariance);
  const auto k = static_cast<std::size_t>(factor.rows());
  const auto rank = static_cast<std::size_t>(factor.cols());
  const auto half = static_cast<std::size_t>((n_points + 31) / 32 * 16);
  AlignedArray normals(chunk * std::max<std::size_t>(rank, 1)), inputs(chunk * k), labels(chunk);
  std::vector<const double*> columns;
  for (std::size_t r = 0; r < k; ++r) columns.push_back(inputs.data() + r * chunk);
  ExpressionWorkspace workspace;
  for (const double scale : {1.0, stretch}) {
    for (std::size_t first = 0; first < half; first += chunk) {
      const std::size_t n = std::min(chunk, half - first);
      for (std::size_t c = 0; c < rank; ++c) {
        fill_normals(Stream(fixed_seed, Purpose::generalisation), c, first, n,
                     normals.data() + c * chunk);
      }
      for (std::size_t r = 0; r < k; ++r) {
        double* const z = inputs.data() + r * chunk;
        std::fill_n(z, n, 0.0);
        for (std::size_t c = 0; c < rank; ++c) {
          const double weight = scale * factor(static_cast<Index>(r), static_cast<Index>(c));
          const double* const normal = normals.data() + c * chunk;
          for (std::size_t i = 0; i < n; ++i) z[i] += weight * normal[i];
        }
      }
      target.g.evaluate(columns, n, labels.data(), workspace);
      for (std::size_t i = 0; i < n; ++i) {
        const double label = labels.data()[i];
        if (std::isfinite(label)) continue;
        std::vector<double> z;
        for (std::size_t r = 0; r < k; ++r) z.push_back(columns[r][i]);
        return not_finite(label, "z", z.data(), k);
      }
    }
  }
  return {};
}

std::optional<std::string> find_activation_that_is_no_number(const Student& student,
                                                             const Eigen::MatrixXd& Q) {
  constexpr std::size_t n = 128;
  std::vector<double> fields(n);
  fill_normals(Stream(fixed_seed, Purpose::generalisation), 0, 0, n, fields.data());
  const double scale = std::sqrt(std::max(1.0, Q.diagonal().maxCoeff()));
  std::vector<double> h(n), value(n), derivative(n);
  for (const double wider : {1.0, stretch}) {
    for (std::size_t i = 0; i < n; ++i) h[i] = wider * scale * fields[i];
    student.activation.evaluate(h.data(), n, value.data(), derivative.data());
    for (std::size_t i = 0; i < n; ++i) {
      for (const double number : {value[i], derivative[i]}) {
        if (!std::isfinite(number)) return not_finite(number, "h", &h[i], 1);
      }
    }
  }
  return {};
}

std::optional<std::string> find_loss_that_is_no_number(const Problem& problem) {
  if (!problem.loss.is_custom()) return {};
  constexpr std::size_t n = 256;
  const auto k = static_cast<std::size_t>(problem.n_directions());
  const auto p = static_cast<std::size_t>(problem.n_neurons());
  const Eigen::VectorXd scales = problem.input_covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
  std::vector<double> z(k * n), h(n), sigma(n), f(n, 0.0), y(n), value(n), slope(n), noise(n);
  std::vector<const double*> columns;
  for (std::size_t r = 0; r < k; ++r) {
    fill_normals(Stream(fixed_seed, Purpose::generalisation), r, 0, n, z.data() + r * n);
    for (std::size_t i = 0; i < n; ++i) z[r * n + i] *= scales[static_cast<Index>(r)];
    columns.push_back(z.data() + r * n);
  }
  problem.target.g.evaluate(columns, n, y.data());
  fill_normals(Stream(fixed_seed, Purpose::generalisation), k, 0, n, noise.data());
  const double deviation = std::sqrt(problem.target.noise_variance);
  for (std::size_t i = 0; i < n && deviation > 0; ++i) y[i] += deviation * noise[i];
  const Eigen::VectorXd weights = problem.student.output_weights();
  const double scale = std::sqrt(std::max(1.0, problem.initial.Q.diagonal().maxCoeff()));
  for (std::size_t j = 0; j < p; ++j) {
    fill_normals(Stream(fixed_seed, Purpose::generalisation), k + 1 + j, 0, n, h.data());
    for (double& field : h) field *= scale;
    problem.student.activation.evaluate(h.data(), n, sigma.data(), nullptr);
    for (std::size_t i = 0; i < n; ++i) f[i] += weights[static_cast<Index>(j)] * sigma[i];
  }
  problem.loss.evaluate(f.data(), y.data(), n, value.data(), slope.data());
  for (std::size_t i = 0; i < n; ++i) {
    for (const double number : {value[i], slope[i]}) {
      const double at[2] = {f[i], y[i]};
      if (!std::isfinite(number)) return not_finite(number, "(f, y)", at, 2);
    }
  }
  return {};
}

bool has_infinite_variance(const Target& target, const Eigen::MatrixXd& input_covariance) {
  const Eigen::MatrixXd factor = input_factor(input_covariance);
  if (factor.cols() == 0) return false;
  return outgrows_the_density(target.g, factor * rays(factor.cols()));
}

}  // namespace reprise
