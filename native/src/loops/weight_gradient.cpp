// Gradient of a convolution by its weight: dw[k][r][s][c] += Σ dy[n][p][q][k] · x[n][p·stride + r - pad][q·stride + s - pad][c].
//
// Every tap is a matrix product over pixels. A task owns a block of output channels and one of input channels (and, where that gives too few tasks, a range
// of image rows); it copies segments of pixels into small dense buffers, zero where the padding is, and adds products of them to sums that stay in
// its cache. Ranges of rows are merged in order. Tasks are cut by shape alone, so the result does not depend on the number of threads, as that of
// oneDNN's does. Segments are cut in three ways: in wide images they are parts of a row, and a copied row of x serves all taps that read it; in narrow
// ones they run on over the ends of rows and samples, and every tap has its own copy; with few input channels they do too, and all taps
// of a pixel lie side by side as if they were its channels. With one tap they run on as well, and a task owns several blocks of input channels: there is so
// little arithmetic a pixel that reading it more than once would take longer.
// Where the processor multiplies bfloat16, pairs of neighbouring pixels are packed for its instruction; else everything is float32.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "tile_product.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kSteps = 64;        // of the inner dimension of one product
constexpr int kColumns = 64;      // input channels of a block
constexpr int kMostBlocks = 4;    // of input channels a task, when there is one tap
constexpr int kMostRows = 128;    // output channels a task, when there is one tap
constexpr int kMostTapRows = 48;  // when there are several, to stay in the nearest cache
constexpr int kRowStride = kMostRows + 16;  // of copied pixels of dy: a line more than they take, or all would share cache sets
constexpr int kWantedTasks = 32;  // enough to share among the threads of one socket
constexpr int kMostTaps = 9;
constexpr int kNarrow = 32;       // images less wide than this are narrow

/** How a problem is cut. */
struct Plan {
  bool unfolded;   // the taps are channels
  bool pointwise;  // a pixel of dy meets the pixel of x at its own place alone
  bool narrow;
  int taps;        // products a pixel: 1 when unfolded
  int width;       // columns of the sums: input channels, or taps x channels
  int rowBlocks, rowBlock, columnBlocks, columnBlock, splits;
  int64_t imageRows;  // of dy, over all samples
};

Plan planFor(const WeightGradient& a) {
  Plan p;
  const int taps = a.kernel * a.kernel;
  p.unfolded = taps > 1 && taps * a.c <= kColumns;
  p.pointwise = taps == 1 && a.stride == 1;
  p.narrow = a.q < kNarrow;
  p.taps = p.unfolded ? 1 : taps;
  p.width = p.unfolded ? taps * a.c : a.c;
  const int mostRows = p.taps == 1 ? kMostRows : kMostTapRows;
  p.rowBlocks = (a.k + mostRows - 1) / mostRows;
  p.rowBlock = ((a.k + p.rowBlocks - 1) / p.rowBlocks + 15) / 16 * 16;
  p.columnBlock = p.pointwise ? kMostBlocks * kColumns : kColumns;
  p.columnBlocks = (p.width + p.columnBlock - 1) / p.columnBlock;
  p.imageRows = int64_t(a.n) * a.p;
  const int blocks = p.rowBlocks * p.columnBlocks;
  const int64_t wanted = blocks >= kWantedTasks ? 1 : (kWantedTasks + blocks - 1) / blocks;
  p.splits = int(wanted < p.imageRows ? wanted : p.imageRows);
  return p;
}

constexpr int64_t kSumFloats = int64_t(kColumns) * (kMostBlocks * kMostRows > kMostTaps * kMostTapRows ? kMostBlocks * kMostRows : kMostTaps * kMostTapRows);
constexpr int64_t kRowElements = int64_t(kSteps) * kRowStride;
constexpr int64_t kLineElements = int64_t(3) * kSteps * kColumns;  // one row of x for a segment
constexpr int64_t kThreadFloats = kSumFloats + kRowElements + 3 * kLineElements;

/** A pixel of dy, by sample, row and column. */
struct Place {
  int64_t n;
  int p, q;
};

