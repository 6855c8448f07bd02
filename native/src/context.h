// What one CPU device holds between calls: threads, the loops for this processor, oneDNN's engine, caches and working memory.
#pragma once

#include <dnnl.hpp>

#include <memory>
#include <string>

#include "operations.h"

namespace diffusionad {

class Convolutions;

class Context {
 public:
  /** @param threads how many threads operations use; @param instructionSet the most that our own loops may use, or empty for all that is there */
  Context(int threads, const std::string& instructionSet);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /** OpenMP's team size is a setting of the calling thread: every operation starts with this. */
  void enter() const;

  int threads() const { return threads_; }
  const Operations& loops() const { return loops_; }
  /** Whether oneDNN convolves bfloat16 on this processor; where not, convolutions run in float32 on converted copies. */
  bool convolvesBfloat16() const { return convolvesBfloat16_; }
  /** Whether it does so, and with 8-bit numbers, by instructions that multiply whole tiles (AMX): several times faster than float32. */
  bool convolvesTiles() const { return convolvesTiles_; }
  /** Whether oneDNN convolves 8-bit numbers by dot-product instructions (AVX512-VNNI) here, exactly and at speed. */
  bool convolvesInt8() const { return convolvesInt8_; }
  const dnnl::engine& engine() const { return engine_; }
  dnnl::stream& stream() { return stream_; }
  /** Memory of the running loop operation. */
  Scratch& scratch() { return scratch_; }
  Convolutions& convolutions() { return *convolutions_; }

 private:
  int threads_;
  const Operations& loops_;
  bool convolvesBfloat16_, convolvesTiles_, convolvesInt8_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  Scratch scratch_;
  std::unique_ptr<Convolutions> convolutions_;
};

}  // namespace diffusionad
