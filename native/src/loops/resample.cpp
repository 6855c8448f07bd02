// Changes of resolution and channel ranges. Every loop runs over contiguous channels; a task is an image row.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** A task per row of the larger or smaller image: body(sample, row). */
template <class Body>
void forRows(int n, int rows, int64_t elementsPerRow, Body body) {
  parallelFor(int64_t(n) * rows, elementsPerRow, [&](int64_t task) { body(task / rows, int(task % rows)); });
}

template <class T>
void upForward(T* y, const T* x, ImageShape s) {
  const int64_t outRow = int64_t(2) * s.w * s.c;
  forRows(s.n, s.h, 2 * outRow, [&](int64_t n, int row) {
    T* out = y + (n * s.h + row) * 2 * outRow;
    const T* in = x + (n * s.h + row) * s.w * s.c;
    for (int q = 0; q < s.w; q++) {
      std::memcpy(out + int64_t(2 * q) * s.c, in + int64_t(q) * s.c, s.c * sizeof(T));
      std::memcpy(out + int64_t(2 * q + 1) * s.c, in + int64_t(q) * s.c, s.c * sizeof(T));
    }
    std::memcpy(out + outRow, out, outRow * sizeof(T));
  });
}

template <class T>
void downForward(T* y, const T* x, ImageShape s) {
  const int h = s.h / 2, w = s.w / 2;
  forRows(s.n, h, int64_t(4) * w * s.c, [&](int64_t n, int row) {
    const T* upper = x + (n * s.h + 2 * row) * s.w * s.c;
    const T* lower = upper + int64_t(s.w) * s.c;
    T* out = y + (n * h + row) * w * s.c;
    for (int q = 0; q < w; q++, upper += 2 * s.c, lower += 2 * s.c, out += s.c) {
      forVectors(s.c, [&](int64_t c, auto lanes) {
        const Floats sum = (load(upper + c, lanes) + load(upper + s.c + c, lanes)) + (load(lower + c, lanes) + load(lower + s.c + c, lanes));
        store(out + c, 0.25f * sum, lanes);
      });
    }
  });
}

template <class T>
void upBackward(T* dx, const T* dy, ImageShape s, bool accumulate) {
  const int64_t outRow = int64_t(2) * s.w * s.c;
  forRows(s.n, s.h, 2 * outRow, [&](int64_t n, int row) {
    const T* upper = dy + (n * s.h + row) * 2 * outRow;
    const T* lower = upper + outRow;
    T* out = dx + (n * s.h + row) * s.w * s.c;
    for (int q = 0; q < s.w; q++, upper += 2 * s.c, lower += 2 * s.c, out += s.c) {
      forVectors(s.c, [&](int64_t c, auto lanes) {
        const Floats sum = (load(upper + c, lanes) + load(upper + s.c + c, lanes)) + (load(lower + c, lanes) + load(lower + s.c + c, lanes));
        store(out + c, accumulate ? load(out + c, lanes) + sum : sum, lanes);
      });
    }
  });
}

template <class T>
void downBackward(T* dx, const T* dy, ImageShape s, bool accumulate) {
  const int h = s.h / 2, w = s.w / 2;
  forRows(s.n, s.h, int64_t(s.w) * s.c, [&](int64_t n, int row) {
    const T* in = dy + (n * h + row / 2) * w * s.c;
    T* out = dx + (n * s.h + row) * s.w * s.c;
    for (int q = 0; q < s.w; q++, out += s.c) {
      forVectors(s.c, [&](int64_t c, auto lanes) {
        const Floats share = 0.25f * load(in + int64_t(q / 2) * s.c + c, lanes);
        store(out + c, accumulate ? load(out + c, lanes) + share : share, lanes);
      });
    }
  });
}

inline void storeBytes(uint8_t* p, Ints v, Full) {
  const Bytes b = __builtin_convertvector(v, Bytes);
  std::memcpy(p, &b, sizeof b);
}

inline void storeBytes(uint8_t* p, Ints v, Part part) {
  for (int i = 0; i < part.count; i++) p[i] = uint8_t(v[i]);
}

inline Ints loadBytes(const uint8_t* p, Full) {
  Bytes b;
  std::memcpy(&b, p, sizeof b);
  return __builtin_convertvector(b, Ints);
}

inline Ints loadBytes(const uint8_t* p, Part part) {
  Ints v{};
  for (int i = 0; i < part.count; i++) v[i] = p[i];
  return v;
}

