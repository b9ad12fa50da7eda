// Exponents of a target as text for a person, as JSON for a program, and as a figure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/exponents/exponents.hpp"
#include "reprise/exponents/reach.hpp"
#include "reprise/exponents/spectrum.hpp"

namespace reprise {

/// The summary, one table and one sentence a stage for each staircase, what the student reaches.
std::string exponents_text(const Exponents& exponents, const std::optional<Reach>& reach);

/// One object: leap, generative_leap, alpha_c, correlational, statistical, never_reached and more.
/// leap and generative_leap are null where a direction is never reached and where undecided; the
/// key `decided` tells which.
std::string exponents_json(const Exponents& exponents, const std::optional<Reach>& reach);

/// A gnuplot script: Hermite weights by order, E[h_l(u . z)|y] against y, the density of the label.
std::string exponents_figure_script(const Exponents& exponents, const ConditionalMoments& moments,
                                    FigureFormat format, const std::string& output);

/// Writes the figure; the suffix of the file, .svg, .png or .pdf, chooses the format.
/// Throws InputError for another suffix, Error with gnuplot's message if it fails.
Drawing draw_exponents(const std::filesystem::path& file, const Exponents& exponents,
                       const ConditionalMoments& moments);

}  // namespace reprise
