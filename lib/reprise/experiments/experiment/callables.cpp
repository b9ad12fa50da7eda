#include "reprise/experiments/experiment/callables.hpp"

#include <map>
#include <mutex>
#include <variant>

#include "reprise/core/callable.hpp"
#include "reprise/core/error.hpp"

namespace reprise {

namespace {

struct Lent {
  std::variant<TargetFunction, Activation, Loss> function;
  const void* origin = nullptr;
  int n_scopes = 0;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, Lent, std::less<>> lent;  // by text and kind
};

Registry& registry() {
  static Registry the_one;
  return the_one;
}

/// Names of targets, activations and losses are different names.
template <class T>
std::string key_of(std::string_view text) {
  constexpr char kind = std::is_same_v<T, TargetFunction> ? 't'
                        : std::is_same_v<T, Activation>   ? 'a'
                                                          : 'l';
  return kind + std::string(text);
}

template <class T>
std::string key_of(const T& function) {
  return key_of<T>(std::string_view(function.text()));
}

template <class T>
std::optional<T> find_lent(std::string_view text) {
  if (!is_callable_text(text)) return std::nullopt;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.lent.find(key_of<T>(text));
  if (found == all.lent.end()) return std::nullopt;
  return std::get<T>(found->second.function);
}

}  // namespace

CallableScope::CallableScope(const Callables& callables) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto check = [&](const auto& lent) {
    const auto before = all.lent.find(key_of(lent.function));
    if (before == all.lent.end()) return;
    if (lent.origin != nullptr && before->second.origin == lent.origin) return;
    throw InputError("callables: name must be that of one function at a time, got another " +
                     lent.function.text() + " while an experiment with the first is read");
  };
  const auto lend = [&](const auto& lent) {
    names_.push_back(key_of(lent.function));
    ++all.lent.try_emplace(names_.back(), Lent{lent.function, lent.origin}).first->second.n_scopes;
  };
  const auto each = [&](const auto& act) {
    for (const auto& target : callables.targets) act(target);
    for (const auto& activation : callables.activations) act(activation);
    for (const auto& loss : callables.losses) act(loss);
  };
  each(check);
  each(lend);
}

CallableScope::~CallableScope() {
  std::vector<Lent> ended;  // destroyed without the lock: that may need others
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (const std::string& name : names_) {
    const auto found = all.lent.find(name);
    if (--found->second.n_scopes > 0) continue;
    ended.push_back(std::move(found->second));
    all.lent.erase(found);
  }
}

std::optional<TargetFunction> find_target(std::string_view text) {
  return find_lent<TargetFunction>(text);
}
std::optional<Activation> find_activation(std::string_view text) {
  return find_lent<Activation>(text);
}
std::optional<Loss> find_loss(std::string_view text) { return find_lent<Loss>(text); }

}  // namespace reprise
