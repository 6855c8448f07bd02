#include "jni_glue.h"

#include <dnnl.hpp>
#include <dnnl_debug.h>

#include <exception>
#include <new>

namespace diffusionad {
namespace {

void throwNew(JNIEnv* env, const char* message) {
  const jclass type = env->FindClass("io/diffusionad/ops/OpException");
  if (type != nullptr) env->ThrowNew(type, message);
}

}  // namespace

void throwOpException(JNIEnv* env, const char* operation, std::initializer_list<int64_t> dims, const std::string& cause) noexcept {
  try {
    std::string message = operation;
    if (dims.size() > 0) {
      message += " (";
      bool first = true;
      for (int64_t dim : dims) {
        if (!first) message += ',';
        message += std::to_string(dim);
        first = false;
      }
      message += ')';
    }
    throwNew(env, (message + ": " + cause).c_str());
  } catch (const std::bad_alloc&) {
    throwNew(env, operation);  // not even the message finds memory
  }
}

void throwCurrent(JNIEnv* env, const char* operation, std::initializer_list<int64_t> dims) noexcept {
  try {
    try {
      throw;
    } catch (const dnnl::error& e) {
      throwOpException(env, operation, dims, std::string("oneDNN status ") + dnnl_status2str(e.status) + ", " + e.message);
    } catch (const std::bad_alloc&) {
      throwOpException(env, operation, dims, "out of memory for its working space; choose a smaller batch, image size or width");
    } catch (const std::exception& e) {
      throwOpException(env, operation, dims, e.what());
    } catch (...) {
      throwOpException(env, operation, dims, "unknown cause");
    }
  } catch (...) {
    throwNew(env, operation);  // not even the cause finds memory
  }
}

}  // namespace diffusionad
