// Weights in a compact format, packed once for many products with few rows: what a trained model is read with.
#pragma once
#include "dispatch.h"
#include "views.h"

namespace rnnlm {

enum class WeightFormat { bfloat16, int8 };

// The bytes of packed weights: a multiple of 4.
size_t compact_size(WeightFormat format, size_t rows, size_t columns);

// Rounds b to the format, to the nearest value. int8: w ≈ scale · q with q in −127 … 127 and one scale per column, the
// largest magnitude of the column / 127.
struct PackCompact {
  ConstMatrix b;
  WeightFormat format;
  uint32_t* out;  // compact_size bytes
  float* scales;  // int8: b.columns values
};

// C = A·W (+ C if accumulate) (+ bias on every row). The rows of A are contiguous.
struct CompactMatmul {
  ConstMatrix a;
  WeightFormat format;
  const uint32_t* weights;
  const float* scales;
  Matrix c;
  const float* bias;  // or null
  bool accumulate;
  const KernelTable* table = &kernels();
};

void run(const PackCompact& op);
void run(const CompactMatmul& op);

}  // namespace rnnlm
