// Where a sweep is kept while it is computed: one SQLite file, one transaction a point.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "reprise/experiments/sweep/sweep_run.hpp"

namespace reprise {

/// What to do with a stored sweep that was made from another file, other overrides or by another
/// version of the program.
enum class OnChange {
  refuse,
  refuse_part,  ///< the same for a part that is to be merged, which cannot be updated on the way
  update,       ///< keep the points whose experiment and observables are the same, drop the others
  restart,      ///< drop them all
};

/// An open store. Nobody else can open it until it is closed, or its process is gone.
class SweepStore {
 public:
  /// Opens or makes the file. Throws Error if it cannot, is in use, or is no such store or damaged;
  /// InputError for a changed plan that is to be refused. Nothing that is stored is lost by that.
  SweepStore(const std::filesystem::path& file, const Sweep& sweep, OnChange on_change);
  ~SweepStore();
  SweepStore(const SweepStore&) = delete;
  SweepStore& operator=(const SweepStore&) = delete;

  /// Everything there is of the sweep. Throws Error if the file is damaged.
  SweepRecords read(const Sweep& sweep);
  /// Puts a point in, in a transaction of its own: when this returns it survives a crash.
  /// Throws Error if it cannot (a full disk); what was there before stays.
  void write(const Sweep& sweep, const SweepPoint& point, const SweepRecord& record);

  class Database;

 private:
  void open(const std::filesystem::path& file, const Sweep& sweep, OnChange on_change);
  std::unique_ptr<Database> database_;
};

/// The file of the sweep that a store holds: its plan, and how it was last drawn. Throws like the
/// constructor.
std::string stored_sweep(const std::filesystem::path& file);

/// Puts the records of other stores of the same plan into this one. Of several records of a point
/// one without a failure wins, then the first, that of this store before all. Throws InputError if
/// one is of another plan.
void merge(SweepStore& store, const Sweep& sweep, const std::vector<std::filesystem::path>& parts);

}  // namespace reprise
