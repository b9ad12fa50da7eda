#include "support/textbook_dmft.hpp"

#include <Eigen/Cholesky>
#include <random>

namespace reprise::test {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The sample paths: fields, gradients and responses of every sample at every time.
struct Paths {
  std::vector<VectorXd> h_star;
  std::vector<double> label;
  std::vector<std::vector<VectorXd>> noise;     // standard normals behind omega, [time][sample]
  std::vector<std::vector<VectorXd>> gradient;  // G, [time][sample]
  std::vector<std::vector<MatrixXd>> response;  // D(t, r), [t * T + r][sample]
};

MatrixXd block(const MatrixXd& kernel, Index t, Index s, Index p) {
  return kernel.block(t * p, s * p, p, p);
}

}  // namespace

TextbookDmft textbook_dmft(const Problem& problem, const GradientDescent& algorithm,
                           double (*second_derivative)(double), std::int64_t n_samples,
                           std::uint64_t seed) {
  const Index p = problem.n_neurons();
  const Index k = problem.n_directions();
  const Index T = algorithm.schedule.n_steps();
  const double eta = algorithm.learning_rate_at(0);
  const double alpha = algorithm.samples_per_dimension_of(0);
  const double keep = 1 - eta * algorithm.weight_decay;
  const VectorXd a = problem.student.output_weights();
  const auto n = static_cast<std::size_t>(n_samples);
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;

  Paths paths;
  paths.noise.resize(static_cast<std::size_t>(T));
  paths.gradient.resize(static_cast<std::size_t>(T));
  paths.response.resize(static_cast<std::size_t>(T * T));
  for (std::size_t i = 0; i < n; ++i) {
    VectorXd z(k);
    for (double& entry : z) entry = normal(engine);
    paths.label.push_back(problem.target.g({z.data(), static_cast<std::size_t>(k)}));
    paths.h_star.push_back(std::move(z));
  }

  const MatrixXd eye = MatrixXd::Identity(p, p);
  MatrixXd R = MatrixXd::Zero((T + 1) * p, T * p);  // R(t, s)
  MatrixXd Gamma = MatrixXd::Zero(T * p, T * p);    // Gamma(t, r)
  MatrixXd C_G = MatrixXd::Zero(T * p, T * p);      // C_G(t, s)
  MatrixXd A = MatrixXd::Zero((T + 1) * p, p);      // A_t
  MatrixXd C_perp = MatrixXd::Zero((T + 1) * p, (T + 1) * p);
  A.topRows(p) = eye;
  C_perp.topLeftCorner(p, p) =
      problem.initial.Q - problem.initial.M * problem.initial.M.transpose();
  const MatrixXd Q0_perp = C_perp.topLeftCorner(p, p);

  TextbookDmft result;
  result.M.push_back(problem.initial.M);
  result.Q.push_back(problem.initial.Q);
  for (Index t = 0; t < T; ++t) {
    const MatrixXd L = C_perp.topLeftCorner((t + 1) * p, (t + 1) * p).llt().matrixL();
    MatrixXd G_target = MatrixXd::Zero(p, k);
    MatrixXd G_G = MatrixXd::Zero(p, (t + 1) * p);
    MatrixXd D_mean = MatrixXd::Zero(p, (t + 1) * p);
    for (std::size_t i = 0; i < n; ++i) {
      VectorXd fresh(p);
      for (double& entry : fresh) entry = normal(engine);
      paths.noise[static_cast<std::size_t>(t)].push_back(fresh);
      VectorXd h = result.M.back() * paths.h_star[i];
      for (Index s = 0; s <= t; ++s) {
        h += L.block(t * p, s * p, p, p) * paths.noise[static_cast<std::size_t>(s)][i];
      }
      for (Index s = 0; s < t; ++s) {
        h -= eta * block(R, t, s, p) * paths.gradient[static_cast<std::size_t>(s)][i];
      }
      double f = 0;
      VectorXd slope(p);
      VectorXd curvature(p);
      for (Index j = 0; j < p; ++j) {
        f += a[j] * problem.student.activation.value(h[j]);
        slope[j] = a[j] * problem.student.activation.derivative(h[j]);
        curvature[j] = a[j] * second_derivative(h[j]);
      }
      const double residual = f - paths.label[i];
      const VectorXd G = residual * slope;
      MatrixXd G_prime = slope * slope.transpose();
      G_prime.diagonal() += residual * curvature;
      for (Index r = 0; r <= t; ++r) {
        MatrixXd inner = r == t ? eye : MatrixXd::Zero(p, p);
        for (Index s = r; s < t; ++s) {
          inner -= eta * block(R, t, s, p) * paths.response[static_cast<std::size_t>(s * T + r)][i];
        }
        const MatrixXd D = G_prime * inner;
        D_mean.middleCols(r * p, p) += D;
        paths.response[static_cast<std::size_t>(t * T + r)].push_back(D);
      }
      paths.gradient[static_cast<std::size_t>(t)].push_back(G);
      G_target += G * paths.h_star[i].transpose();
      for (Index s = 0; s <= t; ++s) {
        G_G.middleCols(s * p, p) += G * paths.gradient[static_cast<std::size_t>(s)][i].transpose();
      }
    }
    const double weight = alpha / static_cast<double>(n);
    Gamma.block(t * p, 0, p, (t + 1) * p) = weight * D_mean;
    C_G.block(t * p, 0, p, (t + 1) * p) = weight * G_G;
    C_G.block(0, t * p, (t + 1) * p, p) = (weight * G_G).transpose();

    for (Index s = 0; s < t; ++s) {
      MatrixXd next = keep * block(R, t, s, p);
      for (Index r = s + 1; r <= t; ++r) next -= eta * block(Gamma, t, r, p) * block(R, r, s, p);
      R.block((t + 1) * p, s * p, p, p) = next;
    }
    R.block((t + 1) * p, t * p, p, p) = eye;
    MatrixXd A_next = keep * A.middleRows(t * p, p);
    for (Index r = 0; r <= t; ++r) A_next -= eta * block(Gamma, t, r, p) * A.middleRows(r * p, p);
    A.middleRows((t + 1) * p, p) = A_next;

    const MatrixXd R_next = R.middleRows((t + 1) * p, p);
    for (Index s = 0; s <= t + 1; ++s) {
      const MatrixXd C = A_next * Q0_perp * A.middleRows(s * p, p).transpose() +
                         eta * eta * R_next * C_G * R.middleRows(s * p, p).transpose();
      C_perp.block((t + 1) * p, s * p, p, p) = C;
      C_perp.block(s * p, (t + 1) * p, p, p) = C.transpose();
    }
    result.M.push_back(keep * result.M.back() - eta * weight * G_target);
    result.Q.push_back(result.M.back() * result.M.back().transpose() +
                       block(C_perp, t + 1, t + 1, p));
  }
  MatrixXd all_M((T + 1) * p, k);
  for (Index t = 0; t <= T; ++t) {
    all_M.middleRows(t * p, p) = result.M[static_cast<std::size_t>(t)];
  }
  result.response = R;
  result.correlation = all_M * all_M.transpose() + C_perp;
  result.gradient_correlation = C_G;
  result.bytes =
      static_cast<double>(n) * 8 * static_cast<double>(k + 1 + 2 * T * p + T * (T + 1) / 2 * p * p);
  return result;
}

}  // namespace reprise::test
