#include "convolution.h"

#include <cstring>
#include <sstream>
#include <stdexcept>

#include "context.h"

namespace diffusionad {
namespace {

using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;
using Desc = dnnl::memory::desc;
using dnnl::algorithm;
using dnnl::prop_kind;

constexpr size_t kMostPrimitives = 1024;

/** The smallest problems of a kind, by pixels of one sample and channels on either side. */
struct Least {
  int64_t pixels;
  int32_t channels;
};
// Where Winograd's algorithm takes less time than oneDNN's direct convolution.
constexpr Least kFloat32{32 * 32, 32};
constexpr Least kFloat32Small{8 * 8, 64};  // fewer channels: few sums, of which a direct convolution errs by much less
constexpr Least kBfloat16{32 * 32, 64};  // where the processor multiplies it, on both sides of the comparison
constexpr Least kInt8{32 * 32, 64};      // where it multiplies bytes; elsewhere nothing convolves them directly, and float32's limits apply
// Against our direct gradient by the weight it is always ahead; in bfloat16 small problems keep the smaller error.
constexpr Least kFloat32Weights{8 * 8, 16};
constexpr Least kBfloat16Weights{16 * 16, 32};

// The smallest of kernel 1 that are rounded to 8 bits: weights are rounded in each call.
constexpr Least kRounded{16 * 16, 64};

bool reaches(const ConvolutionShape& s, const Least& least) {
  return s.stride == 1 && int64_t(s.h) * s.w >= least.pixels && s.c >= least.channels && s.k >= least.channels;
}

dnnl::memory::data_type dataType(Type type) {
  return type == Type::Bfloat16 ? dnnl::memory::data_type::bf16 : type == Type::Uint8 ? dnnl::memory::data_type::u8 : dnnl::memory::data_type::f32;
}

Desc activations(int n, int h, int w, int c, Type type) { return {Dims{n, c, h, w}, dataType(type), Tag::nhwc}; }

Desc weightsOfAnyLayout(const ConvolutionShape& s, dnnl::memory::data_type type) { return {Dims{s.k, s.c, s.kernel, s.kernel}, type, Tag::any}; }

int64_t sourceElements(const ConvolutionShape& s) { return int64_t(s.h) * s.w * s.c; }
int64_t resultElements(const ConvolutionShape& s) { return int64_t(s.p) * s.q * s.k; }

ConvolutionShape oneSample(ConvolutionShape s) {
  s.n = 1;
  return s;
}

const void* sample(const void* data, int64_t n, int64_t elements, Type type) { return static_cast<const char*>(data) + n * elements * bytesOf(type); }
void* sample(void* data, int64_t n, int64_t elements, Type type) { return static_cast<char*>(data) + n * elements * bytesOf(type); }

void requireValues(const WeightSlice& w) {
  if (w.values == nullptr) {
    throw std::runtime_error("the weight's values were released after another algorithm had packed them; load the checkpoint again for this image size or type");
  }
}

int binaryArgument(int position) { return DNNL_ARG_ATTR_MULTIPLE_POST_OP(position) | DNNL_ARG_SRC_1; }

void check(dnnl_status_t status, const char* what) { dnnl::error::wrap_c_api(status, what); }

}  // namespace

bool Convolutions::Key::operator==(const Key& other) const { return std::memcmp(this, &other, sizeof *this) == 0; }

size_t Convolutions::KeyHash::operator()(const Key& key) const {
  static_assert(sizeof(Key) % sizeof(int32_t) == 0, "a key is a row of 32-bit numbers without gaps");
  int32_t words[sizeof(Key) / sizeof(int32_t)];
  std::memcpy(words, &key, sizeof key);
  uint64_t hash = 0xcbf29ce484222325u;
  for (int32_t word : words) hash = (hash ^ static_cast<uint32_t>(word)) * 0x100000001b3u;
  return hash ^ hash >> 29;
}

void Convolutions::Primitive::add(int argument, const Desc& desc, const dnnl::engine& engine) {
  memories.emplace_back(desc, engine, nullptr);
  arguments.push_back({argument, memories.back().get()});
}

void Convolutions::Primitive::set(int argument, const void* address) {
  for (const dnnl_exec_arg_t& a : arguments) {
    if (a.arg == argument) {
      check(dnnl_memory_set_data_handle(a.memory, const_cast<void*>(address)), "could not set a memory's address");
      return;
    }
  }
}

Convolutions::Primitive& Convolutions::find(const Key& key) {
  const auto found = primitives_.find(key);
  if (found != primitives_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->second;
  }
  if (primitives_.size() >= kMostPrimitives) {
    primitives_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(key, create(key));
  primitives_[key] = recent_.begin();
  return recent_.front().second;
}

Convolutions::Primitive Convolutions::create(const Key& key) const {
  const ConvolutionShape& s = key.shape;
  const dnnl::engine& engine = context_.engine();
  const Dims strides{s.stride, s.stride}, padding{s.kernel / 2, s.kernel / 2};
  // Below a stride the last rows may reach less far than the padding; oneDNN derives the output from both paddings, so the right one is exact.
  const auto after = [&](int in, int out) { return (out - 1) * s.stride + s.kernel - in - s.kernel / 2; };
  const Dims paddingAfter{after(s.h, s.p), after(s.w, s.q)};
  const Desc x = activations(s.n, s.h, s.w, s.c, key.sourceType), y = activations(s.n, s.p, s.q, s.k, key.resultType);
  // Both types bfloat16, or one of them: the weights are bfloat16.
  const bool narrow = key.sourceType == Type::Bfloat16 || key.resultType == Type::Bfloat16;
  const bool int8 = key.sourceType == Type::Uint8;
  const dnnl::memory::data_type weightType = int8 ? dnnl::memory::data_type::s8 : dataType(narrow ? Type::Bfloat16 : Type::Float32);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);

  Primitive result;
  const auto finish = [&](const auto& description, const Desc& weights) {
    result.primitive = dnnl::primitive(description);
    result.weights = weights;
    result.implementation = description.impl_info_str();
    result.scratchpad = description.scratchpad_desc().get_size();
    result.add(DNNL_ARG_SCRATCHPAD, description.scratchpad_desc(), engine);
  };

  if (int8) {
    const Desc one({1}, dnnl::memory::data_type::f32, Tag::a);
    attributes.set_scales_mask(DNNL_ARG_SRC, 0);
    attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1);
    result.add(DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, one, engine);
    result.add(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, Desc({s.k}, dnnl::memory::data_type::f32, Tag::a), engine);
    if (key.zeroPoint) {
      attributes.set_zero_points_mask(DNNL_ARG_SRC, 0);
      result.add(DNNL_ARG_ATTR_ZERO_POINTS | DNNL_ARG_SRC, Desc({1}, dnnl::memory::data_type::s32, Tag::a), engine);
    }
  }
  if (key.direction == Direction::Forward) {
    dnnl::post_ops after_convolution;
    if (key.channelBias) {
      const Desc perSample({s.n, s.k, 1, 1}, dnnl::memory::data_type::f32, Tag::nchw);
      result.add(binaryArgument(after_convolution.len()), perSample, engine);
      after_convolution.append_binary(algorithm::binary_add, perSample);
    }
    if (key.residual == Residual::InPlace) after_convolution.append_sum(1.0f);
    if (key.residual == Residual::Separate) {
      result.add(binaryArgument(after_convolution.len()), y, engine);
      after_convolution.append_binary(algorithm::binary_add, y);
    }
    if (key.activation == Activation::Silu) after_convolution.append_eltwise(algorithm::eltwise_swish, 1.0f, 0.0f);
    if (key.activation == Activation::Relu) after_convolution.append_eltwise(algorithm::eltwise_relu, 0.0f, 0.0f);
    if (key.activation == Activation::Sigmoid) after_convolution.append_eltwise(algorithm::eltwise_logistic, 0.0f, 0.0f);
    attributes.set_post_ops(after_convolution);
    const Desc bias = key.bias ? Desc({s.k}, dnnl::memory::data_type::f32, Tag::a) : Desc();
    const dnnl::convolution_forward::primitive_desc description(engine, prop_kind::forward_inference, algorithm::convolution_direct, x,
                                                                weightsOfAnyLayout(s, weightType), bias, y, strides, padding, paddingAfter, attributes);
    result.add(DNNL_ARG_SRC, x, engine);
    result.add(DNNL_ARG_WEIGHTS, description.weights_desc(), engine);
    result.add(DNNL_ARG_DST, y, engine);
    if (key.bias) result.add(DNNL_ARG_BIAS, bias, engine);
    finish(description, description.weights_desc());
    return result;
  }
  // oneDNN asks for the forward convolution as a hint; its types are those a forward pass would have.
  const Type hintType = narrow ? Type::Bfloat16 : Type::Float32;
  const Desc hintX = activations(s.n, s.h, s.w, s.c, hintType), hintY = activations(s.n, s.p, s.q, s.k, hintType);
  const dnnl::convolution_forward::primitive_desc hint(engine, prop_kind::forward_training, algorithm::convolution_direct, hintX,
                                                       weightsOfAnyLayout(s, weightType), hintY, strides, padding, paddingAfter);
  const dnnl::convolution_backward_data::primitive_desc description(engine, algorithm::convolution_direct, x, weightsOfAnyLayout(s, weightType), y,
                                                                    strides, padding, paddingAfter, hint, attributes);
  result.add(DNNL_ARG_DIFF_SRC, x, engine);
  result.add(DNNL_ARG_WEIGHTS, description.weights_desc(), engine);
  result.add(DNNL_ARG_DIFF_DST, y, engine);
  finish(description, description.weights_desc());
  return result;
}

