// io.diffusionad.backend.cpu.CpuLinear
#include "jni_glue.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLinear_timestepEmbedding(JNIEnv* env, jclass, jlong context, jlong y, jlong t, jint n, jint d) {
  operation(env, context, "timestepEmbedding N,D", {n, d},
            [&](Context& device) { device.loops().timestepEmbedding(pointer<float>(y), pointer<const int64_t>(t), n, d); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLinear_forward(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jlong w, jlong bias, jint n,
                                                                         jint c, jint k) {
  operation(env, context, "linearForward N,C,K", {n, c, k}, [&](Context& device) {
    device.loops().linearForward(pointer<float>(y), pointer<const float>(x), pointer<const float>(w), pointer<const float>(bias), n, c, k);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLinear_backwardData(JNIEnv* env, jclass, jlong context, jlong dx, jlong dy, jlong w, jint n,
                                                                              jint c, jint k, jboolean accumulate) {
  operation(env, context, "linearBackwardData N,C,K", {n, c, k}, [&](Context& device) {
    device.loops().linearBackwardData(pointer<float>(dx), pointer<const float>(dy), pointer<const float>(w), n, c, k, accumulate != JNI_FALSE);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLinear_backwardWeights(JNIEnv* env, jclass, jlong context, jlong dw, jlong dbias, jlong dy,
                                                                                 jlong x, jint n, jint c, jint k) {
  operation(env, context, "linearBackwardWeights N,C,K", {n, c, k}, [&](Context& device) {
    device.loops().linearBackwardWeights(pointer<float>(dw), pointer<float>(dbias), pointer<const float>(dy), pointer<const float>(x), n, c, k);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLinear_channelSums(JNIEnv* env, jclass, jlong context, jlong sums, jlong x, jint n, jint h,
                                                                             jint w, jint c, jint dtype) {
  operation(env, context, "channelBiasBackward N,P,Q,K", {n, h, w, c}, [&](Context& device) {
    device.loops().channelSums(pointer<float>(sums), pointer(x), {n, h, w, c}, false, type(dtype), device.scratch());
  });
}

}  // extern "C"
