// io.diffusionad.backend.cpu.CpuNormalization and CpuAttention
#include "jni_glue.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNormalization_forward(
    JNIEnv* env, jclass, jlong context, jlong y, jlong mean, jlong rstd, jlong runningMean, jlong runningVariance, jlong x, jlong tail, jlong gamma,
    jlong beta, jint n, jint h, jint w, jint c, jint tailChannels, jint groups, jfloat eps, jfloat momentum, jint function, jint resolution,
    jint yType, jint dtype, jfloat step, jint zeroPoint) {
  operation(env, context, "normalizeForward N,H,W,C,Ctail,groups", {n, h, w, c, tailChannels, groups}, [&](Context& device) {
    device.loops().normalizeForward({pointer(y), pointer<float>(mean), pointer<float>(rstd), pointer<float>(runningMean),
                                     pointer<float>(runningVariance), pointer(x), pointer(tail), pointer<float>(gamma), pointer<float>(beta),
                                     {n, h, w, c}, tailChannels, groups, eps, momentum, activation(function), resample(resolution), type(yType),
                                     type(dtype), {step, zeroPoint}},
                                    device.scratch());
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNormalization_inference(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jlong gamma,
                                                                                  jlong beta, jlong mean, jlong variance, jint n, jint h, jint w, jint c,
                                                                                  jfloat eps, jint function, jint dtype) {
  operation(env, context, "batchNormForwardInference N,H,W,C", {n, h, w, c}, [&](Context& device) {
    device.loops().normalizeInference({pointer(y), pointer(x), pointer<float>(gamma), pointer<float>(beta), pointer<float>(mean),
                                       pointer<float>(variance), {n, h, w, c}, eps, activation(function), type(dtype)},
                                      device.scratch());
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNormalization_backward(
    JNIEnv* env, jclass, jlong context, jlong dx, jlong dtail, jlong dgamma, jlong dbeta, jlong dy, jlong x, jlong tail, jlong mean, jlong rstd,
    jlong gamma, jlong beta, jint n, jint h, jint w, jint c, jint tailChannels, jint groups, jint function, jint resolution, jboolean accumulate,
    jint dtype) {
  operation(env, context, "normalizeBackward N,H,W,C,Ctail,groups", {n, h, w, c, tailChannels, groups}, [&](Context& device) {
    device.loops().normalizeBackward({pointer(dx), pointer(dtail), pointer<float>(dgamma), pointer<float>(dbeta), pointer(dy), pointer(x),
                                      pointer(tail), pointer<float>(mean), pointer<float>(rstd), pointer<float>(gamma), pointer<float>(beta),
                                      {n, h, w, c}, tailChannels, groups, activation(function), resample(resolution), accumulate != JNI_FALSE,
                                      type(dtype)},
                                     device.scratch());
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuAttention_forward(JNIEnv* env, jclass, jlong context, jlong y, jlong logSumExp, jlong qkv,
                                                                            jint n, jint t, jint c, jint heads, jint dtype) {
  operation(env, context, "attentionForward N,T,C,heads", {n, t, c, heads}, [&](Context& device) {
    device.loops().attentionForward({pointer(y), pointer<float>(logSumExp), pointer(qkv), nullptr, nullptr, n, t, c, heads, type(dtype)},
                                    device.scratch());
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuAttention_backward(JNIEnv* env, jclass, jlong context, jlong dqkv, jlong dy, jlong y,
                                                                             jlong qkv, jlong logSumExp, jint n, jint t, jint c, jint heads,
                                                                             jint dtype) {
  operation(env, context, "attentionBackward N,T,C,heads", {n, t, c, heads}, [&](Context& device) {
    device.loops().attentionBackward({pointer(y), pointer<float>(logSumExp), pointer(qkv), pointer(dqkv), pointer(dy), n, t, c, heads, type(dtype)},
                                     device.scratch());
  });
}

}  // extern "C"