void Convolutions::run(Primitive& p) {
  p.set(DNNL_ARG_SCRATCHPAD, scratchpad_.reserve(p.scratchpad));
  check(dnnl_primitive_execute(p.primitive.get(), context_.stream().get(), static_cast<int>(p.arguments.size()), p.arguments.data()),
        "could not run a convolution");
}

bool Convolutions::runsDirectly(Type source, Type result) const {
  return (source == Type::Float32 && result == Type::Float32) || (source == Type::Bfloat16 && result == Type::Bfloat16 && context_.convolvesBfloat16());
}

const float* Convolutions::asFloats(const void* data, Type type, int64_t count, Scratch& scratch) {
  if (type == Type::Float32) return static_cast<const float*>(data);
  float* copy = static_cast<float*>(scratch.reserve(count * sizeof(float)));
  context_.loops().copy(copy, data, count, Type::Float32, type);
  return copy;
}

bool Convolutions::runsWinograd(const ConvolutionShape& s, Type x, Type y) const {
  if (s.kernel != 3) return false;
  const bool reachesFloat32 = reaches(s, kFloat32) || reaches(s, kFloat32Small);
  if (x == Type::Uint8) {
    return context_.loops().gainsFromInt8 && !context_.convolvesTiles() && (context_.convolvesInt8() ? reaches(s, kInt8) : reachesFloat32);
  }
  if (!multipliesBfloat16(x, y)) return reachesFloat32;
  return x == y && !context_.convolvesTiles() && reaches(s, kBfloat16);
}

