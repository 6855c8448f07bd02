// CUDA C++ for an ordinary host compiler: the qualifiers, built-in variables, vector types, intrinsics and warp operations that the kernels
// use, with their real semantics. The kernels' common/platform.cuh includes this header whenever the compiler is not nvcc. What is not
// declared here does not compile, so a kernel cannot quietly depend on something that the emulation lacks.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#ifndef EMULATOR_LISTS_KERNELS // the build looks for these two words in preprocessed text
#define __global__
#define __launch_bounds__(...)
#endif
#define __device__
#define __host__
#define __grid_constant__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define FULL_WARP 0xFFFFFFFFu
#define UNROLL _Pragma("GCC unroll 32") // see common/lanes.cuh

// ---- vector types ----------------------------------------------------------------------------------------------------------------------
struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

// ---- built-in variables: constant as seen by one thread; the scheduler sets them whenever it changes threads -----------------------------
extern const uint3 threadIdx __asm__("emulated_thread_index");
extern const uint3 blockIdx __asm__("emulated_block_index");
extern const dim3 blockDim __asm__("emulated_block_size");
extern const dim3 gridDim __asm__("emulated_grid_size");
constexpr int warpSize = 32;

namespace emulated {

// ---- shared memory ---------------------------------------------------------------------------------------------------------------------
// A place in the source that declares a static shared array; all threads of a block receive the same storage for it.
struct SharedSite {
    uint64_t block_serial;
    void* address;
};
void* static_shared(SharedSite* site, size_t bytes);
unsigned char* dynamic_shared();

// ---- barriers and warp operations --------------------------------------------------------------------------------------------------------
enum class Vote { kNone, kAnd, kOr, kCount };
int block_barrier(Vote vote, int predicate, const char* file, int line);
void warp_barrier(unsigned mask, const char* file, int line);

// All lanes of `mask` arrive with their own `argument`; the last to arrive runs `combine` over the lanes' arguments (null for lanes outside
// the mask), then all go on. Lanes that meet with different masks or operations, or a lane that never comes, are errors.
using Combine = void (*)(void* (&lanes)[32]);
void warp_rendezvous(unsigned mask, void* argument, Combine combine, const char* file, int line);
[[noreturn]] void shuffle_from_inactive_lane(int lane, int source);
int lane();

template <class T> struct Shuffle {
    T value;
    int source;
    T result;
};

template <class T> T shuffle(unsigned mask, T value, int source, const char* file, int line) {
    Shuffle<T> argument{value, source, value};
    warp_rendezvous(mask, &argument, [](void* (&lanes)[32]) {
        for (int i = 0; i < 32; i++) {
            if (lanes[i] != nullptr) {
                auto* mine = static_cast<Shuffle<T>*>(lanes[i]);
                auto* theirs = static_cast<Shuffle<T>*>(lanes[mine->source]);
                if (theirs == nullptr) {
                    shuffle_from_inactive_lane(i, mine->source);
                }
                mine->result = theirs->value;
            }
        }
    }, file, line);
    return argument.result;
}

unsigned ballot(unsigned mask, bool predicate, const char* file, int line);

// ---- memory and matrix instructions ------------------------------------------------------------------------------------------------------
void async_copy(void* shared, const void* global, int bytes, bool valid);
void async_commit();
void async_wait(int pending_groups);
void ldmatrix_x4(uint32_t (&fragment)[4], const void* row, bool transposed);
void mma_m16n8k16_bf16(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
void mma_m16n8k8_tf32(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

// ---- sm_90: mbarriers, copies of tensor tiles, products of warpgroups (see src/async_units.h) ---------------------------------------------
uint32_t shared_address(const void* shared);
void mbarrier_init(void* barrier, uint32_t arrivals);
void mbarrier_fence_init();
void mbarrier_arrive(void* barrier, uint32_t expected_bytes);
void mbarrier_wait(void* barrier, uint32_t parity);
void tensor_load(void* tile, const void* map, void* barrier, const int32_t* at, int rank);
void wgmma_fence();
void wgmma_k16_bf16(float* sums, int columns, uint64_t a, uint64_t b, bool transposed);
void wgmma_commit();
void wgmma_wait(int pending_groups);

// Checks an atomic access of `bytes` at `address`; the operation itself follows, undisturbed since one thread runs at a time.
void atomic_access(void* address, int bytes);
[[noreturn]] void trap();

} // namespace emulated

#define SHARED_ARRAY(type, name, extents)                \
    typedef type name##_shared_type extents;             \
    static emulated::SharedSite name##_shared_site{};    \
    name##_shared_type& name = *static_cast<name##_shared_type*>(emulated::static_shared(&name##_shared_site, sizeof(name##_shared_type)))
#define DYNAMIC_SHARED(name) unsigned char* const name = emulated::dynamic_shared()

// ---- synchronisation -------------------------------------------------------------------------------------------------------------------
#define EMULATED_PLACE const char *file = __builtin_FILE(), int line = __builtin_LINE()
inline void __syncthreads(EMULATED_PLACE) { emulated::block_barrier(emulated::Vote::kNone, 0, file, line); }
inline int __syncthreads_and(int p, EMULATED_PLACE) { return emulated::block_barrier(emulated::Vote::kAnd, p, file, line); }
inline int __syncthreads_or(int p, EMULATED_PLACE) { return emulated::block_barrier(emulated::Vote::kOr, p, file, line); }
inline int __syncthreads_count(int p, EMULATED_PLACE) { return emulated::block_barrier(emulated::Vote::kCount, p, file, line); }
inline void __syncwarp(unsigned mask = FULL_WARP, EMULATED_PLACE) { emulated::warp_barrier(mask, file, line); }
inline void __threadfence() {}
inline void __threadfence_block() {}

// ---- shuffles and votes ------------------------------------------------------------------------------------------------------------------
template <class T> T __shfl_sync(unsigned mask, T value, int source, int width = 32, EMULATED_PLACE) {
    const int segment = emulated::lane() & ~(width - 1);
    return emulated::shuffle(mask, value, segment | (source & (width - 1)), file, line);
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, EMULATED_PLACE) {
    const int lane = emulated::lane(), source = lane ^ lane_mask;
    return emulated::shuffle(mask, value, (source & ~(width - 1)) > lane ? lane : source, file, line);
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATED_PLACE) {
    const int lane = emulated::lane(), source = lane + int(delta);
    return emulated::shuffle(mask, value, (lane & (width - 1)) + int(delta) < width ? source : lane, file, line);
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATED_PLACE) {
    const int lane = emulated::lane(), source = lane - int(delta);
    return emulated::shuffle(mask, value, (lane & (width - 1)) >= int(delta) ? source : lane, file, line);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, EMULATED_PLACE) { return emulated::ballot(mask, predicate != 0, file, line); }
inline int __any_sync(unsigned mask, int predicate, EMULATED_PLACE) { return emulated::ballot(mask, predicate != 0, file, line) != 0; }
inline int __all_sync(unsigned mask, int predicate, EMULATED_PLACE) { return emulated::ballot(mask, predicate != 0, file, line) == mask; }
#undef EMULATED_PLACE

// ---- atomics: one thread runs at a time, so a checked plain operation is one ---------------------------------------------------------------
template <class T> __attribute__((no_sanitize("thread"))) T emulated_atomic(T* address, T (*operation)(T, T), T operand) {
    emulated::atomic_access(address, sizeof(T));
    T old;
    __builtin_memcpy(&old, address, sizeof(T));
    const T result = operation(old, operand);
    __builtin_memcpy(address, &result, sizeof(T));
    return old;
}
#define EMULATED_ATOMIC(name, type, expression) \
    __attribute__((no_sanitize("thread"))) inline type name(type* address, type value) { \
        return emulated_atomic<type>(address, [](type a, type b) -> type { return expression; }, value); }
EMULATED_ATOMIC(atomicAdd, int, int(unsigned(a) + unsigned(b)))
EMULATED_ATOMIC(atomicAdd, unsigned, a + b)
EMULATED_ATOMIC(atomicAdd, unsigned long long, a + b)
EMULATED_ATOMIC(atomicAdd, float, a + b)
EMULATED_ATOMIC(atomicAdd, double, a + b)
EMULATED_ATOMIC(atomicMax, int, a > b ? a : b)
EMULATED_ATOMIC(atomicMax, unsigned, a > b ? a : b)
EMULATED_ATOMIC(atomicMin, int, a < b ? a : b)
EMULATED_ATOMIC(atomicMin, unsigned, a < b ? a : b)
EMULATED_ATOMIC(atomicOr, unsigned, a | b)
EMULATED_ATOMIC(atomicAnd, unsigned, a & b)
EMULATED_ATOMIC(atomicExch, int, ((void) a, b))
EMULATED_ATOMIC(atomicExch, unsigned, ((void) a, b))
EMULATED_ATOMIC(atomicExch, float, ((void) a, b))
#undef EMULATED_ATOMIC

// ---- arithmetic --------------------------------------------------------------------------------------------------------------------------
inline float __uint_as_float(unsigned x) { float f; std::memcpy(&f, &x, 4); return f; }
inline unsigned __float_as_uint(float x) { unsigned u; std::memcpy(&u, &x, 4); return u; }
inline float __int_as_float(int x) { float f; std::memcpy(&f, &x, 4); return f; }
inline int __float_as_int(float x) { int i; std::memcpy(&i, &x, 4); return i; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float __fsqrt_rn(float x) { return __builtin_sqrtf(x); }
inline float __frcp_rn(float x) { return 1.f / x; }
inline float __fdividef(float a, float b) { return a / b; }

// Neighbouring floats as one vector (common/lanes.cuh).
namespace emulated {
typedef float Float8 __attribute__((vector_size(32), aligned(16)));
typedef unsigned Unsigned8 __attribute__((vector_size(32), aligned(16)));

template <class Float> inline __attribute__((always_inline)) Float multiply_add(const Float& a, const Float& b, const Float& c) {
    Float result;
    for (unsigned i = 0; i < sizeof(Float) / sizeof(float); i++) {
        result[i] = __builtin_fmaf(a[i], b[i], c[i]);
    }
    return result;
}
template <> inline __attribute__((always_inline)) float multiply_add(const float& a, const float& b, const float& c) { return __builtin_fmaf(a, b, c); }

// CUDA's expf is straight-line code, right to 2 ulp. So is this one, of a float or of a vector of them (to 1 ulp; infinities, NaN and subnormal
// results included): the C library's cannot be vectorised.
template <class Float, class Unsigned> inline __attribute__((always_inline)) Float exponential(Float x) {
    constexpr float kRound = 0x1.8p23f; // adding it rounds to an integer, in the low bits
    const Float zero = {};
    x = x > 89.f ? zero + 89.f : x;
    x = x < -104.f ? zero - 104.f : x;
    const Float shifted = multiply_add<Float>(x, zero + 0x1.715476p+0f, zero + kRound), n = shifted - kRound;
    Float r = multiply_add<Float>(n, zero - 0x1.62e400p-1f, x); // x - n·log 2, in two parts
    r = multiply_add<Float>(n, zero - 0x1.7f7d1cp-20f, r);
    Float p = zero + 0x1.6850e4p-10f;
    p = multiply_add<Float>(p, r, zero + 0x1.123bccp-7f);
    p = multiply_add<Float>(p, r, zero + 0x1.555b98p-5f);
    p = multiply_add<Float>(p, r, zero + 0x1.55548ep-3f);
    p = multiply_add<Float>(p, r, zero + 0x1.fffff8p-2f);
    p = multiply_add<Float>(p, r, zero + 1.f);
    p = multiply_add<Float>(p, r, zero + 1.f);
    // 2^n as two factors, since n reaches from -150 to 128.
    Unsigned bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    const Unsigned exponent = bits - (0x4B400000u - 256), half = exponent >> 1;
    const Unsigned low = (half - 1) << 23, high = (exponent - half - 1) << 23;
    Float low_power, high_power;
    std::memcpy(&low_power, &low, sizeof low);
    std::memcpy(&high_power, &high, sizeof high);
    return p * low_power * high_power;
}
} // namespace emulated
inline emulated::Float8 fmaf(float a, emulated::Float8 b, emulated::Float8 c) { return emulated::multiply_add(emulated::Float8{a, a, a, a, a, a, a, a}, b, c); }
inline float emulated_expf(float x) { return emulated::exponential<float, unsigned>(x); }
inline emulated::Float8 emulated_expf(emulated::Float8 x) { return emulated::exponential<emulated::Float8, emulated::Unsigned8>(x); }
#define expf emulated_expf
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float rsqrtf(float x) { return 1.f / __builtin_sqrtf(x); }
inline double rsqrt(double x) { return 1. / __builtin_sqrt(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((uint64_t(a) * b) >> 32); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
template <class T> T __ldg(const T* p) { return *p; }
[[noreturn]] inline void __trap() { emulated::trap(); }
template <class T> constexpr T min(T a, T b) { return b < a ? b : a; }
template <class T> constexpr T max(T a, T b) { return a < b ? b : a; }
inline int64_t min(int64_t a, int b) { return min<int64_t>(a, b); }
inline int64_t min(int a, int64_t b) { return min<int64_t>(a, b); }
inline int64_t max(int64_t a, int b) { return max<int64_t>(a, b); }
inline int64_t max(int a, int64_t b) { return max<int64_t>(a, b); }
