// The forms in which convolutions hold weights (convolution.h): packed for oneDNN, and what Winograd's algorithm reads in 8 bits.
#include "convolution.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "context.h"

namespace diffusionad {
namespace {

using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;
using Desc = dnnl::memory::desc;

bool isInt8(const Desc& weights) { return weights.get_data_type() == dnnl::memory::data_type::s8; }

/** The slice of a (K, R, S, Cw) parameter as oneDNN sees it; the address is that of the slice's first element. */
Desc plainSlice(const ConvolutionShape& s, int32_t channels) {
  const int64_t tap = channels, row = tap * s.kernel;
  return {Dims{s.k, s.c, s.kernel, s.kernel}, dnnl::memory::data_type::f32, Dims{row * s.kernel, 1, row, tap}};
}

/** The steps between the 8-bit numbers of each filter (k, kernel, kernel, c), of which a plain copy has `channels` channels. */
void filterScales(float* scales, const float* values, const ConvolutionShape& s, int32_t channels) {
  const int64_t taps = int64_t(s.kernel) * s.kernel;
  for (int64_t k = 0; k < s.k; k++) {
    float largest = 0;
    for (int64_t tap = 0; tap < taps; tap++) {
      const float* p = values + (k * taps + tap) * channels;
      for (int c = 0; c < s.c; c++) largest = std::fmax(largest, std::fabs(p[c]));
    }
    scales[k] = largest > 0 ? largest / 127.0f : 1.0f;  // a filter of zeros has any step
  }
}

}  // namespace

Convolutions::PackedWeight& Convolutions::pack(const WeightSlice& w, const ConvolutionShape& shape, const Desc& wanted) {
  std::vector<PackedWeight>& copies = packed_[w.id];
  for (PackedWeight& copy : copies) {
    if (copy.offset != w.offset || copy.channels != shape.c || copy.packed.get_desc() != wanted) continue;
    if (copy.version != w.version) fill(copy, w, shape);
    return copy;
  }
  PackedWeight copy;
  copy.offset = w.offset;
  copy.channels = shape.c;
  copy.pages = Pages(wanted.get_size());
  copy.packed = dnnl::memory(wanted, context_.engine(), copy.pages.address());
  if (w.values == nullptr) {
    fillFromCopy(copy, copies, w);
  } else {
    dnnl::primitive_attr attributes;
    if (isInt8(wanted)) {
      copy.scales = dnnl::memory(Desc({shape.k}, dnnl::memory::data_type::f32, Tag::a), context_.engine());
      attributes.set_scales_mask(DNNL_ARG_DST, 1);
    }
    copy.reorder = dnnl::reorder(dnnl::memory(plainSlice(shape, w.channels), context_.engine(), w.values + w.offset), copy.packed, attributes);
    fill(copy, w, shape);
  }
  copies.push_back(std::move(copy));
  return copies.back();
}

void Convolutions::fill(PackedWeight& copy, const WeightSlice& w, const ConvolutionShape& shape) {
  if (w.values == nullptr) throw std::logic_error("the weight's values were released, and its packed copy is of another version");
  const dnnl::memory plain(plainSlice(shape, w.channels), context_.engine(), w.values + w.offset);
  std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_FROM, plain}, {DNNL_ARG_TO, copy.packed}};
  if (isInt8(copy.packed.get_desc())) {
    filterScales(static_cast<float*>(copy.scales.get_data_handle()), w.values + w.offset, shape, w.channels);
    arguments.insert({DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST, copy.scales});
  }
  copy.reorder.execute(context_.stream(), arguments);
  copy.version = w.version;
}

void Convolutions::fillFromCopy(PackedWeight& copy, const std::vector<PackedWeight>& copies, const WeightSlice& w) {
  const Desc wanted = copy.packed.get_desc();
  for (const PackedWeight& from : copies) {
    if (from.offset != copy.offset || from.channels != copy.channels || from.version != w.version) continue;
    if (from.packed.get_desc().get_data_type() != wanted.get_data_type()) continue;
    // By way of plain values, which oneDNN packs into and out of any layout.
    dnnl::memory plain(Desc(wanted.get_dims(), wanted.get_data_type(), Tag::acdb), context_.engine());
    dnnl::memory source = from.packed;
    dnnl::reorder(source, plain).execute(context_.stream(), source, plain);
    dnnl::reorder(plain, copy.packed).execute(context_.stream(), plain, copy.packed);
    copy.version = w.version;
    return;
  }
  throw std::runtime_error("the weight's values were released, and no packed copy of this type and range of channels is left; load the checkpoint again");
}

bool Convolutions::canDoWithout(int64_t weightId, int64_t version, int32_t channels) const {
  const auto found = packed_.find(weightId);
  if (found == packed_.end() || found->second.empty()) return false;
  const dnnl::memory::data_type type = found->second.front().packed.get_desc().get_data_type();
  std::vector<bool> covered(channels);
  for (const PackedWeight& copy : found->second) {
    if (copy.version != version || isInt8(copy.packed.get_desc()) || copy.packed.get_desc().get_data_type() != type) return false;
    std::fill_n(covered.begin() + copy.offset, copy.channels, true);
  }
  return std::find(covered.begin(), covered.end(), false) == covered.end();
}

void Convolutions::findSteps(WinogradConvolution& a, const WeightSlice& w) {
  std::vector<SliceSteps>& slices = steps_[w.id];
  auto slice = std::find_if(slices.begin(), slices.end(), [&](const SliceSteps& s) { return s.offset == w.offset && s.channels == a.c; });
  if (slice == slices.end()) slice = slices.insert(slices.end(), {w.offset, a.c, w.version - 1, {}, {}, {}});
  const int64_t stride = stepsStride(a.k);
  slice->steps.resize(kWinogradPoints * stride);
  slice->inverses.resize(kWinogradPoints * stride);
  slice->starts.resize(kWinogradPoints * stride);
  a.weightSteps = {slice->steps.data(), slice->inverses.data(), slice->starts.data(), stride};
  if (slice->version == w.version) return;
  context_.loops().winogradSteps(a);
  slice->version = w.version;
}

void Convolutions::hold(WinogradConvolution& a, const WeightSlice& w) {
  if (w.offset != 0 || w.channels != a.c || a.c % 4 != 0 || a.k % context_.loops().winogradPanel != 0) return;
  const size_t bytes = size_t(a.k) * 9 * a.c * sizeof(float);
  void* values = context_.scratch().reserve(bytes);
  std::memcpy(values, w.values, bytes);
  a.weight = static_cast<const float*>(values);
  uint32_t* words = reinterpret_cast<uint32_t*>(w.values);
  context_.loops().winogradHold(words, a);
  packed_.erase(w.id);
  held_[w.id] = {w.version, words};
  a.held = words;
}

bool Convolutions::standsInPlace(int64_t weightId, int64_t version) const {
  const auto found = held_.find(weightId);
  return found != held_.end() && found->second.version == version;
}

}  // namespace diffusionad
