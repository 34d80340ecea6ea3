package io.fovea.run;

import io.fovea.sites.Background;

/**
 * A background that comes from a run of the net on one picture and also holds that picture's input rows and the rows of the outputs, so
 * that exact mode can compose a picture over it and whole outputs can be read.
 */
interface WholeBackground extends Background {

    /** Returns whether it holds the rows of the input and of the outputs, not only those that tables read. */
    boolean isWhole();
}
