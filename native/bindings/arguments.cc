#include "arguments.h"

#include <float.h>
#include <limits.h>
#include <stdio.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace rnnlm {
namespace {

constexpr double largest_index = 9007199254740991.0;  // Number.MAX_SAFE_INTEGER
constexpr size_t longest_axis = size_t{1} << 33;       // of a matrix: no typed array is longer

const char* array_name(napi_typedarray_type type) {
  switch (type) {
    case napi_int32_array: return "an Int32Array";
    case napi_uint32_array: return "a Uint32Array";
    case napi_float64_array: return "a Float64Array";
    default: return "a Float32Array";
  }
}

// The decimal digits of an integral number of any size.
std::string whole(double value) {
  char digits[DBL_MAX_10_EXP + 2];
  return {digits, static_cast<size_t>(snprintf(digits, sizeof digits, "%.0f", value))};
}

}  // namespace

Arguments::Arguments(napi_env env, napi_callback_info info) : env_(env), recorder_(Recorder::of_this_thread()) {
  void* data;
  if (napi_get_cb_info(env, info, &count_, positional_, nullptr, &data) != napi_ok) throw Napi::Error::New(env);
  count_ = std::min(count_, most);
  operation_ = static_cast<const char*>(data);
  recorder_.name_operation(operation_);
  note(reinterpret_cast<uintptr_t>(operation_));
}

// Adds an argument to the trace while recording.
void Arguments::note(uint64_t argument) {
  if (recorder_.is_on()) recorder_.note(argument);
}

Napi::Value Arguments::next(const char* name) {
  if (position_ >= count_) refuse(name, "an argument");
  return {env_, values_[position_++]};
}

