// Convolutions: over oneDNN with plain NHWC activations and weights in whatever layout its fastest implementation wants, or by Winograd's algorithm in our
// own loops where that takes less time.
//
// oneDNN's primitives are cached by shape, packed weights by (weight, channel slice, layout) and remade when the weight's version changes. A weight whose plain
// values its owner has released is packed anew, where a primitive of another batch size wants another layout, from a packed copy of the same type, which is exact.
// What oneDNN has no fast implementation for (float32 beside bfloat16 in one call, bfloat16 on processors without AVX-512) runs in float32 on converted
// copies, one sample at a time, so that the copies stay small.
//
// A source of 8-bit numbers convolves with weights in int8; sums are exact in int32, and y = sum·s·scale + … is floating-point. oneDNN's weights are symmetric per
// output channel: wq = round(w / s), s = max|w| / 127 over the filter's part that applies. Winograd's algorithm rounds what it transformed (winograd_words.h), which takes as much memory as
// the plain weight and, once its owner has given that up, its place; its inputs are transformed by numbers of 16 bits (winograd_bytes.h).
#pragma once

#include <dnnl.hpp>

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "operations.h"

namespace diffusionad {

class Context;

struct ConvolutionShape {
  int32_t n, h, w, c;  // of x
  int32_t p, q, k;     // of y
  int32_t kernel, stride;
};

/** A float32 (K, R, S, Cw) weight of which the channels from `offset` on apply. */
struct WeightSlice {
  int64_t id;       // the same for the same parameter
  int64_t version;  // changes with its values
  float* values;    // null once they were released: see canDoWithout
  int32_t channels;  // Cw
  int32_t offset;
  bool givenUp;      // whether a form of ours may take the place of the values
};

struct ConvolutionForward {
  void* y;
  const void* x;
  WeightSlice weight;
  const float *bias, *channelBias;  // or null
  const void* residual;             // or null
  Activation activation;
  ConvolutionShape shape;
  Type yType, xType;
  Quantization quantization;  // of a Uint8 x
};

struct ConvolutionBackwardData {
  void* dx;
  const void* dy;
  WeightSlice weight;
  ConvolutionShape shape;
  bool accumulate;
  Type dxType, dyType;
};

struct ConvolutionBackwardWeights {
  float *dw, *dbias;  // dbias or null
  const void *dy, *x;
  ConvolutionShape shape;
  int32_t channels, offset;  // the slice of dw
  Type dyType, xType;
};

class Convolutions {
 public:
  explicit Convolutions(Context& context) : context_(context) {}

  void forward(const ConvolutionForward&);
  void backwardData(const ConvolutionBackwardData&);
  void backwardWeights(const ConvolutionBackwardWeights&);

  /** Whether 8-bit numbers convolve in less time than activations of their own type. */
  bool gainsFromInt8(const ConvolutionShape&, Type activations) const;
  /** Frees the packed copies of a weight that is no more. */
  void forget(int64_t weightId) {
    packed_.erase(weightId);
    held_.erase(weightId);
    steps_.erase(weightId);
  }
  /**
   * Whether the packed copies hold all that the plain values do for further forward calls of the same types and image size, whatever the batch: they cover every
   * channel, are of this version, and none is int8, which cannot be packed in another way once more. False for a weight that Winograd's algorithm reads plain.
   */
  bool canDoWithout(int64_t weightId, int64_t version, int32_t channels) const;
  /** Whether the place of the plain values is taken by what Winograd's algorithm reads in 8 bits. */
  bool standsInPlace(int64_t weightId, int64_t version) const;
  /** One line for every cached primitive: direction, shape, types, the name of oneDNN's implementation. */
  std::string implementations() const;

 private:
  enum class Direction : int32_t { Forward, BackwardData };
  enum class Residual : int32_t { None, InPlace, Separate };

