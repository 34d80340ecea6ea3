package io.fovea.zoo;

/**
 * A published npm package.
 *
 * @param name package name
 * @param version exact version
 * @param integrity {@code sha512-} and the base64 of the tarball's digest, as npm states it
 */
record NpmPackage(String name, String version, String integrity) {
    @Override
    public String toString() {
        return name + "@" + version;
    }
}
