// io.diffusionad.backend.cpu.CpuResample
#include "jni_glue.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_resampleForward(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jint n, jint h,
                                                                                   jint w, jint c, jint resolution, jint dtype) {
  operation(env, context, "resampleForward N,H,W,C", {n, h, w, c}, [&](Context& device) {
    device.loops().resampleForward(pointer(y), pointer(x), {n, h, w, c}, resample(resolution), type(dtype));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_resampleBackward(JNIEnv* env, jclass, jlong context, jlong dx, jlong dy, jint n,
                                                                                    jint h, jint w, jint c, jint resolution, jboolean accumulate,
                                                                                    jint dtype) {
  operation(env, context, "resampleBackward N,H,W,C", {n, h, w, c}, [&](Context& device) {
    device.loops().resampleBackward(pointer(dx), pointer(dy), {n, h, w, c}, resample(resolution), accumulate != JNI_FALSE, type(dtype));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_maxPoolForward(JNIEnv* env, jclass, jlong context, jlong y, jlong argmax, jlong x,
                                                                                  jint n, jint h, jint w, jint c, jint dtype) {
  operation(env, context, "maxPool2Forward N,H,W,C", {n, h, w, c}, [&](Context& device) {
    device.loops().maxPoolForward(pointer(y), pointer<uint8_t>(argmax), pointer(x), {n, h, w, c}, type(dtype));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_maxPoolBackward(JNIEnv* env, jclass, jlong context, jlong dx, jlong dy, jlong argmax,
                                                                                   jint n, jint h, jint w, jint c, jboolean accumulate, jint dtype) {
  operation(env, context, "maxPool2Backward N,H,W,C", {n, h, w, c}, [&](Context& device) {
    device.loops().maxPoolBackward(pointer(dx), pointer(dy), pointer<uint8_t>(argmax), {n, h, w, c}, accumulate != JNI_FALSE, type(dtype));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_bilinearForward(JNIEnv* env, jclass, jlong context, jlong y, jlong x, jint n, jint h,
                                                                                   jint w, jint c, jint dtype) {
  operation(env, context, "bilinearUp2Forward N,H,W,C", {n, h, w, c},
            [&](Context& device) { device.loops().bilinearForward(pointer(y), pointer(x), {n, h, w, c}, type(dtype)); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_bilinearBackward(JNIEnv* env, jclass, jlong context, jlong dx, jlong dy, jint n,
                                                                                    jint h, jint w, jint c, jint dtype) {
  operation(env, context, "bilinearUp2Backward N,H,W,C", {n, h, w, c},
            [&](Context& device) { device.loops().bilinearBackward(pointer(dx), pointer(dy), {n, h, w, c}, type(dtype)); });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuResample_copyChannels(JNIEnv* env, jclass, jlong context, jlong y, jint yOffset, jint yChannels,
                                                                                jint yType, jlong x, jint xOffset, jint xChannels, jint xType, jint count,
                                                                                jlong pixels) {
  operation(env, context, "copyChannels pixels,count", {pixels, count}, [&](Context& device) {
    device.loops().copyChannels(pointer(y), yOffset, yChannels, pointer(x), xOffset, xChannels, count, pixels, type(yType), type(xType));
  });
}

}  // extern "C"
