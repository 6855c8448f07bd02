#include "jni_glue.h"

namespace diffusionad {

void throwOpException(JNIEnv* env, const char* operation, std::initializer_list<int64_t> dims, const std::string& cause) {
  std::string message = operation;
  message += " (";
  bool first = true;
  for (int64_t dim : dims) {
    if (!first) message += ',';
    message += std::to_string(dim);
    first = false;
  }
  message += "): " + cause;
  const jclass type = env->FindClass("io/diffusionad/ops/OpException");
  if (type != nullptr) env->ThrowNew(type, message.c_str());
}

}  // namespace diffusionad
