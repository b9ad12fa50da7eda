#include "reprise/experiments/figure/gnuplot.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "reprise/experiments/results/staged_files.hpp"

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

/// What finds programs, libraries and fonts; GNUTERM, GNUPLOT_LIB and the like would change the
/// figure.
std::vector<std::string> kept_environment() {
  std::vector<std::string> kept{"LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME",
                           "FONTCONFIG_FILE", "FONTCONFIG_PATH"}) {
    if (const char* value = std::getenv(name)) kept.push_back(std::string(name) + "=" + value);
  }
  return kept;
}

/// Ends a process of ours with all that it started.
void end_group(pid_t process) {
  kill(-process, SIGKILL);
  while (waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// Its status when it has ended; a process that takes longer is ended.
int wait_for(pid_t process, std::chrono::milliseconds time_limit) {
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return status;
    if (ended < 0 && errno != EINTR) {
      throw Error(std::string("gnuplot cannot be waited for: ") + std::strerror(errno));
    }
    if (is_stop_requested()) {
      end_group(process);
      throw Stopped();
    }
    if (std::chrono::steady_clock::now() > deadline) {
      end_group(process);
      throw Error("gnuplot did not end within " + std::to_string(time_limit.count() / 1000) +
                  " s and was stopped");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// There is no program of that name.
struct NoGnuplot {};

/// gnuplot says nothing of a full disk: whether a page has its end.
bool is_whole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  std::string end(16, ' ');
  if (!in || size < static_cast<std::streamoff>(end.size())) return false;
  in.seekg(size - static_cast<std::streamoff>(end.size()));
  in.read(end.data(), static_cast<std::streamsize>(end.size()));
  const auto has = [&](const char* mark) { return end.find(mark) != std::string::npos; };
  return in && (has("</svg>") || has("IEND") || has("%%EOF"));
}

}  // namespace

bool run_gnuplot(const std::filesystem::path& folder, const std::string& script,
                 std::chrono::milliseconds time_limit) {
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
  std::vector<std::string> kept = kept_environment();
  std::vector<char*> environment;
  for (std::string& variable : kept) environment.push_back(variable.data());
  environment.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // to end what it starts with it
  pid_t process = 0;
  const int error =
      posix_spawnp(&process, program, &actions, &attributes, arguments, environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return false;
  if (error != 0) throw Error(std::string("gnuplot cannot be started: ") + std::strerror(error));
  const int status = wait_for(process, time_limit);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return false;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error("gnuplot failed: " + content_of(messages.get()));
  }
  return true;
}

void require_page(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (!format_of(file)) {
    throw InputError(file.string() + ": the name of a figure must end in .svg, .png or .pdf");
  }
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    throw Error(folder.string() + ": there is no such folder");
  }
  require_writable(folder, {file.filename().string()});
}

bool draw_page(const std::filesystem::path& file,
               const std::function<std::string(const std::string&)>& script_of) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  require_page(file);
  try {
    StagedFiles page(folder);
    page.add(file.filename().string(), [&](const std::filesystem::path& staged) {
      // "./": to gnuplot a name that begins with "|" is a command.
      if (!run_gnuplot(folder, script_of("./" + staged.filename().string()))) throw NoGnuplot();
      if (!is_whole(staged)) throw Error(file.string() + ": cannot be written: is the disk full?");
    });
    page.commit();
  } catch (const NoGnuplot&) {
    return false;
  }
  return true;
}

std::optional<FigureFormat> format_of(const std::filesystem::path& file) {
  for (const auto& [format, suffix] : Names<FigureFormat>::all) {
    if (file.extension().string() == "." + std::string(suffix)) return format;
  }
  return std::nullopt;
}

std::string figure_files(const std::filesystem::path& folder, const FigureKeys& keys) {
  std::string text;
  for (const FigureFormat format : keys.format.all) {
    const std::string file = "figure." + std::string(name(format));
    text += (text.empty() ? (folder / file).string() : file) + ", ";
  }
  return text + "figure.gp" + (keys.caption ? ", figure.txt" : "");
}

Drawing draw(const std::filesystem::path& folder, const std::string& stem,
             const FigureFormats& formats,
             const std::function<std::string(FigureFormat, const std::string&)>& script_of) {
  if (formats.all.empty()) return Drawing::unwanted;
  const auto file_of = [&](FigureFormat format) { return stem + "." + std::string(name(format)); };
  const std::string first = file_of(formats.all.front());
  const std::string script = script_of(formats.all.front(), first);
  if (script.empty()) return Drawing::nothing;
  require_writable(folder);
  write_text(folder / (stem + ".gp"),
             "# `gnuplot " + stem + ".gp` draws " + first + " again.\n" + script);
  std::atomic<bool> are_drawn = true;
  const std::size_t n_formats = formats.all.size();
  parallel_for(n_formats, static_cast<int>(n_formats), [&](std::size_t, std::size_t page) {
    const FigureFormat format = formats.all[page];
    const auto of_page = [&](const std::string& output) { return script_of(format, output); };
    if (!draw_page(folder / file_of(format), of_page)) are_drawn = false;
  });
  return are_drawn ? Drawing::drawn : Drawing::no_gnuplot;
}

Drawing draw_figure(const std::filesystem::path& folder, const Results& results) {
  const FigureFormats& formats = results.figure.format;
  if (formats.all.empty()) return Drawing::unwanted;
  if (figure_panels(results).empty()) return Drawing::nothing;
  draw(folder, "kernels", formats, [&](FigureFormat format, const std::string& output) {
    return kernels_figure_script(results, format, output);
  });
  if (results.figure.caption) write_text(folder / "figure.txt", figure_caption(results));
  return draw(folder, "figure", formats, [&](FigureFormat format, const std::string& output) {
    return figure_script(results, format, output);
  });
}

}  // namespace reprise
