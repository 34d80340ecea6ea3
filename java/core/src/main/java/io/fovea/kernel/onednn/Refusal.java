package io.fovea.kernel.onednn;

/** oneDNN has no implementation for a layer that is worth calling; the message says what it offered. */
final class Refusal extends Exception {
    Refusal(String reason) {
        super(reason, null, false, false);
    }
}
