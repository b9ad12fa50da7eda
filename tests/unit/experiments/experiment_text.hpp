// A small correct experiment that tests spoil one line at a time.
#pragma once

#include <string>
#include <string_view>

namespace reprise::test {

inline constexpr std::string_view good_experiment = R"toml(format = 1
title  = "A test"
seed   = 7

[target]
expression     = "z1 + He2(z2)"
noise_variance = 0.25
gram           = [[1, 0.5], [0.5, 2]]

[student]
activation   = "relu"
neurons      = 3
second_layer = [1.0, -1, 0.5]
output_scale = "inverse_sqrt"

[initial]
M = [[0, 0.1], [0, 0], [0.2, 0]]
Q = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]

[training]
learning_rate         = 0.2
weight_decay          = 0.01
momentum              = 0.5
samples_per_dimension = [3.0, 1.5]
schedule              = [0, 1, 1, 0]
steps                 = 4

[[curve]]
name      = "theory"
method    = "dmft"
points    = 128
scrambles = 4

[[curve]]
name      = "d = 60"
method    = "simulation"
dimension = 60
runs      = 5

[output]
times = [0, 2, 4]
)toml";

/// One neuron and three steps, for what does not depend on the numbers.
inline const std::string small_descent = R"(format = 1
seed = 4
[target]
expression = "z1"
[student]
activation = "linear"
second_layer = [1.0]
[training]
learning_rate = 0.1
samples_per_dimension = 2
steps = 3
[[curve]]
name = "theory"
method = "dmft"
points = 64
scrambles = 2
)";

inline constexpr std::string_view small_one_pass = R"toml(format = 1
[target]
expression = "z1"
[student]
activation = "erf"
second_layer = [1.0]
[training]
algorithm = "sgd"
learning_rate = 0.1
duration = 3
[[curve]]
name = "ode"
method = "ode"
)toml";

/// The experiment with the one occurrence of `line` replaced.
inline std::string spoilt(std::string_view line, std::string_view replacement) {
  std::string text(good_experiment);
  const std::size_t at = text.find(line);
  if (at == std::string::npos) return "no such line: " + std::string(line);
  return text.replace(at, line.size(), replacement);
}

}  // namespace reprise::test