inline Place placeOf(const WeightGradient& a, int64_t pixel) {
  const int64_t row = pixel / a.q;
  return {row / a.p, int(row % a.p), int(pixel % a.q)};
}

/** The pixel of x that tap (r, s) reads for an output pixel; null in the padding. */
template <class X>
inline const X* tapOf(const WeightGradient& a, Place place, int r, int s) {
  const int row = place.p * a.stride + r - a.kernel / 2, column = place.q * a.stride + s - a.kernel / 2;
  if (row < 0 || row >= a.h || column < 0 || column >= a.w) return nullptr;
  return static_cast<const X*>(a.x) + ((place.n * a.h + row) * a.w + column) * a.c;
}

/** How pixels lie in the buffers of a float32 product: one a step. */
template <class X, class Y>
struct FloatPacking {
  using Step = FloatStep;
  static constexpr int kPixels = kSteps;

  static int steps(int count) { return count; }
  /** Tap s reads a line of x from its own pixel on. */
  static const float* tap(const float* line, int s) { return line + s * kColumns; }
  static int64_t lineStride(int stride) { return int64_t(stride) * kColumns; }

  /** Neighbouring pixels of dy. */
  static void packRows(float* out, const Y* dy, int64_t dyStride, int rows, int count) {
    for (int i = 0; i < count; i++) {
      forVectors(rows, [&](int64_t k, auto lanes) { store(out + i * kRowStride + k, load(dy + i * dyStride + k, lanes), lanes); });
    }
  }

  /** `pixel(i)` is the i-th pixel of x or null: kColumns values each, zero beyond `columns`. */
  template <class Pixel>
  static void packPixels(float* out, int count, int columns, Pixel pixel) {
    for (int i = 0; i < count; i++) {
      const X* from = pixel(i);
      for (int c = 0; c < kColumns; c += kLanes) {
        Floats v{};
        if (from != nullptr && c + kLanes <= columns) {
          v = load(from + c, Full{});
        } else if (from != nullptr && c < columns) {
          v = load(from + c, Part{columns - c});
        }
        store(out + i * kColumns + c, v, Full{});
      }
    }
  }

  /** The pixels that row r of the taps reads for `count` outputs of one row. */
  static void packLine(float* line, const WeightGradient& a, Place first, int r, int count, int c0, int columns) {
    packPixels(line, (count - 1) * a.stride + a.kernel, columns, [&](int i) -> const X* {
      const int row = first.p * a.stride + r - a.kernel / 2, column = first.q * a.stride + i - a.kernel / 2;
      return column < 0 || column >= a.w ? nullptr : static_cast<const X*>(a.x) + ((first.n * a.h + row) * a.w + column) * a.c + c0;
    });
  }

  static void unfold(float* line, const WeightGradient& a, int64_t first, int count) {
    for (int i = 0; i < count; i++) {
      float* out = line + int64_t(i) * kColumns;
      for (int j = 0; j < kColumns; j += kLanes) store(out + j, Floats{}, Full{});
      const Place place = placeOf(a, first + i);
      for (int r = 0; r < a.kernel; r++) {
        for (int s = 0; s < a.kernel; s++, out += a.c) {
          const X* from = tapOf<X>(a, place, r, s);
          if (from == nullptr) continue;
          forVectors(a.c, [&](int64_t c, auto lanes) { store(out + c, load(from + c, lanes), lanes); });
        }
      }
    }
  }
};

#if defined(__AVX512BF16__)
typedef uint16_t Halves32 __attribute__((vector_size(64)));

