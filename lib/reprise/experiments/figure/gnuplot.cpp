#include "reprise/experiments/figure/gnuplot.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <future>
#include <memory>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/results/results_folder.hpp"

extern char** environ;

namespace reprise {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// A file without a name: the script goes in by it and the messages come out, so no pipe can fill
/// up.
File nameless_file(const std::string& content) {
  File file(std::tmpfile());
  if (file == nullptr ||
      std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
      std::fflush(file.get()) != 0) {
    throw Error(std::string("the figure's script cannot be stored: ") + std::strerror(errno));
  }
  std::rewind(file.get());
  return file;
}

std::string content_of(std::FILE* file) {
  std::rewind(file);
  std::string text(2000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

/// gnuplot says nothing of a full disk: whether a page has its end.
bool is_whole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  std::string end(16, ' ');
  if (!in || size < static_cast<std::streamoff>(end.size())) return false;
  in.seekg(size - static_cast<std::streamoff>(end.size()));
  in.read(end.data(), static_cast<std::streamsize>(end.size()));
  return in && (end.find("</svg>") != std::string::npos || end.find("IEND") != std::string::npos);
}

}  // namespace

bool run_gnuplot(const std::filesystem::path& folder, const std::string& script) {
  const File input = nameless_file(script);
  const File messages = nameless_file("");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), 0);
  // Where gnuplot cannot open its file, the figure would come here and hide the message.
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(messages.get()), 2);
  // "-d": the user's own settings must not change the figure; "-": read standard input.
  char program[] = "gnuplot", defaults[] = "-d", from_input[] = "-";
  char* arguments[] = {program, defaults, from_input, nullptr};
  pid_t process = 0;
  const int error = posix_spawnp(&process, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return false;
  if (error != 0) throw Error(std::string("gnuplot cannot be started: ") + std::strerror(error));
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return false;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error("gnuplot failed: " + content_of(messages.get()));
  }
  return true;
}

bool draw_page(const std::filesystem::path& file,
               const std::function<std::string(const std::string&)>& script_of) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  std::filesystem::path partial = file;
  partial += ".partial";
  std::error_code error;
  try {
    require_writable(folder);
    if (!std::filesystem::is_directory(folder, error)) {
      throw Error(folder.string() + ": there is no such folder");
    }
    if (!run_gnuplot(folder, script_of(partial.filename().string()))) return false;
    if (!is_whole(partial)) throw Error(file.string() + ": cannot be written: is the disk full?");
    std::filesystem::rename(partial, file, error);
    if (error) throw Error(file.string() + ": cannot be written: " + error.message());
  } catch (...) {
    std::filesystem::remove(partial, error);
    throw;
  }
  return true;
}

Drawing draw(const std::filesystem::path& folder, const std::string& stem,
             const std::function<std::string(FigureFormat, const std::string&)>& script_of) {
  const std::string script = script_of(FigureFormat::svg, stem + ".svg");
  if (script.empty()) return Drawing::nothing;
  require_writable(folder);
  write_text(folder / (stem + ".gp"),
             "# `gnuplot " + stem + ".gp` draws " + stem + ".svg again.\n" + script);
  std::vector<std::future<bool>> pages;  // both at the same time
  for (const FigureFormat format : {FigureFormat::svg, FigureFormat::png}) {
    const std::filesystem::path file =
        folder / (stem + (format == FigureFormat::svg ? ".svg" : ".png"));
    pages.push_back(std::async(std::launch::async, [&script_of, file, format] {
      return draw_page(file, [&](const std::string& output) { return script_of(format, output); });
    }));
  }
  bool are_drawn = true;
  for (std::future<bool>& page : pages) are_drawn &= page.get();
  return are_drawn ? Drawing::drawn : Drawing::no_gnuplot;
}

Drawing draw_figure(const std::filesystem::path& folder, const Results& results) {
  if (figure_panels(results).empty()) return Drawing::nothing;
  draw(folder, "kernels", [&](FigureFormat format, const std::string& output) {
    return kernels_figure_script(results, format, output);
  });
  return draw(folder, "figure", [&](FigureFormat format, const std::string& output) {
    return figure_script(results, format, output);
  });
}

}  // namespace reprise
