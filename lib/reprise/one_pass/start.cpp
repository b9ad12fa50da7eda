#include "reprise/one_pass/start.hpp"

#include <boost/random/gamma_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/random.hpp"

namespace reprise {

Overlaps random_start(const Problem& problem, double dimension, std::uint64_t seed,
                      std::uint64_t run) {
  const Eigen::Index p = problem.n_neurons(), k = problem.n_directions();
  if (!(dimension >= static_cast<double>(k + 1))) {
    reject("initial", "dimension", "at least k + 1 = " + std::to_string(k + 1), dimension);
  }
  StreamEngine engine(Stream(seed, Purpose::initial, run));
  boost::random::normal_distribution<double> normal;
  Eigen::MatrixXd along(p, k);
  for (double& entry : along.reshaped()) entry = normal(engine);
  // Bartlett: the Wishart matrix is R^T R, R upper triangular with chi numbers on its diagonal; it
  // has d - k rows if these are fewer than p.
  Eigen::MatrixXd r = Eigen::MatrixXd::Zero(p, p);
  for (Eigen::Index i = 0; i < p && static_cast<double>(k + i) < dimension; ++i) {
    boost::random::gamma_distribution<double> gamma(0.5 * (dimension - static_cast<double>(k + i)));
    r(i, i) = std::sqrt(2 * gamma(engine));
    for (Eigen::Index j = i + 1; j < p; ++j) r(i, j) = normal(engine);
  }
  const Eigen::MatrixXd gram_factor = cholesky(problem.target.gram);
  const Eigen::MatrixXd wishart = matrix_product(along, along.transpose()) + inner_products(r, r);
  return {matrix_product(along, gram_factor.transpose()) / std::sqrt(dimension),
          0.5 * (wishart + wishart.transpose()) / dimension};
}

bool is_ensemble(const Problem& problem, double dimension) {
  return (problem.has_random_start && dimension > 0) ||
         problem.student.second_layer_draw != SecondLayerDraw::once;
}

Overlaps start_of_run(const Problem& problem, Normalise normalise, double dimension,
                      std::uint64_t seed, std::uint64_t run) {
  Overlaps overlaps = problem.has_random_start && dimension > 0
                          ? random_start(problem, dimension, seed, run)
                          : problem.initial;
  if (normalise == Normalise::none) return overlaps;
  const Eigen::VectorXd scale = overlaps.Q.diagonal().cwiseSqrt().cwiseInverse();
  overlaps.M = scale.asDiagonal() * overlaps.M;
  overlaps.Q = (scale.asDiagonal() * overlaps.Q * scale.asDiagonal()).eval();
  overlaps.Q.diagonal().setOnes();
  return overlaps;
}

}  // namespace reprise
