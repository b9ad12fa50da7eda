// The two readings of revealed descent: the limit (DMFT) and exact simulation at finite n and d.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>

#include "reprise/gaussian/normal_source.hpp"

namespace reprise {

/// Where the limit and the exact simulation differ, and nothing else (THEORY.md, "Two readings").
class Reading {
 public:
  virtual ~Reading() = default;

  /// Samples, or integration points, that stand for a block of alpha_b d samples.
  virtual std::int64_t n_samples(double samples_per_dimension) const = 0;
  /// n_b / d of that block: the given ratio in the limit, the rounded one at finite d.
  virtual double ratio(double samples_per_dimension) const = 0;
  /// The standard normals of a block, up to n_columns of them per sample.
  virtual std::unique_ptr<NormalSource> normals(int block, std::uint64_t n_columns) const = 0;
  /// How far out the samples of h* lie, as a multiple of their standard deviations. Other than 1,
  /// they have weights with which their means are those of normals.
  virtual double target_spread() const { return 1; }
  /// The triangular factor R (min(q, d - m), q) of a Gaussian (d - m) x q matrix over sqrt(d), m
  /// being the number of known directions, for a block of alpha_b d samples. In the limit R = I,
  /// and N points estimate it as the root mean square of R at d = N / alpha_b.
  virtual Eigen::MatrixXd triangular_factor(std::int64_t n_known, Eigen::Index q,
                                            double samples_per_dimension) = 0;
  /// p students with standard normal weights: M_0 = W_0 W*^T / d, N(0, P / d), and the coordinates
  /// L_0 of the rest, R^T after the k known directions. In the limit M_0 = 0 and L_0 = I for any
  /// number of points: the start is no estimate.
  struct RandomStart {
    Eigen::MatrixXd M;  ///< (p, k)
    Eigen::MatrixXd L;  ///< (p, min(p, d - k))
  };
  virtual RandomStart random_start(Eigen::Index p, const Eigen::MatrixXd& gram) = 0;
};

/// d, n -> infinity at fixed n/d: <.> is an expectation over 2^log2_points scrambled Sobol' points.
class LimitReading final : public Reading {
 public:
  LimitReading(int log2_points, std::uint64_t seed, std::uint64_t scramble,
               double target_spread = 1);

  std::int64_t n_samples(double) const override { return std::int64_t{1} << log2_points_; }
  double ratio(double samples_per_dimension) const override { return samples_per_dimension; }
  std::unique_ptr<NormalSource> normals(int block, std::uint64_t n_columns) const override;
  double target_spread() const override { return target_spread_; }
  Eigen::MatrixXd triangular_factor(std::int64_t n_known, Eigen::Index q,
                                    double samples_per_dimension) override;
  RandomStart random_start(Eigen::Index p, const Eigen::MatrixXd& gram) override;

 private:
  int log2_points_;
  Stream stream_;
  double target_spread_;
};

/// Finite d and n = round(alpha d): <.> is the mean over the samples of one run.
class FiniteReading final : public Reading {
 public:
  /// dimension >= 1; each run of a seed has its own data.
  FiniteReading(std::int64_t dimension, std::uint64_t seed, std::uint64_t run);

  std::int64_t n_samples(double samples_per_dimension) const override;
  double ratio(double samples_per_dimension) const override;
  std::unique_ptr<NormalSource> normals(int block, std::uint64_t n_columns) const override;
  Eigen::MatrixXd triangular_factor(std::int64_t n_known, Eigen::Index q,
                                    double samples_per_dimension) override;
  RandomStart random_start(Eigen::Index p, const Eigen::MatrixXd& gram) override;

 private:
  std::int64_t dimension_;
  Stream samples_;
  StreamEngine basis_;
};

}  // namespace reprise
