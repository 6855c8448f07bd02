// Vectors of one instruction set. Every file in this folder is compiled once per instruction set (see native/CMakeLists.txt) with
// LOOPS_ISA naming the namespace; everything lives in an unnamed namespace inside it, so that no function compiled for a newer processor
// can be picked by the linker for an older one. For the same reason these files use no inline function of the C++ library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX2__)
#include <immintrin.h>
#endif
// The forms of AVX-512 intrinsics with a zeroing mask of all lanes compile to the plain instruction; the plain forms make g++ 12 warn of its own header.

#include "operations.h"

namespace diffusionad::LOOPS_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Floats __attribute__((vector_size(kLanes * 4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * 4)));
typedef uint32_t Words __attribute__((vector_size(kLanes * 4)));
typedef uint16_t Halves __attribute__((vector_size(kLanes * 2)));
typedef uint8_t Bytes __attribute__((vector_size(kLanes)));

/** How many lanes of a vector take part: all, or the first few at the end of a row. */
struct Full {};
struct Part {
  int count;
};

inline Floats broadcast(float value) { return value - Floats{}; }

inline Words wordsOf(Floats v) {
  Words r;
  std::memcpy(&r, &v, sizeof r);
  return r;
}

inline Floats floatsOf(Words v) {
  Floats r;
  std::memcpy(&r, &v, sizeof r);
  return r;
}

/** a·b + c, in one rounding where the instruction set has it. */
inline Floats multiplyAdd(Floats a, Floats b, Floats c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

inline Floats load(const float* p, Full) {
  Floats v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline Floats load(const float* p, Part part) {
#if defined(__AVX512F__)
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << part.count) - 1), p);
#else
  float lanes[kLanes] = {};
  for (int i = 0; i < part.count; i++) lanes[i] = p[i];
  return load(lanes, Full{});
#endif
}

/** The first `count` lanes, all or fewer; the others are zero. */
inline Floats loadFew(const float* p, int count) { return count == kLanes ? load(p, Full{}) : load(p, Part{count}); }

inline void store(float* p, Floats v, Full) { std::memcpy(p, &v, sizeof v); }

inline Ints load(const int32_t* p, Full) {
  Ints v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline void store(int32_t* p, Ints v, Full) { std::memcpy(p, &v, sizeof v); }

inline Words load(const uint32_t* p, Full) {
  Words v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline void store(float* p, Floats v, Part part) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << part.count) - 1), v);
#else
  for (int i = 0; i < part.count; i++) p[i] = v[i];
#endif
}

inline Floats widen(Halves h) { return floatsOf(__builtin_convertvector(h, Words) << 16); }

/** Round to nearest even, numbers below the normal range included; NaN stays NaN. */
inline Halves narrowExactly(Floats v) {
  const Words bits = wordsOf(v);
  const Words rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const Words quiet = (bits >> 16) | 0x40u;
  return __builtin_convertvector(v == v ? rounded : quiet, Halves);
}

/** Round to nearest even; numbers below the normal range may become zero, as the processor's own conversion makes them. */
inline Halves narrow(Floats v) {
#if defined(__AVX512BF16__)
  const __m256bh h = _mm512_cvtneps_pbh(v);
  Halves halves;
  std::memcpy(&halves, &h, sizeof halves);
  return halves;
#else
  return narrowExactly(v);
#endif
}

inline Floats load(const Bfloat16* p, Full) {
  Halves h;
  std::memcpy(&h, p, sizeof h);
  return widen(h);
}

inline Floats load(const Bfloat16* p, Part part) {
#if defined(__AVX512F__)
  const __m256i h = _mm256_maskz_loadu_epi16(static_cast<__mmask16>((1u << part.count) - 1), p);
  Halves halves;
  std::memcpy(&halves, &h, sizeof halves);
  return widen(halves);
#else
  Bfloat16 lanes[kLanes] = {};
  for (int i = 0; i < part.count; i++) lanes[i] = p[i];
  return load(lanes, Full{});
#endif
}

inline void store(Bfloat16* p, Floats v, Full) {
  const Halves h = narrow(v);
  std::memcpy(p, &h, sizeof h);
}

inline void store(Bfloat16* p, Floats v, Part part) {
  const Halves h = narrow(v);
  std::memcpy(p, &h, part.count * sizeof(Bfloat16));
}

/** Of numbers up to 255. (g++ 12 takes bytes out of AVX2 vectors one by one.) */
inline Bytes narrowToBytes(Words v) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  const __m256i words = reinterpret_cast<__m256i>(v), halves = _mm256_packus_epi32(words, words), bytes = _mm256_packus_epi16(halves, halves);
  return reinterpret_cast<Bytes>(_mm_cvtsi128_si64(_mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1))));
#else
  return __builtin_convertvector(v, Bytes);
#endif
}