void Arguments::check_element_count(size_t rows, size_t columns) const {
  constexpr double most_elements = 1e12;
  if (static_cast<double>(rows) * static_cast<double>(columns) > most_elements) {
    throw Napi::RangeError::New(env_, std::string(operation_) + ": rows, columns: expected at most 10^12 elements");
  }
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

size_t Arguments::length(const char* name) {
  const size_t value = size(name);
  if (value > longest_axis) refuse(name, "an integer of at most 2^33");
  return value;
}

int Arguments::integer(const char* name) {
  double value;
  const bool is_number = napi_get_value_double(env_, next(name), &value) == napi_ok;
  if (!is_number || !(value >= INT_MIN && value <= INT_MAX) || value != static_cast<int>(value)) {
    refuse(name, "an integer of 32 bits");
  }
  const int result = static_cast<int>(value);
  note(static_cast<uint64_t>(result));
  return result;
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

Arguments::Elements Arguments::elements(const char* name, napi_typedarray_type type) {
  napi_typedarray_type found = napi_int8_array;  // unchanged if Node-API does not know the type
  void* data;
  Elements result{};
  const napi_status status = napi_get_typedarray_info(env_, next(name), &found, &result.length, &data,
                                                      recorder_.is_on() ? &result.buffer : nullptr, &result.byte_offset);
  if (status != napi_ok || found != type) refuse(name, array_name(type));
  if (!data) result.length = 0;
  result.data = static_cast<char*>(data);
  note(reinterpret_cast<uintptr_t>(data));
  return result;
}

// Checks that `span` elements from `offset` on exist and that no running tape uses them.
void Arguments::use(const char* name, const Elements& elements, size_t element_bytes, size_t offset, double span,
                    Access access) {
  if (span == 0) return;
  check_within(name, offset, span, elements.length);
  const bool may_outdate = is_write(access) && !recorder_.is_on() && recorder_.keeps_any();
  if (!recorder_.is_on() && !recorder_.locks_any() && !may_outdate) return;
  const uintptr_t data = reinterpret_cast<uintptr_t>(elements.data), begin = data + offset * element_bytes;
  const ByteRange range{begin, begin + static_cast<size_t>(span) * element_bytes};
  if (recorder_.is_locked(range)) {
    throw Napi::Error::New(env_, std::string(operation_) + ": " + name +
                                     ": a training step is at work on this tensor; wait for it (in onProgress, or with "
                                     "evalPerplexity), or use a copy of the model");
  }
  if (may_outdate) recorder_.note_write(range);
  if (recorder_.is_on()) recorder_.hold(env_, elements.buffer, data - elements.byte_offset, range, access);
}

void Arguments::check_within(const char* name, size_t offset, double span, size_t length) const {
  if (span == 0 || static_cast<double>(offset) + span <= static_cast<double>(length)) return;
  throw Napi::RangeError::New(env_, std::string(operation_) + ": " + name + ": expected a buffer of at least " +
                                        whole(static_cast<double>(offset) + span) +
                                        " elements, got " + std::to_string(length) +
                                        (length == 0 ? " (detached: the buffer was transferred to another owner)" : ""));
}

template <class Element>
Element* Arguments::array(const char* name, napi_typedarray_type type, size_t count, Access access) {
  const Elements found = elements(name, type);
  const size_t offset = size(name);
  use(name, found, sizeof(Element), offset, static_cast<double>(count), access);
  Element* data = reinterpret_cast<Element*>(found.data);
  return count > 0 ? data + offset : data;
}

const float* Arguments::floats(const char* name, size_t count) {
  return array<float>(name, napi_float32_array, count, Access::read);
}
float* Arguments::mutable_floats(const char* name, size_t count) {
  return array<float>(name, napi_float32_array, count, Access::write);
}
const double* Arguments::doubles(const char* name, size_t count) {
  return array<double>(name, napi_float64_array, count, Access::read_scalar);
}
const uint32_t* Arguments::words(const char* name, size_t count) {
  return array<uint32_t>(name, napi_uint32_array, count, Access::read);
}
double* Arguments::mutable_doubles(const char* name, size_t count) {
  return array<double>(name, napi_float64_array, count, Access::write_scalar);
}
TokenIds Arguments::token_ids(const char* name, size_t count) {
  return {array<int>(name, napi_int32_array, count, Access::read), count};
}
int* Arguments::mutable_ints(const char* name, size_t count) {
  return array<int>(name, napi_int32_array, count, Access::write);
}
uint32_t* Arguments::mutable_words(const char* name, size_t count) {
  return array<uint32_t>(name, napi_uint32_array, count, Access::write);
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
                          bool reads_column_stride, Repeats repeats, Access access) {
  const Elements found = elements(name, type);
  const size_t offset = size(name), row_stride = size(name), column_stride = reads_column_stride ? size(name) : 1;
  float* data = reinterpret_cast<float*>(found.data);
  const Matrix matrix{data, rows, columns, static_cast<ptrdiff_t>(row_stride), static_cast<ptrdiff_t>(column_stride)};
  // A matrix without elements may have any strides.
  if (rows == 0 || columns == 0) return {data, rows, columns, static_cast<ptrdiff_t>(columns), 1};
  check_layout(name, matrix, repeats);
  // Computed in double, which cannot overflow for invalid sizes.
  const double span = static_cast<double>(rows - 1) * static_cast<double>(row_stride) +
                      static_cast<double>(columns - 1) * static_cast<double>(column_stride) + 1;
  use(name, found, sizeof(float), offset, span, access);
  return {data + offset, rows, columns, matrix.row_stride, matrix.column_stride};
}

// If a stride of 0 were allowed for results, their number of rows or columns would not be limited by the buffer.
void Arguments::check_layout(const char* name, const Matrix& matrix, Repeats repeats) const {
  if (repeats == Repeats::any) return;
  if (matrix.rows > 1 && matrix.row_stride == 0) refuse(name, "a row stride of at least 1");
  if (matrix.columns > 1 && matrix.column_stride == 0) refuse(name, "a column stride of at least 1");
}

ConstMatrix Arguments::matrix(const char* name, size_t rows, size_t columns) {
  return as_const(strided(name, napi_float32_array, rows, columns, true, Repeats::none, Access::read));
}
Matrix Arguments::mutable_matrix(const char* name, size_t rows, size_t columns) {
  return strided(name, napi_float32_array, rows, columns, true, Repeats::none, Access::write);
}

ConstMatrix Arguments::integers_as_floats(const char* name, size_t rows, size_t columns) {
  return as_const(strided(name, napi_int32_array, rows, columns, true, Repeats::none, Access::read));
}
Matrix Arguments::mutable_integers_as_floats(const char* name, size_t rows, size_t columns) {
  return strided(name, napi_int32_array, rows, columns, true, Repeats::none, Access::write);
}

ConstMatrix Arguments::operand(const char* name, size_t rows, size_t columns) {
  const Matrix result = strided(name, napi_float32_array, rows, columns, true, Repeats::any, Access::read);
  if (result.column_stride > 1) refuse(name, "a column stride of 0 or 1");
  return as_const(result);
}

ConstMatrix Arguments::contiguous_rows(const char* name, size_t rows, size_t columns) {
  return as_const(strided(name, napi_float32_array, rows, columns, false, Repeats::none, Access::read));
}
Matrix Arguments::mutable_rows(const char* name, size_t rows, size_t columns) {
  return strided(name, napi_float32_array, rows, columns, false, Repeats::none, Access::write);
}

std::vector<ByteRange> Arguments::byte_ranges(const char* name) {
  const Napi::Value value = next(name);
  if (!value.IsArray()) refuse(name, "an array");
  const Napi::Array arrays = value.As<Napi::Array>();
  std::vector<ByteRange> ranges;
  for (uint32_t i = 0; i < arrays.Length(); i++) {
    const Napi::Value array = arrays.Get(i);
    if (!array.IsTypedArray()) refuse(name, "typed arrays");
    void* data = nullptr;
    if (napi_get_typedarray_info(env_, array, nullptr, nullptr, &data, nullptr, nullptr) != napi_ok) {
      refuse(name, "typed arrays");
    }
    const uintptr_t begin = reinterpret_cast<uintptr_t>(data);
    ranges.push_back({begin, begin + (data ? array.As<Napi::TypedArray>().ByteLength() : 0)});
  }
  return ranges;
}

void Arguments::unpack(const char* name, const std::vector<Field>& fields) {
  const Napi::Value object = next(name);
  if (!object.IsObject()) refuse(name, "an object");
  for (const Field& field : fields) {
    const Napi::Value value = object.As<Napi::Object>().Get(field.name);
    if (field.count == 1) {
      unpacked_.push_back(value);
      continue;
    }
    if (!value.IsArray()) refuse(field.name, "a tuple");
    for (size_t i = 0; i < field.count; i++) {
      unpacked_.push_back(value.As<Napi::Array>().Get(static_cast<uint32_t>(i)));
    }
  }
  values_ = unpacked_.data();
  count_ = unpacked_.size();
  position_ = 0;
  recorder_.name_operation(operation_);  // getters may have called other operations
}

}  // namespace rnnlm
