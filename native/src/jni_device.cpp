// Creation of a device and what it says about itself.
#include <dnnl.hpp>
#include <dnnl_debug.h>

#include "convolution.h"
#include "jni_glue.h"
#include "processor.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT jlong JNICALL Java_io_diffusionad_backend_cpu_CpuNative_createDevice(JNIEnv* env, jclass, jint threads, jstring instructionSet) {
  return guarded(env, "createDevice", {threads}, [&]() -> jlong {
    const char* chars = env->GetStringUTFChars(instructionSet, nullptr);
    if (chars == nullptr) return 0;
    const std::string limit = chars;
    env->ReleaseStringUTFChars(instructionSet, chars);
    return reinterpret_cast<jlong>(new Context(threads, limit));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuNative_destroyDevice(JNIEnv*, jclass, jlong context) { delete pointer<Context>(context); }

JNIEXPORT jstring JNICALL Java_io_diffusionad_backend_cpu_CpuNative_instructionSets(JNIEnv* env, jclass) {
  return guarded(env, "instructionSets", {}, [&] { return env->NewStringUTF(instructionSets().c_str()); });
}

JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cpu_CpuNative_multipliesBfloat16(JNIEnv*, jclass) { return multipliesBfloat16(); }

JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cpu_CpuNative_computesInt8(JNIEnv*, jclass, jlong context) {
  const Context& device = *pointer<Context>(context);
  return device.convolvesInt8() || device.loops().gainsFromInt8;
}

JNIEXPORT jboolean JNICALL Java_io_diffusionad_backend_cpu_CpuNative_gainsFromInt8(JNIEnv*, jclass, jlong context, jint activations, jint kernel, jint height,
                                                                                    jint width, jint inputs, jint outputs) {
  const ConvolutionShape shape{1, height, width, inputs, height, width, outputs, kernel, 1};
  return pointer<Context>(context)->convolutions().gainsFromInt8(shape, type(activations));
}

JNIEXPORT jstring JNICALL Java_io_diffusionad_backend_cpu_CpuNative_loopInstructionSet(JNIEnv* env, jclass, jlong context) {
  return env->NewStringUTF(pointer<Context>(context)->loops().instructionSet);
}

JNIEXPORT jstring JNICALL Java_io_diffusionad_backend_cpu_CpuNative_oneDnn(JNIEnv* env, jclass) {
  return guarded(env, "oneDnn", {}, [&] {
    const dnnl_version_t* version = dnnl::version();
    std::string text = "oneDNN " + std::to_string(version->major) + '.' + std::to_string(version->minor) + '.' + std::to_string(version->patch);
    text += std::string(" (") + dnnl_cpu_isa2str(static_cast<dnnl_cpu_isa_t>(dnnl::get_effective_cpu_isa())) + ')';
    return env->NewStringUTF(text.c_str());
  });
}

}  // extern "C"
