// One pool of threads for the process, made when it is first needed and never taken down: a worker environment may end
// while another one computes. Work is cut in pieces that do not depend on the number of threads, so neither do the bits
// of a result.
#pragma once
#include <stddef.h>

namespace rnnlm {

// The cores that this process may use: its affinity and its cgroup's quota, whichever is less.
int available_cores();

// How many threads work together, the caller's among them: as many as were asked for, or fewer if the system has refused
// to start one.
int thread_count();
void set_thread_count(int count);

// Starts those that are missing now, not when there is work for them.
void start_threads();

// If the system refuses to start a thread, the pool works with fewer from then on, and leaves some to Node.
struct RefusedThreads {
  int wanted, left;  // the caller's among them; 0 if none was refused
};
RefusedThreads take_refused_threads();  // what has not been taken before

// For tests: the system seems to refuse to start this thread of the pool, counted from 1, and those after it.
void refuse_thread(int number);

using Piece = void (*)(const void* work, size_t index);

// Calls piece(work, i) for all i in 0 … pieces − 1, on this thread and on those of the pool that are free. Where the pool
// serves another caller already, this thread does all the work itself.
void run_pieces(size_t pieces, Piece piece, const void* work);

// The same for a function of an index. Work that is too small to be worth another thread is not shared.
template <class Function>
void parallel_for(size_t pieces, const Function& function, bool is_shared = true) {
  if (!is_shared || pieces <= 1 || thread_count() == 1) {
    for (size_t i = 0; i < pieces; i++) function(i);
    return;
  }
  run_pieces(pieces, [](const void* work, size_t i) { (*static_cast<const Function*>(work))(i); }, &function);
}

}  // namespace rnnlm
