// Reads and checks the arguments of a call from JavaScript, in order: types, bounds and detached buffers. The TypeScript
// side checks shapes, with messages for users; the checks here prevent reads and writes outside a buffer.
#pragma once
#include <napi.h>

#include <string>
#include <vector>

#include "../views.h"
#include "recorder.h"

namespace rnnlm {

// A field of an object that an operation takes. It replaces `count` arguments; if count > 1, it is a tuple.
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
  size_t length(const char* name);      // the length of an axis of a matrix
  int integer(const char* name);        // a 32-bit integer
  double number(const char* name);      // any number
  bool flag(const char* name);          // a boolean
  uint64_t bits(const char* name);      // a BigInt of 64 bits

  // An operation reads what it gets from the functions below, and writes what it gets from the mutable_ ones, which it may
  // read too. A recording notes both (see flow.h).

  // Two arguments: a typed array and the offset of the first element. All `count` elements are within the array.
  const float* floats(const char* name, size_t count);
  const float* optional_floats(const char* name, size_t count);  // may be null
  const double* doubles(const char* name, size_t count);
  const uint32_t* words(const char* name, size_t count);
  TokenIds token_ids(const char* name, size_t count);
  float* mutable_floats(const char* name, size_t count);
  double* mutable_doubles(const char* name, size_t count);
  int* mutable_ints(const char* name, size_t count);
  uint32_t* mutable_words(const char* name, size_t count);

  // Four arguments: a typed array, offset, row stride and column stride.
  ConstMatrix matrix(const char* name, size_t rows, size_t columns);
  Matrix mutable_matrix(const char* name, size_t rows, size_t columns);
  // matrix of an Int32Array, for operations that only copy elements.
  ConstMatrix integers_as_floats(const char* name, size_t rows, size_t columns);
  Matrix mutable_integers_as_floats(const char* name, size_t rows, size_t columns);
  // matrix whose column stride is 1, or 0 to repeat one element.
  ConstMatrix operand(const char* name, size_t rows, size_t columns);
  // Three arguments: a typed array, offset and row stride. The column stride is 1.
  ConstMatrix contiguous_rows(const char* name, size_t rows, size_t columns);
  Matrix mutable_rows(const char* name, size_t rows, size_t columns);

  // An array of typed arrays of any type: the bytes of each.
  std::vector<ByteRange> byte_ranges(const char* name);

  // Replaces the next argument, an object, by the values of its fields in this order. All fields are fetched before any is
  // read: fetching one may run JavaScript, which could detach a buffer.
  void unpack(const char* name, const std::vector<Field>& fields);

  // Throws if a rows × columns matrix would be larger than any buffer, so that sizes computed from it cannot overflow.
  void check_element_count(size_t rows, size_t columns) const;

  // Throws a TypeError that names the argument and what was expected.
  [[noreturn]] void refuse(const char* name, const char* expected) const;

 private:
  // A typed array. `buffer` is set only while recording.
  struct Elements {
    char* data;
    size_t length, byte_offset;
    napi_value buffer;
  };

  Elements elements(const char* name, napi_typedarray_type type);
  template <class Element>
  Element* array(const char* name, napi_typedarray_type type, size_t count, Access access);
  // Whether strides may be 0, which repeats rows or columns.
  enum class Repeats { none, any };
  Matrix strided(const char* name, napi_typedarray_type type, size_t rows, size_t columns, bool reads_column_stride,
                 Repeats repeats, Access access);
  void check_layout(const char* name, const Matrix& matrix, Repeats repeats) const;
  void note(uint64_t argument);
  void use(const char* name, const Elements& elements, size_t element_bytes, size_t offset, double span, Access access);
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
