// The arguments of a call from JavaScript, read in order and checked in one place: types, bounds, detached buffers.
// The TypeScript side has checked shapes already, with messages for people; what is refused here would otherwise
// read or write outside a buffer.
#pragma once
#include <napi.h>

#include <string>
#include <vector>

#include "../views.h"
#include "recorder.h"

namespace rnnlm {

// A field of an object that an operation takes. It stands for `count` arguments; if there are several, it is a tuple.
struct Field {
  const char* name;
  size_t count;
};

class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info);

  Napi::Env env() const { return env_; }
  const char* operation() const { return operation_; }

  Napi::Value next(const char* name);   // anything
  size_t size(const char* name);        // an integer of at least 0
  size_t length(const char* name);      // one that may be an axis of a matrix
  int integer(const char* name);        // one of 32 bits
  double number(const char* name);      // any number
  bool flag(const char* name);          // a boolean
  uint64_t bits(const char* name);      // a BigInt of 64 bits

  // Two arguments: the typed array and the offset of the first element. All `count` elements lie within it.
  float* floats(const char* name, size_t count);
  int* ints(const char* name, size_t count);
  uint32_t* words(const char* name, size_t count);
  double* doubles(const char* name, size_t count);
  const float* optional_floats(const char* name, size_t count);  // null and an offset for none
  TokenIds token_ids(const char* name, size_t count) { return {ints(name, count), count}; }

  // Four arguments: the typed array, offset, row stride and column stride.
  Matrix matrix(const char* name, size_t rows, size_t columns);
  // The same of an Int32Array, for operations that only move elements.
  Matrix integers_as_floats(const char* name, size_t rows, size_t columns);
  // The same, with columns that are adjacent (stride 1) or one repeated element (stride 0).
  Matrix operand(const char* name, size_t rows, size_t columns);
  // Three arguments: the typed array, offset and row stride; the columns are adjacent.
  Matrix contiguous_rows(const char* name, size_t rows, size_t columns);

  // Replaces the next argument, an object, by the values of its fields in this order. All fields are fetched before any is
  // read: fetching one may run JavaScript, which could detach a buffer.
  void unpack(const char* name, const std::vector<Field>& fields);

  // Throws that the argument is not what was expected.
  [[noreturn]] void refuse(const char* name, const char* expected) const;

 private:
  // A typed array. The buffer is only there while a recording is on.
  struct Elements {
    char* data;
    size_t length, byte_offset;
    napi_value buffer;
  };

  Elements elements(const char* name, napi_typedarray_type type);
  template <class Element>
  Element* array(const char* name, napi_typedarray_type type, size_t count);
  // Which strides may be 0, so that rows or columns are repeated.
  enum class Repeats { none, any };
  Matrix strided(const char* name, napi_typedarray_type type, size_t rows, size_t columns, bool reads_column_stride,
                 Repeats repeats);
  void check_layout(const char* name, const Matrix& matrix, Repeats repeats) const;
  void note(uint64_t argument);
  void use(const char* name, const Elements& elements, size_t element_bytes, size_t offset, double span);
  void check_within(const char* name, size_t offset, double span, size_t length) const;

  static constexpr size_t most = 24;  // of one call

  Napi::Env env_;
  napi_value positional_[most];
  std::vector<napi_value> unpacked_;
  const napi_value* values_ = positional_;
  size_t count_ = most;
  const char* operation_;  // the name it was bound under
  Recorder& recorder_;
  size_t position_ = 0;
};

}  // namespace rnnlm
