/** Gates: what looks at a photo first and says where an object can be. */
package io.fovea.gate;
