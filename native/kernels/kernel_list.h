// The list of kernels. The fields of the kernel table, their initialisation and the names of elementwise operations in
// JavaScript all derive from these macros, so that a kernel is named here once and a table cannot be filled in the wrong
// order.
//
// All pointers may be unaligned, and n may be 0. `out` may be one of the inputs (same start) but must not overlap an input
// in any other way.
#pragma once

// Elementwise operations: X(name, name in JavaScript). elementwise.h defines a function of vectors of the same name.

// out = name(a)
#define RNNLM_UNARY_KERNELS(X) \
  X(tanh, tanh)                \
  X(sigmoid, sigmoid)          \
  X(exp, exp)

// out = name(a, b)
#define RNNLM_BINARY_KERNELS(X)   \
  X(add, add)                     \
  X(subtract, subtract)           \
  X(multiply, multiply)           \
  X(divide, divide)               \
  X(tanh_gradient, tanhGradient)  \
  X(sigmoid_gradient, sigmoidGradient)

// out = name(a, b, out)
#define RNNLM_ACCUMULATING_KERNELS(X) \
  X(add_product, addProduct)

// Kernels with a signature of their own: X(result, name, parameters).
#define RNNLM_OTHER_KERNELS(X)                                                                                          \
  X(void, scale, (size_t n, float factor, const float* a, float* out))                                                  \
  /* scale with streaming stores, which do not load the cache lines they overwrite: faster if `out` is not `a` and */   \
  /* does not fit in the caches. Other threads see the result after finish_streaming_stores. */                         \
  X(void, scale_streaming, (size_t n, float factor, const float* a, float* out))                                        \
  X(void, finish_streaming_stores, ())                                                                                  \
  X(void, fill, (size_t n, float value, float* out))                                                                    \
  /* y += alpha · x */                                                                                                  \
  X(void, axpy, (size_t n, float alpha, const float* x, float* y))                                                      \
  X(double, sum, (size_t n, const float* a))                                                                            \
  X(double, sum_of_squares, (size_t n, const float* a))                                                                 \
  /* out[j] = Σᵢ a[i, j] */                                                                                             \
  X(void, sum_rows, (size_t rows, size_t columns, const float* a, ptrdiff_t a_row, float* out))                         \
  X(float, maximum, (size_t n, const float* a))                                                                         \
  /* out = exp(a - shift); returns the sum of out. If out is null, only the sum is computed. `next` points to the n */  \
  /* floats that are read after these; they are prefetched. */                                                          \
  X(double, exp_shifted, (size_t n, const float* a, float shift, float* out, const float* next))                        \
  /* scale_streaming(n, factor, row, out), then row = exp(a - shift) as in exp_shifted, in one pass. */                 \
  X(double, scale_streaming_then_exp_shifted,                                                                           \
    (size_t n, const float* a, float shift, float* row, const float* next, float factor, float* out))                   \
  /* One panel of a product with compact weights, see CompactPanel. */                                                  \
  X(void, multiply_bfloat16_panel, (const CompactPanel& panel))                                                         \
  X(void, multiply_int8_panel, (const CompactPanel& panel))