bool Convolutions::gainsFromInt8(const ConvolutionShape& s, Type activations) const {
  if (s.kernel == 1) return context_.loops().gainsFromInt8 && !context_.convolvesTiles() && reaches(s, kRounded);
  if (runsWinograd(s, Type::Uint8, activations)) return true;
  // Direct products of bytes lose against Winograd's of bfloat16, which are a quarter as many, but not against those of float32.
  return context_.convolvesInt8() && !(activations == Type::Bfloat16 && runsWinograd(s, activations, activations));
}

bool Convolutions::weightsRunWinograd(const ConvolutionShape& s, Type x, Type dy) const {
  if (s.kernel != 3) return false;
  if (!multipliesBfloat16(x, dy)) return reaches(s, kFloat32Weights);
  return x == dy && reaches(s, kBfloat16Weights);
}

bool Convolutions::multipliesBfloat16(Type a, Type b) const {
  return (a == Type::Bfloat16 || b == Type::Bfloat16) && context_.convolvesBfloat16();
}

void Convolutions::forward(const ConvolutionForward& a) {
  const bool narrowToWide = a.xType == Type::Bfloat16 && a.yType == Type::Float32 && context_.convolvesBfloat16();
  const bool int8 = a.xType == Type::Uint8;
  if (runsWinograd(a.shape, a.xType, a.yType)) {
    forwardWinograd(a);
  } else if (int8 && !context_.convolvesInt8()) {
    throw std::runtime_error("this processor gains nothing from int8 in a convolution of this shape: use bf16 or float32");
  } else if (runsDirectly(a.xType, a.yType) || narrowToWide || int8) {
    forwardDirect(a);
  } else {
    forwardConverted(a);
  }
}

void Convolutions::forwardWinograd(const ConvolutionForward& a) {
  const bool held = a.xType == Type::Uint8 && standsInPlace(a.weight.id, a.weight.version);
  if (!held) requireValues(a.weight);
  const ConvolutionShape& s = a.shape;
  WinogradConvolution convolution{a.y, a.x, a.weight.values + a.weight.offset, a.weight.channels, false, a.bias, a.channelBias, a.residual,
                                  a.activation, s.n, s.h, s.w, s.c, s.k, a.yType, a.xType, a.quantization, {}, nullptr};
  if (a.xType == Type::Uint8) {
    findSteps(convolution, a.weight);
    if (held) {
      convolution.held = held_.at(a.weight.id).words;
    } else if (a.weight.givenUp) {
      hold(convolution, a.weight);
    }
  }
  context_.loops().convolutionWinograd(convolution, context_.scratch());
}

