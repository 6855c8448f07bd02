// cp.async, ldmatrix and mma.sync with the fragment layouts of the PTX manual (restated in kernels/common/tensor_core.cuh).
#include "block.h"
#include "fault.h"
#include "memory_access.h"
#include "shared_memory.h"

#include <algorithm>

namespace emulated {

// ---- cp.async: nothing is written before the wait; until then the target holds NaN -------------------------------------------------------

void async_copy(void* shared, const void* global, int bytes, bool valid) {
    const auto target = reinterpret_cast<uintptr_t>(shared), source = reinterpret_cast<uintptr_t>(global);
    if (!shared_memory().contains(target)) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "cp.async into %p, which is not shared memory", shared);
    }
    if (target % bytes != 0 || (valid && source % bytes != 0)) {
        fault(CUDA_ERROR_MISALIGNED_ADDRESS, "cp.async of %d bytes from %p to shared byte %zu", bytes, global,
              size_t(target - reinterpret_cast<uintptr_t>(shared_memory().dynamic())));
    }
    if (valid) {
        check_access(source, bytes, false);
    }
    Thread* self = current_thread();
    shared_memory().make_undefined(target, bytes, self->linear);
    self->copies.push_back({static_cast<unsigned char*>(shared), valid ? global : nullptr, bytes, self->open_group});
}

void async_commit() {
    current_thread()->open_group++;
}

void async_wait(int pending_groups) {
    Thread* self = current_thread();
    const auto finished = [&](const AsyncCopy& copy) { return copy.group < self->open_group - pending_groups; };
    for (const AsyncCopy& copy : self->copies) {
        if (finished(copy)) {
            shared_memory().access(reinterpret_cast<uintptr_t>(copy.shared), copy.bytes, true, self->linear);
            if (copy.global != nullptr) {
                std::memcpy(copy.shared, copy.global, copy.bytes);
            } else {
                std::memset(copy.shared, 0, copy.bytes);
            }
        }
    }
    self->copies.erase(std::remove_if(self->copies.begin(), self->copies.end(), finished), self->copies.end());
}

// ---- ldmatrix ----------------------------------------------------------------------------------------------------------------------------

namespace {

struct MatrixLoad {
    uint32_t* fragment;
    const uint16_t* row;
    bool transposed;
};

void load_matrices(void* (&lanes)[32]) {
    const bool transposed = static_cast<MatrixLoad*>(lanes[0])->transposed;
    for (int matrix = 0; matrix < 4; matrix++) {
        uint16_t m[8][8];
        for (int r = 0; r < 8; r++) {
            std::memcpy(m[r], static_cast<MatrixLoad*>(lanes[matrix * 8 + r])->row, sizeof m[r]);
        }
        for (int lane = 0; lane < 32; lane++) {
            const int g = lane / 4, t = lane % 4 * 2;
            const uint16_t low = transposed ? m[t][g] : m[g][t], high = transposed ? m[t + 1][g] : m[g][t + 1];
            static_cast<MatrixLoad*>(lanes[lane])->fragment[matrix] = low | uint32_t(high) << 16;
        }
    }
}

} // namespace

void ldmatrix_x4(uint32_t (&fragment)[4], const void* row, bool transposed) {
    const auto address = reinterpret_cast<uintptr_t>(row);
    if (!shared_memory().contains(address)) {
        fault(CUDA_ERROR_ILLEGAL_ADDRESS, "ldmatrix from %p, which is not shared memory", row);
    }
    if (address % 16 != 0) {
        fault(CUDA_ERROR_MISALIGNED_ADDRESS, "ldmatrix from %p", row);
    }
    check_access(address, 16, false);
    MatrixLoad load{fragment, static_cast<const uint16_t*>(row), transposed};
    warp_rendezvous(FULL_WARP, &load, &load_matrices, "ldmatrix", transposed);
}

// ---- mma.sync ----------------------------------------------------------------------------------------------------------------------------

namespace {

struct Multiply {
    float* c;
    const uint32_t* a;
    uint32_t b[2];
};

float bf16_bits(uint32_t bits) {
    return __uint_as_float(bits << 16);
}

// c (16x8) += a (16xK) · b (Kx8), one product after another in the order of k.
template <int K> void multiply_add(void* (&lanes)[32], const float (&a)[16][K], const float (&b)[K][8]) {
    for (int row = 0; row < 16; row++) {
        float sum[8];
        for (int t = 0; t < 4; t++) {
            const float* c = static_cast<Multiply*>(lanes[row % 8 * 4 + t])->c + row / 8 * 2;
            sum[2 * t] = c[0], sum[2 * t + 1] = c[1];
        }
        for (int k = 0; k < K; k++) {
            for (int column = 0; column < 8; column++) {
                sum[column] = __builtin_fmaf(a[row][k], b[k][column], sum[column]);
            }
        }
        for (int t = 0; t < 4; t++) {
            float* c = static_cast<Multiply*>(lanes[row % 8 * 4 + t])->c + row / 8 * 2;
            c[0] = sum[2 * t], c[1] = sum[2 * t + 1];
        }
    }
}

void multiply_bf16(void* (&lanes)[32]) {
    float a[16][16], b[16][8];
    for (int lane = 0; lane < 32; lane++) {
        const auto* m = static_cast<Multiply*>(lanes[lane]);
        const int g = lane / 4, t = lane % 4 * 2;
        for (int i = 0; i < 4; i++) {
            const int row = g + i % 2 * 8, column = t + i / 2 * 8;
            a[row][column] = bf16_bits(m->a[i]);
            a[row][column + 1] = bf16_bits(m->a[i] >> 16);
        }
        for (int i = 0; i < 2; i++) {
            b[t + i * 8][g] = bf16_bits(m->b[i]);
            b[t + i * 8 + 1][g] = bf16_bits(m->b[i] >> 16);
        }
    }
    multiply_add(lanes, a, b);
}

// The hardware reads 10 bits of mantissa and ignores the rest.
float tf32_bits(uint32_t bits) {
    return __uint_as_float(bits & 0xFFFFE000u);
}

void multiply_tf32(void* (&lanes)[32]) {
    float a[16][8], b[8][8];
    for (int lane = 0; lane < 32; lane++) {
        const auto* m = static_cast<Multiply*>(lanes[lane]);
        const int g = lane / 4, t = lane % 4;
        for (int i = 0; i < 4; i++) {
            a[g + i % 2 * 8][t + i / 2 * 4] = tf32_bits(m->a[i]);
        }
        b[t][g] = tf32_bits(m->b[0]);
        b[t + 4][g] = tf32_bits(m->b[1]);
    }
    multiply_add(lanes, a, b);
}

} // namespace

void mma_m16n8k16_bf16(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    Multiply multiply{c, a, {b0, b1}};
    warp_rendezvous(FULL_WARP, &multiply, &multiply_bf16, "mma.m16n8k16", 0);
}

void mma_m16n8k8_tf32(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    Multiply multiply{c, a, {b0, b1}};
    warp_rendezvous(FULL_WARP, &multiply, &multiply_tf32, "mma.m16n8k8", 0);
}

} // namespace emulated
