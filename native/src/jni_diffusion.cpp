// io.diffusionad.backend.cpu.CpuDiffusion and CpuLoss
#include "jni_glue.h"

using namespace diffusionad;

extern "C" {

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuDiffusion_gaussianNoise(JNIEnv* env, jclass, jlong context, jlong y, jlong samples, jint n,
                                                                                  jint h, jint w, jint c, jlong seed, jint purpose) {
  operation(env, context, "gaussianNoise N,H,W,C", {n, h, w, c}, [&](Context& device) {
    device.loops().gaussianNoise(pointer<float>(y), pointer<const int64_t>(samples), {n, h, w, c}, static_cast<uint64_t>(seed),
                                 static_cast<uint32_t>(purpose));
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuDiffusion_addNoise(JNIEnv* env, jclass, jlong context, jlong xt, jlong x0, jlong noise,
                                                                             jlong coefficients, jlong n, jlong elements) {
  operation(env, context, "addNoise N,elements", {n, elements}, [&](Context& device) {
    device.loops().addNoise(pointer<float>(xt), pointer<const float>(x0), pointer<const float>(noise), pointer<const float>(coefficients), n, elements);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuDiffusion_predictX0(JNIEnv* env, jclass, jlong context, jlong x0, jlong xt, jlong eps,
                                                                              jlong coefficients, jlong n, jlong elements) {
  operation(env, context, "predictX0 N,elements", {n, elements}, [&](Context& device) {
    device.loops().predictX0(pointer<float>(x0), pointer<const float>(xt), pointer<const float>(eps), pointer<const float>(coefficients), n, elements);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuDiffusion_guidanceForward(JNIEnv* env, jclass, jlong context, jlong x0Guided, jlong x0Noisier,
                                                                                    jlong xtRenoised, jlong xtSmall, jlong xtBig, jlong epsSmall,
                                                                                    jlong epsBig, jlong coefficients, jlong n, jlong elements,
                                                                                    jfloat weight) {
  operation(env, context, "normGuidanceForward N,elements", {n, elements}, [&](Context& device) {
    NormGuidance a{};
    a.x0Guided = pointer<float>(x0Guided);
    a.x0Noisier = pointer<float>(x0Noisier);
    a.xtRenoised = pointer<float>(xtRenoised);
    a.xtSmall = pointer<const float>(xtSmall);
    a.xtBig = pointer<const float>(xtBig);
    a.epsSmall = pointer<const float>(epsSmall);
    a.epsBig = pointer<const float>(epsBig);
    a.coefficients = pointer<const float>(coefficients);
    a.n = n;
    a.elements = elements;
    a.w = weight;
    device.loops().normGuidanceForward(a);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuDiffusion_guidanceBackward(JNIEnv* env, jclass, jlong context, jlong depsSmall, jlong depsBig,
                                                                                     jlong dx0Guided, jlong xtSmall, jlong xtBig, jlong epsSmall,
                                                                                     jlong epsBig, jlong coefficients, jlong n, jlong elements,
                                                                                     jfloat weight) {
  operation(env, context, "normGuidanceBackward N,elements", {n, elements}, [&](Context& device) {
    NormGuidance a{};
    a.depsSmall = pointer<float>(depsSmall);
    a.depsBig = pointer<float>(depsBig);
    a.dx0Guided = pointer<const float>(dx0Guided);
    a.xtSmall = pointer<const float>(xtSmall);
    a.xtBig = pointer<const float>(xtBig);
    a.epsSmall = pointer<const float>(epsSmall);
    a.epsBig = pointer<const float>(epsBig);
    a.coefficients = pointer<const float>(coefficients);
    a.n = n;
    a.elements = elements;
    a.w = weight;
    device.loops().normGuidanceBackward(a);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuDiffusion_samplerStep(JNIEnv* env, jclass, jlong context, jlong previous, jlong x0, jlong xt,
                                                                                jlong eps, jlong noise, jlong coefficients, jlong n, jlong elements) {
  operation(env, context, "samplerStep N,elements", {n, elements}, [&](Context& device) {
    device.loops().samplerStep(pointer<float>(previous), pointer<float>(x0), pointer<const float>(xt), pointer<const float>(eps),
                               pointer<const float>(noise), pointer<const float>(coefficients), n, elements);
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLoss_squaredError(JNIEnv* env, jclass, jlong context, jlong loss, jlong deps, jlong eps,
                                                                            jlong noise, jlong weight, jlong n, jlong elements, jboolean accumulate) {
  operation(env, context, "squaredErrorForwardBackward N,elements", {n, elements}, [&](Context& device) {
    device.loops().squaredError(pointer<float>(loss), pointer<float>(deps), pointer<const float>(eps), pointer<const float>(noise),
                                pointer<const float>(weight), n, elements, accumulate != JNI_FALSE, device.scratch());
  });
}

JNIEXPORT void JNICALL Java_io_diffusionad_backend_cpu_CpuLoss_segmentationLoss(JNIEnv* env, jclass, jlong context, jlong losses, jlong dpred, jlong pred,
                                                                                jlong mask, jlong elements, jfloat alpha, jfloat gamma,
                                                                                jfloat focalWeight, jfloat smoothWeight) {
  operation(env, context, "segmentationLossForwardBackward elements", {elements}, [&](Context& device) {
    device.loops().segmentationLoss({pointer<float>(losses), pointer<float>(dpred), pointer<const float>(pred), pointer<const float>(mask), elements,
                                     alpha, gamma, focalWeight, smoothWeight},
                                    device.scratch());
  });
}

}  // extern "C"