/** Stores float32 as it is and bfloat16 without losing small numbers. */
template <class Lanes>
inline void storeExactly(float* p, Floats v, Lanes lanes) {
  store(p, v, lanes);
}

inline void storeExactly(Bfloat16* p, Floats v, Full) {
  const Halves h = narrowExactly(v);
  std::memcpy(p, &h, sizeof h);
}

inline void storeExactly(Bfloat16* p, Floats v, Part part) {
  const Halves h = narrowExactly(v);
  std::memcpy(p, &h, part.count * sizeof(Bfloat16));
}

/** Of two rows of a matrix, `Step` apart: the upper one takes the lower one's even blocks of Step lanes for its own odd ones, and the other way round. */
template <int Step, int... Lane>
inline void exchangeBlocks(Floats& upper, Floats& lower, std::integer_sequence<int, Lane...>) {
  const Floats a = upper, b = lower;
  upper = __builtin_shufflevector(a, b, ((Lane & Step) != 0 ? Lane - Step + kLanes : Lane)...);
  lower = __builtin_shufflevector(a, b, ((Lane & Step) != 0 ? Lane + kLanes : Lane + Step)...);
}

/** Exchanges rows and columns of kLanes x kLanes values. */
template <int Step = 1>
inline void transpose(Floats* rows) {
  for (int i = 0; i < kLanes; i++) {
    if ((i & Step) == 0) exchangeBlocks<Step>(rows[i], rows[i + Step], std::make_integer_sequence<int, kLanes>());
  }
  if constexpr (2 * Step < kLanes) transpose<2 * Step>(rows);
}

inline float sumOf(Floats v) {
  float lanes[kLanes];
  store(lanes, v, Full{});
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

inline float greatestOf(Floats v) {
  float lanes[kLanes];
  store(lanes, v, Full{});
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] = lanes[i] > lanes[i + width] ? lanes[i] : lanes[i + width];
  }
  return lanes[0];
}

/** Calls body(i, lanes) for i = 0, kLanes, … below count; the last call may cover a part of a vector. */
template <class Body>
inline __attribute__((always_inline)) void forVectors(int64_t count, Body body) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(i, Full{});
  if (i < count) body(i, Part{static_cast<int>(count - i)});
}

template <int N>
struct GroupOf {
  static constexpr int value = N;
};

/** forVectors by N vectors at a time and singly at the end: body(i, lanes, GroupOf<N> or GroupOf<1>). Whole cache lines are read together. */
template <int N, class Body>
inline __attribute__((always_inline)) void forVectorGroups(int64_t count, Body body) {
  int64_t i = 0;
  for (; i + N * kLanes <= count; i += N * kLanes) body(i, Full{}, GroupOf<N>{});
  for (; i + kLanes <= count; i += kLanes) body(i, Full{}, GroupOf<1>{});
  if (i < count) body(i, Part{static_cast<int>(count - i)}, GroupOf<1>{});
}

/** The smaller, or NaN if v is NaN. */
inline Floats atMost(Floats v, float limit) {
#if defined(__AVX512F__)
  return _mm512_maskz_min_ps(0xFFFF, broadcast(limit), v);  // the second operand where they do not compare
#elif defined(__AVX2__)
  return _mm256_min_ps(broadcast(limit), v);
#else
  return v > limit ? broadcast(limit) : v;
#endif
}

/** The larger, or NaN if v is NaN. */
inline Floats atLeast(Floats v, float limit) {
#if defined(__AVX512F__)
  return _mm512_maskz_max_ps(0xFFFF, broadcast(limit), v);
#elif defined(__AVX2__)
  return _mm256_max_ps(broadcast(limit), v);
#else
  return v < limit ? broadcast(limit) : v;
#endif
}

/** The larger of each two, or b where they do not compare. */
inline Floats larger(Floats a, Floats b) {
#if defined(__AVX512F__)
  return _mm512_maskz_max_ps(0xFFFF, a, b);
#elif defined(__AVX2__)
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}

/** The integers next to numbers of up to 255 (to even at the middle); 0 for negative ones, any number for NaN. */
inline Bytes bytesOf(Floats v) {
  return narrowToBytes(wordsOf(atLeast(v, 0.0f) + 12582912.0f) & 0xFFu);  // the sum's low bits hold the nearest integer
}

inline void storeBytes(uint8_t* p, Floats v, Full) {
  const Bytes bytes = bytesOf(v);
  std::memcpy(p, &bytes, sizeof bytes);
}

inline void storeBytes(uint8_t* p, Floats v, Part part) {
  const Bytes bytes = bytesOf(v);
  std::memcpy(p, &bytes, part.count);
}