Convolutions::Key Convolutions::forwardKey(const ConvolutionForward& a) {
  const Residual residual = a.residual == nullptr ? Residual::None : a.residual == a.y ? Residual::InPlace : Residual::Separate;
  return {Direction::Forward, a.shape, a.xType, a.yType, a.bias != nullptr, a.channelBias != nullptr, residual, a.activation,
          a.xType == Type::Uint8 && a.quantization.zeroPoint != 0};
}

bool Convolutions::roundsAsOneSample(const ConvolutionForward& a) {
  if (a.shape.n == 1 || (a.xType != Type::Bfloat16 && a.yType != Type::Bfloat16)) return true;
  Key one = forwardKey(a);
  one.shape.n = 1;
  const std::string implementation = find(one).implementation;
  return find(forwardKey(a)).implementation == implementation;
}

void Convolutions::forwardDirect(const ConvolutionForward& a) {
  if (!roundsAsOneSample(a)) {
    for (int32_t n = 0; n < a.shape.n; n++) {
      ConvolutionForward one = a;
      one.shape = oneSample(a.shape);
      one.x = sample(a.x, n, sourceElements(a.shape), a.xType);
      one.y = sample(a.y, n, resultElements(a.shape), a.yType);
      if (a.channelBias != nullptr) one.channelBias = a.channelBias + int64_t(n) * a.shape.k;
      if (a.residual != nullptr) one.residual = sample(a.residual, n, resultElements(a.shape), a.yType);
      forwardDirect(one);
    }
    return;
  }
  const Key key = forwardKey(a);
  const bool perSample = key.channelBias;
  const Residual residual = key.residual;
  Primitive& p = find(key);
  const PackedWeight& weight = pack(a.weight, a.shape, p.weights);
  p.set(DNNL_ARG_SRC, a.x);
  p.set(DNNL_ARG_WEIGHTS, weight.packed.get_data_handle());
  if (a.xType == Type::Uint8) {
    p.set(DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, &a.quantization.scale);
    p.set(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, weight.scales.get_data_handle());
    if (a.quantization.zeroPoint != 0) p.set(DNNL_ARG_ATTR_ZERO_POINTS | DNNL_ARG_SRC, &a.quantization.zeroPoint);
  }
  p.set(DNNL_ARG_DST, a.y);
  if (a.bias != nullptr) p.set(DNNL_ARG_BIAS, a.bias);
  if (perSample) p.set(binaryArgument(0), a.channelBias);
  if (residual == Residual::Separate) p.set(binaryArgument(perSample ? 1 : 0), a.residual);
  run(p);
}

void Convolutions::forwardConverted(const ConvolutionForward& a) {
  const Operations& loops = context_.loops();
  const int64_t inputs = sourceElements(a.shape), outputs = resultElements(a.shape);
  for (int64_t n = 0; n < a.shape.n; n++) {
    ConvolutionForward one = a;
    one.shape = oneSample(a.shape);
    one.xType = one.yType = Type::Float32;
    one.x = asFloats(sample(a.x, n, inputs, a.xType), a.xType, inputs, source_);
    if (a.channelBias != nullptr) one.channelBias = a.channelBias + n * a.shape.k;
    void* y = sample(a.y, n, outputs, a.yType);
    const void* residual = a.residual == nullptr ? nullptr : sample(a.residual, n, outputs, a.yType);
    if (a.yType == Type::Float32) {
      one.y = y;
      one.residual = residual;
      forwardDirect(one);
      continue;
    }
    one.y = result_.reserve(outputs * sizeof(float));
    if (residual != nullptr) {
      loops.copy(one.y, residual, outputs, Type::Float32, a.yType);
      one.residual = one.y;
    }
    forwardDirect(one);
    loops.copy(y, one.y, outputs, a.yType, Type::Float32);
  }
}

void Convolutions::backwardData(const ConvolutionBackwardData& a) {
  const bool narrowToWide = a.dyType == Type::Bfloat16 && a.dxType == Type::Float32 && context_.convolvesBfloat16();
  if (runsWinograd(a.shape, a.dyType, a.dxType)) {
    requireValues(a.weight);
    const ConvolutionShape& s = a.shape;
    context_.loops().convolutionWinograd({a.dx, a.dy, a.weight.values + a.weight.offset, a.weight.channels, true, nullptr, nullptr,
                                          a.accumulate ? a.dx : nullptr, Activation::None, s.n, s.h, s.w, s.k, s.c, a.dxType, a.dyType, {}, {}, nullptr},
                                         context_.scratch());
  } else if (runsDirectly(a.dyType, a.dxType) || narrowToWide) {
    backwardDataDirect(a);
  } else {
    backwardDataConverted(a);
  }
}