template <class T>
void poolForward(T* y, uint8_t* argmax, const T* x, ImageShape s) {
  const int h = s.h / 2, w = s.w / 2;
  forRows(s.n, h, int64_t(4) * w * s.c, [&](int64_t n, int row) {
    const T* upper = x + (n * s.h + 2 * row) * s.w * s.c;
    const T* lower = upper + int64_t(s.w) * s.c;
    int64_t at = (n * h + row) * w * s.c;
    for (int q = 0; q < w; q++, upper += 2 * s.c, lower += 2 * s.c, at += s.c) {
      forVectors(s.c, [&](int64_t c, auto lanes) {
        Floats best = load(upper + c, lanes);
        Ints position{};
        const auto consider = [&](Floats v, int index) {
          const Ints better = (v > best) | (v != v);  // a NaN wins and stays
          best = better ? v : best;
          position = better ? Ints{} + index : position;
        };
        consider(load(upper + s.c + c, lanes), 1);
        consider(load(lower + c, lanes), 2);
        consider(load(lower + s.c + c, lanes), 3);
        store(y + at + c, best, lanes);
        storeBytes(argmax + at + c, position, lanes);
      });
    }
  });
}

template <class T>
void poolBackward(T* dx, const T* dy, const uint8_t* argmax, ImageShape s, bool accumulate) {
  const int h = s.h / 2, w = s.w / 2;
  forRows(s.n, s.h, int64_t(s.w) * s.c, [&](int64_t n, int row) {
    T* out = dx + (n * s.h + row) * s.w * s.c;
    for (int q = 0; q < s.w; q++, out += s.c) {
      const bool covered = row / 2 < h && q / 2 < w;  // an odd last row or column belongs to no window
      if (!covered) {
        if (!accumulate) std::memset(out, 0, s.c * sizeof(T));
        continue;
      }
      const int64_t at = ((n * h + row / 2) * w + q / 2) * s.c;
      const int here = row % 2 * 2 + q % 2;
      forVectors(s.c, [&](int64_t c, auto lanes) {
        const Floats g = loadBytes(argmax + at + c, lanes) == here ? load(dy + at + c, lanes) : Floats{};
        store(out + c, accumulate ? load(out + c, lanes) + g : g, lanes);
      });
    }
  });
}

/** Where output i of an axis reads: (1 - fraction)·x[low] + fraction·x[high]. The position i·(size-1)/(2·size-1) is exact in integers. */
struct AxisRead {
  int low, high;
  float fraction;
};

inline AxisRead axisRead(int i, int size) {
  const int64_t numerator = int64_t(i) * (size - 1);
  const int denominator = 2 * size - 1;
  const int low = int(numerator / denominator);
  return {low, low + 1 < size ? low + 1 : low, float(double(numerator % denominator) / denominator)};
}

template <class T>
void bilinearUpForward(T* y, const T* x, ImageShape s) {
  forRows(s.n, 2 * s.h, int64_t(8) * s.w * s.c, [&](int64_t n, int row) {
    const AxisRead v = axisRead(row, s.h);
    const T* upper = x + (n * s.h + v.low) * s.w * s.c;
    const T* lower = x + (n * s.h + v.high) * s.w * s.c;
    T* out = y + (n * 2 * s.h + row) * 2 * s.w * s.c;
    for (int q = 0; q < 2 * s.w; q++, out += s.c) {
      const AxisRead u = axisRead(q, s.w);
      const int64_t left = int64_t(u.low) * s.c, right = int64_t(u.high) * s.c;
      const Floats a = broadcast((1 - v.fraction) * (1 - u.fraction)), b = broadcast((1 - v.fraction) * u.fraction);
      const Floats c0 = broadcast(v.fraction * (1 - u.fraction)), d = broadcast(v.fraction * u.fraction);
      forVectors(s.c, [&](int64_t c, auto lanes) {
        Floats sum = a * load(upper + left + c, lanes);
        sum = multiplyAdd(b, load(upper + right + c, lanes), sum);
        sum = multiplyAdd(c0, load(lower + left + c, lanes), sum);
        store(out + c, multiplyAdd(d, load(lower + right + c, lanes), sum), lanes);
      });
    }
  });
}

/** The outputs of an axis that read input i, with their weights: at most five, around 2i. */
struct AxisReaders {
  int count = 0;
  int output[6];
  float weight[6];
};

inline AxisReaders axisReaders(int i, int size) {
  AxisReaders readers;
  const int first = 2 * i - 2 < 0 ? 0 : 2 * i - 2;
  for (int o = first; o <= 2 * i + 3 && o < 2 * size; o++) {
    const AxisRead read = axisRead(o, size);
    float weight = 0;
    if (read.low == i) weight += 1 - read.fraction;
    if (read.high == i) weight += read.fraction;
    if (weight != 0) {
      readers.output[readers.count] = o;
      readers.weight[readers.count++] = weight;
    }
  }
  return readers;
}

