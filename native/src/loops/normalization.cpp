// Group and batch normalisation: y = resample(activation((x - mean)·rstd·gamma + beta)), forward and backward. A forward result may be written in 8
// bits, for a convolution in int8.
//
// Statistics run over a group's channels and all pixels of a sample; batch normalisation is the case of one sample of N·H rows and one
// channel a group. They are taken in two stages: every image row gives the sum and the squared deviations of each channel about the row's
// first pixel (no cancellation when the mean is large), in float32; rows are merged in float64, in row order. The result therefore does not
// depend on the number of threads.
#include "vector.h"
#include "writer.h"
#include "parallel.h"
#include "dispatch.h"
#include "channel_rows.h"
#include "kernels.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** Mean and inverse deviation of the channel's group, scale and shift, expanded to one number a channel. */
struct ChannelTables {
  float* mean;   // (N, C)
  float* scale;  // (N, C): rstd·gamma
};

/** Merges the rows of one channel's group into mean and rstd. */
void mergeGroup(const NormalizeForward& a, const float* rows, int channels, int sample, int group) {
  const int size = channels / a.groups;
  const int h = a.shape.h, w = a.shape.w;
  const double count = double(h) * w * size;
  const auto moments = [&](int row) { return RowMoments(rows + (int64_t(sample) * h + row) * RowMoments::floats(channels) + group * size, channels); };
  double sum = 0;
  for (int row = 0; row < h; row++) {
    const RowMoments m = moments(row);
    for (int c = 0; c < size; c++) sum += double(m.first[c]) * w + m.sum[c];
  }
  const double mean = sum / count;
  double squares = 0;
  for (int row = 0; row < h; row++) {
    const RowMoments m = moments(row);
    for (int c = 0; c < size; c++) {
      const double offset = m.first[c] - mean;  // (x - mean)² = (d + offset)²
      squares += m.squares[c] + offset * (2.0 * m.sum[c] + offset * w);
    }
  }
  const int64_t index = int64_t(sample) * a.groups + group;
  a.mean[index] = float(mean);
  a.rstd[index] = float(1.0 / __builtin_sqrt((squares > 0 ? squares : 0) / count + a.eps));
  if (a.runningMean != nullptr) {
    const double unbiased = count > 1 ? squares / (count - 1) : squares;
    a.runningMean[group] = float((1.0 - a.momentum) * a.runningMean[group] + a.momentum * mean);
    a.runningVariance[group] = float((1.0 - a.momentum) * a.runningVariance[group] + a.momentum * unbiased);
  }
}

constexpr int kAtOnce = 4;  // vectors: so many are packed to bytes together

/** One row of input pixels (two when halving) to the output rows they make, for the channels of one source. */
template <class Y, class T, Activation A, Resample R>
void applyRow(Y* y, const T* x, int64_t row, ImageShape shape, int channel0, int channels, const float* mean, const float* scale, const float* beta,
              Writer<Y> write) {
  const int w = shape.w;
  const int c1 = shape.c;
  if constexpr (R == Resample::Down) {
    const T* upper = x + row * 2 * w * c1;
    const T* lower = upper + int64_t(w) * c1;
    Y* out = y + row * (w / 2) * channels + channel0;
    for (int q = 0; q < w / 2; q++, upper += 2 * c1, lower += 2 * c1, out += channels) {
      forVectorGroups<kAtOnce>(c1, [&](int64_t c, auto lanes, auto group) {
        Floats v[decltype(group)::value];
        for (Floats& each : v) {
          const int64_t at = c + (&each - v) * kLanes;
          const Floats m = load(mean + at, lanes), s = load(scale + at, lanes), b = load(beta + at, lanes);
          const auto f = [&](const T* p) { return activate<A, Y>(multiplyAdd(load(p + at, lanes) - m, s, b)); };
          each = 0.25f * ((f(upper) + f(upper + c1)) + (f(lower) + f(lower + c1)));
        }
        write(out + c, v, lanes);
      });
    }
  } else {
    const int factor = R == Resample::Up ? 2 : 1;
    const T* in = x + row * w * c1;
    Y* out = y + row * factor * factor * w * channels + channel0;
    const int64_t next = int64_t(w) * factor * channels;
    for (int q = 0; q < w; q++, in += c1, out += factor * channels) {
      forVectorGroups<kAtOnce>(c1, [&](int64_t c, auto lanes, auto group) {
        Floats v[decltype(group)::value];
        for (Floats& each : v) {
          const int64_t at = c + (&each - v) * kLanes;
          each = activate<A, Y>(multiplyAdd(load(in + at, lanes) - load(mean + at, lanes), load(scale + at, lanes), load(beta + at, lanes)));
        }
        write(out + c, v, lanes);
        if constexpr (R == Resample::Up) {
          write(out + channels + c, v, lanes);
          write(out + next + c, v, lanes);
          write(out + next + channels + c, v, lanes);
        }
      });
    }
  }
}

