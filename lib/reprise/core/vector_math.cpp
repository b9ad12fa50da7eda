#include "reprise/core/vector_math.hpp"

#include "reprise/core/simd_math.hpp"

namespace reprise::vector_math {

REPRISE_VECTORISED void exp(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::exp(v); });
}

REPRISE_VECTORISED void log(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::log(v); });
}

REPRISE_VECTORISED void sin(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::sin(v); });
}

REPRISE_VECTORISED void cos(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::cos(v); });
}

REPRISE_VECTORISED void tan(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::tan(v); });
}

REPRISE_VECTORISED void tanh(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::tanh(v); });
}

REPRISE_VECTORISED void erf(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::erf(v); });
}

REPRISE_VECTORISED void erfc(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return ::erfc(v); });
}

REPRISE_VECTORISED void sqrt(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return std::sqrt(v); });
}

REPRISE_VECTORISED void sigmoid(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return simd::sigmoid(v); });
}

REPRISE_VECTORISED void softplus(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return simd::softplus(v); });
}

REPRISE_VECTORISED void pow(const double* x, double exponent, std::size_t n, double* out) {
  simd::map(x, n, out, [exponent](double v) { return ::pow(v, exponent); });
}

}  // namespace reprise::vector_math
