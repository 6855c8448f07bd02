// What this machine's processor can do, and which of our loops suit it.
#pragma once

#include <string>

#include "operations.h"

namespace diffusionad {

/**
 * The loops for this processor.
 * @param atMost "baseline", "avx2", "avx512", or empty for no limit; anything else throws std::invalid_argument
 */
const Operations& operationsFor(const std::string& atMost);

/** Instruction sets that matter here, as a list for people: "avx2 avx_vnni avx512 avx512_vnni avx512_bf16 amx_bf16". */
std::string instructionSets();

/** Whether products of bfloat16 run on a unit of their own. */
bool multipliesBfloat16();

}  // namespace diffusionad