template <class Y, class T, Activation A, Resample R>
void applyAll(Y* y, const T* x, const T* tail, ImageShape shape, int tailChannels, const float* beta, ChannelTables tables, Writer<Y> write) {
  const int channels = shape.c + tailChannels;
  const int rows = R == Resample::Down ? shape.h / 2 : shape.h;
  const int64_t outPixels = R == Resample::Up ? int64_t(4) * shape.h * shape.w : R == Resample::Down ? int64_t(shape.h / 2) * (shape.w / 2)
                                                                                                     : int64_t(shape.h) * shape.w;
  const ImageShape tailShape{shape.n, shape.h, shape.w, tailChannels};
  parallelFor(int64_t(shape.n) * rows, int64_t(shape.w) * channels, [&](int64_t task) {
    const int64_t n = task / rows, row = task % rows;
    Y* out = y + n * outPixels * channels;
    const float* mean = tables.mean + n * channels;
    const float* scale = tables.scale + n * channels;
    applyRow<Y, T, A, R>(out, x + n * shape.h * shape.w * shape.c, row, shape, 0, channels, mean, scale, beta, write);
    if (tail != nullptr) {
      applyRow<Y, T, A, R>(out, tail + n * shape.h * shape.w * tailChannels, row, tailShape, shape.c, channels, mean + shape.c, scale + shape.c,
                           beta + shape.c, write);
    }
  });
}

template <class Y, class T>
void apply(Y* y, const T* x, const T* tail, ImageShape shape, int tailChannels, const float* beta, ChannelTables tables, Activation activation,
           Resample resample, Writer<Y> write) {
  withNormActivation(activation, [&](auto a) {
    withResample(resample, [&](auto r) { applyAll<Y, T, a.value, r.value>(y, x, tail, shape, tailChannels, beta, tables, write); });
  });
}

void expand(ChannelTables tables, const float* mean, const float* rstd, const float* gamma, int n, int channels, int groups) {
  const int size = channels / groups;
  for (int64_t i = 0; i < int64_t(n) * channels; i++) {
    const int c = int(i % channels);
    const int64_t group = i / channels * groups + c / size;
    tables.mean[i] = mean[group];
    tables.scale[i] = rstd[group] * gamma[c];
  }
}

}  // namespace

