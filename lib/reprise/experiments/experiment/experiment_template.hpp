// A small experiment with every key that applies to it, to begin a file with.
#pragma once

#include <string>
#include <string_view>

namespace reprise {

/// A file that runs in a second or two: what is needed has a value, and all else that could be said
/// stands beside it as a comment, with its default and meaning.
///
/// algorithm  "gradient_descent", "sgd", ...: training.algorithm, of any system
/// Throws InputError for one that there is not.
std::string experiment_template(std::string_view algorithm = "gradient_descent");

}  // namespace reprise
