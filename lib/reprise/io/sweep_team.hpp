// Several processes at work on one sweep: those of an MPI run, where Reprise is built with MPI.
#pragma once

#include "reprise/io/sweep_run.hpp"

namespace reprise {

/// The processes of this run. The first one, the leader, has the store and gives out points; the
/// others compute. Without MPI, or started without mpirun, there is one, which does it all.
class SweepTeam {
 public:
  /// Begins MPI. Throws InputError under mpirun if Reprise was built without it.
  SweepTeam();
  /// Lets the others end, whatever happened to the leader.
  ~SweepTeam();
  SweepTeam(const SweepTeam&) = delete;
  SweepTeam& operator=(const SweepTeam&) = delete;

  int size() const { return size_; }
  bool is_leader() const { return rank_ == 0; }
  /// For the leader of several: one point at a time to each of the others.
  Executor executor();
  /// For the others: computes what the leader asks for until it ends. Without a sweep, of a file
  /// that the leader refuses as well, only its end is waited for.
  void follow(const std::optional<Sweep>& sweep, int threads);

 private:
  int rank_ = 0, size_ = 1;
};

}  // namespace reprise
