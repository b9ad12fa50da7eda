#include "reprise/exponents/unfolding.hpp"

#include <cmath>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

// Positions of the multi-indices of degree inner in the first n_learned variables, outer in the
// rest.
std::vector<int> positions(const MultiIndices& indices, int n_learned, int inner, int outer) {
  std::vector<int> found;
  for (int i = 0; i < indices.size(); ++i) {
    if (indices.degree(i) == inner + outer && indices.degree_from(i, n_learned) == outer) {
      found.push_back(i);
    }
  }
  return found;
}

// Calls visit(column, row, weight, position of the moment, function) for every entry.
//
// T_(i, i2..il) = sqrt(alpha! / l!) c_alpha, alpha = beta + e_i. The column of the multiset beta
// occurs (l-1)! / beta! times, so it enters with the square root of that: sqrt((beta_i + 1) / l).
template <class Visit>
void for_each_entry(const HermiteMoments& moments, const TensorGroup& group, int n_learned,
                    Visit visit) {
  const auto& indices = moments.indices();
  Eigen::Index column = 0;
  for (int beta : positions(indices, n_learned, group.inner, group.order - 1)) {
    for (int f = group.first; f < group.first + group.count; ++f) {
      for (int v = n_learned; v < indices.n_variables(); ++v) {
        const double weight = std::sqrt((indices[beta][v] + 1.0) / group.order) / group.scale;
        visit(column, v - n_learned, weight, indices.raised(beta, v), f);
      }
      ++column;
    }
  }
}

Eigen::Index n_columns(const HermiteMoments& moments, const TensorGroup& group, int n_learned) {
  const auto n = positions(moments.indices(), n_learned, group.inner, group.order - 1).size();
  return static_cast<Eigen::Index>(n) * group.count;
}

}  // namespace

Eigen::MatrixXd entries(const HermiteMoments& moments, const TensorGroup& group, int n_learned) {
  const auto rows = positions(moments.indices(), n_learned, group.inner, group.order);
  Eigen::MatrixXd result(static_cast<Eigen::Index>(rows.size()) * group.count,
                         moments.n_replicates());
  Eigen::Index out = 0;
  for (int row : rows) {
    for (int f = 0; f < group.count; ++f) {
      result.row(out++) = moments.replicates(row, group.first + f) / group.scale;
    }
  }
  return result;
}

Eigen::VectorXd entry_rounding(const HermiteMoments& moments, const TensorGroup& group,
                               int n_learned) {
  const auto rows = positions(moments.indices(), n_learned, group.inner, group.order);
  Eigen::VectorXd result(static_cast<Eigen::Index>(rows.size()) * group.count);
  Eigen::Index out = 0;
  for (int row : rows) {
    for (int f = 0; f < group.count; ++f) {
      result[out++] = moments.rounding()(row, group.first + f) / group.scale;
    }
  }
  return result;
}

std::vector<Eigen::MatrixXd> unfold(const HermiteMoments& moments, const TensorGroup& group,
                                    int n_learned) {
  const Eigen::MatrixXd empty(moments.indices().n_variables() - n_learned, moments.n_replicates());
  std::vector<Eigen::MatrixXd> columns(
      static_cast<std::size_t>(n_columns(moments, group, n_learned)), empty);
  for_each_entry(moments, group, n_learned,
                 [&](Eigen::Index column, Eigen::Index row, double weight, int position, int f) {
                   columns[static_cast<std::size_t>(column)].row(row) =
                       weight * moments.replicates(position, f);
                 });
  return columns;
}

Eigen::MatrixXd column_rounding(const HermiteMoments& moments, const TensorGroup& group,
                                int n_learned) {
  Eigen::MatrixXd result(moments.indices().n_variables() - n_learned,
                         n_columns(moments, group, n_learned));
  for_each_entry(moments, group, n_learned,
                 [&](Eigen::Index column, Eigen::Index row, double weight, int position, int f) {
                   result(row, column) = weight * moments.rounding()(position, f);
                 });
  return result;
}

Eigen::MatrixXd plain_gram_matrix(const std::vector<Eigen::MatrixXd>& columns) {
  const Eigen::Index r = columns.front().rows();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(r, r);
  for (const auto& column : columns) {
    const Eigen::VectorXd mean = column.rowwise().mean();
    gram += mean * mean.transpose();
  }
  return gram;
}

Eigen::MatrixXd gram_matrix(const std::vector<Eigen::MatrixXd>& columns) {
  const double S = static_cast<double>(columns.front().cols());
  Eigen::MatrixXd gram = plain_gram_matrix(columns);
  for (const auto& column : columns) {
    const Eigen::MatrixXd centred = column.colwise() - column.rowwise().mean();
    gram -= centred * centred.transpose() / (S * (S - 1));
  }
  return gram;
}

double second_order_eigenvalue(const HermiteMoments& moments,
                               const std::vector<TensorGroup>& groups, int n_learned) {
  const auto& indices = moments.indices();
  const int r = indices.n_variables() - n_learned;
  const int S = moments.n_replicates();
  Eigen::MatrixXd F = Eigen::MatrixXd::Zero(r * r, r * r);
  // One tensor: column s is vec(G) of replicate s, on the diagonal E[z^2 - 1] = sqrt(2) E[h_2].
  const auto add_tensor = [&](const Eigen::MatrixXd& G, double weight) {
    for (int i = 0; i < r * r; ++i) {
      for (int j = 0; j < r * r; ++j) {
        F(i, j) += weight * G.row(i / r * r + j / r).dot(G.row(j % r * r + i % r));
      }
    }
  };
  Eigen::MatrixXd G(r * r, S);
  for (const auto& group : groups) {
    for (int a : positions(indices, n_learned, group.inner, 0)) {
      for (int f = group.first; f < group.first + group.count; ++f) {
        for (int v = 0; v < r * r; ++v) {
          const int raised =
              indices.raised(indices.raised(a, n_learned + v / r), n_learned + v % r);
          const double weight = (v / r == v % r ? std::sqrt(2.0) : 1.0) / group.scale;
          G.row(v) = weight * moments.replicates(raised, f);
        }
        const Eigen::VectorXd mean = G.rowwise().mean();
        add_tensor(mean, 1);
        G.colwise() -= mean;
        add_tensor(G, -1.0 / (S * (S - 1.0)));
      }
    }
  }
  return symmetric_eigen(F).values[r * r - 1];
}

}  // namespace reprise