void normalizeForward(const NormalizeForward& a, Scratch& scratch) {
  const int channels = a.shape.c + a.tailChannels;
  const int64_t perRow = RowMoments::floats(channels);
  float* rows = static_cast<float*>(scratch.reserve((int64_t(a.shape.n) * a.shape.h * perRow + int64_t(2) * a.shape.n * channels) * sizeof(float)));
  float* tableMemory = rows + int64_t(a.shape.n) * a.shape.h * perRow;
  const ChannelTables tables{tableMemory, tableMemory + int64_t(a.shape.n) * channels};
  withFloatType(a.type, [&](auto t) {
    using T = decltype(t);
    const T* x = static_cast<const T*>(a.x);
    const T* tail = static_cast<const T*>(a.tail);
    parallelFor(int64_t(a.shape.n) * a.shape.h, int64_t(a.shape.w) * channels, [&](int64_t task) {
      float* out = rows + task * perRow;
      rowMoments(out, channels, x + task * a.shape.w * a.shape.c, a.shape.w, a.shape.c);
      if (tail != nullptr) rowMoments(out + a.shape.c, channels, tail + task * a.shape.w * a.tailChannels, a.shape.w, a.tailChannels);
    });
    parallelFor(int64_t(a.shape.n) * a.groups, int64_t(a.shape.h) * (channels / a.groups) * 4, [&](int64_t task) {
      mergeGroup(a, rows, channels, int(task / a.groups), int(task % a.groups));
    });
    expand(tables, a.mean, a.rstd, a.gamma, a.shape.n, channels, a.groups);
    const auto finish = [&](auto* y, auto write) {
      apply(y, x, tail, a.shape, a.tailChannels, a.beta, tables, a.activation, a.resample, write);
    };
    if (a.yType == Type::Uint8) {
      finish(static_cast<uint8_t*>(a.y), Writer<uint8_t>(a.quantization));
    } else {
      finish(static_cast<T*>(a.y), Writer<T>(a.quantization));
    }
  });
}

void normalizeInference(const NormalizeInference& a, Scratch& scratch) {
  float* scale = static_cast<float*>(scratch.reserve(int64_t(2) * a.shape.c * sizeof(float)));
  float* mean = scale + a.shape.c;
  for (int c = 0; c < a.shape.c; c++) {
    scale[c] = float(a.gamma[c] / __builtin_sqrt(double(a.variance[c]) + a.eps));
    mean[c] = a.mean[c];
  }
  const ImageShape rows{1, a.shape.n * a.shape.h, a.shape.w, a.shape.c};
  withFloatType(a.type, [&](auto t) {
    using T = decltype(t);
    apply(static_cast<T*>(a.y), static_cast<const T*>(a.x), static_cast<const T*>(nullptr), rows, 0, a.beta, ChannelTables{mean, scale}, a.activation,
          Resample::None, Writer<T>(Quantization{}));
  });
}

