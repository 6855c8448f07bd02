// A cuDNN without a GPU: the calls that the engine makes of libcudnn.so.9, with plain loops in double behind them. It refuses what the real one refuses
// and more: other layouts than NHWC, a workspace that is too small (the whole workspace is overwritten), algorithms that are not deterministic, descriptors
// that outlive the last handle. float32 factors are rounded to TF32 unless the descriptor forbids it.
#include "library_handle.h"
#include "library_work.h"
#include "values.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

using stand_in::Type;

namespace {

// With the values of cudnn_graph.h, cudnn_ops.h and cudnn_cnn.h of version 9.
enum Status { kSuccess = 0, kBadParameter = 2000, kNotSupported = 3000, kInternalError = 4000, kAllocationFailed = 4003, kExecutionFailed = 5000 };
enum { kNhwc = 1 };
enum { kDataFloat = 0, kDataBfloat16 = 9 };
enum { kCrossCorrelation = 1 };
enum Math { kDefaultMath = 0, kTensorOpMath = 1, kFmaMath = 3 };
enum { kRandom = 0, kDeterministic = 1 };
constexpr size_t kVersion = 90500;
// Algorithms by number: only one of them may be run, though the heuristics propose all.
constexpr int kNotDeterministic = 0, kRight = 1, kUnsuited = 2, kUnavailable = 3;

struct Tensor {
    Type type = Type::kFloat32;
    int n = 0, h = 0, w = 0, c = 0;
    int64_t elements() const { return int64_t(n) * h * w * c; }
    size_t bytes() const { return elements() * stand_in::bytes_of(type); }
    int64_t at(int in, int ih, int iw, int ic) const { return ((int64_t(in) * h + ih) * w + iw) * c + ic; }
};
struct Filter {
    Type type = Type::kFloat32;
    int k = 0, r = 0, s = 0, c = 0;
    int64_t elements() const { return int64_t(k) * r * s * c; }
    size_t bytes() const { return elements() * stand_in::bytes_of(type); }
    int64_t at(int ik, int ir, int is, int ic) const { return ((int64_t(ik) * r + ir) * s + is) * c + ic; }
};
struct Convolution {
    int pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1;
    int math = kDefaultMath;
};
struct Proposal {
    int algorithm, status;
    float time;
    size_t memory;
    int determinism, math, reserved[3];
};

int live_handles = 0, live_descriptors = 0;

Status refuse(Status status, const char* why) {
    std::fprintf(stderr, "emulated cuDNN: %s\n", why);
    return status;
}

template <class T> int create(T** object) {
    *object = new T();
    live_descriptors++;
    return kSuccess;
}

template <class T> int destroy(T* object) {
    delete object;
    live_descriptors--;
    return kSuccess;
}

bool set_type(Type& type, int code) {
    type = code == kDataBfloat16 ? Type::kBfloat16 : Type::kFloat32;
    return code == kDataBfloat16 || code == kDataFloat;
}

int check(const Tensor& x, const Filter& w, const Convolution& conv, const Tensor& y) {
    if (x.type != w.type || w.type != y.type) {
        return refuse(kNotSupported, "operands of different types");
    }
    const bool fits = x.n == y.n && x.c == w.c && y.c == w.k && y.h == 1 + (x.h + 2 * conv.pad_h - w.r) / conv.stride_h
            && y.w == 1 + (x.w + 2 * conv.pad_w - w.s) / conv.stride_w;
    return fits ? kSuccess : refuse(kBadParameter, "shapes that do not fit together");
}

size_t workspace_bytes(size_t result_bytes) { return result_bytes + 100; }

int propose(const Convolution& conv, size_t result_bytes, int wanted, int* found, Proposal* proposals) {
    const Proposal list[] = {{kNotDeterministic, kSuccess, 1, workspace_bytes(result_bytes), kRandom, conv.math, {}},
                             {kUnavailable, kNotSupported, -1, 0, kDeterministic, conv.math, {}},
                             {kUnsuited, kSuccess, 1.5f, 0, kDeterministic, conv.math, {}}, // not with the arithmetic of this descriptor
                             {kRight, kSuccess, 2, workspace_bytes(result_bytes), kDeterministic, conv.math, {}}};
    *found = std::min(wanted, int(std::size(list)));
    std::copy(list, list + *found, proposals);
    return kSuccess;
}

// Calls f(index in x, index in w, index in y) for every product of the convolution.
template <class F> void each_product(const Tensor& x, const Filter& w, const Convolution& conv, const Tensor& y, F&& f) {
    for (int n = 0; n < y.n; n++) {
        for (int p = 0; p < y.h; p++) {
            for (int q = 0; q < y.w; q++) {
                for (int r = 0; r < w.r; r++) {
                    for (int s = 0; s < w.s; s++) {
                        const int h = p * conv.stride_h - conv.pad_h + r, column = q * conv.stride_w - conv.pad_w + s;
                        if (h < 0 || h >= x.h || column < 0 || column >= x.w) {
                            continue;
                        }
                        for (int k = 0; k < w.k; k++) {
                            for (int c = 0; c < w.c; c++) {
                                f(x.at(n, h, column, c), w.at(k, r, s, c), y.at(n, p, q, k));
                            }
                        }
                    }
                }
            }
        }
    }
}

// An operand: where it lies and how many bytes and elements it has.
struct Operand {
    const void* address;
    Type type;
    int64_t elements;

