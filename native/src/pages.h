// Anonymous memory of whole pages, huge ones advised, so that first touch and TLB misses stay cheap. Pages cost nothing before they are touched.
#pragma once

#include <cstddef>
#include <utility>

namespace diffusionad {

/** Zeroed pages aligned to at least 4 KiB, or null when the system refuses. */
void* mapPages(size_t bytes);
void unmapPages(void* memory, size_t bytes);
/** Gives the pages that lie wholly inside [memory, memory + bytes) back to the system; the range stays mapped, its contents are undefined. */
void discardPages(void* memory, size_t bytes);

/** An owner of mapped pages, or of nothing. */
class Pages {
 public:
  Pages() = default;
  /** Throws std::bad_alloc. */
  explicit Pages(size_t bytes);
  Pages(Pages&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Pages() { unmapPages(memory_, size_); }

  void* address() const { return memory_; }
  size_t size() const { return size_; }

 private:
  void* memory_ = nullptr;
  size_t size_ = 0;
};

}  // namespace diffusionad
