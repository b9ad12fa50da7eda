#include "reprise/experiments/figure/gnuplot.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <future>
#include <memory>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/experiments/figure/figure.hpp"

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

}  // namespace

bool run_gnuplot(const std::filesystem::path& folder, const std::string& script) {
  const File input = nameless_file(script);
  const File messages = nameless_file("");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(messages.get()), 1);
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

Drawing draw(const std::filesystem::path& folder, const std::string& stem,
             const std::function<std::string(FigureFormat, const std::string&)>& script_of) {
  struct Page {
    std::string name;
    std::future<bool> is_drawn;
  };
  std::vector<Page> pages;  // both at the same time
  for (const FigureFormat format : {FigureFormat::svg, FigureFormat::png}) {
    const std::string name = stem + (format == FigureFormat::svg ? ".svg" : ".png");
    const std::string script = script_of(format, name + ".partial");
    if (script.empty()) return Drawing::nothing;
    pages.push_back({name, std::async(std::launch::async, run_gnuplot, folder, script)});
  }
  for (auto& [name, is_drawn] : pages) {
    if (!is_drawn.get()) return Drawing::no_gnuplot;
    std::error_code error;
    std::filesystem::rename(folder / (name + ".partial"), folder / name, error);
    if (error) throw Error((folder / name).string() + ": cannot be written: " + error.message());
  }
  return Drawing::drawn;
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