    template <class Descriptor> Operand(const void* at, const Descriptor& d) : address(at), type(d.type), elements(d.elements()) {}
    uint64_t where() const { return reinterpret_cast<uint64_t>(address); }
    size_t bytes() const { return elements * stand_in::bytes_of(type); }
};

// result = alpha · sum over products of a · b + beta · result. `products(f)` calls f(index in a, index in b, index in result).
template <class Products> int run(const Handle* handle, const Convolution& conv, int algorithm, void* workspace, size_t workspace_size, const void* alpha,
                                  const void* beta, Operand a, Operand b, Operand result, Products products) {
    if (algorithm != kRight) {
        return refuse(kExecutionFailed, "an algorithm that is not deterministic, or not available");
    }
    const size_t needed = workspace_bytes(result.bytes());
    if (workspace_size < needed) {
        return refuse(kBadParameter, "the workspace is too small");
    }
    const float scale = *static_cast<const float*>(alpha), keep = *static_cast<const float*>(beta);
    const bool tf32 = a.type == Type::kFloat32 && conv.math != kFmaMath;
    const std::vector<LibraryRange> ranges = {{a.where(), a.bytes(), false}, {b.where(), b.bytes(), false}, {result.where(), result.bytes(), true},
                                              {reinterpret_cast<uint64_t>(workspace), needed, true}};
    const int status = emulatedLibraryWork(handle->stream, ranges, [=] {
        std::memset(workspace, 0xFF, needed); // whatever else lies there is lost
        std::vector<double> sums(result.elements);
        products([&](int64_t i, int64_t j, int64_t k) {
            const double x = stand_in::load(a.type, a.where(), i), y = stand_in::load(b.type, b.where(), j);
            sums[k] += tf32 ? stand_in::to_tf32(x) * stand_in::to_tf32(y) : x * y;
        });
        for (int64_t k = 0; k < result.elements; k++) {
            const double prior = keep == 0 ? 0 : keep * stand_in::load(result.type, result.where(), k);
            stand_in::store(result.type, result.where(), k, scale * sums[k] + prior);
        }
    });
    return status == 0 ? kSuccess : kExecutionFailed;
}

} // namespace

extern "C" __attribute__((visibility("default"))) size_t cudnnGetVersion() { return kVersion; }

LIBRARY_API cudnnCreate(Handle** handle) {
    auto* created = new Handle();
    if (!created->hold()) {
        delete created;
        return refuse(kAllocationFailed, "no memory for a handle");
    }
    live_handles++;
    *handle = created;
    return kSuccess;
}

LIBRARY_API cudnnDestroy(Handle* handle) {
    const bool in_context = handle->let_go();
    delete handle;
    if (--live_handles == 0 && live_descriptors != 0) {
        return refuse(kInternalError, "descriptors outlive the last handle");
    }
    return in_context ? kSuccess : refuse(kInternalError, "a handle outlives its context");
}

LIBRARY_API cudnnSetStream(Handle* handle, void* stream) {
    handle->stream = stream;
    return kSuccess;
}

LIBRARY_API cudnnCreateTensorDescriptor(Tensor** tensor) { return create(tensor); }
LIBRARY_API cudnnDestroyTensorDescriptor(Tensor* tensor) { return destroy(tensor); }
LIBRARY_API cudnnCreateFilterDescriptor(Filter** filter) { return create(filter); }
LIBRARY_API cudnnDestroyFilterDescriptor(Filter* filter) { return destroy(filter); }
LIBRARY_API cudnnCreateConvolutionDescriptor(Convolution** convolution) { return create(convolution); }
LIBRARY_API cudnnDestroyConvolutionDescriptor(Convolution* convolution) { return destroy(convolution); }

LIBRARY_API cudnnSetTensor4dDescriptor(Tensor* tensor, int format, int type, int n, int c, int h, int w) {
    tensor->n = n, tensor->h = h, tensor->w = w, tensor->c = c;
    return format == kNhwc && set_type(tensor->type, type) && n > 0 && c > 0 && h > 0 && w > 0 ? kSuccess : refuse(kBadParameter, "a tensor's description");
}

LIBRARY_API cudnnSetFilter4dDescriptor(Filter* filter, int type, int format, int k, int c, int r, int s) {
    filter->k = k, filter->r = r, filter->s = s, filter->c = c;
    return format == kNhwc && set_type(filter->type, type) && k > 0 && c > 0 && r > 0 && s > 0 ? kSuccess : refuse(kBadParameter, "a filter's description");
}

