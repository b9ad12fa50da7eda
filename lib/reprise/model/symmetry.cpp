#include "reprise/model/symmetry.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/random.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t n_points = 256;

/// Fixed standard normals, (n_points, k).
MatrixXd points(Index k) {
  MatrixXd z(static_cast<Index>(n_points), k);
  for (Index r = 0; r < k; ++r) {
    fill_normals(Stream(2, Purpose::generalisation), static_cast<std::uint64_t>(r), 0, n_points,
                 z.col(r).data());
  }
  return z;
}

VectorXd values(const TargetFunction& g, const MatrixXd& z) {
  std::vector<const double*> columns;
  for (Index r = 0; r < z.cols(); ++r) columns.push_back(z.col(r).data());
  VectorXd result(z.rows());
  g.evaluate(columns, n_points, result.data());
  return result;
}

bool are_equal(const VectorXd& a, const VectorXd& b) {
  return (a - b).cwiseAbs().maxCoeff() <= 1e-10 * a.cwiseAbs().maxCoeff();
}

}  // namespace

bool has_parity(const Activation& activation, double sign) {
  const MatrixXd h = points(1);
  VectorXd there(h.rows()), back(h.rows());
  for (Index i = 0; i < h.rows(); ++i) {
    there[i] = sign * activation.value(h(i, 0));
    back[i] = activation.value(-h(i, 0));
  }
  return are_equal(there, back);
}

namespace {

class Finder {
 public:
  explicit Finder(const Problem& problem)
      : problem_(problem),
        k_(problem.n_directions()),
        z_(points(k_)),
        g_(values(problem.target.g, z_)),
        is_odd_(problem.loss.is_symmetric() && has_parity(problem.student.activation, -1)) {}

  std::vector<ProblemSymmetry> find() {
    find_direction_flips();
    find_direction_exchanges();
    find_neuron_symmetries();
    return std::move(found_);
  }

 private:
  ProblemSymmetry identity() const {
    ProblemSymmetry one{.name = "",
                        .neuron = std::vector<Index>(static_cast<std::size_t>(p())),
                        .direction = std::vector<Index>(static_cast<std::size_t>(k_)),
                        .neuron_sign = VectorXd::Ones(p()),
                        .direction_sign = VectorXd::Ones(k_)};
    std::iota(one.neuron.begin(), one.neuron.end(), Index{0});
    std::iota(one.direction.begin(), one.direction.end(), Index{0});
    return one;
  }
  Index p() const { return problem_.n_neurons(); }

  bool inputs_have(const MatrixXd& map) const {  // z -> map z, orthogonal
    const auto has = [&](const MatrixXd& matrix) {
      const double scale = matrix.cwiseAbs().maxCoeff();
      return (matrix_product(map, matrix, map.transpose()) - matrix).cwiseAbs().maxCoeff() <=
             1e-12 * scale;
    };
    return has(problem_.target.gram) && has(problem_.input_covariance);
  }

  void find_direction_flips() {
    constexpr Index most_combined = 6;
    std::vector<VectorXd> candidates;
    for (Index r = 0; r < k_; ++r) {
      VectorXd signs = VectorXd::Ones(k_);
      signs[r] = -1;
      candidates.push_back(signs);
    }
    if (k_ <= most_combined) {
      for (Index set = 1; set < (Index{1} << k_); ++set) {
        VectorXd signs = VectorXd::Ones(k_);
        for (Index r = 0; r < k_; ++r) {
          if (set >> r & 1) signs[r] = -1;
        }
        if ((signs.array() < 0).count() > 1) candidates.push_back(signs);
      }
    } else {
      candidates.push_back(-VectorXd::Ones(k_));
    }
    std::vector<VectorXd> group{VectorXd::Ones(k_)};  // what the generators so far make
    for (const VectorXd& signs : candidates) {
      if (!inputs_have(signs.asDiagonal())) continue;
      const VectorXd turned = values(problem_.target.g, z_ * signs.asDiagonal());
      VectorXd acting = signs;
      if (!are_equal(g_, turned)) {
        if (!is_odd_ || !are_equal(g_, -turned)) continue;
        acting = -signs;  // (f, y) -> (-f, -y), every w turned round as well
      }
      if (std::ranges::find(group, acting) != group.end()) continue;
      const std::size_t n = group.size();
      for (std::size_t e = 0; k_ <= most_combined && e < n; ++e) {
        group.push_back(group[e].cwiseProduct(acting));
      }
      if (k_ > most_combined) group.push_back(acting);
      ProblemSymmetry one = identity();
      one.direction_sign = acting;
      one.name = flip_name(acting);
      found_.push_back(std::move(one));
    }
  }

