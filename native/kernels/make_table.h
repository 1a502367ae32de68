// Gathers the kernels, as compiled for one vector type, in that instruction set's table. Included last, once per file.
#pragma once
#include "elementwise.h"
#include "matmul.h"
#include "reductions.h"
#include "updates.h"

namespace rnnlm {
namespace {

constexpr KernelTable make_table(const NarrowKernels& narrow = {}) {
  return {
      isa_name,
      {panel_columns, 1024, tile_rows, multiply_tile, pack_panel, narrow},
      nullptr,
      add,
      subtract,
      multiply,
      divide,
      tanh_gradient,
      sigmoid_gradient,
      add_product,
      tanh_array,
      sigmoid_array,
      exp_array,
      scale,
      scale_past_caches,
      finish_stores_past_caches,
      fill,
      axpy,
      sum,
      sum_of_squares,
      sum_rows,
      maximum,
      exp_shifted,
      exp_shifted_replacing,
      update_descent,
      update_momentum,
      update_rms,
      update_adam,
  };
}

}  // namespace
}  // namespace rnnlm
