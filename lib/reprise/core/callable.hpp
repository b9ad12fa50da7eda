// What every function of a user's own in C++ has in common: over chunks of samples, nameless in
// files.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace reprise {

/// What stands in a file for a callable: callable "name". A name says that its author vouches for
/// it: what was stored under it is taken to come from the same function.
/// Throws InputError "<where>: <what> must be ..., got a callable without a name" for an empty one.
std::string callable_text(std::string_view where, std::string_view what, std::string_view name);

/// Whether a text is one that callable_text() makes; no file can be run from it.
bool is_callable_text(std::string_view text);

/// Throws InputError unless a function over chunks gives a sample the number that it gives it alone
/// (to 1e-9 of the largest), which state, an index that runs on or a missed sample would not.
///
/// evaluate  fills out[0..n-1] with the numbers of the samples first .. first + n - 1
void check_samples_are_independent(
    std::string_view where, std::string_view name, std::size_t n_samples,
    const std::function<void(std::size_t first, std::size_t n, double* out)>& evaluate);

}  // namespace reprise