namespace {

/**
 * What the backward pass needs of a channel: xhat = (x - mean)·rstd, z = xhat·gamma + beta, dx = (dz·inner - first - xhat·second)·outer, where first and
 * second are the group's means of dz·inner and dz·inner·xhat. inner·outer = gamma·rstd; with one channel a group inner is 1, which keeps what cancels exact.
 */
struct BackwardTables {
  float *mean, *rstd, *first, *second, *inner, *outer;  // (N, C)
};

/** The gradient that reaches input pixel (row, column) through the change of resolution. */
template <Resample R, class T, class Lanes>
inline Floats incoming(const T* dy, int64_t row, int column, int w, int channels, int64_t c, Lanes lanes) {
  if constexpr (R == Resample::Up) {
    const T* p = dy + (row * 2 * (2 * w) + 2 * column) * channels + c;
    const T* q = p + int64_t(2) * w * channels;
    return (load(p, lanes) + load(p + channels, lanes)) + (load(q, lanes) + load(q + channels, lanes));
  } else if constexpr (R == Resample::Down) {
    return 0.25f * load(dy + ((row / 2) * (w / 2) + column / 2) * channels + c, lanes);
  } else {
    return load(dy + (row * w + column) * channels + c, lanes);
  }
}

template <Activation A, class T>
inline Floats throughActivation(Floats g, Floats z) {
  if constexpr (A == Activation::Silu) return g * siluSlope<T>(z);
  if constexpr (A == Activation::Relu) return z > 0.0f ? g : Floats{};
  return g;
}

/** One source (x or tail) of the backward pass at one row. */
template <class T>
struct Source {
  T* dx;
  const T* x;
  int c, channel0;
};

template <class T, Activation A, Resample R>
void backwardSums(const NormalizeBackward& a, const T* dy, Source<T> s, float* out, int64_t n, int64_t row, int channels, BackwardTables tables) {
  const int w = a.shape.w;
  const T* x = s.x + ((n * a.shape.h + row) * w) * s.c;
  const int64_t table = n * channels + s.channel0;
  forVectorGroups<2>(s.c, [&](int64_t c, auto lanes, auto group) {
    constexpr int kGroup = decltype(group)::value;
    Floats sum[kGroup] = {}, product[kGroup] = {}, m[kGroup], r[kGroup], gamma[kGroup], beta[kGroup];
    for (int v = 0; v < kGroup; v++) {
      const int64_t at = c + v * kLanes;
      m[v] = load(tables.mean + table + at, lanes);
      r[v] = load(tables.rstd + table + at, lanes);
      gamma[v] = load(a.gamma + s.channel0 + at, lanes);
      beta[v] = load(a.beta + s.channel0 + at, lanes);
    }
    for (int q = 0; q < w; q++) {
      for (int v = 0; v < kGroup; v++) {
        const int64_t at = c + v * kLanes;
        const Floats xhat = (load(x + int64_t(q) * s.c + at, lanes) - m[v]) * r[v];
        const Floats dz = throughActivation<A, T>(incoming<R>(dy, row, q, w, channels, s.channel0 + at, lanes), multiplyAdd(xhat, gamma[v], beta[v]));
        sum[v] += dz;
        product[v] = multiplyAdd(dz, xhat, product[v]);
      }
    }
    for (int v = 0; v < kGroup; v++) {
      store(out + s.channel0 + c + v * kLanes, sum[v], lanes);
      store(out + channels + s.channel0 + c + v * kLanes, product[v], lanes);
    }
  });
}

template <class T, Activation A, Resample R>
void backwardApply(const NormalizeBackward& a, const T* dy, Source<T> s, int64_t n, int64_t row, int channels, BackwardTables tables) {
  const int w = a.shape.w;
  const int64_t start = ((n * a.shape.h + row) * w) * s.c;
  const int64_t table = n * channels + s.channel0;
  for (int q = 0; q < w; q++) {
    const T* x = s.x + start + int64_t(q) * s.c;
    T* dx = s.dx + start + int64_t(q) * s.c;
    forVectors(s.c, [&](int64_t c, auto lanes) {
      const Floats xhat = (load(x + c, lanes) - load(tables.mean + table + c, lanes)) * load(tables.rstd + table + c, lanes);
      Floats dz = incoming<R>(dy, row, q, w, channels, s.channel0 + c, lanes);
      if constexpr (A != Activation::None) {
        dz = throughActivation<A, T>(dz, multiplyAdd(xhat, load(a.gamma + s.channel0 + c, lanes), load(a.beta + s.channel0 + c, lanes)));
      }
      Floats value = multiplyAdd(dz, load(tables.inner + table + c, lanes), -load(tables.first + table + c, lanes));
      value = multiplyAdd(-xhat, load(tables.second + table + c, lanes), value) * load(tables.outer + table + c, lanes);
      store(dx + c, a.accumulate ? load(dx + c, lanes) + value : value, lanes);
    });
  }
}

/** Adds the samples' sums to dgamma and dbeta, and fills first and second of the tables with the groups' means. */
void mergeSums(const NormalizeBackward& a, const double* sums, int channels, BackwardTables tables) {
  const int size = channels / a.groups;
  const double count = double(a.shape.h) * a.shape.w * size;
  for (int c = 0; c < channels; c++) {
    double beta = 0, gamma = 0;
    for (int n = 0; n < a.shape.n; n++) {
      beta += sums[int64_t(n) * 2 * channels + c];
      gamma += sums[int64_t(n) * 2 * channels + channels + c];
    }
    a.dbeta[c] += float(beta);
    a.dgamma[c] += float(gamma);
  }
  for (int64_t task = 0; task < int64_t(a.shape.n) * a.groups; task++) {
    const int64_t n = task / a.groups;
    const int first = int(task % a.groups) * size;
    const double* s = sums + n * 2 * channels;
    double g = 0, gx = 0;
    for (int c = first; c < first + size; c++) {
      g += s[c] * tables.inner[n * channels + c];
      gx += s[channels + c] * tables.inner[n * channels + c];
    }
    for (int c = first; c < first + size; c++) {
      tables.first[n * channels + c] = float(g / count);
      tables.second[n * channels + c] = float(gx / count);
    }
  }
}

template <class T, Activation A, Resample R>
void backward(const NormalizeBackward& a, Scratch& scratch) {
  const int channels = a.shape.c + a.tailChannels;
  const int n = a.shape.n, h = a.shape.h, w = a.shape.w;
  const int64_t perRow = int64_t(2) * channels;
  const int64_t perSample = int64_t(n) * channels;
  double* sums = static_cast<double*>(scratch.reserve(perSample * (2 * sizeof(double) + 6 * sizeof(float)) + n * h * perRow * sizeof(float)));
  float* memory = reinterpret_cast<float*>(sums + 2 * perSample);
  const BackwardTables tables{memory, memory + perSample, memory + 2 * perSample, memory + 3 * perSample, memory + 4 * perSample,
                              memory + 5 * perSample};
  float* rows = memory + 6 * perSample;
  const int size = channels / a.groups;
  for (int64_t i = 0; i < perSample; i++) {
    const int64_t group = i / channels * a.groups + i % channels / size;
    tables.mean[i] = a.mean[group];
    tables.rstd[i] = a.rstd[group];
    const float gamma = a.gamma[i % channels];
    tables.inner[i] = size == 1 ? 1.0f : gamma;
    tables.outer[i] = size == 1 ? a.rstd[group] * gamma : a.rstd[group];
  }
  const Source<T> body{static_cast<T*>(a.dx), static_cast<const T*>(a.x), a.shape.c, 0};
  const Source<T> tail{static_cast<T*>(a.dtail), static_cast<const T*>(a.tail), a.tailChannels, a.shape.c};
  const int64_t outPixels = R == Resample::Up ? int64_t(4) * h * w : R == Resample::Down ? int64_t(h / 2) * (w / 2) : int64_t(h) * w;
  const T* dy = static_cast<const T*>(a.dy);
  parallelFor(int64_t(n) * h, int64_t(w) * channels, [&](int64_t task) {
    const T* gradient = dy + task / h * outPixels * channels;
    backwardSums<T, A, R>(a, gradient, body, rows + task * perRow, task / h, task % h, channels, tables);
    if (tail.x != nullptr) backwardSums<T, A, R>(a, gradient, tail, rows + task * perRow, task / h, task % h, channels, tables);
  });
  sumRows(sums, rows, n, h, int(perRow));
  mergeSums(a, sums, channels, tables);
  parallelFor(int64_t(n) * h, int64_t(w) * channels, [&](int64_t task) {
    const T* gradient = dy + task / h * outPixels * channels;
    backwardApply<T, A, R>(a, gradient, body, task / h, task % h, channels, tables);
    if (tail.x != nullptr) backwardApply<T, A, R>(a, gradient, tail, task / h, task % h, channels, tables);
  });
}

}  // namespace

void normalizeBackward(const NormalizeBackward& a, Scratch& scratch) {
  withFloatType(a.type, [&](auto t) {
    withNormActivation(a.activation, [&](auto activation) {
      withResample(a.resample, [&](auto resample) { backward<decltype(t), activation.value, resample.value>(a, scratch); });
    });
  });
}

}  // namespace diffusionad::LOOPS_ISA
