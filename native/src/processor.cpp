#include "processor.h"

#include <cpuid.h>

#include <stdexcept>

namespace diffusionad {
namespace {

struct Leaf {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Leaf cpuid(unsigned leaf, unsigned subleaf) {
  Leaf r;
  if (__get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d) == 0) return {};
  return r;
}

bool hasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool hasAvxVnni() { return hasAvx2() && (cpuid(7, 1).a & (1u << 4)) != 0; }

bool hasAvx512() {
  return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

bool hasAvx512Vnni() { return hasAvx512() && __builtin_cpu_supports("avx512vnni"); }
bool hasAvx512Bfloat16() { return hasAvx512Vnni() && (cpuid(7, 1).a & (1u << 5)) != 0; }
bool hasAmxBfloat16() { return hasAvx512() && (cpuid(7, 0).d & (1u << 22)) != 0; }

}  // namespace

const Operations& operationsFor(const std::string& atMost) {
  if (!atMost.empty() && atMost != "baseline" && atMost != "avx2" && atMost != "avx512") {
    throw std::invalid_argument("unknown instruction set '" + atMost + "': use baseline, avx2 or avx512");
  }
  if (atMost.empty() && hasAvx512Bfloat16()) return avx512bf16::operations;
  if (atMost.empty() && hasAvx512Vnni()) return avx512vnni::operations;
  if ((atMost.empty() || atMost == "avx512") && hasAvx512()) return avx512::operations;
  if (atMost.empty() && hasAvxVnni()) return avxvnni::operations;
  if (atMost != "baseline" && hasAvx2()) return avx2::operations;
  return baseline::operations;
}

std::string instructionSets() {
  std::string sets = "sse2";
  if (hasAvx2()) sets = "avx2";
  if (hasAvxVnni()) sets += " avx_vnni";
  if (hasAvx512()) sets += " avx512";
  if (hasAvx512Vnni()) sets += " avx512_vnni";
  if (hasAvx512Bfloat16()) sets += " avx512_bf16";
  if (hasAmxBfloat16()) sets += " amx_bf16";
  return sets;
}

bool multipliesBfloat16() { return hasAvx512Bfloat16() || hasAmxBfloat16(); }

}  // namespace diffusionad
