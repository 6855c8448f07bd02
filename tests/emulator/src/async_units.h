// The parts of an sm_90 multiprocessor that work on their own time: copies of tensor tiles (TMA), which report to mbarriers, and the
// products of warpgroups (wgmma). What they were asked for happens only when no thread of the block can go on, one piece at a time and in an
// order drawn from EMULATOR_SEED: as late as any hardware could be. Until then the targets of copies and the sums of products are NaN.
#pragma once
#include "block.h"

namespace emulated {

// A block begins: no barriers, nothing under way.
void begin_async_units(int threads);
// Does one piece of what is under way and wakes those who wait for it; false when nothing is.
bool advance_async_units();
// What a block that has ended left under way, in words, or null.
const char* left_under_way();

// ---- tensor copies -----------------------------------------------------------------------------------------------------------------------

// Whether a thread has waited for the copy that wrote this byte of shared memory.
bool has_seen_transfer(uintptr_t address, int thread);
// Counts `bytes` of a copy that reports to this mbarrier; how many of the barrier's phases had completed when a copy was asked for.
void complete_bytes(uintptr_t barrier, uint32_t bytes);
uint64_t phase_for_copy(uintptr_t barrier);
bool has_seen_phase(uintptr_t barrier, uint64_t phase, int thread);
void begin_mbarriers(int threads);

bool can_advance_copies();
void advance_copies();
void begin_copies();

// ---- warpgroup products --------------------------------------------------------------------------------------------------------------------

bool can_advance_products();
void advance_products();
bool is_product_operand(uintptr_t begin, size_t bytes);
bool products_under_way();
void begin_products(int threads);

// Compute capability times ten that the device claims.
int device_capability();
// The emulation's own random numbers, from EMULATOR_SEED.
uint64_t next_random();

} // namespace emulated