void Convolutions::backwardDataDirect(const ConvolutionBackwardData& a) {
  if (a.shape.stride > 1) {
    backwardDataDilated(a);
    return;
  }
  Primitive& p = find({Direction::BackwardData, a.shape, a.dxType, a.dyType, 0, 0, Residual::None, Activation::None, 0});
  const int64_t elements = a.shape.n * sourceElements(a.shape);
  void* dx = a.accumulate ? result_.reserve(elements * bytesOf(a.dxType)) : a.dx;
  p.set(DNNL_ARG_DIFF_SRC, dx);
  p.set(DNNL_ARG_WEIGHTS, pack(a.weight, a.shape, p.weights).packed.get_data_handle());
  p.set(DNNL_ARG_DIFF_DST, a.dy);
  run(p);
  if (a.accumulate) context_.loops().addScaled(a.dx, dx, 1.0f, elements, a.dxType, a.dxType);
}

void Convolutions::backwardDataDilated(const ConvolutionBackwardData& a) {
  // The gradient of a strided convolution is that of the full one whose other outputs have gradient zero. It costs stride² times the arithmetic, but oneDNN's
  // strided implementation rounds differently with the number of threads, and only the plain down-sampling layers are strided.
  const ConvolutionShape& s = a.shape;
  ConvolutionBackwardData full = a;
  full.shape.stride = 1;
  full.shape.p = s.h;
  full.shape.q = s.w;
  void* dy = dilated_.reserve(s.n * resultElements(full.shape) * bytesOf(a.dyType));
  context_.loops().dilate(dy, s.h, s.w, a.dy, {s.n, s.p, s.q, s.k}, s.stride, a.dyType);
  full.dy = dy;
  backwardData(full);
}

void Convolutions::backwardDataConverted(const ConvolutionBackwardData& a) {
  const Operations& loops = context_.loops();
  const int64_t inputs = sourceElements(a.shape), outputs = resultElements(a.shape);
  for (int64_t n = 0; n < a.shape.n; n++) {
    ConvolutionBackwardData one = a;
    one.shape = oneSample(a.shape);
    one.dxType = one.dyType = Type::Float32;
    one.dy = asFloats(sample(a.dy, n, outputs, a.dyType), a.dyType, outputs, source_);
    one.dx = sample(a.dx, n, inputs, a.dxType);
    if (a.dxType == Type::Float32) {
      backwardDataDirect(one);
      continue;
    }
    void* dx = one.dx;
    one.dx = gradient_.reserve(inputs * sizeof(float));
    one.accumulate = false;
    backwardDataDirect(one);
    if (a.accumulate) {
      loops.addScaled(dx, one.dx, 1.0f, inputs, a.dxType, Type::Float32);
    } else {
      loops.copy(dx, one.dx, inputs, a.dxType, Type::Float32);
    }
  }
}

void Convolutions::backwardWeights(const ConvolutionBackwardWeights& a) {
  const ConvolutionShape& s = a.shape;
  const auto gradient = weightsRunWinograd(s, a.xType, a.dyType) ? context_.loops().weightGradientWinograd : context_.loops().weightGradient;
  gradient({a.dw, a.dy, a.x, s.n, s.h, s.w, s.c, s.p, s.q, s.k, s.kernel, s.stride, a.channels, a.offset, a.dyType, a.xType},
           context_.scratch());
  if (a.dbias != nullptr) {
    const ImageShape rows{1, s.n * s.p, s.q, s.k};
    context_.loops().channelSums(a.dbias, a.dy, rows, true, a.dyType, context_.scratch());
  }
}

std::string Convolutions::implementations() const {
  std::ostringstream lines;
  for (const auto& [key, primitive] : recent_) {
    const ConvolutionShape& s = key.shape;
    const char* directions[] = {"forward", "backward-data"};
    const auto name = [](Type type) { return type == Type::Bfloat16 ? "bf16" : type == Type::Uint8 ? "u8" : "f32"; };
    lines << directions[static_cast<int>(key.direction)] << " x=(" << s.n << ',' << s.h << ',' << s.w << ',' << s.c << ") " << name(key.sourceType)
          << " y=(" << s.n << ',' << s.p << ',' << s.q << ',' << s.k << ") " << name(key.resultType) << " kernel " << s.kernel << " stride " << s.stride
          << ": " << primitive.implementation << '\n';
  }
  return lines.str();
}

}  // namespace diffusionad