template <class T>
void bilinearUpBackward(T* dx, const T* dy, ImageShape s) {
  forRows(s.n, s.h, int64_t(16) * s.w * s.c, [&](int64_t n, int row) {
    const AxisReaders v = axisReaders(row, s.h);
    const T* in = dy + n * 4 * s.h * s.w * s.c;
    T* out = dx + (n * s.h + row) * s.w * s.c;
    for (int q = 0; q < s.w; q++, out += s.c) {
      const AxisReaders u = axisReaders(q, s.w);
      forVectors(s.c, [&](int64_t c, auto lanes) {
        Floats sum{};
        for (int i = 0; i < v.count; i++) {
          const T* line = in + int64_t(v.output[i]) * 2 * s.w * s.c + c;
          Floats across{};
          for (int j = 0; j < u.count; j++) across = multiplyAdd(broadcast(u.weight[j]), load(line + int64_t(u.output[j]) * s.c, lanes), across);
          sum = multiplyAdd(broadcast(v.weight[i]), across, sum);
        }
        store(out + c, sum, lanes);
      });
    }
  });
}

}  // namespace

void resampleForward(void* y, const void* x, ImageShape s, Resample resample, Type type) {
  withFloatType(type, [&](auto t) {
    using T = decltype(t);
    T* out = static_cast<T*>(y);
    const T* in = static_cast<const T*>(x);
    if (resample == Resample::Up) {
      upForward(out, in, s);
    } else {
      downForward(out, in, s);
    }
  });
}

void resampleBackward(void* dx, const void* dy, ImageShape s, Resample resample, bool accumulate, Type type) {
  withFloatType(type, [&](auto t) {
    using T = decltype(t);
    T* out = static_cast<T*>(dx);
    const T* in = static_cast<const T*>(dy);
    if (resample == Resample::Up) {
      upBackward(out, in, s, accumulate);
    } else {
      downBackward(out, in, s, accumulate);
    }
  });
}

void maxPoolForward(void* y, uint8_t* argmax, const void* x, ImageShape s, Type type) {
  withFloatType(type, [&](auto t) {
    using T = decltype(t);
    poolForward(static_cast<T*>(y), argmax, static_cast<const T*>(x), s);
  });
}

void maxPoolBackward(void* dx, const void* dy, const uint8_t* argmax, ImageShape s, bool accumulate, Type type) {
  withFloatType(type, [&](auto t) {
    using T = decltype(t);
    poolBackward(static_cast<T*>(dx), static_cast<const T*>(dy), argmax, s, accumulate);
  });
}

void bilinearForward(void* y, const void* x, ImageShape s, Type type) {
  withFloatType(type, [&](auto t) {
    using T = decltype(t);
    bilinearUpForward(static_cast<T*>(y), static_cast<const T*>(x), s);
  });
}

void bilinearBackward(void* dx, const void* dy, ImageShape s, Type type) {
  withFloatType(type, [&](auto t) {
    using T = decltype(t);
    bilinearUpBackward(static_cast<T*>(dx), static_cast<const T*>(dy), s);
  });
}

void dilate(void* y, int yHeight, int yWidth, const void* x, ImageShape s, int stride, Type type) {
  const int64_t pixel = int64_t(s.c) * bytesOf(type);
  forRows(s.n, yHeight, int64_t(yWidth) * s.c, [&](int64_t n, int row) {
    char* out = static_cast<char*>(y) + (n * yHeight + row) * yWidth * pixel;
    std::memset(out, 0, yWidth * pixel);
    if (row % stride != 0) return;
    const char* in = static_cast<const char*>(x) + (n * s.h + row / stride) * s.w * pixel;
    for (int q = 0; q < s.w; q++) std::memcpy(out + int64_t(q) * stride * pixel, in + q * pixel, pixel);
  });
}

void copyChannels(void* y, int yOffset, int yChannels, const void* x, int xOffset, int xChannels, int count, int64_t pixels, Type yType, Type xType) {
  constexpr int64_t kPixels = 64;
  withFloatType(yType, [&](auto to) {
    withFloatType(xType, [&](auto from) {
      auto* out = static_cast<decltype(to)*>(y) + yOffset;
      const auto* in = static_cast<const decltype(from)*>(x) + xOffset;
      parallelFor((pixels + kPixels - 1) / kPixels, kPixels * count, [&](int64_t task) {
        const int64_t end = (task + 1) * kPixels < pixels ? (task + 1) * kPixels : pixels;
        for (int64_t p = task * kPixels; p < end; p++) {
          forVectors(count, [&](int64_t c, auto lanes) { storeExactly(out + p * yChannels + c, load(in + p * xChannels + c, lanes), lanes); });
        }
      });
    });
  });
}

}  // namespace diffusionad::LOOPS_ISA
