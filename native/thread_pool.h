// One pool of threads for the process, made when it is first needed and never taken down: a worker environment may end
// while another one computes. Work is cut in pieces that do not depend on the number of threads, so neither do the bits
// of a result.
#pragma once
#include <stddef.h>

namespace rnnlm {

// The cores that this process may use: its affinity and its cgroup's quota, whichever is less.
int available_cores();

// How many threads work together, the caller's among them.
int thread_count();
void set_thread_count(int count);

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
