// Neurons that runs have learnt in different orders, brought into one.
#pragma once

#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// The most neurons that align_neurons takes: its cost grows with their third power.
constexpr int most_aligned_neurons = 512;

/// Exchanges the neurons of each replica, and turns them round where the activation is even or odd,
/// so that the last M of all match best; then of all replicas alike, so that neuron i lies along
/// direction i (i mod k for p > k) as well as it can. Means and standard errors are those of the
/// replicas afterwards. Ties leave the order as it is.
///
/// Only what leaves the network's output the same is done: neurons of equal output weight change
/// places, for an odd activation the weight is turned round with the neuron; trained weights go
/// with their neurons.
///
/// NOTE: the match is chosen after the fact. Where M is nothing but noise its mean is then above 0
/// by the order of that noise, and grows with p k.
///
/// A curve whose errors are not the spread of its replicas (the limit, whose scrambles all learn in
/// one order) is only ordered as a whole; one without M is left alone.
void align_neurons(Solution& solution, const Problem& problem, bool trains_second_layer);

}  // namespace reprise
