package io.espalier.training.loop;

import java.util.Map;

/** Hears of a training as it goes, on the training's thread; what takes long here holds it up. */
public interface LoopListener {
    /**
     * A step is done. The network is as the state says.
     *
     * @param loss smoothed over the last steps
     */
    void stepped(LoopState state, double loss);

    /**
     * An epoch is done and validated; the network's weights are those that were measured.
     *
     * @param best whether no epoch before was better
     */
    void validated(LoopState state, Map<String, Double> metrics, boolean best);
}
