#include "reprise/model/expression_operations.hpp"

#include <cassert>
#include <cstdlib>

#include "reprise/core/simd_math.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

// Calls use(f) with the function f of the operation. One list serves numbers and arrays; NaN passes
// through all of them, so a target that is not defined somewhere shows.
template <class Use>
REPRISE_ALWAYS_INLINE void with_unary(Operation operation, Use use) {
  switch (operation) {
    case Operation::negate:
      return use([](double x) { return -x; });
    case Operation::sin:
      return use([](double x) { return ::sin(x); });
    case Operation::cos:
      return use([](double x) { return ::cos(x); });
    case Operation::tan:
      return use([](double x) { return ::tan(x); });
    case Operation::exp:
      return use([](double x) { return ::exp(x); });
    case Operation::log:
      return use([](double x) { return ::log(x); });
    case Operation::sqrt:
      return use([](double x) { return std::sqrt(x); });
    case Operation::abs:
      return use([](double x) { return std::abs(x); });
    case Operation::sign:
      return use([](double x) { return x > 0 ? 1.0 : (x < 0 ? -1.0 : (x == 0 ? 0.0 : x)); });
    case Operation::step:
      return use([](double x) { return x > 0 ? 1.0 : (x <= 0 ? 0.0 : x); });
    case Operation::tanh:
      return use([](double x) { return ::tanh(x); });
    case Operation::erf:
      return use([](double x) { return ::erf(x); });
    case Operation::relu:
      return use([](double x) { return x <= 0 ? 0.0 : x; });
    case Operation::sigmoid:
      return use([](double x) { return simd::sigmoid(x); });
    default:
      assert(false);
  }
}

template <class Use>
REPRISE_ALWAYS_INLINE void with_binary(Operation operation, Use use) {
  switch (operation) {
    case Operation::add:
      return use([](double x, double y) { return x + y; });
    case Operation::subtract:
      return use([](double x, double y) { return x - y; });
    case Operation::multiply:
      return use([](double x, double y) { return x * y; });
    case Operation::divide:
      return use([](double x, double y) { return x / y; });
    case Operation::power:
      return use([](double x, double y) { return ::pow(x, y); });
    case Operation::min:
      return use([](double x, double y) { return x < y || x != x ? x : y; });
    case Operation::max:
      return use([](double x, double y) { return x > y || x != x ? x : y; });
    case Operation::less:
      return use([](double x, double y) { return x < y ? 1.0 : 0.0; });
    case Operation::less_equal:
      return use([](double x, double y) { return x <= y ? 1.0 : 0.0; });
    case Operation::greater:
      return use([](double x, double y) { return x > y ? 1.0 : 0.0; });
    case Operation::greater_equal:
      return use([](double x, double y) { return x >= y ? 1.0 : 0.0; });
    case Operation::equal:
      return use([](double x, double y) { return x == y ? 1.0 : 0.0; });
    case Operation::not_equal:
      return use([](double x, double y) { return x != y ? 1.0 : 0.0; });
    default:
      assert(false);
  }
}

REPRISE_ALWAYS_INLINE double whole_power(double x, int exponent) {
  double result = 1, square = x;
  for (int rest = std::abs(exponent); rest > 0; rest /= 2) {
    if (rest % 2 == 1) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}

// A known exponent leaves a loop without branches.
REPRISE_VECTORISED void whole_powers(int exponent, const double* x, std::size_t n, double* out) {
  switch (exponent) {
    case 2:
      return simd::map(x, n, out, [](double v) { return whole_power(v, 2); });
    case 3:
      return simd::map(x, n, out, [](double v) { return whole_power(v, 3); });
    case 4:
      return simd::map(x, n, out, [](double v) { return whole_power(v, 4); });
    case 5:
      return simd::map(x, n, out, [](double v) { return whole_power(v, 5); });
    case 6:
      return simd::map(x, n, out, [](double v) { return whole_power(v, 6); });
    case -1:
      return simd::map(x, n, out, [](double v) { return whole_power(v, -1); });
    case -2:
      return simd::map(x, n, out, [](double v) { return whole_power(v, -2); });
    default:
      break;
  }
  const auto block = [=](const double* point, std::size_t start, std::size_t count)
                         REPRISE_INLINE_LAMBDA {
                           double result[simd::block_size], square[simd::block_size];
                           for (std::size_t i = 0; i < simd::block_size; ++i) {
                             result[i] = 1;
                             square[i] = point[i];
                           }
                           for (int rest = std::abs(exponent); rest > 0; rest /= 2) {
                             const bool is_odd = rest % 2 == 1;
                             for (std::size_t i = 0; i < simd::block_size; ++i) {
                               result[i] *= is_odd ? square[i] : 1.0;
                               square[i] *= square[i];
                             }
                           }
                           for (std::size_t i = 0; i < count; ++i) {
                             out[start + i] = exponent < 0 ? 1 / result[i] : result[i];
                           }
                         };
  simd::for_each_block(x, n, block);
}

REPRISE_VECTORISED void unary(Operation operation, const double* x, std::size_t n, double* out) {
  with_unary(operation,
             [=](auto function) REPRISE_INLINE_LAMBDA { simd::map(x, n, out, function); });
}

REPRISE_VECTORISED void arrays(Operation operation, const double* x, const double* y, std::size_t n,
                               double* out) {
  with_binary(operation,
              [=](auto function) REPRISE_INLINE_LAMBDA { simd::map(x, y, n, out, function); });
}

REPRISE_VECTORISED void array_and_constant(Operation operation, const double* x, double y,
                                           std::size_t n, double* out) {
  with_binary(operation, [=](auto function) REPRISE_INLINE_LAMBDA {
    simd::map(x, n, out, [=](double v) { return function(v, y); });
  });
}

REPRISE_VECTORISED void constant_and_array(Operation operation, double x, const double* y,
                                           std::size_t n, double* out) {
  with_binary(operation, [=](auto function) REPRISE_INLINE_LAMBDA {
    simd::map(y, n, out, [=](double v) { return function(x, v); });
  });
}

}  // namespace

double apply(const ExpressionNode& node, double a, double b) {
  if (node.operation == Operation::integer_power) return whole_power(a, node.index);
  if (node.operation == Operation::hermite) return hermite(node.index, a);
  double result = 0;
  if (n_operands(node.operation) == 1) {
    with_unary(node.operation, [&](auto function) { result = function(a); });
  } else {
    with_binary(node.operation, [&](auto function) { result = function(a, b); });
  }
  return result;
}

void apply(const ExpressionNode& node, Operand a, Operand b, std::size_t n, double* out) {
  if (node.operation == Operation::integer_power) {
    whole_powers(node.index, a.data, n, out);
  } else if (node.operation == Operation::hermite) {
    hermite(node.index, a.data, n, out);
  } else if (n_operands(node.operation) == 1) {
    unary(node.operation, a.data, n, out);
  } else if (a.data && b.data) {
    arrays(node.operation, a.data, b.data, n, out);
  } else if (a.data) {
    array_and_constant(node.operation, a.data, b.constant, n, out);
  } else {
    constant_and_array(node.operation, a.constant, b.data, n, out);
  }
}

}  // namespace reprise
