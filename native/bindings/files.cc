// flock(2), which Node does not provide.
#include <errno.h>
#include <limits.h>
#include <string.h>
#ifndef _WIN32
#include <sys/file.h>
#endif

#include "bindings.h"

namespace rnnlm {
namespace {

#ifndef _WIN32
int lock_without_waiting(int descriptor) {
  int status;
  do {
    status = flock(descriptor, LOCK_EX | LOCK_NB);
  } while (status != 0 && errno == EINTR);
  return status == 0 ? 0 : errno;
}
#else
int lock_without_waiting(int) { return ENOSYS; }
#endif

// lockFile(descriptor) → 'locked', 'held' (by another process or open file) or 'unsupported' (by the file system)
Napi::Value lock_file(Arguments& arguments) {
  const Napi::Env env = arguments.env();
  const size_t descriptor = arguments.size("descriptor");
  if (descriptor > INT_MAX) arguments.refuse("descriptor", "the descriptor of an open file");
  switch (const int code = lock_without_waiting(static_cast<int>(descriptor))) {
    case 0: return Napi::String::New(env, "locked");
    case EWOULDBLOCK: return Napi::String::New(env, "held");
    case EINVAL: case ENOLCK: case ENOSYS: case EOPNOTSUPP: return Napi::String::New(env, "unsupported");
    default: throw Napi::Error::New(env, std::string("lockFile: ") + strerror(code));
  }
}

}  // namespace

void bind_files(Napi::Object exports) { bind<lock_file>(exports, "lockFile"); }

}  // namespace rnnlm
