// Between Java and the operations: raw addresses in, OpException out.
#pragma once

#include <jni.h>

#include <dnnl.hpp>
#include <dnnl_debug.h>

#include <exception>
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
void throwOpException(JNIEnv* env, const char* operation, std::initializer_list<int64_t> dims, const std::string& cause);

/** Runs body(context) with the device's threads; whatever C++ throws becomes a Java OpException that names the operation and its main sizes. */
template <class Body>
void operation(JNIEnv* env, jlong context, const char* name, std::initializer_list<int64_t> dims, Body body) noexcept {
  try {
    Context& device = *pointer<Context>(context);
    device.enter();
    body(device);
  } catch (const dnnl::error& e) {
    throwOpException(env, name, dims, std::string("oneDNN status ") + dnnl_status2str(e.status) + ", " + e.message);
  } catch (const std::bad_alloc&) {
    throwOpException(env, name, dims, "out of memory for its working space; choose a smaller batch, image size or width");
  } catch (const std::exception& e) {
    throwOpException(env, name, dims, e.what());
  }
}

}  // namespace diffusionad
