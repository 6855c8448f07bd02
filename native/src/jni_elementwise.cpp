// io.diffusionad.backend.cpu.CpuElementwise
#include "jni_glue.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuElementwise_fill(JNIEnv* env, jclass, jlong context, jlong y, jfloat value, jlong count,
                                                                           jint dtype) {
  operation(env, context, "fill", {count}, [&](Context& device) { device.loops().fill(pointer(y), value, count, type(dtype)); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuElementwise_copy(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jlong count, jint yType,
                                                                           jint xType) {
  operation(env, context, "copy", {count}, [&](Context& device) { device.loops().copy(pointer(y), pointer(x), count, type(yType), type(xType)); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuElementwise_addScaled(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jfloat scale,
                                                                                jlong count, jint dtype) {
  operation(env, context, "addScaled", {count},
            [&](Context& device) { device.loops().addScaled(pointer(y), pointer(x), scale, count, type(dtype), type(dtype)); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuElementwise_activationForward(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jlong count,
                                                                                        jint function, jint dtype) {
  operation(env, context, "activationForward", {count},
            [&](Context& device) { device.loops().activationForward(pointer(y), pointer(x), count, activation(function), type(dtype)); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuElementwise_activationBackward(JNIEnv* env, jclass, jlong context, jlong dx, jlong dy, jlong x,
                                                                                         jlong count, jint function, jint dtype) {
  operation(env, context, "activationBackward", {count}, [&](Context& device) {
    device.loops().activationBackward(pointer(dx), pointer(dy), pointer(x), count, activation(function), type(dtype));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuElementwise_adamStep(JNIEnv* env, jclass, jlong context, jlong p, jlong m, jlong v, jlong g,
                                                                               jlong count, jfloat beta1, jfloat beta2, jfloat eps, jfloat weightDecay,
                                                                               jfloat learningRate, jint step) {
  operation(env, context, "adamStep", {count}, [&](Context& device) {
    device.loops().adamStep({pointer<float>(p), pointer<float>(m), pointer<float>(v), pointer<const float>(g), count, beta1, beta2, eps, weightDecay,
                             learningRate, step});
  });
}

}  // extern "C"
