// Functions of a program's own where experiments have texts: callable "name" as the expression of a
// target, the activation or the loss.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/model/activation.hpp"
#include "reprise/model/loss.hpp"
#include "reprise/model/target_function.hpp"

namespace reprise {

/// A function that is lent under the name that it has itself.
template <class Function>
struct LentFunction {
  Function function;
  /// Which function it is: two scopes at a time may share a name only if they share its origin;
  /// nullptr is no other's.
  const void* origin = nullptr;
};

struct Callables {
  std::vector<LentFunction<TargetFunction>> targets = {};
  std::vector<LentFunction<Activation>> activations = {};
  std::vector<LentFunction<Loss>> losses = {};
};

/// While it lives every experiment that this process reads, on whatever thread, finds these
/// functions under their names. What was read keeps them.
class CallableScope {
 public:
  /// Throws InputError for a function without a name, or with that of another one that is lent.
  explicit CallableScope(const Callables& callables);
  ~CallableScope();
  CallableScope(const CallableScope&) = delete;
  CallableScope& operator=(const CallableScope&) = delete;

 private:
  std::vector<std::string> names_;
};

/// The function that a text callable "name" stands for; none of other texts, and where no scope
/// lends it.
std::optional<TargetFunction> find_target(std::string_view text);
std::optional<Activation> find_activation(std::string_view text);
std::optional<Loss> find_loss(std::string_view text);

}  // namespace reprise
