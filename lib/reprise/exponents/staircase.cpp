#include "reprise/exponents/staircase.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/exponents/unfolding.hpp"
#include "reprise/exponents/zero_test.hpp"

namespace reprise {

namespace {

using Columns = std::vector<Eigen::MatrixXd>;

void append_columns(Eigen::MatrixXd& matrix, const Eigen::MatrixXd& more) {
  const Eigen::Index old = matrix.cols();
  matrix.conservativeResize(more.rows(), old + more.cols());
  matrix.rightCols(more.cols()) = more;
}

// New directions of a stage in the coordinates of the part not learned yet.
struct NewDirections {
  Eigen::MatrixXd basis;            // (r, r) orthogonal, columns: q new directions, then the rest
  Eigen::VectorXd strength;         // (q)
  Eigen::VectorXd error;            // (q)
  Eigen::VectorXd direction_error;  // (q)
  std::vector<Eigen::MatrixXd> tilts;  // by replicate (q, r - q)
  double rounding_angle = 0;           // without noise: what rounding errors turn
};

// Entries of the columns along given directions (r, q), all columns below each other.
Eigen::MatrixXd along(const Columns& columns, const Eigen::MatrixXd& directions) {
  const Eigen::Index q = directions.cols();
  Eigen::MatrixXd result(q * static_cast<Eigen::Index>(columns.size()), columns.front().cols());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    result.middleRows(q * static_cast<Eigen::Index>(c), q) = inner_products(directions, columns[c]);
  }
  return result;
}

double standard_error_of_mean(const Eigen::VectorXd& replicates) {
  const double S = static_cast<double>(replicates.size());
  const Eigen::VectorXd centred = replicates.array() - replicates.mean();
  return std::sqrt(centred.squaredNorm() / (S * (S - 1)));
}

// d/dx_s of u^T Gamma u: 2 sum over columns of (u . mean) (u . (x_s - mean)), with what the product
// of two noises adds.
double square_error(const Columns& columns, const Eigen::VectorXd& direction) {
  const Eigen::MatrixXd values = along(columns, direction);
  const Eigen::VectorXd influence = 2 * inner_products(values, values.rowwise().mean());
  return std::hypot(standard_error_of_mean(influence), test_zero(values, 0).noise);
}

// First-order response of the eigenspace to replicate s: Gamma_UU^-1 dGamma_UV.
std::vector<Eigen::MatrixXd> tilts_of(const Columns& columns, const Eigen::MatrixXd& gram,
                                      const Eigen::MatrixXd& basis, Eigen::Index q) {
  const Eigen::Index S = columns.front().cols();
  const Eigen::Index r = basis.rows();
  const Eigen::MatrixXd inner =
      inner_products(basis.leftCols(q), matrix_product(gram, basis.leftCols(q)));
  const Eigen::MatrixXd inverse_inner = inverse(inner);
  std::vector<Eigen::MatrixXd> tilts(static_cast<std::size_t>(S), Eigen::MatrixXd::Zero(q, r - q));
  for (const auto& column : columns) {
    const Eigen::MatrixXd turned = inner_products(basis, column);
    const Eigen::VectorXd mean = turned.rowwise().mean();
    for (Eigen::Index s = 0; s < S; ++s) {
      const Eigen::VectorXd change = turned.col(s) - mean;
      tilts[static_cast<std::size_t>(s)] +=
          matrix_product(mean.head(q), change.tail(r - q).transpose()) +
          matrix_product(change.head(q), mean.tail(r - q).transpose());
    }
  }
  for (auto& tilt : tilts) tilt = matrix_product(inverse_inner, tilt);
  return tilts;
}

// One standard error of the angle of each direction.
Eigen::VectorXd angles(const std::vector<Eigen::MatrixXd>& tilts) {
  const double S = static_cast<double>(tilts.size());
  Eigen::MatrixXd mean = tilts.front();
  for (std::size_t s = 1; s < tilts.size(); ++s) mean += tilts[s];
  mean /= S;
  Eigen::VectorXd square = Eigen::VectorXd::Zero(mean.rows());
  for (const auto& tilt : tilts) square += (tilt - mean).rowwise().squaredNorm();
  return (square / (S * (S - 1))).cwiseSqrt();
}

// What a direction's error of this angle may add to a moment of size 1 in second order, beyond what
// the replicates carry in first order.
double second_order(double angle) { return 4 * angle * angle; }

// How many leading eigenvectors carry signal: the first number q whose complement shows none. The
// part of a column in the complement is tested with the response of the q eigenvectors to each
// replicate: without it, precise columns would see the error that imprecise ones gave to the
// eigenvectors.
Eigen::Index rank_of(const std::vector<Columns>& groups, const Columns& all,
                     const Eigen::MatrixXd& gram, const Eigen::MatrixXd& vectors,
                     const StaircaseOptions& options) {
  const Eigen::Index r = vectors.cols();
  for (Eigen::Index q = 1; q < r; ++q) {
    const auto tilts = tilts_of(all, gram, vectors, q);
    const double size = vectors.col(0).dot(gram * vectors.col(0));
    const double floor =
        options.floor + second_order(angles(tilts).norm()) * std::sqrt(std::max(size, 0.0));
    bool is_zero = true;
    for (const Columns& columns : groups) {
      Columns rest;
      for (const auto& column : columns) {
        rest.push_back(inner_products(vectors.rightCols(r - q), column));
        const Eigen::VectorXd mean = inner_products(vectors.leftCols(q), column.rowwise().mean());
        for (Eigen::Index s = 0; s < column.cols(); ++s) {
          rest.back().col(s) -= inner_products(tilts[static_cast<std::size_t>(s)], mean);
        }
      }
      const ZeroTest test = test_zero(along(rest, Eigen::MatrixXd::Identity(r - q, r - q)), floor);
      is_zero = is_zero && test.p_value * static_cast<double>(groups.size()) > options.significance;
    }
    if (is_zero) return q;
  }
  return r;
}

// Replaces the eigenvectors of eigenvalues that are not told apart by the canonical basis of their
// span. frame (k, r): the columns' coordinates.
Eigen::MatrixXd order_directions(const Columns& columns, const Eigen::MatrixXd& vectors,
                                 const Eigen::VectorXd& values, const Eigen::MatrixXd& frame) {
  const Eigen::Index q = vectors.cols();
  Eigen::MatrixXd result(frame.rows(), q);
  std::vector<double> error;
  for (Eigen::Index i = 0; i < q; ++i) error.push_back(square_error(columns, vectors.col(i)));
  for (Eigen::Index first = 0, last = 0; first < q; first = last) {
    for (last = first + 1; last < q; ++last) {
      const double gap = values[last - 1] - values[last];
      if (gap > 5 * std::hypot(error[last - 1], error[last]) + 1e-6 * values[0]) break;
    }
    result.middleCols(first, last - first) =
        canonical_basis(matrix_product(frame, vectors.middleCols(first, last - first)));
  }
  return result;
}

// An orthonormal basis, and the angle by which rounding errors turn it.
struct ExactSpan {
  Eigen::MatrixXd basis;
  double angle = 0;
};

bool is_axis(const Eigen::Ref<const Eigen::VectorXd>& direction) {
  return (direction.array() != 0).count() == 1;
}

// Columns without noise span what they span, whatever their size: moments of one target may differ
// by more than all digits. Orthogonalised with pivoting, each relative to its own norm.
ExactSpan exact_span(const Columns& columns, const Eigen::MatrixXd& rounding) {
  constexpr double eps = 1e-15;
  const Eigen::Index r = rounding.rows();
  Eigen::MatrixXd rest = Eigen::MatrixXd::Zero(r, rounding.cols());
  Eigen::VectorXd noise = Eigen::VectorXd::Zero(rounding.cols());
  for (Eigen::Index c = 0; c < rounding.cols(); ++c) {
    Eigen::VectorXd column = columns[static_cast<std::size_t>(c)].col(0);
    Eigen::VectorXd error = rounding.col(c);
    for (Eigen::Index i = 0; i < r; ++i) {  // zeros, here as in the search
      if (!(std::abs(column[i]) > error[i])) column[i] = error[i] = 0;
    }
    if ((column.array() == 0).all()) continue;
    const double size = column.stableNorm();
    rest.col(c) = column / size;
    // An entry that is the only one turns nothing, known or not.
    if (!is_axis(column)) noise[c] = error.stableNorm() / size + eps;
  }
  ExactSpan span{Eigen::MatrixXd(r, 0), 0};
  while (span.basis.cols() < r) {
    Eigen::Index best = 0;
    const double size = rest.colwise().norm().maxCoeff(&best);
    const bool is_first = span.basis.cols() == 0;
    if (!is_first && !(size > 4 * (noise[best] + span.angle) + eps)) break;
    span.angle += (noise[best] + span.angle) / size;
    append_columns(span.basis, rest.col(best) / size);
    for (int pass = 0; pass < 2; ++pass) {
      rest -= matrix_product(span.basis, inner_products(span.basis, rest));
    }
  }
  return span;
}

// The same directions, then their orthogonal complement: (r, r).
Eigen::MatrixXd completed(const Eigen::MatrixXd& basis) {
  Eigen::MatrixXd result = basis;
  const Eigen::Index r = basis.rows();
  while (result.cols() < r) {
    const Eigen::MatrixXd rest =
        Eigen::MatrixXd::Identity(r, r) - matrix_product(result, result.transpose());
    Eigen::Index best = 0;
    rest.colwise().norm().maxCoeff(&best);
    Eigen::VectorXd next = rest.col(best).normalized();
    next -= matrix_product(result, inner_products(result, next));
    append_columns(result, next.normalized());
  }
  return result;
}

// As new_directions(), from an exact table.
NewDirections exact_directions(const std::vector<Columns>& groups, const Eigen::MatrixXd& rounding,
                               const Eigen::MatrixXd& frame, double scale) {
  Columns columns;
  for (const auto& group : groups) columns.insert(columns.end(), group.begin(), group.end());
  double largest = 0;
  for (const auto& column : columns) largest = std::max(largest, column.cwiseAbs().maxCoeff());
  const auto [span, angle] = exact_span(columns, rounding);
  const Eigen::Index q = span.cols();
  for (auto& column : columns) column /= largest;
  const SymmetricEigen eigen =
      symmetric_eigen(inner_products(span, matrix_product(plain_gram_matrix(columns), span)));
  const Eigen::MatrixXd vectors = matrix_product(span, eigen.vectors.rowwise().reverse());

  NewDirections found;
  const Eigen::MatrixXd ordered = order_directions(columns, vectors, eigen.values.reverse(), frame);
  found.basis = completed(inner_products(frame, ordered));
  found.rounding_angle = angle;
  for (Eigen::Index c = 0; c < found.basis.cols(); ++c) {
    if (!is_axis(found.basis.col(c))) found.rounding_angle = angle + 1e-15;
  }
  found.strength.resize(q);
  found.error = Eigen::VectorXd::Zero(q);
  found.direction_error = Eigen::VectorXd::Zero(q);
  for (Eigen::Index i = 0; i < q; ++i) {
    double strength = 0;
    for (const auto& column : columns) {
      strength = std::hypot(strength, found.basis.col(i).dot(column.col(0)));
    }
    found.strength[i] = largest * scale * strength;
  }
  return found;
}

NewDirections new_directions(const std::vector<Columns>& groups, const Eigen::MatrixXd& frame,
                             double scale, const StaircaseOptions& options) {
  Columns columns;
  for (const auto& group : groups) columns.insert(columns.end(), group.begin(), group.end());
  // Eigenvectors of the plain Gram matrix: its noise is spread over all directions, and the
  // residual of a single column is zero for it. Strengths come from the one without noise.
  const Eigen::MatrixXd plain = plain_gram_matrix(columns);
  const Eigen::MatrixXd gram = gram_matrix(columns);
  const SymmetricEigen eigen = symmetric_eigen(plain);
  const Eigen::MatrixXd vectors = eigen.vectors.rowwise().reverse();
  const Eigen::VectorXd values = eigen.values.reverse();
  const Eigen::Index r = frame.cols();
  const Eigen::Index q = rank_of(groups, columns, plain, vectors, options);

  NewDirections found;
  found.basis.resize(r, r);
  found.basis.leftCols(q) =
      inner_products(frame, order_directions(columns, vectors.leftCols(q), values.head(q), frame));
  if (q < r) {
    found.basis.rightCols(r - q) =
        inner_products(frame, canonical_basis(matrix_product(frame, vectors.rightCols(r - q))));
  }
  found.tilts = tilts_of(columns, plain, found.basis, q);
  found.strength.resize(q);
  found.error.resize(q);
  found.direction_error = angles(found.tilts);
  for (Eigen::Index i = 0; i < q; ++i) {
    const Eigen::VectorXd u = found.basis.col(i);
    const double square = std::max(u.dot(gram * u), 0.0);
    found.strength[i] = scale * std::sqrt(square);
    found.error[i] = scale * square_error(columns, u) / (2 * std::sqrt(square));
  }
  return found;
}

// The search at one order: groups of tensors that are not zero, and the bound of those that may be.
struct OrderSearch {
  std::vector<TensorGroup> nonzero;
  double bound = 0;
};

bool is_allowed(const QueryFunctions& query, int degree) {
  const auto n = static_cast<std::size_t>(degree);
  return query.count > 0 && (query.allowed_degrees.empty() ||
                             (n < query.allowed_degrees.size() && query.allowed_degrees[n]));
}

// An exact table: the largest moment above its rounding error that has a part in the directions not
// learned yet; 0 if the target does not depend on them, as far as rounding errors tell.
double largest_of_rest(const HermiteMoments& moments, int n_learned) {
  double largest = 0;
  for (int i = 0; i < moments.indices().size(); ++i) {
    if (moments.indices().degree_from(i, n_learned) == 0) continue;
    for (int f = 0; f < moments.n_functions(); ++f) {
      const double size = std::abs(moments.mean(i, f));
      if (size > moments.rounding()(i, f)) largest = std::max(largest, size);
    }
  }
  return largest;
}

// A group of an exact table: is an entry above its rounding error? Else the bound of all of them.
bool is_exact_zero(const HermiteMoments& moments, const TensorGroup& group, int n_learned,
                   double& bound) {
  const Eigen::VectorXd values = entries(moments, group, n_learned).col(0).cwiseAbs();
  const Eigen::VectorXd rounding = entry_rounding(moments, group, n_learned);
  if ((values.array() > rounding.array()).any()) return false;
  bound = std::max(bound, (values + rounding).stableNorm());
  return true;
}

OrderSearch search_order(const HermiteMoments& moments,
                         const std::vector<QueryFunctions>& functions, int n_learned, int order,
                         const StaircaseOptions& options) {
  OrderSearch search;
  const int max_inner = n_learned == 0 ? 0 : moments.indices().max_degree() - order;
  for (const bool fallback : {false, true}) {
    if (!search.nonzero.empty()) break;
    for (const QueryFunctions& query : functions) {
      if (query.is_fallback != fallback) continue;
      for (int inner = 0; inner <= max_inner; ++inner) {
        if (!is_allowed(query, inner + order)) continue;
        const TensorGroup group{query.first, query.count, inner, order, query.scale};
        if (moments.is_exact()) {
          if (!is_exact_zero(moments, group, n_learned, search.bound)) {
            search.nonzero.push_back(group);
          }
          continue;
        }
        const ZeroTest test = test_zero(entries(moments, group, n_learned), options.floor);
        if (test.p_value * (max_inner + 1) < options.significance) {
          search.nonzero.push_back(group);
        } else if (!fallback) {
          search.bound = std::max(search.bound, test.bound());
        }
      }
    }
  }
  return search;
}

}  // namespace

