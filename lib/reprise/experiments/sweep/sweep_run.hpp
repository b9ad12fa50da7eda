// Computes the points of a sweep, a few at a time, and keeps each in a store when it is done.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "reprise/experiments/sweep/sweep.hpp"

namespace reprise {

class SweepStore;

/// Everything that is kept of a point.
struct SweepRecord {
  std::uint64_t seed = 0;
  std::string experiment = {};  ///< resolved, JSON
  std::string version = {};     ///< of the program
  double wall_time_s = 0;
  std::string failure = {};  ///< why the point, or a curve of it, did not reach its end; else empty
  bool is_transient = false;  ///< the failure: not stored, to be tried again
  /// (curves, observables), in the order of the sweep; a failed point has none.
  std::vector<std::vector<Measurement>> measured = {};
  std::string curves = {};  ///< as curves.csv has them, where they are kept
};

/// The records of a sweep, by point.
using SweepRecords = std::map<SweepPoint, SweepRecord>;

/// Computes one point. What goes wrong numerically, or for want of memory, is in the record.
SweepRecord compute(const Sweep& sweep, const SweepPoint& point, int threads);

/// The record as text and back, exactly: what travels between processes and into the store.
std::string to_json(const SweepRecord& record);
SweepRecord record_from_json(std::string_view text);

/// One of n parts, from 1.
struct Shard {
  std::int64_t index = 1;
  std::int64_t count = 1;
};

struct SweepProgress {
  std::int64_t done = 0;   ///< points, those of earlier runs included
  std::int64_t known = 0;  ///< points that are known to be needed; refinement adds to them
  std::int64_t failed = 0;
  double rate = 0;    ///< points per second of this run
  double left_s = 0;  ///< at this rate
};

/// Computes the points, calling `keep` from one thread at a time as each is done; in any order.
using Executor = std::function<void(
    const std::vector<SweepPoint>& points,
    const std::function<void(const SweepPoint& point, SweepRecord record)>& keep)>;

/// On the threads of this process. Points are taken one a thread; where there are fewer points than
/// threads, each has several.
Executor on_threads(const Sweep& sweep, int threads);

struct SweepOptions {
  Shard shard = {};
  std::function<void(const SweepProgress& progress)> progress = {};
};

/// Which points are still to be computed: those of the grid, then those of the refinement.
std::vector<SweepPoint> missing_points(const Sweep& sweep, const SweepRecords& records);

/// Computes what the store does not have yet, until nothing is missing or, for a shard, nothing
/// that is this shard's. Returns everything there is. A record is in the store, safely, before the
/// next one of its thread is begun.
SweepRecords run_sweep(const Sweep& sweep, SweepStore& store, const Executor& executor,
                       const SweepOptions& options = {});

}  // namespace reprise
