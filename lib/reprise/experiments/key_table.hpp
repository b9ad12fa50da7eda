// Every key of an experiment file with its type, range, default and meaning, written from the
// statements of the structs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/experiment/key_groups.hpp"

namespace reprise {

/// All of them, of experiments and of sweeps, in the order of a file.
std::vector<KeyGroup> key_groups();

/// A table for people, of all sections or of one. Throws InputError for a section that there is
/// not, naming the nearest.
std::string key_text(std::string_view section = {});
/// The page of keys, in Markdown.
std::string key_page();

}  // namespace reprise
