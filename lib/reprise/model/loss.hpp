// Per-sample losses l(f, y) of the network output f and the label y.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reprise {

/// A loss, known to the dynamics by its value and its derivative in the output alone.
class Loss {
 public:
  /// 1/2 (f - y)^2
  static Loss square() { return {Kind::square, 0}; }
  /// -y f
  static Loss correlation() { return {Kind::correlation, 0}; }
  /// log(1 + exp(-y f)), y = +-1
  static Loss logistic() { return {Kind::logistic, 0}; }
  /// 1/2 r^2 for |r| <= width, width (|r| - width / 2) beyond, r = f - y; width > 0
  static Loss huber(double width);
  /// "square", "correlation", "logistic" or "huber(1.0)". Throws InputError for anything else.
  static Loss parse(std::string_view text);

  /// What parse() reads back.
  std::string name() const;
  /// Fills value[i] = l(f_i, y_i) and slope[i] = dl/df for n samples.
  void evaluate(const double* f, const double* y, std::size_t n, double* value,
                double* slope) const;

 private:
  enum class Kind { square, correlation, logistic, huber };
  Loss(Kind kind, double width) : kind_(kind), width_(width) {}

  Kind kind_;
  double width_;
};

}  // namespace reprise
