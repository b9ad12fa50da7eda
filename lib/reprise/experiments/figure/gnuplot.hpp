// Draws the figure of a result folder with gnuplot, which runs as a process of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/results/results.hpp"

namespace reprise {

enum class Drawing {
  drawn,
  unwanted,    ///< the format is "none"
  no_gnuplot,  ///< there is no program of that name: the results can be drawn later
  nothing,     ///< no curve has a value to show
};

/// Writes figure.svg, figure.png (or what results.figure.format has), figure.gp and figure.txt, its
/// caption, into the folder, with kernels also kernels.svg, kernels.png and kernels.gp; no shell is
/// involved, and gnuplot reads none of the user's settings.
/// Throws Error with gnuplot's message if it fails, and leaves older figures as they were.
Drawing draw_figure(const std::filesystem::path& folder, const Results& results);

/// Writes <stem>.svg, .png or .pdf from the scripts that `script_of` gives for a format and the
/// name of the file to make, and <stem>.gp, the script with its data that draws the first of them
/// again; `nothing` where a script is empty. Without gnuplot there is the .gp alone.
Drawing draw(const std::filesystem::path& folder, const std::string& stem,
             const FigureFormats& formats,
             const std::function<std::string(FigureFormat, const std::string&)>& script_of);

/// "here/figure.svg, figure.png, figure.gp, figure.txt": what a drawn figure left.
std::string figure_files(const std::filesystem::path& folder, const FigureKeys& keys);

/// The format that a suffix stands for; none for another.
std::optional<FigureFormat> format_of(const std::filesystem::path& file);

/// Draws a .svg, .png or .pdf by the script for that name of the output; the file appears under its
/// own name only when it is whole. False without gnuplot; throws Error if it fails.
bool draw_page(const std::filesystem::path& file,
               const std::function<std::string(const std::string&)>& script_of);

/// Throws what draw_page would throw for want of a suffix or a folder; to be called before work.
void require_page(const std::filesystem::path& file);

/// Runs a script in the folder, with little of the user's environment. False if there is no program
/// of that name; throws Error with gnuplot's message if it fails or takes longer than `time_limit`.
bool run_gnuplot(const std::filesystem::path& folder, const std::string& script,
                 std::chrono::milliseconds time_limit = std::chrono::minutes(2));

}  // namespace reprise
