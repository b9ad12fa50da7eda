#include "reprise/model/cosines.hpp"

#include <algorithm>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd all_without_norms(MatrixXd products, const VectorXd& rows, const VectorXd& cols) {
  for (Index i = 0; i < products.rows(); ++i) {
    for (Index r = 0; r < products.cols(); ++r) {
      products(i, r) = without_norms(products(i, r), rows[i], cols[r]);
    }
  }
  return products;
}

bool has_own_covariance(const Problem& problem) {
  return problem.input_covariance != problem.target.gram;
}

}  // namespace

MatrixXd cosines(const Overlaps& overlaps, const MatrixXd& gram) {
  return all_without_norms(overlaps.M, overlaps.Q.diagonal(), gram.diagonal());
}

MatrixXd field_correlations(const Overlaps& overlaps, const MatrixXd& gram,
                            const MatrixXd& input_covariance) {
  const MatrixXd B = matrix_product(overlaps.M, inverse(gram));
  const MatrixXd products = matrix_product(B, input_covariance);
  const VectorXd variances =
      overlaps.Q.diagonal() + (products - overlaps.M).cwiseProduct(B).rowwise().sum();
  return all_without_norms(products, variances, input_covariance.diagonal());
}

// Without a matrix of its own: the chain asks at every step.
double max_overlap(const Overlaps& overlaps, const MatrixXd& gram) {
  double largest = 0;
  for (Index i = 0; i < overlaps.M.rows(); ++i) {
    for (Index r = 0; r < overlaps.M.cols(); ++r) {
      const double cosine = without_norms(overlaps.M(i, r), overlaps.Q(i, i), gram(r, r));
      largest = std::max(largest, std::abs(cosine));
    }
  }
  return largest;
}

std::vector<std::string_view> cosine_names(const Problem& problem) {
  std::vector<std::string_view> names = {"max_overlap", "cosine", "max_cosine"};
  if (has_own_covariance(problem)) names.push_back("correlation");
  return names;
}

Record& put_cosines(Record& record, const Problem& problem, const Overlaps& overlaps) {
  const MatrixXd& gram = problem.target.gram;
  const MatrixXd cosine = cosines(overlaps, gram);
  const VectorXd largest = cosine.cwiseAbs().colwise().maxCoeff();
  record.put("max_overlap", largest.maxCoeff()).put("cosine", cosine).put("max_cosine", largest);
  if (has_own_covariance(problem)) {
    record.put("correlation", field_correlations(overlaps, gram, problem.input_covariance));
  }
  return record;
}

}  // namespace reprise
