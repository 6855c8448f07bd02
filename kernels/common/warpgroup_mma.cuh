// wgmma of sm_90a: four warps together (a warpgroup, its first warp a multiple of four) multiply two tiles straight from shared memory, while
// they go on. Nothing of the sums may be touched between the first wgmma of a group and the wait that covers it.
//
// Operands lie as tensor_map.cuh says, in lines of 128 bytes swizzled by 128 bytes, tiles starting at multiples of 1024 bytes. Of an operand A
// (64 x depth) or B (columns x depth), a line holds 64 elements either of one row, along the reduction ("K-major" in the PTX manual), or of one
// reduction index, along the rows ("MN-major"), as when a matrix is multiplied by a transposed one.
//
// With w = warp % 4, g = lane / 4 and t = lane % 4, sums[j] of a thread are, as in an m16n8 fragment of tensor_core.cuh,
//   sums[j][0], sums[j][1] = D[16w + g][8j + 2t, 8j + 2t + 1]      sums[j][2], sums[j][3] = D[16w + g + 8][8j + 2t, 8j + 2t + 1]
#pragma once
#include "tensor_map.cuh"

// How both operands of a product lie; the instruction takes it as an immediate for each.
enum class Operands : int { kRows = 0, kTransposed = 1 };

// An operand's descriptor: address and two strides in units of 16 bytes; the top bits say 128-byte swizzle.
DEVICE uint64_t wgmma_descriptor(const unsigned char* tile, uint32_t leadingBytes, uint32_t strideBytes) {
    return uint64_t((shared_address(tile) & 0x3FFFF) >> 4) | uint64_t(leadingBytes >> 4) << 16 | uint64_t(strideBytes >> 4) << 32 | uint64_t(1) << 62;
}

// Of the tile of rows that starts at `tile` (a multiple of 1024 bytes, plus 32 bytes for each 16 columns to the right). From eight rows to the
// next eight are 1024 bytes; the leading stride has no meaning within a swizzled row and is 1 unit by convention.
DEVICE uint64_t wgmma_operand(const unsigned char* tile) { return wgmma_descriptor(tile, 16, kSwizzleAtom); }

// Of the transposed tile that starts at `tile` (a multiple of 1024 bytes, plus 2048 bytes for each 16 reduction indices further). From 64 rows of
// the operand to the next 64 are `groupBytes`, the leading stride; from eight reduction indices to the next eight 1024 bytes.
DEVICE uint64_t wgmma_transposed_operand(const unsigned char* tile, uint32_t groupBytes) { return wgmma_descriptor(tile, groupBytes, kSwizzleAtom); }

// Before the first wgmma, and whenever the threads have touched the sums since the last.
DEVICE void wgmma_fence() {
#ifdef __CUDACC__
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#else
    emulated::wgmma_fence();
#endif
}

// Closes the group of the wgmmas issued since the last commit.
DEVICE void wgmma_commit() {
#ifdef __CUDACC__
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#else
    emulated::wgmma_commit();
#endif
}

// Waits until at most `Pending` of this warp's newest groups are unfinished: the others have read their tiles and written their sums.
template <int Pending> DEVICE void wgmma_wait() {
#ifdef __CUDACC__
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
#else
    emulated::wgmma_wait(Pending);
#endif
}

// Keeps the compiler from moving uses of the sums over a fence or a wait, which do not name them. No instruction.
template <int Fragments> DEVICE void wgmma_hold(float (&sums)[Fragments][4]) {
#ifdef __CUDACC__
#pragma unroll
    for (int j = 0; j < Fragments; j++) {
        asm volatile("" : "+f"(sums[j][0]), "+f"(sums[j][1]), "+f"(sums[j][2]), "+f"(sums[j][3])::"memory");
    }
#else
    (void)sums;
#endif
}

#define WGMMA_ROW(fragment) "+f"(fragment[0]), "+f"(fragment[1]), "+f"(fragment[2]), "+f"(fragment[3])

// sums (64 x 64) += A (64 x 16) · Bᵀ, B (64 x 16).
template <Operands Layout> DEVICE void wgmma_k16_bf16(float (&sums)[8][4], uint64_t a, uint64_t b) {
#ifdef __CUDACC__
    asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, 1, 1, 1, %34, %34;"
                 : WGMMA_ROW(sums[0]), WGMMA_ROW(sums[1]), WGMMA_ROW(sums[2]), WGMMA_ROW(sums[3]),
                   WGMMA_ROW(sums[4]), WGMMA_ROW(sums[5]), WGMMA_ROW(sums[6]), WGMMA_ROW(sums[7])
                 : "l"(a), "l"(b), "n"(int(Layout)));
#else
    emulated::wgmma_k16_bf16(&sums[0][0], 64, a, b, Layout == Operands::kTransposed);
#endif
}

// sums (64 x 128) += A (64 x 16) · Bᵀ, B (128 x 16).
template <Operands Layout> DEVICE void wgmma_k16_bf16(float (&sums)[16][4], uint64_t a, uint64_t b) {
#ifdef __CUDACC__
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, 1, 1, 1, %66, %66;"
                 : WGMMA_ROW(sums[0]), WGMMA_ROW(sums[1]), WGMMA_ROW(sums[2]), WGMMA_ROW(sums[3]),
                   WGMMA_ROW(sums[4]), WGMMA_ROW(sums[5]), WGMMA_ROW(sums[6]), WGMMA_ROW(sums[7]),
                   WGMMA_ROW(sums[8]), WGMMA_ROW(sums[9]), WGMMA_ROW(sums[10]), WGMMA_ROW(sums[11]),
                   WGMMA_ROW(sums[12]), WGMMA_ROW(sums[13]), WGMMA_ROW(sums[14]), WGMMA_ROW(sums[15])
                 : "l"(a), "l"(b), "n"(int(Layout)));
#else
    emulated::wgmma_k16_bf16(&sums[0][0], 128, a, b, Layout == Operands::kTransposed);
#endif
}

#undef WGMMA_ROW
