// Pointwise operations and the optimiser over flat memory.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int64_t kPiece = 16384;  // elements a task

template <class Body>
void forElements(int64_t count, Body body) {
  parallelRanges(count, kPiece, [&](int64_t from, int64_t to) {
    forVectors(to - from, [&](int64_t i, auto lanes) { body(from + i, lanes); });
  });
}

}  // namespace

void fill(void* y, float value, int64_t count, Type type) {
  withFloatType(type, [&](auto t) {
    auto* out = static_cast<decltype(t)*>(y);
    const Floats v = broadcast(value);
    forElements(count, [&](int64_t i, auto lanes) { store(out + i, v, lanes); });
  });
}

void copy(void* y, const void* x, int64_t count, Type yType, Type xType) {
  if (yType == xType) {
    parallelRanges(count, kPiece, [&](int64_t from, int64_t to) {
      const size_t size = bytesOf(yType);
      std::memmove(static_cast<char*>(y) + from * size, static_cast<const char*>(x) + from * size, (to - from) * size);
    });
    return;
  }
  withFloatType(yType, [&](auto to) {
    withFloatType(xType, [&](auto from) {
      auto* out = static_cast<decltype(to)*>(y);
      const auto* in = static_cast<const decltype(from)*>(x);
      forElements(count, [&](int64_t i, auto lanes) { storeExactly(out + i, load(in + i, lanes), lanes); });
    });
  });
}

void addScaled(void* y, const void* x, float scale, int64_t count, Type yType, Type xType) {
  withFloatType(yType, [&](auto to) {
    withFloatType(xType, [&](auto from) {
      auto* out = static_cast<decltype(to)*>(y);
      const auto* in = static_cast<const decltype(from)*>(x);
      const Floats s = broadcast(scale);
      forElements(count, [&](int64_t i, auto lanes) { store(out + i, multiplyAdd(s, load(in + i, lanes), load(out + i, lanes)), lanes); });
    });
  });
}

void activationForward(void* y, const void* x, int64_t count, Activation activation, Type type) {
  withFloatType(type, [&](auto t) {
    auto* out = static_cast<decltype(t)*>(y);
    const auto* in = static_cast<const decltype(t)*>(x);
    withActivation(activation, [&](auto a) {
      forElements(count, [&](int64_t i, auto lanes) { store(out + i, activate<a.value, decltype(t)>(load(in + i, lanes)), lanes); });
    });
  });
}

void activationBackward(void* dx, const void* dy, const void* x, int64_t count, Activation activation, Type type) {
  withFloatType(type, [&](auto t) {
    auto* out = static_cast<decltype(t)*>(dx);
    const auto* gradient = static_cast<const decltype(t)*>(dy);
    const auto* in = static_cast<const decltype(t)*>(x);
    withActivation(activation, [&](auto a) {
      forElements(count, [&](int64_t i, auto lanes) {
        const Floats g = load(gradient + i, lanes), v = load(in + i, lanes);
        if constexpr (a.value == Activation::Silu) {
          store(out + i, g * siluSlope<decltype(t)>(v), lanes);
        } else if constexpr (a.value == Activation::Relu) {
          store(out + i, v > 0.0f ? g : Floats{}, lanes);
        } else if constexpr (a.value == Activation::Sigmoid) {
          store(out + i, g * v * (1.0f - v), lanes);
        } else {
          store(out + i, g, lanes);
        }
      });
    });
  });
}

void adamStep(const AdamStep& a) {
  const float correction1 = float(1.0 - __builtin_pow(double(a.beta1), a.step));
  const float correction2 = float(1.0 / __builtin_sqrt(1.0 - __builtin_pow(double(a.beta2), a.step)));
  const Floats rate = broadcast(a.learningRate / correction1);
  forElements(a.elements, [&](int64_t i, auto lanes) {
    const Floats p = load(a.p + i, lanes);
    const Floats g = multiplyAdd(broadcast(a.weightDecay), p, load(a.g + i, lanes));
    const Floats m = multiplyAdd(broadcast(a.beta1), load(a.m + i, lanes), broadcast(1.0f - a.beta1) * g);
    const Floats v = multiplyAdd(broadcast(a.beta2), load(a.v + i, lanes), broadcast(1.0f - a.beta2) * g * g);
    store(a.m + i, m, lanes);
    store(a.v + i, v, lanes);
    store(a.p + i, p - rate * m / (squareRoot(v) * correction2 + a.eps), lanes);
  });
}

}  // namespace diffusionad::LOOPS_ISA