Eigen::MatrixXd canonical_basis(const Eigen::Ref<const Eigen::MatrixXd>& span) {
  Eigen::MatrixXd projector = matrix_product(span, span.transpose());
  Eigen::MatrixXd basis(span.rows(), span.cols());
  for (Eigen::Index c = 0; c < span.cols(); ++c) {
    const double nearest = projector.diagonal().maxCoeff();
    Eigen::Index axis = 0;
    while (axis + 1 < span.rows() && !(projector(axis, axis) >= 0.99 * nearest)) ++axis;
    basis.col(c) = projector.col(axis) / std::sqrt(projector(axis, axis));
    for (Eigen::Index b = 0; b < c; ++b) {
      basis.col(c) -= basis.col(b).dot(basis.col(c)) * basis.col(b);
    }
    basis.col(c).normalize();
    projector -= matrix_product(basis.col(c), basis.col(c).transpose());
  }
  return basis;
}

bool Staircase::is_decided() const {
  return std::all_of(zeros.begin(), zeros.end(), [](const ZeroOrder& z) { return z.is_decided; });
}

int Staircase::largest_order() const {
  int largest = 0;
  for (const auto& stage : stages) largest = std::max(largest, stage.order);
  return largest;
}

Eigen::MatrixXd Staircase::reached_in_one_order() const {
  Eigen::MatrixXd reached(never_reached.rows(), 0);
  for (const auto& stage : stages) {
    if (stage.order != 1) break;
    append_columns(reached, stage.directions);
  }
  return reached;
}

