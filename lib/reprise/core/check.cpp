#include "reprise/core/check.hpp"

#include <cmath>
#include <sstream>
#include <string>

#include "reprise/core/error.hpp"

namespace reprise {

namespace {

std::string shape(Eigen::Index rows, Eigen::Index cols) {
  return "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
}

std::string entry(std::string_view name, Eigen::Index row, Eigen::Index col) {
  std::ostringstream text;
  text << name << "[" << row + 1 << ", " << col + 1 << "]";
  return text.str();
}

}  // namespace

void reject(std::string_view where, std::string_view name, std::string_view rule,
            std::string_view value) {
  std::ostringstream text;
  text << where << ": " << name << " must be " << rule << ", got " << value;
  throw InputError(text.str());
}

void reject(std::string_view where, std::string_view name, std::string_view rule, double value) {
  std::ostringstream text;
  text.precision(12);
  text << value;
  reject(where, name, rule, std::string_view(text.str()));
}

void check_finite(std::string_view where, std::string_view name, double value) {
  if (!std::isfinite(value)) reject(where, name, "finite", value);
}

void check_positive(std::string_view where, std::string_view name, double value) {
  if (!(std::isfinite(value) && value > 0)) reject(where, name, "finite and > 0", value);
}

void check_nonnegative(std::string_view where, std::string_view name, double value) {
  if (!(std::isfinite(value) && value >= 0)) reject(where, name, "finite and >= 0", value);
}

void check_at_least(std::string_view where, std::string_view name, std::int64_t value,
                    std::int64_t least) {
  if (value < least) {
    reject(where, name, "at least " + std::to_string(least),
           std::string_view(std::to_string(value)));
  }
}

void check_finite(std::string_view where, std::string_view name,
                  const Eigen::Ref<const Eigen::MatrixXd>& value) {
  for (Eigen::Index i = 0; i < value.rows(); ++i) {
    for (Eigen::Index j = 0; j < value.cols(); ++j) {
      if (!std::isfinite(value(i, j))) reject(where, entry(name, i, j), "finite", value(i, j));
    }
  }
}

void check_shape(std::string_view where, std::string_view name,
                 const Eigen::Ref<const Eigen::MatrixXd>& value, Eigen::Index rows,
                 Eigen::Index cols) {
  if (value.rows() != rows || value.cols() != cols) {
    reject(where, name, "of shape " + shape(rows, cols),
           std::string_view(shape(value.rows(), value.cols())));
  }
}

void check_symmetric(std::string_view where, std::string_view name,
                     const Eigen::Ref<const Eigen::MatrixXd>& value) {
  if (value.rows() != value.cols()) {
    reject(where, name, "square", std::string_view(shape(value.rows(), value.cols())));
  }
  const double tolerance = 1e-12 * (value.size() ? value.cwiseAbs().maxCoeff() : 0.0);
  for (Eigen::Index i = 0; i < value.rows(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      if (!(std::abs(value(i, j) - value(j, i)) <= tolerance)) {
        std::ostringstream got;
        got << value(i, j) << " and " << value(j, i);
        reject(where, name, "symmetric", entry(name, i, j) + ", transposed = " + got.str());
      }
    }
  }
}

}  // namespace reprise
