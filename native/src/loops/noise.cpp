// Gaussian noise by Philox 4x32-10 and Box-Muller: bit for bit the arithmetic of io.diffusionad.random.Philox, which is the definition.
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kBlocks = 16;  // Philox blocks side by side

/** a·b + c in one rounding, whatever the instruction set. */
inline Floats fused(Floats a, Floats b, Floats c) {
#if defined(__FMA__)
  return multiplyAdd(a, b, c);
#else
  for (int i = 0; i < kLanes; i++) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
#endif
}
inline Floats fused(Floats a, Floats b, float c) { return fused(a, b, broadcast(c)); }

inline Floats uniformOpenZero(Words words) { return __builtin_convertvector(reinterpret_cast<Ints>(words >> 8) + 1, Floats) * 0x1p-24f; }
inline Floats uniform(Words words) { return __builtin_convertvector(reinterpret_cast<Ints>(words >> 8), Floats) * 0x1p-24f; }

inline Floats naturalLog(Floats u) {
  const Words bits = wordsOf(u);
  Floats m = floatsOf((bits & 0x007FFFFFu) | 0x3F000000u);
  const Ints low = m < 0.70710678f;  // -1 where it holds
  const Floats exponent = __builtin_convertvector(reinterpret_cast<Ints>(bits >> 23) - 126 + low, Floats);
  m = low ? m + m : m;
  const Floats x = m - 1.0f;
  const Floats z = x * x;
  Floats y = broadcast(7.0376836292e-2f);
  y = fused(y, x, -1.1514610310e-1f);
  y = fused(y, x, 1.1676998740e-1f);
  y = fused(y, x, -1.2420140846e-1f);
  y = fused(y, x, 1.4249322787e-1f);
  y = fused(y, x, -1.6668057665e-1f);
  y = fused(y, x, 2.0000714765e-1f);
  y = fused(y, x, -2.4999993993e-1f);
  y = fused(y, x, 3.3333331174e-1f);
  y = y * x * z;
  y = fused(exponent, broadcast(-2.12194440e-4f), y);
  y = fused(broadcast(-0.5f), z, y);
  return fused(exponent, broadcast(0.693359375f), x + y);
}

inline Floats sinTurn(Floats turn) {
  Floats t = turn >= 1.0f ? turn - 1.0f : turn;
  const Ints second = t >= 0.5f;
  t = second ? t - 0.5f : t;
  t = t > 0.25f ? 0.5f - t : t;
  const Floats x = t * 6.2831855f;
  const Floats z = x * x;
  Floats y = broadcast(-2.5052108e-8f);
  y = fused(y, z, 2.7557319e-6f);
  y = fused(y, z, -1.9841270e-4f);
  y = fused(y, z, 8.3333333e-3f);
  y = fused(y, z, -1.6666667e-1f);
  const Floats sine = fused(y * z, x, x);
  return second ? -sine : sine;
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
    for (int i = 0; i < kBlocks; i += kLanes) {
      const Floats radius = squareRoot(-2.0f * naturalLog(uniformOpenZero(load(a + i, Full{}))));
      const Floats turn = uniform(load(b + i, Full{}));
      store(even[pair] + i, radius * sinTurn(turn + 0.25f), Full{});
      store(odd[pair] + i, radius * sinTurn(turn), Full{});
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

// Elements are counted channel by channel, pixels lie channels together: a task is some pixels with all their channels, or threads would write to the same lines.
void gaussianNoise(float* y, const int64_t* samples, ImageShape s, uint64_t seed, uint32_t purpose) {
  constexpr int kPerCall = 4 * kBlocks;
  constexpr int64_t kPixels = 1024;  // a task
  const int64_t pixels = int64_t(s.h) * s.w;
  const int64_t tasks = (pixels + kPixels - 1) / kPixels;
  parallelFor(s.n * tasks, kPixels * s.c, [&](int64_t task) {
    const int64_t n = task / tasks, from = task % tasks * kPixels, to = from + kPixels < pixels ? from + kPixels : pixels;
    float values[kPerCall];
    for (int channel = 0; channel < s.c; channel++) {
      const int64_t start = channel * pixels;
      float* out = y + n * pixels * s.c + channel;
      for (int64_t first = (start + from) / 4 * 4; first < start + to; first += kPerCall) {  // a block makes four elements
        normals(values, seed, purpose, uint64_t(samples[n]), uint32_t(first / 4));
        const int64_t begin = first < start + from ? from : first - start, end = first + kPerCall < start + to ? first + kPerCall - start : to;
        for (int64_t pixel = begin; pixel < end; pixel++) out[pixel * s.c] = values[start + pixel - first];
      }
    }
  });
}

}  // namespace diffusionad::LOOPS_ISA
