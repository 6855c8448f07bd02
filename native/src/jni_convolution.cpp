// io.diffusionad.backend.cpu.CpuConvolution
#include "convolution.h"
#include "jni_glue.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_forward(
    JNIEnv* env, jclass, jlong context, jlong y, jint yType, jlong x, jint xType, jlong weight, jlong weightId, jlong weightVersion, jint weightChannels,
    jint offset, jboolean givenUp, jlong bias, jlong channelBias, jlong residual, jint function, jint n, jint h, jint w, jint c, jint p, jint q, jint k, jint kernel,
    jint stride, jfloat step, jint zeroPoint) {
  operation(env, context, "conv2dForward N,H,W,C,K,kernel,stride", {n, h, w, c, k, kernel, stride}, [&](Context& device) {
    device.convolutions().forward({pointer(y), pointer(x), {weightId, weightVersion, pointer<float>(weight), weightChannels, offset, givenUp != JNI_FALSE},
                                   pointer<const float>(bias), pointer<const float>(channelBias), pointer(residual), activation(function),
                                   {n, h, w, c, p, q, k, kernel, stride}, type(yType), type(xType), {step, zeroPoint}});
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_forwardRounded(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jlong xTail,
                                                                                       jlong weight, jlong bias, jlong pixels, jint c, jint tailChannels,
                                                                                       jint k, jint t) {
  operation(env, context, "conv2dForwardRounded pixels,C,tail,K", {static_cast<int>(pixels), c, tailChannels, k}, [&](Context& device) {
    device.loops().convolutionRounded({pointer(y), pointer(x), pointer(xTail), pointer<const float>(weight), pointer<const float>(bias), pixels, c,
                                       tailChannels, k, type(t)},
                                      device.scratch());
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_backwardData(
    JNIEnv* env, jclass, jlong context, jlong dx, jint dxType, jlong dy, jint dyType, jlong weight, jlong weightId, jlong weightVersion,
    jint weightChannels, jint offset, jboolean accumulate, jint n, jint h, jint w, jint c, jint p, jint q, jint k, jint kernel, jint stride) {
  operation(env, context, "conv2dBackwardData N,H,W,C,K,kernel,stride", {n, h, w, c, k, kernel, stride}, [&](Context& device) {
    device.convolutions().backwardData({pointer(dx), pointer(dy), {weightId, weightVersion, pointer<float>(weight), weightChannels, offset, false},
                                        {n, h, w, c, p, q, k, kernel, stride}, accumulate != JNI_FALSE, type(dxType), type(dyType)});
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_backwardWeights(
    JNIEnv* env, jclass, jlong context, jlong dw, jint channels, jint offset, jlong dbias, jlong dy, jint dyType, jlong x, jint xType, jint n, jint h,
    jint w, jint c, jint p, jint q, jint k, jint kernel, jint stride) {
  operation(env, context, "conv2dBackwardWeights N,H,W,C,K,kernel,stride", {n, h, w, c, k, kernel, stride}, [&](Context& device) {
    device.convolutions().backwardWeights({pointer<float>(dw), pointer<float>(dbias), pointer(dy), pointer(x), {n, h, w, c, p, q, k, kernel, stride},
                                           channels, offset, type(dyType), type(xType)});
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_forget(JNIEnv*, jclass, jlong context, jlong weightId) {
  pointer<Context>(context)->convolutions().forget(weightId);
}

JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_canDoWithout(JNIEnv* env, jclass, jlong context, jlong weightId,
                                                                                       jlong weightVersion, jint weightChannels) {
  return guarded(env, "canDoWithout", {weightChannels}, [&]() -> jboolean {
    return pointer<Context>(context)->convolutions().canDoWithout(weightId, weightVersion, weightChannels);
  });
}

JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_standsInPlace(JNIEnv*, jclass, jlong context, jlong weightId, jlong weightVersion) {
  return pointer<Context>(context)->convolutions().standsInPlace(weightId, weightVersion);
}

JNIEXPORT jstring JNICALL Java_io_diffusionad_backend_cpu_CpuConvolution_implementations(JNIEnv* env, jclass, jlong context) {
  return guarded(env, "implementations", {}, [&] { return env->NewStringUTF(pointer<Context>(context)->convolutions().implementations().c_str()); });
}

}  // extern "C"
