// A cuBLAS without a GPU: the calls that the engine makes of libcublas.so.12, with a plain loop in double behind them.
#include "library_handle.h"
#include "library_work.h"
#include "values.h"

using stand_in::Type;

namespace {

// With the values of cublas_api.h and library_types.h.
enum Status { kSuccess = 0, kNotInitialised = 1, kAllocationFailed = 3, kInvalidValue = 7, kExecutionFailed = 13, kNotSupported = 15 };
enum { kTransposed = 1 };
enum { kReal32 = 0, kRealBf16 = 14 };
enum { kCompute32 = 68, kCompute32Tf32 = 77 };
constexpr int kVersion = 120600;

Status refuse(Status status, const char* why) {
    std::fprintf(stderr, "emulated cuBLAS: %s\n", why);
    return status;
}

struct Matrix {
    uint64_t address;
    Type type;
    int rows, columns, leading; // as stored, column after column
    double at(int row, int column) const { return stand_in::load(type, address, row + int64_t(column) * leading); }
    size_t bytes() const { return (int64_t(columns - 1) * leading + rows) * stand_in::bytes_of(type); }
};

} // namespace

LIBRARY_API cublasCreate_v2(Handle** handle) {
    auto* created = new Handle();
    if (!created->hold()) {
        delete created;
        return refuse(kAllocationFailed, "no memory for a handle");
    }
    *handle = created;
    return kSuccess;
}

LIBRARY_API cublasDestroy_v2(Handle* handle) {
    const bool in_context = handle->let_go();
    delete handle;
    return in_context ? kSuccess : refuse(kNotInitialised, "a handle outlives its context");
}

LIBRARY_API cublasSetStream_v2(Handle* handle, void* stream) {
    handle->stream = stream;
    return kSuccess;
}

LIBRARY_API cublasGetVersion_v2(Handle*, int* version) {
    *version = kVersion;
    return kSuccess;
}

LIBRARY_API cublasGemmEx(Handle* handle, int transpose_a, int transpose_b, int m, int n, int k, const void* alpha, const void* a, int a_type, int lda,
                         const void* b, int b_type, int ldb, const void* beta, void* c, int c_type, int ldc, int compute, int) {
    if (a_type != b_type || (a_type != kReal32 && a_type != kRealBf16) || c_type != kReal32 || (compute != kCompute32 && compute != kCompute32Tf32)) {
        return refuse(kNotSupported, "a combination of types that is not emulated");
    }
    if (transpose_a != kTransposed || transpose_b == kTransposed) {
        return refuse(kNotSupported, "only the transpose of A times B is emulated");
    }
    if (m < 1 || n < 1 || k < 1 || lda < k || ldb < k || ldc < m) {
        return refuse(kInvalidValue, "a leading dimension is smaller than its column");
    }
    const Type type = a_type == kReal32 ? Type::kFloat32 : Type::kBfloat16;
    const Matrix left{reinterpret_cast<uint64_t>(a), type, k, m, lda};
    const Matrix right{reinterpret_cast<uint64_t>(b), type, k, n, ldb};
    const Matrix result{reinterpret_cast<uint64_t>(c), Type::kFloat32, m, n, ldc};
    const float scale = *static_cast<const float*>(alpha), keep = *static_cast<const float*>(beta);
    const bool tf32 = compute == kCompute32Tf32;
    const int status = emulatedLibraryWork(handle->stream, {{left.address, left.bytes(), false}, {right.address, right.bytes(), false},
                                                            {result.address, result.bytes(), true}}, [=] {
        for (int column = 0; column < n; column++) {
            for (int row = 0; row < m; row++) {
                double sum = 0;
                for (int i = 0; i < k; i++) {
                    const double x = left.at(i, row), y = right.at(i, column);
                    sum += tf32 ? stand_in::to_tf32(x) * stand_in::to_tf32(y) : x * y;
                }
                const double prior = keep == 0 ? 0 : keep * result.at(row, column);
                stand_in::store(result.type, result.address, row + int64_t(column) * ldc, scale * sum + prior);
            }
        }
    });
    return status == 0 ? kSuccess : kExecutionFailed;
}
