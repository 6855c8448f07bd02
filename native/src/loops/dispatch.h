// From run-time types to template arguments.
#pragma once

#include "operations.h"

namespace diffusionad::LOOPS_ISA {
namespace {

template <class E, E V>
struct Constant {
  static constexpr E value = V;
};

/** Calls body with a float or a Bfloat16 value whose type is the tensor's. */
template <class Body>
inline void withFloatType(Type type, Body body) {
  if (type == Type::Bfloat16) {
    body(Bfloat16{});
  } else {
    body(float{});
  }
}

/** As withFloatType, of a tensor that may be of 8 bits. */
template <class Body>
inline void withSourceType(Type type, Body body) {
  if (type == Type::Uint8) {
    body(uint8_t{});
  } else {
    withFloatType(type, body);
  }
}

template <class Body>
inline void withActivation(Activation activation, Body body) {
  switch (activation) {
    case Activation::None: return body(Constant<Activation, Activation::None>{});
    case Activation::Silu: return body(Constant<Activation, Activation::Silu>{});
    case Activation::Relu: return body(Constant<Activation, Activation::Relu>{});
    case Activation::Sigmoid: return body(Constant<Activation, Activation::Sigmoid>{});
  }
}

/** The activations that follow a normalisation. */
template <class Body>
inline void withNormActivation(Activation activation, Body body) {
  switch (activation) {
    case Activation::Silu: return body(Constant<Activation, Activation::Silu>{});
    case Activation::Relu: return body(Constant<Activation, Activation::Relu>{});
    default: return body(Constant<Activation, Activation::None>{});
  }
}

template <class Body>
inline void withResample(Resample resample, Body body) {
  switch (resample) {
    case Resample::None: return body(Constant<Resample, Resample::None>{});
    case Resample::Up: return body(Constant<Resample, Resample::Up>{});
    case Resample::Down: return body(Constant<Resample, Resample::Down>{});
  }
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
