#include "reprise/core/column_kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/columns.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

// Odd multiples of 16: every remainder of the unrolled loops.
const std::vector<std::size_t> lengths{16, 48, 80, 112, 144, 208};

RowMajor numbers(Eigen::Index rows, Eigen::Index cols) {
  RowMajor result(rows, cols);
  for (Eigen::Index i = 0; i < result.size(); ++i) {
    result.data()[i] = std::sin(static_cast<double>(3 * i + 1));
  }
  return result;
}

}  // namespace

TEST_CASE(
    "add_combination: adds Eigen's product to what is there, for 1 to 9 columns and outputs") {
  for (const std::size_t n : lengths) {
    for (std::size_t count = 1; count <= 9; ++count) {
      for (std::size_t outs = 1; outs <= 9; ++outs) {
        Columns columns(n, count, 1);
        Columns out(n, outs, 2);
        const RowMajor weights =
            numbers(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(outs));
        const Eigen::MatrixXd expected = out.matrix() + columns.matrix() * weights;
        // A sum of count + 1 terms, in either order, errs by at most count + 1 roundings of their
        // total size.
        const Eigen::MatrixXd allowed =
            2 * static_cast<double>(count + 1) * epsilon *
            (out.matrix().cwiseAbs() + columns.matrix().cwiseAbs() * weights.cwiseAbs());
        add_combination(columns.read(), weights.data(), out.write(), n);
        CAPTURE(n);
        CAPTURE(count);
        CAPTURE(outs);
        CHECK(((out.matrix() - expected).array().abs() <= allowed.array()).all());
      }
    }
  }
}

TEST_CASE("set_combination: is add_combination to zero, whatever was there") {
  for (const std::size_t n : lengths) {
    for (std::size_t count = 0; count <= 9; ++count) {
      for (std::size_t outs = 1; outs <= 9; ++outs) {
        Columns columns(n, count, 1);
        Columns expected(n, outs, 2);
        Columns out(n, outs, 3);
        for (double* column : expected.write()) std::fill_n(column, n, 0.0);
        for (double* column : out.write()) {
          std::fill_n(column, n, std::numeric_limits<double>::quiet_NaN());
        }
        const RowMajor weights =
            numbers(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(outs));
        add_combination(columns.read(), weights.data(), expected.write(), n);
        set_combination(columns.read(), weights.data(), out.write(), n);
        CAPTURE(count);
        CAPTURE(outs);
        CHECK(out.matrix() == expected.matrix());
      }
    }
  }
}

TEST_CASE("add_inner_products: adds Eigen's product to what is there, for 1 to 9 columns a side") {
  for (const std::size_t n : lengths) {
    for (std::size_t n_left = 1; n_left <= 9; ++n_left) {
      for (std::size_t n_right = 1; n_right <= 9; ++n_right) {
        Columns left(n, n_left, 3);
        Columns right(n, n_right, 4);
        RowMajor products =
            numbers(static_cast<Eigen::Index>(n_left), static_cast<Eigen::Index>(n_right));
        const RowMajor expected = products + left.matrix().transpose() * right.matrix();
        // As above, with n + 1 terms.
        const RowMajor allowed = 2 * static_cast<double>(n + 1) * epsilon *
                                 (products.cwiseAbs() +
                                  left.matrix().cwiseAbs().transpose() * right.matrix().cwiseAbs());
        add_inner_products(left.read(), right.read(), n, products.data());
        CAPTURE(n);
        CAPTURE(n_left);
        CAPTURE(n_right);
        CHECK(((products - expected).array().abs() <= allowed.array()).all());
      }
    }
  }
}

TEST_CASE("add_inner_products: the same bits on repetition, and alone as among others") {
  const std::size_t n = 1008;
  Columns left(n, 9, 5);
  Columns right(n, 9, 6);
  RowMajor products = RowMajor::Zero(9, 9);
  RowMajor again = RowMajor::Zero(9, 9);
  add_inner_products(left.read(), right.read(), n, products.data());
  add_inner_products(left.read(), right.read(), n, again.data());
  CHECK(products == again);
  for (Eigen::Index c = 0; c < 9; ++c) {
    for (Eigen::Index j = 0; j < 9; ++j) {
      const double* x = left.read()[static_cast<std::size_t>(c)];
      const double* y = right.read()[static_cast<std::size_t>(j)];
      double alone = 0;
      add_inner_products({&x, 1}, {&y, 1}, n, &alone);
      CHECK(alone == products(c, j));
    }
  }
}

TEST_CASE("add_combination: the same bits on repetition, and alone as among others") {
  const std::size_t n = 1008;
  Columns columns(n, 9, 7);
  Columns out(n, 9, 8);
  Columns again(n, 9, 8);
  const RowMajor weights = numbers(9, 9);
  add_combination(columns.read(), weights.data(), out.write(), n);
  add_combination(columns.read(), weights.data(), again.write(), n);
  CHECK(out.matrix() == again.matrix());
  Columns alone(n, 9, 8);
  for (Eigen::Index j = 0; j < 9; ++j) {
    const Eigen::VectorXd column_weights = weights.col(j);
    double* target = alone.write()[static_cast<std::size_t>(j)];
    add_combination(columns.read(), column_weights.data(), {&target, 1}, n);
  }
  CHECK(out.matrix() == alone.matrix());
}

TEST_CASE("column kernels: no columns and no samples change nothing") {
  Columns columns(16, 2, 9);
  const Eigen::MatrixXd before = columns.matrix();
  add_combination({}, nullptr, columns.write(), 16);
  double product = 5;
  add_inner_products({columns.read().data(), 1}, {columns.read().data() + 1, 1}, 0, &product);
  CHECK(columns.matrix() == before);
  CHECK(product == 5);
}

TEST_CASE("AlignedArray: aligned to 64 bytes at every size, also where huge pages are asked for") {
  for (const std::size_t size : {std::size_t{1}, std::size_t{17}, std::size_t{1} << 20}) {
    AlignedArray array(size);
    CHECK(array.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(array.data()) % 64 == 0);
    array.data()[size - 1] = 1;  // a sanitizer sees it if the memory is too short
  }
  CHECK(AlignedArray(0).data() == nullptr);
}

TEST_CASE("padded: the next multiple of 16") {
  CHECK(padded(0) == 0);
  CHECK(padded(1) == 16);
  CHECK(padded(16) == 16);
  CHECK(padded(17) == 32);
}
