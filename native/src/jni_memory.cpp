// Memory of the CPU backend.
#include <jni.h>

#include <cstring>

#include "filters.h"
#include "jni_glue.h"
#include "pages.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT jlong JNICALL Java_io_diffusionad_backend_cpu_CpuNative_allocate(JNIEnv*, jclass, jlong bytes) {
  return reinterpret_cast<jlong>(mapPages(static_cast<size_t>(bytes)));
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNative_free(JNIEnv*, jclass, jlong address, jlong bytes) {
  unmapPages(pointer(address), static_cast<size_t>(bytes));
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNative_discard(JNIEnv*, jclass, jlong address, jlong bytes) {
  discardPages(pointer(address), static_cast<size_t>(bytes));
}

JNIEXPORT jobject JNICALL Java_io_diffusionad_backend_cpu_CpuNative_view(JNIEnv* env, jclass, jlong address, jlong bytes) {
  return env->NewDirectByteBuffer(reinterpret_cast<void*>(address), bytes);
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNative_copy(JNIEnv*, jclass, jlong destination, jlong source, jlong bytes) {
  std::memcpy(reinterpret_cast<void*>(destination), reinterpret_cast<const void*>(source), static_cast<size_t>(bytes));
}

JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cpu_CpuNative_storeFilters(JNIEnv* env, jclass, jlong destination, jobject source, jint offset,
                                                                                    jlong filters, jlong channels, jlong taps) {
  const char* bytes = static_cast<const char*>(env->GetDirectBufferAddress(source)) + offset;
  return storeFilters(pointer<float>(destination), reinterpret_cast<const float*>(bytes), filters, channels, taps);
}

}  // extern "C"
