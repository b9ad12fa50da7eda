// Where the experiments that come with the program are.
#pragma once

#include <filesystem>

namespace reprise::app {

/// REPRISE_DATA if it is set; else <folder of the program>/../share/reprise/data if that exists;
/// else the data folder of the sources.
std::filesystem::path data_folder();

}  // namespace reprise::app
