// A described struct of any type by value: how an experiment holds its algorithm and its methods.
#pragma once

#include <any>
#include <concepts>
#include <utility>

#include "reprise/core/described.hpp"
#include "reprise/core/error.hpp"

namespace reprise {

class Settings {
 public:
  Settings() = default;
  template <class S>
  requires(!std::same_as<S, Settings>) Settings(S value)  // NOLINT: a struct is its settings
      : value_(std::move(value)), address_(&address_of<S>) {
    if constexpr (requires { reprise::schema<S>(); }) schema_ = &reprise::schema<S>;
  }

  template <class S>
  const S* get_if() const {
    return std::any_cast<S>(&value_);
  }
  template <class S>
  S* get_if() {
    return std::any_cast<S>(&value_);
  }
  /// Throws InputError if it is a struct of another type.
  template <class S>
  const S& get() const {
    if (const S* found = get_if<S>()) return *found;
    throw InputError("settings: these are of another problem, algorithm or method");
  }
  template <class S>
  S& get() {
    return const_cast<S&>(std::as_const(*this).get<S>());
  }
  bool is_same_type(const Settings& other) const { return value_.type() == other.value_.type(); }

  /// The statement of the struct's fields; nullptr where it is not described.
  const Schema* schema() const { return schema_ == nullptr ? nullptr : &schema_(); }
  /// Of the struct, for functions over its schema.
  void* address() { return address_ == nullptr ? nullptr : address_(value_); }
  const void* address() const { return const_cast<Settings*>(this)->address(); }

 private:
  template <class S>
  static void* address_of(std::any& value) {
    return std::any_cast<S>(&value);
  }

  std::any value_;
  void* (*address_)(std::any&) = nullptr;
  const Schema& (*schema_)() = nullptr;
};

}  // namespace reprise