/** As for one vector, of several in a row. */
template <int N, class Lanes>
inline __attribute__((always_inline)) void storeBytes(uint8_t* p, const Floats (&v)[N], Lanes lanes) {
  for (int i = 0; i < N; i++) storeBytes(p + i * kLanes, v[i], lanes);
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/** Half the instructions of four single ones. */
inline __attribute__((always_inline)) void storeBytes(uint8_t* p, const Floats (&v)[4], Full) {
  const __m256i low = _mm256_packs_epi32(_mm256_cvtps_epi32(v[0]), _mm256_cvtps_epi32(v[1]));
  const __m256i high = _mm256_packs_epi32(_mm256_cvtps_epi32(v[2]), _mm256_cvtps_epi32(v[3]));
  const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  std::memcpy(p, &bytes, sizeof bytes);
}
#endif

inline Floats magnitude(Floats v) { return floatsOf(wordsOf(v) & 0x7FFFFFFFu); }

/** e^x within 1.5 ulp for x in [-87.3, 88.3], clamped outside: the Cephes expf polynomial after x = n·ln2 + r. */
inline Floats exponential(Floats x) {
  x = atLeast(atMost(x, 88.3f), -87.3f);
  const Floats shifted = multiplyAdd(x, broadcast(1.44269504f), broadcast(12582912.0f));  // rounds to an integer in the low bits
  const Floats n = shifted - 12582912.0f;
  Floats r = multiplyAdd(n, broadcast(-0.693359375f), x);
  r = multiplyAdd(n, broadcast(2.12194440e-4f), r);
  Floats p = broadcast(1.9875691500e-4f);
  p = multiplyAdd(p, r, broadcast(1.3981999507e-3f));
  p = multiplyAdd(p, r, broadcast(8.3334519073e-3f));
  p = multiplyAdd(p, r, broadcast(4.1665795894e-2f));
  p = multiplyAdd(p, r, broadcast(1.6666665459e-1f));
  p = multiplyAdd(p, r, broadcast(5.0000001201e-1f));
  p = multiplyAdd(p, r * r, r) + 1.0f;
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps(0xFFFF, p, n);
#else
  const Words exponent = (wordsOf(shifted) - 0x4B400000u) << 23;
  return floatsOf(wordsOf(p) + exponent);
#endif
}

/** 1/v within 1 ulp for v of ordinary size. */
inline Floats reciprocal(Floats v) {
#if defined(__AVX512F__)
  const Floats estimate = _mm512_maskz_rcp14_ps(0xFFFF, v);
  return multiplyAdd(estimate, multiplyAdd(-v, estimate, broadcast(1.0f)), estimate);  // one Newton step squares the estimate's error of 2^-14
#else
  return 1.0f / v;
#endif
}

inline Floats sigmoid(Floats x) { return reciprocal(1.0f + exponential(-x)); }

/** The sigmoid as exactly as a result of type T can show it. */
template <class T>
inline Floats sigmoidFor(Floats x) {
  return sigmoid(x);
}

/** 2^f within 2^-13 for f in [-½, ½]. */
inline Floats powerOfTwo(Floats f) {
  Floats p = broadcast(5.5171661e-2f);
  p = multiplyAdd(p, f, broadcast(2.4261112e-1f));
  p = multiplyAdd(p, f, broadcast(6.9326099e-1f));
  return multiplyAdd(p, f, broadcast(9.9992807e-1f));
}

/** Relative error below 2^-12, for a type that rounds at 2^-9. */
template <>
inline Floats sigmoidFor<Bfloat16>(Floats x) {
#if defined(__AVX512F__)
  const Floats y = x * -1.44269504f;
  const Floats n = _mm512_maskz_roundscale_ps(0xFFFF, y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_maskz_rcp14_ps(0xFFFF, 1.0f + _mm512_maskz_scalef_ps(0xFFFF, powerOfTwo(y - n), n));
#else
  const Floats y = atLeast(atMost(x * -1.44269504f, 126.0f), -126.0f);
  const Floats shifted = y + 12582912.0f;  // rounds to an integer in the low bits
  const Words exponent = wordsOf(shifted) << 23;
  return 1.0f / (1.0f + floatsOf(wordsOf(powerOfTwo(y - (shifted - 12582912.0f))) + exponent));
#endif
}

/** The derivative of SiLU at z. */
template <class T>
inline Floats siluSlope(Floats z) {
  const Floats s = sigmoidFor<T>(z);
  return s * multiplyAdd(z, 1.0f - s, broadcast(1.0f));
}

/** An activation whose result is stored as T. */
template <Activation A, class T>
inline Floats activate(Floats v) {
  if constexpr (A == Activation::Silu) return v * sigmoidFor<T>(v);
  if constexpr (A == Activation::Relu) return v < 0.0f ? Floats{} : v;  // NaN stays NaN
  if constexpr (A == Activation::Sigmoid) return sigmoidFor<T>(v);
  return v;
}

inline Floats squareRoot(Floats v) {
  float lanes[kLanes];
  store(lanes, v, Full{});
  for (int i = 0; i < kLanes; i++) lanes[i] = __builtin_sqrtf(lanes[i]);
  return load(lanes, Full{});
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
