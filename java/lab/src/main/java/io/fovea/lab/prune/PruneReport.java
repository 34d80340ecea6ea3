package io.fovea.lab.prune;

import java.util.List;

/**
 * What pruning found.
 *
 * @param model name of the model
 * @param cost the head's arithmetic
 * @param netMacs multiply-accumulates of the whole net before pruning
 * @param searchPhotos photos that the search saw
 * @param reportPhotos photos that only the report saw
 * @param base the head as it was
 * @param chosen the member that is written as a model
 * @param chosenNetMacs multiply-accumulates of the whole net with it
 * @param gain average precision on the report photos, chosen minus base
 * @param gainLow lower end of the gain's 95 % bootstrap interval over the report photos
 * @param gainHigh its upper end
 * @param baseLow lower end of the 95 % bootstrap interval of the base's own average precision there
 * @param baseHigh its upper end
 * @param front all members, best average precision first
 * @param evaluated sets judged
 * @param seconds of the search
 */
public record PruneReport(String model, HeadCost cost, long netMacs, int searchPhotos, int reportPhotos,
        FrontMember base, FrontMember chosen, long chosenNetMacs, double gain, double gainLow, double gainHigh,
        double baseLow, double baseHigh, List<FrontMember> front, int evaluated, double seconds) {
    public PruneReport {
        front = List.copyOf(front);
    }

    /** Returns how much of the head's multiply-accumulates a member saves, as a share. */
    public double macsSaved(FrontMember m) {
        return 1 - (double) m.candidate().score().macs() / base.candidate().score().macs();
    }
}