  std::string flip_name(const VectorXd& signs) const {
    if ((signs.array() < 0).all()) return "z -> -z";
    std::string name;
    for (Index r = 0; r < k_; ++r) {
      if (signs[r] > 0) continue;
      const std::string z = "z" + std::to_string(r + 1);
      name += (name.empty() ? "" : ", ") + z + " -> -" + z;
    }
    return name;
  }

  void find_direction_exchanges() {
    constexpr Index most = 16;
    for (Index r = 0; r < k_ && k_ <= most; ++r) {
      for (Index s = r + 1; s < k_; ++s) {
        MatrixXd map = MatrixXd::Identity(k_, k_);
        map.col(r).swap(map.col(s));
        if (!inputs_have(map)) continue;
        if (!are_equal(g_, values(problem_.target.g, matrix_product(z_, map)))) continue;
        ProblemSymmetry one = identity();
        std::swap(one.direction[static_cast<std::size_t>(r)],
                  one.direction[static_cast<std::size_t>(s)]);
        one.name = "z" + std::to_string(r + 1) + " and z" + std::to_string(s + 1) + " exchanged";
        found_.push_back(std::move(one));
      }
    }
  }

  void find_neuron_symmetries() {
    const VectorXd& a = problem_.student.second_layer;
    const bool is_even = has_parity(problem_.student.activation, 1);
    for (Index i = 0; i < p(); ++i) {
      if (is_even) {
        ProblemSymmetry one = identity();
        one.neuron_sign[i] = -1;
        one.name = "neuron " + std::to_string(i + 1) + " turned round";
        found_.push_back(std::move(one));
      }
      for (Index j = i + 1; j < p(); ++j) {
        if (a[i] != a[j]) continue;
        ProblemSymmetry one = identity();
        std::swap(one.neuron[static_cast<std::size_t>(i)], one.neuron[static_cast<std::size_t>(j)]);
        one.name =
            "neurons " + std::to_string(i + 1) + " and " + std::to_string(j + 1) + " exchanged";
        found_.push_back(std::move(one));
        break;  // the next of its kind is enough to generate all permutations
      }
    }
  }

  const Problem& problem_;
  Index k_;
  MatrixXd z_;
  VectorXd g_;
  bool is_odd_;
  std::vector<ProblemSymmetry> found_;
};

/// How far the symmetry moves the start, in cosines.
double distance(const ProblemSymmetry& symmetry, const Overlaps& start, const MatrixXd& gram) {
  const Overlaps moved = symmetry.applied_to(start);
  const VectorXd norms = start.Q.diagonal().cwiseMax(1e-300).cwiseSqrt();
  const MatrixXd m = (moved.M - start.M).cwiseAbs();
  const MatrixXd q = (moved.Q - start.Q).cwiseAbs();
  double largest = 0;
  for (Index i = 0; i < m.rows(); ++i) {
    for (Index r = 0; r < m.cols(); ++r) {
      largest = std::max(largest, m(i, r) / (norms[i] * std::sqrt(gram(r, r))));
    }
    for (Index j = 0; j < q.cols(); ++j) {
      largest = std::max(largest, q(i, j) / (norms[i] * norms[j]));
    }
  }
  return largest;
}

/// Entries that signed permutations carry into each other: union-find with parities.
class SignedClasses {
 public:
  explicit SignedClasses(Index n)
      : parent_(static_cast<std::size_t>(n)),
        sign_(parent_.size(), 1.0),
        is_odd_(parent_.size(), false) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  void join(Index from, Index to, double sign) {
    const auto [a, sign_a] = root(static_cast<std::size_t>(from));
    const auto [b, sign_b] = root(static_cast<std::size_t>(to));
    const double between = sign_a * sign * sign_b;
    if (a == b) {
      if (between < 0) is_odd_[a] = true;
      return;
    }
    parent_[b] = a;
    sign_[b] = between;
    is_odd_[a] = is_odd_[a] || is_odd_[b];
  }

