/**
 * The {@code cpp} tier: kernels of the compiled library {@code libfovea_native} (folder {@code native/}), called through the foreign
 * function API. {@link io.fovea.kernel.cpp.CppTier} is all that others need.
 */
package io.fovea.kernel.cpp;
