#include "arguments.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace rnnlm {
namespace {

constexpr double largest_index = 9007199254740991.0;  // Number.MAX_SAFE_INTEGER

const char* array_name(napi_typedarray_type type) {
  switch (type) {
    case napi_int32_array: return "an Int32Array";
    case napi_uint32_array: return "a Uint32Array";
    case napi_float64_array: return "a Float64Array";
    default: return "a Float32Array";
  }
}

}  // namespace

Arguments::Arguments(napi_env env, napi_callback_info info) : env_(env), recorder_(Recorder::of_this_thread()) {
  void* data;
  if (napi_get_cb_info(env, info, &count_, values_, nullptr, &data) != napi_ok) throw Napi::Error::New(env);
  count_ = std::min(count_, most);
  operation_ = static_cast<const char*>(data);
  note(reinterpret_cast<uintptr_t>(operation_));
}

// While a step is recorded, its trace gets all that an operation is told.
void Arguments::note(uint64_t argument) {
  if (recorder_.is_on()) recorder_.note(argument);
}

Napi::Value Arguments::next(const char* name) {
  if (position_ >= count_) refuse(name, "an argument");
  return {env_, values_[position_++]};
}

void Arguments::refuse(const char* name, const char* expected) const {
  throw Napi::TypeError::New(env_, std::string(operation_) + ": " + name + ": expected " + expected);
}

size_t Arguments::size(const char* name) {
  double value;
  if (napi_get_value_double(env_, next(name), &value) != napi_ok || !(value >= 0 && value <= largest_index)) {
    refuse(name, "an integer of at least 0");
  }
  const size_t integer = static_cast<size_t>(value);
  if (static_cast<double>(integer) != value) refuse(name, "an integer of at least 0");
  note(integer);
  return integer;
}

double Arguments::number(const char* name) {
  double value;
  if (napi_get_value_double(env_, next(name), &value) != napi_ok) refuse(name, "a number");
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  note(bits);
  return value;
}

bool Arguments::flag(const char* name) {
  bool value;
  if (napi_get_value_bool(env_, next(name), &value) != napi_ok) refuse(name, "a boolean");
  note(value);
  return value;
}

uint64_t Arguments::bits(const char* name) {
  uint64_t value;
  bool is_lossless;
  if (napi_get_value_bigint_uint64(env_, next(name), &value, &is_lossless) != napi_ok || !is_lossless) {
    refuse(name, "a BigInt of 64 bits");
  }
  note(value);
  return value;
}

void* Arguments::elements(const char* name, napi_typedarray_type type, size_t& length) {
  napi_typedarray_type found;
  void* data;
  size_t byte_offset;
  napi_value buffer;
  const napi_status status = napi_get_typedarray_info(env_, next(name), &found, &length, &data,
                                                      recorder_.is_on() ? &buffer : nullptr, &byte_offset);
  if (status != napi_ok || found != type) refuse(name, array_name(type));
  if (!data) length = 0;
  const void* address = static_cast<char*>(data) - byte_offset;
  if (recorder_.is_on()) {
    note(reinterpret_cast<uintptr_t>(data));
    recorder_.hold(env_, buffer, address);
  }
  if (recorder_.locks_any() && recorder_.is_locked(address)) {
    throw Napi::Error::New(env_, std::string(operation_) + ": " + name +
                                     ": a training step is at work on this tensor; wait for it (in onProgress, or with "
                                     "evalPerplexity), or use a copy of the model");
  }
  return data;
}

void Arguments::check_within(const char* name, size_t offset, double span, size_t length) const {
  if (span == 0 || static_cast<double>(offset) + span <= static_cast<double>(length)) return;
  throw Napi::RangeError::New(env_, std::string(operation_) + ": " + name + ": expected a buffer of at least " +
                                        std::to_string(static_cast<uint64_t>(static_cast<double>(offset) + span)) +
                                        " elements, got " + std::to_string(length) +
                                        (length == 0 ? " (detached: the buffer was transferred to another owner)" : ""));
}

template <class Element>
Element* Arguments::array(const char* name, napi_typedarray_type type, size_t count) {
  size_t length;
  Element* data = static_cast<Element*>(elements(name, type, length));
  const size_t offset = size(name);
  check_within(name, offset, static_cast<double>(count), length);
  return data + offset;
}

float* Arguments::floats(const char* name, size_t count) { return array<float>(name, napi_float32_array, count); }
int* Arguments::ints(const char* name, size_t count) { return array<int>(name, napi_int32_array, count); }
uint32_t* Arguments::words(const char* name, size_t count) {
  return array<uint32_t>(name, napi_uint32_array, count);
}
double* Arguments::doubles(const char* name, size_t count) {
  return array<double>(name, napi_float64_array, count);
}

const float* Arguments::optional_floats(const char* name, size_t count) {
  if (position_ < count_ && Napi::Value(env_, values_[position_]).IsNull()) {
    position_ += 2;
    note(0);
    return nullptr;
  }
  return floats(name, count);
}

Matrix Arguments::strided(const char* name, napi_typedarray_type type, size_t rows, size_t columns,
                          bool reads_column_stride) {
  size_t length;
  float* data = static_cast<float*>(elements(name, type, length));
  const size_t offset = size(name), row_stride = size(name), column_stride = reads_column_stride ? size(name) : 1;
  if (rows > 0 && columns > 0) {
    // In doubles, where sizes that only a mistaken caller gives cannot wrap around.
    const double span = static_cast<double>(rows - 1) * static_cast<double>(row_stride) +
                        static_cast<double>(columns - 1) * static_cast<double>(column_stride) + 1;
    check_within(name, offset, span, length);
  }
  return {data + offset, rows, columns, static_cast<ptrdiff_t>(row_stride), static_cast<ptrdiff_t>(column_stride)};
}

Matrix Arguments::matrix(const char* name, size_t rows, size_t columns) {
  return strided(name, napi_float32_array, rows, columns, true);
}

Matrix Arguments::integers_as_floats(const char* name, size_t rows, size_t columns) {
  return strided(name, napi_int32_array, rows, columns, true);
}

Matrix Arguments::operand(const char* name, size_t rows, size_t columns) {
  const Matrix result = strided(name, napi_float32_array, rows, columns, true);
  if (result.column_stride > 1) refuse(name, "a column stride of 0 or 1");
  return result;
}

Matrix Arguments::contiguous_rows(const char* name, size_t rows, size_t columns) {
  return strided(name, napi_float32_array, rows, columns, false);
}

}  // namespace rnnlm
