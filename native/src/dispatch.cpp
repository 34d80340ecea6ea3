// Chooses the instruction set at the first call by what processor and operating system support.
#include "dispatch.h"

#include <atomic>
#include <cstring>

namespace fovea {

#if defined(FOVEA_HAS_AVX512)
namespace avx512 {
extern const KernelTable kernels;
}
#endif
#if defined(FOVEA_HAS_AVX2)
namespace avx2 {
extern const KernelTable kernels;
}
#endif
#if defined(FOVEA_HAS_NEON)
namespace neon {
extern const KernelTable kernels;
}
#endif
namespace generic {
extern const KernelTable kernels;
}

namespace {

#if defined(FOVEA_HAS_AVX2)
// __builtin_cpu_supports reads CPUID and XCR0: a set counts only when the operating system saves its registers.
bool hasAvx2() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
#endif
#if defined(FOVEA_HAS_AVX512)
bool hasAvx512() {
    return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

/** The i-th instruction set that runs here, best first, or null. */
const KernelTable *usable(int32_t i) {
    const KernelTable *found[4] = {};
    int32_t count = 0;
#if defined(FOVEA_HAS_AVX512)
    if (hasAvx512()) {
        found[count++] = &avx512::kernels;
    }
#endif
#if defined(FOVEA_HAS_AVX2)
    if (hasAvx2()) {
        found[count++] = &avx2::kernels;
    }
#endif
#if defined(FOVEA_HAS_NEON)
    found[count++] = &neon::kernels; // part of every aarch64 processor
#endif
    found[count++] = &generic::kernels;
    return i >= 0 && i < count ? found[i] : nullptr;
}

std::atomic<const KernelTable *> chosen{nullptr};

} // namespace

const KernelTable &kernels() {
    const KernelTable *table = chosen.load(std::memory_order_acquire);
    if (!table) {
        table = usable(0);
        chosen.store(table, std::memory_order_release);
    }
    return *table;
}

} // namespace fovea

extern "C" {

int32_t fovea_version(void) { return FOVEA_NATIVE_VERSION; }

int32_t fovea_isa_count(void) {
    int32_t count = 0;
    while (fovea::usable(count)) {
        count++;
    }
    return count;
}

const char *fovea_isa_name(int32_t i) {
    const fovea::KernelTable *table = fovea::usable(i);
    return table ? table->name : nullptr;
}

const char *fovea_isa(void) { return fovea::kernels().name; }

int32_t fovea_isa_select(const char *name) {
    for (int32_t i = 0; name; i++) {
        const fovea::KernelTable *table = fovea::usable(i);
        if (!table) {
            break;
        }
        if (std::strcmp(table->name, name) == 0) {
            fovea::chosen.store(table, std::memory_order_release);
            return 0;
        }
    }
    return -1;
}

int32_t fovea_panel_columns(void) { return fovea::kernels().panel; }

} // extern "C"
