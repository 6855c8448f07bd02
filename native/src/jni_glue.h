// Between Java and the operations: raw addresses in, OpException out.
#pragma once

#include <jni.h>

#include <initializer_list>
#include <string>

#include "context.h"

namespace diffusionad {

template <class T = void>
inline T* pointer(jlong address) {
  return reinterpret_cast<T*>(address);
}

inline Type type(jint ordinal) { return static_cast<Type>(ordinal); }
inline Activation activation(jint ordinal) { return static_cast<Activation>(ordinal); }
inline Resample resample(jint ordinal) { return static_cast<Resample>(ordinal); }

/** Throws OpException "operation (dims): cause" in Java; the caller returns at once. */
void throwOpException(JNIEnv* env, const char* operation, std::initializer_list<int64_t> dims, const std::string& cause) noexcept;

/** Throws OpException for the C++ exception that is being handled. */
void throwCurrent(JNIEnv* env, const char* operation, std::initializer_list<int64_t> dims) noexcept;

/** The result of body(), or a value that nobody reads where C++ threw: no exception may cross into the JVM, and every entry that may throw one is guarded so. */
template <class Body>
auto guarded(JNIEnv* env, const char* name, std::initializer_list<int64_t> dims, Body body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    throwCurrent(env, name, dims);
    return decltype(body())();
  }
}

/** Runs body(context) with the device's threads; whatever C++ throws becomes a Java OpException that names the operation and its main sizes. */
template <class Body>
void operation(JNIEnv* env, jlong context, const char* name, std::initializer_list<int64_t> dims, Body body) noexcept {
  guarded(env, name, dims, [&] {
    Context& device = *pointer<Context>(context);
    device.enter();
    body(device);
  });
}

}  // namespace diffusionad
