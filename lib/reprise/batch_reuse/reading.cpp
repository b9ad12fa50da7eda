#include "reprise/batch_reuse/reading.hpp"

#include <algorithm>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/linear_algebra.hpp"

namespace reprise {

LimitReading::LimitReading(int log2_points, std::uint64_t seed, std::uint64_t scramble,
                           double target_spread)
    : log2_points_(log2_points),
      stream_(seed, Purpose::scrambling, scramble),
      target_spread_(target_spread) {}

std::unique_ptr<NormalSource> LimitReading::normals(int block, std::uint64_t n_columns) const {
  return std::make_unique<ScrambledSobolNormals>(
      stream_.substream(static_cast<std::uint64_t>(block)), log2_points_, n_columns);
}

Eigen::MatrixXd LimitReading::triangular_factor(std::int64_t n_known, Eigen::Index q,
                                                double samples_per_dimension) {
  const double d = static_cast<double>(n_samples(samples_per_dimension)) / samples_per_dimension;
  const double left = std::max(0.0, d - static_cast<double>(n_known));
  const Eigen::Index rows = std::min(q, static_cast<Eigen::Index>(std::ceil(left)));
  Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(rows, q);
  for (Eigen::Index i = 0; i < rows; ++i) {
    factor(i, i) = std::sqrt((left - static_cast<double>(i)) / d);
  }
  return factor;
}

Reading::RandomStart LimitReading::random_start(Eigen::Index p, const Eigen::MatrixXd& gram) {
  return {Eigen::MatrixXd::Zero(p, gram.rows()), Eigen::MatrixXd::Identity(p, p)};
}

FiniteReading::FiniteReading(std::int64_t dimension, std::uint64_t seed, std::uint64_t run)
    : dimension_(dimension),
      samples_(seed, Purpose::samples, run),
      basis_(Stream(seed, Purpose::basis, run)) {
  check_at_least("simulation", "dimension", dimension, 1);
}

std::int64_t FiniteReading::n_samples(double samples_per_dimension) const {
  return std::max<std::int64_t>(
      1, std::llround(samples_per_dimension * static_cast<double>(dimension_)));
}

double FiniteReading::ratio(double samples_per_dimension) const {
  return static_cast<double>(n_samples(samples_per_dimension)) / static_cast<double>(dimension_);
}

std::unique_ptr<NormalSource> FiniteReading::normals(int block, std::uint64_t) const {
  return std::make_unique<RandomNormals>(samples_.substream(static_cast<std::uint64_t>(block)));
}

Eigen::MatrixXd FiniteReading::triangular_factor(std::int64_t n_known, Eigen::Index q, double) {
  const std::int64_t n_left = std::max<std::int64_t>(0, dimension_ - n_known);
  const Eigen::Index rows = std::min<Eigen::Index>(q, n_left);
  Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(rows, q);
  boost::random::normal_distribution<double> normal;
  for (Eigen::Index i = 0; i < rows; ++i) {
    // chi^2 with n_left - i degrees of freedom is twice a gamma variable of half that shape.
    boost::random::gamma_distribution<double> gamma(0.5 * static_cast<double>(n_left - i));
    factor(i, i) = std::sqrt(2 * gamma(basis_));
    for (Eigen::Index j = i + 1; j < q; ++j) factor(i, j) = normal(basis_);
  }
  return factor / std::sqrt(static_cast<double>(dimension_));
}

Reading::RandomStart FiniteReading::random_start(Eigen::Index p, const Eigen::MatrixXd& gram) {
  boost::random::normal_distribution<double> normal;
  Eigen::MatrixXd gaussian(p, gram.rows());
  for (double& entry : gaussian.reshaped()) entry = normal(basis_);
  const Eigen::MatrixXd factor = cholesky(gram);
  return {gaussian * factor.transpose() / std::sqrt(static_cast<double>(dimension_)),
          triangular_factor(gram.rows(), p, 1).transpose()};
}

}  // namespace reprise
