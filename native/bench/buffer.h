// Memory for the benchmarks.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>

/** Memory aligned to 64 bytes, filled with small values. */
template <typename T> class Buffer {
  public:
    explicit Buffer(int64_t length)
        : count(length),
          data(static_cast<T *>(std::aligned_alloc(64, (size_t(length) * sizeof(T) + 127) / 64 * 64)), std::free) {
        for (int64_t i = 0; i < length; i++) {
            data.get()[i] = static_cast<T>(static_cast<double>((i * 2654435761u) % 1000) / 1000.0 - 0.5);
        }
    }
    T *get() const { return data.get(); }
    int64_t length() const { return count; }

  private:
    int64_t count;
    std::unique_ptr<T, decltype(&std::free)> data;
};

using Floats = Buffer<float>;
using Ints = Buffer<int32_t>;