Staircase find_staircase(HermiteMoments moments, const std::vector<QueryFunctions>& functions,
                         const Dependence& depends, const StaircaseOptions& options) {
  const int k = moments.indices().n_variables();
  Staircase staircase;
  staircase.max_order = moments.indices().max_degree();
  staircase.never_reached.resize(k, 0);
  staircase.undecided.resize(k, 0);
  staircase.irrelevant.resize(k, 0);
  Eigen::MatrixXd basis = Eigen::MatrixXd::Identity(k, k);  // columns: learned first, then the rest
  double angle = 0;
  int n_learned = 0;
  while (n_learned < k) {
    const Eigen::MatrixXd frame = basis.rightCols(k - n_learned);
    const double rest = moments.is_exact() ? largest_of_rest(moments, n_learned) : 0;
    if (rest == 0 && !depends(frame, angle)) {
      staircase.irrelevant = frame;
      return staircase;
    }
    OrderSearch search;
    StaircaseOptions at_stage = options;
    at_stage.floor += second_order(angle);
    int order = 1;
    for (; order <= staircase.max_order; ++order) {
      search = search_order(moments, functions, n_learned, order, at_stage);
      if (!search.nonzero.empty()) break;
      // The rounding errors of an exact table must not hide what the remaining directions do.
      const bool is_decided = search.bound <= options.tolerance &&
                              (!moments.is_exact() || search.bound == 0 ||
                               search.bound * functions.front().scale <= options.floor * rest);
      staircase.zeros.push_back({staircase.stages.size(), order, search.bound, is_decided});
    }
    if (search.nonzero.empty()) {
      const bool is_certain =
          std::all_of(staircase.zeros.begin(), staircase.zeros.end(), [&](const ZeroOrder& zero) {
            return zero.is_decided || zero.stage != staircase.stages.size();
          });
      (is_certain ? staircase.never_reached : staircase.undecided) = frame;
      return staircase;
    }
    std::vector<Columns> groups;
    Eigen::MatrixXd roundings(k - n_learned, 0);
    for (const auto& group : search.nonzero) {
      groups.push_back(unfold(moments, group, n_learned));
      if (moments.is_exact()) {
        append_columns(roundings, column_rounding(moments, group, n_learned));
      }
    }
    const double scale = search.nonzero.front().scale;
    const auto found = moments.is_exact() ? exact_directions(groups, roundings, frame, scale)
                                          : new_directions(groups, frame, scale, options);
    const auto q = static_cast<int>(found.strength.size());
    staircase.stages.push_back(
        {order, frame * found.basis.leftCols(q), found.strength, found.error, found.direction_error,
         order == 2 ? second_order_eigenvalue(moments, search.nonzero, n_learned) : 0});
    angle = std::hypot(angle, found.direction_error.norm());

    Eigen::MatrixXd rotation = Eigen::MatrixXd::Identity(k, k);
    rotation.bottomRightCorner(k - n_learned, k - n_learned) = found.basis.transpose();
    moments.rotate(rotation);
    basis.rightCols(k - n_learned) = (frame * found.basis).eval();
    std::vector<Eigen::MatrixXd> tilts;
    for (const auto& tilt : found.tilts) {
      tilts.push_back(Eigen::MatrixXd::Zero(n_learned + q, k - n_learned - q));
      tilts.back().bottomRows(q) = tilt;
    }
    n_learned += q;
    if (moments.is_exact()) {
      if (n_learned < k && found.rounding_angle > 0) {
        moments.add_angle(n_learned, found.rounding_angle);
      }
      continue;
    }
    if (n_learned < k && found.direction_error.norm() > 0) moments.add_tilts(n_learned, tilts);
  }
  return staircase;
}

}  // namespace reprise
