package io.fovea.lab.prune;

/**
 * A member of the front with what was found out about it afterwards.
 *
 * @param candidate shapes and score on the search photos
 * @param reportAp average precision on photos that the search did not see
 * @param times measured times, or null
 */
public record FrontMember(Candidate candidate, double reportAp, HeadTimer.Times times) {}