  struct Key {
    Direction direction;
    ConvolutionShape shape;
    Type sourceType, resultType;
    int32_t bias, channelBias;
    Residual residual;
    Activation activation;
    int32_t zeroPoint;  // whether the source has one other than 0
    bool operator==(const Key&) const;
  };
  struct KeyHash {
    size_t operator()(const Key&) const;
  };

  /** A primitive with memory objects whose addresses are set before each run. */
  struct Primitive {
    dnnl::primitive primitive;
    dnnl::memory::desc weights;
    std::string implementation;
    std::vector<dnnl_exec_arg_t> arguments;
    std::vector<dnnl::memory> memories;  // owns what arguments refer to
    size_t scratchpad = 0;

    void add(int argument, const dnnl::memory::desc&, const dnnl::engine&);
    void set(int argument, const void* address);
  };

  struct PackedWeight {
    int32_t offset, channels;
    int64_t version;
    Pages pages;  // of packed
    dnnl::memory packed;
    dnnl::memory scales;  // (K) of an int8 copy
    dnnl::reorder reorder;  // from plain values
  };

  /** How a slice of a weight is held in 8 bits by Winograd's algorithm. */
  struct SliceSteps {
    int32_t offset, channels;
    int64_t version;
    std::vector<float> steps, inverses;
    std::vector<int32_t> starts;
  };

  /** A weight in 8 bits in the place of its plain values. */
  struct HeldInPlace {
    int64_t version;
    const uint32_t* words;
  };

  Primitive& find(const Key&);
  Primitive create(const Key&) const;
  void run(Primitive&);
  PackedWeight& pack(const WeightSlice&, const ConvolutionShape&, const dnnl::memory::desc& wanted);
  void fill(PackedWeight&, const WeightSlice&, const ConvolutionShape&);
  /** Fills a copy from one of the same slice, type and version in another layout. */
  void fillFromCopy(PackedWeight&, const std::vector<PackedWeight>&, const WeightSlice&);
  bool runsDirectly(Type a, Type b) const;
  /** Whether Winograd's algorithm computes it. By the shape of one sample alone: a result must not depend on the images beside it. */
  bool runsWinograd(const ConvolutionShape&, Type x, Type y) const;
  /** As runsWinograd, of the gradient by the weight. */
  bool weightsRunWinograd(const ConvolutionShape&, Type x, Type dy) const;
  /** Whether products of such tensors are of bfloat16. */
  bool multipliesBfloat16(Type, Type) const;
  void forwardWinograd(const ConvolutionForward&);
  void findSteps(WinogradConvolution&, const WeightSlice&);
  /** Puts a given up weight in 8 bits into the place of its values if it fits. */
  void hold(WinogradConvolution&, const WeightSlice&);
  void forwardDirect(const ConvolutionForward&);
  static Key forwardKey(const ConvolutionForward&);
  /**
   * Whether oneDNN computes a batch by the implementation that it has for one sample. In bfloat16 others round otherwise (a bias of every sample alone asks for another
   * one on processors with AVX-512 and without products of bfloat16), and a result must not depend on the images beside it.
   */
  bool roundsAsOneSample(const ConvolutionForward&);
  void forwardConverted(const ConvolutionForward&);
  void backwardDataDirect(const ConvolutionBackwardData&);
  void backwardDataDilated(const ConvolutionBackwardData&);
  void backwardDataConverted(const ConvolutionBackwardData&);
  /** A float32 copy in `scratch`, or the data itself where it is float32 already. */
  const float* asFloats(const void* data, Type, int64_t count, Scratch&);

  Context& context_;
  std::list<std::pair<Key, Primitive>> recent_;  // most recently used first
  std::unordered_map<Key, std::list<std::pair<Key, Primitive>>::iterator, KeyHash> primitives_;
  std::unordered_map<int64_t, std::vector<PackedWeight>> packed_;
  std::unordered_map<int64_t, std::vector<SliceSteps>> steps_;
  std::unordered_map<int64_t, HeldInPlace> held_;
  Scratch scratchpad_, result_, source_, gradient_, dilated_;
};

}  // namespace diffusionad
