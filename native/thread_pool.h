// The thread pool of the process. It is created on first use and never destroyed, since one worker environment may end while
// another computes. Work is split into pieces that do not depend on the number of threads, so results do not either.
#pragma once
#include <stddef.h>

namespace rnnlm {

// The number of cores that this process may use: the lower of its affinity and the quota of its cgroup.
int available_cores();

// The number of threads that work together, including the caller's. Lower than what was set if the system has refused to
// start a thread.
int thread_count();
void set_thread_count(int count);

// Starts missing threads now instead of at the next job.
void start_threads();

// If the system refuses to start a thread, the pool continues with fewer and leaves some for Node.
struct RefusedThreads {
  int wanted, left;  // including the caller's; 0 if none was refused
};

// Returns each refusal once.
RefusedThreads take_refused_threads();

// For tests: makes starting this thread of the pool, counted from 1, and all later ones fail.
void refuse_thread(int number);

using Piece = void (*)(const void* work, size_t index);

// Calls piece(work, i) for each i in 0 … pieces - 1, on this thread and the threads of the pool. If the pool already serves
// another caller, this thread does all the work.
void run_pieces(size_t pieces, Piece piece, const void* work);

// Calls function(i) for each i in 0 … pieces - 1; on this thread alone unless is_shared.
template <class Function>
void parallel_for(size_t pieces, const Function& function, bool is_shared = true) {
  if (!is_shared || pieces <= 1 || thread_count() == 1) {
    for (size_t i = 0; i < pieces; i++) function(i);
    return;
  }
  run_pieces(pieces, [](const void* work, size_t i) { (*static_cast<const Function*>(work))(i); }, &function);
}

}  // namespace rnnlm
