/** What the tests share: a slow interpreter to judge by, random nets and masks, ONNX Runtime as peer, the zoo's nets. */
package io.fovea.testing;
