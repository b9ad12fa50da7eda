// Per-sample losses l(f, y) of the network output f and the label y.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace reprise {

/// What dl/df is: closed forms of the moments of a gradient exist for the first two.
enum class LossSlope {
  residual,  ///< f - y: the square loss, up to a function of y
  label,     ///< -y: the correlation loss
  other,
};

/// A loss of your own over chunks of samples: out[i] from f[i] and y[i]. Called from several
/// threads at once; what it throws comes out of the solver unchanged.
struct LossCallable {
  using Function = std::function<void(std::span<const double> f, std::span<const double> y,
                                      std::span<double> out)>;

  Function value = {};  ///< l(f, y)
  Function slope = {};  ///< dl/df
  /// For files and stored results, whose author vouches by it that it is the same function.
  std::string name = {};
  LossSlope slope_kind = LossSlope::other;
};

/// A loss, known to the dynamics by its value and its derivative in the output alone. Immutable;
/// safe to share between threads where its callables are.
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
  /// Throws InputError for an empty callable, one that does not take its samples one by one, or a
  /// slope that is not of the kind it is said to be, at fixed points.
  static Loss custom(LossCallable callable);
  /// "square", "correlation", "logistic" or "huber(1.0)". Throws InputError for anything else.
  static Loss parse(std::string_view text);

  /// As people read it: what parse() reads back, the name of a custom one, "custom" without.
  std::string name() const;
  /// As it stands in files: what parse() reads back, or callable "name".
  /// Throws InputError for a custom one without a name.
  std::string text() const;
  LossSlope slope_kind() const;
  /// Whether dl/df changes sign with (f, y): then turning both round is a symmetry of training.
  bool is_symmetric() const { return is_symmetric_; }
  bool is_custom() const { return custom_ != nullptr; }

  /// Fills value[i] = l(f_i, y_i) and slope[i] = dl/df for n samples. What a callable leaves
  /// unwritten is NaN.
  void evaluate(const double* f, const double* y, std::size_t n, double* value,
                double* slope) const;

 private:
  enum class Kind { square, correlation, logistic, huber, custom };
  Loss(Kind kind, double width) : kind_(kind), width_(width) {}

  Kind kind_;
  double width_;
  bool is_symmetric_ = true;
  std::shared_ptr<const LossCallable> custom_ = {};
};

}  // namespace reprise
