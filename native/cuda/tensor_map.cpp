// The one call of the CUDA driver that JCuda does not bind: cuTensorMapEncodeTiled, looked up in the driver that JCuda has loaded. Needs
// neither CUDA's headers nor its libraries, to build or to load.
#include <dlfcn.h>
#include <jni.h>

#include <cstdint>

namespace {

// As cuda.h declares it; the enumerations are ints.
using EncodeTiled = int (*)(void* map, int type, uint32_t rank, void* address, const uint64_t* sizes, const uint64_t* strides,
                            const uint32_t* box, const uint32_t* steps, int interleave, int swizzle, int l2_promotion, int fill);

constexpr int kBfloat16 = 9, kNoInterleave = 0, kSwizzle128B = 3, kPromotion256B = 3, kZeros = 0;
constexpr jsize kMaxRank = 5;

// Null where no driver is loaded, or one from before CUDA 12.
EncodeTiled encode_tiled() {
    static const auto function = [] {
        void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
        return driver == nullptr ? nullptr : reinterpret_cast<EncodeTiled>(dlsym(driver, "cuTensorMapEncodeTiled"));
    }();
    return function;
}

} // namespace

extern "C" JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cuda_TensorMaps_isBound(JNIEnv*, jclass) {
    return encode_tiled() != nullptr;
}

// The driver's status. `map` is a direct buffer whose first byte the driver writes to; box and steps have a rank's worth of elements, strides
// one less (the caller sees to it).
extern "C" JNIEXPORT jint JNICALL Java_io_diffusionad_backend_cuda_TensorMaps_encodeTiled(JNIEnv* env, jclass, jobject map, jlong address,
                                                                                        jlongArray sizes, jlongArray strides, jintArray box,
                                                                                        jintArray steps) {
    const jsize rank = env->GetArrayLength(sizes);
    jlong sizes_of[kMaxRank], strides_of[kMaxRank];
    jint box_of[kMaxRank], steps_of[kMaxRank];
    if (rank > kMaxRank) {
        constexpr jint kInvalidValue = 1;
        return kInvalidValue;
    }
    env->GetLongArrayRegion(sizes, 0, rank, sizes_of);
    env->GetLongArrayRegion(strides, 0, rank - 1, strides_of);
    env->GetIntArrayRegion(box, 0, rank, box_of);
    env->GetIntArrayRegion(steps, 0, rank, steps_of);
    if (env->ExceptionCheck()) { // an array too short: Java sees the exception, not the result
        return 0;
    }
    return encode_tiled()(env->GetDirectBufferAddress(map), kBfloat16, uint32_t(rank), reinterpret_cast<void*>(address),
                          reinterpret_cast<const uint64_t*>(sizes_of), reinterpret_cast<const uint64_t*>(strides_of),
                          reinterpret_cast<const uint32_t*>(box_of), reinterpret_cast<const uint32_t*>(steps_of), kNoInterleave, kSwizzle128B,
                          kPromotion256B, kZeros);
}