LIBRARY_API cudnnSetConvolution2dDescriptor(Convolution* convolution, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h, int dilation_w,
                                            int mode, int compute) {
    *convolution = {pad_h, pad_w, stride_h, stride_w, kDefaultMath};
    const bool known = dilation_h == 1 && dilation_w == 1 && mode == kCrossCorrelation && compute == kDataFloat && stride_h > 0 && stride_w > 0;
    return known ? kSuccess : refuse(kBadParameter, "a convolution's description");
}

LIBRARY_API cudnnSetConvolutionMathType(Convolution* convolution, int math) {
    convolution->math = math;
    return math == kDefaultMath || math == kTensorOpMath || math == kFmaMath ? kSuccess : refuse(kBadParameter, "a type of arithmetic");
}

LIBRARY_API cudnnGetConvolutionForwardAlgorithm_v7(Handle*, const Tensor* x, const Filter* w, const Convolution* conv, const Tensor* y, int wanted, int* found,
                                                   Proposal* proposals) {
    const int status = check(*x, *w, *conv, *y);
    return status == kSuccess ? propose(*conv, y->bytes(), wanted, found, proposals) : status;
}

LIBRARY_API cudnnGetConvolutionBackwardDataAlgorithm_v7(Handle*, const Filter* w, const Tensor* dy, const Convolution* conv, const Tensor* dx, int wanted,
                                                        int* found, Proposal* proposals) {
    const int status = check(*dx, *w, *conv, *dy);
    return status == kSuccess ? propose(*conv, dx->bytes(), wanted, found, proposals) : status;
}

LIBRARY_API cudnnGetConvolutionBackwardFilterAlgorithm_v7(Handle*, const Tensor* x, const Tensor* dy, const Convolution* conv, const Filter* dw, int wanted,
                                                          int* found, Proposal* proposals) {
    const int status = check(*x, *dw, *conv, *dy);
    return status == kSuccess ? propose(*conv, dw->bytes(), wanted, found, proposals) : status;
}

LIBRARY_API cudnnGetConvolutionForwardWorkspaceSize(Handle*, const Tensor*, const Filter*, const Convolution*, const Tensor* y, int algorithm, size_t* bytes) {
    *bytes = workspace_bytes(y->bytes());
    return algorithm == kRight || algorithm == kNotDeterministic ? kSuccess : kNotSupported;
}

LIBRARY_API cudnnGetConvolutionBackwardDataWorkspaceSize(Handle*, const Filter*, const Tensor*, const Convolution*, const Tensor* dx, int algorithm,
                                                             size_t* bytes) {
    *bytes = workspace_bytes(dx->bytes());
    return algorithm == kRight || algorithm == kNotDeterministic ? kSuccess : kNotSupported;
}

LIBRARY_API cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle*, const Tensor*, const Tensor*, const Convolution*, const Filter* dw, int algorithm,
                                                               size_t* bytes) {
    *bytes = workspace_bytes(dw->bytes());
    return algorithm == kRight || algorithm == kNotDeterministic ? kSuccess : kNotSupported;
}

LIBRARY_API cudnnConvolutionForward(Handle* handle, const void* alpha, const Tensor* x, const void* xs, const Filter* w, const void* ws,
                                    const Convolution* conv, int algorithm, void* workspace, size_t size, const void* beta, const Tensor* y, void* ys) {
    return run(handle, *conv, algorithm, workspace, size, alpha, beta, {xs, *x}, {ws, *w}, {ys, *y},
               [x = *x, w = *w, conv = *conv, y = *y](auto&& add) { each_product(x, w, conv, y, add); });
}

LIBRARY_API cudnnConvolutionBackwardData(Handle* handle, const void* alpha, const Filter* w, const void* ws, const Tensor* dy, const void* dys,
                                         const Convolution* conv, int algorithm, void* workspace, size_t size, const void* beta, const Tensor* dx, void* dxs) {
    return run(handle, *conv, algorithm, workspace, size, alpha, beta, {ws, *w}, {dys, *dy}, {dxs, *dx}, [x = *dx, w = *w, conv = *conv, y = *dy](auto&& add) {
        each_product(x, w, conv, y, [&](int64_t i, int64_t j, int64_t k) { add(j, k, i); });
    });
}

LIBRARY_API cudnnConvolutionBackwardFilter(Handle* handle, const void* alpha, const Tensor* x, const void* xs, const Tensor* dy, const void* dys,
                                           const Convolution* conv, int algorithm, void* workspace, size_t size, const void* beta, const Filter* dw,
                                           void* dws) {
    return run(handle, *conv, algorithm, workspace, size, alpha, beta, {xs, *x}, {dys, *dy}, {dws, *dw}, [x = *x, w = *dw, conv = *conv, y = *dy](auto&& add) {
        each_product(x, w, conv, y, [&](int64_t i, int64_t j, int64_t k) { add(i, k, j); });
    });
}