/** Interleaves 32 values of two pixels: 32 pairs, the first pixel in the lower halves. */
inline void interleave(uint32_t* out, Halves32 first, Halves32 second) {
  const Halves32 lower = {0,  32, 1,  33, 2,  34, 3,  35, 4,  36, 5,  37, 6,  38, 7,  39, 8,  40, 9,  41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const Halves32 upper = lower + 16;
  const Halves32 low = __builtin_shuffle(first, second, lower), high = __builtin_shuffle(first, second, upper);
  std::memcpy(out, &low, sizeof low);
  std::memcpy(out + kLanes, &high, sizeof high);
}

/** 32 values of a pixel from column i on, zero beyond `count` and in the padding. */
inline Halves32 halvesOf(const Bfloat16* pixel, int i, int count) {
  Halves32 v{};
  if (pixel == nullptr || i >= count) return v;
  const __mmask32 valid = count - i >= 32 ? ~0u : (1u << (count - i)) - 1;
  const __m512i halves = _mm512_maskz_loadu_epi16(valid, pixel + i);
  std::memcpy(&v, &halves, sizeof v);
  return v;
}

/** Pairs of neighbouring pixels, one pair a step; in a line every tap has pairs of its own, because they begin elsewhere. */
struct PairPacking {
  using Step = PairStep;
  static constexpr int kPixels = 2 * kSteps;
  static constexpr int64_t kTapElements = int64_t(kSteps) * kColumns;

  static int steps(int count) { return (count + 1) / 2; }
  static const uint32_t* tap(const uint32_t* line, int s) { return line + s * kTapElements; }
  static int64_t lineStride(int) { return kColumns; }

  static void packRows(uint32_t* out, const Bfloat16* dy, int64_t dyStride, int rows, int count) {
    for (int i = 0; i < count; i += 2) {
      const Bfloat16* first = dy + i * dyStride;
      const Bfloat16* second = i + 1 < count ? first + dyStride : nullptr;
      // Whole vectors: the buffer has room for kRowStride.
      for (int k = 0; k < rows; k += 32) interleave(out + i / 2 * kRowStride + k, halvesOf(first, k, rows), halvesOf(second, k, rows));
    }
  }

  template <class Pixel>
  static void packPixels(uint32_t* out, int count, int columns, Pixel pixel) {
    for (int i = 0; i < count; i += 2) {
      const Bfloat16* first = pixel(i);
      const Bfloat16* second = i + 1 < count ? pixel(i + 1) : nullptr;
      for (int c = 0; c < kColumns; c += 32) interleave(out + i / 2 * kColumns + c, halvesOf(first, c, columns), halvesOf(second, c, columns));
    }
  }

  static void packLine(uint32_t* line, const WeightGradient& a, Place first, int r, int count, int c0, int columns) {
    const Bfloat16* row = static_cast<const Bfloat16*>(a.x) + (first.n * a.h + first.p * a.stride + r - a.kernel / 2) * a.w * a.c + c0;
    for (int s = 0; s < a.kernel; s++) {
      packPixels(line + s * kTapElements, count, columns, [&](int i) {
        const int column = (first.q + i) * a.stride + s - a.kernel / 2;
        return column < 0 || column >= a.w ? nullptr : row + int64_t(column) * a.c;
      });
    }
  }

  static void unfold(uint32_t* line, const WeightGradient& a, int64_t first, int count) {
    std::memset(line, 0, steps(count) * kColumns * sizeof(uint32_t));
    uint16_t* halves = reinterpret_cast<uint16_t*>(line);
    for (int i = 0; i < count; i++) {
      const Place place = placeOf(a, first + i);
      for (int r = 0; r < a.kernel; r++) {
        for (int s = 0; s < a.kernel; s++) {
          const Bfloat16* from = tapOf<Bfloat16>(a, place, r, s);
          if (from == nullptr) continue;
          const int column = (r * a.kernel + s) * a.c;
          for (int c = 0; c < a.c; c++) halves[2 * (i / 2 * kColumns + column + c) + i % 2] = from[c].bits;
        }
      }
    }
  }
};
#endif

template <class X, class Y>
struct PackingFor {
  using Type = FloatPacking<X, Y>;
};

#if defined(__AVX512BF16__)
template <>
struct PackingFor<Bfloat16, Bfloat16> {
  using Type = PairPacking;
};
#endif

/** The sums of one block of weights over one range of rows, in a thread's own memory. */
template <class X, class Y>
class Task {
 public:
  Task(const WeightGradient& a, const Plan& plan, float* memory, int64_t task)
      : a_(a),
        plan_(plan),
        sums_(memory),
        rows_(reinterpret_cast<Element*>(memory + kSumFloats)),
        lines_(rows_ + kRowElements) {
    const int blocks = plan.rowBlocks * plan.columnBlocks;
    split_ = task / blocks;
    k0_ = int(task % blocks / plan.columnBlocks) * plan.rowBlock;
    kCount_ = a.k - k0_ < plan.rowBlock ? a.k - k0_ : plan.rowBlock;
    c0_ = int(task % plan.columnBlocks) * plan.columnBlock;
    cCount_ = plan.width - c0_ < plan.columnBlock ? plan.width - c0_ : plan.columnBlock;
    blocks_ = (cCount_ + kColumns - 1) / kColumns;
  }

  int64_t split() const { return split_; }

  void run() {
    std::memset(sums_, 0, int64_t(plan_.taps) * blocks_ * kCount_ * kColumns * sizeof(float));
    const int64_t first = plan_.imageRows * split_ / plan_.splits, last = plan_.imageRows * (split_ + 1) / plan_.splits;
    if (plan_.unfolded || plan_.pointwise || plan_.narrow) {
      for (int64_t pixel = first * a_.q; pixel < last * a_.q; pixel += kPixels) {
        addSegment(pixel, int(last * a_.q - pixel < kPixels ? last * a_.q - pixel : kPixels));
      }
      return;
    }
    for (int64_t row = first; row < last;) {
      const int64_t sample = row / a_.p;
      const int64_t end = (sample + 1) * a_.p < last ? (sample + 1) * a_.p : last;
      for (int q = 0; q < a_.q; q += kPixels) addColumnsFrom(sample, int(row % a_.p), int(end - sample * a_.p), q);
      row = end;
    }
  }

  /** Calls write(row, c0, sums, count) for every run of channels, `row` counting (K, R, S). */
  template <class Write>
  void forRuns(Write write) const {
    const int taps = a_.kernel * a_.kernel;
    for (int k = 0; k < kCount_; k++) {
      for (int tap = 0; tap < taps; tap++) {
        const int64_t row = int64_t(k0_ + k) * taps + tap;
        if (plan_.unfolded) {
          write(row, 0, sums_ + k * kColumns + tap * a_.c, a_.c);
          continue;
        }
        for (int block = 0; block < blocks_; block++) write(row, c0_ + block * kColumns, sumsOf(tap + block) + k * kColumns, columnsOf(block));
      }
    }
  }

 private:
  using Packing = typename PackingFor<X, Y>::Type;
  using Element = typename Packing::Step::Element;

  static constexpr int kPixels = Packing::kPixels;

  /** `count` pixels of dy in memory order. */
  void addSegment(int64_t first, int count) {
    Packing::packRows(rows_, static_cast<const Y*>(a_.dy) + first * a_.k + k0_, a_.k, kCount_, count);
    if (plan_.unfolded) {
      Packing::unfold(lines_, a_, first, count);
      addProduct(0, cCount_, lines_, kColumns, count);
      return;
    }
    if (plan_.pointwise) {
      for (int block = 0; block < blocks_; block++) {
        const X* pixels = static_cast<const X*>(a_.x) + first * a_.c + c0_ + block * kColumns;
        Packing::packPixels(lines_, count, columnsOf(block), [&](int i) { return pixels + int64_t(i) * a_.c; });
        addProduct(block, columnsOf(block), lines_, kColumns, count);
      }
      return;
    }
    Place places[kPixels];
    for (int i = 0; i < count; i++) places[i] = placeOf(a_, first + i);
    for (int tap = 0; tap < plan_.taps; tap++) {
      Packing::packPixels(lines_, count, cCount_, [&](int i) {
        const X* from = tapOf<X>(a_, places[i], tap / a_.kernel, tap % a_.kernel);
        return from == nullptr ? nullptr : from + c0_;
      });
      addProduct(tap, cCount_, lines_, kColumns, count);
    }
  }

  /** Rows [first, end) of one sample's dy, in columns from q on; every row of x is copied once for all taps. */
  void addColumnsFrom(int64_t sample, int first, int end, int q) {
    const int count = a_.q - q < kPixels ? a_.q - q : kPixels;
    int held[3] = {-1, -1, -1};  // which row of x each line holds
    for (int p = first; p < end; p++) {
      Packing::packRows(rows_, static_cast<const Y*>(a_.dy) + ((sample * a_.p + p) * a_.q + q) * a_.k + k0_, a_.k, kCount_, count);
      for (int r = 0; r < a_.kernel; r++) {
        const int row = p * a_.stride + r - a_.kernel / 2;
        if (row < 0 || row >= a_.h) continue;
        const int slot = row % 3;
        Element* line = lines_ + slot * kLineElements;
        if (held[slot] != row) {
          Packing::packLine(line, a_, {sample, p, q}, r, count, c0_, cCount_);
          held[slot] = row;
        }
        for (int s = 0; s < a_.kernel; s++) addProduct(r * a_.kernel + s, cCount_, Packing::tap(line, s), Packing::lineStride(a_.stride), count);
      }
    }
  }

  /** Sums of a tap, or of a block of input channels: (kCount, kColumns). */
  float* sumsOf(int index) const { return sums_ + int64_t(index) * kCount_ * kColumns; }

  int columnsOf(int block) const { return cCount_ - block * kColumns < kColumns ? cCount_ - block * kColumns : kColumns; }

  void addProduct(int index, int columns, const Element* line, int64_t lineStride, int count) {
    tileProduct<typename Packing::Step, Start::Sums>(sumsOf(index), kColumns, rows_, 1, kRowStride, line, lineStride, kCount_,
                                              (columns + kLanes - 1) / kLanes * kLanes, Packing::steps(count));
  }

  const WeightGradient& a_;
  const Plan& plan_;
  float* sums_;     // (taps or blocks, kCount, kColumns)
  Element* rows_;   // (steps, kRowStride), of dy
  Element* lines_;  // three rows of x
  int64_t split_;
  int k0_, kCount_, c0_, cCount_;
  int blocks_;  // of input channels: several only when pointwise
};

template <class X, class Y>
void compute(const WeightGradient& a, Scratch& scratch) {
  const Plan plan = planFor(a);
  const int64_t weights = int64_t(a.k) * a.kernel * a.kernel * a.c;
  const int64_t partials = plan.splits > 1 ? plan.splits * weights : 0;
  float* partial = static_cast<float*>(scratch.reserve((partials + kThreadFloats * threadCount()) * sizeof(float)));
  float* memory = partial + partials;
  const int64_t tasks = int64_t(plan.rowBlocks) * plan.columnBlocks * plan.splits;
  float* dw = a.dw + a.offset;
#pragma omp parallel for schedule(dynamic) if (tasks > 1)
  for (int64_t t = 0; t < tasks; t++) {
    Task<X, Y> task(a, plan, memory + threadNumber() * kThreadFloats, t);
    task.run();
    task.forRuns([&](int64_t row, int c0, const float* sums, int count) {
      if (plan.splits > 1) {
        std::memcpy(partial + task.split() * weights + row * a.c + c0, sums, count * sizeof(float));
        return;
      }
      float* out = dw + row * a.channels + c0;
      forVectors(count, [&](int64_t c, auto lanes) { store(out + c, load(out + c, lanes) + load(sums + c, lanes), lanes); });
    });
  }
  if (plan.splits == 1) return;
  parallelFor(weights / a.c, int64_t(a.c) * plan.splits, [&](int64_t row) {
    forVectors(a.c, [&](int64_t c, auto lanes) {
      Floats sum{};
      for (int split = 0; split < plan.splits; split++) sum += load(partial + split * weights + row * a.c + c, lanes);
      float* out = dw + row * a.channels + c;
      store(out, load(out, lanes) + sum, lanes);
    });
  });
}

}  // namespace

void weightGradient(const WeightGradient& a, Scratch& scratch) {
  withFloatType(a.xType, [&](auto x) {
    withFloatType(a.dyType, [&](auto dy) { compute<decltype(x), decltype(dy)>(a, scratch); });
  });
}

}  // namespace diffusionad::LOOPS_ISA
