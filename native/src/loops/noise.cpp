// Gaussian noise by Philox 4x32-10 and Box-Muller: bit for bit the arithmetic of io.diffusionad.random.Philox, which is the definition.
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kBlocks = 16;  // Philox blocks side by side, for the vectoriser

inline float uniformOpenZero(uint32_t word) { return float(int32_t(word >> 8) + 1) * 0x1p-24f; }
inline float uniform(uint32_t word) { return float(int32_t(word >> 8)) * 0x1p-24f; }

inline float naturalLog(float u) {
  uint32_t bits;
  std::memcpy(&bits, &u, sizeof bits);
  int exponent = int(bits >> 23) - 126;
  const uint32_t mantissa = (bits & 0x007FFFFFu) | 0x3F000000u;
  float m;
  std::memcpy(&m, &mantissa, sizeof m);
  const bool low = m < 0.70710678f;
  exponent = low ? exponent - 1 : exponent;
  m = low ? m + m : m;
  const float x = m - 1.0f;
  const float z = x * x;
  float y = 7.0376836292e-2f;
  y = __builtin_fmaf(y, x, -1.1514610310e-1f);
  y = __builtin_fmaf(y, x, 1.1676998740e-1f);
  y = __builtin_fmaf(y, x, -1.2420140846e-1f);
  y = __builtin_fmaf(y, x, 1.4249322787e-1f);
  y = __builtin_fmaf(y, x, -1.6668057665e-1f);
  y = __builtin_fmaf(y, x, 2.0000714765e-1f);
  y = __builtin_fmaf(y, x, -2.4999993993e-1f);
  y = __builtin_fmaf(y, x, 3.3333331174e-1f);
  y = y * x * z;
  y = __builtin_fmaf(float(exponent), -2.12194440e-4f, y);
  y = __builtin_fmaf(-0.5f, z, y);
  return __builtin_fmaf(float(exponent), 0.693359375f, x + y);
}

inline float sinTurn(float turn) {
  float t = turn >= 1.0f ? turn - 1.0f : turn;
  const bool second = t >= 0.5f;
  const float sign = second ? -1.0f : 1.0f;
  t = second ? t - 0.5f : t;
  t = t > 0.25f ? 0.5f - t : t;
  const float x = t * 6.2831855f;
  const float z = x * x;
  float y = -2.5052108e-8f;
  y = __builtin_fmaf(y, z, 2.7557319e-6f);
  y = __builtin_fmaf(y, z, -1.9841270e-4f);
  y = __builtin_fmaf(y, z, 8.3333333e-3f);
  y = __builtin_fmaf(y, z, -1.6666667e-1f);
  return sign * __builtin_fmaf(y * z, x, x);
}

/** The normals of blocks first … first + kBlocks - 1, in element order. */
void normals(float* out, uint64_t seed, uint32_t purpose, uint64_t sample, uint32_t first) {
  uint32_t c0[kBlocks], c1[kBlocks], c2[kBlocks], c3[kBlocks];
  for (int i = 0; i < kBlocks; i++) {
    c0[i] = first + i;
    c1[i] = purpose;
    c2[i] = uint32_t(sample);
    c3[i] = uint32_t(sample >> 32);
  }
  uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < kBlocks; i++) {
      const uint64_t p0 = uint64_t(0xD2511F53u) * c0[i];
      const uint64_t p1 = uint64_t(0xCD9E8D57u) * c2[i];
      c0[i] = uint32_t(p1 >> 32) ^ c1[i] ^ k0;
      c2[i] = uint32_t(p0 >> 32) ^ c3[i] ^ k1;
      c1[i] = uint32_t(p1);
      c3[i] = uint32_t(p0);
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  float even[2][kBlocks], odd[2][kBlocks];
  for (int pair = 0; pair < 2; pair++) {
    const uint32_t* a = pair == 0 ? c0 : c2;
    const uint32_t* b = pair == 0 ? c1 : c3;
    for (int i = 0; i < kBlocks; i++) {
      const float radius = __builtin_sqrtf(-2.0f * naturalLog(uniformOpenZero(a[i])));
      const float turn = uniform(b[i]);
      even[pair][i] = radius * sinTurn(turn + 0.25f);
      odd[pair][i] = radius * sinTurn(turn);
    }
  }
  for (int i = 0; i < kBlocks; i++) {
    out[4 * i] = even[0][i];
    out[4 * i + 1] = odd[0][i];
    out[4 * i + 2] = even[1][i];
    out[4 * i + 3] = odd[1][i];
  }
}

}  // namespace

void gaussianNoise(float* y, const int64_t* samples, ImageShape s, uint64_t seed, uint32_t purpose) {
  constexpr int kPerCall = 4 * kBlocks;
  constexpr int kCalls = 32;  // a task
  const int64_t pixels = int64_t(s.h) * s.w;
  const int64_t elements = pixels * s.c;
  const int64_t tasks = (elements + kPerCall * kCalls - 1) / (kPerCall * kCalls);
  parallelFor(s.n * tasks, kPerCall * kCalls, [&](int64_t task) {
    const int64_t n = task / tasks;
    float* out = y + n * elements;
    float values[kPerCall];
    for (int64_t call = task % tasks * kCalls; call < (task % tasks + 1) * kCalls; call++) {
      const int64_t first = call * kPerCall;
      if (first >= elements) break;
      normals(values, seed, purpose, uint64_t(samples[n]), uint32_t(first / 4));
      const int64_t count = elements - first < kPerCall ? elements - first : kPerCall;
      int64_t channel = first / pixels, pixel = first % pixels;
      for (int64_t i = 0; i < count; i++) {
        out[pixel * s.c + channel] = values[i];
        if (++pixel == pixels) {
          pixel = 0;
          channel++;
        }
      }
    }
  });
}

}  // namespace diffusionad::LOOPS_ISA
