// The test suites. Suites with a table run once for every table.
#pragma once
#include "../../native/kernels/table.h"

namespace rnnlm {

void test_dispatch();
void test_dropout();
void test_flow();
void test_random();
void test_tape();
void test_thread_pool();
void test_refused_threads();

void test_elementwise(const KernelTable& table);
void test_reductions(const KernelTable& table);
void test_tiles(const KernelTable& table);  // the micro-kernel and the packing of its panels
void test_transcendentals(const KernelTable& table);

// `table` must be selected: these call the operations in native/.
void test_matmul(const KernelTable& table);
void test_gather(const KernelTable& table);
void test_softmax(const KernelTable& table);
void test_thread_counts(const KernelTable& table);
void test_updates(const KernelTable& table);

// The accuracy of tanh, sigmoid and exp of every table, for all float32 numbers or a dense sample.
void sweep_transcendentals(bool exhaustive);

}  // namespace rnnlm
