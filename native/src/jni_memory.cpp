// Memory of the CPU backend: anonymous pages, huge ones advised, so that first touch and TLB misses stay cheap.
#include <jni.h>
#include <sys/mman.h>

#include <cstring>

extern "C" {

JNIEXPORT jlong JNICALL Java_io_diffusionad_backend_cpu_CpuNative_allocate(JNIEnv*, jclass, jlong bytes) {
  void* p = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return 0;
  madvise(p, static_cast<size_t>(bytes), MADV_HUGEPAGE);  // advice only: small pages work too
  return reinterpret_cast<jlong>(p);
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNative_free(JNIEnv*, jclass, jlong address, jlong bytes) {
  munmap(reinterpret_cast<void*>(address), static_cast<size_t>(bytes));
}

JNIEXPORT jobject JNICALL Java_io_diffusionad_backend_cpu_CpuNative_view(JNIEnv* env, jclass, jlong address, jlong bytes) {
  return env->NewDirectByteBuffer(reinterpret_cast<void*>(address), bytes);
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNative_copy(JNIEnv*, jclass, jlong destination, jlong source, jlong bytes) {
  std::memcpy(reinterpret_cast<void*>(destination), reinterpret_cast<const void*>(source), static_cast<size_t>(bytes));
}

}  // extern "C"