  void append_orbits(const std::string& quantity, std::vector<Orbit>& orbits) const {
    for (std::size_t r = 0; r < parent_.size(); ++r) {
      if (parent_[r] != r) continue;
      Orbit orbit{.quantity = quantity, .entries = {}, .signs = {}, .is_odd = is_odd_[r]};
      for (std::size_t e = 0; e < parent_.size(); ++e) {
        const auto [its_root, its_sign] = root(e);
        if (its_root != r) continue;
        orbit.entries.push_back(static_cast<Index>(e));
        orbit.signs.push_back(its_sign);
      }
      if (orbit.is_odd || orbit.entries.size() > 1) orbits.push_back(std::move(orbit));
    }
  }

 private:
  struct Place {
    std::size_t root;
    double sign;
  };
  Place root(std::size_t e) const {
    double sign = 1;
    while (parent_[e] != e) {
      sign *= sign_[e];
      e = parent_[e];
    }
    return {e, sign};
  }

  std::vector<std::size_t> parent_;
  std::vector<double> sign_;  // against the parent
  std::vector<bool> is_odd_;
};

std::vector<Orbit> orbits_of(const std::vector<ProblemSymmetry>& all, Index p, Index k) {
  SignedClasses m(p * k), q(p * p), a(p);
  for (const ProblemSymmetry& one : all) {
    for (Index i = 0; i < p; ++i) {
      const Index to = one.neuron[static_cast<std::size_t>(i)];
      a.join(i, to, 1);
      for (Index r = 0; r < k; ++r) {
        m.join(i * k + r, to * k + one.direction[static_cast<std::size_t>(r)],
               one.neuron_sign[i] * one.direction_sign[r]);
      }
      for (Index j = 0; j < p; ++j) {
        q.join(i * p + j, to * p + one.neuron[static_cast<std::size_t>(j)],
               one.neuron_sign[i] * one.neuron_sign[j]);
      }
    }
  }
  // Q is symmetric: an entry and its transposed are one number.
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j < i; ++j) q.join(i * p + j, j * p + i, 1);
  }
  std::vector<Orbit> orbits;
  m.append_orbits("M", orbits);
  q.append_orbits("Q", orbits);
  std::erase_if(orbits, [&](const Orbit& orbit) {  // an entry and its transposed alone
    return orbit.quantity == "Q" && !orbit.is_odd && orbit.entries.size() == 2 &&
           orbit.entries[1] == orbit.entries[0] % p * p + orbit.entries[0] / p;
  });
  a.append_orbits("a", orbits);
  return orbits;
}

}  // namespace

Overlaps ProblemSymmetry::applied_to(const Overlaps& overlaps) const {
  Overlaps moved = overlaps;
  for (Index i = 0; i < overlaps.M.rows(); ++i) {
    const Index to = neuron[static_cast<std::size_t>(i)];
    for (Index r = 0; r < overlaps.M.cols(); ++r) {
      moved.M(to, direction[static_cast<std::size_t>(r)]) =
          neuron_sign[i] * direction_sign[r] * overlaps.M(i, r);
    }
    for (Index j = 0; j < overlaps.Q.cols(); ++j) {
      moved.Q(to, neuron[static_cast<std::size_t>(j)]) =
          neuron_sign[i] * neuron_sign[j] * overlaps.Q(i, j);
    }
  }
  return moved;
}

std::vector<ProblemSymmetry> symmetries(const Problem& problem) { return Finder(problem).find(); }

std::optional<StartSymmetry> start_symmetry(const Problem& problem, double dimension) {
  constexpr double rounding = 1e-12;
  constexpr Index most_neurons = 64;  // the cost grows like p^3
  if (problem.n_neurons() > most_neurons) return {};
  const double near = 3 / std::sqrt(dimension);
  using Start = StartSymmetry::Start;
  StartSymmetry result{.start = problem.has_random_start ? Start::drawn : Start::exact,
                       .name = "",
                       .orbits = {},
                       .dimension = dimension};
  std::vector<ProblemSymmetry> kept;
  for (ProblemSymmetry& one : symmetries(problem)) {
    const double moved =
        problem.has_random_start ? 0 : distance(one, problem.initial, problem.target.gram);
    if (moved > near) continue;
    if (moved > rounding) result.start = Start::near;
    result.name += (result.name.empty() ? "" : "; ") + one.name;
    kept.push_back(std::move(one));
  }
  if (kept.empty()) return {};
  result.orbits = orbits_of(kept, problem.n_neurons(), problem.n_directions());
  return result;
}

}  // namespace reprise
