// Warp-wide matrix instructions of sm_80 and later. All 32 lanes call them together. With g = lane / 4 and t = lane % 4, fragments are
//   m16n8k16 bf16:  a[0] = A[g][2t, 2t+1]      b[0] = B[2t, 2t+1][g]        c[0], c[1] = C[g][2t], C[g][2t+1]
//                   a[1] = A[g+8][2t, 2t+1]    b[1] = B[2t+8, 2t+9][g]      c[2], c[3] = C[g+8][2t], C[g+8][2t+1]
//                   a[2] = A[g][2t+8, 2t+9]    (two bf16 a register, the lower index in the lower half)
//                   a[3] = A[g+8][2t+8, 2t+9]
//   m16n8k8 tf32:   a[0] = A[g][t]  a[1] = A[g+8][t]  a[2] = A[g][t+4]  a[3] = A[g+8][t+4];  b[0] = B[t][g]  b[1] = B[t+4][g];  c as above
#pragma once
#include "platform.cuh"

// Loads four 8x8 matrices of 16-bit elements: lane 8i + r gives the address (16-byte aligned, shared memory) of row r of matrix i.
// fragment[i] of each lane = matrix i, row g, columns 2t and 2t+1.
DEVICE void ldmatrix_x4(uint32_t (&fragment)[4], const void* row) {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 750
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(uint32_t(__cvta_generic_to_shared(row)))
                 : "memory");
#endif
#else
    emulated::ldmatrix_x4(fragment, row, false);
#endif
}

// The same with every matrix transposed: fragment[i] = matrix i, rows 2t and 2t+1, column g.
DEVICE void ldmatrix_x4_trans(uint32_t (&fragment)[4], const void* row) {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 750
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(uint32_t(__cvta_generic_to_shared(row)))
                 : "memory");
#endif
#else
    emulated::ldmatrix_x4(fragment, row, true);
#endif
}

// c += A (16x16) · B (16x8), bf16 products summed in float32. Before sm_80 it traps: the host never launches such a kernel there.
DEVICE void mma_m16n8k16_bf16(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
    __trap();
#endif
#else
    emulated::mma_m16n8k16_bf16(c, a, b0, b1);
#endif
}

// c += A (16x8) · B (8x8), tf32 products (see to_tf32) summed in float32. Before sm_80 it traps.
DEVICE void mma_m16n8k8_tf32(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
    __trap();
#endif
#else
    emulated::mma_m16n8k8_tf32(c, a, b0, b1);
#endif
}

// Rounds to the 10-bit mantissa of tf32, ties away from zero; the result is the register pattern that mma_m16n8k8_tf32 takes.
DEVICE uint32_t to_tf32(float x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    uint32_t rounded;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(x));
    return rounded;
#else
    return (__float_as_uint(x) + 0x1000u) & 0xFFFFE000u;
#endif
}
