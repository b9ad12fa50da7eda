// Several processes at work on one sweep: those of an MPI run, where Reprise is built with MPI.
#pragma once

#include "reprise/experiments/sweep/sweep_run.hpp"

namespace reprise {

/// Whether mpirun or srun has started this process as one of several, by the variables that Open
/// MPI, PMI (MPICH), Hydra and Slurm set.
bool is_launched_with_others();

/// The processes of this run. The first one, the leader, has the store, gives out points and
/// computes some itself; the others compute. Without MPI, or started without mpirun, there is one,
/// which does it all.
class SweepTeam {
 public:
  /// Begins MPI where there are others: on its own a process starts faster without, and is not
  /// bound to what MPI asks of the machine. Throws InputError under mpirun if Reprise was built
  /// without it. joins  false for a process that has a part of its own (--shard): it is alone
  explicit SweepTeam(bool joins);
  /// Lets the others end, whatever happened to the leader.
  ~SweepTeam();
  SweepTeam(const SweepTeam&) = delete;
  SweepTeam& operator=(const SweepTeam&) = delete;

  int size() const { return size_; }
  bool is_leader() const { return rank_ == 0; }
  /// For the leader of several: one point at a time to each process, itself included. The sweep
  /// must outlive the executor.
  Executor executor(const Sweep& sweep, int threads);
  /// For the others: computes what the leader asks for until it ends. Without a sweep, of a file
  /// that the leader refuses as well, only its end is waited for.
  void follow(const std::optional<Sweep>& sweep, int threads);

 private:
  bool has_others_;
  int rank_ = 0, size_ = 1;
};

}  // namespace reprise
